//! Experts' routing: which of them a token goes to and with which weights, the tokens of each, and the router's balance.
//!
//! *Mixtral of Experts*, arXiv 2401.04088. Nothing of it is read by the host but how many tokens each expert has.
use super::{Operation, View, ViewMut};
use crate::error::Result;
use crate::ops::cuda::{Card, Grid, ROUTE};
use candle_core::DType;

/// How a router chooses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    pub experts: usize,
    /// how many a token goes to
    pub top_k: usize,
    /// the chosen ones' weights sum to 1
    pub normalized: bool,
}

/// From `logits[tokens, experts]`: their softmax, the `top_k` likeliest of each token, and their weights.
pub struct Route<'a> {
    pub logits: View<'a>,
    /// `[tokens, experts]`
    pub probabilities: ViewMut<'a>,
    /// `[tokens, top_k]`, the likeliest first; of equal ones the first
    pub chosen: ViewMut<'a>,
    /// `[tokens, top_k]`
    pub weights: ViewMut<'a>,
    pub tokens: usize,
    pub rule: Rule,
}

impl Operation for Route<'_> {
    fn cpu(self) -> Result<()> {
        let Rule {
            experts,
            top_k,
            normalized,
        } = self.rule;
        let logits = &self.logits.f32()?[..self.tokens * experts];
        let each = logits
            .chunks_exact(experts)
            .zip(self.probabilities.f32()?.chunks_exact_mut(experts))
            .zip(self.chosen.get::<u32>()?.chunks_exact_mut(top_k))
            .zip(self.weights.f32()?.chunks_exact_mut(top_k));
        let mut order: Vec<u32> = vec![];
        for (((logits, probabilities), chosen), weights) in each {
            softmax(logits, probabilities);
            order.clear();
            order.extend(0..experts as u32);
            order.sort_by(|&a, &b| probabilities[b as usize].total_cmp(&probabilities[a as usize]));
            chosen.copy_from_slice(&order[..top_k]);
            let of = |&expert: &u32| probabilities[expert as usize];
            let sum: f32 = if normalized { chosen.iter().map(of).sum() } else { 1.0 };
            for (weight, expert) in weights.iter_mut().zip(&*chosen) {
                *weight = of(expert) / sum;
            }
        }
        Ok(())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&ROUTE, "route", DType::F32)?
            .read(self.logits)
            .write(self.probabilities)
            .write(self.chosen)
            .write(self.weights)
            .u32(self.tokens)
            .u32(self.rule.experts)
            .u32(self.rule.top_k)
            .flag(self.rule.normalized)
            .launch(Grid::warps(self.tokens))
    }
}

fn softmax(logits: &[f32], out: &mut [f32]) {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers = || logits.iter().map(|&x| f64::from(x - most).exp());
    let sum: f64 = powers().sum();
    for (out, power) in out.iter_mut().zip(powers()) {
        *out = (power / sum) as f32;
    }
}

/// Sorts the choices by expert: a token's choice number `i` is slot `token * top_k + i`, and each expert has its slots in
/// order, one expert behind the other.
pub struct GroupByExpert<'a> {
    pub chosen: View<'a>,
    pub weights: View<'a>,
    /// `[experts + 1]`, where each expert's begin
    pub starts: ViewMut<'a>,
    /// `[tokens * top_k]`
    pub slots: ViewMut<'a>,
    /// the slots' tokens
    pub ids: ViewMut<'a>,
    /// the slots' weights
    pub by_slot: ViewMut<'a>,
    pub tokens: usize,
    pub rule: Rule,
}

impl Operation for GroupByExpert<'_> {
    fn cpu(self) -> Result<()> {
        let Rule { experts, top_k, .. } = self.rule;
        let count = self.tokens * top_k;
        let (chosen, weights) = (&self.chosen.u32()?[..count], self.weights.f32()?);
        let starts = &mut self.starts.get::<u32>()?[..=experts];
        let (slots, ids) = (self.slots.get::<u32>()?, self.ids.get::<u32>()?);
        let by_slot = self.by_slot.f32()?;
        starts.fill(0);
        for &expert in chosen {
            starts[expert as usize + 1] += 1;
        }
        for expert in 0..experts {
            starts[expert + 1] += starts[expert];
        }
        let mut next = starts.to_vec();
        for (slot, &expert) in chosen.iter().enumerate() {
            let place = next[expert as usize] as usize;
            next[expert as usize] += 1;
            slots[place] = slot as u32;
            ids[place] = (slot / top_k) as u32;
            by_slot[place] = weights[slot];
        }
        Ok(())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&ROUTE, "group_by_expert", DType::F32)?
            .read(self.chosen)
            .read(self.weights)
            .write(self.starts)
            .write(self.slots)
            .write(self.ids)
            .write(self.by_slot)
            .u32(self.tokens * self.rule.top_k)
            .u32(self.rule.top_k)
            .launch(Grid::each(self.rule.experts, 256))
    }
}

/// What a loss on the probabilities themselves adds to their gradient.
pub struct BalanceGrad<'a> {
    /// `[experts]` in f64, the derivative at a token that occurs once
    pub by_expert: View<'a>,
    /// `[tokens]`
    pub occurrences: View<'a>,
}

/// The gradient of the logits, from those of the weights and, with `balance`, of the probabilities.
pub struct RouteBackward<'a> {
    pub probabilities: View<'a>,
    pub chosen: View<'a>,
    pub weights: View<'a>,
    /// `[tokens * top_k]`, by slot
    pub d_weights: View<'a>,
    pub balance: Option<BalanceGrad<'a>>,
    /// `[tokens, experts]`
    pub d_logits: ViewMut<'a>,
    pub tokens: usize,
    pub rule: Rule,
}

impl Operation for RouteBackward<'_> {
    fn cpu(self) -> Result<()> {
        let Rule {
            experts,
            top_k,
            normalized,
        } = self.rule;
        let (probabilities, chosen) = (self.probabilities.f32()?, self.chosen.u32()?);
        let (weights, d_weights) = (self.weights.f32()?, self.d_weights.f32()?);
        let balance = match &self.balance {
            Some(balance) => Some((balance.by_expert.get::<f64>()?, balance.occurrences.f32()?)),
            None => None,
        };
        let d_logits = &mut self.d_logits.f32()?[..self.tokens * experts];
        let mut slopes = vec![0f64; experts];
        for (token, d_logits) in d_logits.chunks_exact_mut(experts).enumerate() {
            let probabilities = &probabilities[token * experts..(token + 1) * experts];
            for (expert, slope) in slopes.iter_mut().enumerate() {
                *slope = balance.map_or(0.0, |(by, occurrences)| by[expert] * f64::from(occurrences[token]));
            }
            let slots = token * top_k..(token + 1) * top_k;
            let chosen = &chosen[slots.clone()];
            let (weights, d_weights) = (&weights[slots.clone()], &d_weights[slots]);
            let (sum, mean) = match normalized {
                true => (
                    chosen.iter().map(|&e| f64::from(probabilities[e as usize])).sum(),
                    dot(weights, d_weights),
                ),
                false => (1.0, 0.0),
            };
            for (&expert, &slope) in chosen.iter().zip(d_weights) {
                slopes[expert as usize] += (f64::from(slope) - mean) / sum;
            }
            let mean: f64 = probabilities.iter().zip(&slopes).map(|(&p, s)| f64::from(p) * s).sum();
            for ((d_logit, &p), slope) in d_logits.iter_mut().zip(probabilities).zip(&slopes) {
                *d_logit = (f64::from(p) * (slope - mean)) as f32;
            }
        }
        Ok(())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let (by_expert, occurrences) = match self.balance {
            Some(balance) => (Some(balance.by_expert), Some(balance.occurrences)),
            None => (None, None),
        };
        card.kernel(&ROUTE, "route_backward", DType::F32)?
            .read(self.probabilities)
            .read(self.chosen)
            .read(self.weights)
            .read(self.d_weights)
            .read_if(by_expert)
            .read_if(occurrences)
            .write(self.d_logits)
            .u32(self.tokens)
            .u32(self.rule.experts)
            .u32(self.rule.top_k)
            .flag(self.rule.normalized)
            .launch(Grid::warps(self.tokens))
    }
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

/// Adds a layer's choices to the counts of a pass, `[2 * experts + 1]` in f64: how often each expert is chosen, its summed
/// probability, and the tokens. A token that occurs in several rows counts as often.
pub struct CountChoices<'a> {
    pub probabilities: View<'a>,
    pub chosen: View<'a>,
    /// `[tokens]`
    pub occurrences: View<'a>,
    pub counts: ViewMut<'a>,
    pub tokens: usize,
    pub rule: Rule,
}

impl Operation for CountChoices<'_> {
    fn cpu(self) -> Result<()> {
        let Rule { experts, top_k, .. } = self.rule;
        let (probabilities, chosen) = (self.probabilities.f32()?, self.chosen.u32()?);
        let counts = self.counts.get::<f64>()?;
        for (token, &times) in self.occurrences.f32()?[..self.tokens].iter().enumerate() {
            let times = f64::from(times);
            for &expert in &chosen[token * top_k..(token + 1) * top_k] {
                counts[expert as usize] += times;
            }
            let probabilities = &probabilities[token * experts..(token + 1) * experts];
            for (sum, &p) in counts[experts..].iter_mut().zip(probabilities) {
                *sum += times * f64::from(p);
            }
            counts[2 * experts] += times;
        }
        Ok(())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&ROUTE, "count_choices", DType::F32)?
            .read(self.probabilities)
            .read(self.chosen)
            .read(self.occurrences)
            .write(self.counts)
            .u32(self.tokens)
            .u32(self.rule.experts)
            .u32(self.rule.top_k)
            .launch(Grid::each(self.rule.experts + 1, 256))
    }
}
