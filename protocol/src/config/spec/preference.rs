//! Preference training (`stage: dpo`): the losses, what is added to them, and the reference they compare with.

use super::Quantize;
pub use crate::method::PrefLoss;
use serde::{Deserialize, Serialize};

/// What `stage: dpo` does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preference {
    /// The losses that are added up; as a rule one, of weight 1.
    pub parts: Vec<Part>,
    pub beta: f64,
    /// `pref_ftx`: weight of the supervised loss on the chosen reply, each reply by its own length.
    pub ftx: f64,
    /// `rpo_alpha`, `cpo_alpha`, the weight of `sft` in a list of losses: of the mean over all chosen tokens of a
    /// micro-batch.
    pub nll: f64,
    /// LD-DPO (arXiv 2409.06411): weight of the log-probs past the shorter reply's length.
    pub ld_alpha: Option<f64>,
    pub divergence: Divergence,
    /// WPO (arXiv 2406.11827): pairs weigh as much as the policy would write them.
    pub weighting: bool,
    pub reference: ReferenceSpec,
}

impl Preference {
    /// Whether the losses average log-probs over a reply's tokens, each reply by its own length, or sum them. One list
    /// never mixes the two.
    pub fn averages(&self) -> bool {
        self.parts.iter().any(|part| part.loss.declared().averages)
    }

    /// Whether a loss keeps BCO's running mean.
    pub fn keeps_mean(&self) -> bool {
        self.parts.iter().any(|part| part.loss == PrefLoss::BcoPair)
    }
}

/// A loss and its weight in the sum.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Part {
    pub loss: PrefLoss,
    pub weight: f64,
}

/// How far from the reference is measured (f-DPO, arXiv 2309.16240).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Divergence {
    ReverseKl,
    JensenShannon,
    Alpha { coefficient: f64 },
}

/// What the policy is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ReferenceSpec {
    /// Nothing: the loss needs no reference, or `reference_free` leaves it out.
    Nothing,
    /// The model the run starts from.
    Start { precompute: bool },
    /// `ref_model`, `ref_model_adapters`: other weights. Without a path, the run's own model under the adapters.
    Model {
        path: Option<String>,
        adapters: Vec<String>,
        /// `ref_model_quantization_bit`: packed while loading. The run's own model is packed as the run packs it, if
        /// nothing is said.
        quantize: Option<Quantize>,
        precompute: bool,
    },
    /// TR-DPO (arXiv 2404.09656): a copy of the start that follows the policy: after each `steps` steps,
    /// `(1 - mixup) reference + mixup policy`.
    Following { mixup: f64, steps: u64 },
}

impl ReferenceSpec {
    pub fn needed(&self) -> bool {
        *self != Self::Nothing
    }

    /// Whether its log-probs are computed once, before training.
    pub fn precomputes(&self) -> bool {
        matches!(
            self,
            Self::Start { precompute: true } | Self::Model { precompute: true, .. }
        )
    }
}
