//! Which experts a token goes to and with which weights: a softmax over the router's logits, and the largest of them.

use crate::error::Result;
use crate::ops::{Buf, Engine};

/// How a router chooses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    pub experts: usize,
    /// how many a token goes to
    pub top_k: usize,
    /// the chosen ones' weights sum to 1
    pub normalized: bool,
}

/// The choice for every token of a pass.
#[derive(Debug, Default)]
pub struct Routing {
    rule: Rule,
    /// `[tokens, experts]`
    pub probabilities: Vec<f32>,
    /// `[tokens, top_k]`, the likeliest first; of equal ones the first
    pub chosen: Vec<u32>,
    /// `[tokens, top_k]`
    weights: Vec<f32>,
}

/// The tokens of one expert, in order.
#[derive(Debug)]
pub struct Load {
    pub count: usize,
    /// `[count]`
    pub tokens: Buf,
    /// `[count]`
    pub weights: Buf,
    /// where the weights stand in the routing's
    slots: Vec<usize>,
}

impl Routing {
    /// From `logits`, `[tokens, experts]`.
    pub fn new(logits: &[f32], rule: Rule) -> Self {
        let mut routing = Self {
            rule,
            probabilities: Vec::with_capacity(logits.len()),
            ..Self::default()
        };
        for logits in logits.chunks_exact(rule.experts) {
            let probabilities = softmax(logits);
            let mut order: Vec<u32> = (0..rule.experts as u32).collect();
            order.sort_by(|&a, &b| probabilities[b as usize].total_cmp(&probabilities[a as usize]));
            order.truncate(rule.top_k);
            let chosen = || order.iter().map(|&e| probabilities[e as usize]);
            let sum: f32 = if rule.normalized { chosen().sum() } else { 1.0 };
            routing.weights.extend(chosen().map(|p| p / sum));
            routing.chosen.extend(order);
            routing.probabilities.extend(probabilities);
        }
        routing
    }

    /// What each expert has to do.
    pub fn loads(&self, engine: &Engine) -> Result<Vec<Load>> {
        let mut slots = vec![vec![]; self.rule.experts];
        for (slot, &expert) in self.chosen.iter().enumerate() {
            slots[expert as usize].push(slot);
        }
        let load = |slots: Vec<usize>| {
            let tokens = slots.iter().map(|slot| (slot / self.rule.top_k) as u32);
            let weights = slots.iter().map(|&slot| self.weights[slot]);
            Ok(Load {
                count: slots.len(),
                tokens: Buf::from_vec(tokens.collect(), engine.device())?,
                weights: Buf::from_vec(weights.collect(), engine.device())?,
                slots,
            })
        };
        slots.into_iter().map(load).collect()
    }

    /// Room for the gradient of every weight.
    pub fn no_gradient(&self) -> Vec<f32> {
        vec![0.0; self.weights.len()]
    }

    /// The gradient of the logits, from those of the weights and, for a loss on the probabilities themselves, of those.
    pub fn backward(&self, by_weight: &[f32], by_probability: impl Fn(usize, usize) -> f64) -> Vec<f32> {
        let Rule { experts, top_k, .. } = self.rule;
        let mut d_logits = Vec::with_capacity(self.probabilities.len());
        for (token, probabilities) in self.probabilities.chunks_exact(experts).enumerate() {
            let mut slopes: Vec<f64> = (0..experts).map(|expert| by_probability(token, expert)).collect();
            let slots = token * top_k..(token + 1) * top_k;
            let chosen = &self.chosen[slots.clone()];
            let (weights, by_weight) = (&self.weights[slots.clone()], &by_weight[slots]);
            let (sum, mean) = match self.rule.normalized {
                true => (
                    chosen.iter().map(|&e| f64::from(probabilities[e as usize])).sum(),
                    dot(weights, by_weight),
                ),
                false => (1.0, 0.0),
            };
            for (&expert, &slope) in chosen.iter().zip(by_weight) {
                slopes[expert as usize] += (f64::from(slope) - mean) / sum;
            }
            let mean: f64 = probabilities.iter().zip(&slopes).map(|(&p, s)| f64::from(p) * s).sum();
            let by_logit = probabilities.iter().zip(&slopes);
            d_logits.extend(by_logit.map(|(&p, slope)| (f64::from(p) * (slope - mean)) as f32));
        }
        d_logits
    }
}

impl Load {
    /// Puts the gradients of this expert's weights in their places.
    pub fn place(&self, gradients: &[f32], by_weight: &mut [f32]) {
        for (&slot, &gradient) in self.slots.iter().zip(gradients) {
            by_weight[slot] = gradient;
        }
    }
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f64> = logits.iter().map(|&x| f64::from(x - most).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|p| (p / sum) as f32).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Probabilities 1/8, 1/2, 1/8, 1/4.
    fn logits() -> Vec<f32> {
        [1.0f32, 4.0, 1.0, 2.0].iter().map(|x| x.ln()).collect()
    }

    fn rule(normalized: bool) -> Rule {
        Rule {
            experts: 4,
            top_k: 2,
            normalized,
        }
    }

    #[test]
    fn the_largest_probabilities_are_the_weights() {
        let close = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6);
        let plain = Routing::new(&logits(), rule(false));
        assert_eq!(plain.chosen, [1, 3]);
        assert!(close(&plain.weights, &[0.5, 0.25]));
        let normalized = Routing::new(&logits(), rule(true));
        assert!(close(&normalized.weights, &[2.0 / 3.0, 1.0 / 3.0]));
        // of equal ones the first
        assert_eq!(Routing::new(&[0.0; 4], rule(true)).chosen, [0, 1]);
        let routing = Routing::new(&[logits(), logits()].concat(), rule(false));
        let loads = routing.loads(&Engine::cpu()).unwrap();
        assert_eq!(loads[1].tokens.tensor(2).unwrap().to_vec1::<u32>().unwrap(), [0, 1]);
        assert_eq!(loads[3].slots, [1, 3]);
        assert_eq!(loads[0].count, 0);
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let (by_weight, slopes) = ([0.7f32, -1.3], [0.2f64, -0.4, 0.9, 0.1]);
        for normalized in [false, true] {
            let loss = |logits: &[f32]| {
                let routing = Routing::new(logits, rule(normalized));
                let of_probabilities = routing.probabilities.iter().zip(&slopes);
                dot(&routing.weights, &by_weight) + of_probabilities.map(|(&p, s)| f64::from(p) * s).sum::<f64>()
            };
            let got = Routing::new(&logits(), rule(normalized)).backward(&by_weight, |_, expert| slopes[expert]);
            for (i, got) in got.iter().enumerate() {
                let at = |step: f32| {
                    let mut logits = logits();
                    logits[i] += step;
                    loss(&logits)
                };
                let want = (at(0.01) - at(-0.01)) / 0.02;
                assert!((f64::from(*got) - want).abs() < 1e-4, "{i}: {got}, expected {want}");
            }
        }
    }
}
