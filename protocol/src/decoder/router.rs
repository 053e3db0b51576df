//! The router of a mixture of experts: how it scores, chooses and weighs them.

use super::NetworkSpec;
use serde::{Deserialize, Serialize};

/// A router: a linear layer gives each expert a logit, logits become scores, the `top_k` experts with the best scores are
/// chosen, and their outputs are added with their weights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RouterSpec {
    pub scores: Scores,
    /// Whether its linear layer has a bias.
    pub bias: bool,
    /// Whether a vector without a gradient is added to the scores to choose experts, but not to their weights:
    /// *Auxiliary-Loss-Free Load Balancing*, arXiv 2408.15664.
    pub correction: bool,
    /// Experts are chosen only from the best groups.
    pub groups: Option<GroupSpec>,
    /// What the scores of the chosen experts are divided by.
    pub divisor: Divisor,
    /// Multiplies the weights at the end.
    pub scale: f64,
    pub weighs: Weighs,
}

/// How logits become scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Scores {
    /// A softmax over all experts. Divided by the sum of the chosen ones it is the softmax over their logits only.
    Softmax,
    /// A sigmoid of each logit: DeepSeek-V3, arXiv 2412.19437.
    Sigmoid,
    /// Two experts, one after the other; the score of each is a softmax over those whose logit is at most `2 jitter` below the
    /// largest, relative to the greater of that and their own size. Phi-3.5-MoE, arXiv 2404.14219, after *SparseMixer*,
    /// arXiv 2310.00811; without the noise that is drawn there in training.
    SparseMixer { jitter: f64 },
}

/// Experts in groups of equal size, consecutive ones in one group: DeepSeek-V2, arXiv 2405.04434.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupSpec {
    pub count: usize,
    /// How many of them a token's experts are chosen from.
    pub chosen: usize,
    pub score: GroupScore,
}

/// How a group is scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum GroupScore {
    /// Its largest score.
    Best,
    /// The sum of its two largest.
    BestTwo,
}

/// What the scores of the chosen experts are divided by.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Divisor {
    One,
    /// Their sum plus this.
    Sum {
        plus: f64,
    },
    /// Their sum, or this where that is less.
    SumAtLeast(f64),
}

/// What an expert's weight multiplies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Weighs {
    /// Its output.
    Output,
    /// Its input: Llama 4.
    Input,
}

/// An expert that every token goes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SharedSpec {
    /// Added as it is.
    Plain(NetworkSpec),
    /// Weighted by the sigmoid of its own linear layer: Qwen2-MoE, arXiv 2407.10671.
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
    /// A softmax over all experts; where `normalized`, the weights of the chosen ones sum to 1.
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
