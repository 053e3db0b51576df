//! LoRA adapters in PEFT's format: `adapter_config.json` and `adapter_model.safetensors` under PEFT's key names.

use crate::error::{Error, Result};
use crate::model::{Adapter, Form, Init, Loftq, LoraPair, Pissa, Targets};
use crate::{files, tensors};
use candle_core::{DType, Device, Tensor};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

pub const CONFIG: &str = "adapter_config.json";
pub const WEIGHTS: &str = "adapter_model.safetensors";
const PREFIX: &str = "base_model.model.";
/// What stands behind a module's path, and the rank of the tensor.
const SUFFIXES: [(&str, usize); 3] = [
    (".lora_A.weight", 2),
    (".lora_B.weight", 2),
    (".lora_magnitude_vector", 1),
];

/// What we read of `adapter_config.json`.
#[derive(Debug, Deserialize)]
struct Config {
    peft_type: Option<String>,
    r: usize,
    lora_alpha: f64,
    #[serde(default)]
    lora_dropout: f64,
    #[serde(default)]
    use_rslora: bool,
    #[serde(default)]
    use_dora: bool,
    #[serde(default)]
    fan_in_fan_out: bool,
    #[serde(default)]
    bias: Option<String>,
    #[serde(default)]
    rank_pattern: HashMap<String, Value>,
    #[serde(default)]
    alpha_pattern: HashMap<String, Value>,
    #[serde(default)]
    modules_to_save: Option<Vec<String>>,
    #[serde(default)]
    init_lora_weights: Value,
    #[serde(default)]
    loftq_config: Option<LoftqConfig>,
    #[serde(default)]
    base_model_name_or_path: Option<String>,
}

/// Empty where LoftQ is not used. With `init_lora_weights: true` the weights are quantized once, or were before.
#[derive(Debug, Deserialize)]
struct LoftqConfig {
    loftq_bits: Option<u64>,
    loftq_iter: Option<usize>,
}

/// An adapter folder, read.
#[derive(Debug, Clone)]
pub struct Saved {
    pub adapter: Adapter,
    pub dropout: f64,
    /// The model it was trained on, as its config names it.
    pub base: Option<String>,
}

/// Reads an adapter folder.
///
/// # Errors
/// Files are missing or damaged, or the adapter is of a kind that would not compute what it was trained as.
pub fn read(dir: &Path, device: &Device) -> Result<Saved> {
    let config = Config::read(dir)?;
    let weights = dir.join(WEIGHTS);
    if !weights.exists() && dir.join("adapter_model.bin").exists() {
        return Err(Error::file(
            dir.join("adapter_model.bin"),
            "this is a pickle, which can run code when opened, and is never loaded; save the adapter as safetensors",
        ));
    }
    let additional = config.modules_to_save.clone().unwrap_or_default();
    let (modules, whole) = modules(&weights, &additional, device)?;
    for (name, pair) in &modules {
        if config.use_dora != pair.magnitude.is_some() {
            let message = format!("{name}: lora_magnitude_vector and use_dora in {CONFIG} do not agree");
            return Err(Error::file(&weights, message));
        }
        if pair.a.dim(0)? != config.r || pair.b.dim(1)? != config.r {
            let got = pair.a.dim(0)?;
            return Err(Error::file(
                &weights,
                format!("{name} has rank {got}, but {CONFIG} says r = {}", config.r),
            ));
        }
    }
    let adapter = Adapter {
        scale: config.scale(),
        modules,
        form: Form {
            rank_stabilized: config.use_rslora,
            init: config.init(),
            additional,
        },
        whole,
    };
    Ok(Saved {
        adapter,
        dropout: config.lora_dropout,
        base: config.base_model_name_or_path,
    })
}

impl Config {
    fn read(dir: &Path) -> Result<Self> {
        let path = dir.join(CONFIG);
        let bytes = std::fs::read(&path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => {
                Error::file(dir, format!("this is no adapter folder: there is no {CONFIG}"))
            }
            _ => Error::io(&path)(e),
        })?;
        let config: Self =
            serde_json::from_slice(&bytes).map_err(|e| Error::file(&path, format!("not a LoRA config: {e}")))?;
        match config.problem() {
            Some(problem) => Err(Error::file(&path, problem)),
            None => Ok(config),
        }
    }

    fn scale(&self) -> f64 {
        match self.use_rslora {
            true => self.lora_alpha / (self.r as f64).sqrt(),
            false => self.lora_alpha / self.r as f64,
        }
    }

    fn problem(&self) -> Option<String> {
        let kind = self.peft_type.as_deref().unwrap_or("LORA");
        if kind != "LORA" {
            return Some(format!("the adapter is of type {kind}; LoRA adapters are supported"));
        }
        if self.r == 0 {
            return Some("r must be at least 1".into());
        }
        let unsupported = [
            (self.fan_in_fan_out, "fan_in_fan_out"),
            (
                self.bias.as_deref().is_some_and(|b| b != "none"),
                "trained biases (bias)",
            ),
            (!self.rank_pattern.is_empty(), "ranks of their own (rank_pattern)"),
            (!self.alpha_pattern.is_empty(), "alphas of their own (alpha_pattern)"),
        ];
        if let Some((_, what)) = unsupported.iter().find(|(on, _)| *on) {
            return Some(format!("adapters with {what} are not supported"));
        }
        let init = self.init_lora_weights.as_str().unwrap_or_default().to_lowercase();
        let changes_base = ["olora", "corda"].contains(&init.as_str());
        let bits = self.loftq_config.as_ref().and_then(|loftq| loftq.loftq_bits);
        if let Some(bits) = bits.filter(|&bits| bits != 4) {
            return Some(format!("LoftQ with {bits} bits is not supported; with 4 it is"));
        }
        let unread = init.starts_with("pissa") || init == "loftq";
        (changes_base || unread && self.init() == Init::Zero).then(|| {
            format!(
                "init_lora_weights is {init:?}: the adapter belongs to weights that this start changed; convert it to a \
                 plain one (PEFT: save_pretrained with path_initial_model_for_weight_conversion)"
            )
        })
    }

    fn init(&self) -> Init {
        let asked = self.loftq_config.as_ref().and_then(|loftq| loftq.loftq_iter);
        match (self.init_lora_weights.as_str(), asked) {
            (Some("loftq"), Some(iterations)) => Init::Loftq { iterations },
            (None, Some(_)) => Init::Loftq { iterations: 1 },
            (Some(name), _) => match pissa(name) {
                Some(iterations) => Init::Pissa(Pissa {
                    iterations,
                    convert: false,
                }),
                None => Init::Zero,
            },
            _ => Init::Zero,
        }
    }
}

/// The iterations of a PiSSA start, `None` within: exact.
fn pissa(name: &str) -> Option<Option<usize>> {
    match name {
        "pissa" => Some(None),
        name => Some(Some(name.strip_prefix("pissa_niter_")?.parse().ok()?)),
    }
}

/// How the weights under a LoftQ adapter are quantized; `None` for other adapters.
pub fn loftq(dir: &Path) -> Result<Option<Loftq>> {
    let config = Config::read(dir)?;
    let Init::Loftq { iterations } = config.init() else {
        return Ok(None);
    };
    let adapter = read(dir, &Device::Cpu)?.adapter;
    Ok(Some(Loftq {
        iterations,
        rank: config.r,
        targets: Targets::Named(adapter.modules.into_keys().collect()),
        fresh: false,
    }))
}

type Pairs = BTreeMap<String, LoraPair>;
type Whole = BTreeMap<String, Tensor>;

/// The pairs of matrices in the weights file by module path, and the weights of the `additional` modules by name.
fn modules(weights: &Path, additional: &[String], device: &Device) -> Result<(Pairs, Whole)> {
    let mut parts: BTreeMap<String, [Option<Tensor>; 3]> = BTreeMap::new();
    let mut whole = BTreeMap::new();
    for (key, tensor) in tensors::read(weights, device)? {
        let stray = || {
            Error::file(
                weights,
                format!(
                    "`{key}` is neither a LoRA matrix of a linear layer nor of a module that modules_to_save names"
                ),
            )
        };
        let name = key.strip_prefix(PREFIX).ok_or_else(stray)?;
        let tensor = tensor.to_dtype(DType::F32)?;
        let part = SUFFIXES
            .iter()
            .enumerate()
            .find_map(|(i, (suffix, rank))| Some((i, name.strip_suffix(suffix)?, rank)));
        match part {
            Some((part, module, &rank)) if tensor.rank() == rank => {
                parts.entry(module.to_owned()).or_default()[part] = Some(tensor);
            }
            None if !additional.is_empty() => {
                whole.insert(name.to_owned(), tensor);
            }
            _ => return Err(stray()),
        }
    }
    if parts.is_empty() {
        return Err(Error::file(weights, "there is no LoRA matrix in it"));
    }
    let pair = |(module, parts): (String, [Option<Tensor>; 3])| match parts {
        [Some(a), Some(b), magnitude] => Ok((module, LoraPair { a, b, magnitude })),
        _ => {
            let message = format!("one of the two matrices of {module} is missing");
            Err(Error::file(weights, message))
        }
    };
    Ok((parts.into_iter().map(pair).collect::<Result<_>>()?, whole))
}

/// Writes an adapter folder that PEFT loads. `base` goes into the config as `base_model_name_or_path`.
pub fn write(dir: &Path, adapter: &Adapter, base: &str, dropout: f64) -> Result<()> {
    let rank = match adapter.modules.values().next() {
        Some(pair) => pair.a.dim(0)?,
        None => return Err(Error::file(dir, "the adapter has no module")),
    };
    let last = |module: &String| module.rsplit('.').next().unwrap_or_default().to_owned();
    let targets: BTreeSet<_> = adapter.modules.keys().map(last).collect();
    let form = &adapter.form;
    let alpha = match form.rank_stabilized {
        true => adapter.scale * (rank as f64).sqrt(),
        false => adapter.scale * rank as f64,
    };
    let alpha = match (alpha - alpha.round()).abs() < 1e-9 {
        true => json!(alpha.round() as u64),
        false => json!(alpha),
    };
    let pissa = form.init.pissa().map(|pissa| pissa.iterations);
    let init = match (form.init, pissa) {
        (_, Some(None)) => json!("pissa"),
        (_, Some(Some(iterations))) => json!(format!("pissa_niter_{iterations}")),
        // after one round the weights are those of plain quantization, and the adapter one that any program loads on them
        (Init::Loftq { iterations: 2.. }, _) => json!("loftq"),
        _ => json!(true),
    };
    let loftq = match form.init {
        Init::Loftq { iterations } => json!({"loftq_bits": 4, "loftq_iter": iterations}),
        _ => json!({}),
    };
    let config = json!({
        "alpha_pattern": {},
        "auto_mapping": null,
        "base_model_name_or_path": base,
        "bias": "none",
        "fan_in_fan_out": false,
        "inference_mode": true,
        "init_lora_weights": init,
        "layers_pattern": null,
        "layers_to_transform": null,
        "loftq_config": loftq,
        "lora_alpha": alpha,
        "lora_dropout": dropout,
        "modules_to_save": (!form.additional.is_empty()).then_some(&form.additional),
        "peft_type": "LORA",
        "r": rank,
        "rank_pattern": {},
        "revision": null,
        "target_modules": targets,
        "task_type": "CAUSAL_LM",
        "use_dora": adapter.modules.values().any(|pair| pair.magnitude.is_some()),
        "use_rslora": form.rank_stabilized,
    });
    let mut named = Vec::with_capacity(2 * adapter.modules.len());
    for (module, pair) in &adapter.modules {
        named.push((format!("{PREFIX}{module}.lora_A.weight"), pair.a.clone()));
        named.push((format!("{PREFIX}{module}.lora_B.weight"), pair.b.clone()));
        let name = format!("{PREFIX}{module}.lora_magnitude_vector");
        named.extend(pair.magnitude.clone().map(|magnitude| (name, magnitude)));
    }
    let whole = adapter.whole.iter();
    named.extend(whole.map(|(name, tensor)| (format!("{PREFIX}{name}"), tensor.clone())));
    tensors::write(&dir.join(WEIGHTS), &named)?;
    let text = serde_json::to_string_pretty(&config).map_err(|e| Error::file(dir, e.to_string()))?;
    files::write_atomic(&dir.join(CONFIG), text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::TempDir;
    use candle_core::Tensor;

    fn golden() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/families/qwen2/adapter")
    }

    #[test]
    fn an_adapter_that_peft_wrote_is_read_and_written_back() {
        let saved = read(&golden(), &Device::Cpu).unwrap();
        assert_eq!(saved.adapter.scale, 2.0);
        assert_eq!(saved.adapter.modules.len(), 14);
        let dir = TempDir::new();
        write(dir.path(), &saved.adapter, "some/model", 0.05).unwrap();
        let back = read(dir.path(), &Device::Cpu).unwrap();
        assert_eq!((back.adapter.scale, back.dropout), (2.0, 0.05));
        assert_eq!(back.base.as_deref(), Some("some/model"));
        let values = |t: &Tensor| t.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        for (module, pair) in &saved.adapter.modules {
            assert_eq!(values(&pair.a), values(&back.adapter.modules[module].a));
            assert_eq!(values(&pair.b), values(&back.adapter.modules[module].b));
        }
        // the keys are PEFT's own, all of them
        let keys = |path: &Path| {
            let mut keys: Vec<_> = tensors::read(path, &Device::Cpu).unwrap().into_keys().collect();
            keys.sort();
            keys
        };
        assert_eq!(keys(&dir.path().join(WEIGHTS)), keys(&golden().join(WEIGHTS)));
    }

    #[test]
    fn adapters_that_would_compute_something_else_are_refused() {
        let dir = TempDir::new();
        std::fs::copy(golden().join(WEIGHTS), dir.path().join(WEIGHTS)).unwrap();
        let config = std::fs::read_to_string(golden().join(CONFIG)).unwrap();
        for (from, to, says) in [
            ("\"use_dora\": false", "\"use_dora\": true", "use_dora"),
            (
                "\"init_lora_weights\": true",
                "\"init_lora_weights\": \"olora\"",
                "olora",
            ),
            ("\"bias\": \"none\"", "\"bias\": \"all\"", "biases"),
            ("\"LORA\"", "\"IA3\"", "IA3"),
            ("\"r\": 4", "\"r\": 8", "rank 4"),
            (
                "\"rank_pattern\": {}",
                "\"rank_pattern\": {\"q_proj\": 8}",
                "rank_pattern",
            ),
            ("\"r\": 4,", "\"r\": \"four\",", "LoRA config"),
        ] {
            assert!(config.contains(from), "{from}");
            std::fs::write(dir.path().join(CONFIG), config.replace(from, to)).unwrap();
            let error = read(dir.path(), &Device::Cpu).err().unwrap().to_string();
            assert!(error.contains(says), "{error}");
        }
        std::fs::remove_file(dir.path().join(WEIGHTS)).unwrap();
        std::fs::write(dir.path().join("adapter_model.bin"), "x").unwrap();
        std::fs::write(dir.path().join(CONFIG), &config).unwrap();
        let error = read(dir.path(), &Device::Cpu).err().unwrap().to_string();
        assert!(error.contains("pickle"), "{error}");
    }
}
