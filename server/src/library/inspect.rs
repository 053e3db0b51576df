//! What is known of a model folder without loading it: family, size, type, dimensions, and why it can't be used.

use protocol::api::{ModelDims, ModelInfo, ModelOrigin};
use protocol::experts::ExpertDims;
use safetensors::tensor::Metadata;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A safetensors header is small; a length beyond this is a hostile or broken file.
const MAX_HEADER: u64 = 100 << 20;

/// Reads `config.json` and the headers of the weights in `folder`.
pub fn inspect(id: &str, origin: ModelOrigin, folder: &Path) -> ModelInfo {
    let mut info = empty(id, origin, folder);
    if let Err(why) = fill(&mut info, folder) {
        info.error = Some(why);
    }
    info
}

/// An adapter checkpoint: its own size only; the rest is its base's.
pub fn adapter(id: &str, folder: &Path) -> ModelInfo {
    let mut info = empty(id, ModelOrigin::Adapter, folder);
    let file = folder.join("adapter_model.safetensors");
    match tensor_counts(&file) {
        Ok(counts) => {
            info.params = counts.iter().map(|(_, n)| n).sum();
            info.dtype = counts.into_iter().next().map(|(t, _)| t).unwrap_or_default();
            info.bytes = file.metadata().map(|m| m.len()).unwrap_or(0);
        }
        Err(why) => info.error = Some(why),
    }
    info
}

fn empty(id: &str, origin: ModelOrigin, folder: &Path) -> ModelInfo {
    ModelInfo {
        id: id.into(),
        origin,
        path: folder.display().to_string(),
        family: String::new(),
        params: 0,
        dtype: String::new(),
        bytes: 0,
        context: 0,
        has_chat_template: has_chat_template(folder),
        dims: None,
        run: None,
        base: None,
        used_by: vec![],
        error: None,
    }
}

fn fill(info: &mut ModelInfo, folder: &Path) -> Result<(), String> {
    let config = read_json(&folder.join("config.json"))?;
    info.family = config["model_type"].as_str().unwrap_or_default().into();
    info.context = config["max_position_embeddings"].as_u64().unwrap_or(0);
    let mut by_type: BTreeMap<String, u64> = BTreeMap::new();
    for file in weight_files(folder)? {
        info.bytes += file.metadata().map_err(|e| format!("{}: {e}", file.display()))?.len();
        for (dtype, params) in tensor_counts(&file)? {
            *by_type.entry(dtype).or_default() += params;
        }
    }
    info.params = by_type.values().sum();
    info.dtype = by_type
        .into_iter()
        .max_by_key(|(_, n)| *n)
        .map(|(t, _)| t)
        .unwrap_or_default();
    info.dims = dims(&config, if info.dtype == "f32" { 4 } else { 2 });
    if let (Some(format), Some(dims)) = (quantized(&config), &mut info.dims) {
        // packed numbers are not the model's
        dims.packed_bytes = Some(info.bytes);
        info.params = protocol::memory::parameters(dims);
        info.dtype = format;
    }
    if !folder.join("tokenizer.json").is_file() {
        return Err("tokenizer.json is missing: save the tokenizer with a fast tokenizer of transformers".into());
    }
    Ok(())
}

fn dims(config: &Value, weight_bytes: u64) -> Option<ModelDims> {
    let n = |key: &str| config[key].as_u64();
    let heads = n("num_attention_heads")?;
    let hidden = n("hidden_size")?;
    Some(ModelDims {
        layers: n("num_hidden_layers")?,
        hidden,
        heads,
        kv_heads: n("num_key_value_heads").unwrap_or(heads),
        head_dim: n("head_dim").unwrap_or(hidden / heads.max(1)),
        intermediate: n("intermediate_size")?,
        vocab: n("vocab_size")?,
        tied: config["tie_word_embeddings"].as_bool().unwrap_or(false),
        weight_bytes,
        packed_bytes: None,
        experts: ExpertDims::of_config(config),
    })
}

/// The format of the linear layers, where they are quantized.
fn quantized(config: &Value) -> Option<String> {
    let quantization = config.get("quantization_config").filter(|q| !q.is_null())?;
    Some(match quantization["quant_method"].as_str().unwrap_or_default() {
        "bitsandbytes" if quantization["load_in_8bit"] == true => "int8".into(),
        "bitsandbytes" => quantization["bnb_4bit_quant_type"].as_str().unwrap_or("nf4").into(),
        other => other.to_owned(),
    })
}

/// The safetensors files of a model, by its index where it is sharded.
fn weight_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let single = folder.join("model.safetensors");
    if single.is_file() {
        return Ok(vec![single]);
    }
    let index = folder.join("model.safetensors.index.json");
    if !index.is_file() {
        let pickle = std::fs::read_dir(folder)
            .map_err(|e| format!("{}: {e}", folder.display()))?
            .flatten()
            .any(|f| {
                f.path()
                    .extension()
                    .is_some_and(|e| e == "bin" || e == "pt" || e == "pth")
            });
        return Err(if pickle {
            "only pickle weights are here; they can run code and are never loaded: save the model as safetensors".into()
        } else {
            "model.safetensors is missing".into()
        });
    }
    let map = read_json(&index)?;
    let map = map["weight_map"]
        .as_object()
        .ok_or("model.safetensors.index.json has no weight_map")?;
    let mut names: Vec<&str> = map.values().filter_map(Value::as_str).collect();
    names.sort_unstable();
    names.dedup();
    if names.iter().any(|n| n.contains('/') || n.contains("..")) {
        return Err("model.safetensors.index.json names a file outside the folder".into());
    }
    Ok(names.into_iter().map(|n| folder.join(n)).collect())
}

/// Parameters by type, from the header alone.
fn tensor_counts(file: &Path) -> Result<Vec<(String, u64)>, String> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let wrong = |why: String| format!("{name}: {why}");
    let mut reader = std::fs::File::open(file).map_err(|e| wrong(e.to_string()))?;
    let mut length = [0; 8];
    reader
        .read_exact(&mut length)
        .map_err(|_| wrong("is no safetensors file".into()))?;
    let header = u64::from_le_bytes(length);
    if header > MAX_HEADER {
        return Err(wrong("is no safetensors file (its header's length is absurd)".into()));
    }
    let mut bytes = vec![];
    reader
        .take(header)
        .read_to_end(&mut bytes)
        .map_err(|e| wrong(e.to_string()))?;
    // `SafeTensors::read_metadata` wants the whole file in memory
    let meta: Metadata = serde_json::from_slice(&bytes).map_err(|e| wrong(format!("header: {e}")))?;
    let count = |t: &safetensors::tensor::TensorInfo| {
        let params = t.shape.iter().map(|d| *d as u64).product();
        (format!("{:?}", t.dtype).to_lowercase(), params)
    };
    Ok(meta.tensors().values().map(|t| count(t)).collect())
}

fn has_chat_template(folder: &Path) -> bool {
    folder.join("chat_template.jinja").is_file()
        || read_json(&folder.join("tokenizer_config.json")).is_ok_and(|c| !c["chat_template"].is_null())
}

fn read_json(path: &Path) -> Result<Value, String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(path).map_err(|e| format!("{name}: {e}"))?;
    serde_json::from_str(&text).map_err(|e| format!("{name}: {e}"))
}
