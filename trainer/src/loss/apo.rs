//! APO: *Anchored Preference Optimization and Contrastive Revisions: Addressing Underspecification in Alignment*, arXiv
//! 2408.06266.

use super::scalar::sigmoid;
use super::{Pair, Term, each_pair};

/// APO-zero, equation 7: `1 - s(b u) + s(b v)`, for chosen replies better than the model's own.
/// Derivatives: `-b s'(b u)` and `b s'(b v)`.
pub fn zero(beta: f64, pairs: &[Pair]) -> Vec<Term> {
    each_pair(pairs, |p| {
        let (s, by_s) = logistic(beta * p.chosen_ratio());
        let (t, by_t) = logistic(beta * p.rejected_ratio());
        (1.0 - s + t, -beta * by_s, beta * by_t)
    })
}

/// APO-down, equation 8: `s(b u) + 1 - s(b (u - v))`, for chosen replies worse than the model's own: both fall, the
/// rejected one further. Derivatives: `b [s'(b u) - s'(b z)]` and `b s'(b z)`.
pub fn down(beta: f64, pairs: &[Pair]) -> Vec<Term> {
    each_pair(pairs, |p| {
        let (s, by_s) = logistic(beta * p.chosen_ratio());
        let (m, by_m) = logistic(beta * p.margin());
        (s + 1.0 - m, beta * (by_s - by_m), beta * by_m)
    })
}

/// `s(x)` and its derivative.
fn logistic(x: f64) -> (f64, f64) {
    let s = sigmoid(x);
    (s, s * sigmoid(-x))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{close, pair};
    use super::*;

    #[test]
    fn worked_by_hand() {
        // b = ln 3, u = 1, v = -1: s(b u) = 3/4, s(b v) = 1/4, s(b z) = 9/10
        let b = 3f64.ln();
        let pairs = [pair(-9.0, -11.0, -10.0, -10.0)];
        let term = zero(b, &pairs)[0];
        close(term.loss, 0.5);
        close(term.chosen, -b * 3.0 / 16.0);
        close(term.rejected, b * 3.0 / 16.0);
        let term = down(b, &pairs)[0];
        close(term.loss, 0.85);
        close(term.chosen, b * (3.0 / 16.0 - 0.09));
        close(term.rejected, b * 0.09);
    }
}
