//! IPO: *A General Theoretical Paradigm to Understand Learning from Human Preferences*, arXiv 2310.12036, equation 17.

use super::divergence::Margin;
use super::scalar::ValueAndGrad;
use super::{PairLoss, each_margin};

/// `(z - 1 / (2 b))^2`, with `z = (c - c0) - (r - r0)` over log-probs averaged per token. Derivative by `z`:
/// `2 (z - 1 / (2 b))`.
pub fn loss(beta: f64, margins: &[Margin]) -> Vec<PairLoss> {
    each_margin(margins, |z| {
        let error = z - 1.0 / (2.0 * beta);
        ValueAndGrad {
            value: error * error,
            grad: 2.0 * error,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{close, kl_margins, pair};
    use super::*;

    #[test]
    fn worked_by_hand() {
        // at the start z = 0: (1 / 0.2)^2 = 25
        close(loss(0.1, &kl_margins(&[pair(-1.0, -2.0, -1.0, -2.0)]))[0].loss, 25.0);
        // u = 0.5, v = -1, z = 1.5: (1.5 - 5)^2 = 12.25, slope -7
        let terms = loss(0.1, &kl_margins(&[pair(-1.0, -3.0, -1.5, -2.0)]));
        close(terms[0].loss, 12.25);
        close(terms[0].d_chosen, -7.0);
        close(terms[0].d_rejected, 7.0);
    }
}
