//! DPO: *Direct Preference Optimization*, arXiv 2305.18290, equation 7; with label smoothing, conservative DPO (cDPO,
//! Eric Mitchell's note of 2023).

use super::divergence::Margin;
use super::scalar::{ValueAndGrad, log_sigmoid, sigmoid};
use super::{PairLoss, each_margin};

/// [`smoothed_loss`] of each margin `z = (c - c0) - (r - r0)` over summed log-probs.
pub fn loss(beta: f64, smoothing: f64, margins: &[Margin]) -> Vec<PairLoss> {
    each_margin(margins, |z| smoothed_loss(beta, smoothing, z))
}

/// `-(1 - e) ln s(b z) - e ln s(-b z)`, with `e` the label smoothing. Derivative by `z`: `b (s(b z) - (1 - e))`.
pub(super) fn smoothed_loss(beta: f64, smoothing: f64, z: f64) -> ValueAndGrad {
    let x = beta * z;
    ValueAndGrad {
        value: -(1.0 - smoothing) * log_sigmoid(x) - smoothing * log_sigmoid(-x),
        grad: beta * (sigmoid(x) - (1.0 - smoothing)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{close, kl_margins, pair};
    use super::*;

    #[test]
    fn worked_by_hand() {
        // u = -10 + 12 = 2, v = -20 + 19 = -1, z = 3; b z = 3 ln 3 / 3 = ln 3, s = 3/4
        let beta = 3f64.ln() / 3.0;
        let pairs = kl_margins(&[pair(-10.0, -20.0, -12.0, -19.0)]);
        let [term] = loss(beta, 0.0, &pairs)[..] else { panic!() };
        // -ln 3/4, slope b (3/4 - 1)
        close(term.loss, (4.0f64 / 3.0).ln());
        close(term.d_chosen, -beta / 4.0);
        close(term.d_rejected, beta / 4.0);
        // e = 0.1: -0.9 ln 3/4 - 0.1 ln 1/4, slope b (0.75 - 0.9)
        let [term] = loss(beta, 0.1, &pairs)[..] else { panic!() };
        close(term.loss, 0.9 * (4.0f64 / 3.0).ln() + 0.1 * 4f64.ln());
        close(term.d_chosen, -0.15 * beta);
    }
}
