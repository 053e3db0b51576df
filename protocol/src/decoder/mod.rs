//! A decoder described by data: what it computes, block by block, without its weights.
//!
//! Browser, server and trainer read a model's `config.json` by this module alone. A family ([`Family`]) is one function from
//! the keys of that file to a [`DecoderSpec`], and a [`WeightMap`] from the decoder's modules to the names that checkpoints
//! give them. Code matches these enums exhaustively, so that the compiler points at every place a new variant concerns.

mod adapted_head;
mod attention;
mod bases;
mod deepseek;
mod differences;
mod experts;
mod family;
mod gemma;
mod gpt;
mod gpt_oss;
mod keys;
mod latent;
mod layer_norm;
mod layout;
mod llama;
mod llama4;
mod minicpm3;
mod modules;
mod older;
mod plain;
mod published;
mod recent;
mod rope;
mod rope_scaling;
mod rotary;
mod router;
mod runs;
mod stacked;
mod stream;
mod weight_map;

pub use adapted_head::{HeadAsked, is_named};
pub use attention::{
    AlibiSpec, AttentionSpec, LatentSpec, NormedOver, PositionSpec, QkNorm, Span, Temperature, inverse_root,
};
pub use bases::{BASES, Base, Extent, GGUF, gguf_architecture, gguf_classes, gguf_supported};
pub(crate) use family::by_name;
pub use family::{
    Family, LEFT_OUT, LeftOut, ModelSpec, by_architecture, embedding_tables, families, is_table, supported,
};
pub use keys::Parsed;
pub use layout::{Fused, HeadNormLayout, HeadNorms, RowOrder, Rows, Stored};
pub use modules::{BlockRole, ModuleSpec, Network, Projection, Role, Shape};
pub use rope_scaling::{RopeRange, RopeScaling, RopeType, USUAL_CONTEXT, range as rope_range};
pub use rotary::{RotaryFactors, RotaryScaling, RotarySpec, doublings};
pub use router::{Divisor, GroupScore, GroupSpec, RouterSpec, Scores, SharedSpec, Weighs};
pub use stacked::{GateUp, Named, Parameter, Stack, StackedExperts};
pub use stream::{
    BlockNorms, BlockSpec, EmbeddingSpec, HeadSpec, HeadTable, LearnedPositions, NormKind, NormSpec, NormWeight,
    Residual,
};
pub use weight_map::WeightMap;

use serde::{Deserialize, Serialize};

/// A decoder-only transformer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecoderSpec {
    /// Width of the residual stream.
    pub hidden: usize,
    pub embedding: EmbeddingSpec,
    /// From the first to the last.
    #[serde(with = "runs")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<runs::Run>))]
    pub blocks: Vec<BlockSpec>,
    /// Applied to the output of the last block; some models have none.
    pub norm: Option<NormSpec>,
    pub head: HeadSpec,
}

impl DecoderSpec {
    /// The length in tokens past which each row has its own rotary frequencies outside training. All blocks share one rule then.
    pub fn turns_past(&self) -> Option<usize> {
        self.blocks.iter().find_map(|block| match &block.attention.position {
            PositionSpec::Rotary(rule) => match rule.scaling {
                RotaryScaling::Doubled { original } => Some(original),
                _ => None,
            },
            PositionSpec::None | PositionSpec::Alibi(_) => None,
        })
    }

    /// The length in tokens past which longer texts are computed differently outside training.
    pub fn otherwise_past(&self) -> Option<usize> {
        let warmed = self.blocks.iter().find_map(|block| match block.attention.temperature {
            Some(Temperature::LogLength { length }) => Some(length),
            _ => None,
        });
        self.turns_past().or(warmed)
    }
}

/// The feed-forward half of a block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum MlpSpec {
    Dense(NetworkSpec),
    Experts(ExpertsSpec),
}

/// One feed-forward network.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NetworkSpec {
    pub form: NetworkForm,
    /// Width of its inner layer.
    pub width: usize,
    /// Whether all of its linear layers have a bias.
    pub bias: bool,
}

/// What a network computes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NetworkForm {
    /// `down(act(gate x) * up x)`. *GLU Variants Improve Transformer*, arXiv 2002.05202.
    Gated(Activation),
    /// `down(act(up x))`: what most models call `fc1` and `fc2`.
    Plain(Activation),
    /// `down((u + 1) g sigmoid(slope g))`, `g = min(gate x, limit)` and `u` is `up x` between minus and plus the limit:
    /// GPT-OSS, arXiv 2508.10925.
    Clamped { limit: f64, slope: f64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Activation {
    /// `x sigmoid(x)`. arXiv 1702.03118.
    Silu,
    /// `x P(X <= x)` for a standard normal X, by the error function. *Gaussian Error Linear Units*, arXiv 1606.08415.
    Gelu,
    /// `x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))`: the approximation given there.
    GeluTanh,
    /// `max(x, 0)`
    Relu,
    /// `max(x, 0)^2`. *Primer*, arXiv 2109.08668.
    ReluSquared,
}

/// A mixture of experts: *Mixtral of Experts*, arXiv 2401.04088.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExpertsSpec {
    /// How many there are.
    pub count: usize,
    /// How many of them a token goes to.
    pub top_k: usize,
    pub router: RouterSpec,
    /// One of them; all are alike.
    pub expert: NetworkSpec,
    /// The expert that every token goes to besides.
    pub shared: Option<SharedSpec>,
}

impl NetworkSpec {
    /// Numbers per token that its inner layers output, which the backward pass needs.
    pub fn saved_width(&self) -> usize {
        match self.form {
            NetworkForm::Gated(_) | NetworkForm::Clamped { .. } => 2 * self.width,
            NetworkForm::Plain(_) => self.width,
        }
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
        self.shared.as_ref().map(SharedSpec::network)
    }
}

impl DecoderSpec {
    /// Whether linear layers lead into the residual stream and out of it, because the embedding has another width.
    pub fn projects(&self) -> bool {
        self.embedding.width != self.hidden
    }

    /// The experts of the first block that has them.
    pub fn experts(&self) -> Option<&ExpertsSpec> {
        self.blocks.iter().find_map(|block| block.mlp.experts())
    }
}
