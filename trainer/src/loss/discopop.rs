//! DiscoPOP: *Discovering Preference Optimization Algorithms with and for Large Language Models*, arXiv 2406.08414.

use super::scalar::{log_sigmoid, sigmoid};
use super::{Pair, PairLoss, each_pair};

/// Equation 5, the log-ratio modulated loss: with `x = b z` and `m = s(x / tau)`, `-ln s(x) (1 - m) + e^-x m`.
///
/// Derivative by `x`: `-s(-x) (1 - m) - e^-x m + (e^-x + ln s(x)) m (1 - m) / tau`. It is positive around `x = 0`: the
/// loss has a local minimum just left of it, where pairs that the model ranks slightly wrong may stay.
pub fn loss(beta: f64, tau: f64, pairs: &[Pair]) -> Vec<PairLoss> {
    each_pair(pairs, |p| {
        let x = beta * p.margin();
        let (m, one_minus_m) = (sigmoid(x / tau), sigmoid(-x / tau));
        // e^-x m as one exponential: for x far below 0 its factors overflow and underflow
        let exponential = (log_sigmoid(x / tau) - x).exp();
        let value = -log_sigmoid(x) * one_minus_m + exponential;
        let grad = -sigmoid(-x) * one_minus_m - exponential + (exponential + log_sigmoid(x) * m) * one_minus_m / tau;
        PairLoss {
            loss: value,
            d_chosen: beta * grad,
            d_rejected: -beta * grad,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{close, pair};
    use super::*;

    #[test]
    fn worked_by_hand() {
        // x = ln 3 and tau = 1: m = 3/4; ln 4/3 / 4 + 1/3 3/4
        let beta = 3f64.ln() / 3.0;
        let third = (4.0f64 / 3.0).ln();
        let [term] = loss(beta, 1.0, &[pair(-10.0, -20.0, -12.0, -19.0)])[..] else {
            panic!()
        };
        close(term.loss, third / 4.0 + 0.25);
        // -1/4 1/4 - 1/3 3/4 + (1/3 - ln 4/3) 3/4 1/4
        let slope = -1.0 / 16.0 - 0.25 + (1.0 / 3.0 - third) * 3.0 / 16.0;
        close(term.d_chosen, beta * slope);
        close(term.d_rejected, -beta * slope);
        // at the start: (ln 2 + 1) / 2
        close(
            loss(0.05, 0.05, &[pair(-1.0, -2.0, -1.0, -2.0)])[0].loss,
            0.5 * (2f64.ln() + 1.0),
        );
    }

    #[test]
    fn a_wide_margin_stays_finite() {
        for z in [-1e5, 1e5] {
            let term = loss(0.1, 0.05, &[pair(z, 0.0, 0.0, 0.0)])[0];
            assert!(term.loss.is_finite() && term.d_chosen.is_finite(), "{term:?}");
        }
    }
}
