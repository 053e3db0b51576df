//! A model folder's facts, read from its config and the headers of its weights: nothing is loaded.

use crate::error::{Error, Result};
use crate::folder::{dir_of, spoken};
use crate::model::{ModelConfig, TensorFile, weight_files};
use crate::quant::folder::Folder;
use crate::quant::gguf::Coding;
use crate::quant::gguf_file::{self, GgufFile};
use crate::quant::gguf_names::is_held_plain;
use crate::weights::Hub;
use crate::{data, files, peft};
use protocol::api::{ModelDims, ModelInfo, ModelOrigin, StoredType};
use protocol::said::Unusable;
use protocol::says;
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
    /// Type of most of them: "f32", "bf16", "f16", or the format of quantized ones.
    pub dtype: String,
    /// The format of the linear layers, where they are quantized.
    pub quantized: Option<String>,
    /// Of the weight files.
    pub bytes: u64,
}

/// Reads `config.json` and the headers of the weight files, of a folder or a GGUF file. Weights may be missing: a model can
/// be trained from nothing.
pub fn read(folder: &Path) -> Result<Info> {
    let told = Told::read(folder)?;
    let config = ModelConfig::of_folder(folder)?;
    let dims = told.dims(&config);
    Ok(Info {
        params: told.params(Some(&dims)),
        dims,
        family: told.family,
        context: config.max_positions as u64,
        dtype: told.quantized.clone().unwrap_or(told.weights.dtype),
        quantized: told.quantized,
        bytes: told.weights.bytes,
    })
}

/// What files tell of any model, also of one that can't be computed.
struct Told {
    family: String,
    quantized: Option<String>,
    weights: Weights,
}

impl Told {
    fn read(folder: &Path) -> Result<Self> {
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
        Ok(Self {
            family: config["model_type"].as_str().unwrap_or_default().to_owned(),
            quantized: format_of(folder, &config)?,
            weights: headers(folder, bits_of(&config))?,
        })
    }

    fn dims(&self, config: &ModelConfig) -> ModelDims {
        ModelDims {
            family: config.family,
            decoder: config.decoder.clone(),
            stored: match self.weights.dtype.as_str() {
                "f32" => StoredType::F32,
                "f16" => StoredType::F16,
                _ => StoredType::Bf16,
            },
            packed_bytes: self.quantized.is_some().then_some(self.weights.kept),
        }
    }

    /// How many numbers the model has; packed ones are not its own.
    fn params(&self, dims: Option<&ModelDims>) -> u64 {
        match (&self.quantized, dims) {
            (Some(_), Some(dims)) => protocol::memory::parameters(dims),
            _ => self.weights.params,
        }
    }
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
    /// of the files
    bytes: u64,
    /// once they are read as a quantized folder's
    kept: u64,
}

/// Bits of a quantized folder's codes, where it has one number for all.
fn bits_of(config: &Value) -> u64 {
    config["quantization_config"]["bits"].as_u64().unwrap_or(4)
}

fn headers(folder: &Path, bits: u64) -> Result<Weights> {
    if let Some(path) = gguf_file::in_folder(folder).map_err(|e| Error::file(folder, e))? {
        return of_gguf(&path);
    }
    // a model that is trained from nothing needs none
    let paths = weight_files(folder).unwrap_or_default();
    tensors(paths.iter().map(std::path::PathBuf::as_path), bits)
}

/// Tables of rotations are no numbers of the model.
fn of_gguf(path: &Path) -> Result<Weights> {
    let file = GgufFile::open(path).map_err(|e| Error::file(path, e))?;
    let (mut by_type, mut unpacked) = (BTreeMap::<&str, u64>::new(), 0u64);
    for (name, entry) in file.tensors.iter().filter(|(name, _)| !name.starts_with("rope_")) {
        let count = entry.shape.iter().fold(1u64, |n, side| n.saturating_mul(*side as u64));
        let dtype = match entry.kind {
            0 => "f32",
            30 => "bf16",
            _ => "f16",
        };
        let of_type = by_type.entry(dtype).or_default();
        *of_type = of_type.saturating_add(count);
        if let (true, Some(coding)) = (is_held_plain(name), Coding::of(entry.kind)) {
            let (values, size) = coding.block();
            let packed = (count / values as u64).saturating_mul(size as u64);
            unpacked = unpacked.saturating_add(count.saturating_mul(4).saturating_sub(packed));
        }
    }
    let dtype = by_type.iter().max_by_key(|(_, n)| **n);
    let bytes = std::fs::metadata(path).map_err(Error::io(path))?.len();
    Ok(Weights {
        params: by_type.values().fold(0, |sum, n| sum.saturating_add(*n)),
        dtype: dtype.map_or("f16", |(name, _)| name).to_owned(),
        bytes,
        // weights that do not stay packed take more than in the file
        kept: bytes.saturating_add(unpacked),
    })
}

/// What the headers of safetensors files say together.
fn tensors<'a>(paths: impl Iterator<Item = &'a Path>, bits: u64) -> Result<Weights> {
    let (mut by_type, mut bytes, mut kept) = (BTreeMap::<String, u64>::new(), 0, 0u64);
    for path in paths {
        bytes += std::fs::metadata(path).map_err(Error::io(path))?.len();
        let file = TensorFile::open(path)?;
        kept = kept.saturating_add(file.kept_bytes(bits));
        for (dtype, count) in file.counts() {
            *by_type.entry(dtype).or_default() += count;
        }
    }
    let dtype = by_type.iter().max_by_key(|(_, n)| **n);
    Ok(Weights {
        params: by_type.values().sum(),
        dtype: dtype.map_or_else(|| "f32".into(), |(name, _)| name.clone()),
        bytes,
        kept,
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
        rope: None,
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
    let weights = tensors([folder.join(peft::WEIGHTS).as_path()].into_iter(), 0)?;
    (info.params, info.dtype, info.bytes) = (weights.params, weights.dtype, weights.bytes);
    // texts have room in its base, where that is here already, with positions scaled as in training
    let hub = Hub {
        offline: true,
        ..Hub::default()
    };
    let on = crate::weights::Weights::find(&folder.to_string_lossy(), &[], &hub);
    let config = on.and_then(|on| ModelConfig::scaled(&on.base, on.rope));
    info.context = config.map_or(0, |config| config.max_positions as u64);
    Ok(())
}

fn of_model(info: &mut ModelInfo, path: &Path) -> Result<()> {
    let told = Told::read(path)?;
    let config = ModelConfig::of_folder(path);
    info.dims = config.as_ref().ok().map(|config| told.dims(config));
    info.params = told.params(info.dims.as_ref());
    (info.family, info.bytes) = (told.family, told.weights.bytes);
    info.context = config.as_ref().map_or(0, |config| config.max_positions as u64);
    info.rope = ModelConfig::rope_range(path).ok();
    info.dtype = told.quantized.unwrap_or(told.weights.dtype);
    let dir = dir_of(path);
    if gguf_file::in_folder(path).map_err(|e| Error::file(path, e))?.is_none() {
        weight_files(dir)?;
    }
    // what the engine cannot compute is known before it is chosen
    config?;
    match (data::has_tokenizer(dir), spoken(path)) {
        (true, _) if dir.join("tokenizer.json").is_file() => Ok(()),
        (true, _) => Ok(data::tokenizer_json(dir).map(drop)?),
        (false, file) if file.is_file() => data::gguf_tokenizer(&file)
            .map(drop)
            .map_err(|problem| Error::file(&file, problem)),
        _ => Err(Error::file(dir, says::no_tokenizer_json())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::decoder::HeadTable;

    #[test]
    fn a_folder_of_shards_tells_its_size() {
        let families = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/families");
        let info = read(&families.join("llama-rope-llama3-bf16-sharded")).unwrap();
        assert_eq!((info.family.as_str(), info.dtype.as_str()), ("llama", "bf16"));
        let decoder = &info.dims.decoder;
        let (layers, vocabulary) = (decoder.blocks.len(), decoder.embedding.vocabulary);
        assert_eq!((layers, decoder.hidden, vocabulary), (2, 32, 48));
        let whole = read(&families.join("llama-gqa-tied")).unwrap();
        assert_eq!(info.params, whole.params);
        assert!(whole.dims.decoder.head.table == HeadTable::Tied && whole.dtype == "f32");
    }

    #[test]
    fn a_mixture_of_experts_tells_all_of_its_size() {
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/models");
        for (name, layers, shared) in [("mixtral", 2, 0), ("qwen2moe", 1, 20)] {
            let info = read(&models.join(name)).unwrap();
            let decoder = &info.dims.decoder;
            let sparse = decoder.blocks.iter().filter(|block| block.mlp.experts().is_some());
            let experts = decoder.experts().unwrap();
            let width = experts.shared_network().map_or(0, |network| network.width);
            assert_eq!((sparse.count(), experts.count, width), (layers, 4, shared));
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
            let kept = info.dims.packed_bytes.unwrap();
            assert!(
                kept > info.bytes / 4 * 3 && kept < info.bytes / 4 * 5,
                "{folder}: {kept}"
            );
        }
        let format = |folder| read(&golden.join("quant").join(folder)).unwrap().quantized.unwrap();
        assert_eq!(format("llama-gptq"), "gptq");
        assert_eq!(format("llama-awq"), "awq");
        let gguf = read(&golden.join("quant/llama-gguf-k")).unwrap();
        let decoder = &gguf.dims.decoder;
        let (vocabulary, head) = (decoder.embedding.vocabulary, decoder.head.table);
        assert_eq!((decoder.hidden, vocabulary, head), (256, 352, HeadTable::Own));
        assert!(gguf.quantized.unwrap().starts_with('q'));
    }
}
