//! Stages, each with only its own knobs.

use super::{Kto, Ppo, Preference, ReferenceSpec, Reward};
use crate::Stage;
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
        weights: TokenWeights,
        /// `compute_accuracy`: evaluations tell the share of tokens that the model would have chosen.
        accuracy: bool,
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

impl Method {
    pub fn stage(&self) -> Stage {
        match self {
            Self::Pretrain { .. } => Stage::Pretrain,
            Self::Supervised { .. } => Stage::Supervised,
            Self::Preference(_) => Stage::Preference,
            Self::Kto(_) => Stage::Kto,
            Self::Reward(_) => Stage::Reward,
            Self::Ppo(_) => Stage::Ppo,
        }
    }

    /// `neftune_noise_alpha`, in the stages that have it; 0: none.
    pub fn noise(&self) -> f64 {
        match self {
            Self::Pretrain { noise, .. } | Self::Supervised { noise, .. } => *noise,
            Self::Preference(_) | Self::Kto(_) | Self::Reward(_) | Self::Ppo(_) => 0.0,
        }
    }

    /// What the policy is compared with.
    pub fn reference(&self) -> &ReferenceSpec {
        match self {
            Self::Preference(preference) => &preference.reference,
            Self::Kto(kto) => &kto.reference,
            Self::Ppo(ppo) => &ppo.reference,
            Self::Pretrain { .. } | Self::Supervised { .. } | Self::Reward(_) => &ReferenceSpec::Nothing,
        }
    }
}

/// What each token of a supervised loss weighs; the model's own numbers are constants to the gradient.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum TokenWeights {
    /// All the same: cross entropy.
    Even,
    /// `use_dft_loss`: the probability that the model gives the token (DFT, arXiv 2508.05629).
    Probability,
    /// `use_eaft_loss`: how undecided the model is, to the power `eaft_alpha` (EAFT, arXiv 2601.02151).
    Entropy { alpha: f64 },
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
