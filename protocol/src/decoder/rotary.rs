//! Rotary position embedding in the description of a decoder.

use serde::{Deserialize, Serialize};

/// Rotary embedding: pairs of a head's dimensions are rotated by angles that grow with the position. *RoFormer*, arXiv 2104.09864.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RotarySpec {
    /// How many dimensions of a head are rotated: the first ones, or with latent attention the last ones.
    pub dims: usize,
    /// Whether dimension `2 i` is paired with `2 i + 1`; otherwise `i` is paired with `i + dims / 2`.
    pub interleaved: bool,
    /// Frequency `i` of `dims / 2` is `theta^(-2 i / dims)` before it is scaled.
    pub theta: f64,
    pub scaling: RotaryScaling,
    /// Multiplies cosines and sines.
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
    /// Frequencies with waves longer than `original / low` positions are divided by `factor`, those with waves shorter than
    /// `original / high` stay, and those between are interpolated.
    Llama3 {
        factor: f64,
        low: f64,
        high: f64,
        original: f64,
    },
    /// Dynamic NTK: `theta` grows with the longest row of a batch where that is longer than `original`.
    Dynamic {
        factor: f64,
        original: usize,
    },
    /// Qwen's (*Qwen Technical Report*, arXiv 2309.16609): outside training `theta` grows for each row that is longer than
    /// `original`, as dynamic NTK's does with `factor` 2, but only where the length passes twice, four times `original`, and so on.
    Doubled {
        original: usize,
    },
    /// *YaRN*, arXiv 2309.00071: frequencies with fewer than `slow` rotations in `original` positions are divided by `factor`,
    /// those with more than `fast` rotations stay, and those between are interpolated.
    Yarn {
        factor: f64,
        original: f64,
        fast: f64,
        slow: f64,
        /// Whether the bounds of the interpolation are rounded to whole dimensions.
        truncate: bool,
    },
    /// *LongRoPE*, arXiv 2402.13753: each frequency is divided by its own factor, from `long` where the longest row of a batch
    /// is longer than `original`, else from `short`.
    LongRope {
        original: usize,
        short: RotaryFactors,
        long: RotaryFactors,
    },
}

/// One of LongRoPE's two sets of factors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RotaryFactors {
    /// `[dims / 2]`
    pub divisors: Vec<f64>,
    /// Multiplies cosines and sines, in addition to [`RotarySpec::magnitude`].
    pub magnitude: f64,
}

/// How often `original` must double to reach a row of `row` tokens.
pub fn doublings(original: usize, row: usize) -> u32 {
    let times = row.div_ceil(original.max(1)).max(1);
    times.next_power_of_two().trailing_zeros()
}

impl RotarySpec {
    /// Unscaled frequencies over `dims` dimensions, in halves.
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
