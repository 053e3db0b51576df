//! Experts' routing: which of them a token goes to and with which weights, the tokens of each, and the router's balance.
//!
//! *Mixtral of Experts*, arXiv 2401.04088. Nothing of it is read by the host but how many tokens each expert has.
mod balance;
mod loads;
mod mixer;

pub use balance::{BalanceLoss, BalanceSlopes};
pub use loads::{CountChoices, GroupByExpert};

use super::{Operation, View, ViewMut};
use crate::error::Result;
use crate::ops::cuda::{Card, Grid, ROUTE};
use candle_core::DType;
use protocol::decoder::{Divisor, GroupScore, GroupSpec, RouterSpec, Scores};

/// How a router chooses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    pub experts: usize,
    /// how many a token goes to
    pub top_k: usize,
    pub router: RouterSpec,
}

/// What a token's weights are divided by: the sum of the chosen scores and `plus`, no less than `least`.
struct Sum {
    plus: f32,
    least: f32,
}

impl Sum {
    fn of(divisor: Divisor) -> Option<Self> {
        match divisor {
            Divisor::One => None,
            Divisor::Sum { plus } => Some(Self {
                plus: plus as f32,
                least: 0.0,
            }),
            Divisor::SumAtLeast(least) => Some(Self {
                plus: 0.0,
                least: least as f32,
            }),
        }
    }

    /// And whether it moves with the sum.
    fn divisor(&self, sum: f64) -> (f64, bool) {
        let (sum, least) = (sum + f64::from(self.plus), f64::from(self.least));
        if sum < least { (least, false) } else { (sum, true) }
    }
}

/// From `logits[tokens, experts]`: the scores of all experts, the `top_k` of each token, and their weights.
pub struct Route<'a> {
    pub logits: View<'a>,
    /// `[experts]`, where the rule asks for it
    pub correction: Option<View<'a>>,
    /// `[tokens, experts]`
    pub scores: ViewMut<'a>,
    /// `[tokens, top_k]`, the best first; of equal ones the first
    pub chosen: ViewMut<'a>,
    /// `[tokens, top_k]`
    pub weights: ViewMut<'a>,
    pub tokens: usize,
    pub rule: Rule,
}

impl Operation for Route<'_> {
    fn cpu(self) -> Result<()> {
        let Rule { experts, top_k, router } = self.rule;
        if let Scores::SparseMixer { jitter } = router.scores {
            return mixer::route(self, jitter);
        }
        let logits = &self.logits.f32()?[..self.tokens * experts];
        let correction = self.correction.map(View::f32).transpose()?;
        let each = logits
            .chunks_exact(experts)
            .zip(self.scores.f32()?.chunks_exact_mut(experts))
            .zip(self.chosen.get::<u32>()?.chunks_exact_mut(top_k))
            .zip(self.weights.f32()?.chunks_exact_mut(top_k));
        let (mut order, mut keys): (Vec<u32>, Vec<f32>) = (vec![], vec![]);
        for (((logits, scores), chosen), weights) in each {
            match router.scores {
                Scores::Sigmoid => sigmoid(logits, scores),
                _ => softmax(logits, scores),
            }
            keys.clear();
            match correction {
                Some(correction) => keys.extend(scores.iter().zip(correction).map(|(score, c)| score + c)),
                // of several that are 1 as far as f32 can say, the best
                None if router.scores == Scores::Sigmoid => keys.extend_from_slice(logits),
                None => keys.extend_from_slice(scores),
            }
            order.clear();
            match router.groups {
                None => order.extend(0..experts as u32),
                Some(groups) => {
                    let size = experts / groups.count;
                    let best = best_groups(groups, &keys).into_iter();
                    order.extend(
                        best.flat_map(|group| group * size..(group + 1) * size)
                            .map(|e| e as u32),
                    );
                    order.sort_unstable();
                }
            }
            order.sort_by(|&a, &b| keys[b as usize].total_cmp(&keys[a as usize]));
            chosen.copy_from_slice(&order[..top_k]);
            let of = |&expert: &u32| scores[expert as usize];
            let divisor = match Sum::of(router.divisor) {
                None => 1.0,
                Some(sum) => (chosen.iter().map(of).sum::<f32>() + sum.plus).max(sum.least),
            };
            for (weight, expert) in weights.iter_mut().zip(&*chosen) {
                *weight = of(expert) / divisor * router.scale as f32;
            }
        }
        Ok(())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let Rule { experts, top_k, router } = self.rule;
        if let Scores::SparseMixer { jitter } = router.scores {
            return mixer::route_on(self, jitter, card);
        }
        let groups = router.groups;
        let sum = Sum::of(router.divisor);
        card.kernel(&ROUTE, "route", DType::F32)?
            .read(self.logits, self.tokens * experts)
            .read_if(self.correction, experts)
            .write(self.scores, self.tokens * experts)
            .write(self.chosen, self.tokens * top_k)
            .write(self.weights, self.tokens * top_k)
            .u32(self.tokens)
            .u32(experts)
            .u32(top_k)
            .flag(router.scores == Scores::Sigmoid)
            .u32(groups.map_or(0, |groups| groups.count))
            .u32(groups.map_or(0, |groups| groups.chosen))
            .flag(groups.is_some_and(|groups| groups.score == GroupScore::BestTwo))
            .flag(sum.is_some())
            .f32(sum.as_ref().map_or(0.0, |sum| sum.plus))
            .f32(sum.as_ref().map_or(0.0, |sum| sum.least))
            .f32(router.scale as f32)
            .launch(Grid::warps(self.tokens))
    }
}

/// The groups that experts are chosen from; of equal ones the first.
fn best_groups(groups: GroupSpec, keys: &[f32]) -> Vec<usize> {
    let judged: Vec<f32> = keys
        .chunks_exact(keys.len() / groups.count)
        .map(|keys| {
            let (mut best, mut next) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
            for &key in keys {
                (best, next) = match key > best {
                    true => (key, best),
                    false => (best, next.max(key)),
                };
            }
            match groups.score {
                GroupScore::Best => best,
                GroupScore::BestTwo => best + next,
            }
        })
        .collect();
    let mut order: Vec<usize> = (0..groups.count).collect();
    order.sort_by(|&a, &b| judged[b].total_cmp(&judged[a]));
    order.truncate(groups.chosen);
    order
}

fn sigmoid(logits: &[f32], out: &mut [f32]) {
    for (out, &x) in out.iter_mut().zip(logits) {
        let power = (-f64::from(x).abs()).exp();
        let above = 1.0 / (1.0 + power);
        *out = (if x < 0.0 { power * above } else { above }) as f32;
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

/// What a loss on the probabilities themselves adds to their gradient.
pub struct BalanceGrad<'a> {
    /// `[experts]` in f64, the derivative at a token that occurs once
    pub by_expert: View<'a>,
    /// `[tokens]`, whole numbers
    pub occurrences: View<'a>,
}

/// The gradient of the logits, from those of the weights and, with `balance`, of the probabilities.
pub struct RouteBackward<'a> {
    /// where the rule is the sparse mixer's
    pub logits: Option<View<'a>>,
    pub scores: View<'a>,
    pub chosen: View<'a>,
    pub weights: View<'a>,
    /// `[tokens * top_k]`, by slot
    pub d_weights: View<'a>,
    /// where scores are a softmax
    pub balance: Option<BalanceGrad<'a>>,
    /// `[tokens, experts]`
    pub d_logits: ViewMut<'a>,
    pub tokens: usize,
    pub rule: Rule,
}

impl Operation for RouteBackward<'_> {
    fn cpu(self) -> Result<()> {
        let Rule { experts, top_k, router } = self.rule;
        if let Scores::SparseMixer { jitter } = router.scores {
            return mixer::backward(self, jitter);
        }
        let (scores, chosen) = (self.scores.f32()?, self.chosen.u32()?);
        let (weights, d_weights) = (self.weights.f32()?, self.d_weights.f32()?);
        let balance = match &self.balance {
            Some(balance) => Some((balance.by_expert.get::<f64>()?, balance.occurrences.u32()?)),
            None => None,
        };
        let d_logits = &mut self.d_logits.f32()?[..self.tokens * experts];
        let scale = f64::from(router.scale as f32);
        let mut slopes = vec![0f64; experts];
        for (token, d_logits) in d_logits.chunks_exact_mut(experts).enumerate() {
            let scores = &scores[token * experts..(token + 1) * experts];
            for (expert, slope) in slopes.iter_mut().enumerate() {
                *slope = balance.map_or(0.0, |(by, occurrences)| by[expert] * f64::from(occurrences[token]));
            }
            let slots = token * top_k..(token + 1) * top_k;
            let chosen = &chosen[slots.clone()];
            let (weights, d_weights) = (&weights[slots.clone()], &d_weights[slots]);
            let (divisor, moves) = match Sum::of(router.divisor) {
                None => (1.0, false),
                Some(sum) => sum.divisor(chosen.iter().map(|&e| f64::from(scores[e as usize])).sum()),
            };
            let mean = if moves { dot(weights, d_weights) } else { 0.0 };
            for (&expert, &slope) in chosen.iter().zip(d_weights) {
                slopes[expert as usize] += (scale * f64::from(slope) - mean) / divisor;
            }
            if router.scores == Scores::Sigmoid {
                for ((d_logit, &s), slope) in d_logits.iter_mut().zip(scores).zip(&slopes) {
                    let s = f64::from(s);
                    *d_logit = (s * (1.0 - s) * slope) as f32;
                }
                continue;
            }
            let mean: f64 = scores.iter().zip(&slopes).map(|(&p, s)| f64::from(p) * s).sum();
            for ((d_logit, &p), slope) in d_logits.iter_mut().zip(scores).zip(&slopes) {
                *d_logit = (f64::from(p) * (slope - mean)) as f32;
            }
        }
        Ok(())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let Rule { experts, top_k, router } = self.rule;
        if let Scores::SparseMixer { jitter } = router.scores {
            return mixer::backward_on(self, jitter, card);
        }
        let (by_expert, occurrences) = match self.balance {
            Some(balance) => (Some(balance.by_expert), Some(balance.occurrences)),
            None => (None, None),
        };
        let sum = Sum::of(router.divisor);
        card.kernel(&ROUTE, "route_backward", DType::F32)?
            .read(self.scores, self.tokens * experts)
            .read(self.chosen, self.tokens * top_k)
            .read(self.weights, self.tokens * top_k)
            .read(self.d_weights, self.tokens * top_k)
            .read_if(by_expert, experts)
            .read_if(occurrences, self.tokens)
            .write(self.d_logits, self.tokens * experts)
            .u32(self.tokens)
            .u32(experts)
            .u32(top_k)
            .flag(router.scores == Scores::Sigmoid)
            .flag(sum.is_some())
            .f32(sum.as_ref().map_or(0.0, |sum| sum.plus))
            .f32(sum.as_ref().map_or(0.0, |sum| sum.least))
            .f32(router.scale as f32)
            .launch(Grid::warps(self.tokens))
    }
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}
