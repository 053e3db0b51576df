//! SimPO: *Simple Preference Optimization with a Reference-Free Reward*, arXiv 2405.14734, equation 6.

use super::scalar::{log_sigmoid, sigmoid};
use super::{Pair, PairLoss, each_pair};

/// `-ln s(b (c - r) - gamma)` over log-probs averaged per token, with `gamma` the target reward margin.
/// Derivative by `c`: `-b (1 - s)`.
pub fn loss(beta: f64, gamma: f64, pairs: &[Pair]) -> Vec<PairLoss> {
    each_pair(pairs, |p| {
        let x = beta * (p.chosen - p.rejected) - gamma;
        let grad = -beta * sigmoid(-x);
        PairLoss {
            loss: -log_sigmoid(x),
            d_chosen: grad,
            d_rejected: -grad,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{close, pair};
    use super::*;

    #[test]
    fn worked_by_hand() {
        // 2 (-1 + 1.5) - 1 = 0: ln 2, slope -2/2
        let terms = loss(2.0, 1.0, &[pair(-1.0, -1.5, 0.0, 0.0)]);
        close(terms[0].loss, 2f64.ln());
        close(terms[0].d_chosen, -1.0);
        close(terms[0].d_rejected, 1.0);
    }
}
