//! Adapters in PEFT's format, LoRA and OFT: `adapter_config.json` and `adapter_model.safetensors` under PEFT's key names.

mod config;

pub use config::{CONFIG, Config};
use protocol::says;

use crate::error::{Error, Result};
use crate::model::{Adapter, Cayley, Form, Init, Loftq, LoraPair, Names, OftForm, Targets, TensorFile, hollow};
use crate::tensors::Unwritten;
use crate::{files, tensors};
use candle_core::{DType, Device, Tensor};
use protocol::config::Division;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

pub const WEIGHTS: &str = "adapter_model.safetensors";
const PREFIX: &str = "base_model.model.";
/// Tables that PEFT saves by itself where tokens were added to the model.
const TABLES: [&str; 2] = ["model.embed_tokens.weight", "lm_head.weight"];
/// What stands behind a module's path, and the rank of the tensor.
const SUFFIXES: [(&str, usize); 4] = [
    (".lora_A.weight", 2),
    (".lora_B.weight", 2),
    (".lora_magnitude_vector", 1),
    (".oft_R.weight", 2),
];

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
    build(dir, |weights| {
        let mut read = tensors::read(weights, device)?;
        for (key, tensor) in &mut read {
            *tensor = tensor.to_dtype(DType::F32)?;
            if !tensors::is_finite(tensor)? {
                return Err(tensors::not_finite(weights, key));
            }
        }
        Ok(read)
    })
}

/// As [`read`], with the shapes of its tensors alone.
pub fn outline(dir: &Path) -> Result<Saved> {
    build(dir, |weights| {
        let shapes = TensorFile::open(weights)?.shapes().collect::<Vec<_>>();
        let hollow = |(name, shape): (String, Vec<usize>)| Ok((name, hollow(&shape)?));
        shapes.into_iter().map(hollow).collect()
    })
}

fn build(dir: &Path, tensors: impl Fn(&Path) -> Result<HashMap<String, Tensor>>) -> Result<Saved> {
    let mut config = Config::read(dir)?;
    let weights = dir.join(WEIGHTS);
    if !weights.exists() && dir.join("adapter_model.bin").exists() {
        return Err(Error::file(dir.join("adapter_model.bin"), says::adapter_is_pickle()));
    }
    let (modules, rotations, whole) = modules(&weights, tensors(&weights)?, config.additional())?;
    if config.oft().is_some() != modules.is_empty() || config.oft().is_none() != rotations.is_empty() {
        return Err(Error::file(&weights, says::other_matrices(CONFIG)));
    }
    let mut scales = BTreeMap::new();
    for (name, pair) in &modules {
        if config.dora() != pair.magnitude.is_some() {
            let message = says::dora_disagrees(name, CONFIG);
            return Err(Error::file(&weights, message));
        }
        let rank = config.rank_of(name);
        if pair.a.dim(0)? != rank || pair.b.dim(1)? != rank {
            let got = pair.a.dim(0)?;
            return Err(Error::file(&weights, says::rank_disagrees(name, got, CONFIG, rank)));
        }
        scales.extend(config.scale_of(name).map(|scale| (name.clone(), scale)));
    }
    let adapter = Adapter {
        scale: config.scale(),
        modules,
        rotations,
        form: Form {
            oft: config.oft().cloned(),
            rank_stabilized: config.rank_stabilized(),
            init: config.init(),
            additional: config.additional().to_vec(),
            scales,
            replication: config.replication().to_vec(),
            promise: config.promise(),
        },
        whole,
    };
    Ok(Saved {
        adapter,
        dropout: config.dropout(),
        base: config.base().map(str::to_owned),
    })
}

/// How the weights under a LoftQ adapter are quantized; `None` for other adapters.
pub fn loftq(dir: &Path) -> Result<Option<Loftq>> {
    let config = Config::read(dir)?;
    let Init::Loftq { iterations } = config.init() else {
        return Ok(None);
    };
    let adapter = outline(dir)?.adapter;
    Ok(Some(Loftq {
        iterations,
        rank: config.rank(),
        targets: Targets::Named(adapter.modules.into_keys().collect()),
        fresh: false,
    }))
}

/// How many tokens a model knows with the last of these adapters that brings an embedding of its own; `None`: as many as
/// before.
pub fn vocabulary(adapters: &[PathBuf]) -> Result<Option<u64>> {
    for dir in adapters.iter().rev() {
        let path = dir.join(WEIGHTS);
        if let Some(shape) = TensorFile::open(&path)?.shape(&format!("{PREFIX}{}", TABLES[0])) {
            return Ok(shape.first().map(|&rows| rows as u64));
        }
    }
    Ok(None)
}

type Pairs = BTreeMap<String, LoraPair>;
type Whole = BTreeMap<String, Tensor>;

/// The pairs of matrices and the rotations in the weights file by module path, and the weights of the `additional` modules
/// by name.
fn modules(weights: &Path, tensors: HashMap<String, Tensor>, additional: &[String]) -> Result<(Pairs, Whole, Whole)> {
    let mut parts: BTreeMap<String, [Option<Tensor>; 4]> = BTreeMap::new();
    let mut whole = BTreeMap::new();
    for (key, tensor) in tensors {
        let stray = || Error::file(weights, says::stray_tensor(&key));
        let name = key.strip_prefix(PREFIX).ok_or_else(stray)?;
        let part = SUFFIXES
            .iter()
            .enumerate()
            .find_map(|(i, (suffix, rank))| Some((i, name.strip_suffix(suffix)?, rank)));
        match part {
            Some((part, module, &rank)) if tensor.rank() == rank => {
                parts.entry(module.to_owned()).or_default()[part] = Some(tensor);
            }
            None if !additional.is_empty() || TABLES.contains(&name) => {
                whole.insert(name.to_owned(), tensor);
            }
            _ => return Err(stray()),
        }
    }
    if parts.is_empty() {
        return Err(Error::file(weights, says::no_adapter_matrix()));
    }
    let (mut pairs, mut rotations) = (Pairs::new(), Whole::new());
    for (module, parts) in parts {
        match parts {
            [Some(a), Some(b), magnitude, None] => {
                pairs.insert(module, LoraPair { a, b, magnitude });
            }
            [None, None, None, Some(above)] => {
                rotations.insert(module, above);
            }
            _ => {
                let message = says::half_pair(module);
                return Err(Error::file(weights, message));
            }
        }
    }
    Ok((pairs, rotations, whole))
}

/// Writes an adapter folder that PEFT loads. `base` goes into the config as `base_model_name_or_path`.
pub fn write(dir: &Path, adapter: &Adapter, base: &str, dropout: f64) -> Result<()> {
    if adapter.is_empty() {
        return Err(Error::file(dir, says::adapter_is_empty()));
    }
    let config = match &adapter.form.oft {
        Some(oft) => oft_config(adapter, oft, base),
        None => lora_config(adapter, base, dropout)?,
    };
    let mut saved: Vec<(String, Tensor)> = Vec::with_capacity(2 * adapter.modules.len());
    for (module, pair) in &adapter.modules {
        saved.push((format!("{PREFIX}{module}.lora_A.weight"), pair.a.clone()));
        saved.push((format!("{PREFIX}{module}.lora_B.weight"), pair.b.clone()));
        let name = format!("{PREFIX}{module}.lora_magnitude_vector");
        saved.extend(pair.magnitude.clone().map(|magnitude| (name, magnitude)));
    }
    let rotations = adapter.rotations.iter();
    saved.extend(rotations.map(|(module, above)| (format!("{PREFIX}{module}.oft_R.weight"), above.clone())));
    let whole = adapter.whole.iter();
    saved.extend(whole.map(|(name, tensor)| (format!("{PREFIX}{name}"), tensor.clone())));
    let saved: Vec<_> = saved.into_iter().map(Unwritten::from).collect();
    tensors::write(&dir.join(WEIGHTS), &saved)?;
    let text = serde_json::to_string_pretty(&config).map_err(|e| Error::file(dir, says::internal_error(e)))?;
    files::write_atomic(&dir.join(CONFIG), text.as_bytes())
}

fn lora_config(adapter: &Adapter, base: &str, dropout: f64) -> Result<Value> {
    let mut ranks = BTreeMap::new();
    for pair in adapter.modules.values() {
        *ranks.entry(pair.a.dim(0)?).or_insert(0) += 1;
    }
    // that of most modules; the others are named
    let rank = ranks
        .iter()
        .max_by_key(|(_, count)| **count)
        .map_or(0, |(&rank, _)| rank);
    let form = &adapter.form;
    let alpha_of = |scale: f64, rank: usize| match form.rank_stabilized {
        true => scale * (rank as f64).sqrt(),
        false => scale * rank as f64,
    };
    let alpha = alpha_of(adapter.scale, rank);
    let (mut own_ranks, mut own_alphas) = (Map::new(), Map::new());
    for (module, pair) in &adapter.modules {
        let own = pair.a.dim(0)?;
        let own_alpha = alpha_of(adapter.scale_of(module), own);
        if own != rank {
            own_ranks.insert(module.clone(), json!(own));
        }
        if (own_alpha - alpha).abs() > 1e-9 * alpha.abs() {
            own_alphas.insert(module.clone(), number(own_alpha));
        }
    }
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
    Ok(config(
        adapter,
        base,
        json!({
            "alpha_pattern": own_alphas,
            "init_lora_weights": init,
            "layer_replication": (!form.replication.is_empty()).then_some(&form.replication),
            "loftq_config": loftq,
            "lora_alpha": number(alpha),
            "lora_dropout": dropout,
            "peft_type": "LORA",
            "r": rank,
            "rank_pattern": own_ranks,
            "use_dora": adapter.modules.values().any(|pair| pair.magnitude.is_some()),
            "use_rslora": form.rank_stabilized,
        }),
    ))
}

fn oft_config(adapter: &Adapter, oft: &OftForm, base: &str) -> Value {
    let (count, size) = match oft.blocks {
        Division::Size(size) => (0, size),
        Division::Count(count) => (count, 0),
    };
    let (terms, version) = match oft.cayley {
        Cayley::Exact => (5, Some("0.18.0")),
        Cayley::Series { terms, even: false } => (terms, Some("0.18.0")),
        // the sum of versions that did not say which they were
        Cayley::Series { terms, even: true } => (terms, None),
    };
    let own = json!({
        "block_share": oft.shared,
        "coft": false,
        "eps": 6e-5,
        "init_weights": true,
        "module_dropout": 0.0,
        "num_cayley_neumann_terms": terms,
        "oft_block_size": size,
        "peft_type": "OFT",
        "peft_version": version,
        "r": count,
        "use_cayley_neumann": oft.cayley != Cayley::Exact,
    });
    let mut config = config(adapter, base, own);
    if let (None, Some(map)) = (version, config.as_object_mut()) {
        map.remove("peft_version");
    }
    config
}

/// What the configs of all adapters say, and what one kind says beside it.
fn config(adapter: &Adapter, base: &str, own: Value) -> Value {
    let form = &adapter.form;
    let promise = &form.promise;
    let some = |list: &[String]| (!list.is_empty()).then(|| json!(list));
    let mut config = json!({
        "auto_mapping": null,
        "base_model_name_or_path": base,
        "bias": "none",
        "exclude_modules": named(&promise.excluded),
        "fan_in_fan_out": false,
        "inference_mode": true,
        "layers_pattern": some(&promise.layer_lists),
        "layers_to_transform": (!promise.layers.is_empty()).then_some(&promise.layers),
        "modules_to_save": some(&form.additional),
        "revision": null,
        "target_modules": named(&promise.targets).unwrap_or_else(|| {
            let last = |module: &String| module.rsplit('.').next().unwrap_or_default().to_owned();
            json!(adapter.paths().map(last).collect::<BTreeSet<_>>())
        }),
        "task_type": "CAUSAL_LM",
    });
    if let (Some(all), Value::Object(own)) = (config.as_object_mut(), own) {
        all.extend(own);
    }
    config
}

/// A whole number where it is one but for rounding.
fn number(alpha: f64) -> Value {
    match (alpha - alpha.round()).abs() < 1e-9 {
        true => json!(alpha.round() as i64),
        false => json!(alpha),
    }
}

fn named(names: &Names) -> Option<Value> {
    match names {
        Names::None => None,
        Names::List(names) => Some(json!(names)),
        Names::Pattern(pattern) => Some(json!(pattern)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::TempDir;
    use candle_core::Tensor;

    fn golden() -> PathBuf {
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
    fn rotations_that_peft_wrote_are_read_and_written_back() {
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/models");
        for folder in [
            "llama/oft-adapter",
            "qwen2/oft-adapter",
            "llama/oft-exact-adapter",
            "llama/oft-shared-adapter",
        ] {
            let folder = models.join(folder);
            let saved = read(&folder, &Device::Cpu).unwrap();
            let dir = TempDir::new();
            write(dir.path(), &saved.adapter, "", 0.0).unwrap();
            let bytes = |dir: &Path| {
                let file = tensors::read(&dir.join(WEIGHTS), &Device::Cpu).unwrap();
                let flat = |t: Tensor| t.flatten_all().unwrap().to_vec1::<f32>().unwrap();
                file.into_iter()
                    .map(|(key, t)| (key, flat(t)))
                    .collect::<BTreeMap<_, _>>()
            };
            assert_eq!(bytes(dir.path()), bytes(&folder));
            let config = |dir: &Path| -> Map<String, Value> {
                let text = std::fs::read_to_string(dir.join(CONFIG)).unwrap();
                let mut config: Map<String, Value> = serde_json::from_str(&text).unwrap();
                config.remove("peft_version");
                config
            };
            assert_eq!(config(dir.path()), config(&folder));
        }
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
                "q_proj has rank 4",
            ),
            ("\"r\": 4,", "\"r\": \"four\",", "adapter's config"),
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
