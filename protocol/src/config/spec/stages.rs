//! What the stages beside `pt`, `sft` and `dpo` do, each with only its own knobs.

use super::{Quantize, ReferenceSpec};
use serde::{Deserialize, Serialize};

/// `stage: kto`: single replies, each labelled good or bad.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kto {
    pub loss: KtoLoss,
    pub beta: f64,
    /// `pref_ftx`: weight of the supervised loss on the good replies.
    pub ftx: f64,
    pub reference: ReferenceSpec,
}

/// `stage: rm`: a model with a value head that scores replies (InstructGPT, arXiv 2203.02155).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Reward {
    /// `summary_dropout_prob`: of the value head's input, while training.
    pub head_dropout: f64,
}

/// `stage: ppo` (arXiv 1707.06347, 1909.08593), as TRL 0.8.6 computes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ppo {
    pub reward_model: RewardModel,
    /// The reward model is packed while loading.
    pub reward_quantize: Option<Quantize>,
    /// `ppo_buffer_size`: optimizer batches of replies that are written before they are learnt from.
    pub buffer: usize,
    /// `ppo_epochs`: passes over them.
    pub epochs: usize,
    /// `ppo_score_norm`: scores by the mean and deviation of all so far.
    pub score_norm: bool,
    /// `ppo_whiten_rewards`
    pub whiten_rewards: bool,
    /// `init_kl_coef`: the price of leaving the reference, at first.
    pub kl_coefficient: f64,
    /// `ppo_target`: the divergence it is steered to; `None` (`adap_kl_ctrl: false`): the price stays.
    pub kl_target: Option<f64>,
    pub sampling: SamplingSpec,
    pub reference: ReferenceSpec,
}

/// Who scores replies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RewardModel {
    /// `reward_model_type: lora`: an adapter with a value head on the run's own model.
    Adapter(String),
    /// `reward_model_type: full`: a model of its own, with adapters on it.
    Model { path: String, adapters: Vec<String> },
}

/// `do_predict`: replies to the held-out prompts, compared with the expected ones.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Predict {
    pub sampling: SamplingSpec,
    /// Nothing is trained before.
    pub alone: bool,
}

/// How replies are drawn; LLaMA-Factory's names and defaults.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SamplingSpec {
    /// 0 (`do_sample: false`): the likeliest token.
    pub temperature: f64,
    pub top_p: f64,
    pub top_k: usize,
    pub repetition_penalty: f64,
    pub max_new_tokens: usize,
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
