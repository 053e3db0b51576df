//! Stages and losses, each with only its own knobs.

use super::{Kto, Ppo, Reward};
use serde::{Deserialize, Serialize};

/// The stage, with the knobs it alone has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Method {
    /// `stage: pt`, next-token prediction over text.
    Pretrain {
        /// Texts one after the other, cut into blocks; else each text is a row.
        packing: bool,
        noise: f64,
    },
    /// `stage: sft`.
    Supervised {
        train_on_prompt: bool,
        mask_history: bool,
        packing: Packing,
        /// `neftune_noise_alpha` (NEFTune, arXiv 2310.05914); 0: none.
        noise: f64,
    },
    /// `stage: dpo`.
    Preference(Preference),
    /// `stage: kto`.
    Kto(Kto),
    /// `stage: rm`.
    Reward(Reward),
    /// `stage: ppo`.
    Ppo(Ppo),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preference {
    pub loss: PrefLoss,
    /// `pref_ftx`: weight of the supervised loss on the chosen reply.
    pub ftx: f64,
    /// `ref_model`: another folder as the reference.
    pub ref_model: Option<String>,
    pub precompute_reference: bool,
}

/// The six preference losses; equations in the trainer beside each one's arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum PrefLoss {
    /// DPO (arXiv 2305.18290); smoothing > 0 is cDPO; `ld_alpha` is LD-DPO (2409.06411).
    Sigmoid {
        beta: f64,
        label_smoothing: f64,
        ld_alpha: Option<f64>,
    },
    /// Hinge on the DPO margin (2309.06657, 2305.10425).
    Hinge { beta: f64, ld_alpha: Option<f64> },
    /// IPO (2310.12036).
    Ipo { beta: f64, ld_alpha: Option<f64> },
    /// KTO on pairs (2402.01306), TRL 0.8.6's form.
    KtoPair {
        beta: f64,
        chosen_weight: f64,
        rejected_weight: f64,
        ld_alpha: Option<f64>,
    },
    /// ORPO (2403.07691).
    Orpo { beta: f64 },
    /// SimPO (2405.14734).
    Simpo { beta: f64, gamma: f64 },
}

impl PrefLoss {
    /// Value of `pref_loss`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sigmoid { .. } => "sigmoid",
            Self::Hinge { .. } => "hinge",
            Self::Ipo { .. } => "ipo",
            Self::KtoPair { .. } => "kto_pair",
            Self::Orpo { .. } => "orpo",
            Self::Simpo { .. } => "simpo",
        }
    }
    pub fn needs_reference(&self) -> bool {
        !matches!(self, Self::Orpo { .. } | Self::Simpo { .. })
    }
}

/// Whether short examples share a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Packing {
    No,
    /// `packing`: they do, and later ones see earlier ones, as in LLaMA-Factory.
    Plain,
    /// `neat_packing`: they do, and don't see each other.
    Neat,
}
