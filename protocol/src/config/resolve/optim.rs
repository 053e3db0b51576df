//! Optimizer and learning rate.

use super::Rules;
use crate::config::keys::{OptimizerName, TypedKey, key};
use crate::config::spec::*;
use crate::says;

/// A learning rate above is most likely a slip of the hand.
const HIGH_RATE: f64 = 0.1;

impl Rules<'_> {
    pub(super) fn optim(&mut self, tuning: &Tuning) -> OptimSpec {
        let c = self.c;
        if let Some(rate) = c.learning_rate.filter(|rate| *rate > HIGH_RATE) {
            self.notices.push(says::high_rate(rate));
        }
        OptimSpec {
            learning_rate: self.number(key::learning_rate),
            weight_decay: self.number(key::weight_decay),
            optimizer: self.optimizer(tuning),
            schedule: self.schedule(),
        }
    }

    fn optimizer(&mut self, tuning: &Tuning) -> Optimizer {
        let c = self.c;
        let name = self.choice(key::optim);
        if c.optim.as_deref().is_some_and(|name| name.starts_with("paged_")) {
            self.notices.push(says::never_paged());
        }
        let by_key = [
            ("use_galore", self.flag(key::use_galore)),
            ("use_apollo", self.flag(key::use_apollo)),
            ("use_badam", self.flag(key::use_badam)),
        ];
        let by_name = match name {
            OptimizerName::Galore => "use_galore",
            OptimizerName::Apollo => "use_apollo",
            _ => "",
        };
        if matches!(tuning, Tuning::Lora(_) | Tuning::Oft(_)) {
            self.idle(&["use_galore", "use_apollo", "use_badam"]);
        }
        let wanted = by_key.iter().filter(|(key, on)| *on || *key == by_name);
        let wanted: Vec<_> = wanted.map(|(key, _)| *key).collect();
        let Some(&key) = wanted.first() else {
            return self.usual(name);
        };
        if wanted.len() > 1 {
            self.excludes(wanted[1], key, says::exclude_each_other(key, wanted[1]));
        }
        if matches!(tuning, Tuning::Lora(_) | Tuning::Oft(_)) {
            let place = if by_key.contains(&(key, true)) { key } else { "optim" };
            self.needs(place, "finetuning_type: full", says::not_with_lora());
        }
        if !matches!(
            name,
            OptimizerName::AdamW(States::F32) | OptimizerName::Galore | OptimizerName::Apollo
        ) {
            self.needs("optim", "optim: adamw_torch", says::built_on_adamw(key));
        }
        let adam = self.adam();
        match key {
            "use_galore" => Optimizer::Galore {
                adam,
                projection: Projection {
                    target: self.projected(key::galore_target),
                    rank: self.count(key::galore_rank),
                    interval: self.plain(key::galore_update_interval),
                    scale: self.number(key::galore_scale),
                    side: self.choice(key::galore_proj_type),
                },
            },
            "use_apollo" => Optimizer::Apollo {
                adam,
                projection: Projection {
                    target: self.projected(key::apollo_target),
                    rank: self.count(key::apollo_rank),
                    interval: self.plain(key::apollo_update_interval),
                    scale: self.number(key::apollo_scale),
                    side: self.choice(key::apollo_proj_type),
                },
                basis: self.choice(key::apollo_proj),
                scaling: self.choice(key::apollo_scale_type),
                scale_front: self.flag(key::apollo_scale_front),
            },
            _ => Optimizer::Badam {
                adam,
                blocks: self.blocks(),
            },
        }
    }

    /// One that takes whole gradients.
    fn usual(&mut self, name: OptimizerName) -> Optimizer {
        match name {
            OptimizerName::Adafactor => Optimizer::Adafactor,
            OptimizerName::Sgd => Optimizer::Sgd,
            OptimizerName::Lion(states) => {
                let (beta1, beta2) = self.betas();
                Optimizer::Lion { beta1, beta2, states }
            }
            OptimizerName::AdamW(states) => Optimizer::AdamW {
                adam: self.adam(),
                states,
            },
            OptimizerName::Galore | OptimizerName::Apollo => unreachable!("they are asked for"),
        }
    }

    fn adam(&mut self) -> Adam {
        let (beta1, beta2) = self.betas();
        Adam {
            beta1,
            beta2,
            epsilon: self.number(key::adam_epsilon),
        }
    }

    fn betas(&mut self) -> (f64, f64) {
        (self.number(key::adam_beta1), self.number(key::adam_beta2))
    }

    /// Names of the layers whose gradients are projected; none for all of them.
    fn projected(&mut self, key: TypedKey<String>) -> Vec<String> {
        let names = self.list(key);
        match names.iter().any(|name| name == "all") {
            true => vec![],
            false => names,
        }
    }

    fn blocks(&mut self) -> Blocks {
        // there is one way only
        self.choice(key::badam_mode);
        self.idle(&["badam_mode"]);
        let order = self.choice(key::badam_switch_mode);
        let interval = match self.value(key::badam_switch_interval).unwrap_or_default() {
            // -1 is LLaMA-Factory's "never"
            -1.0 => None,
            n if n < 1.0 || n.fract() != 0.0 => {
                self.error("badam_switch_interval", "type", says::switch_interval());
                None
            }
            n => Some(n as u64),
        };
        Blocks {
            order,
            start: self.optional(key::badam_start_block).map(|n| n as usize),
            interval,
        }
    }
}
