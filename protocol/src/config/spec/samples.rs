//! Prompts that a run answers on its way, and what that comes to.

use super::{Cadence, Every};
use crate::samples::{MOST_STEPS, Own};
use serde::{Deserialize, Serialize};

/// Prompts that are answered before training, at each evaluation and at the end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Samples {
    /// Of the held-out rows.
    pub held_out: usize,
    /// A person's own.
    pub own: Vec<Own>,
    /// Of a reply.
    pub max_new_tokens: usize,
    /// 0: the likeliest token.
    pub temperature: f64,
}

/// What answering prompts comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SamplesCost {
    pub prompts: u64,
    /// How often they are answered.
    pub times: u64,
    /// Of a reply, at most.
    pub tokens: u64,
}

impl SamplesCost {
    /// Tokens that are written in all, at most.
    pub fn total(&self) -> u64 {
        self.prompts.saturating_mul(self.times).saturating_mul(self.tokens)
    }
}

impl Samples {
    /// Prompts in all.
    pub fn count(&self) -> usize {
        self.held_out + self.own.len()
    }

    /// In a run of `steps` steps, `per_epoch` an epoch.
    pub fn cost(&self, cadence: &Cadence, steps: u64, per_epoch: u64) -> SamplesCost {
        SamplesCost {
            prompts: self.count() as u64,
            times: times(&cadence.of(steps), steps, per_epoch),
            tokens: self.max_new_tokens as u64,
        }
    }
}

/// Before training, at each evaluation (of checkpoints too, where there are any), both unless `eval_delay` puts them off, and after
/// the last step.
fn times(cadence: &Cadence, steps: u64, per_epoch: u64) -> u64 {
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
    on_the_way.saturating_add(before + last).min(MOST_STEPS as u64)
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_the_steps_that_a_run_stops_at() {
        let cadence = |eval, save| Cadence {
            log: Every::Never,
            log_first: false,
            eval,
            eval_delay: 0.0,
            save,
            save_total_limit: None,
            save_only_model: false,
        };
        for (eval, save, steps, want) in [
            (Every::Never, Every::Steps(5), 34, 2),
            // 0 7 14 21 28 34
            (Every::Steps(7), Every::Never, 34, 6),
            // and 17; 34 is one of its own
            (Every::Steps(7), Every::Steps(17), 34, 7),
            (Every::Steps(4), Every::Steps(6), 12, 5),
            (Every::Epoch, Every::Never, 30, 4),
            (Every::Share(0.5), Every::Never, 30, 3),
            (Every::Steps(1), Every::Never, u64::MAX, 1000),
            (Every::Steps(3), Every::Steps(3), 0, 1),
        ] {
            let found = times(&cadence(eval, save).of(steps), steps, 10);
            assert_eq!(found, want, "{eval:?} {save:?} {steps}");
        }
        for (eval, delay, want) in [
            // 14 21 28 34
            (Every::Steps(7), 14.0, 4),
            (Every::Steps(7), 14.5, 3),
            (Every::Steps(7), 100.0, 1),
            // 20 30 34
            (Every::Epoch, 2.0, 3),
        ] {
            let delayed = Cadence {
                eval_delay: delay,
                ..cadence(eval, Every::Never)
            };
            assert_eq!(times(&delayed, 34, 10), want, "{eval:?} {delay}");
        }
    }
}
