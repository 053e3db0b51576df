//! KTO: *Model Alignment as Prospect Theoretic Optimization*, arXiv 2402.01306, on single labelled replies.

use super::labelled::{Judged, Slope, each_reply};
use super::scalar::sigmoid;

/// `wd (1 - s(b (u - kl)))` of a good reply, `wu (1 - s(b (kl - v)))` of a bad one, `u`, `v` their log-ratios.
///
/// `kl` is a constant of the batch: nothing is learnt through it. Derivatives: `-wd b s (1 - s)` and `wu b s (1 - s)`.
pub fn loss(beta: f64, weights: (f64, f64), kl: f64, replies: &[Judged]) -> Vec<Slope> {
    each_reply(replies, |reply| {
        let (sign, weight) = if reply.good {
            (1.0, weights.0)
        } else {
            (-1.0, weights.1)
        };
        let s = sigmoid(sign * beta * (reply.ratio - kl));
        (weight * (1.0 - s), -sign * weight * beta * s * (1.0 - s))
    })
}

/// `max(0, mean log-ratio of the mismatched replies)`.
pub fn baseline(replies: &[Judged]) -> f64 {
    let sum: f64 = replies.iter().map(|reply| reply.other_ratio).sum();
    (sum / replies.len().max(1) as f64).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::super::tests::close;
    use super::*;

    #[test]
    fn worked_by_hand() {
        // b = ln 3; mismatched replies: (2 + 0) / 2 = 1; u = 2, v = -1
        let b = 3f64.ln();
        let reply = |good, ratio, other_ratio| Judged {
            good,
            ratio,
            other_ratio,
        };
        let replies = [reply(true, 2.0, 2.0), reply(false, -1.0, 0.0)];
        let kl = baseline(&replies);
        close(kl, 1.0);
        let slopes = loss(b, (2.0, 0.5), kl, &replies);
        // s(b) = 3/4; s(2 b) = 9/10; two rows, so slopes are halved
        close(slopes[0].loss, 2.0 * 0.25);
        close(slopes[0].slope, -2.0 * b * 0.1875 / 2.0);
        close(slopes[1].loss, 0.5 * 0.1);
        close(slopes[1].slope, 0.5 * b * 0.09 / 2.0);
        close(baseline(&[reply(true, 0.0, -3.0)]), 0.0);
    }
}
