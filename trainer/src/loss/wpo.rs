//! WPO's weights: *WPO: Enhancing RLHF with Weighted Preference Optimization*, arXiv 2406.11827, equation 2.

use super::{ScoredPair, Side, count};

/// `min(1, w(chosen) w(rejected))`, with `w = exp(mean over the reply's tokens of ln p(y) - ln sum_v p(v)^2)`: how
/// likely the policy finds a reply, compared with what it would sample itself. A constant to the gradient.
pub fn weight(pair: &ScoredPair) -> f64 {
    (log_weight(pair.chosen) + log_weight(pair.rejected)).exp().min(1.0)
}

fn log_weight(side: Side) -> f64 {
    let tokens = side.logps.iter().zip(side.log_collision_probs);
    tokens
        .map(|(&logp, &log_collision)| f64::from(logp) - f64::from(log_collision))
        .sum::<f64>()
        / count(side)
}

#[cfg(test)]
mod tests {
    use super::super::tests::close;
    use super::*;

    fn side<'a>(logps: &'a [f32], log_collision_probs: &'a [f32]) -> Side<'a> {
        Side {
            logps,
            mean_logits: &[],
            log_collision_probs,
        }
    }

    #[test]
    fn worked_by_hand() {
        // chosen: mean(-1 + 0.5, -2 + 1) = -0.75; rejected: -0.25
        let pair = ScoredPair {
            chosen: side(&[-1.0, -2.0], &[-0.5, -1.0]),
            rejected: side(&[-0.5], &[-0.25]),
            reference: None,
        };
        close(weight(&pair), (-1.0f64).exp());
        // likelier than the policy's own: 1
        let sure = ScoredPair {
            rejected: side(&[-0.25], &[-3.0]),
            ..pair
        };
        close(weight(&sure), 1.0);
    }
}
