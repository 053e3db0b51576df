//! What attention computes: its heads, positions, mask, and what happens to scores.

use super::{NormSpec, RotarySpec};
use serde::{Deserialize, Serialize};

/// Causal attention, with several query heads for each head of keys and values: *GQA*, arXiv 2305.13245.
///
/// After their linear layers, queries and keys go through norm, clip and position embedding (or position embedding and then
/// norm, where [`QkNorm::after_rotary`]), and values through the clip only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttentionSpec {
    pub heads: usize,
    pub kv_heads: usize,
    /// Width of one head of queries and keys.
    pub head_dim: usize,
    /// Width of one head of values.
    pub value_dim: usize,
    /// Whether q, k and v have a bias. With latents: whether the down projections have one; a query's single layer has none.
    pub qkv_bias: bool,
    pub output_bias: bool,
    pub qk_norm: Option<QkNorm>,
    /// Queries, keys and values are clamped to minus and plus this.
    pub clip: Option<f64>,
    pub position: PositionSpec,
    pub span: Span,
    /// Multiplies the product of a query and a key before the softmax.
    pub scale: f64,
    /// Scaled scores `s` become `cap tanh(s / cap)`: *Gemma 2*, arXiv 2408.00118.
    pub soft_cap: Option<f64>,
    /// Whether each head has an extra learned logit in its softmax, with no value: GPT-OSS, arXiv 2508.10925.
    pub sinks: bool,
    pub temperature: Option<Temperature>,
    /// Multi-head latent attention, where the model has it.
    pub latent: Option<LatentSpec>,
}

/// A normalisation of queries and of keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QkNorm {
    pub norm: NormSpec,
    pub over: NormedOver,
    /// Whether it comes after the rotary embedding instead of before it.
    pub after_rotary: bool,
}

/// Over what part of queries or keys the norm is.
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

/// How attention knows the positions of tokens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PositionSpec {
    /// Only by the causal mask.
    None,
    Rotary(RotarySpec),
    Alibi(AlibiSpec),
}

/// A bias on scores that falls with the distance, with a slope for each head: *ALiBi*, arXiv 2108.12409.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AlibiSpec {
    /// Added to the scaled scores.
    Plain,
    /// Falcon's: slopes, positions and their products are rounded to bf16, and scores are scaled after the bias is added.
    Rounded,
}

/// Which of the earlier tokens a query sees; it always sees its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Span {
    All,
    /// This many positions up to and with its own: a sliding window.
    Window(usize),
    /// Those in its own chunk of this many positions.
    Chunk(usize),
}

/// A factor on queries that grows with the position.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Temperature {
    /// `1 + scale ln(1 + floor((position + 1) / step))`: Llama 4.
    Stepped { scale: f64, step: f64 },
    /// `ln(position + 1) / ln(length)` where that is above 1, and only outside training: Qwen.
    LogLength { length: usize },
}

/// Multi-head latent attention: *DeepSeek-V2*, arXiv 2405.04434.
///
/// `[c; r] = down x`; per head `[k; v] = up norm(c)`, and its key is `[k; rotated r]` with one `r` for all heads. A query is
/// `up norm(down x)`, or one linear layer of `x`; its last dimensions are rotated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LatentSpec {
    /// Width of a query's latent, where it has one.
    pub query_rank: Option<usize>,
    /// Width of `c`.
    pub rank: usize,
    /// The norm of both latents.
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

    /// Width of the output of all heads, before the output projection.
    pub fn output_width(&self) -> usize {
        self.heads * self.value_dim
    }

    /// Numbers per token of queries and keys, or of latents, before a norm or a clip: the backward pass needs them.
    pub fn raw_widths(&self) -> [usize; 2] {
        match &self.latent {
            Some(latent) => [latent.query_rank.unwrap_or(0), latent.rank],
            None if self.qk_norm.is_some() || self.clip.is_some() => [self.query_width(), self.key_width()],
            None => [0, 0],
        }
    }

    /// Numbers per token of the workspace for latents.
    pub fn latent_work(&self) -> usize {
        let Some(latent) = &self.latent else { return 0 };
        let whole = self.before_rotary();
        let (low, both) = (
            latent.rank + self.head_dim - whole,
            self.heads * (whole + self.value_dim),
        );
        low + both + 2 * latent.rank.max(latent.query_rank.unwrap_or(0))
    }

    /// With latent attention, how many dimensions of a head come before the rotated ones; else 0.
    pub fn before_rotary(&self) -> usize {
        match (&self.latent, &self.position) {
            (Some(_), PositionSpec::Rotary(rotary)) => self.head_dim.saturating_sub(rotary.dims),
            _ => 0,
        }
    }
}

impl Span {
    /// A sliding window, or the whole text without one.
    pub fn windowed(window: Option<usize>) -> Self {
        window.map_or(Self::All, Self::Window)
    }

    /// The first position that a query at position `own` sees.
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
