//! Types of tensors in GGUF files, and which tensor has which in a file of some format.
//!
//! Source: llama.cpp, `conversion/base.py` (`prepare_tensors`), `src/llama-quant.cpp` (`llama_tensor_get_type_impl`,
//! `tensor_type_fallback`).
use super::writer::Planned;
use crate::error::Result;
use crate::tensors::HOST;
use candle_core::Tensor;
use candle_core::quantized::{GgmlDType, QTensor};
use clap::ValueEnum;
use protocol::decoder::DecoderSpec;
use protocol::{Said, says};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// The type of a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    F32,
    F16,
    Bf16,
    Q4_0,
    Q5_0,
    Q5_1,
    Q8_0,
    Q4K,
    Q5K,
    Q6K,
}

/// What a file holds, as llama.cpp names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Format {
    F32,
    F16,
    Bf16,
    #[value(name = "q8_0")]
    Q8_0,
    #[value(name = "q4_0")]
    Q4_0,
    #[value(name = "q4_k_m")]
    Q4KM,
    #[value(name = "q5_k_m")]
    Q5KM,
    #[value(name = "q6_k")]
    Q6K,
}

impl Kind {
    fn ggml(self) -> GgmlDType {
        match self {
            Self::F32 => GgmlDType::F32,
            Self::F16 => GgmlDType::F16,
            Self::Bf16 => GgmlDType::BF16,
            Self::Q4_0 => GgmlDType::Q4_0,
            Self::Q5_0 => GgmlDType::Q5_0,
            Self::Q5_1 => GgmlDType::Q5_1,
            Self::Q8_0 => GgmlDType::Q8_0,
            Self::Q4K => GgmlDType::Q4K,
            Self::Q5K => GgmlDType::Q5K,
            Self::Q6K => GgmlDType::Q6K,
        }
    }

    /// ggml's number.
    pub fn number(self) -> u32 {
        match self {
            Self::F32 => 0,
            Self::F16 => 1,
            Self::Q4_0 => 2,
            Self::Q5_0 => 6,
            Self::Q5_1 => 7,
            Self::Q8_0 => 8,
            Self::Q4K => 12,
            Self::Q5K => 13,
            Self::Q6K => 14,
            Self::Bf16 => 30,
        }
    }

    /// Values and bytes of a block.
    pub fn block(self) -> (usize, usize) {
        let ggml = self.ggml();
        (ggml.block_size(), ggml.type_size())
    }

    /// Whether finite numbers stay finite in this type: f16 ends at 65504, and blocks have their scales in it.
    pub fn holds(self, values: &[f32]) -> bool {
        /// The least number that f16 rounds to infinity.
        const END: f32 = 65520.0;
        // how many steps of its scale the largest number of a block is away, at least
        let steps = match self {
            Self::F32 | Self::Bf16 => return true,
            Self::F16 | Self::Q5_1 => 1.0,
            Self::Q4_0 => 8.0,
            Self::Q5_0 => 16.0,
            Self::Q4K | Self::Q5K | Self::Q6K => 63.0,
            Self::Q8_0 => 127.0,
        };
        values.par_iter().all(|value| value.abs() < END * steps)
    }

    /// Whole rows of so many columns in this type.
    pub fn encode(self, rows: &[f32], columns: usize) -> Result<Vec<u8>> {
        /// Numbers that one thread packs at a time.
        const PART: usize = 1 << 16;
        let part = columns.max(1) * (PART / columns.max(1)).max(1);
        let encoded: Vec<Vec<u8>> = rows
            .par_chunks(part)
            .map(|rows| {
                let tensor = Tensor::from_slice(rows, rows.len(), &HOST)?;
                Ok(QTensor::quantize(&tensor, self.ggml())?.data()?.into_owned())
            })
            .collect::<Result<_>>()?;
        Ok(encoded.concat())
    }

    /// What takes its place where a row is no whole number of its blocks.
    fn fitting(self, columns: usize) -> Self {
        let fits = |kind: Self| columns.is_multiple_of(kind.block().0);
        if fits(self) {
            return self;
        }
        let smaller = match self {
            Self::Q4K => Self::Q5_0,
            Self::Q5K => Self::Q5_1,
            Self::Q6K => Self::Q8_0,
            other => other,
        };
        if fits(smaller) { smaller } else { Self::F16 }
    }
}

impl Format {
    /// As it is written on the command line and in names of files.
    pub fn name(self) -> String {
        self.to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// llama.cpp's number (`llama_ftype`).
    pub fn number(self) -> u32 {
        match self {
            Self::F32 => 0,
            Self::F16 => 1,
            Self::Q4_0 => 2,
            Self::Q8_0 => 7,
            Self::Q4KM => 15,
            Self::Q5KM => 17,
            Self::Q6K => 18,
            Self::Bf16 => 32,
        }
    }

    /// The type of most tensors.
    fn most(self) -> Kind {
        match self {
            Self::F32 => Kind::F32,
            Self::F16 => Kind::F16,
            Self::Bf16 => Kind::Bf16,
            Self::Q8_0 => Kind::Q8_0,
            Self::Q4_0 => Kind::Q4_0,
            Self::Q4KM => Kind::Q4K,
            Self::Q5KM => Kind::Q5K,
            Self::Q6K => Kind::Q6K,
        }
    }

    fn is_plain(self) -> bool {
        matches!(self, Self::F32 | Self::F16 | Self::Bf16)
    }

    fn mixes(self) -> bool {
        matches!(self, Self::Q4KM | Self::Q5KM)
    }

    /// Gives each tensor of a file its type, and tells which took one whose blocks fit its rows instead.
    pub fn choose(self, architecture: &str, decoder: &DecoderSpec, tensors: &mut [Planned]) -> Option<Said> {
        let mut others = BTreeMap::<String, usize>::new();
        let model = Mix {
            format: self,
            architecture,
            layers: decoder.blocks.len(),
            experts: decoder.experts().map_or(0, |experts| experts.count),
            values: tensors.iter().filter(|tensor| is_of_values(&tensor.name)).count(),
            tied: !tensors.iter().any(|tensor| tensor.name == "output.weight"),
        };
        let mut values = 0;
        for tensor in tensors {
            tensor.kind = match is_packed(&tensor.name, &tensor.shape) {
                false => Kind::F32,
                true if self.is_plain() => self.most(),
                true => {
                    let columns = tensor.shape.last().copied().unwrap_or(1);
                    let kind = model.kind(&tensor.name, columns, values).fitting(columns);
                    if !columns.is_multiple_of(self.most().block().0) {
                        *others.entry(format!("{:?}", kind.ggml()).to_lowercase()).or_default() += 1;
                    }
                    kind
                }
            };
            values += usize::from(is_of_values(&tensor.name));
        }
        let types: Vec<String> = others.iter().map(|(kind, count)| format!("{kind}: {count}")).collect();
        (!types.is_empty()).then(|| says::gguf_other_types(self.name(), types.join(", ")))
    }
}

/// What llama.cpp looks at when it gives a tensor more bits than others.
struct Mix<'a> {
    format: Format,
    architecture: &'a str,
    layers: usize,
    experts: usize,
    /// Tensors of values, or of values with others.
    values: usize,
    /// Whether the head's table is the embedding's.
    tied: bool,
}

impl Mix<'_> {
    /// `value`: how many tensors of values stand before this one.
    fn kind(&self, name: &str, columns: usize, value: usize) -> Kind {
        let most = self.format.most();
        let falcon = self.architecture == "falcon";
        if name == "output.weight" || (self.tied && name == "token_embd.weight") {
            return match most {
                _ if falcon || !columns.is_multiple_of(most.block().0) => Kind::Q8_0,
                Kind::Q8_0 => Kind::Q8_0,
                _ => Kind::Q6K,
            };
        }
        // llama.cpp's rule for mixtures of eight experts
        let eight = self.experts == 8;
        if is_of_values(name) {
            let most = match most {
                Kind::Q4K | Kind::Q5K if self.format.mixes() && more_bits(value, self.values) => Kind::Q6K,
                // eight heads share a tensor there
                Kind::Q4K if self.layers == 80 && ["llama", "qwen2"].contains(&self.architecture) => Kind::Q5K,
                other => other,
            };
            return if eight { Kind::Q8_0 } else { most };
        }
        if name.contains("attn_k.weight") && eight {
            return Kind::Q8_0;
        }
        if name.contains("ffn_down") {
            let layer = layer(name);
            return match self.format {
                Format::Q4KM if falcon && layer < self.layers / 16 => Kind::Q6K,
                Format::Q4KM if falcon && more_bits(layer, self.layers) => Kind::Q5K,
                Format::Q4KM | Format::Q5KM if !(falcon && self.format == Format::Q4KM) => {
                    if more_bits(layer, self.layers) { Kind::Q6K } else { most }
                }
                _ => most,
            };
        }
        match self.format {
            Format::Q4KM if name.contains("attn_output.weight") && eight && !falcon => Kind::Q5K,
            _ => most,
        }
    }
}

/// The first and last eighth of the layers, and every third between them.
fn more_bits(layer: usize, layers: usize) -> bool {
    let eighth = layers / 8;
    layer < eighth || layer >= 7 * layers / 8 || (layer - eighth) % 3 == 2
}

fn layer(name: &str) -> usize {
    let number = name.strip_prefix("blk.").and_then(|rest| rest.split('.').next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn is_of_values(name: &str) -> bool {
    ["attn_v.weight", "attn_qkv.weight", "attn_kv_b.weight"]
        .iter()
        .any(|own| name.contains(own))
}

/// Whether a tensor may be in another type than f32: no vector, norm, router or table of positions is.
fn is_packed(name: &str, shape: &[usize]) -> bool {
    // axes of length 1 in front count for nothing
    let sides = shape.iter().skip_while(|side| **side == 1).count();
    let plain = ["_norm.weight", "ffn_gate_inp", "position_embd.weight"];
    sides > 1 && name.ends_with(".weight") && !plain.iter().any(|own| name.contains(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_is_no_whole_number_of_blocks_takes_the_next_type_that_fits() {
        let fitting = |kind: Kind| [512, 96, 40].map(|columns| kind.fitting(columns));
        assert_eq!(fitting(Kind::Q4K), [Kind::Q4K, Kind::Q5_0, Kind::F16]);
        assert_eq!(fitting(Kind::Q5K), [Kind::Q5K, Kind::Q5_1, Kind::F16]);
        assert_eq!(fitting(Kind::Q6K), [Kind::Q6K, Kind::Q8_0, Kind::F16]);
        assert_eq!(fitting(Kind::Q8_0), [Kind::Q8_0, Kind::Q8_0, Kind::F16]);
    }

    #[test]
    fn f16_holds_what_rounds_to_its_last_number() {
        assert!(Kind::F16.holds(&[65519.0]) && !Kind::F16.holds(&[-65520.0]));
        assert!(Kind::Bf16.holds(&[65520.0]));
    }

    #[test]
    fn of_thirty_two_layers_sixteen_have_more_bits() {
        let more: Vec<usize> = (0..32).filter(|layer| more_bits(*layer, 32)).collect();
        assert_eq!(more, [0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31]);
    }
}
