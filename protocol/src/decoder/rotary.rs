//! Rotary position embedding as a decoder's description has it.

use serde::{Deserialize, Serialize};

/// Rotary embedding: pairs of a head's dimensions turn by angles that grow with the position. *RoFormer*, arXiv 2104.09864.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RotarySpec {
    /// So many dimensions of a head turn: its first ones, with latents its last ones.
    pub dims: usize,
    /// Whether a pair are dimensions `2 i` and `2 i + 1`; else `i` and `i + dims / 2`.
    pub interleaved: bool,
    /// Frequency `i` of `dims / 2` is `theta^(-2 i / dims)` before it is scaled.
    pub theta: f64,
    pub scaling: RotaryScaling,
    /// A factor of cosines and sines.
    pub magnitude: f64,
}

/// How rotary frequencies are scaled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RotaryScaling {
    None,
    Linear {
        factor: f64,
    },
    /// Waves longer than `original / low` are slowed by `factor`, those shorter than `original / high` stay.
    Llama3 {
        factor: f64,
        low: f64,
        high: f64,
        original: f64,
    },
    /// `theta` grows with the longest row of a batch where that is longer than `original`: dynamic NTK.
    Dynamic {
        factor: f64,
        original: usize,
    },
    /// Outside training `theta` grows with each row longer than `original`, by that row's length: as dynamic NTK would by `factor` 2, but
    /// in steps, where rows grow to twice, four times `original`, and so on. Qwen's, *Qwen Technical Report*, arXiv 2309.16609.
    Doubled {
        original: usize,
    },
    /// Frequencies that turn less than `slow` times in `original` positions are divided by `factor`, those that turn more than
    /// `fast` times stay, and between them both are mixed: *YaRN*, arXiv 2309.00071.
    Yarn {
        factor: f64,
        original: f64,
        fast: f64,
        slow: f64,
        /// Whether the bounds of the mixture are whole dimensions.
        truncate: bool,
    },
    /// Each frequency is divided by a factor of its own, of `long` where the longest row of a batch is longer than `original`:
    /// *LongRoPE*, arXiv 2402.13753.
    LongRope {
        original: usize,
        short: RotaryFactors,
        long: RotaryFactors,
    },
}

/// One of LongRoPE's two sets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RotaryFactors {
    /// `[dims / 2]`
    pub divisors: Vec<f64>,
    /// A factor of cosines and sines, beside [`RotarySpec::magnitude`].
    pub magnitude: f64,
}

/// How often `original` doubles until it reaches a row of so many tokens.
pub fn doublings(original: usize, row: usize) -> u32 {
    let times = row.div_ceil(original.max(1)).max(1);
    times.next_power_of_two().trailing_zeros()
}

impl RotarySpec {
    /// Frequencies that are not scaled, over whole heads of so many dimensions.
    pub fn plain(dims: usize, theta: f64) -> Self {
        Self {
            dims,
            interleaved: false,
            theta,
            scaling: RotaryScaling::None,
            magnitude: 1.0,
        }
    }
}
