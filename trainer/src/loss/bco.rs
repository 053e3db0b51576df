//! BCO: *Binary Classifier Optimization for Large Language Model Alignment*, arXiv 2404.04656, on single labelled
//! replies.

use super::labelled::{LabelledReply, ReplyLoss, each_reply};
use super::scalar::{ValueAndGrad, log_sigmoid, sigmoid};

/// `-ln s(b u - d)` of a good reply and `-ln s(d - b v)` of a bad one, with `u`, `v` their log-ratios.
///
/// `delta` (`d`, the reward shift) is the mean reward over all batches of the run so far, this one included. It is a
/// constant to the gradient. Derivatives: `-b (1 - s(b u - d))` and `b s(b v - d)`.
pub fn loss(beta: f64, delta: f64, replies: &[LabelledReply]) -> Vec<ReplyLoss> {
    each_reply(replies, |reply| {
        let sign = if reply.good { 1.0 } else { -1.0 };
        let x = sign * (beta * reply.log_ratio - delta);
        ValueAndGrad {
            value: -log_sigmoid(x),
            grad: -sign * beta * sigmoid(-x),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::close;
    use super::*;

    #[test]
    fn worked_by_hand() {
        // b = 1, d = 1: b u - d = ln 3 gives s = 3/4; b v - d = -ln 3 gives 1 - s = 3/4
        let reply = |good, log_ratio| LabelledReply {
            good,
            log_ratio,
            mismatched_log_ratio: 0.0,
        };
        let losses = loss(1.0, 1.0, &[reply(true, 1.0 + 3f64.ln()), reply(false, 1.0 - 3f64.ln())]);
        for (reply, sign) in losses.iter().zip([-1.0, 1.0]) {
            close(reply.loss, (4.0f64 / 3.0).ln());
            close(reply.d_log_ratio, sign * 0.25 / 2.0);
        }
    }
}
