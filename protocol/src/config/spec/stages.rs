//! What the stages beside `pt`, `sft` and `dpo` do, each with only its own knobs.

use serde::{Deserialize, Serialize};

/// `stage: kto`: single replies, each labelled good or bad.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kto {
    pub loss: KtoLoss,
    pub beta: f64,
    /// `pref_ftx`: weight of the supervised loss on the good replies.
    pub ftx: f64,
    /// `ref_model`: another folder as the reference.
    pub ref_model: Option<String>,
    pub precompute_reference: bool,
}

/// `stage: rm`: a model with a value head that scores replies (InstructGPT, arXiv 2203.02155).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Reward {
    /// `summary_dropout_prob`: of the value head's input, while training.
    pub head_dropout: f64,
}

/// Losses over labelled replies; equations in the trainer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum KtoLoss {
    /// KTO (arXiv 2402.01306).
    Kto { chosen_weight: f64, rejected_weight: f64 },
    /// BCO (arXiv 2404.04656), without its weights for differing prompts.
    Bco,
}

impl KtoLoss {
    /// Value of `kto_loss`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kto { .. } => "kto",
            Self::Bco => "bco",
        }
    }
}
