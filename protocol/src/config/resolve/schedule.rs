//! The learning-rate schedule: its type, its warm-up, its own knobs.

use super::Rules;
use super::knobs::Knobs;
use super::values::text;
use crate::config::keys::{ScheduleName, key};
use crate::config::spec::*;
use crate::says;

/// `1-sqrt` rises as `1 - sqrt(1 - x)` and falls as `1 - sqrt(x)`.
const RAMPS: [(&str, Ramp); 3] = [
    ("linear", Ramp::Linear),
    ("cosine", Ramp::Cosine),
    ("1-sqrt", Ramp::Sqrt),
];

impl Rules<'_> {
    pub(super) fn schedule(&mut self) -> Schedule {
        let c = self.c;
        let kind = self.choice(key::lr_scheduler_type);
        let warmup = self.warmup();
        let rate = key::learning_rate.of(c);
        let mut k = Knobs::of(&c.lr_scheduler_kwargs);
        let schedule = match kind {
            ScheduleName::Linear => Schedule::Linear { warmup },
            ScheduleName::Cosine => Schedule::Cosine {
                warmup,
                cycles: k.number("num_cycles").unwrap_or(0.5),
            },
            ScheduleName::Restarts => Schedule::CosineWithRestarts {
                warmup,
                cycles: k.number("num_cycles").unwrap_or(1.0),
            },
            ScheduleName::Polynomial => Schedule::Polynomial {
                warmup,
                end: lr_end(&mut k, rate),
                power: k.number("power").unwrap_or(1.0),
            },
            ScheduleName::Constant => {
                self.idle(&["warmup_ratio", "warmup_steps"]);
                Schedule::Constant
            }
            ScheduleName::ConstantWithWarmup => Schedule::ConstantWithWarmup { warmup },
            ScheduleName::InverseSqrt => Schedule::InverseSqrt {
                warmup,
                timescale: k.number("timescale").filter(|steps| *steps > 0.0),
            },
            ScheduleName::Plateau => {
                self.idle(&["warmup_ratio", "warmup_steps"]);
                Schedule::ReduceOnPlateau(plateau(&mut k))
            }
            ScheduleName::MinLr => Schedule::CosineWithMinLr {
                warmup,
                cycles: k.number("num_cycles").unwrap_or(0.5),
                floor: floor(&mut k, rate),
            },
            ScheduleName::WarmupMinLr => Schedule::CosineWarmupWithMinLr {
                warmup,
                cycles: k.number("num_cycles").unwrap_or(0.5),
                floor: floor(&mut k, rate),
                start: k.number("warmup_lr_rate"),
            },
            ScheduleName::StableDecay => Schedule::WarmupStableDecay {
                warmup,
                stable: k.count("num_stable_steps"),
                decay: k.count("num_decay_steps"),
                rise: k.choice("warmup_type", &RAMPS),
                fall: k.choice("decay_type", &[RAMPS[1], RAMPS[0], RAMPS[2]]),
                floor: k.number("min_lr_ratio").unwrap_or(0.0),
                cycles: k.number("num_cycles").unwrap_or(0.5),
            },
        };
        // transformers does not look at them for these two
        if !matches!(kind, ScheduleName::Constant | ScheduleName::ConstantWithWarmup) {
            let name = key::lr_scheduler_type.of(c);
            if k.has_names() {
                self.counts(key::lr_scheduler_kwargs);
            }
            k.close(self, "lr_scheduler_kwargs", &name);
        }
        if kind == ScheduleName::Plateau && text(&c.eval_strategy).is_none_or(|when| when == "no") {
            self.needs(
                "lr_scheduler_type",
                "eval_strategy: steps",
                says::plateau_by_evaluations(),
            );
        }
        schedule
    }

    fn warmup(&mut self) -> Warmup {
        let ratio = self.number(key::warmup_ratio);
        let steps = self.number(key::warmup_steps);
        if steps != 0.0 {
            self.unused(&["warmup_ratio"]);
        }
        if steps > 0.0 && ratio > 0.0 {
            self.explain("warmup_ratio", says::warmup_steps_win(ratio, steps));
        }
        if steps > 1.0 && steps.fract() != 0.0 {
            self.error("warmup_steps", "type", says::whole_steps());
        }
        match steps {
            // transformers 5: a share of the steps
            n if n > 0.0 && n < 1.0 => Warmup::Ratio(n),
            n if n > 0.0 => Warmup::Steps(n as u64),
            _ => Warmup::Ratio(ratio),
        }
    }
}

/// The last learning rate of a polynomial, as a share of the first.
fn lr_end(k: &mut Knobs, rate: f64) -> f64 {
    let end = k.number("lr_end").unwrap_or(1e-7);
    if end >= rate {
        k.refuse(says::lr_end_below(end, rate), r#"{"lr_end": 0}"#);
    }
    end / rate
}

/// The lowest rate as a share: `min_lr_rate`, or `min_lr` by the learning rate.
fn floor(k: &mut Knobs, rate: f64) -> f64 {
    match (k.number("min_lr"), k.number("min_lr_rate")) {
        (Some(least), None) => least / rate,
        (None, Some(share)) => share,
        _ => {
            k.refuse(says::one_floor(), r#"{"min_lr_rate": 0.1}"#);
            0.0
        }
    }
}

fn plateau(k: &mut Knobs) -> Plateau {
    let factor = k.number("factor").unwrap_or(0.1);
    if factor >= 1.0 {
        k.refuse(says::factor_below_one(), r#"{"factor": 0.1}"#);
    }
    // a loss is to fall
    k.choice("mode", &[("min", ())]);
    Plateau {
        factor,
        patience: k.count("patience").unwrap_or(10),
        threshold: k.number("threshold").unwrap_or(1e-4),
        relative: k.choice("threshold_mode", &[("rel", true), ("abs", false)]),
        cooldown: k.count("cooldown").unwrap_or(0),
        min_lr: k.number("min_lr").unwrap_or(0.0),
        epsilon: k.number("eps").unwrap_or(1e-8),
    }
}
