//! Optimizer and learning-rate schedule.

use super::Rules;
use crate::config::spec::*;

impl Rules<'_> {
    pub(super) fn optim(&mut self) -> OptimSpec {
        let c = self.c;
        const ADAMW: &[(&str, ())] = &[
            ("adamw_torch", ()),
            ("adamw_torch_fused", ()),
            ("adamw_hf", ()),
            ("adamw", ()),
        ];
        self.choice("optim", &c.optim, "adamw_torch", ADAMW);
        let ratio = self.within("warmup_ratio", c.warmup_ratio, 0.0, 0.0, 1.0);
        OptimSpec {
            learning_rate: self.above("learning_rate", c.learning_rate, 5e-5),
            weight_decay: self.at_least("weight_decay", c.weight_decay, 0.0, 0.0),
            beta1: self.within("adam_beta1", c.adam_beta1, 0.9, 0.0, 0.999_999),
            beta2: self.within("adam_beta2", c.adam_beta2, 0.999, 0.0, 0.999_999_9),
            epsilon: self.above("adam_epsilon", c.adam_epsilon, 1e-8),
            max_grad_norm: self.at_least("max_grad_norm", c.max_grad_norm, 1.0, 0.0),
            schedule: self.choice(
                "lr_scheduler_type",
                &c.lr_scheduler_type,
                "linear",
                &[
                    ("linear", Schedule::Linear),
                    ("cosine", Schedule::Cosine),
                    ("constant", Schedule::Constant),
                    ("constant_with_warmup", Schedule::ConstantWithWarmup),
                ],
            ),
            warmup: match c.warmup_steps {
                Some(n) if n > 0 => Warmup::Steps(n),
                _ => Warmup::Ratio(ratio),
            },
        }
    }
}
