//! A model's `config.json`: the decoder it describes, and how its weights are stored.
use crate::error::{Error, Result};
use crate::quant::folder::Folder;
use crate::quant::gguf_file::{self, GgufFile};
use candle_core::DType;
use protocol::decoder::{DecoderSpec, Family, ModelSpec, RopeRange, RopeScaling, USUAL_CONTEXT, rope_range};
use protocol::{Said, says};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// What a model is, from its `config.json`.
#[derive(Clone, Debug)]
pub struct ModelConfig {
    pub family: &'static Family,
    pub decoder: DecoderSpec,
    /// the longest text it was made for, in tokens
    pub max_positions: usize,
    pub initializer_range: f64,
    /// `torch_dtype` / `dtype`, as written
    pub dtype: Option<String>,
    /// the weight of the router's auxiliary loss, where the config asks for it
    pub router_loss: Option<f64>,
    /// how the linear layers are stored, where they are quantized
    pub quantization: Option<Folder>,
    /// how its rotary positions are scaled beside what its files say
    pub rope: Option<RopeScaling>,
}

impl ModelConfig {
    /// Reads a model's `config.json` (the file itself). Anything the engine cannot compute exactly is an error that names
    /// what is supported.
    pub fn read(path: &Path) -> Result<Self> {
        let text = crate::files::read_config(path)?;
        Self::parse_bytes(&text).map_err(|message| Error::file(path, message))
    }

    /// Of a model's folder or GGUF file: its `config.json`, or what the metadata of the GGUF file stands for where there is
    /// none. AutoGPTQ and AutoAWQ of old kept what they did to the weights in a file beside it.
    pub fn of_folder(folder: &Path) -> Result<Self> {
        Self::scaled(folder, None)
    }

    /// [`ModelConfig::of_folder`], with rotary positions scaled beside what the files say.
    pub fn scaled(folder: &Path, rope: Option<RopeScaling>) -> Result<Self> {
        let (path, json) = keys(folder)?;
        let wrong = |said| Error::file(&path, said);
        let json = match rope {
            None => json,
            Some(scaling) => scaling.in_config(&json).map_err(wrong)?,
        };
        let mut config = Self::of_keys(&json).map_err(wrong)?;
        config.rope = rope;
        if config.quantization.is_none()
            && let Some(beside) = Folder::beside(crate::folder::dir_of(folder))?
        {
            config.quantization = Some(beside);
        }
        Ok(config)
    }

    /// From where rotary positions can be scaled, and how.
    pub fn rope_range(folder: &Path) -> Result<RopeRange> {
        let (path, json) = keys(folder)?;
        rope_range(&json).map_err(|said| Error::file(&path, said))
    }

    /// As [`ModelConfig::read`], from the text; the error says what is wrong with it.
    pub fn parse(text: &str) -> std::result::Result<Self, Said> {
        Self::parse_bytes(text.as_bytes())
    }

    fn parse_bytes(text: &[u8]) -> std::result::Result<Self, Said> {
        let json: Map<String, Value> = serde_json::from_slice(text).map_err(says::no_json_object)?;
        Self::of_keys(&json)
    }

    fn of_keys(json: &Map<String, Value>) -> std::result::Result<Self, Said> {
        let model = ModelSpec::parse(json)?;
        let stored = json.get("quantization_config").filter(|config| !config.is_null());
        let quantization =
            stored.map(|config| Folder::parse(config).map_err(|e| says::of_tensor("quantization_config", e)));
        Ok(Self {
            family: model.family,
            decoder: model.decoder,
            max_positions: model.context.unwrap_or(USUAL_CONTEXT),
            initializer_range: model.initializer_range,
            dtype: model.dtype,
            router_loss: model.router_loss,
            quantization: quantization.transpose()?,
            rope: None,
        })
    }

    /// The type the model was saved in, and is merged in where its weights are quantized.
    pub fn saved_dtype(&self) -> DType {
        match self.dtype.as_deref() {
            Some("bfloat16") => DType::BF16,
            Some("float16") => DType::F16,
            _ => DType::F32,
        }
    }

    /// How many blocks the decoder has.
    pub fn layers(&self) -> usize {
        self.decoder.blocks.len()
    }

    /// How many tokens have a row in its tables.
    pub fn vocabulary(&self) -> usize {
        self.decoder.embedding.vocabulary
    }
}

/// The keys of a folder's `config.json`, or those that the metadata of its GGUF file stands for, with the file they are from.
fn keys(folder: &Path) -> Result<(PathBuf, Map<String, Value>)> {
    let path = crate::folder::dir_of(folder).join("config.json");
    let gguf = match path.exists() {
        true => None,
        false => gguf_file::in_folder(folder).map_err(|e| Error::file(folder, e))?,
    };
    let Some(file) = gguf else {
        let text = crate::files::read_config(&path)?;
        let keys = serde_json::from_slice(&text).map_err(says::no_json_object);
        let keys = keys.map_err(|e| Error::file(&path, e))?;
        return Ok((path, keys));
    };
    let config = GgufFile::open(&file).and_then(|gguf| gguf.config());
    match config.map_err(|e| Error::file(&file, e))? {
        Value::Object(keys) => Ok((file, keys)),
        other => Err(Error::file(&file, says::no_json_object(other.to_string()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_config_or_stored_in_unknown_ways_is_named() {
        let unknown = r#"{"vocab_size": 8, "hidden_size": 16, "intermediate_size": 8, "num_hidden_layers": 2,
            "num_attention_heads": 4, "architectures": ["LlamaForCausalLM"], "quantization_config": {}}"#;
        assert!(ModelConfig::parse(unknown).unwrap_err().contains("`quant_method`"));
        assert!(ModelConfig::parse("[]").unwrap_err().contains("JSON object"));
    }
}
