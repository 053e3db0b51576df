//! Prompts that a run answers during training, and what that costs.

use super::Cadence;
use crate::samples::{MOST_STEPS, Own};
use serde::{Deserialize, Serialize};

/// Prompts that are answered before training, at each evaluation and at the end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Samples {
    /// How many prompts of held-out rows.
    pub held_out: usize,
    /// Prompts of `sample_own_prompts`.
    pub own: Vec<Own>,
    /// Tokens of a reply, at most.
    pub max_new_tokens: usize,
    /// 0: the likeliest token.
    pub temperature: f64,
}

/// The cost of answering prompts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SamplesCost {
    pub prompts: u64,
    /// How often they are answered.
    pub times: u64,
    /// Tokens of a reply, at most.
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

    /// The cost in a run of `steps` steps, with `per_epoch` steps an epoch.
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
