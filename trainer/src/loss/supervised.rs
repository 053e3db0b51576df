//! Cross entropy: `-sum_t w_t logp_t / tokens`, the weights `w_t` constants to the gradient.
//!
//! Even: `w = 1`. DFT (arXiv 2508.05629): `w = p(y_t)`, which takes the factor `1 / p` off the gradient. EAFT (arXiv
//! 2601.02151): `w = (H_t / 3)^alpha`, `H_t` the entropy of the 20 likeliest tokens among themselves (at most ln 20, about
//! 3), so that what the model is sure of and the data says otherwise weighs little.

use super::{BatchLoss, Values};
use protocol::config::TokenWeights;

/// What the entropy of the likeliest tokens is divided by.
const SCALE: f64 = 3.0;

/// The counted tokens of a batch as the model scored them.
#[derive(Debug, Clone, Copy)]
pub struct Tokens<'a> {
    pub logps: &'a [f32],
    /// In nats, of the likeliest tokens at each place; needed for EAFT alone.
    pub entropies: &'a [f32],
}

/// `tokens` is what the sum is divided by: the counted tokens of every micro-batch of the step, so that accumulation
/// changes nothing.
pub fn supervised(weights: TokenWeights, batch: Tokens, tokens: usize) -> BatchLoss {
    let scale = 1.0 / tokens.max(1) as f64;
    let each = weigh(weights, batch);
    let sum = batch.logps.iter().zip(&each).map(|(&logp, w)| w * f64::from(logp));
    let mut loss = BatchLoss {
        loss: -scale * sum.sum::<f64>(),
        d_logp: each.iter().map(|w| (-scale * w) as f32).collect(),
        d_value: vec![],
        values: Values::new(),
        weighted: vec![],
    };
    if weights != TokenWeights::Even {
        let count = batch.logps.len() as f64;
        let nll = -batch.logps.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
        loss.weighted = vec![
            ("nll_loss", nll, count),
            ("token_weights", each.iter().sum::<f64>() / count, count),
        ];
        // of no token there is no mean
        loss.weighted.retain(|_| count > 0.0);
    }
    loss
}

fn weigh(weights: TokenWeights, batch: Tokens) -> Vec<f64> {
    match weights {
        TokenWeights::Even => vec![1.0; batch.logps.len()],
        TokenWeights::Probability => batch.logps.iter().map(|&logp| f64::from(logp).exp()).collect(),
        TokenWeights::Entropy { alpha } => {
            debug_assert_eq!(batch.entropies.len(), batch.logps.len());
            let weight = |&entropy: &f32| (f64::from(entropy) / SCALE).powf(alpha);
            batch.entropies.iter().map(weight).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::close;
    use super::*;

    const BATCH: Tokens = Tokens {
        logps: &[-1.0, -2.0],
        entropies: &[0.75, 3.0],
    };

    #[test]
    fn cross_entropy_is_a_token_mean_over_all_micro_batches() {
        let batch = supervised(TokenWeights::Even, BATCH, 4);
        close(batch.loss, 0.75);
        assert_eq!(batch.d_logp, [-0.25, -0.25]);
        assert_eq!(batch.weighted, []);
    }

    #[test]
    fn dft_weighs_by_the_probability() {
        let (first, second) = ((-1.0f64).exp(), (-2.0f64).exp());
        let batch = supervised(TokenWeights::Probability, BATCH, 4);
        close(batch.loss, (first + 2.0 * second) / 4.0);
        assert_eq!(batch.d_logp, [(-first / 4.0) as f32, (-second / 4.0) as f32]);
        assert_eq!(batch.weighted[0], ("nll_loss", 1.5, 2.0));
        close(batch.weighted[1].1, (first + second) / 2.0);
    }

    #[test]
    fn eaft_weighs_by_the_entropy() {
        for (alpha, weights) in [(1.0, [0.25, 1.0]), (2.0, [0.0625, 1.0]), (0.0, [1.0, 1.0])] {
            let batch = supervised(TokenWeights::Entropy { alpha }, BATCH, 4);
            close(batch.loss, (weights[0] + 2.0 * weights[1]) / 4.0);
            assert_eq!(batch.d_logp, weights.map(|w| (-0.25 * w) as f32));
        }
    }

    #[test]
    fn no_token_has_no_mean() {
        let none = Tokens {
            logps: &[],
            entropies: &[],
        };
        let batch = supervised(TokenWeights::Probability, none, 0);
        assert_eq!((batch.loss, batch.weighted), (0.0, vec![]));
    }
}
