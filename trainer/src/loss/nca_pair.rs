//! NCA on pairs: *Noise Contrastive Alignment of Language Models with Explicit Rewards*, arXiv 2402.05369.

use super::scalar::{log_sigmoid, sigmoid};
use super::{Pair, PairLoss, each_pair};

/// `-ln s(b u) - 1/2 ln s(-b u) - 1/2 ln s(-b v)`: each reply is compared with the reference alone, so that the chosen
/// one's likelihood does not fall with the rejected one's.
///
/// Derivatives: `b [s(b u) / 2 - s(-b u)]` and `b s(b v) / 2`.
pub fn loss(beta: f64, pairs: &[Pair]) -> Vec<PairLoss> {
    each_pair(pairs, |p| {
        let (x, y) = (beta * p.chosen_log_ratio(), beta * p.rejected_log_ratio());
        PairLoss {
            loss: -log_sigmoid(x) - 0.5 * log_sigmoid(-x) - 0.5 * log_sigmoid(-y),
            d_chosen: beta * (0.5 * sigmoid(x) - sigmoid(-x)),
            d_rejected: beta * 0.5 * sigmoid(y),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{close, pair};
    use super::*;

    #[test]
    fn worked_by_hand() {
        // b = ln 3: s(b u) = 3/4, s(b v) = 1/4 with u = 1, v = -1
        let b = 3f64.ln();
        let [term] = loss(b, &[pair(-9.0, -11.0, -10.0, -10.0)])[..] else {
            panic!()
        };
        let third = (4.0f64 / 3.0).ln();
        close(term.loss, third + 0.5 * 4f64.ln() + 0.5 * third);
        close(term.d_chosen, b * (0.375 - 0.25));
        close(term.d_rejected, b * 0.125);
        // at the start: 2 ln 2, and both move
        let [start] = loss(b, &[pair(-9.0, -11.0, -9.0, -11.0)])[..] else {
            panic!()
        };
        close(start.loss, 2.0 * 2f64.ln());
        close(start.d_chosen, -b / 4.0);
        close(start.d_rejected, b / 4.0);
    }
}
