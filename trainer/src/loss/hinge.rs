//! Hinge loss on the DPO margin: RSO, arXiv 2309.06657, after SLiC, arXiv 2305.10425.

use super::divergence::Margin;
use super::scalar::ValueAndGrad;
use super::{PairLoss, each_margin};

/// `max(0, 1 - b z)`, with `z = (c - c0) - (r - r0)` over summed log-probs. Derivative by `z`: `-b` while `b z < 1`,
/// then 0.
pub fn loss(beta: f64, margins: &[Margin]) -> Vec<PairLoss> {
    each_margin(margins, |z| {
        let gap = 1.0 - beta * z;
        ValueAndGrad {
            value: gap.max(0.0),
            grad: if gap > 0.0 { -beta } else { 0.0 },
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{close, kl_margins, pair};
    use super::*;

    #[test]
    fn worked_by_hand() {
        // z = 3, b z = 0.3: inside the margin; z = 30, b z = 3: outside. Two pairs, so slopes are halved.
        let terms = loss(
            0.1,
            &kl_margins(&[pair(-10.0, -20.0, -12.0, -19.0), pair(-10.0, -50.0, -12.0, -22.0)]),
        );
        close(terms[0].loss, 0.7);
        close(terms[0].d_chosen, -0.05);
        close(terms[0].d_rejected, 0.05);
        assert_eq!((terms[1].loss, terms[1].d_chosen, terms[1].d_rejected), (0.0, 0.0, 0.0));
    }
}
