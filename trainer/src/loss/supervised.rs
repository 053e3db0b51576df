//! Cross entropy: `-sum_t w_t logp_t / tokens`. The weights `w_t` are constants to the gradient.
//!
//! Even: `w = 1`. DFT (arXiv 2508.05629): `w = p(y_t)`, which cancels the factor `1 / p` in the gradient. EAFT (arXiv
//! 2601.02151): `w = (H_t / 3)^alpha`, with `H_t` the entropy of the 20 likeliest tokens, renormalised (at most ln 20,
//! about 3), so that tokens of which the model is sure, but which the data contradicts, weigh little.

use super::{BatchLoss, Values, WeightedMean};
use protocol::config::TokenWeights;

/// EAFT's entropies are divided by this, about their largest value.
const ENTROPY_SCALE: f64 = 3.0;

/// The tokens of a micro-batch that the loss counts, as the model scored them.
#[derive(Debug, Clone, Copy)]
pub struct Tokens<'a> {
    /// `[tokens]`
    pub logps: &'a [f32],
    /// `[tokens]` in nats, of the 20 likeliest tokens at each position; empty unless EAFT's weights are asked for.
    pub entropies: &'a [f32],
}

/// The cross entropy of a micro-batch. `tokens` are the counted tokens of all micro-batches of the step: the sum is
/// divided by them, so that gradient accumulation gives the same loss as one large batch.
pub fn supervised(weights: TokenWeights, batch: Tokens, tokens: usize) -> BatchLoss {
    let scale = 1.0 / tokens.max(1) as f64;
    let token_weights = token_weights(weights, batch);
    let sum = batch
        .logps
        .iter()
        .zip(&token_weights)
        .map(|(&logp, w)| w * f64::from(logp));
    let mut loss = BatchLoss {
        loss: -scale * sum.sum::<f64>(),
        d_logp: token_weights.iter().map(|w| (-scale * w) as f32).collect(),
        d_value: vec![],
        values: Values::new(),
        weighted: vec![],
    };
    // without tokens there is no mean
    if weights != TokenWeights::Even && !batch.logps.is_empty() {
        let count = batch.logps.len() as f64;
        let nll = -batch.logps.iter().map(|&x| f64::from(x)).sum::<f64>();
        let of_tokens = |name, sum: f64| WeightedMean {
            name,
            mean: sum / count,
            weight: count,
        };
        loss.weighted = vec![
            of_tokens("nll_loss", nll),
            of_tokens("token_weights", token_weights.iter().sum()),
        ];
    }
    loss
}

/// `[tokens]` `w_t` of each token.
fn token_weights(weights: TokenWeights, batch: Tokens) -> Vec<f64> {
    match weights {
        TokenWeights::Even => vec![1.0; batch.logps.len()],
        TokenWeights::Probability => batch.logps.iter().map(|&logp| f64::from(logp).exp()).collect(),
        TokenWeights::Entropy { alpha } => {
            debug_assert_eq!(batch.entropies.len(), batch.logps.len());
            let weight = |&entropy: &f32| (f64::from(entropy) / ENTROPY_SCALE).powf(alpha);
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
        let nll = WeightedMean {
            name: "nll_loss",
            mean: 1.5,
            weight: 2.0,
        };
        assert_eq!(batch.weighted[0], nll);
        close(batch.weighted[1].mean, (first + second) / 2.0);
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
    fn without_tokens_there_is_no_mean() {
        let none = Tokens {
            logps: &[],
            entropies: &[],
        };
        let batch = supervised(TokenWeights::Probability, none, 0);
        assert_eq!((batch.loss, batch.weighted), (0.0, vec![]));
    }
}
