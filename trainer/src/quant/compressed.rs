//! compressed-tensors' folders (llm-compressor, vLLM): what `quantization_config` says of a layer, and its tensors read.
//!
//! `config_groups` have `targets` (names, `re:` with a regular expression, or a class) and how their `weights` are stored. Layers
//! that `ignore` names are stored plain, which their tensors show. Formats: `pack-quantized` (`weight_packed`: for each row one run of
//! bits in 32-bit words, the lowest first, or before version 0.11 as many whole values a word as it has room for, each value plus half of their range; `weight_scale`, `weight_zero_point` packed
//! along the rows, `weight_g_idx`), `int-quantized`, `float-quantized` and `naive-quantized` (`weight` itself in int8 or FP8),
//! `nvfp4-pack-quantized` and `mxfp4-pack-quantized` (two codes a byte, the first in the lower half; scales in FP8, divided by
//! `weight_global_scale`, or powers of two). `w = scale * (q - zero)`. Source: compressed-tensors 0.20, `compressors`,
//! `quantization/lifecycle/forward.py`.
use super::floats::Minifloat;
use super::gptq::bits_of;
use super::grouped::{Grouped, Parts, Sharing, Worth};
use super::{Parsed, Widths};
use protocol::says;
use regex::Regex;
use serde_json::Value;

/// `quantization_config`.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    groups: Vec<(Vec<Target>, Weights)>,
    /// keys that ask for what is not done
    pub unused: Vec<&'static str>,
}

#[derive(Debug, Clone, PartialEq)]
enum Target {
    /// all linear layers
    Linear,
    Name(String),
    /// from the beginning of a name
    Pattern(String),
}

/// How the weights of a group are stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    pub bits: u32,
    pub float: bool,
    pub symmetric: bool,
    pub strategy: Strategy,
}

/// Which values share a scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    Tensor,
    Channel,
    Group(usize),
    Block([usize; 2]),
}

impl Strategy {
    pub fn sharing(self, rows: usize, columns: usize) -> Sharing {
        match self {
            Self::Tensor => Sharing::Tiles { rows, columns },
            Self::Channel => Sharing::Tiles { rows: 1, columns },
            Self::Group(columns) => Sharing::Tiles { rows: 1, columns },
            Self::Block([rows, columns]) => Sharing::Tiles { rows, columns },
        }
    }
}

/// Rows and columns of a block, where some are named.
pub fn tile(sizes: &Value) -> Parsed<Option<[usize; 2]>> {
    let bad = || says::must_be("block_structure", sizes, says::two_above_nothing());
    match sizes {
        Value::Null => Ok(None),
        Value::Array(sizes) => {
            let sizes: Vec<usize> = sizes.iter().filter_map(Value::as_u64).map(|n| n as usize).collect();
            match sizes[..] {
                [rows, columns] if rows > 0 && columns > 0 => Ok(Some([rows, columns])),
                _ => Err(bad()),
            }
        }
        _ => Err(bad()),
    }
}

const FORMATS: [&str; 8] = [
    "pack-quantized",
    "int-quantized",
    "float-quantized",
    "naive-quantized",
    "nvfp4-pack-quantized",
    "mxfp4-pack-quantized",
    "mixed-precision",
    "dense",
];

impl Config {
    pub fn parse(config: &Value) -> Parsed<Self> {
        let supported = |format: &Value| match format.as_str() {
            Some(format) if !FORMATS.contains(&format) => Err(says::unsupported("format", format, FORMATS.join(", "))),
            _ => Ok(()),
        };
        supported(&config["format"])?;
        match config["sparsity_config"]["format"].as_str() {
            None | Some("dense") => {}
            Some(other) => return Err(says::unsupported("sparsity_config.format", other, "dense")),
        }
        let mut unused = vec![];
        if !config["kv_cache_scheme"].is_null() {
            unused.push("kv_cache_scheme");
        }
        let mut groups = vec![];
        for group in config["config_groups"]
            .as_object()
            .into_iter()
            .flat_map(|groups| groups.values())
        {
            supported(&group["format"])?;
            for key in ["input_activations", "output_activations"] {
                if !group[key].is_null() && !unused.contains(&key) {
                    unused.push(key);
                }
            }
            if group["weights"].is_null() {
                continue;
            }
            let targets = group["targets"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            groups.push((
                targets.map(Target::parse).collect::<Parsed<_>>()?,
                Weights::parse(&group["weights"])?,
            ));
        }
        match groups.is_empty() {
            true => Err(says::key_is_missing("config_groups")),
            false => Ok(Self { groups, unused }),
        }
    }

    /// How the weight of a module is stored: by its name, by a pattern, or as all linear layers are.
    pub fn of(&self, path: &str) -> Option<&Weights> {
        let first = |fits: &dyn Fn(&Target) -> bool| {
            let mut groups = self.groups.iter();
            groups
                .find(|(targets, _)| targets.iter().any(fits))
                .map(|(_, weights)| weights)
        };
        first(&|target| matches!(target, Target::Name(name) if name == path))
            .or_else(|| first(&|target| matches!(target, Target::Pattern(pattern) if matches(pattern, path))))
            .or_else(|| first(&|target| *target == Target::Linear))
    }
}

/// Whether a pattern fits a name from its beginning on, as Python's `re.match` has it.
fn matches(pattern: &str, path: &str) -> bool {
    Regex::new(&anchored(pattern)).is_ok_and(|regex| regex.is_match(path))
}

fn anchored(pattern: &str) -> String {
    format!("^(?:{pattern})")
}

impl Target {
    fn parse(text: &str) -> Parsed<Self> {
        Ok(match text.strip_prefix("re:") {
            Some(pattern) => {
                Regex::new(&anchored(pattern)).map_err(|_| says::bad_regex("targets", pattern))?;
                Self::Pattern(pattern.to_owned())
            }
            None if text == "Linear" => Self::Linear,
            None => Self::Name(text.to_owned()),
        })
    }
}

impl Weights {
    fn parse(weights: &Value) -> Parsed<Self> {
        let bits = weights["num_bits"].as_u64().unwrap_or(8);
        let float = weights["type"].as_str() == Some("float");
        let fits = if float {
            [4, 8].contains(&bits)
        } else {
            (1..=8).contains(&bits)
        };
        if !fits {
            let supported = if float { "4, 8" } else { "1, 2, 3, 4, 5, 6, 7, 8" };
            return Err(says::unsupported("num_bits", bits, supported));
        }
        let group = || match weights["group_size"].as_u64() {
            Some(n) if n > 0 => Ok(Strategy::Group(n as usize)),
            _ => Err(says::must_be(
                "group_size",
                &weights["group_size"],
                says::above_nothing(),
            )),
        };
        let strategy = match (weights["strategy"].as_str(), weights["group_size"].as_i64()) {
            (Some("tensor"), _) | (None, None) => Strategy::Tensor,
            (Some("channel"), _) | (None, Some(-1)) => Strategy::Channel,
            (Some("group" | "tensor_group"), _) | (None, Some(_)) => group()?,
            (Some("block"), _) => match tile(&weights["block_structure"])? {
                Some(block) => Strategy::Block(block),
                None => return Err(says::key_is_missing("block_structure")),
            },
            (Some(other), _) => {
                return Err(says::unsupported(
                    "strategy",
                    other,
                    "tensor, channel, group, tensor_group, block",
                ));
            }
        };
        Ok(Self {
            bits: bits as u32,
            float,
            symmetric: weights["symmetric"].as_bool().unwrap_or(true),
            strategy,
        })
    }
}

/// The tensors of one layer.
pub struct Stored<'a> {
    pub codes: Codes<'a>,
    pub scales: Vec<f32>,
    pub zeros: Option<Zeros<'a>>,
    /// the group of each column; empty where they are in order
    pub order: Vec<u32>,
}

/// `weight` or `weight_packed`.
pub enum Codes<'a> {
    Words(&'a [u32]),
    Int8(&'a [u8]),
    Float(&'a [u8], Minifloat),
    /// two a byte
    Float4(&'a [u8]),
}

/// `weight_zero_point`.
pub enum Zeros<'a> {
    Words(&'a [u32]),
    Int8(&'a [u8]),
}

/// How values lie in words of 32 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    /// one behind the other, over the ends of words
    Dense,
    /// as many whole values a word as it has room for
    Whole,
}

impl Packing {
    /// By how many words there are; of 1, 2, 4 and 8 bits both are the same.
    fn of(got: usize, rows: usize, columns: usize, bits: u32) -> Self {
        let fits = |packing: Self| got == rows * packing.words(columns, bits);
        match fits(Self::Whole) && !fits(Self::Dense) {
            true => Self::Whole,
            false => Self::Dense,
        }
    }

    /// Words of so many values.
    fn words(self, count: usize, bits: u32) -> usize {
        match self {
            Self::Dense => (count * bits as usize).div_ceil(32),
            Self::Whole => count.div_ceil(32 / bits as usize),
        }
    }

    fn code(self, word: impl Fn(usize) -> u32, bits: u32, at: usize) -> u8 {
        let each = 32 / bits as usize;
        match self {
            Self::Dense => bits_of(word, bits, at),
            Self::Whole => (word(at / each) >> (at % each * bits as usize)) as u8 & (u8::MAX >> (8 - bits)),
        }
    }
}

/// The weight `[out, in]`.
pub fn read(
    name: &'static str,
    stored: Stored,
    weights: &Weights,
    Widths { input, output }: Widths,
) -> Parsed<Grouped> {
    let bits = match stored.codes {
        Codes::Float(_, kind) => kind.bits(),
        Codes::Float4(_) => 4,
        Codes::Int8(_) => 8,
        Codes::Words(_) => weights.bits,
    };
    let packing = match stored.codes {
        Codes::Words(codes) => Packing::of(codes.len(), output, input, bits),
        _ => Packing::Dense,
    };
    let words = packing.words(input, bits);
    let (got, wanted) = match stored.codes {
        Codes::Words(codes) => (codes.len(), output * words),
        Codes::Int8(codes) | Codes::Float(codes, _) => (codes.len(), output * input),
        Codes::Float4(codes) => (codes.len(), output * input.div_ceil(2)),
    };
    if got != wanted {
        return Err(says::other_count("weight", got, wanted));
    }
    // signed numbers are stored, or taken here, with half of their range added
    let half = 1u8 << (bits - 1);
    let code: &(dyn Fn(usize, usize) -> u8 + Sync) = match stored.codes {
        Codes::Words(codes) => &|row, column| packing.code(|word| codes[row * words + word], bits, column),
        Codes::Int8(codes) => &|row, column| codes[row * input + column] ^ half,
        Codes::Float(codes, _) => &|row, column| codes[row * input + column],
        Codes::Float4(codes) => &|row, column| codes[row * input.div_ceil(2) + column / 2] >> (4 * (column % 2)) & 15,
    };
    let groups = stored.scales.len() / output.max(1);
    let worth = match (&stored.codes, &stored.zeros) {
        (Codes::Float(_, kind), _) => Worth::Table(kind.table()),
        (Codes::Float4(_), _) => Worth::Table(Minifloat::E2M1.table()),
        (_, None) => Worth::Table(signed(bits)),
        (_, Some(Zeros::Int8(zeros))) => Worth::Whole(zeros.iter().map(|zero| zero.wrapping_add(half)).collect()),
        (_, Some(Zeros::Words(zeros))) => {
            let wanted = packing.words(output, bits) * groups;
            if zeros.len() != wanted {
                return Err(says::other_count("weight_zero_point", zeros.len(), wanted));
            }
            let zero = |i: usize| packing.code(|word| zeros[word * groups + i % groups], bits, i / groups);
            Worth::Whole((0..output * groups).map(zero).collect())
        }
    };
    if let Worth::Table(table) = &worth
        && table.iter().any(|value| !value.is_finite())
        && let Codes::Float(codes, _) = stored.codes
        && codes.iter().any(|&code| !table[code as usize].is_finite())
    {
        return Err(says::codes_not_finite());
    }
    Grouped::new(Parts {
        name,
        rows: output,
        columns: input,
        bits,
        code,
        worth,
        scales: stored.scales,
        sharing: match stored.order.is_empty() {
            true => weights.strategy.sharing(output, input),
            false => Sharing::Order(stored.order),
        },
    })
}

/// What codes are worth that are whole numbers around zero, half of their range added.
pub fn signed(bits: u32) -> Box<[f32; 256]> {
    let mut table = Box::new([0.0; 256]);
    for (code, value) in table.iter_mut().enumerate().take(1 << bits) {
        *value = code as f32 - (1u32 << (bits - 1)) as f32;
    }
    table
}

#[cfg(test)]
mod tests;
