//! A model's `config.json`: the decoder it describes, and how its weights are stored.
use crate::error::{Error, Result};
use crate::quant::folder::Folder;
use crate::quant::gguf_file::{self, GgufFile};
use candle_core::DType;
use protocol::decoder::{DecoderSpec, Family, ModelSpec};
use protocol::{Said, says};
use serde_json::{Map, Value};
use std::path::Path;

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
        let dir = crate::folder::dir_of(folder);
        let path = dir.join("config.json");
        if path.exists() {
            let mut config = Self::read(&path)?;
            if config.quantization.is_none()
                && let Some(beside) = Folder::beside(dir)?
            {
                config.quantization = Some(beside);
            }
            return Ok(config);
        }
        match gguf_file::in_folder(folder).map_err(|e| Error::file(folder, e))? {
            None => Self::read(&path),
            Some(file) => {
                let config = GgufFile::open(&file).and_then(|gguf| gguf.config());
                let config = config.and_then(|config| Self::parse(&config.to_string()));
                config.map_err(|e| Error::file(&file, e))
            }
        }
    }

    /// As [`ModelConfig::read`], from the text; the error says what is wrong with it.
    pub fn parse(text: &str) -> std::result::Result<Self, Said> {
        Self::parse_bytes(text.as_bytes())
    }

    fn parse_bytes(text: &[u8]) -> std::result::Result<Self, Said> {
        let json: Map<String, Value> = serde_json::from_slice(text).map_err(says::no_json_object)?;
        let model = ModelSpec::parse(&json)?;
        let stored = json.get("quantization_config").filter(|config| !config.is_null());
        let quantization =
            stored.map(|config| Folder::parse(config).map_err(|e| says::of_tensor("quantization_config", e)));
        Ok(Self {
            family: model.family,
            decoder: model.decoder,
            max_positions: model.context.unwrap_or(2048),
            initializer_range: model.initializer_range,
            dtype: model.dtype,
            router_loss: model.router_loss,
            quantization: quantization.transpose()?,
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
