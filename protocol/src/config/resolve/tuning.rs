//! Which parameters are trained, and how.

use super::Rules;
use super::values::list;
use crate::config::spec::*;

impl Rules<'_> {
    pub(super) fn tuning(&mut self) -> Tuning {
        let c = self.c;
        let lora = self.choice(
            "finetuning_type",
            &c.finetuning_type,
            "lora",
            &[("lora", true), ("full", false)],
        );
        let rank = self.count("lora_rank", c.lora_rank, 8, 1);
        let dropout = self.within("lora_dropout", c.lora_dropout, 0.0, 0.0, 0.99);
        let alpha = self.count("lora_alpha", c.lora_alpha, 2 * rank, 1) as f64;
        let target = list(&c.lora_target);
        if !lora {
            return Tuning::Full;
        }
        let target = if target.iter().any(|t| t == "all") {
            vec![]
        } else {
            target
        };
        Tuning::Lora(LoraSpec {
            rank,
            alpha,
            dropout,
            target,
        })
    }
}
