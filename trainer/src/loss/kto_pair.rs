//! KTO on pairs: *KTO: Model Alignment as Prospect Theoretic Optimization*, arXiv 2402.01306, in TRL 0.8.6's form.

use super::kto::Weights;
use super::scalar::{ValueAndGrad, sigmoid};
use super::{Pair, PairLoss};

/// With `u = c - c0`, `v = r - r0`, `KLc = max(0, mean u)`, `KLr = max(0, mean v)` over the micro-batch, the mean of
/// its 2 B losses `wc (1 - s(b (u - KLr)))` and `wr (1 - s(b (KLc - v)))`.
///
/// Neither KL is detached: every pair's `u` moves `KLc`, and so every rejected loss. At exactly 0 the clamp passes no
/// gradient, as in PyTorch (2.15): where policy and reference are equal, in the first step of each run, it is there.
pub fn loss(beta: f64, weights: Weights, pairs: &[Pair]) -> Vec<PairLoss> {
    let n = pairs.len() as f64;
    let mean_u = pairs.iter().map(Pair::chosen_log_ratio).sum::<f64>() / n;
    let mean_v = pairs.iter().map(Pair::rejected_log_ratio).sum::<f64>() / n;
    let (kl_chosen, kl_rejected) = (mean_u.max(0.0), mean_v.max(0.0));
    // w (1 - s(b x)), and its derivative by x
    let side = |weight: f64, x: f64| {
        let s = sigmoid(beta * x);
        ValueAndGrad {
            value: weight * (1.0 - s),
            grad: -weight * beta * s * (1.0 - s),
        }
    };
    let side_losses = |p: &Pair| SideLosses {
        chosen: side(weights.desirable, p.chosen_log_ratio() - kl_rejected),
        rejected: side(weights.undesirable, kl_chosen - p.rejected_log_ratio()),
    };
    let sides: Vec<_> = pairs.iter().map(side_losses).collect();
    // d KL / d log-ratio of each pair: 1 / n above the clamp, else 0
    let clamp_grad = |mean: f64| f64::from(u8::from(mean > 0.0)) / n;
    let d_kl_chosen = sides.iter().map(|side| side.rejected.grad).sum::<f64>() * clamp_grad(mean_u);
    let d_kl_rejected = -sides.iter().map(|side| side.chosen.grad).sum::<f64>() * clamp_grad(mean_v);
    sides
        .iter()
        .map(|side| PairLoss {
            loss: (side.chosen.value + side.rejected.value) / 2.0,
            d_chosen: (side.chosen.grad + d_kl_chosen) / (2.0 * n),
            d_rejected: (-side.rejected.grad + d_kl_rejected) / (2.0 * n),
        })
        .collect()
}

/// A pair's two losses, each with its derivative by its difference of log-ratio and KL.
struct SideLosses {
    chosen: ValueAndGrad,
    rejected: ValueAndGrad,
}

#[cfg(test)]
mod tests {
    use super::super::tests::{close, pair};
    use super::*;

    fn weights(desirable: f64, undesirable: f64) -> Weights {
        Weights { desirable, undesirable }
    }

    #[test]
    fn worked_by_hand() {
        // u = 2, 0 and v = -1, -3: KLc = 1, KLr = max(0, -2) = 0; b = ln 3
        let b = 3f64.ln();
        let pairs = [pair(-8.0, -11.0, -10.0, -10.0), pair(-10.0, -13.0, -10.0, -10.0)];
        let terms = loss(b, weights(1.0, 1.0), &pairs);
        // chosen: 1 - s(2b) = 1/10, 1 - s(0) = 1/2; rejected: 1 - s(b (1 + 1)) = 1/10, 1 - s(b (1 + 3)) = 1/82
        close(terms[0].loss, (0.1 + 0.1) / 2.0);
        close(terms[1].loss, (0.5 + 1.0 / 82.0) / 2.0);
        // s (1 - s): 9/100, 1/4; 9/100, 81/6724. By KLc, through the mean of u: half the sum of the rejected
        // derivatives.
        let (r0, r1) = (-b * 0.09, -b * 81.0 / 6724.0);
        let kl = (r0 + r1) / 2.0;
        close(terms[0].d_chosen, (-b * 0.09 + kl) / 4.0);
        close(terms[1].d_chosen, (-b * 0.25 + kl) / 4.0);
        // KLr is clamped away: v moves its own loss alone
        close(terms[0].d_rejected, -r0 / 4.0);
        close(terms[1].d_rejected, -r1 / 4.0);
    }

    #[test]
    fn weights_multiply_the_losses_of_their_side() {
        let pairs = [pair(-10.0, -10.0, -10.0, -10.0)];
        close(loss(0.1, weights(1.0, 1.0), &pairs)[0].loss, 0.5);
        close(loss(0.1, weights(2.0, 0.5), &pairs)[0].loss, 0.625);
    }

    #[test]
    fn at_the_start_the_kl_terms_carry_no_gradient() {
        // policy = reference: KLc = KLr = 0, derivatives b/4 of each side
        let terms = loss(0.4, weights(1.0, 1.0), &[pair(-10.0, -10.0, -10.0, -10.0)]);
        close(terms[0].d_chosen, -0.1 / 2.0);
        close(terms[0].d_rejected, 0.1 / 2.0);
    }
}
