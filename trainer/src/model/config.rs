//! `config.json`, checked: what a model's shape is.
use super::experts::ExpertConfig;
use super::families::{FAMILIES, Family, supported};
use crate::error::{Error, Result};
use crate::quant::folder::Folder;
use crate::quant::gguf_file::{self, GgufFile};
use candle_core::DType;
use protocol::said::Arg;
use protocol::{Said, says};
use serde_json::{Map, Value};
use std::path::Path;

/// How rotary frequencies are scaled.
#[derive(Clone, Debug, PartialEq)]
pub enum Rope {
    Default,
    Linear {
        factor: f64,
    },
    Llama3 {
        factor: f64,
        low: f64,
        high: f64,
        original: f64,
    },
}

/// The shape of a model, from its `config.json`.
#[derive(Clone, Debug)]
pub struct ModelConfig {
    pub family: &'static Family,
    pub vocab_size: usize,
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub layers: usize,
    pub heads: usize,
    pub kv_heads: usize,
    pub head_dim: usize,
    pub rms_norm_eps: f64,
    pub rope: Rope,
    pub rope_theta: f64,
    pub tied: bool,
    pub qkv_bias: bool,
    pub o_bias: bool,
    pub mlp_bias: bool,
    pub qk_norm: bool,
    /// sliding window of each layer
    pub windows: Vec<Option<usize>>,
    pub max_positions: usize,
    pub initializer_range: f64,
    /// `torch_dtype` / `dtype`, as written
    pub dtype: Option<String>,
    /// of a mixture of experts
    pub experts: Option<ExpertConfig>,
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
        Keys(&json).config()
    }

    /// The type the model was saved in, and is merged in where its weights are quantized.
    pub fn saved_dtype(&self) -> DType {
        match self.dtype.as_deref() {
            Some("bfloat16") => DType::BF16,
            Some("float16") => DType::F16,
            _ => DType::F32,
        }
    }

    pub fn q_width(&self) -> usize {
        self.heads * self.head_dim
    }

    pub fn kv_width(&self) -> usize {
        self.kv_heads * self.head_dim
    }

    /// Rotary frequencies, `[head_dim / 2]`, in f32 as transformers computes them.
    pub fn rope_frequencies(&self) -> Vec<f32> {
        let dim = self.head_dim as f32;
        let plain = (0..self.head_dim / 2).map(|i| 1.0 / (self.rope_theta as f32).powf((2 * i) as f32 / dim));
        match self.rope {
            Rope::Default => plain.collect(),
            Rope::Linear { factor } => plain.map(|f| f / factor as f32).collect(),
            Rope::Llama3 {
                factor,
                low,
                high,
                original,
            } => plain
                .map(|f| {
                    let wavelength = std::f64::consts::TAU / f64::from(f);
                    if wavelength < original / high {
                        return f;
                    }
                    if wavelength > original / low {
                        return (f64::from(f) / factor) as f32;
                    }
                    let smooth = (original / wavelength - low) / (high - low);
                    ((1.0 - smooth) * f64::from(f) / factor + smooth * f64::from(f)) as f32
                })
                .collect(),
        }
    }
}

/// The keys of a `config.json`, read with messages that name them.
pub struct Keys<'a>(&'a Map<String, Value>);

pub type Parsed<T> = std::result::Result<T, Said>;

impl Keys<'_> {
    fn config(&self) -> Parsed<ModelConfig> {
        let family = self.family()?;
        for key in ["hidden_act", "hidden_activation"] {
            match self.get(key).map(|v| v.as_str()) {
                None | Some(Some("silu" | "swish")) => {}
                Some(other) => {
                    let said = other.map_or_else(|| "no text".to_owned(), |name| format!("`{name}`"));
                    return Err(says::unsupported(key, said, "silu"));
                }
            }
        }
        if let Some(factor) = self.get("partial_rotary_factor").and_then(Value::as_f64)
            && factor != 1.0
        {
            return Err(says::unsupported("partial_rotary_factor", factor, "1"));
        }
        let (hidden_size, heads) = (self.size("hidden_size")?, self.size("num_attention_heads")?);
        let kv_heads = self.optional_size("num_key_value_heads")?.unwrap_or(heads);
        if !heads.is_multiple_of(kv_heads) {
            return Err(says::heads_do_not_divide(heads, kv_heads));
        }
        let head_dim = self.optional_size("head_dim")?.unwrap_or(hidden_size / heads);
        if head_dim < 2 || !head_dim.is_multiple_of(2) {
            return Err(says::must_be("head_dim", head_dim, says::even()));
        }
        let layers = self.size("num_hidden_layers")?;
        let (rope, rope_theta) = self.rope()?;
        let bias = |key| family.bias_keys && self.flag(key);
        Ok(ModelConfig {
            family,
            vocab_size: self.size("vocab_size")?,
            hidden_size,
            intermediate_size: self.size("intermediate_size")?,
            layers,
            heads,
            kv_heads,
            head_dim,
            rms_norm_eps: self.number("rms_norm_eps")?.unwrap_or(1e-6),
            rope,
            rope_theta,
            tied: self
                .get("tie_word_embeddings")
                .map_or(family.tied_by_default, |v| v == true),
            qkv_bias: self
                .get("qkv_bias")
                .filter(|_| family.qkv_bias)
                .map_or(family.qkv_bias, |v| v == true)
                || bias("attention_bias"),
            o_bias: bias("attention_bias"),
            mlp_bias: bias("mlp_bias"),
            qk_norm: family.qk_norm,
            windows: self.windows(family, layers)?,
            max_positions: self.optional_size("max_position_embeddings")?.unwrap_or(2048),
            initializer_range: self.number("initializer_range")?.unwrap_or(0.02),
            dtype: ["dtype", "torch_dtype"]
                .iter()
                .find_map(|k| Some(self.get(k)?.as_str()?.to_owned())),
            experts: family
                .experts
                .map(|names| ExpertConfig::parse(self, names, layers))
                .transpose()?,
            quantization: self
                .get("quantization_config")
                .map(|config| Folder::parse(config).map_err(|e| says::of_tensor("quantization_config", e)))
                .transpose()?,
        })
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|v| !v.is_null())
    }

    fn family(&self) -> Parsed<&'static Family> {
        let names: Vec<&str> = self
            .get("architectures")
            .and_then(Value::as_array)
            .map(|a| a.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        FAMILIES
            .iter()
            .find(|f| names.contains(&f.architecture))
            .ok_or_else(|| {
                let found = match names.is_empty() {
                    true => Arg::from(says::no_architecture()),
                    false => names.join(", ").into(),
                };
                says::other_architecture(found, supported())
            })
    }

    pub fn size(&self, key: &str) -> Parsed<usize> {
        self.optional_size(key)?.ok_or_else(|| says::key_is_missing(key))
    }

    pub fn optional_size(&self, key: &str) -> Parsed<Option<usize>> {
        const MOST: u64 = 1 << 24;
        self.get(key)
            .map(|v| match v.as_u64() {
                Some(n @ 1..=MOST) => Ok(n as usize),
                _ => Err(says::must_be(key, v, says::from_one_to(MOST))),
            })
            .transpose()
    }

    fn number(&self, key: &str) -> Parsed<Option<f64>> {
        self.get(key).map(|v| positive(v, key)).transpose()
    }

    pub fn flag(&self, key: &str) -> bool {
        self.get(key) == Some(&Value::Bool(true))
    }

    /// transformers 4 writes `rope_theta` and `rope_scaling`, version 5 `rope_parameters`.
    fn rope(&self) -> Parsed<(Rope, f64)> {
        let key = if self.get("rope_parameters").is_some() {
            "rope_parameters"
        } else {
            "rope_scaling"
        };
        let empty = Map::new();
        let scaling = match self.get(key) {
            None => &empty,
            Some(Value::Object(map)) => map,
            Some(other) => return Err(says::must_be(key, other, says::an_object())),
        };
        let number = |name: &str| {
            let value = scaling.get(name).ok_or_else(|| says::key_lacks(key, name))?;
            positive(value, name)
        };
        let theta = match scaling.get("rope_theta") {
            Some(value) => positive(value, "rope_theta")?,
            None => self.number("rope_theta")?.unwrap_or(10000.0),
        };
        let kind = ["rope_type", "type"].iter().find_map(|k| scaling.get(*k)?.as_str());
        let rope = match kind {
            None | Some("default") => Rope::Default,
            Some("linear") => Rope::Linear {
                factor: number("factor")?,
            },
            Some("llama3") => Rope::Llama3 {
                factor: number("factor")?,
                low: number("low_freq_factor")?,
                high: number("high_freq_factor")?,
                original: number("original_max_position_embeddings")?,
            },
            Some(other) => return Err(says::rope_scaling(other, "default, linear, llama3")),
        };
        Ok((rope, theta))
    }

    fn windows(&self, family: &Family, layers: usize) -> Parsed<Vec<Option<usize>>> {
        let on = !family.window_switch || self.flag("use_sliding_window");
        // transformers 5 writes 0 where there is none
        let none = self.get("sliding_window").and_then(Value::as_u64) == Some(0);
        let window = match on && !none {
            true => self.optional_size("sliding_window")?,
            false => None,
        };
        let Some(window) = window else {
            return Ok(vec![None; layers]);
        };
        if let Some(types) = self.get("layer_types").and_then(Value::as_array) {
            if types.len() != layers {
                return Err(says::layer_types_of(types.len(), layers));
            }
            return types
                .iter()
                .map(|t| match t.as_str() {
                    Some("full_attention") => Ok(None),
                    Some("sliding_attention") => Ok(Some(window)),
                    _ => Err(says::layer_type(t, "full_attention, sliding_attention")),
                })
                .collect();
        }
        // Qwen: layers from `max_window_layers` on; Mistral: all
        let first = if family.window_switch {
            self.get("max_window_layers").and_then(Value::as_u64).unwrap_or(28)
        } else {
            0
        };
        Ok((0..layers).map(|i| (i as u64 >= first).then_some(window)).collect())
    }
}

fn positive(value: &Value, key: &str) -> Parsed<f64> {
    match value.as_f64() {
        Some(n) if n > 0.0 && n.is_finite() => Ok(n),
        _ => Err(says::must_be(key, value, says::above_nothing())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(extra: &str) -> Parsed<ModelConfig> {
        ModelConfig::parse(&format!(
            r#"{{"vocab_size": 8, "hidden_size": 16, "intermediate_size": 8, "num_hidden_layers": 2,
            "num_attention_heads": 4, {extra}}}"#
        ))
    }

    #[test]
    fn what_is_not_supported_is_named_with_what_is() {
        for (extra, said) in [
            (
                r#""architectures": ["PhiForCausalLM"]"#,
                "PhiForCausalLM; supported: LlamaForCausalLM, Mistral",
            ),
            (r#""model_type": "llama""#, "no architecture"),
            (
                r#""architectures": ["LlamaForCausalLM"], "rope_scaling": {"rope_type": "yarn"}"#,
                "default, linear, llama3",
            ),
            (
                r#""architectures": ["LlamaForCausalLM"], "hidden_act": "gelu""#,
                "`hidden_act` is `gelu`; supported: silu",
            ),
            (
                r#""architectures": ["LlamaForCausalLM"], "quantization_config": {}"#,
                "`quant_method`",
            ),
            (
                r#""architectures": ["LlamaForCausalLM"], "num_key_value_heads": 3"#,
                "3 key-value heads",
            ),
            (
                r#""architectures": ["LlamaForCausalLM"], "head_dim": -1"#,
                "whole number",
            ),
        ] {
            let error = parse(extra).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
        assert!(ModelConfig::parse("[]").unwrap_err().contains("JSON object"));
    }

    #[test]
    fn windows_follow_the_family() {
        let windows = |extra| parse(extra).unwrap().windows;
        let mistral = r#""architectures": ["MistralForCausalLM"], "sliding_window": 5"#;
        assert_eq!(windows(mistral), [Some(5); 2]);
        let off = r#""architectures": ["Qwen2ForCausalLM"], "sliding_window": 5, "use_sliding_window": false"#;
        assert_eq!(windows(off), [None; 2]);
        let none = r#""architectures": ["Qwen2ForCausalLM"], "sliding_window": 0, "use_sliding_window": true"#;
        assert_eq!(windows(none), [None; 2]);
        let upper = r#""architectures": ["Qwen2ForCausalLM"], "sliding_window": 5, "use_sliding_window": true, "max_window_layers": 1"#;
        assert_eq!(windows(upper), [None, Some(5)]);
    }
}
