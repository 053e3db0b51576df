//! When a run logs, evaluates and saves, and how often that makes it stop.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Every {
    Never,
    Steps(u64),
    /// A share of the steps, below 1.
    Share(f64),
    Epoch,
}

impl Every {
    /// Converts a share into steps of a run of `total` steps, as transformers does.
    pub fn of(self, total: u64) -> Self {
        match self {
            Self::Share(share) => Self::Steps(((share * total as f64).ceil() as u64).max(1)),
            other => other,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Cadence {
    pub log: Every,
    pub eval: Every,
    /// Steps before the first evaluation, or epochs where `eval` goes by epochs.
    pub eval_delay: f64,
    pub save: Every,
}

impl Cadence {
    /// Converts shares into steps of a run of `total` steps.
    pub fn of(self, total: u64) -> Self {
        Self {
            log: self.log.of(total),
            eval: self.eval.of(total),
            save: self.save.of(total),
            ..self
        }
    }
    /// How many evaluations a run of `steps` steps makes, with `per_epoch` steps an epoch: before training, during it (also for
    /// checkpoints, where evaluation is on), both unless `eval_delay` postpones them, and after the last step.
    pub fn evaluations(self, steps: u64, per_epoch: u64) -> u64 {
        let cadence = self.of(steps);
        let every = |every: Every| match every {
            Every::Never | Every::Share(_) => None,
            Every::Steps(n) => Some(n.max(1)),
            Every::Epoch => Some(per_epoch.max(1)),
        };
        let up_to = |step: u64| match (every(cadence.eval), every(cadence.save)) {
            (None, _) => 0,
            (Some(eval), None) => step / eval,
            (Some(eval), Some(save)) => {
                let both = (eval / gcd(eval, save)).saturating_mul(save);
                step / eval + step / save - step / both
            }
        };
        // the first step that an evaluation may follow
        let first = match cadence.eval {
            Every::Epoch => (cadence.eval_delay * per_epoch.max(1) as f64).ceil(),
            _ => cadence.eval_delay.ceil(),
        };
        let waiting = (first as u64).saturating_sub(1).min(steps);
        let on_the_way = up_to(steps) - up_to(waiting);
        let by_cadence = |step: u64| {
            let of = [every(cadence.eval), every(cadence.save)];
            every(cadence.eval).is_some() && of.into_iter().flatten().any(|n| step.is_multiple_of(n))
        };
        let last = u64::from(steps > 0 && !(by_cadence(steps) && waiting < steps));
        let before = u64::from(cadence.eval_delay <= 0.0);
        on_the_way.saturating_add(before + last)
    }
}

#[cfg(test)]
impl Cadence {
    /// The cadence of a run that only evaluates.
    pub(super) fn evaluating(eval: Every) -> Self {
        Self {
            log: Every::Never,
            eval,
            eval_delay: 0.0,
            save: Every::Never,
        }
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cadence(eval: Every, save: Every) -> Cadence {
        Cadence {
            save,
            ..Cadence::evaluating(eval)
        }
    }

    #[test]
    fn evaluations_are_the_steps_that_a_run_stops_at() {
        for (eval, save, steps, want) in [
            (Every::Never, Every::Steps(5), 34, 2),
            // 0 7 14 21 28 34
            (Every::Steps(7), Every::Never, 34, 6),
            // and 17; 34 is one of its own
            (Every::Steps(7), Every::Steps(17), 34, 7),
            (Every::Steps(4), Every::Steps(6), 12, 5),
            (Every::Epoch, Every::Never, 30, 4),
            (Every::Share(0.5), Every::Never, 30, 3),
            (Every::Steps(1), Every::Never, u64::MAX, u64::MAX),
            (Every::Steps(3), Every::Steps(3), 0, 1),
            (Every::Never, Every::Steps(10), 100, 2),
            // before training, at 30, 60, 90 and at the end
            (Every::Steps(30), Every::Never, 100, 5),
            // at the end once, though it is due then too
            (Every::Steps(50), Every::Never, 100, 3),
            // checkpoints at 20, 40 and 80 too; at 60 both
            (Every::Steps(30), Every::Steps(20), 100, 8),
        ] {
            let found = cadence(eval, save).evaluations(steps, 10);
            assert_eq!(found, want, "{eval:?} {save:?} {steps}");
        }
        // 16 steps an epoch: six of them end before the last step
        assert_eq!(cadence(Every::Epoch, Every::Never).evaluations(100, 16), 8);
        for (eval, delay, steps, want) in [
            // 14 21 28 34
            (Every::Steps(7), 14.0, 34, 4),
            (Every::Steps(7), 14.5, 34, 3),
            (Every::Steps(7), 100.0, 34, 1),
            // 20 30 34
            (Every::Epoch, 2.0, 34, 3),
            // 60 90 100
            (Every::Steps(30), 31.0, 100, 3),
        ] {
            let delayed = Cadence {
                eval_delay: delay,
                ..cadence(eval, Every::Never)
            };
            assert_eq!(delayed.evaluations(steps, 10), want, "{eval:?} {delay}");
        }
    }
}
