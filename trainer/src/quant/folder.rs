//! What `quantization_config` in a model's `config.json` says: the method its weights are stored by.
use super::{Parsed, aqlm, compressed, gptq};
use crate::error::{Error, Result};
use crate::files;
use protocol::decoder::Base;
use protocol::says;
use serde_json::Value;
use std::path::Path;

/// Files that say how weights are stored, and the method whose they are.
const BESIDE: [(&str, &str); 2] = [("quantize_config.json", "gptq"), ("quant_config.json", "awq")];

/// How a folder's linear layers are stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Folder {
    /// bitsandbytes, 4 or 8 bits: each layer's tensors say which
    Bnb,
    Gptq {
        form: gptq::Form,
        /// some layers have other bits or groups (GPTQModel's `dynamic`): the tensors of each say which
        each: bool,
    },
    Awq {
        group: Group,
    },
    Compressed(compressed::Config),
    /// each layer's tensors say how it is grouped
    Hqq,
    Eetq,
    Aqlm(aqlm::Form),
    /// FP8 with one scale a tile of so many rows and columns (`weight_scale_inv`), or a tensor
    Fp8 {
        tile: Option<[usize; 2]>,
    },
    /// GPT-OSS's experts; all else is plain
    Mxfp4,
}

/// Inputs that share a scale; a whole row where the file says -1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Of(usize),
    Row,
}

impl Group {
    pub fn size(self, input: usize) -> usize {
        match self {
            Self::Of(size) => size,
            Self::Row => input,
        }
    }
}

impl Folder {
    /// What AutoGPTQ (`quantize_config.json`) and AutoAWQ (`quant_config.json`) wrote beside a `config.json` that says
    /// nothing of it.
    pub fn beside(folder: &Path) -> Result<Option<Self>> {
        for (name, method) in BESIDE {
            let path = folder.join(name);
            if !path.exists() {
                continue;
            }
            let text = files::read_config(&path)?;
            let mut config: Value =
                serde_json::from_slice(&text).map_err(|e| Error::file(&path, says::not_readable_as_json(e)))?;
            if let Some(map) = config.as_object_mut() {
                map.entry("quant_method").or_insert_with(|| method.into());
                if let Some(group) = map.get("q_group_size").cloned() {
                    map.entry("group_size").or_insert(group);
                }
            }
            return Self::parse(&config).map(Some).map_err(|e| Error::file(&path, e));
        }
        Ok(None)
    }

    /// Reads the object. Anything that cannot be computed exactly is an error that names what is supported.
    pub fn parse(config: &Value) -> Parsed<Self> {
        let text = |key: &str| config[key].as_str().unwrap_or_default().to_lowercase();
        let group = || match config["group_size"].as_i64() {
            Some(-1) => Ok(Group::Row),
            Some(n) if n > 0 => Ok(Group::Of(n as usize)),
            _ => Err(says::must_be(
                "group_size",
                &config["group_size"],
                says::above_nothing_or_all(),
            )),
        };
        let bits = || match [&config["bits"], &config["w_bit"]] {
            [bits, _] if !bits.is_null() => bits,
            [_, bits] => bits,
        };
        match text("quant_method").as_str() {
            "bitsandbytes" => Ok(Self::Bnb),
            "gptq" => {
                let bits = match bits().as_u64().map(|bits| bits as u32) {
                    Some(bits) if gptq::BITS.contains(&bits) => bits,
                    _ => return Err(says::unsupported("bits", bits(), "2, 3, 4, 8")),
                };
                let format = match &config["checkpoint_format"] {
                    Value::Null => text("format"),
                    _ => text("checkpoint_format"),
                };
                let first_format = match format.as_str() {
                    "" | "gptq" => true,
                    "gptq_v2" => false,
                    other => return Err(says::unsupported("checkpoint_format", other, "gptq, gptq_v2")),
                };
                Ok(Self::Gptq {
                    form: gptq::Form {
                        bits,
                        group: group()?,
                        first_format,
                    },
                    each: config["dynamic"].as_object().is_some_and(|rules| !rules.is_empty()),
                })
            }
            "awq" => {
                if bits().as_u64() != Some(4) {
                    return Err(says::unsupported("bits", bits(), "4"));
                }
                match text("version").as_str() {
                    "" | "gemm" => Ok(Self::Awq { group: group()? }),
                    other => Err(says::unsupported_awq(other, "gemm")),
                }
            }
            "compressed-tensors" => Ok(Self::Compressed(compressed::Config::parse(config)?)),
            "hqq" => Ok(Self::Hqq),
            "eetq" => Ok(Self::Eetq),
            "aqlm" => {
                let number = |key: &str, most: u64, usual: u64| match &config[key] {
                    Value::Null => Ok(usual as usize),
                    value => match value.as_u64() {
                        Some(n) if (1..=most).contains(&n) => Ok(n as usize),
                        _ => Err(says::must_be(key, value, says::from_one_to(most))),
                    },
                };
                Ok(Self::Aqlm(aqlm::Form {
                    group: number("in_group_size", 1024, 8)?,
                    high: number("out_group_size", 1024, 1)?,
                    codebooks: number("num_codebooks", 64, 1)?,
                    bits: number("nbits_per_codebook", 16, 16)? as u32,
                }))
            }
            "fp8" => Ok(Self::Fp8 {
                tile: compressed::tile(&config["weight_block_size"])?,
            }),
            "mxfp4" => Ok(Self::Mxfp4),
            other => Err(says::unsupported(
                "quant_method",
                format!("{other:?}"),
                "bitsandbytes, gptq, awq, compressed-tensors, hqq, eetq, aqlm, fp8, mxfp4, and GGUF files",
            )),
        }
    }

    /// What the file asks for that is not done here, by its keys: layers compute in full precision whatever they are stored in.
    pub fn unused(&self) -> &[&'static str] {
        match self {
            Self::Compressed(config) => &config.unused,
            _ => &[],
        }
    }

    /// The form that it is.
    pub fn base(&self) -> Base {
        match self {
            Self::Bnb => Base::Bitsandbytes,
            Self::Gptq { .. } => Base::Gptq,
            Self::Awq { .. } => Base::Awq,
            Self::Compressed(_) => Base::Compressed,
            Self::Hqq => Base::Hqq,
            Self::Eetq => Base::Eetq,
            Self::Aqlm(_) => Base::Aqlm,
            Self::Fp8 { .. } => Base::Fp8,
            Self::Mxfp4 => Base::Mxfp4,
        }
    }

    /// As people name it.
    pub fn name(&self) -> &'static str {
        self.base().name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_supported_is_read_and_what_is_not_is_named() {
        let gptq = json!({"quant_method": "gptq", "bits": 4, "group_size": 128});
        let first = |bits, each| Folder::Gptq {
            form: gptq::Form {
                bits,
                group: Group::Of(128),
                first_format: true,
            },
            each,
        };
        assert_eq!(Folder::parse(&gptq), Ok(first(4, false)));
        let three = json!({"quant_method": "gptq", "bits": 3, "group_size": 128, "format": "gptq", "dynamic": {"+:.*up_proj": {"bits": 8}}});
        assert_eq!(Folder::parse(&three), Ok(first(3, true)));
        let row = json!({"quant_method": "awq", "bits": 4, "group_size": -1, "version": "gemm"});
        assert_eq!(Folder::parse(&row), Ok(Folder::Awq { group: Group::Row }));
        assert_eq!(Folder::parse(&json!({"quant_method": "bitsandbytes"})), Ok(Folder::Bnb));
        for (config, says) in [
            (
                json!({"quant_method": "gptq", "bits": 5, "group_size": 128}),
                "supported: 2, 3, 4, 8",
            ),
            (json!({"quant_method": "gptq", "bits": 4}), "`group_size`"),
            (
                json!({"quant_method": "gptq", "bits": 4, "group_size": 128, "checkpoint_format": "marlin"}),
                "marlin; supported: gptq",
            ),
            (
                json!({"quant_method": "awq", "bits": 4, "group_size": 128, "version": "gemv"}),
                "supported: gemm",
            ),
            (json!({"quant_method": "quanto"}), "quanto"),
            (json!({}), "supported: bitsandbytes"),
        ] {
            let error = Folder::parse(&config).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }
}
