//! APO: *Anchored Preference Optimization and Contrastive Revisions: Addressing Underspecification in Alignment*, arXiv
//! 2408.06266.

use super::scalar::{ValueAndGrad, sigmoid};
use super::{Pair, PairLoss, each_pair};

/// APO-zero, equation 7: `1 - s(b u) + s(b v)`, for chosen replies that are better than the model's own.
/// Derivatives: `-b s'(b u)` and `b s'(b v)`.
pub fn zero(beta: f64, pairs: &[Pair]) -> Vec<PairLoss> {
    each_pair(pairs, |p| {
        let chosen = logistic(beta * p.chosen_log_ratio());
        let rejected = logistic(beta * p.rejected_log_ratio());
        PairLoss {
            loss: 1.0 - chosen.value + rejected.value,
            d_chosen: -beta * chosen.grad,
            d_rejected: beta * rejected.grad,
        }
    })
}

/// APO-down, equation 8: `s(b u) + 1 - s(b (u - v))`, for chosen replies that are worse than the model's own: the
/// likelihoods of both fall, the rejected one's further. Derivatives: `b [s'(b u) - s'(b z)]` and `b s'(b z)`.
pub fn down(beta: f64, pairs: &[Pair]) -> Vec<PairLoss> {
    each_pair(pairs, |p| {
        let chosen = logistic(beta * p.chosen_log_ratio());
        let margin = logistic(beta * p.margin());
        PairLoss {
            loss: chosen.value + 1.0 - margin.value,
            d_chosen: beta * (chosen.grad - margin.grad),
            d_rejected: beta * margin.grad,
        }
    })
}

/// `s(x)` and its derivative `s(x) s(-x)`.
fn logistic(x: f64) -> ValueAndGrad {
    let value = sigmoid(x);
    ValueAndGrad {
        value,
        grad: value * sigmoid(-x),
    }
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
        close(term.d_chosen, -b * 3.0 / 16.0);
        close(term.d_rejected, b * 3.0 / 16.0);
        let term = down(b, &pairs)[0];
        close(term.loss, 0.85);
        close(term.d_chosen, b * (3.0 / 16.0 - 0.09));
        close(term.d_rejected, b * 0.09);
    }
}
