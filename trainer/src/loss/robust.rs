//! Robust DPO: *Provably Robust DPO: Aligning Language Models with Noisy Feedback*, arXiv 2403.00409.

use super::divergence::Margin;
use super::scalar::{ValueAndGrad, log_sigmoid, sigmoid};
use super::{PairLoss, each_margin};

/// `[-(1 - e) ln s(b z) + e ln s(-b z)] / (1 - 2 e)`: an unbiased estimate of DPO's loss where each label is flipped
/// with probability `e < 1/2`.
///
/// Derivative by `z`: `b [-(1 - e) s(-b z) - e s(b z)] / (1 - 2 e)`.
pub fn loss(beta: f64, flip_probability: f64, margins: &[Margin]) -> Vec<PairLoss> {
    let scale = 1.0 / (1.0 - 2.0 * flip_probability);
    each_margin(margins, |z| {
        let x = beta * z;
        let value = -(1.0 - flip_probability) * log_sigmoid(x) + flip_probability * log_sigmoid(-x);
        let grad = -(1.0 - flip_probability) * sigmoid(-x) - flip_probability * sigmoid(x);
        ValueAndGrad {
            value: scale * value,
            grad: scale * beta * grad,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{close, kl_margins, pair};
    use super::*;

    #[test]
    fn worked_by_hand() {
        // b z = ln 3, s = 3/4, e = 1/4: (3/4 ln 4/3 - 1/4 ln 4) / (1/2)
        let beta = 3f64.ln() / 3.0;
        let [term] = loss(beta, 0.25, &kl_margins(&[pair(-10.0, -20.0, -12.0, -19.0)]))[..] else {
            panic!()
        };
        close(term.loss, 2.0 * (0.75 * (4.0f64 / 3.0).ln() - 0.25 * 4f64.ln()));
        // b (-3/4 1/4 - 1/4 3/4) / (1/2)
        close(term.d_chosen, -0.75 * beta);
        close(term.d_rejected, 0.75 * beta);
    }
}
