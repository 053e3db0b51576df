//! How the router of a mixture of experts chooses among them and weighs them.

use super::NetworkSpec;
use serde::{Deserialize, Serialize};

/// A router: a linear layer gives each expert a logit, these become scores, the `top_k` best experts are chosen, and what they
/// give is added, each times its weight.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RouterSpec {
    pub scores: Scores,
    /// Of its linear layer.
    pub bias: bool,
    /// A vector beside it, without a gradient, is added to the scores by which experts are chosen, and to no weight:
    /// *Auxiliary-Loss-Free Load Balancing*, arXiv 2408.15664.
    pub correction: bool,
    /// Experts are chosen within the best groups of them.
    pub groups: Option<GroupSpec>,
    /// What the scores of the chosen are divided by.
    pub divisor: Divisor,
    /// Each weight is multiplied with this in the end.
    pub scale: f64,
    pub weighs: Weighs,
}

/// From logits to scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Scores {
    /// Over all experts. Divided by the sum of those that are chosen it is the softmax over their logits alone.
    Softmax,
    /// Of each by itself: DeepSeek-V3, arXiv 2412.19437.
    Sigmoid,
    /// Two experts, one after the other; the score of each is a softmax over those whose logit is at most `2 jitter` below the
    /// largest, relative to the greater of that and their own size. Phi-3.5-MoE, arXiv 2404.14219, after *SparseMixer*,
    /// arXiv 2310.00811; without the noise that is drawn there in training.
    SparseMixer { jitter: f64 },
}

/// Experts in groups of equal size, those of one group one behind the other: DeepSeek-V2, arXiv 2405.04434.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupSpec {
    pub count: usize,
    /// How many of them a token's experts are chosen from.
    pub chosen: usize,
    pub score: GroupScore,
}

/// What a group is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum GroupScore {
    /// Its largest score.
    Best,
    /// The sum of its two largest.
    BestTwo,
}

/// What the scores of the chosen are divided by.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Divisor {
    One,
    /// Their sum, and this added to it.
    Sum {
        plus: f64,
    },
    /// Their sum, or this where that is less.
    SumAtLeast(f64),
}

/// What an expert's weight is multiplied with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Weighs {
    /// What it gives.
    Output,
    /// What it is given: Llama 4.
    Input,
}

/// An expert that every token goes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SharedSpec {
    /// Added as it is.
    Plain(NetworkSpec),
    /// Weighed by the sigmoid of a linear layer of its own: Qwen2-MoE, arXiv 2407.10671.
    Gated(NetworkSpec),
}

impl SharedSpec {
    pub fn network(&self) -> &NetworkSpec {
        match self {
            Self::Plain(network) | Self::Gated(network) => network,
        }
    }
}

impl RouterSpec {
    /// By a softmax over all; the weights of the chosen sum to 1 where `normalized`.
    pub fn softmax(normalized: bool) -> Self {
        Self {
            scores: Scores::Softmax,
            bias: false,
            correction: false,
            groups: None,
            divisor: match normalized {
                true => Divisor::Sum { plus: 0.0 },
                false => Divisor::One,
            },
            scale: 1.0,
            weighs: Weighs::Output,
        }
    }
}
