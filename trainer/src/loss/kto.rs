//! KTO: *Model Alignment as Prospect Theoretic Optimization*, arXiv 2402.01306, on single labelled replies.

use super::labelled::{LabelledReply, ReplyLoss, each_reply};
use super::scalar::{ValueAndGrad, sigmoid};

/// What the losses of good (desirable) and of bad (undesirable) replies are multiplied by: the paper's `lambda_D` and
/// `lambda_U`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    pub desirable: f64,
    pub undesirable: f64,
}

/// `wd (1 - s(b (u - kl)))` of a good reply and `wu (1 - s(b (kl - v)))` of a bad one, with `u`, `v` their log-ratios.
///
/// `kl`, the reference point, is a constant to the gradient. Derivatives: `-wd b s (1 - s)` and `wu b s (1 - s)`.
pub fn loss(beta: f64, weights: Weights, kl: f64, replies: &[LabelledReply]) -> Vec<ReplyLoss> {
    each_reply(replies, |reply| {
        let (sign, weight) = if reply.good {
            (1.0, weights.desirable)
        } else {
            (-1.0, weights.undesirable)
        };
        let s = sigmoid(sign * beta * (reply.log_ratio - kl));
        ValueAndGrad {
            value: weight * (1.0 - s),
            grad: -sign * weight * beta * s * (1.0 - s),
        }
    })
}

/// The batch's estimate of the KL divergence from the reference: `max(0, mean log-ratio of the mismatched replies)`.
pub fn kl_estimate(replies: &[LabelledReply]) -> f64 {
    let sum: f64 = replies.iter().map(|reply| reply.mismatched_log_ratio).sum();
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
        let reply = |good, log_ratio, mismatched_log_ratio| LabelledReply {
            good,
            log_ratio,
            mismatched_log_ratio,
        };
        let replies = [reply(true, 2.0, 2.0), reply(false, -1.0, 0.0)];
        let kl = kl_estimate(&replies);
        close(kl, 1.0);
        let weights = Weights {
            desirable: 2.0,
            undesirable: 0.5,
        };
        let losses = loss(b, weights, kl, &replies);
        // s(b) = 3/4; s(2 b) = 9/10; two rows, so derivatives are halved
        close(losses[0].loss, 2.0 * 0.25);
        close(losses[0].d_log_ratio, -2.0 * b * 0.1875 / 2.0);
        close(losses[1].loss, 0.5 * 0.1);
        close(losses[1].d_log_ratio, 0.5 * b * 0.09 / 2.0);
        close(kl_estimate(&[reply(true, 0.0, -3.0)]), 0.0);
    }
}
