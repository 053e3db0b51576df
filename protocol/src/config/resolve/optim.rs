//! Optimizer and learning rate.

use super::Rules;
use super::notes::Range;
use super::values::list;
use crate::config::spec::*;
use crate::says;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    AdamW(States),
    Adafactor,
    Lion(States),
    Sgd,
    Galore,
    Apollo,
}

const KINDS: &[(&str, Kind)] = &[
    ("adamw_torch", Kind::AdamW(States::F32)),
    ("adamw_torch_fused", Kind::AdamW(States::F32)),
    ("adamw_hf", Kind::AdamW(States::F32)),
    ("adamw", Kind::AdamW(States::F32)),
    ("adamw_8bit", Kind::AdamW(States::Blockwise8)),
    ("adamw_bnb_8bit", Kind::AdamW(States::Blockwise8)),
    ("paged_adamw_8bit", Kind::AdamW(States::Blockwise8)),
    ("paged_adamw_32bit", Kind::AdamW(States::F32)),
    ("adafactor", Kind::Adafactor),
    ("lion_32bit", Kind::Lion(States::F32)),
    ("lion_8bit", Kind::Lion(States::Blockwise8)),
    ("paged_lion_32bit", Kind::Lion(States::F32)),
    ("paged_lion_8bit", Kind::Lion(States::Blockwise8)),
    ("sgd", Kind::Sgd),
    ("galore_adamw", Kind::Galore),
    ("apollo_adamw", Kind::Apollo),
];

const SIDES: [(&str, Side); 5] = [
    ("std", Side::Shorter),
    ("right", Side::Right),
    ("left", Side::Left),
    ("reverse_std", Side::Longer),
    ("full", Side::Both),
];

/// A learning rate above is most likely a slip of the hand.
const HIGH_RATE: f64 = 0.1;

impl Rules<'_> {
    pub(super) fn optim(&mut self, tuning: &Tuning) -> OptimSpec {
        let c = self.c;
        if let Some(rate) = c.learning_rate.filter(|rate| *rate > HIGH_RATE) {
            self.notices.push(says::high_rate(rate));
        }
        OptimSpec {
            learning_rate: self.above("learning_rate", c.learning_rate, 5e-5),
            weight_decay: self.at_least("weight_decay", c.weight_decay, 0.0, 0.0),
            optimizer: self.optimizer(tuning),
            max_grad_norm: self.at_least("max_grad_norm", c.max_grad_norm, 1.0, 0.0),
            schedule: self.schedule(),
        }
    }

    fn optimizer(&mut self, tuning: &Tuning) -> Optimizer {
        let c = self.c;
        let kind = self.choice("optim", &c.optim, "adamw_torch", KINDS);
        if c.optim.as_deref().is_some_and(|name| name.starts_with("paged_")) {
            self.notices.push(says::never_paged());
        }
        let asked = [
            (
                "use_galore",
                self.flag("use_galore", c.use_galore) || kind == Kind::Galore,
            ),
            (
                "use_apollo",
                self.flag("use_apollo", c.use_apollo) || kind == Kind::Apollo,
            ),
            ("use_badam", self.flag("use_badam", c.use_badam)),
        ];
        if matches!(tuning, Tuning::Lora(_) | Tuning::Oft(_)) {
            self.idle(&["use_galore", "use_apollo", "use_badam"]);
        }
        let wanted: Vec<_> = asked.iter().filter(|(_, on)| *on).map(|(key, _)| *key).collect();
        let Some(&key) = wanted.first() else {
            return self.plain(kind);
        };
        if wanted.len() > 1 {
            self.excludes(wanted[1], key, says::exclude_each_other(key, wanted[1]));
        }
        if matches!(tuning, Tuning::Lora(_) | Tuning::Oft(_)) {
            let place = if asked_flag(c, key) == Some(true) { key } else { "optim" };
            self.needs(place, "finetuning_type: full", says::not_with_lora());
        }
        if !matches!(kind, Kind::AdamW(States::F32) | Kind::Galore | Kind::Apollo) {
            self.needs("optim", "optim: adamw_torch", says::built_on_adamw(key));
        }
        let adam = self.adam();
        match key {
            "use_galore" => Optimizer::Galore {
                adam,
                projection: Projection {
                    target: self.projected("galore_target", &c.galore_target),
                    rank: self.count("galore_rank", c.galore_rank, 16, 1),
                    interval: self.count("galore_update_interval", c.galore_update_interval, 200, 1) as u64,
                    scale: self.above("galore_scale", c.galore_scale, 2.0),
                    side: self.choice("galore_proj_type", &c.galore_proj_type, "std", &SIDES),
                },
            },
            "use_apollo" => Optimizer::Apollo {
                adam,
                projection: Projection {
                    target: self.projected("apollo_target", &c.apollo_target),
                    rank: self.count("apollo_rank", c.apollo_rank, 16, 1),
                    interval: self.count("apollo_update_interval", c.apollo_update_interval, 200, 1) as u64,
                    scale: self.above("apollo_scale", c.apollo_scale, 32.0),
                    side: self.choice("apollo_proj_type", &c.apollo_proj_type, "std", &SIDES[..3]),
                },
                basis: self.choice(
                    "apollo_proj",
                    &c.apollo_proj,
                    "random",
                    &[("random", Basis::Random), ("svd", Basis::Svd)],
                ),
                scaling: self.choice(
                    "apollo_scale_type",
                    &c.apollo_scale_type,
                    "channel",
                    &[("channel", Scaling::Channel), ("tensor", Scaling::Tensor)],
                ),
                scale_front: self.or_default("apollo_scale_front", c.apollo_scale_front, false),
            },
            _ => Optimizer::Badam {
                adam,
                blocks: self.blocks(),
            },
        }
    }

    fn plain(&mut self, kind: Kind) -> Optimizer {
        match kind {
            Kind::Adafactor => Optimizer::Adafactor,
            Kind::Sgd => Optimizer::Sgd,
            Kind::Lion(states) => {
                let (beta1, beta2) = self.betas();
                Optimizer::Lion { beta1, beta2, states }
            }
            Kind::AdamW(states) => Optimizer::AdamW {
                adam: self.adam(),
                states,
            },
            Kind::Galore | Kind::Apollo => unreachable!("they are asked for"),
        }
    }

    fn adam(&mut self) -> Adam {
        let (beta1, beta2) = self.betas();
        Adam {
            beta1,
            beta2,
            epsilon: self.above("adam_epsilon", self.c.adam_epsilon, 1e-8),
        }
    }

    fn betas(&mut self) -> (f64, f64) {
        let c = self.c;
        (
            self.within("adam_beta1", c.adam_beta1, 0.9, 0.0, 0.999_999),
            self.within("adam_beta2", c.adam_beta2, 0.999, 0.0, 0.999_999_9),
        )
    }

    /// Names of the layers whose gradients are projected; none for all of them.
    fn projected(&mut self, key: &'static str, names: &Option<String>) -> Vec<String> {
        self.note_list(key);
        let names = list(&Some(self.text_or_default(key, names, "all")));
        match names.iter().any(|name| name == "all") {
            true => vec![],
            false => names,
        }
    }

    fn blocks(&mut self) -> Blocks {
        let c = self.c;
        // there is one way only
        self.choice_or_first("badam_mode", &c.badam_mode, &[("layer", ())]);
        self.idle(&["badam_mode"]);
        let order = self.choice(
            "badam_switch_mode",
            &c.badam_switch_mode,
            "ascending",
            &[
                ("ascending", BlockOrder::Ascending),
                ("descending", BlockOrder::Descending),
                ("random", BlockOrder::Random),
                ("fixed", BlockOrder::Fixed),
            ],
        );
        self.note_range("badam_switch_interval", Range::from(-1.0).whole());
        let interval = match self.or_default("badam_switch_interval", c.badam_switch_interval, 50.0) {
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
            start: self.count_if_given("badam_start_block", c.badam_start_block, 0),
            interval,
        }
    }
}

fn asked_flag(c: &crate::RunConfig, key: &str) -> Option<bool> {
    match key {
        "use_galore" => c.use_galore,
        "use_apollo" => c.use_apollo,
        _ => c.use_badam,
    }
}
