//! A model folder's facts, read from its config and the headers of its weights: nothing is loaded.

use crate::error::{Error, Result};
use protocol::api::ModelDims;
use serde_json::Value;
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
    /// Stored type of most of them: "f32", "bf16", "f16".
    pub dtype: String,
    /// Of the weight files.
    pub bytes: u64,
}

/// Reads `config.json` and the headers of the safetensors files.
pub fn read(folder: &Path) -> Result<Info> {
    let path = folder.join("config.json");
    let text = std::fs::read(&path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => Error::file(folder, "this is no model folder: there is no config.json"),
        _ => Error::io(&path)(e),
    })?;
    let config: Value =
        serde_json::from_slice(&text).map_err(|e| Error::file(&path, format!("not readable as JSON: {e}")))?;
    let number = |key: &str| {
        config[key]
            .as_u64()
            .ok_or_else(|| Error::file(&path, format!("`{key}` is missing or is no whole number")))
    };
    let (hidden, heads) = (number("hidden_size")?, number("num_attention_heads")?);
    let weights = headers(folder)?;
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
    };
    Ok(Info {
        family: config["model_type"].as_str().unwrap_or_default().to_owned(),
        dims,
        context: config["max_position_embeddings"].as_u64().unwrap_or(u64::MAX),
        params: weights.params,
        dtype: weights.dtype,
        bytes: weights.bytes,
    })
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
            name.starts_with("model") && name.ends_with(".safetensors")
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
}
