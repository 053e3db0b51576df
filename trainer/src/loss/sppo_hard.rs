//! SPPO with hard labels: *Self-Play Preference Optimization for Language Model Alignment*, arXiv 2405.00675.

use super::{Pair, PairLoss, each_pair};

/// `(u - 1 / (2 b))^2 + (v + 1 / (2 b))^2`: equation 4.7 with a win probability of 1 for the chosen reply and of 0 for
/// the rejected one. Derivatives: `2 (u - 1 / (2 b))` and `2 (v + 1 / (2 b))`.
pub fn loss(beta: f64, pairs: &[Pair]) -> Vec<PairLoss> {
    let target = 0.5 / beta;
    each_pair(pairs, |p| {
        let (x, y) = (p.chosen_log_ratio() - target, p.rejected_log_ratio() + target);
        PairLoss {
            loss: x * x + y * y,
            d_chosen: 2.0 * x,
            d_rejected: 2.0 * y,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{close, pair};
    use super::*;

    #[test]
    fn worked_by_hand() {
        // u = 2, v = -1, b = 0.1: (2 - 5)^2 + (-1 + 5)^2
        let [term] = loss(0.1, &[pair(-10.0, -20.0, -12.0, -19.0)])[..] else {
            panic!()
        };
        close(term.loss, 25.0);
        close(term.d_chosen, -6.0);
        close(term.d_rejected, 8.0);
    }
}
