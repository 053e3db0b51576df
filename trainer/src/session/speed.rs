//! How fast a run trains.

use std::time::{Duration, Instant};

/// Tokens computed since the last log.
pub struct Speed {
    tokens: usize,
    since: Instant,
}

impl Speed {
    pub fn add(&mut self, tokens: usize) {
        self.tokens += tokens;
    }

    /// Time that went into something else.
    pub(super) fn leave_out(&mut self, time: Duration) {
        self.since += time;
    }

    /// Tokens per second, and a new count.
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
