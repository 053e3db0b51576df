//! Reward modelling: the Bradley-Terry loss of *Training language models to follow instructions with human feedback*
//! (InstructGPT), arXiv 2203.02155, equation 1.

use super::scalar::{log_sigmoid, sigmoid};
use super::{BatchLoss, Values};

/// `-mean ln s(w - l)` over pairs of a value head's scores. Derivatives: `-(1 - s(w - l)) / pairs` by `w`, its opposite
/// by `l`.
///
/// `scores`: `[2 pairs]`, of each pair `w` (chosen), then `l` (rejected). `accuracy` is the fraction of pairs with
/// `w > l`.
pub fn loss(scores: &[f32]) -> BatchLoss {
    let n = (scores.len() / 2).max(1) as f64;
    let (mut loss, mut d_value, mut accuracy) = (0.0, Vec::with_capacity(scores.len()), 0.0);
    let (mut chosen, mut rejected) = (0.0, 0.0);
    for pair in scores.chunks_exact(2) {
        let (w, l) = (f64::from(pair[0]), f64::from(pair[1]));
        loss -= log_sigmoid(w - l) / n;
        let grad = sigmoid(l - w) / n;
        d_value.extend([-grad as f32, grad as f32]);
        accuracy += f64::from(u8::from(w > l)) / n;
        chosen += w / n;
        rejected += l / n;
    }
    BatchLoss {
        loss,
        d_logp: vec![0.0; scores.len()],
        d_value,
        values: Values::from([
            ("accuracy", accuracy),
            ("rewards/chosen", chosen),
            ("rewards/rejected", rejected),
            ("rewards/margins", chosen - rejected),
        ]),
        weighted: vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::close;
    use super::*;

    #[test]
    fn worked_by_hand() {
        // w - l = ln 3: s = 3/4; and 0: s = 1/2, not counted by the accuracy
        let found = loss(&[3f32.ln() + 1.0, 1.0, 2.0, 2.0]);
        let third = f64::from(3f32.ln() + 1.0) - 1.0;
        close(found.loss, ((1.0 + (-third).exp()).ln() + 2f64.ln()) / 2.0);
        for (got, want) in found.d_value.iter().zip([-0.125, 0.125, -0.25, 0.25]) {
            assert!((got - want).abs() < 1e-6, "{got} {want}");
        }
        close(found.values["accuracy"], 0.5);
        close(found.values["rewards/rejected"], 1.5);
    }

    #[test]
    fn swapping_the_replies_flips_the_slopes() {
        let (one, other) = (loss(&[0.3, -0.2]), loss(&[-0.2, 0.3]));
        assert!(one.d_value[0] < 0.0 && one.d_value[1] > 0.0);
        // s(x) + s(-x) = 1
        assert!((one.d_value[0] + other.d_value[0] + 1.0).abs() < 1e-6);
        assert_eq!((one.values["accuracy"], other.values["accuracy"]), (1.0, 0.0));
    }
}
