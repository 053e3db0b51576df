//! ORPO: *Monolithic Preference Optimization without Reference Model*, arXiv 2403.07691, equations 6 and 7.

use super::scalar::{log_odds, log_sigmoid, sigmoid};
use super::{Pair, PairLoss, each_pair};

/// `-c - b ln s(lo)`, with the log odds ratio `lo = ln odds(c) - ln odds(r)`, `odds(x) = e^x / (1 - e^x)`, over
/// log-probs averaged per token.
///
/// Derivatives: `-1 - b (1 - s(lo)) / (1 - e^c)` and `b (1 - s(lo)) / (1 - e^r)`.
pub fn loss(beta: f64, pairs: &[Pair]) -> Vec<PairLoss> {
    each_pair(pairs, |p| {
        let (chosen, rejected) = (log_odds(p.chosen), log_odds(p.rejected));
        let log_odds_ratio = chosen.value - rejected.value;
        let grad = beta * sigmoid(-log_odds_ratio);
        PairLoss {
            loss: -p.chosen - beta * log_sigmoid(log_odds_ratio),
            d_chosen: -1.0 - grad * chosen.grad,
            d_rejected: grad * rejected.grad,
        }
    })
}

/// Mean over pairs of `-ln s(lo)`, logged as `odds_ratio_loss`.
pub fn odds_ratio_loss(pairs: &[Pair]) -> f64 {
    let of_pair = |p: &Pair| -log_sigmoid(log_odds(p.chosen).value - log_odds(p.rejected).value);
    pairs.iter().map(of_pair).sum::<f64>() / pairs.len() as f64
}

#[cfg(test)]
mod tests {
    use super::super::tests::{close, pair};
    use super::*;

    #[test]
    fn worked_by_hand() {
        // p = 1/2 and 1/4: odds 1 and 1/3, lo = ln 3, s = 3/4
        let pairs = [pair(0.5f64.ln(), 0.25f64.ln(), 0.0, 0.0)];
        let terms = loss(0.1, &pairs);
        close(terms[0].loss, 2f64.ln() + 0.1 * (4.0f64 / 3.0).ln());
        // 1 - s = 1/4; 1 / (1 - p) = 2 and 4/3
        close(terms[0].d_chosen, -1.0 - 0.1 * 0.25 * 2.0);
        close(terms[0].d_rejected, 0.1 * 0.25 * 4.0 / 3.0);
        close(odds_ratio_loss(&pairs), (4.0f64 / 3.0).ln());
    }

    #[test]
    fn a_certain_reply_stays_finite() {
        for certain in [pair(0.0, -3.0, 0.0, 0.0), pair(-3.0, 0.0, 0.0, 0.0)] {
            let term = loss(0.1, &[certain])[0];
            assert!(term.loss.is_finite() && term.d_chosen.is_finite() && term.d_rejected.is_finite());
        }
    }
}
