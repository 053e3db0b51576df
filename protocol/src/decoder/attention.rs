//! What attention computes: its heads, how it knows where tokens stand, who sees whom, and what scores go through.

use super::{NormSpec, RotarySpec};
use serde::{Deserialize, Serialize};

/// Causal attention, several query heads to a head of keys and values: *GQA*, arXiv 2305.13245.
///
/// Queries and keys go from their linear layers through norm, clip and position, or through position and norm where the norm
/// comes after it; values through the clip alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttentionSpec {
    pub heads: usize,
    pub kv_heads: usize,
    /// Width of one head of queries and keys.
    pub head_dim: usize,
    /// Width of one head of values.
    pub value_dim: usize,
    /// On q, k and v; with latents on the layers that read the residual stream, but for a query's only one.
    pub qkv_bias: bool,
    pub output_bias: bool,
    pub qk_norm: Option<QkNorm>,
    /// Queries, keys and values are kept between minus and plus this.
    pub clip: Option<f64>,
    pub position: PositionSpec,
    pub span: Span,
    /// What the product of a query and a key is multiplied with before the softmax.
    pub scale: f64,
    /// Scores `s` become `cap tanh(s / cap)` once they are scaled: *Gemma 2*, arXiv 2408.00118.
    pub soft_cap: Option<f64>,
    /// Whether each head has a learned logit that takes part in its softmax and gives nothing: GPT-OSS, arXiv 2508.10925.
    pub sinks: bool,
    pub temperature: Option<Temperature>,
    /// Whether queries, keys and values come out of latents.
    pub latent: Option<LatentSpec>,
}

/// A normalisation of queries and of keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QkNorm {
    pub norm: NormSpec,
    pub over: NormedOver,
    /// Behind the rotation, else before it.
    pub after_rotary: bool,
}

/// What a vector that is normalised is of queries or keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NormedOver {
    /// Each head, with one weight for all heads.
    OneHead,
    /// Each head, with a weight for each.
    EachHead,
    /// All heads together.
    Width,
}

/// How attention knows where tokens stand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PositionSpec {
    /// By what it sees alone.
    None,
    Rotary(RotarySpec),
    Alibi(AlibiSpec),
}

/// A bias of scores that falls with the distance, at a slope of each head's: *ALiBi*, arXiv 2108.12409.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AlibiSpec {
    /// Added to scores that are scaled.
    Plain,
    /// Slopes, positions and their products are rounded to bf16, and the scale is of scores and bias: Falcon's.
    Rounded,
}

/// Which of the tokens before it a query sees; itself always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Span {
    All,
    /// The last so many positions, its own among them.
    Window(usize),
    /// Those of its own chunk, where a sequence is cut into chunks of so many positions.
    Chunk(usize),
}

/// A factor of queries that grows with their position.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Temperature {
    /// `1 + scale ln(1 + floor((position + 1) / step))`: Llama 4.
    Stepped { scale: f64, step: f64 },
    /// `ln(position + 1) / ln(length)` where that is above 1: Qwen.
    LogLength { length: usize },
}

/// Multi-head latent attention: *DeepSeek-V2*, arXiv 2405.04434.
///
/// `[c; r] = down x`; per head `[k; v] = up norm(c)`, and its key is `[k; rotated r]` with one `r` for all heads. A query is
/// `up norm(down x)`, or one linear layer of `x`; its last dimensions turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LatentSpec {
    /// Width of a query's latent, where it has one.
    pub query_rank: Option<usize>,
    /// Width of `c`.
    pub rank: usize,
    /// Of both latents.
    pub norm: NormSpec,
}

impl AttentionSpec {
    pub fn query_width(&self) -> usize {
        self.heads * self.head_dim
    }

    pub fn key_width(&self) -> usize {
        self.kv_heads * self.head_dim
    }

    pub fn value_width(&self) -> usize {
        self.kv_heads * self.value_dim
    }

    /// Of what attention gives, before its last linear layer.
    pub fn output_width(&self) -> usize {
        self.heads * self.value_dim
    }

    /// The dimensions of a head that do not turn where its last ones do, as in latent attention; else 0.
    pub fn before_rotary(&self) -> usize {
        match (&self.latent, &self.position) {
            (Some(_), PositionSpec::Rotary(rotary)) => self.head_dim.saturating_sub(rotary.dims),
            _ => 0,
        }
    }
}

impl Span {
    /// Of a sliding window, where there is one.
    pub fn windowed(window: Option<usize>) -> Self {
        window.map_or(Self::All, Self::Window)
    }
}

/// `1 / sqrt(width)`, in f32 as scores are multiplied with it.
pub fn inverse_root(width: usize) -> f64 {
    f64::from(1.0 / (width as f32).sqrt())
}
