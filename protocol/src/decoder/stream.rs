//! The residual stream: how tokens come into it, how blocks and their norms stand in it, and how logits come out of it.

use super::{AttentionSpec, BlockRole, MlpSpec};
use serde::{Deserialize, Serialize};

/// From token ids to the residual stream: `norm(project(table[id]) * scale + positions[position])`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EmbeddingSpec {
    /// Tokens that have a row in the table.
    pub vocabulary: usize,
    /// Of the table. Where it is not the residual stream's, a linear layer leads from it into the stream and another from the
    /// stream to the head.
    pub width: usize,
    /// What rows of the table are multiplied with.
    pub scale: f64,
    /// Added to each token's row.
    pub positions: Option<LearnedPositions>,
    pub norm: Option<NormSpec>,
}

/// A table with a row for each position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LearnedPositions {
    /// Positions that there are; the table has `offset` rows more.
    pub count: usize,
    /// Row of the first position.
    pub offset: usize,
}

/// From the last norm's output to logits: `cap(scale * (table h + bias))`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeadSpec {
    pub table: HeadTable,
    /// Rows of the table are divided by their length.
    pub normalized: bool,
    pub bias: bool,
    pub scale: f64,
    /// `c` of `c tanh(logit / c)`: Gemma 2, arXiv 2408.00118.
    pub soft_cap: Option<f64>,
}

/// Where the head has its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum HeadTable {
    /// It is the embedding's.
    Tied,
    Own,
}

/// One decoder block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockSpec {
    pub residual: Residual,
    pub norms: BlockNorms,
    pub attention: AttentionSpec,
    pub mlp: MlpSpec,
    /// What a branch is multiplied with before it is added to the residual stream.
    pub branch_scale: f64,
}

/// How attention and MLP come together with the residual stream. Norms that a block does without are left out; `s` is its
/// [`BlockSpec::branch_scale`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Residual {
    /// `m = x + s after(attention(before(x)))`, `y = m + s after(mlp(before(m)))`.
    Sequential,
    /// `y = x + s after(attention(before(x))) + s after(mlp(before(x)))`; without a norm before the MLP both read the one
    /// before attention.
    Parallel,
    /// `m = after(x + s attention(before(x)))`, `y = after(m + s mlp(before(m)))`, as the first transformers: arXiv 1706.03762.
    PostNorm,
}

/// The norms of a block that are as wide as the residual stream.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockNorms {
    pub before_attention: Option<NormSpec>,
    pub after_attention: Option<NormSpec>,
    pub before_mlp: Option<NormSpec>,
    pub after_mlp: Option<NormSpec>,
}

/// A normalisation of a vector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NormSpec {
    pub kind: NormKind,
    pub epsilon: f64,
    pub weight: NormWeight,
    pub bias: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NormKind {
    /// `x / sqrt(mean(x^2) + epsilon)`. *Root Mean Square Layer Normalization*, arXiv 1910.07467.
    Rms,
    /// `(x - mean(x)) / sqrt(variance(x) + epsilon)`. *Layer Normalization*, arXiv 1607.06450.
    Layer,
}

/// What a norm multiplies its values with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NormWeight {
    /// Nothing.
    None,
    /// A weight for each.
    Plain,
    /// One more than a weight for each.
    OnePlus,
}

impl EmbeddingSpec {
    /// A table alone.
    pub fn plain(vocabulary: usize, width: usize) -> Self {
        Self {
            vocabulary,
            width,
            scale: 1.0,
            positions: None,
            norm: None,
        }
    }
}

impl LearnedPositions {
    /// Of the table.
    pub fn rows(&self) -> usize {
        self.count + self.offset
    }
}

impl HeadSpec {
    /// A product with a table alone.
    pub fn plain(table: HeadTable) -> Self {
        Self {
            table,
            normalized: false,
            bias: false,
            scale: 1.0,
            soft_cap: None,
        }
    }
}

impl BlockSpec {
    /// Hidden states that are kept of a token for the backward pass: what norms read.
    pub fn saved_states(&self) -> usize {
        let after = [&self.norms.after_attention, &self.norms.after_mlp];
        let own = match self.residual {
            Residual::Sequential | Residual::PostNorm => 2,
            Residual::Parallel => 1,
        };
        own + after.into_iter().flatten().count()
    }

    /// Whether what its branches give is added to the residual stream as it is.
    pub fn is_just_added(&self) -> bool {
        self.branch_scale == 1.0 && self.norms.after_attention.is_none() && self.norms.after_mlp.is_none()
    }
}

impl BlockNorms {
    /// One norm before attention and its like before the MLP.
    pub fn before(norm: &NormSpec) -> Self {
        Self {
            before_attention: Some(norm.clone()),
            before_mlp: Some(norm.clone()),
            ..Self::default()
        }
    }

    /// All four places in the order of the model.
    pub fn all(&self) -> [(BlockRole, Option<&NormSpec>); 4] {
        [
            (BlockRole::AttentionNorm, self.before_attention.as_ref()),
            (BlockRole::AfterAttentionNorm, self.after_attention.as_ref()),
            (BlockRole::MlpNorm, self.before_mlp.as_ref()),
            (BlockRole::AfterMlpNorm, self.after_mlp.as_ref()),
        ]
    }
}

impl NormSpec {
    /// RMS norm with a weight, as Llama has it.
    pub fn rms(epsilon: f64) -> Self {
        Self {
            kind: NormKind::Rms,
            epsilon,
            weight: NormWeight::Plain,
            bias: false,
        }
    }

    /// Layer norm with weight and bias, as GPT-2 has it.
    pub fn layer(epsilon: f64) -> Self {
        Self {
            kind: NormKind::Layer,
            epsilon,
            weight: NormWeight::Plain,
            bias: true,
        }
    }

    /// Whether it has any numbers of its own.
    pub fn has_tensors(&self) -> bool {
        self.weight != NormWeight::None || self.bias
    }
}
