//! The settings recommended for a method.

use super::MethodId;
use crate::config::RunConfig;
use serde::{Deserialize, Serialize};

/// What the recommendation depends on beside the method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scale {
    /// Rows of the data set, before the held-out ones are taken; `None` when unknown.
    pub rows: Option<u64>,
    /// Parameters of the model; `None` when unknown.
    pub params: Option<u64>,
}

/// A model below this learns nothing from the rates meant for billions of parameters.
const SMALL_MODEL: u64 = 50_000_000;

impl MethodId {
    /// The users' guide's settings for the method, with logging, evaluation and saving scaled so that a short
    /// run still draws a curve, and the learning rate fit for a small model.
    pub fn recommended(self, scale: Scale) -> RunConfig {
        let loss = self.pref_loss();
        let small = scale.params.is_some_and(|p| p < SMALL_MODEL);
        let preference = loss.is_some() || self == Self::Kto;
        let (batch, accumulation) = match (self, self.loss()) {
            (_, Some(loss)) => loss.batch,
            (Self::Mpo, _) => (1, 16),
            _ => (2, 8),
        };
        let learning_rate = match (preference, small) {
            // LLaMA-Factory's example
            _ if self == Self::Ppo => {
                if small {
                    2e-4
                } else {
                    1e-5
                }
            }
            (true, false) => 5e-6,
            // the demo: high enough to change its style in one short epoch, low enough to keep its facts
            (true, true) => 5e-4,
            (false, false) => 1e-4,
            (false, true) => 2e-3,
        };
        let once = preference || matches!(self, Self::Rm | Self::Ppo);
        let epochs = if once { 1.0 } else { 3.0 };
        let mut c = RunConfig {
            stage: Some(self.stage().to_string()),
            do_train: Some(true),
            pref_loss: loss.map(Into::into),
            finetuning_type: Some("lora".into()),
            lora_target: Some("all".into()),
            lora_rank: Some(32),
            lora_alpha: Some(32),
            lora_dropout: self.stage().drops_out().then_some(0.05),
            cutoff_len: Some(if small { 512 } else { 2048 }),
            val_size: Some(0.1),
            per_device_train_batch_size: Some(batch),
            gradient_accumulation_steps: Some(accumulation),
            per_device_eval_batch_size: Some(if small { 16 } else { batch }),
            learning_rate: Some(learning_rate),
            lr_scheduler_type: Some("cosine".into()),
            warmup_ratio: Some(0.1),
            num_train_epochs: Some(epochs),
            optim: Some("adamw_torch".into()),
            max_grad_norm: Some(1.0),
            save_total_limit: Some(3),
            eval_strategy: Some("steps".into()),
            // a reward model writes nothing
            sample_prompts: (self != Self::Rm).then_some(6),
            sample_max_new_tokens: (self != Self::Rm).then_some(if small { 64 } else { 128 }),
            seed: Some(42),
            ..RunConfig::default()
        };
        match (self, self.loss()) {
            (_, Some(loss)) => {
                c.pref_beta = Some(loss.beta);
                (loss.sets)(&mut c);
            }
            (Self::Mpo, _) => {
                c.pref_beta = Some(0.1);
                c.loss_weights = Some("0.8,0.2,1.0".into());
            }
            (Self::Kto, _) => {
                c.pref_beta = Some(0.1);
                c.kto_chosen_weight = Some(1.0);
                c.kto_rejected_weight = Some(1.0);
            }
            (Self::Ppo, _) => {
                c.ppo_epochs = Some(4);
                c.ppo_target = Some(6.0);
                c.init_kl_coef = Some(0.2);
                c.max_new_tokens = Some(if small { 64 } else { 512 });
                c.top_k = Some(0);
                c.top_p = Some(0.9);
            }
            _ => {}
        }
        if preference {
            c.pref_ftx = Some(0.0);
        }
        let between = StepsBetween::of(scale.rows, batch * accumulation, epochs);
        c.logging_steps = Some(between.logs as f64);
        c.eval_steps = Some(between.evaluations as f64);
        c.save_steps = Some(between.checkpoints as f64);
        c
    }
}

/// Steps from one to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct StepsBetween {
    logs: u64,
    evaluations: u64,
    checkpoints: u64,
}

impl StepsBetween {
    /// The guide's, for long runs.
    const MOST: Self = Self {
        logs: 5,
        evaluations: 50,
        checkpoints: 50,
    };

    /// A short run gets about 40 points on its curve, 5 evaluations and 2 checkpoints.
    fn of(rows: Option<u64>, per_step: u64, epochs: f64) -> Self {
        let Some(rows) = rows else { return Self::MOST };
        let total = ((rows as f64 * 0.9 / per_step as f64).ceil() * epochs) as u64;
        Self {
            logs: (total / 40).clamp(1, Self::MOST.logs),
            evaluations: total.div_ceil(5).clamp(1, Self::MOST.evaluations),
            checkpoints: total.div_ceil(2).clamp(1, Self::MOST.checkpoints),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_run_still_draws_a_curve() {
        // 600 rows, 540 after the split, 16 a step: 34 steps
        let short = StepsBetween {
            logs: 1,
            evaluations: 7,
            checkpoints: 17,
        };
        assert_eq!(StepsBetween::of(Some(600), 16, 1.0), short);
        assert_eq!(StepsBetween::of(Some(100_000), 16, 1.0), StepsBetween::MOST);
    }
}
