//! KTO on pairs: *KTO: Model Alignment as Prospect Theoretic Optimization*, arXiv 2402.01306, in TRL 0.8.6's form.

use super::scalar::sigmoid;
use super::{Pair, Term};

/// With `u = c - c0`, `v = r - r0`, `KLc = max(0, mean u)`, `KLr = max(0, mean v)` over the micro-batch, the mean of its
/// 2 B losses `wc (1 - s(b (u - KLr)))` and `wr (1 - s(b (KLc - v)))`.
///
/// Neither KL is detached: every pair's `u` moves `KLc`, and so every rejected loss. At exactly 0 the clamp lets no
/// gradient through, as PyTorch's (2.15) does: with policy = reference, that is the first step of each run.
pub fn loss(beta: f64, weights: (f64, f64), pairs: &[Pair]) -> Vec<Term> {
    let n = pairs.len() as f64;
    let mean_u = pairs.iter().map(Pair::chosen_ratio).sum::<f64>() / n;
    let mean_v = pairs.iter().map(Pair::rejected_ratio).sum::<f64>() / n;
    let (kl_chosen, kl_rejected) = (mean_u.max(0.0), mean_v.max(0.0));
    // (loss, derivative by its argument) of both halves, pair by pair
    let halves: Vec<_> = pairs
        .iter()
        .map(|p| {
            let half = |weight: f64, x: f64| {
                let s = sigmoid(beta * x);
                (weight * (1.0 - s), -weight * beta * s * (1.0 - s))
            };
            let chosen = half(weights.0, p.chosen_ratio() - kl_rejected);
            let rejected = half(weights.1, kl_chosen - p.rejected_ratio());
            (chosen, rejected)
        })
        .collect();
    let through = |mean: f64| f64::from(u8::from(mean > 0.0)) / n;
    let by_kl_chosen = halves.iter().map(|(_, r)| r.1).sum::<f64>() * through(mean_u);
    let by_kl_rejected = -halves.iter().map(|(c, _)| c.1).sum::<f64>() * through(mean_v);
    halves
        .iter()
        .map(|(c, r)| Term {
            loss: (c.0 + r.0) / 2.0,
            chosen: (c.1 + by_kl_chosen) / (2.0 * n),
            rejected: (-r.1 + by_kl_rejected) / (2.0 * n),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{close, pair};
    use super::*;

    #[test]
    fn worked_by_hand() {
        // u = 2, 0 and v = -1, -3: KLc = 1, KLr = max(0, -2) = 0; b = ln 3
        let b = 3f64.ln();
        let pairs = [pair(-8.0, -11.0, -10.0, -10.0), pair(-10.0, -13.0, -10.0, -10.0)];
        let terms = loss(b, (1.0, 1.0), &pairs);
        // chosen: 1 - s(2b) = 1/10, 1 - s(0) = 1/2; rejected: 1 - s(b (1 + 1)) = 1/10, 1 - s(b (1 + 3)) = 1/82
        close(terms[0].loss, (0.1 + 0.1) / 2.0);
        close(terms[1].loss, (0.5 + 1.0 / 82.0) / 2.0);
        // s (1 - s): 9/100, 1/4; 9/100, 81/6724. By KLc, through the mean of u: half the sum of the rejected slopes.
        let (r0, r1) = (-b * 0.09, -b * 81.0 / 6724.0);
        let kl = (r0 + r1) / 2.0;
        close(terms[0].chosen, (-b * 0.09 + kl) / 4.0);
        close(terms[1].chosen, (-b * 0.25 + kl) / 4.0);
        // KLr is clamped away: v moves its own loss alone
        close(terms[0].rejected, -r0 / 4.0);
        close(terms[1].rejected, -r1 / 4.0);
    }

    #[test]
    fn weights_multiply_the_halves() {
        let pairs = [pair(-10.0, -10.0, -10.0, -10.0)];
        close(loss(0.1, (1.0, 1.0), &pairs)[0].loss, 0.5);
        close(loss(0.1, (2.0, 0.5), &pairs)[0].loss, 0.625);
    }

    #[test]
    fn at_the_start_the_kl_terms_carry_no_gradient() {
        // policy = reference: KLc = KLr = 0, slopes b/4 for each half
        let terms = loss(0.4, (1.0, 1.0), &[pair(-10.0, -10.0, -10.0, -10.0)]);
        close(terms[0].chosen, -0.1 / 2.0);
        close(terms[0].rejected, 0.1 / 2.0);
    }
}
