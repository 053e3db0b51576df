//! A running mean over a whole run: of rewards, for BCO.

use crate::exact_json::Exact;
use serde::{Deserialize, Serialize};

/// The mean of all values added so far. Saved in checkpoints, so that a resumed run goes on with the same mean.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Running {
    mean: Exact,
    count: Exact,
}

impl Running {
    /// The mean; 0 before the first value.
    pub fn mean(&self) -> f64 {
        self.mean.0
    }

    /// Adds each of `values`.
    pub fn add(&mut self, values: &[f64]) {
        let n = values.len() as f64;
        if n > 0.0 {
            self.count.0 += n;
            self.mean.0 += values.iter().map(|x| x - self.mean.0).sum::<f64>() / self.count.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_count_by_their_size() {
        let mut running = Running::default();
        running.add(&[1.0]);
        running.add(&[2.0, 6.0]);
        assert_eq!(running.mean(), 3.0);
        running.add(&[]);
        assert_eq!(running.mean(), 3.0);
    }
}
