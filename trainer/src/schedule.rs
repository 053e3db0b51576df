//! Learning-rate schedules: warm-up, then linear, cosine or constant, as transformers defines them.
use std::f64::consts::PI;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScheduleKind {
    Linear,
    Cosine,
    /// no warm-up, even where one is asked for
    Constant,
    ConstantWithWarmup,
}

/// A schedule of known length.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    pub kind: ScheduleKind,
    /// optimizer steps in the whole run
    pub total: usize,
    pub warmup: usize,
}

impl Schedule {
    /// `warmup_steps` wins over `warmup_ratio` when it is above 0; a ratio rounds up.
    pub fn new(kind: ScheduleKind, total: usize, warmup_ratio: f64, warmup_steps: usize) -> Self {
        let warmup = match warmup_steps {
            0 => (warmup_ratio * total as f64).ceil() as usize,
            steps => steps,
        };
        Self { kind, total, warmup }
    }

    /// The factor on the learning rate at `step`, counted from 0: `k/w` while warming up, then linear `(N-k)/(N-w)`,
    /// cosine `(1 + cos(pi (k-w)/(N-w)))/2`, or 1.
    pub fn factor(&self, step: usize) -> f64 {
        let (k, w, n) = (step as f64, self.warmup as f64, self.total as f64);
        if self.kind != ScheduleKind::Constant && step < self.warmup {
            return k / w.max(1.0);
        }
        let span = (n - w).max(1.0);
        match self.kind {
            ScheduleKind::Linear => ((n - k) / span).max(0.0),
            ScheduleKind::Cosine => (0.5 * (1.0 + (PI * (k - w) / span).cos())).max(0.0),
            ScheduleKind::Constant | ScheduleKind::ConstantWithWarmup => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factors(kind: ScheduleKind) -> Vec<f64> {
        let schedule = Schedule::new(kind, 10, 0.11, 0);
        [0, 1, 2, 6, 9, 10]
            .map(|k| (schedule.factor(k) * 1e6).round() / 1e6)
            .to_vec()
    }

    #[test]
    fn worked_by_hand() {
        // ceil(0.11 * 10) = 2 warm-up steps, 8 after them
        assert_eq!(factors(ScheduleKind::Linear), [0.0, 0.5, 1.0, 0.5, 0.125, 0.0]);
        assert_eq!(factors(ScheduleKind::Cosine), [0.0, 0.5, 1.0, 0.5, 0.03806, 0.0]);
        assert_eq!(factors(ScheduleKind::Constant), [1.0; 6]);
        assert_eq!(
            factors(ScheduleKind::ConstantWithWarmup),
            [0.0, 0.5, 1.0, 1.0, 1.0, 1.0]
        );
        assert_eq!(Schedule::new(ScheduleKind::Linear, 10, 0.5, 3).warmup, 3);
    }
}
