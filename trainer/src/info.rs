//! A model folder's facts, read from its config and the headers of its weights: nothing is loaded.

use crate::error::{Error, Result};
use crate::quant::gguf::Coding;
use crate::quant::gguf_file::{self, GgufFile};
use protocol::api::ModelDims;
use protocol::experts::ExpertDims;
use serde_json::{Map, Value};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A header longer than this belongs to no model.
const MAX_HEADER: u64 = 100 << 20;

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

/// Reads `config.json` and the headers of the safetensors files.
pub fn read(folder: &Path) -> Result<Info> {
    let path = folder.join("config.json");
    let config = match (path.exists(), gguf_config(folder)?) {
        (false, Some(config)) => Value::Object(config),
        _ => {
            let text = std::fs::read(&path).map_err(|e| match e.kind() {
                std::io::ErrorKind::NotFound => Error::file(folder, "this is no model folder: there is no config.json"),
                _ => Error::io(&path)(e),
            })?;
            serde_json::from_slice(&text).map_err(|e| Error::file(&path, format!("not readable as JSON: {e}")))?
        }
    };
    let number = |key: &str| {
        config[key]
            .as_u64()
            .ok_or_else(|| Error::file(&path, format!("`{key}` is missing or is no whole number")))
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
        let mut by_coding = std::collections::BTreeMap::<&str, usize>::new();
        for entry in file.tensors.values() {
            if let Some(coding) = Coding::of(entry.kind) {
                *by_coding.entry(coding.name()).or_default() += entry.shape.iter().product::<usize>();
            }
        }
        let most = by_coding.into_iter().max_by_key(|(_, n)| *n);
        return Ok(most.map(|(name, _)| name.to_owned()));
    }
    let quantization = &config["quantization_config"];
    if quantization.is_null() {
        return Ok(None);
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
    let mut by_type = std::collections::BTreeMap::<String, u64>::new();
    let mut bytes = 0;
    for path in weight_files(folder)? {
        if path.extension().is_some_and(|e| e == "gguf") {
            bytes += std::fs::metadata(&path).map_err(Error::io(&path))?.len();
            continue;
        }
        let header = header(&path)?;
        bytes += std::fs::metadata(&path).map_err(Error::io(&path))?.len();
        for (_, tensor) in header
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(k, _)| *k != "__metadata__")
        {
            let shape = tensor["shape"].as_array().into_iter().flatten();
            let count = shape.filter_map(Value::as_u64).fold(1u64, u64::saturating_mul);
            let dtype = tensor["dtype"].as_str().unwrap_or_default().to_lowercase();
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

/// `model.safetensors`, or the shards.
fn weight_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(Error::io(folder))?;
    let mut files: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            (name.starts_with("model") && name.ends_with(".safetensors")) || name.ends_with(".gguf")
        })
        .collect();
    files.sort();
    Ok(files)
}

fn header(path: &Path) -> Result<Value> {
    let damaged = |why: &str| Error::file(path, format!("not a whole safetensors file ({why})"));
    let mut file = File::open(path).map_err(Error::io(path))?;
    let size = file.metadata().map_err(Error::io(path))?.len();
    let mut length = [0; 8];
    file.read_exact(&mut length).map_err(|_| damaged("it is too short"))?;
    let length = u64::from_le_bytes(length);
    if length > MAX_HEADER || length > size {
        return Err(damaged("its header is longer than the file"));
    }
    let mut text = vec![0; length as usize];
    file.read_exact(&mut text).map_err(Error::io(path))?;
    serde_json::from_slice(&text).map_err(|e| damaged(&e.to_string()))
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
