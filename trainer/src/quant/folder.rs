//! What `quantization_config` in a model's `config.json` says: the method its weights are stored by.
use super::Parsed;
use crate::error::{Error, Result};
use crate::files;
use protocol::says;
use serde_json::Value;
use std::path::Path;

/// Files that say how weights are stored, and the method whose they are.
const BESIDE: [(&str, &str); 2] = [("quantize_config.json", "gptq"), ("quant_config.json", "awq")];

/// How a folder's linear layers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folder {
    /// bitsandbytes, 4 or 8 bits: each layer's tensors say which
    Bnb,
    Gptq {
        group: Group,
        /// zero points are stored less one
        first_format: bool,
    },
    Awq {
        group: Group,
    },
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
        let four_bits = || {
            let bits = [&config["bits"], &config["w_bit"]];
            let bits = bits.into_iter().find(|bits| !bits.is_null()).unwrap_or(&Value::Null);
            match bits.as_u64() {
                Some(4) => Ok(()),
                _ => Err(says::unsupported("bits", bits, "4")),
            }
        };
        match text("quant_method").as_str() {
            "bitsandbytes" => Ok(Self::Bnb),
            "gptq" => {
                four_bits()?;
                let first_format = match text("checkpoint_format").as_str() {
                    "" | "gptq" => true,
                    "gptq_v2" => false,
                    other => {
                        return Err(says::unsupported("checkpoint_format", other, "gptq, gptq_v2"));
                    }
                };
                Ok(Self::Gptq {
                    group: group()?,
                    first_format,
                })
            }
            "awq" => {
                four_bits()?;
                match text("version").as_str() {
                    "" | "gemm" => Ok(Self::Awq { group: group()? }),
                    other => Err(says::unsupported_awq(other, "gemm")),
                }
            }
            other => Err(says::unsupported(
                "quant_method",
                format!("{other:?}"),
                "bitsandbytes, gptq, awq, and GGUF files",
            )),
        }
    }

    /// As people name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bnb => "bitsandbytes",
            Self::Gptq { .. } => "GPTQ",
            Self::Awq { .. } => "AWQ",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_supported_is_read_and_what_is_not_is_named() {
        let gptq = json!({"quant_method": "gptq", "bits": 4, "group_size": 128});
        let first = Folder::Gptq {
            group: Group::Of(128),
            first_format: true,
        };
        assert_eq!(Folder::parse(&gptq), Ok(first));
        let row = json!({"quant_method": "awq", "bits": 4, "group_size": -1, "version": "gemm"});
        assert_eq!(Folder::parse(&row), Ok(Folder::Awq { group: Group::Row }));
        assert_eq!(Folder::parse(&json!({"quant_method": "bitsandbytes"})), Ok(Folder::Bnb));
        for (config, says) in [
            (
                json!({"quant_method": "gptq", "bits": 3, "group_size": 128}),
                "supported: 4",
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
            (json!({"quant_method": "aqlm"}), "aqlm"),
            (json!({}), "supported: bitsandbytes"),
        ] {
            let error = Folder::parse(&config).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }
}
