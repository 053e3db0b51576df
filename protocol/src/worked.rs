//! Time that a run was worked on: while it was stopped, or its worker was gone, it was not.

use serde::{Deserialize, Serialize};

/// A stretch in which no worker went on with a run, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Pause {
    pub from: i64,
    pub to: i64,
}

/// A run's own clock, which stands still in its pauses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clock {
    /// When its first worker began.
    pub start: i64,
    /// In time that rises.
    pub pauses: Vec<Pause>,
}

impl Clock {
    /// Seconds of work from the start to `time`; below 0 before the start.
    pub fn seconds(&self, time: i64) -> f64 {
        let paused = self.pauses.iter().map(|pause| (time.min(pause.to) - pause.from).max(0));
        (time - self.start - paused.sum::<i64>()) as f64 / 1000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_stands_still_in_pauses() {
        let pause = |from, to| Pause { from, to };
        let clock = Clock {
            start: 1_000,
            pauses: vec![pause(5_000, 65_000), pause(70_000, 71_000)],
        };
        let seconds = [500, 1_000, 5_000, 30_000, 65_000, 67_000, 71_500].map(|time| clock.seconds(time));
        assert_eq!(seconds, [-0.5, 0.0, 4.0, 4.0, 4.0, 6.0, 9.5]);
    }
}
