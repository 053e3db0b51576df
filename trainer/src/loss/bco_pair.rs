//! BCO on pairs: *Binary Classifier Optimization for Large Language Model Alignment*, arXiv 2404.04656.

use super::scalar::{log_sigmoid, sigmoid};
use super::{Pair, PairLoss, each_pair};

/// `-ln s(b u - d) - ln s(d - b v)`. Derivatives: `-b s(d - b u)` and `b s(b v - d)`.
///
/// `delta` (`d`, the reward shift) is the mean of [`mean_reward`] over the run's micro-batches so far, this one
/// included. It is a constant to the gradient.
pub fn loss(beta: f64, delta: f64, pairs: &[Pair]) -> Vec<PairLoss> {
    each_pair(pairs, |p| {
        let x = beta * p.chosen_log_ratio() - delta;
        let y = beta * p.rejected_log_ratio() - delta;
        PairLoss {
            loss: -log_sigmoid(x) - log_sigmoid(-y),
            d_chosen: -beta * sigmoid(-x),
            d_rejected: beta * sigmoid(y),
        }
    })
}

/// Mean of the rewards `b u` and `b v` of a micro-batch.
pub fn mean_reward(beta: f64, pairs: &[Pair]) -> f64 {
    let sum: f64 = pairs
        .iter()
        .map(|p| p.chosen_log_ratio() + p.rejected_log_ratio())
        .sum();
    beta * sum / (2 * pairs.len().max(1)) as f64
}

#[cfg(test)]
mod tests {
    use super::super::tests::{close, pair};
    use super::*;

    #[test]
    fn worked_by_hand() {
        // u = 2, v = 0, b = ln 3: mean reward ln 3, so b u - d = ln 3, b v - d = -ln 3
        let b = 3f64.ln();
        let pairs = [pair(-8.0, -10.0, -10.0, -10.0)];
        close(mean_reward(b, &pairs), b);
        let [term] = loss(b, b, &pairs)[..] else { panic!() };
        close(term.loss, 2.0 * (4.0f64 / 3.0).ln());
        close(term.d_chosen, -b / 4.0);
        close(term.d_rejected, b / 4.0);
    }
}
