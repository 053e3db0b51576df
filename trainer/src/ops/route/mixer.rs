//! The sparse mixer of Phi-3.5-MoE (arXiv 2404.14219, 2310.00811): two experts, one after the other, each weighed by a softmax
//! over those whose logit is near enough the largest that is left.
use super::{Route, RouteBackward, softmax};
use crate::error::{Error, Result};
use crate::ops::View;
use crate::ops::cuda::{Card, Grid, ROUTE};
use candle_core::DType;

/// How many experts it chooses.
const CHOSEN: usize = 2;

/// How far an expert's logit may be below the largest, as f32 has it.
fn reach(jitter: f64) -> f32 {
    2.0 * jitter as f32
}

/// Which expert is next, and who takes part in its softmax.
struct Choice<'a> {
    logits: &'a [f32],
    /// the one that was chosen before
    taken: Option<usize>,
    expert: usize,
    reach: f32,
}

impl<'a> Choice<'a> {
    fn new(logits: &'a [f32], taken: Option<usize>, reach: f32) -> Self {
        let mut expert = usize::from(taken == Some(0));
        for (e, logit) in logits.iter().enumerate() {
            if Some(e) != taken && logit.total_cmp(&logits[expert]).is_gt() {
                expert = e;
            }
        }
        Self {
            logits,
            taken,
            expert,
            reach,
        }
    }

    /// An expert's share before it is divided by the sum of all: `exp(logit - largest)`, or nothing out of reach.
    fn share(&self, e: usize) -> f64 {
        let (own, most) = (self.logits[e], self.logits[self.expert]);
        let out_of_reach = (most - own) / own.abs().max(most) > self.reach;
        match Some(e) == self.taken || out_of_reach {
            true => 0.0,
            false => f64::from(own - most).exp(),
        }
    }

    fn sum(&self) -> f64 {
        (0..self.logits.len()).map(|e| self.share(e)).sum()
    }
}

pub fn route(given: Route, jitter: f64) -> Result<()> {
    let experts = given.rule.experts;
    check(&given.rule)?;
    let each = given.logits.f32()?[..given.tokens * experts]
        .chunks_exact(experts)
        .zip(given.scores.f32()?.chunks_exact_mut(experts))
        .zip(given.chosen.get::<u32>()?.chunks_exact_mut(CHOSEN))
        .zip(given.weights.f32()?.chunks_exact_mut(CHOSEN));
    for (((logits, scores), chosen), weights) in each {
        softmax(logits, scores);
        let mut taken = None;
        for (chosen, weight) in chosen.iter_mut().zip(weights) {
            let choice = Choice::new(logits, taken, reach(jitter));
            *chosen = choice.expert as u32;
            *weight = (choice.share(choice.expert) / choice.sum()) as f32;
            taken = Some(choice.expert);
        }
    }
    Ok(())
}

pub fn route_on(given: Route, jitter: f64, card: &Card) -> Result<()> {
    check(&given.rule)?;
    card.kernel(&ROUTE, "mix", DType::F32)?
        .read(given.logits, given.tokens * given.rule.experts)
        .write(given.scores, given.tokens * given.rule.experts)
        .write(given.chosen, given.tokens * CHOSEN)
        .write(given.weights, given.tokens * CHOSEN)
        .u32(given.tokens)
        .u32(given.rule.experts)
        .f32(reach(jitter))
        .launch(Grid::warps(given.tokens))
}

pub fn backward(given: RouteBackward, jitter: f64) -> Result<()> {
    let experts = given.rule.experts;
    let all_logits = logits(given.logits)?.f32()?;
    let (all_scores, chosen, d_weights) = (given.scores.f32()?, given.chosen.u32()?, given.d_weights.f32()?);
    let balance = match &given.balance {
        Some(balance) => Some((balance.by_expert.get::<f64>()?, balance.occurrences.u32()?)),
        None => None,
    };
    let d_logits = &mut given.d_logits.f32()?[..given.tokens * experts];
    let mut slopes = vec![0f64; experts];
    for (token, d_logits) in d_logits.chunks_exact_mut(experts).enumerate() {
        let logits = &all_logits[token * experts..(token + 1) * experts];
        slopes.fill(0.0);
        if let Some((by, occurrences)) = balance {
            let scores = &all_scores[token * experts..(token + 1) * experts];
            let times = f64::from(occurrences[token]);
            let mean: f64 = scores.iter().zip(by).map(|(&p, by)| f64::from(p) * by * times).sum();
            for ((slope, &p), by) in slopes.iter_mut().zip(scores).zip(by) {
                *slope = f64::from(p) * (by * times - mean);
            }
        }
        let mut taken = None;
        for slot in token * CHOSEN..(token + 1) * CHOSEN {
            let choice = Choice {
                logits,
                taken,
                expert: chosen[slot] as usize,
                reach: reach(jitter),
            };
            let sum = choice.sum();
            let slope = f64::from(d_weights[slot]) * (choice.share(choice.expert) / sum);
            for (e, by_logit) in slopes.iter_mut().enumerate() {
                let own = if e == choice.expert { 1.0 } else { 0.0 };
                *by_logit += slope * (own - choice.share(e) / sum);
            }
            taken = Some(choice.expert);
        }
        for (d_logit, slope) in d_logits.iter_mut().zip(&slopes) {
            *d_logit = *slope as f32;
        }
    }
    Ok(())
}

pub fn backward_on(given: RouteBackward, jitter: f64, card: &Card) -> Result<()> {
    let (by_expert, occurrences) = match given.balance {
        Some(balance) => (Some(balance.by_expert), Some(balance.occurrences)),
        None => (None, None),
    };
    card.kernel(&ROUTE, "mix_backward", DType::F32)?
        .read(logits(given.logits)?, given.tokens * given.rule.experts)
        .read(given.scores, given.tokens * given.rule.experts)
        .read(given.chosen, given.tokens * CHOSEN)
        .read(given.d_weights, given.tokens * CHOSEN)
        .read_if(by_expert, given.rule.experts)
        .read_if(occurrences, given.tokens)
        .write(given.d_logits, given.tokens * given.rule.experts)
        .u32(given.tokens)
        .u32(given.rule.experts)
        .f32(reach(jitter))
        .launch(Grid::warps(given.tokens))
}

fn logits(given: Option<View>) -> Result<View> {
    given.ok_or_else(|| Error::internal("the sparse mixer's gradient follows from its logits"))
}

fn check(rule: &super::Rule) -> Result<()> {
    match (rule.top_k, rule.experts) {
        (CHOSEN, CHOSEN..) => Ok(()),
        (top_k, experts) => Err(Error::internal(format!("a sparse mixer of {top_k} among {experts}"))),
    }
}
