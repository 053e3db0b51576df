//! ORPO: *Monolithic Preference Optimization without Reference Model*, arXiv 2403.07691.

use super::scalar::{log_odds, log_sigmoid, sigmoid};
use super::{Pair, Term, each_pair};

/// `-c - b ln s(lo)`, `lo = ln odds(c) - ln odds(r)`, `odds(x) = e^x / (1 - e^x)`, over log-probs averaged per token.
///
/// Derivatives: `-1 - b (1 - s(lo)) / (1 - e^c)` and `b (1 - s(lo)) / (1 - e^r)`.
pub fn loss(beta: f64, pairs: &[Pair]) -> Vec<Term> {
    each_pair(pairs, |p| {
        let (chosen, by_chosen) = log_odds(p.chosen);
        let (rejected, by_rejected) = log_odds(p.rejected);
        let ratio = chosen - rejected;
        let slope = beta * sigmoid(-ratio);
        let value = -p.chosen - beta * log_sigmoid(ratio);
        (value, -1.0 - slope * by_chosen, slope * by_rejected)
    })
}

/// Mean over pairs of `-ln s(lo)`, logged as `odds_ratio_loss`.
pub fn odds_ratio_loss(pairs: &[Pair]) -> f64 {
    let term = |p: &Pair| -log_sigmoid(log_odds(p.chosen).0 - log_odds(p.rejected).0);
    pairs.iter().map(term).sum::<f64>() / pairs.len() as f64
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
        close(terms[0].chosen, -1.0 - 0.1 * 0.25 * 2.0);
        close(terms[0].rejected, 0.1 * 0.25 * 4.0 / 3.0);
        close(odds_ratio_loss(&pairs), (4.0f64 / 3.0).ln());
    }

    #[test]
    fn a_certain_reply_stays_finite() {
        for certain in [pair(0.0, -3.0, 0.0, 0.0), pair(-3.0, 0.0, 0.0, 0.0)] {
            let term = loss(0.1, &[certain])[0];
            assert!(term.loss.is_finite() && term.chosen.is_finite() && term.rejected.is_finite());
        }
    }
}
