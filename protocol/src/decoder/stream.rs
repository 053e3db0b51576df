//! The residual stream: embedding, blocks with their norms, and head.

use super::{AttentionSpec, BlockRole, MlpSpec};
use serde::{Deserialize, Serialize};

/// From token ids to the residual stream: `norm(project(table[id]) * scale + positions[position])`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EmbeddingSpec {
    /// Rows of the table, one for each token.
    pub vocabulary: usize,
    /// Columns of the table. Where this is not the residual stream's width, a linear layer leads from it into the stream and
    /// another one from the stream to the head.
    pub width: usize,
    /// Multiplies the rows of the table.
    pub scale: f64,
    /// Learned positions, added to each token's row.
    pub positions: Option<LearnedPositions>,
    pub norm: Option<NormSpec>,
}

/// A table with a row for each position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LearnedPositions {
    /// Number of positions; the table has `offset` rows more.
    pub count: usize,
    /// The row of the first position.
    pub offset: usize,
}

/// From the last norm's output to logits: `cap(scale * (table h + bias))`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeadSpec {
    pub table: HeadTable,
    /// Whether each row of the table is divided by its norm.
    pub normalized: bool,
    pub bias: bool,
    pub scale: f64,
    /// `c` of `c tanh(logit / c)`: Gemma 2, arXiv 2408.00118.
    pub soft_cap: Option<f64>,
}

/// Where the weight of the head is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum HeadTable {
    /// It is the embedding's: tied embeddings.
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
    /// Multiplies each branch before it is added to the residual stream.
    pub branch_scale: f64,
}

/// How attention and MLP are added to the residual stream. Norms that a block does not have are skipped; `s` is its
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

/// What a norm multiplies the normalised values with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NormWeight {
    /// Nothing.
    None,
    /// The weight of each.
    Plain,
    /// 1 + the weight of each.
    OnePlus,
}

impl EmbeddingSpec {
    /// A plain table.
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
    /// Rows of the table.
    pub fn rows(&self) -> usize {
        self.count + self.offset
    }
}

impl HeadSpec {
    /// A plain product with the table.
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
    /// Hidden states per token that are kept for the backward pass: the inputs of norms.
    pub fn saved_states(&self) -> usize {
        let after = [&self.norms.after_attention, &self.norms.after_mlp];
        let own = match self.residual {
            Residual::Sequential | Residual::PostNorm => 2,
            Residual::Parallel => 1,
        };
        own + after.into_iter().flatten().count()
    }

    /// Whether its branches are added to the residual stream as they are, without a norm or a factor.
    pub fn is_just_added(&self) -> bool {
        self.branch_scale == 1.0 && self.norms.after_attention.is_none() && self.norms.after_mlp.is_none()
    }
}

impl BlockNorms {
    /// The same norm before attention and before the MLP.
    pub fn before(norm: &NormSpec) -> Self {
        Self {
            before_attention: Some(norm.clone()),
            before_mlp: Some(norm.clone()),
            ..Self::default()
        }
    }

    /// All four, in the order of the model.
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

    /// Whether it has any weights.
    pub fn has_tensors(&self) -> bool {
        self.weight != NormWeight::None || self.bias
    }
}
