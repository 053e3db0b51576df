//! SPPO with hard labels: *Self-Play Preference Optimization for Language Model Alignment*, arXiv 2405.00675.

use super::{Pair, Term, each_pair};

/// `(u - 1 / (2 b))^2 + (v + 1 / (2 b))^2`: equation 4.7 with probability 1 for the chosen reply and 0 for the rejected.
/// Derivatives: `2 (u - 1 / (2 b))` and `2 (v + 1 / (2 b))`.
pub fn loss(beta: f64, pairs: &[Pair]) -> Vec<Term> {
    let target = 0.5 / beta;
    each_pair(pairs, |p| {
        let (x, y) = (p.chosen_ratio() - target, p.rejected_ratio() + target);
        (x * x + y * y, 2.0 * x, 2.0 * y)
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
        close(term.chosen, -6.0);
        close(term.rejected, 8.0);
    }
}
