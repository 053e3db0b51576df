//! Preference training (`stage: dpo`): the losses, what is added to them, and the reference they compare with.

use super::Quantize;
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
    pub reference: Against,
}

impl Preference {
    /// Whether the losses average log-probs over a reply's tokens, each reply by its own length, or sum them. One list
    /// never mixes the two.
    pub fn averages(&self) -> bool {
        self.parts.iter().any(|part| part.loss.averages())
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

/// A preference loss with the knobs it alone has; equations in the trainer beside each one's arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum PrefLoss {
    /// DPO (arXiv 2305.18290); smoothing > 0 is cDPO.
    Sigmoid { label_smoothing: f64 },
    /// Hinge on the DPO margin (2309.06657, 2305.10425).
    Hinge,
    /// IPO (2310.12036).
    Ipo,
    /// Robust DPO (2403.00409).
    Robust { label_smoothing: f64 },
    /// EXO (2402.00856).
    ExoPair { label_smoothing: f64 },
    /// NCA (2402.05369).
    NcaPair,
    /// BCO (2404.04656) on pairs.
    BcoPair,
    /// SPPO (2405.00675) with hard labels.
    SppoHard,
    /// AOT (2406.05882) for paired data: on margins.
    Aot { label_smoothing: f64 },
    /// AOT (2406.05882) for unpaired data: chosen and rejected replies each by themselves.
    AotPair { label_smoothing: f64 },
    /// APO-zero (2408.06266).
    ApoZero,
    /// APO-down (2408.06266).
    ApoDown,
    /// DiscoPOP (2406.08414).
    Discopop { tau: f64 },
    /// KTO on pairs (2402.01306), TRL 0.8.6's form.
    KtoPair { chosen_weight: f64, rejected_weight: f64 },
    /// ORPO (2403.07691).
    Orpo,
    /// SimPO (2405.14734).
    Simpo { gamma: f64 },
    /// CPO (2401.08417).
    Cpo { label_smoothing: f64 },
}

impl PrefLoss {
    /// Value of `pref_loss`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sigmoid { .. } => "sigmoid",
            Self::Hinge => "hinge",
            Self::Ipo => "ipo",
            Self::Robust { .. } => "robust",
            Self::ExoPair { .. } => "exo_pair",
            Self::NcaPair => "nca_pair",
            Self::BcoPair => "bco_pair",
            Self::SppoHard => "sppo_hard",
            Self::Aot { .. } => "aot",
            Self::AotPair { .. } => "aot_pair",
            Self::ApoZero => "apo_zero",
            Self::ApoDown => "apo_down",
            Self::Discopop { .. } => "discopop",
            Self::KtoPair { .. } => "kto_pair",
            Self::Orpo => "orpo",
            Self::Simpo { .. } => "simpo",
            Self::Cpo { .. } => "cpo",
        }
    }

    pub fn needs_reference(&self) -> bool {
        !matches!(self, Self::Orpo | Self::Simpo { .. } | Self::Cpo { .. })
    }

    /// Whether it averages log-probs over a reply's tokens; the others sum them.
    pub fn averages(&self) -> bool {
        matches!(self, Self::Ipo | Self::Orpo | Self::Simpo { .. })
    }
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
pub enum Against {
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

impl Against {
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
