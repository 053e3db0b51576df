//! BCO: *Binary Classifier Optimization for Large Language Model Alignment*, arXiv 2404.04656, on single labelled replies.

use super::labelled::{Judged, Slope, each_reply};
use super::scalar::{log_sigmoid, sigmoid};

/// `-ln s(b u - d)` of a good reply, `-ln s(d - b v)` of a bad one, `u`, `v` their log-ratios.
///
/// `d`, the mean reward over all batches of the run so far, this one among them, is a constant. Derivatives:
/// `-b (1 - s(b u - d))` and `b s(b v - d)`.
pub fn loss(beta: f64, delta: f64, replies: &[Judged]) -> Vec<Slope> {
    each_reply(replies, |reply| {
        let sign = if reply.good { 1.0 } else { -1.0 };
        let x = sign * (beta * reply.ratio - delta);
        (-log_sigmoid(x), -sign * beta * sigmoid(-x))
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::close;
    use super::*;

    #[test]
    fn worked_by_hand() {
        // b = 1, d = 1: b u - d = ln 3 gives s = 3/4; b v - d = -ln 3 gives 1 - s = 3/4
        let reply = |good, ratio| Judged {
            good,
            ratio,
            other_ratio: 0.0,
        };
        let slopes = loss(1.0, 1.0, &[reply(true, 1.0 + 3f64.ln()), reply(false, 1.0 - 3f64.ln())]);
        for (slope, sign) in slopes.iter().zip([-1.0, 1.0]) {
            close(slope.loss, (4.0f64 / 3.0).ln());
            close(slope.slope, sign * 0.25 / 2.0);
        }
    }
}
