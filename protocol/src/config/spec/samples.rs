//! Prompts that a run answers on its way, and what that comes to.

use super::Cadence;
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
            times: cadence.evaluations(steps, per_epoch).min(MOST_STEPS as u64),
            tokens: self.max_new_tokens as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Every;

    #[test]
    fn no_more_answers_are_counted_than_are_kept() {
        let samples = Samples {
            held_out: 1,
            own: vec![],
            max_new_tokens: 8,
            temperature: 0.0,
        };
        let cadence = Cadence::evaluating(Every::Steps(1));
        assert_eq!(samples.cost(&cadence, u64::MAX, 10).times, 1000);
        assert_eq!(samples.cost(&cadence, 3, 10).times, 4);
    }
}
