//! The router's auxiliary loss, which is least when all experts have alike to do.
//!
//! *Switch Transformers*, arXiv 2101.03961, equations 4 to 6, for several experts a token and all layers at once, as
//! transformers computes it: `L = E sum_e F_e P_e`. `F_e` is the share of (layer, token)s that go to expert `e`, `P_e` its
//! mean probability; `F` is counted and has no gradient. A token that occurs in several rows counts as often.
use super::routing::Routing;

/// Counts over the layers of one pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Balance {
    /// by expert
    chosen: Vec<f64>,
    probability: Vec<f64>,
    tokens: f64,
}

impl Balance {
    pub fn new(experts: usize) -> Self {
        Self {
            chosen: vec![0.0; experts],
            probability: vec![0.0; experts],
            tokens: 0.0,
        }
    }

    /// Takes in a layer; `occurrences` says how often each of its tokens counts.
    pub fn add(&mut self, routing: &Routing, occurrences: &[f32]) {
        let experts = self.chosen.len();
        let top_k = routing.chosen.len() / occurrences.len().max(1);
        for (token, &times) in occurrences.iter().enumerate() {
            let times = f64::from(times);
            for &expert in &routing.chosen[token * top_k..(token + 1) * top_k] {
                self.chosen[expert as usize] += times;
            }
            let probabilities = &routing.probabilities[token * experts..(token + 1) * experts];
            for (sum, &p) in self.probability.iter_mut().zip(probabilities) {
                *sum += times * f64::from(p);
            }
            self.tokens += times;
        }
    }

    /// The loss; 0 without a layer that routes.
    pub fn loss(&self) -> f64 {
        let sum: f64 = self.chosen.iter().zip(&self.probability).map(|(f, p)| f * p).sum();
        sum * self.chosen.len() as f64 / (self.tokens * self.tokens).max(f64::MIN_POSITIVE)
    }

    /// `weight` times the derivative by each expert's probability at a token that occurs once.
    pub fn d_probability(&self, weight: f64) -> Vec<f64> {
        let scale = weight * self.chosen.len() as f64 / (self.tokens * self.tokens).max(f64::MIN_POSITIVE);
        self.chosen.iter().map(|f| f * scale).collect()
    }
}

/// What the backward pass needs of the loss: its derivative by each expert's probability, and how often tokens occur.
pub struct BalanceGrads<'a> {
    pub by_expert: Vec<f64>,
    pub occurrences: &'a [f32],
}

impl BalanceGrads<'_> {
    pub fn at(&self, token: usize, expert: usize) -> f64 {
        self.by_expert[expert] * f64::from(self.occurrences[token])
    }
}

#[cfg(test)]
mod tests {
    use super::super::routing::Rule;
    use super::*;

    /// Two experts, one a token; the first token's probabilities are 3/4 and 1/4, the second's 1/5 and 4/5.
    fn routing() -> Routing {
        let rule = Rule {
            experts: 2,
            top_k: 1,
            normalized: false,
        };
        let logits = [3.0f32, 1.0, 1.0, 4.0].map(f32::ln);
        Routing::new(&logits, rule)
    }

    #[test]
    fn worked_by_hand() {
        // F = (1/2, 1/2), P = (0.475, 0.525)
        let mut balance = Balance::new(2);
        balance.add(&routing(), &[1.0, 1.0]);
        assert!((balance.loss() - 1.0).abs() < 1e-7);
        // the first token twice: F = (2/3, 1/3), P = ((1.5 + 0.2) / 3, (0.5 + 0.8) / 3)
        let mut balance = Balance::new(2);
        balance.add(&routing(), &[2.0, 1.0]);
        let want = 2.0 * (2.0 / 3.0 * 1.7 / 3.0 + 1.0 / 3.0 * 1.3 / 3.0);
        assert!((balance.loss() - want).abs() < 1e-7);
        // dL/dp_0 = 2 * 2/3 / 3
        assert!((balance.d_probability(1.0)[0] - 4.0 / 9.0).abs() < 1e-12);
        assert_eq!(Balance::new(2).loss(), 0.0);
    }

    #[test]
    fn a_token_twice_is_two_tokens() {
        let rule = Rule {
            experts: 2,
            top_k: 1,
            normalized: false,
        };
        let logits = [3.0f32, 1.0, 3.0, 1.0, 1.0, 4.0].map(f32::ln);
        let (mut thrice, mut shared) = (Balance::new(2), Balance::new(2));
        thrice.add(&Routing::new(&logits, rule), &[1.0; 3]);
        shared.add(&routing(), &[2.0, 1.0]);
        assert_eq!(thrice, shared);
    }
}
