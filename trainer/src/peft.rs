//! Adapters in PEFT's format, LoRA and OFT: `adapter_config.json` and `adapter_model.safetensors` under PEFT's key names.

mod config;
mod write;

pub use config::{CONFIG, Config};
use protocol::{decoder, says};
pub use write::write;

use crate::error::{Error, Result};
use crate::model::{Adapter, AdapterForm, Init, Loftq, LoraPair, Targets, TensorFile, hollow};
use crate::tensors;
use candle_core::{DType, Device, Tensor};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

pub const WEIGHTS: &str = "adapter_model.safetensors";
const PREFIX: &str = "base_model.model.";
/// Between a module's path and the name of a weight of its own, where it has an adapter.
const BENEATH: &str = ".base_layer.";
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
    let Weights {
        pairs: modules,
        rotations,
        whole,
    } = by_module(&weights, tensors(&weights)?, config.additional())?;
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
        form: AdapterForm {
            oft: config.oft().cloned(),
            rank_stabilized: config.rank_stabilized(),
            init: config.init(),
            additional: config.additional().to_vec(),
            scales,
            replication: config.replication().to_vec(),
            promise: config.promise(),
            fan_in_fan_out: false,
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
        let file = TensorFile::open(&path)?;
        let table = decoder::embedding_tables().find_map(|name| file.shape(&format!("{PREFIX}{name}")));
        if let Some(shape) = table {
            return Ok(shape.first().map(|&rows| rows as u64));
        }
    }
    Ok(None)
}

/// `lm_head.weight` of `lm_head.base_layer.weight`: a table's own numbers, where an adapter is on it.
fn beneath(name: &str) -> Option<String> {
    let (module, kind) = name.split_once(BENEATH)?;
    decoder::is_table(&format!("{module}.weight")).then(|| format!("{module}.{kind}"))
}

/// What a file of weights has.
#[derive(Default)]
struct Weights {
    /// By module path.
    pairs: BTreeMap<String, LoraPair>,
    /// By module path.
    rotations: BTreeMap<String, Tensor>,
    /// Those of the `additional` modules, by name.
    whole: BTreeMap<String, Tensor>,
}

fn by_module(weights: &Path, tensors: HashMap<String, Tensor>, additional: &[String]) -> Result<Weights> {
    let mut parts: BTreeMap<String, [Option<Tensor>; 4]> = BTreeMap::new();
    let mut found = Weights::default();
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
            Some(_) => return Err(stray()),
            // tables are saved by PEFT itself where tokens were added to the model, or an adapter is on one
            None => {
                let known = !additional.is_empty() || decoder::is_table(name);
                let own = beneath(name).or_else(|| known.then(|| name.to_owned()));
                found.whole.insert(own.ok_or_else(stray)?, tensor);
            }
        }
    }
    if parts.is_empty() {
        return Err(Error::file(weights, says::no_adapter_matrix()));
    }
    for (module, parts) in parts {
        match parts {
            [Some(a), Some(b), magnitude, None] => {
                found.pairs.insert(module, LoraPair { a, b, magnitude });
            }
            [None, None, None, Some(above)] => {
                found.rotations.insert(module, above);
            }
            _ => {
                let message = says::half_pair(module);
                return Err(Error::file(weights, message));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::TempDir;
    use candle_core::Tensor;
    use serde_json::{Map, Value};

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

    /// Beside an adapter on the head PEFT keeps the head's own weights.
    #[test]
    fn a_head_beneath_an_adapter_is_read_and_written_back() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/families/phi-head/adapter");
        let saved = read(&folder, &Device::Cpu).unwrap();
        let whole: Vec<_> = saved.adapter.whole.keys().collect();
        assert_eq!(whole, ["lm_head.bias", "lm_head.weight"]);
        assert!(saved.adapter.modules.contains_key("lm_head"));
        let dir = TempDir::new();
        write(dir.path(), &saved.adapter, "", 0.0).unwrap();
        let keys = |dir: &Path| {
            let file = TensorFile::open(&dir.join(WEIGHTS)).unwrap();
            file.shapes().collect::<BTreeMap<_, _>>()
        };
        assert_eq!(keys(dir.path()), keys(&folder));
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
