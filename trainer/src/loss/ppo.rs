//! PPO: *Proximal Policy Optimization Algorithms*, arXiv 1707.06347, applied to replies as in *Fine-Tuning Language
//! Models from Human Preferences*, arXiv 1909.08593, with the arithmetic of TRL 0.8.6's `PPOTrainer`.

use crate::exact_json::Exact;
use serde::{Deserialize, Serialize};

/// The ratio is clipped to `1 +- this`; TRL's `cliprange`.
const CLIP_RANGE: f64 = 0.2;
/// The value is clipped to the old value `+- this`; TRL's `cliprange_value`.
const VALUE_CLIP_RANGE: f64 = 0.2;
/// Weight of the value loss; TRL's `vf_coef`.
const VALUE_COEFFICIENT: f64 = 0.1;
/// The decay of generalized advantage estimation (GAE, arXiv 1506.02438); rewards are not discounted.
const LAMBDA: f64 = 0.95;
/// A mini-batch whose mean ratio is above this gets no gradient; TRL's `ratio_threshold`.
const RATIO_THRESHOLD: f64 = 10.0;
/// Replies over which the KL coefficient changes by the whole error; TRL's `horizon`.
const HORIZON: f64 = 10_000.0;

/// A reply as it was generated. The lists have an entry per token.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rollout {
    /// `[tokens]` log-probs under the policy that generated it.
    pub logps: Vec<f64>,
    /// `[tokens]` log-probs under the reference.
    pub reference: Vec<f64>,
    /// `[tokens]` the value head's estimate of the return before each token.
    pub values: Vec<f64>,
    /// The reward model's score, normalised where that is asked for.
    pub score: f64,
}

impl Rollout {
    /// `sum (logp - logp0)`: an estimate of the KL divergence from the reference.
    pub fn kl(&self) -> f64 {
        self.logps.iter().zip(&self.reference).map(|(p, r)| p - r).sum()
    }
}

/// A reply's advantages and returns, `[tokens]` each.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AdvantageEstimate {
    pub advantages: Vec<f64>,
    pub returns: Vec<f64>,
}

/// Advantages and returns of a batch. Each token's reward is `-kl_coefficient (logp - logp0)`, the last one's plus the
/// score. Advantages are whitened to mean 0 and variance 1 over the batch's tokens.
///
/// `whiten` scales the rewards to variance 1 first. (TRL then counts the padding of shorter rows too; here is none.)
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
        let Whitening { mean, scale } = whitening(&rewards);
        rewards
            .iter_mut()
            .flatten()
            .for_each(|r| *r = (*r - mean) * scale + mean);
    }
    let mut advantages: Vec<Vec<f64>> = batch
        .iter()
        .zip(&rewards)
        .map(|(rollout, rewards)| generalized_advantages(&rollout.values, rewards))
        .collect();
    let returns = batch
        .iter()
        .zip(&advantages)
        .map(|(rollout, advantages)| advantages.iter().zip(&rollout.values).map(|(a, v)| a + v).collect());
    let returns: Vec<Vec<f64>> = returns.collect();
    let Whitening { mean, scale } = whitening(&advantages);
    advantages.iter_mut().flatten().for_each(|a| *a = (*a - mean) * scale);
    advantages
        .into_iter()
        .zip(returns)
        .map(|(advantages, returns)| AdvantageEstimate { advantages, returns })
        .collect()
}

/// GAE: `A_t = d_t + lambda A_(t+1)`, with the TD error `d_t = r_t + V_(t+1) - V_t`; both are 0 past the end.
fn generalized_advantages(values: &[f64], rewards: &[f64]) -> Vec<f64> {
    let mut advantages = vec![0.0; rewards.len()];
    let (mut next_advantage, mut next_value) = (0.0, 0.0);
    for t in (0..rewards.len()).rev() {
        next_advantage = rewards[t] + next_value - values[t] + LAMBDA * next_advantage;
        next_value = values[t];
        advantages[t] = next_advantage;
    }
    advantages
}

/// The mean of a batch's values, and the factor that scales their sample variance to 1.
struct Whitening {
    mean: f64,
    scale: f64,
}

fn whitening(of: &[Vec<f64>]) -> Whitening {
    let n = of.iter().map(Vec::len).sum::<usize>() as f64;
    let all = || of.iter().flatten();
    let mean = all().sum::<f64>() / n.max(1.0);
    let variance = all().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    Whitening {
        mean,
        scale: 1.0 / (variance + 1e-8).sqrt(),
    }
}

/// A reply in a mini-batch: as it was generated, and the policy's log-probs and values, `[tokens]`, now.
#[derive(Debug, Clone, Copy)]
pub struct PpoSample<'a> {
    pub rollout: &'a Rollout,
    pub estimate: &'a AdvantageEstimate,
    pub logps: &'a [f32],
    pub values: &'a [f32],
}

/// A mini-batch's losses, their derivatives, and what is logged.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MiniBatch {
    /// The policy loss.
    pub policy: f64,
    /// The value loss, before its coefficient.
    pub value: f64,
    pub total: f64,
    /// `[tokens]` d total / d logp, reply by reply.
    pub d_logp: Vec<f32>,
    /// `[tokens]` d total / d value, reply by reply.
    pub d_value: Vec<f32>,
    /// The fraction of tokens whose ratio was clipped.
    pub clipped: f64,
    /// The fraction of tokens whose value was clipped.
    pub value_clipped: f64,
    /// `mean (logp - old logp)^2 / 2`
    pub approximate_kl: f64,
}

/// `mean max(-A r, -A clip(r)) + 0.1 / 2 mean max((v - R)^2, (clip(v) - R)^2)`, with `r = e^(logp - old logp)`, `A` the
/// advantage, `R` the return; means over the mini-batch's tokens. Where the clipped loss is the larger one, the token
/// counts as clipped and gets no gradient.
pub fn loss(batch: &[PpoSample]) -> MiniBatch {
    let n = batch.iter().map(|sample| sample.logps.len()).sum::<usize>().max(1) as f64;
    let mut out = MiniBatch::default();
    let mut mean_ratio = 0.0;
    for sample in batch {
        for t in 0..sample.logps.len() {
            let (old_logp, advantage) = (sample.rollout.logps[t], sample.estimate.advantages[t]);
            let log_ratio = f64::from(sample.logps[t]) - old_logp;
            let ratio = log_ratio.exp();
            let unclipped = -advantage * ratio;
            let clipped = -advantage * ratio.clamp(1.0 - CLIP_RANGE, 1.0 + CLIP_RANGE);
            let is_clipped = clipped > unclipped;
            out.policy += unclipped.max(clipped) / n;
            out.d_logp.push(if is_clipped { 0.0 } else { (unclipped / n) as f32 });
            out.clipped += f64::from(u8::from(is_clipped)) / n;
            out.approximate_kl += 0.5 * log_ratio * log_ratio / n;
            mean_ratio += ratio / n;

            let (value, old_value) = (f64::from(sample.values[t]), sample.rollout.values[t]);
            let target = sample.estimate.returns[t];
            let clipped_value = value.clamp(old_value - VALUE_CLIP_RANGE, old_value + VALUE_CLIP_RANGE);
            let (unclipped, clipped) = ((value - target).powi(2), (clipped_value - target).powi(2));
            let is_clipped = clipped > unclipped;
            out.value += 0.5 * unclipped.max(clipped) / n;
            let grad = if is_clipped { 0.0 } else { value - target };
            out.d_value.push((VALUE_COEFFICIENT * grad / n) as f32);
            out.value_clipped += f64::from(u8::from(is_clipped)) / n;
        }
    }
    out.total = out.policy + VALUE_COEFFICIENT * out.value;
    if mean_ratio > RATIO_THRESHOLD {
        (out.policy, out.value, out.total) = (0.0, 0.0, 0.0);
        out.d_logp.iter_mut().chain(&mut out.d_value).for_each(|d| *d = 0.0);
    }
    out
}

/// What PPO keeps from step to step: the KL coefficient, and mean and variance of all scores so far.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PpoState {
    kl_coefficient: Exact,
    mean: Exact,
    variance: Exact,
    count: Exact,
}

impl PpoState {
    /// The state before the first step, with TRL's `init_kl_coef`.
    pub fn new(kl_coefficient: f64) -> Self {
        Self {
            kl_coefficient: Exact(kl_coefficient),
            mean: Exact(0.0),
            variance: Exact(1.0),
            count: Exact(1e-24),
        }
    }

    /// What a token's `logp - logp0` costs.
    pub fn kl_coefficient(&self) -> f64 {
        self.kl_coefficient.0
    }

    /// Adapts the coefficient so that the KL divergence approaches `target`, by `clip(kl / target - 1, +-0.2)` per
    /// [`HORIZON`] replies (arXiv 1909.08593, section 2.2). `kl` is the step's mean [`Rollout::kl`], `replies` its
    /// replies.
    pub fn adapt(&mut self, kl: f64, target: f64, replies: usize) {
        let error = (kl / target - 1.0).clamp(-0.2, 0.2);
        self.kl_coefficient.0 *= 1.0 + error * replies as f64 / HORIZON;
    }

    /// Adds the scores to the running mean and variance (merged as by Chan et al.), then scales them to mean 0 and
    /// variance 1; TRL's `use_score_scaling` with `use_score_norm`.
    pub fn normalise(&mut self, scores: &mut [f64]) {
        let n = scores.len() as f64;
        let mean = scores.iter().sum::<f64>() / n;
        let new_squares = scores.iter().map(|s| (s - mean).powi(2)).sum::<f64>();
        let (delta, total) = (mean - self.mean.0, self.count.0 + n);
        let old_squares = self.variance.0 * self.count.0 + delta * delta * self.count.0 * n / total;
        self.mean.0 += delta * n / total;
        self.variance.0 = (old_squares + new_squares) / total;
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
        // ratios 1, 2 (clipped to 1.2) and 2 (A < 0: the larger loss is the unclipped one)
        let sample = PpoSample {
            rollout: &rollout,
            estimate: &estimate,
            logps: &[0.0, 2f32.ln(), 2f32.ln()],
            values: &[1.0, 3.0, 1.1],
        };
        let got = loss(&[sample]);
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
    fn a_mean_ratio_above_the_threshold_gives_no_gradient() {
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
        let sample = PpoSample {
            rollout: &rollout,
            estimate: &estimate,
            logps: &[-1.0],
            values: &[0.0],
        };
        let got = loss(&[sample]);
        assert_eq!((got.total, got.d_logp[0], got.d_value[0]), (0.0, 0.0, 0.0));
    }

    #[test]
    fn the_kl_coefficient_follows_the_kl_divergence() {
        let mut state = PpoState::new(0.2);
        state.adapt(12.0, 6.0, 100);
        close(state.kl_coefficient(), 0.2 * (1.0 + 0.2 * 0.01));
        state.adapt(6.0, 6.0, 100);
        state.adapt(5.4, 6.0, 100);
        close(state.kl_coefficient(), 0.2 * 1.002 * 0.999);
    }

    #[test]
    fn scores_are_normalised_by_all_scores_so_far() {
        let mut state = PpoState::new(0.2);
        let mut first = [1.0, 3.0];
        state.normalise(&mut first);
        // mean 2, sample deviation sqrt 2
        assert!((first[1] - 1.0 / 2f64.sqrt()).abs() < 1e-6);
        let mut second = [2.0, 6.0];
        state.normalise(&mut second);
        // 1, 3, 2, 6: mean 3, sample variance 14 / 3
        assert!((second[1] - 3.0 / (14.0f64 / 3.0).sqrt()).abs() < 1e-6);
    }
}
