//! Learning-rate schedules as transformers defines them: functions of the step, and the one that goes by the evaluation.

use crate::exact_json::Exact;
use protocol::config::{Plateau, Ramp, Schedule};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// The factor on the learning rate at `step`, counted from 0, in a run of `total` steps: `k/w` while warming up, then by
/// type, with `p = (k - w) / (N - w)`:
///
/// | | |
/// | --- | --- |
/// | linear | `1 - p` |
/// | cosine | `(1 + cos(2 pi c p)) / 2` |
/// | cosine_with_restarts | `(1 + cos(pi (c p mod 1))) / 2` |
/// | polynomial | `(1 - e) (1 - p)^power + e` |
/// | inverse_sqrt | `1 / sqrt((k + t - w) / t)` |
/// | cosine_with_min_lr | `f + (1 - f) cosine` |
/// | warmup_stable_decay | 1, then `f + (1 - f) fall` |
///
/// `reduce_lr_on_plateau` is 1 here: see [`Watch`].
pub fn factor(schedule: &Schedule, total: u64, step: u64) -> f64 {
    use Schedule::*;
    let (k, n) = (step as f64, total as f64);
    let warm = |w: u64| k / (w as f64).max(1.0);
    // share of the way after the warm-up
    let way = |w: u64| (k - w as f64) / (n - w as f64).max(1.0);
    let wave = |cycles: f64, p: f64| 0.5 * (1.0 + (PI * cycles * 2.0 * p).cos());
    let above = |floor: f64, x: f64| (x * (1.0 - floor) + floor).max(0.0);
    let (warmup, after): (_, Box<dyn Fn(u64) -> f64>) = match *schedule {
        Constant | ReduceOnPlateau(_) => return 1.0,
        Linear { warmup } => (warmup, Box::new(|w| ((n - k) / (n - w as f64).max(1.0)).max(0.0))),
        Cosine { warmup, cycles } => (warmup, Box::new(move |w| wave(cycles, way(w)).max(0.0))),
        CosineWithRestarts { warmup, cycles } => (
            warmup,
            Box::new(move |w| match way(w) {
                p if p >= 1.0 => 0.0,
                p => 0.5 * (1.0 + (PI * ((cycles * p) % 1.0)).cos()),
            }),
        ),
        Polynomial { warmup, end, power } => (
            warmup,
            Box::new(move |w| match way(w) {
                p if p > 1.0 => end,
                p => (1.0 - end) * (1.0 - p).powf(power) + end,
            }),
        ),
        ConstantWithWarmup { warmup } => (warmup, Box::new(|_| 1.0)),
        InverseSqrt { warmup, timescale } => (
            warmup,
            Box::new(move |w| {
                let scale = timescale.unwrap_or(if w == 0 { 10_000.0 } else { w as f64 });
                1.0 / ((k + scale - w as f64) / scale).sqrt()
            }),
        ),
        CosineWithMinLr { warmup, cycles, floor } => (warmup, Box::new(move |w| above(floor, wave(cycles, way(w))))),
        CosineWarmupWithMinLr {
            warmup,
            cycles,
            floor,
            start,
        } => {
            let w = warmup.steps(total);
            if step < w {
                return match start {
                    None => (k + 1.0) / w as f64,
                    Some(start) => start + (1.0 - start) * k / (w as f64 - 1.0).max(1.0),
                };
            }
            let p = (k - w as f64 + 1.0) / (n - w as f64).max(1.0);
            return above(floor, wave(cycles, p));
        }
        WarmupStableDecay {
            warmup,
            stable,
            decay,
            rise,
            fall,
            floor,
            cycles,
        } => {
            let w = warmup.steps(total);
            let rest = total.saturating_sub(w);
            let stable = stable.unwrap_or(rest / 3);
            let decay = decay.unwrap_or(rest - rest / 3);
            if step < w {
                let p = k / w as f64;
                return above(floor, rising(rise, p));
            }
            if step < w + stable {
                return 1.0;
            }
            if step >= w + stable + decay {
                return floor;
            }
            let p = (step - w - stable) as f64 / decay as f64;
            return above(
                floor,
                match fall {
                    Ramp::Linear => 1.0 - p,
                    Ramp::Cosine => wave(cycles, p),
                    Ramp::Sqrt => 1.0 - p.sqrt(),
                },
            );
        }
    };
    let w = warmup.steps(total);
    if step < w { warm(w) } else { after(w) }
}

fn rising(ramp: Ramp, p: f64) -> f64 {
    match ramp {
        Ramp::Linear => p,
        Ramp::Cosine => 0.5 * (1.0 - (PI * p).cos()),
        Ramp::Sqrt => 1.0 - (1.0 - p).sqrt(),
    }
}

/// Where `reduce_lr_on_plateau` stands: part of a checkpoint's state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    pub lr: Exact,
    best: Option<Exact>,
    /// Evaluations since the best one.
    bad: u64,
    cooldown: u64,
}

impl Watch {
    pub fn new(lr: f64) -> Self {
        Self {
            lr: Exact(lr),
            best: None,
            bad: 0,
            cooldown: 0,
        }
    }

    /// Takes in an evaluation: more than `patience` of them in a row without a loss below `best (1 - threshold)` (or
    /// `best - threshold`) multiply the learning rate by `factor`.
    pub fn see(&mut self, rule: &Plateau, loss: f64) {
        let better = self.best.is_none_or(|Exact(best)| match rule.relative {
            true => loss < best * (1.0 - rule.threshold),
            false => loss < best - rule.threshold,
        });
        if better {
            self.best = Some(Exact(loss));
            self.bad = 0;
        } else {
            self.bad += 1;
        }
        if self.cooldown > 0 {
            self.cooldown -= 1;
            self.bad = 0;
        }
        if self.bad > rule.patience {
            let lower = (self.lr.0 * rule.factor).max(rule.min_lr);
            if self.lr.0 - lower > rule.epsilon {
                self.lr = Exact(lower);
            }
            self.cooldown = rule.cooldown;
            self.bad = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::RunConfig;
    use protocol::config::{Warmup, check};
    use serde_json::Value;

    #[test]
    fn worked_by_hand() {
        let at = |schedule: Schedule| [0, 1, 2, 6, 9, 10].map(|k| (factor(&schedule, 10, k) * 1e6).round() / 1e6);
        // ceil(0.11 * 10) = 2 warm-up steps, 8 after them
        let warmup = Warmup::Ratio(0.11);
        assert_eq!(at(Schedule::Linear { warmup }), [0.0, 0.5, 1.0, 0.5, 0.125, 0.0]);
        let cycles = 0.5;
        assert_eq!(
            at(Schedule::Cosine { warmup, cycles }),
            [0.0, 0.5, 1.0, 0.5, 0.03806, 0.0]
        );
        assert_eq!(at(Schedule::Constant), [1.0; 6]);
        // (1 - 0.1) (1 - p)^2 + 0.1 at p = 0, 1/2, 7/8, 1
        let (end, power) = (0.1, 2.0);
        let polynomial = Schedule::Polynomial { warmup, end, power };
        assert_eq!(at(polynomial), [0.0, 0.5, 1.0, 0.325, 0.114063, 0.1]);
    }

    /// What `get_scheduler` gave for the same run configs (`tests/golden/schedules.py`).
    #[test]
    fn as_transformers_has_them() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/schedules.json");
        let cases: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert!(cases.len() > 20);
        for case in cases {
            let mut config = RunConfig::parse("model_name_or_path: m\ndataset: d\noutput_dir: o").config;
            for (key, value) in case["config"].as_object().unwrap() {
                config.set(key, value).unwrap();
            }
            let optim = check(&config).spec.unwrap_or_else(|e| panic!("{case}: {e:?}")).optim;
            let total = config.max_steps.unwrap() as u64;
            let rates = case["rates"].as_array().unwrap();
            for (step, want) in rates.iter().map(|rate| rate.as_f64().unwrap()).enumerate() {
                let got = optim.learning_rate * factor(&optim.schedule, total, step as u64);
                let off = (got - want).abs();
                assert!(
                    off <= 1e-15 + 1e-12 * want,
                    "{}: step {step} is {got}, expected {want}",
                    case["config"]
                );
            }
        }
    }

    /// What torch's `ReduceLROnPlateau` gave for the same losses (`tests/golden/schedules.py`).
    #[test]
    fn a_plateau_lowers_the_rate() {
        let rule = |patience, cooldown, relative| Plateau {
            factor: 0.5,
            patience,
            threshold: 0.1,
            relative,
            cooldown,
            min_lr: 0.2,
            epsilon: 1e-8,
        };
        let run = |rule: Plateau, losses: &[f64]| {
            let mut watch = Watch::new(1.0);
            let see = |loss: &f64| {
                watch.see(&rule, *loss);
                watch.lr.0
            };
            losses.iter().map(see).collect::<Vec<_>>()
        };
        // 4 -> 3.7 is less than a tenth better; with patience 1 the second of a kind cuts
        assert_eq!(
            run(rule(1, 0, true), &[4.0, 3.7, 3.7, 3.0, 3.0, 2.9]),
            [1.0, 1.0, 0.5, 0.5, 0.5, 0.25]
        );
        // two evaluations after a cut do not count; the floor is 0.2
        let flat = [1.0; 9];
        assert_eq!(
            run(rule(0, 2, true), &flat),
            [1.0, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.2, 0.2]
        );
        // 0.1 in absolute terms
        assert_eq!(run(rule(0, 0, false), &[4.0, 3.85, 3.8]), [1.0, 1.0, 0.5]);
    }
}
