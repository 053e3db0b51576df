//! NCA on pairs: *Noise Contrastive Alignment of Language Models with Explicit Rewards*, arXiv 2402.05369.

use super::scalar::{log_sigmoid, sigmoid};
use super::{Pair, Term, each_pair};

/// `-ln s(b u) - 1/2 ln s(-b u) - 1/2 ln s(-b v)`: each reply against the reference, so that the chosen one's likelihood
/// does not fall with the rejected one's.
///
/// Derivatives: `b [s(b u) / 2 - s(-b u)]` and `b s(b v) / 2`.
pub fn loss(beta: f64, pairs: &[Pair]) -> Vec<Term> {
    each_pair(pairs, |p| {
        let (x, y) = (beta * p.chosen_ratio(), beta * p.rejected_ratio());
        let value = -log_sigmoid(x) - 0.5 * log_sigmoid(-x) - 0.5 * log_sigmoid(-y);
        (value, beta * (0.5 * sigmoid(x) - sigmoid(-x)), beta * 0.5 * sigmoid(y))
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
        close(term.chosen, b * (0.375 - 0.25));
        close(term.rejected, b * 0.125);
        // at the start: 2 ln 2, and both move
        let [start] = loss(b, &[pair(-9.0, -11.0, -9.0, -11.0)])[..] else {
            panic!()
        };
        close(start.loss, 2.0 * 2f64.ln());
        close(start.chosen, -b / 4.0);
        close(start.rejected, b / 4.0);
    }
}
