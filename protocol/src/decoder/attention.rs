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
    /// `ln(position + 1) / ln(length)` where that is above 1, outside training alone: Qwen.
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

    /// Numbers per token of queries and keys, or of latents, as they were before a norm or a clip: the way back needs them.
    pub fn raw_widths(&self) -> [usize; 2] {
        match &self.latent {
            Some(latent) => [latent.query_rank.unwrap_or(0), latent.rank],
            None if self.qk_norm.is_some() || self.clip.is_some() => [self.query_width(), self.key_width()],
            None => [0, 0],
        }
    }

    /// Numbers per token that the way through latents is worked out in.
    pub fn latent_work(&self) -> usize {
        let Some(latent) = &self.latent else { return 0 };
        let whole = self.before_rotary();
        let (low, both) = (
            latent.rank + self.head_dim - whole,
            self.heads * (whole + self.value_dim),
        );
        low + both + 2 * latent.rank.max(latent.query_rank.unwrap_or(0))
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

    /// The first position that a query at this one sees.
    pub fn first_seen(self, own: usize) -> usize {
        match self {
            Self::All => 0,
            Self::Window(window) => (own + 1).saturating_sub(window),
            Self::Chunk(chunk) => own - own % chunk.max(1),
        }
    }
}

impl AlibiSpec {
    /// The slope of each head: powers of `2^(-8 / n)` for `n` heads where that is a power of two, else those of the next lower
    /// such number, then every second one of the next higher.
    pub fn slopes(self, heads: usize) -> Vec<f32> {
        let lower = 1usize << heads.max(1).ilog2();
        let slope = |steps: usize, of: usize| (-8.0 * steps as f64 / of as f64).exp2() as f32;
        let first = (1..=lower).map(|i| slope(i, lower));
        first
            .chain((0..heads - lower).map(|i| slope(2 * i + 1, 2 * lower)))
            .collect()
    }
}

/// `1 / sqrt(width)`, in f32 as scores are multiplied with it.
pub fn inverse_root(width: usize) -> f64 {
    f64::from(1.0 / (width as f32).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_of_head_counts_that_are_no_power_of_two_come_from_two_rows() {
        assert_eq!(AlibiSpec::Plain.slopes(4), [0.25, 0.0625, 0.015625, 0.00390625]);
        let six = AlibiSpec::Plain.slopes(6);
        assert_eq!(six[..4], AlibiSpec::Plain.slopes(4));
        assert_eq!(six[4..], [0.5, 0.125]);
        assert_eq!(AlibiSpec::Plain.slopes(1), [0.00390625]);
    }

    #[test]
    fn spans_begin_where_they_say() {
        let first = |span: Span| [0, 3, 4, 9].map(|own| span.first_seen(own));
        assert_eq!(first(Span::All), [0; 4]);
        assert_eq!(first(Span::Window(4)), [0, 0, 1, 6]);
        assert_eq!(first(Span::Chunk(4)), [0, 0, 4, 8]);
    }
}
