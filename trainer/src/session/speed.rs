//! Training speed in tokens per second.

use std::time::{Duration, Instant};

/// Tokens trained on since the last log, and the time that took.
pub struct Speed {
    tokens: usize,
    since: Instant,
}

impl Speed {
    /// Counts a micro-batch's tokens.
    pub fn add(&mut self, tokens: usize) {
        self.tokens += tokens;
    }

    /// Leaves out time that was spent on something else, such as evaluation.
    pub(super) fn exclude(&mut self, time: Duration) {
        self.since += time;
    }

    /// Tokens per second since the last call; starts counting anew.
    pub(super) fn take(&mut self) -> f64 {
        let rate = self.tokens as f64 / self.since.elapsed().as_secs_f64().max(1e-9);
        *self = Self::start();
        rate
    }

    pub(super) fn start() -> Self {
        Self {
            tokens: 0,
            since: Instant::now(),
        }
    }
}
