//! Quantized weights: how each format packs them, and what they are worth in f32.
//!
//! A [`Packed`] matrix stays as it is in memory; [`Packed::unpack`] gives any run of its values, row-major `[rows,
//! columns]`, into scratch that the products reuse (`ops/cpu/matmul.rs`). On a card the matrix
//! stays packed too (`card.rs`). Nothing here computes with quantized
//! activations: forward and backward see the same dequantized weight, in f32, so that the gradient is that of the loss.
pub mod aqlm;
pub mod awq;
pub mod bnb4;
mod card;
pub mod compressed;
pub mod eetq;
pub mod floats;
pub mod folder;
pub mod gguf;
pub(crate) mod gguf_config;
pub mod gguf_file;
mod gguf_layout;
pub(crate) mod gguf_names;
pub mod gptq;
pub mod grouped;
pub mod hqq;
pub mod int8;
mod k_quants;
pub mod kept;
pub mod mxfp4;
mod part;

use aqlm::Aqlm;
use bnb4::Bnb4;
pub use card::CardPacked;
pub(crate) use card::Wanted;
use gguf::Blocks;
use grouped::Grouped;
use int8::Int8;
pub use part::Runs;
use protocol::Said;

/// The widths of a linear layer's input and output.
#[derive(Clone, Copy, Debug)]
pub struct Widths {
    pub input: usize,
    pub output: usize,
}

/// A quantized matrix.
#[derive(Debug)]
pub enum Packed {
    /// bitsandbytes' NF4 and FP4
    Bnb4(Bnb4),
    /// bitsandbytes' LLM.int8 weights
    Int8(Int8),
    /// GPTQ, AWQ, and others of codes with scales
    Grouped(Grouped),
    /// AQLM's codebooks
    Aqlm(Aqlm),
    /// GGUF's blocks
    Gguf(Blocks),
}

impl Packed {
    /// How many values the matrix has.
    pub fn len(&self) -> usize {
        match self {
            Self::Bnb4(w) => w.len(),
            Self::Int8(w) => w.len(),
            Self::Grouped(w) => w.len(),
            Self::Aqlm(w) => w.len(),
            Self::Gguf(w) => w.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Bnb4(w) => w.bytes(),
            Self::Int8(w) => w.bytes(),
            Self::Grouped(w) => w.bytes(),
            Self::Aqlm(w) => w.bytes(),
            Self::Gguf(w) => w.bytes(),
        }
    }

    /// The format, as people name it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Bnb4(w) => w.name(),
            Self::Int8(_) => "int8",
            Self::Grouped(w) => w.name(),
            Self::Aqlm(_) => "aqlm",
            Self::Gguf(w) => w.name(),
        }
    }

    /// `out = values[start..start + out.len()]`.
    ///
    /// # Panics
    /// The run reaches past the matrix.
    pub fn unpack(&self, start: usize, out: &mut [f32]) {
        match self {
            Self::Bnb4(w) => w.unpack(start, out),
            Self::Int8(w) => w.unpack(start, out),
            Self::Grouped(w) => w.unpack(start, out),
            Self::Aqlm(w) => w.unpack(start, out),
            Self::Gguf(w) => w.unpack(start, out),
        }
    }

    /// All values.
    pub fn to_vec(&self) -> Vec<f32> {
        let mut values = vec![0.0; self.len()];
        self.unpack(0, &mut values);
        values
    }
}

/// Why bytes are not the matrix they should be: said to the person with the file's name in front.
pub type Parsed<T> = Result<T, Said>;

/// The largest magnitude of a run; 0 for none.
fn absmax(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |most, v| v.abs().max(most))
}

#[cfg(test)]
pub(crate) mod tests {
    use rand::{Rng, SeedableRng};

    /// Standard normal draws, the same for a seed.
    pub fn normal(count: usize, seed: u64) -> Vec<f32> {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let draw = |_| {
            let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
            (radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()) as f32
        };
        (0..count).map(draw).collect()
    }
}
