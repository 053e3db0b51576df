//! EXO on pairs: *Towards Efficient Exact Optimization of Language Model Alignment*, arXiv 2402.00856, equation 16.

use super::divergence::Margin;
use super::scalar::{ValueAndGrad, log_sigmoid, sigmoid};
use super::{PairLoss, each_margin};

/// The reverse KL from the policy's preference `s(b z)` to the label's, smoothed to `1 - e : e` with `e > 0`:
/// `s(b z) [ln s(b z) - ln(1 - e)] + s(-b z) [ln s(-b z) - ln e]`.
///
/// Derivative by `z`: `b s(b z) s(-b z) [b z - ln((1 - e) / e)]`. It is 0 where the two preferences are equal.
pub fn loss(beta: f64, smoothing: f64, margins: &[Margin]) -> Vec<PairLoss> {
    let (log_chosen, log_rejected) = ((1.0 - smoothing).ln(), smoothing.ln());
    each_margin(margins, |z| {
        let x = beta * z;
        let (s, t) = (sigmoid(x), sigmoid(-x));
        ValueAndGrad {
            value: s * (log_sigmoid(x) - log_chosen) + t * (log_sigmoid(-x) - log_rejected),
            grad: beta * s * t * (x - (log_chosen - log_rejected)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{close, kl_margins, pair};
    use super::*;

    #[test]
    fn worked_by_hand() {
        let beta = 3f64.ln() / 3.0;
        let margins = kl_margins(&[pair(-10.0, -20.0, -12.0, -19.0)]);
        // b z = ln 3, s = 3/4; e = 1/2: 3/4 ln 3/2 + 1/4 ln 1/2
        let term = loss(beta, 0.5, &margins)[0];
        close(term.loss, 0.75 * 1.5f64.ln() - 0.25 * 2f64.ln());
        close(term.d_chosen, beta * 3.0 / 16.0 * 3f64.ln());
        close(term.d_rejected, -term.d_chosen);
        // e = 1/4 is the policy's own preference: nothing to do
        let there = loss(beta, 0.25, &margins)[0];
        close(there.loss, 0.0);
        close(there.d_chosen, 0.0);
    }
}
