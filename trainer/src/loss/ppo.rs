//! PPO: *Proximal Policy Optimization Algorithms*, arXiv 1707.06347, on replies as *Fine-Tuning Language Models from Human
//! Preferences*, arXiv 1909.08593, does it and TRL 0.8.6's `PPOTrainer` computes it.

use crate::exact::Exact;
use serde::{Deserialize, Serialize};

/// Half the width of the ratio's and of the value's range.
const CLIP: f64 = 0.2;
const VALUE_CLIP: f64 = 0.2;
/// Weight of the value's loss.
const VALUE_WEIGHT: f64 = 0.1;
/// GAE's decay (arXiv 1506.02438); rewards are not discounted.
const LAMBDA: f64 = 0.95;
/// A mini-batch whose mean ratio is above this is not learnt from.
const RATIO_LIMIT: f64 = 10.0;
/// Replies over which the KL coefficient would change by its error.
const HORIZON: f64 = 10_000.0;

/// A reply as it was generated, token by token.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rollout {
    /// log-probs under the policy that wrote it, and under the reference
    pub logps: Vec<f64>,
    pub reference: Vec<f64>,
    /// what the value head expected before each token
    pub values: Vec<f64>,
    /// the reward model's, normalised where that is asked for
    pub score: f64,
}

impl Rollout {
    /// `sum (logp - logp0)`: an estimate of the divergence from the reference.
    pub fn kl(&self) -> f64 {
        self.logps.iter().zip(&self.reference).map(|(p, r)| p - r).sum()
    }
}

/// What is learnt from a reply.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AdvantageEstimate {
    pub advantages: Vec<f64>,
    pub returns: Vec<f64>,
}

/// Advantages and returns of a batch: each token is rewarded with `-kl_coefficient (logp - logp0)`, the last one with the
/// score too; advantages are generalized estimates, brought to mean 0 and variance 1 over the batch's tokens.
///
/// `whiten` brings the rewards to variance 1 first. (TRL then rewards the padding behind shorter rows too; here there is
/// none.)
pub fn estimate_advantages(batch: &[Rollout], kl_coefficient: f64, whiten: bool) -> Vec<AdvantageEstimate> {
    let reward = |rollout: &Rollout| {
        let each = rollout.logps.iter().zip(&rollout.reference);
        let mut rewards: Vec<f64> = each.map(|(p, r)| -kl_coefficient * (p - r)).collect();
        if let Some(last) = rewards.last_mut() {
            *last += rollout.score;
        }
        rewards
    };
    let mut rewards: Vec<Vec<f64>> = batch.iter().map(reward).collect();
    if whiten {
        let (mean, scale) = moments(&rewards);
        rewards
            .iter_mut()
            .flatten()
            .for_each(|r| *r = (*r - mean) * scale + mean);
    }
    let mut advantages: Vec<Vec<f64>> = batch
        .iter()
        .zip(&rewards)
        .map(|(rollout, rewards)| generalized(&rollout.values, rewards))
        .collect();
    let returns = batch
        .iter()
        .zip(&advantages)
        .map(|(rollout, advantages)| advantages.iter().zip(&rollout.values).map(|(a, v)| a + v).collect());
    let returns: Vec<Vec<f64>> = returns.collect();
    let (mean, scale) = moments(&advantages);
    advantages.iter_mut().flatten().for_each(|a| *a = (*a - mean) * scale);
    advantages
        .into_iter()
        .zip(returns)
        .map(|(advantages, returns)| AdvantageEstimate { advantages, returns })
        .collect()
}

/// `A_t = d_t + lambda A_(t+1)`, `d_t = r_t + V_(t+1) - V_t`.
fn generalized(values: &[f64], rewards: &[f64]) -> Vec<f64> {
    let mut advantages = vec![0.0; rewards.len()];
    let (mut next, mut value) = (0.0, 0.0);
    for t in (0..rewards.len()).rev() {
        next = rewards[t] + value - values[t] + LAMBDA * next;
        value = values[t];
        advantages[t] = next;
    }
    advantages
}

/// Mean, and the factor that brings the sample variance to 1.
fn moments(of: &[Vec<f64>]) -> (f64, f64) {
    let n = of.iter().map(Vec::len).sum::<usize>() as f64;
    let all = || of.iter().flatten();
    let mean = all().sum::<f64>() / n.max(1.0);
    let variance = all().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    (mean, 1.0 / (variance + 1e-8).sqrt())
}

/// A reply in a mini-batch: what it was, what is learnt from it, and the policy's log-probs and values now.
#[derive(Debug, Clone, Copy)]
pub struct PpoSample<'a> {
    pub rollout: &'a Rollout,
    pub estimate: &'a AdvantageEstimate,
    pub logps: &'a [f32],
    pub values: &'a [f32],
}

/// A mini-batch's losses, its derivatives token by token in order of the replies, and shares of what was clipped.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MiniBatch {
    pub policy: f64,
    pub value: f64,
    pub total: f64,
    pub d_logp: Vec<f32>,
    pub d_value: Vec<f32>,
    pub clipped: f64,
    pub value_clipped: f64,
    /// `mean (logp - old logp)^2 / 2`
    pub approximate_kl: f64,
}

/// `mean max(-A r, -A clip(r)) + 0.1 / 2 mean max((v - R)^2, (clip(v) - R)^2)`, `r = e^(logp - old logp)`, means over the
/// mini-batch's tokens. Where the clipped side is larger nothing is learnt; where both are equal nothing is clipped.
pub fn loss(batch: &[PpoSample]) -> MiniBatch {
    let n = batch.iter().map(|l| l.logps.len()).sum::<usize>().max(1) as f64;
    let mut out = MiniBatch::default();
    let mut ratios = 0.0;
    for l in batch {
        for t in 0..l.logps.len() {
            let (old, advantage) = (l.rollout.logps[t], l.estimate.advantages[t]);
            let change = f64::from(l.logps[t]) - old;
            let ratio = change.exp();
            let (free, bound) = (-advantage * ratio, -advantage * ratio.clamp(1.0 - CLIP, 1.0 + CLIP));
            out.policy += free.max(bound) / n;
            out.d_logp.push(if bound > free { 0.0 } else { (free / n) as f32 });
            out.clipped += f64::from(u8::from(bound > free)) / n;
            out.approximate_kl += 0.5 * change * change / n;
            ratios += ratio / n;

            let (now, before, aim) = (f64::from(l.values[t]), l.rollout.values[t], l.estimate.returns[t]);
            let bounded = now.clamp(before - VALUE_CLIP, before + VALUE_CLIP);
            let (free, bound) = ((now - aim).powi(2), (bounded - aim).powi(2));
            out.value += 0.5 * free.max(bound) / n;
            let slope = if bound > free { 0.0 } else { now - aim };
            out.d_value.push((VALUE_WEIGHT * slope / n) as f32);
            out.value_clipped += f64::from(u8::from(bound > free)) / n;
        }
    }
    out.total = out.policy + VALUE_WEIGHT * out.value;
    if ratios > RATIO_LIMIT {
        (out.policy, out.value, out.total) = (0.0, 0.0, 0.0);
        out.d_logp.iter_mut().chain(&mut out.d_value).for_each(|c| *c = 0.0);
    }
    out
}

/// What PPO carries from step to step: the KL coefficient, and the moments of all scores so far.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PpoState {
    kl_coefficient: Exact,
    mean: Exact,
    variance: Exact,
    count: Exact,
}

impl PpoState {
    pub fn new(kl_coefficient: f64) -> Self {
        Self {
            kl_coefficient: Exact(kl_coefficient),
            mean: Exact(0.0),
            variance: Exact(1.0),
            count: Exact(1e-24),
        }
    }

    pub fn kl_coefficient(&self) -> f64 {
        self.kl_coefficient.0
    }

    /// Moves the coefficient so that the divergence comes to `target`: by `clip(kl / target - 1, +-0.2)` over the horizon.
    pub fn adapt(&mut self, kl: f64, target: f64, replies: usize) {
        let error = (kl / target - 1.0).clamp(-0.2, 0.2);
        self.kl_coefficient.0 *= 1.0 + error * replies as f64 / HORIZON;
    }

    /// Takes the scores into the moments and brings them to mean 0 and variance 1.
    pub fn normalise(&mut self, scores: &mut [f64]) {
        let n = scores.len() as f64;
        let mean = scores.iter().sum::<f64>() / n;
        let spread = scores.iter().map(|s| (s - mean).powi(2)).sum::<f64>();
        let (delta, total) = (mean - self.mean.0, self.count.0 + n);
        let old = self.variance.0 * self.count.0 + delta * delta * self.count.0 * n / total;
        self.mean.0 += delta * n / total;
        self.variance.0 = (old + spread) / total;
        self.count.0 = total;
        let deviation = (self.variance.0 * total / (total - 1.0).max(f64::EPSILON)).sqrt();
        let scale = 1.0 / (deviation + f64::from(f32::EPSILON));
        scores.iter_mut().for_each(|s| *s = (*s - self.mean.0) * scale);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::close;
    use super::*;

    #[test]
    fn advantages_worked_by_hand() {
        let rollout = Rollout {
            logps: vec![-1.0, -2.0],
            reference: vec![-1.5, -2.0],
            values: vec![0.5, 1.0],
            score: 2.0,
        };
        close(rollout.kl(), 0.5);
        // rewards -0.2 * 0.5 = -0.1 and 0 + 2; d = 2 - 1 = 1, then -0.1 + 1 - 0.5 = 0.4; A = 0.4 + 0.95, 1
        let got = &estimate_advantages(&[rollout], 0.2, false)[0];
        close(got.returns[0], 1.35 + 0.5);
        close(got.returns[1], 2.0);
        // mean 1.175, sample variance 0.06125
        close(got.advantages[0], 0.175 / (0.06125f64 + 1e-8).sqrt());
        close(got.advantages[1], -got.advantages[0]);
    }

    #[test]
    fn losses_worked_by_hand() {
        let rollout = Rollout {
            logps: vec![0.0, 0.0, 0.0],
            reference: vec![0.0; 3],
            values: vec![1.0; 3],
            score: 0.0,
        };
        let estimate = AdvantageEstimate {
            advantages: vec![1.0, 1.0, -1.0],
            returns: vec![2.0, 2.0, 0.0],
        };
        // ratios 1, 2 (clipped to 1.2) and 2 (A < 0: the larger loss is the free one)
        let learnt = PpoSample {
            rollout: &rollout,
            estimate: &estimate,
            logps: &[0.0, 2f32.ln(), 2f32.ln()],
            values: &[1.0, 3.0, 1.1],
        };
        let got = loss(&[learnt]);
        let near = |got: f64, want: f64| assert!((got - want).abs() < 1e-6, "{got} is not {want}");
        near(got.policy, (-1.0 - 1.2 + 2.0) / 3.0);
        near(got.clipped, 1.0 / 3.0);
        // (1 - 2)^2; max((3 - 2)^2, (1.2 - 2)^2) = 1; 1.1^2
        near(got.value, 0.5 * (1.0 + 1.0 + 1.21) / 3.0);
        near(got.total, got.policy + 0.1 * got.value);
        for (got, want) in got.d_logp.iter().zip([-1.0, 0.0, 2.0]) {
            near(f64::from(*got), want / 3.0);
        }
        for (got, want) in got.d_value.iter().zip([-1.0, 1.0, 1.1]) {
            near(f64::from(*got), 0.1 * want / 3.0);
        }
    }

    #[test]
    fn a_mini_batch_far_from_what_was_written_teaches_nothing() {
        let rollout = Rollout {
            logps: vec![-9.0],
            reference: vec![0.0],
            values: vec![0.0],
            score: 0.0,
        };
        let estimate = AdvantageEstimate {
            advantages: vec![1.0],
            returns: vec![1.0],
        };
        let learnt = PpoSample {
            rollout: &rollout,
            estimate: &estimate,
            logps: &[-1.0],
            values: &[0.0],
        };
        let got = loss(&[learnt]);
        assert_eq!((got.total, got.d_logp[0], got.d_value[0]), (0.0, 0.0, 0.0));
    }

    #[test]
    fn the_coefficient_follows_the_divergence() {
        let mut carried = PpoState::new(0.2);
        carried.adapt(12.0, 6.0, 100);
        close(carried.kl_coefficient(), 0.2 * (1.0 + 0.2 * 0.01));
        carried.adapt(6.0, 6.0, 100);
        carried.adapt(5.4, 6.0, 100);
        close(carried.kl_coefficient(), 0.2 * 1.002 * 0.999);
    }

    #[test]
    fn scores_are_normalised_by_all_there_were() {
        let mut carried = PpoState::new(0.2);
        let mut first = [1.0, 3.0];
        carried.normalise(&mut first);
        // mean 2, sample deviation sqrt 2
        assert!((first[1] - 1.0 / 2f64.sqrt()).abs() < 1e-6);
        let mut second = [2.0, 6.0];
        carried.normalise(&mut second);
        // 1, 3, 2, 6: mean 3, sample variance 14 / 3
        assert!((second[1] - 3.0 / (14.0f64 / 3.0).sqrt()).abs() < 1e-6);
    }
}
