//! A model folder's facts, read from its config and the headers of its weights: nothing is loaded.

use crate::error::{Error, Result};
use crate::folder::{dir_of, spoken};
use crate::model::{TensorFile, weight_files};
use crate::quant::folder::Folder;
use crate::quant::gguf::Coding;
use crate::quant::gguf_file::{self, GgufFile};
use crate::{data, files, peft};
use protocol::api::{ModelDims, ModelInfo, ModelOrigin};
use protocol::experts::ExpertDims;
use protocol::said::Unusable;
use protocol::{Said, says};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// What a folder says of its model.
#[derive(Debug, Clone, PartialEq)]
pub struct Info {
    /// `model_type` of the config.
    pub family: String,
    pub dims: ModelDims,
    /// Longest context in tokens.
    pub context: u64,
    /// Numbers in the weight files; 0 when there are none.
    pub params: u64,
    /// Stored type of most of them: "f32", "bf16", "f16", or the format of quantized ones.
    pub dtype: String,
    /// The format of the linear layers, where they are quantized.
    pub quantized: Option<String>,
    /// Of the weight files.
    pub bytes: u64,
}

/// Reads `config.json` and the headers of the weight files, of a folder or a GGUF file. Weights may be missing: a model can
/// be trained from nothing.
pub fn read(folder: &Path) -> Result<Info> {
    let dir = dir_of(folder);
    let path = dir.join("config.json");
    let config = match (path.exists(), gguf_config(folder)?) {
        (false, Some(config)) => Value::Object(config),
        _ => {
            let text = files::read_config(&path).map_err(|e| match e {
                Error::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                    Error::file(dir, says::no_model_here())
                }
                other => other,
            })?;
            serde_json::from_slice(&text).map_err(|e| Error::file(&path, says::not_readable_as_json(e)))?
        }
    };
    bounded(&config).map_err(|e| Error::file(&path, e))?;
    let number = |key: &str| {
        config[key]
            .as_u64()
            .ok_or_else(|| Error::file(&path, says::no_whole_number(key)))
    };
    let (hidden, heads) = (number("hidden_size")?, number("num_attention_heads")?);
    let quantized = format_of(folder, &config)?;
    let mut weights = headers(folder)?;
    let dims = ModelDims {
        layers: number("num_hidden_layers")?,
        hidden,
        heads,
        kv_heads: config["num_key_value_heads"].as_u64().unwrap_or(heads),
        head_dim: config["head_dim"].as_u64().unwrap_or(hidden / heads.max(1)),
        intermediate: number("intermediate_size")?,
        vocab: number("vocab_size")?,
        tied: config["tie_word_embeddings"].as_bool().unwrap_or(false),
        weight_bytes: if weights.dtype == "f32" { 4 } else { 2 },
        packed_bytes: quantized.is_some().then_some(weights.bytes),
        experts: ExpertDims::of_config(&config),
    };
    if let Some(format) = &quantized {
        // packed numbers are not the model's
        weights.params = protocol::memory::parameters(&dims);
        weights.dtype = format.clone();
    }
    Ok(Info {
        family: config["model_type"].as_str().unwrap_or_default().to_owned(),
        dims,
        context: config["max_position_embeddings"].as_u64().unwrap_or(u64::MAX),
        params: weights.params,
        quantized,
        dtype: weights.dtype,
        bytes: weights.bytes,
    })
}

/// Sizes that a config may name, each far above any model's, and small enough that no product of them overflows.
const LARGEST: &[(&str, u64)] = &[
    ("num_hidden_layers", 1 << 12),
    ("num_attention_heads", 1 << 12),
    ("num_key_value_heads", 1 << 12),
    ("head_dim", 1 << 12),
    ("hidden_size", 1 << 17),
    ("intermediate_size", 1 << 18),
    ("moe_intermediate_size", 1 << 18),
    ("shared_expert_intermediate_size", 1 << 18),
    ("num_experts", 1 << 12),
    ("num_local_experts", 1 << 12),
    ("num_experts_per_tok", 1 << 12),
    ("vocab_size", 1 << 24),
];

fn bounded(config: &Value) -> std::result::Result<(), Said> {
    for (key, largest) in LARGEST {
        if let Some(size) = config[*key].as_u64().filter(|size| size > largest) {
            return Err(says::more_than_any_model(*key, size));
        }
    }
    Ok(())
}

/// What `config.json` would say of a folder that has a GGUF file and none.
pub fn gguf_config(folder: &Path) -> Result<Option<Map<String, Value>>> {
    let Some(path) = gguf_file::in_folder(folder).map_err(|e| Error::file(folder, e))? else {
        return Ok(None);
    };
    let config = GgufFile::open(&path).and_then(|file| file.config());
    match config.map_err(|e| Error::file(&path, e))? {
        Value::Object(config) => Ok(Some(config)),
        _ => Ok(None),
    }
}

/// The format of a folder's linear layers: "nf4", "int8", "gptq", "q4_k" …; `None` where they are plain.
fn format_of(folder: &Path, config: &Value) -> Result<Option<String>> {
    if let Some(path) = gguf_file::in_folder(folder).map_err(|e| Error::file(folder, e))? {
        let file = GgufFile::open(&path).map_err(|e| Error::file(&path, e))?;
        let mut by_coding = BTreeMap::<&str, usize>::new();
        for entry in file.tensors.values() {
            if let Some(coding) = Coding::of(entry.kind) {
                let count = entry.shape.iter().fold(1usize, |n, side| n.saturating_mul(*side));
                let sum = by_coding.entry(coding.name()).or_default();
                *sum = sum.saturating_add(count);
            }
        }
        let most = by_coding.into_iter().max_by_key(|(_, n)| *n);
        return Ok(most.map(|(name, _)| name.to_owned()));
    }
    let quantization = &config["quantization_config"];
    if quantization.is_null() {
        return Ok(Folder::beside(dir_of(folder))?.map(|beside| beside.name().to_lowercase()));
    }
    let method = quantization["quant_method"].as_str().unwrap_or_default();
    Ok(Some(match method {
        "bitsandbytes" if quantization["load_in_8bit"] == true => "int8".into(),
        "bitsandbytes" => quantization["bnb_4bit_quant_type"].as_str().unwrap_or("nf4").into(),
        other => other.to_owned(),
    }))
}

struct Weights {
    params: u64,
    dtype: String,
    bytes: u64,
}

fn headers(folder: &Path) -> Result<Weights> {
    if let Some(path) = gguf_file::in_folder(folder).map_err(|e| Error::file(folder, e))? {
        return Ok(Weights {
            params: 0,
            dtype: "f16".into(),
            bytes: std::fs::metadata(&path).map_err(Error::io(&path))?.len(),
        });
    }
    // a model that is trained from nothing needs none
    let paths = weight_files(folder).unwrap_or_default();
    tensors(paths.iter().map(std::path::PathBuf::as_path))
}

/// What the headers of safetensors files say together.
fn tensors<'a>(paths: impl Iterator<Item = &'a Path>) -> Result<Weights> {
    let (mut by_type, mut bytes) = (BTreeMap::<String, u64>::new(), 0);
    for path in paths {
        bytes += std::fs::metadata(path).map_err(Error::io(path))?.len();
        for (dtype, count) in TensorFile::open(path)?.counts() {
            *by_type.entry(dtype).or_default() += count;
        }
    }
    let dtype = by_type.iter().max_by_key(|(_, n)| **n);
    Ok(Weights {
        params: by_type.values().sum(),
        dtype: dtype.map_or_else(|| "f32".into(), |(name, _)| name.clone()),
        bytes,
    })
}

/// All that a list of models says of one: a model's folder or GGUF file, or an adapter's folder. Whatever stands against
/// using it is its `error`.
pub fn describe(path: &Path) -> ModelInfo {
    let adapter = path.join(peft::CONFIG).is_file() && !path.join("config.json").is_file();
    let mut info = ModelInfo {
        id: path.display().to_string(),
        origin: ModelOrigin::Folder,
        path: path.display().to_string(),
        family: String::new(),
        params: 0,
        dtype: String::new(),
        bytes: 0,
        context: 0,
        has_chat_template: data::has_chat_template(&spoken(path)),
        dims: None,
        run: None,
        base: None,
        used_by: vec![],
        unusable: Unusable::default(),
    };
    let done = match adapter {
        true => of_adapter(&mut info, path),
        false => of_model(&mut info, path),
    };
    info.unusable = done.err().map(|e| Unusable::of(&e.said())).unwrap_or_default();
    info
}

/// An adapter's own size; the rest is its base's.
fn of_adapter(info: &mut ModelInfo, folder: &Path) -> Result<()> {
    info.origin = ModelOrigin::Adapter;
    let config = peft::Config::read(folder)?;
    info.base = config.base().map(str::to_owned);
    let weights = tensors([folder.join(peft::WEIGHTS).as_path()].into_iter())?;
    (info.params, info.dtype, info.bytes) = (weights.params, weights.dtype, weights.bytes);
    Ok(())
}

fn of_model(info: &mut ModelInfo, path: &Path) -> Result<()> {
    let found = read(path)?;
    info.family = found.family;
    (info.params, info.dtype, info.bytes) = (found.params, found.dtype, found.bytes);
    info.context = found.context;
    info.dims = Some(found.dims);
    let dir = dir_of(path);
    if gguf_file::in_folder(path).map_err(|e| Error::file(path, e))?.is_none() {
        weight_files(dir)?;
    }
    // what the engine cannot compute is known before it is chosen
    crate::model::ModelConfig::of_folder(path)?;
    match (dir.join("tokenizer.json").is_file(), spoken(path)) {
        (true, _) => Ok(()),
        (false, file) if file.is_file() => data::gguf_tokenizer(&file)
            .map(drop)
            .map_err(|problem| Error::file(&file, problem)),
        _ => Err(Error::file(dir, says::no_tokenizer_json())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_shards_tells_its_size() {
        let families = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/families");
        let info = read(&families.join("llama-rope-llama3-bf16-sharded")).unwrap();
        assert_eq!((info.family.as_str(), info.dtype.as_str()), ("llama", "bf16"));
        assert_eq!((info.dims.layers, info.dims.hidden, info.dims.vocab), (2, 32, 48));
        let whole = read(&families.join("llama-gqa-tied")).unwrap();
        assert_eq!(info.params, whole.params);
        assert!(whole.dims.tied && whole.dtype == "f32");
    }

    #[test]
    fn a_mixture_of_experts_tells_all_of_its_size() {
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/models");
        for (name, layers, shared) in [("mixtral", 2, 0), ("qwen2moe", 1, 20)] {
            let info = read(&models.join(name)).unwrap();
            let experts = info.dims.experts.unwrap();
            assert_eq!((experts.layers, experts.count, experts.shared), (layers, 4, shared));
            // but for the biases of q, k and v
            let biases = if shared > 0 { 2 * (32 + 2 * 16) } else { 0 };
            assert_eq!(protocol::memory::parameters(&info.dims) + biases, info.params, "{name}");
        }
    }

    #[test]
    fn a_quantized_folder_tells_its_format_and_the_models_own_size() {
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden");
        let plain = read(&golden.join("models/llama")).unwrap();
        assert_eq!((plain.quantized, plain.dims.packed_bytes), (None, None));
        for (folder, format) in [("llama-nf4", "nf4"), ("llama-fp4", "fp4"), ("llama-int8", "int8")] {
            let info = read(&golden.join("quant").join(folder)).unwrap();
            assert_eq!(info.quantized.as_deref(), Some(format));
            assert_eq!(info.params, plain.params, "{folder}");
            assert_eq!(info.dims.packed_bytes, Some(info.bytes));
        }
        let format = |folder| read(&golden.join("quant").join(folder)).unwrap().quantized.unwrap();
        assert_eq!(format("llama-gptq"), "gptq");
        assert_eq!(format("llama-awq"), "awq");
        let gguf = read(&golden.join("quant/llama-gguf-k")).unwrap();
        assert_eq!((gguf.dims.hidden, gguf.dims.vocab, gguf.dims.tied), (256, 352, false));
        assert!(gguf.quantized.unwrap().starts_with('q'));
    }
}
