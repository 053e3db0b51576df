//! A decoder described by data: what it computes, block by block, and none of its numbers.
//!
//! Browser, server and trainer read a model's `config.json` by this module alone. A family ([`Family`]) is one function from
//! the keys of that file to a [`DecoderSpec`], and a [`WeightMap`] from the decoder's modules to the names that checkpoints
//! give them. An enum with one variant is where the next family adds another: who matches it is then told by the compiler.

mod experts;
mod family;
mod keys;
mod llama;
mod modules;
mod runs;
mod weight_map;

pub(crate) use family::by_name;
pub use family::{Family, ModelSpec, by_architecture, embedding_tables, is_table, supported};
pub use keys::Parsed;
pub use modules::{BlockRole, ModuleSpec, Network, Projection, Role, Shape};
pub use weight_map::{Fused, Rows, Stored, WeightMap};

use serde::{Deserialize, Serialize};

/// A decoder-only transformer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecoderSpec {
    /// Width of the residual stream.
    pub hidden: usize,
    pub embedding: EmbeddingSpec,
    /// In the order they are gone through.
    #[serde(with = "runs")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<runs::Run>))]
    pub blocks: Vec<BlockSpec>,
    /// Of what the last block gives.
    pub norm: NormSpec,
    pub head: HeadSpec,
}

/// From token ids to the residual stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EmbeddingSpec {
    /// Tokens that have a row in the table.
    pub vocabulary: usize,
}

/// From the last norm's output to logits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum HeadSpec {
    /// The embedding's table.
    Tied,
    /// A table of its own.
    Own,
}

/// One decoder block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockSpec {
    pub residual: Residual,
    pub attention: AttentionSpec,
    pub mlp: MlpSpec,
}

/// How attention and MLP come together with the residual stream, and the norms between.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Residual {
    /// `m = x + attention(norm(x))`, `y = m + mlp(norm(m))`.
    Sequential { attention: NormSpec, mlp: NormSpec },
}

/// A normalisation of a vector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NormSpec {
    /// `x / sqrt(mean(x^2) + epsilon) * weight`. *Root Mean Square Layer Normalization*, arXiv 1910.07467.
    Rms { epsilon: f64 },
}

/// Causal attention, several query heads to a head of keys and values: *GQA*, arXiv 2305.13245.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttentionSpec {
    pub heads: usize,
    pub kv_heads: usize,
    /// Width of one head of queries and keys.
    pub head_dim: usize,
    /// Width of one head of values.
    pub value_dim: usize,
    pub qkv_bias: bool,
    pub output_bias: bool,
    /// Of queries and keys, before they are turned.
    pub qk_norm: Option<QkNorm>,
    pub position: PositionSpec,
    /// A query sees its last so many positions, itself among them; all where there is none.
    pub window: Option<usize>,
}

/// What queries and keys are normalised over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum QkNorm {
    /// Each head by itself, with one weight for all heads.
    PerHead(NormSpec),
}

/// How attention knows where tokens stand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PositionSpec {
    Rotary(RotarySpec),
}

/// Rotary embedding in the half-split form: dimensions `i` and `i + dims / 2` of a head turn together. *RoFormer*,
/// arXiv 2104.09864.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RotarySpec {
    /// The first so many dimensions of a head turn.
    pub dims: usize,
    /// Frequency `i` of `dims / 2` is `theta^(-2 i / dims)` before it is scaled.
    pub theta: f64,
    pub scaling: RotaryScaling,
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
}

/// The second half of a block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum MlpSpec {
    Dense(NetworkSpec),
    Experts(ExpertsSpec),
}

/// One feed-forward network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NetworkSpec {
    pub form: NetworkForm,
    /// Of its inner layer.
    pub width: usize,
    /// On all of its linear layers.
    pub bias: bool,
}

/// What a network computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NetworkForm {
    /// `down(act(gate x) * up x)`. *GLU Variants Improve Transformer*, arXiv 2002.05202.
    Gated(Activation),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Activation {
    /// `x * sigmoid(x)`
    Silu,
}

/// A mixture of experts: *Mixtral of Experts*, arXiv 2401.04088.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExpertsSpec {
    /// How many there are.
    pub count: usize,
    /// How many a token goes to.
    pub top_k: usize,
    pub router: RouterSpec,
    /// One of them; all are alike.
    pub expert: NetworkSpec,
    /// What every token goes to besides.
    pub shared: Option<SharedSpec>,
}

/// How a router chooses among experts and weighs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RouterSpec {
    /// By a softmax over all; the weights of the chosen sum to 1 where `normalized`.
    Softmax { normalized: bool },
}

/// An expert that every token goes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SharedSpec {
    /// Weighed by the sigmoid of a linear layer of its own: Qwen2-MoE, arXiv 2407.10671.
    Gated(NetworkSpec),
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

    /// What the product of a query and a key is multiplied with before the softmax.
    pub fn score_scale(&self) -> f32 {
        1.0 / (self.head_dim as f32).sqrt()
    }

    /// Of what attention gives, before its last linear layer.
    pub fn output_width(&self) -> usize {
        self.heads * self.value_dim
    }
}

impl MlpSpec {
    pub fn experts(&self) -> Option<&ExpertsSpec> {
        match self {
            Self::Dense(_) => None,
            Self::Experts(experts) => Some(experts),
        }
    }
}

impl ExpertsSpec {
    pub fn shared_network(&self) -> Option<&NetworkSpec> {
        self.shared.as_ref().map(|SharedSpec::Gated(network)| network)
    }
}

impl DecoderSpec {
    /// Of the first block that has them.
    pub fn experts(&self) -> Option<&ExpertsSpec> {
        self.blocks.iter().find_map(|block| block.mlp.experts())
    }
}
