//! Losses: pure functions from log-probs to a value and its derivative by each response token's log-prob.
//!
//! Symbols in all files: `c`, `r` are the chosen and the rejected log-prob under the policy, `c0`, `r0` those under the
//! reference; `u = c - c0`, `v = r - r0` are the log-ratios, `z = u - v` the margin; `b` is beta, `s` the logistic
//! function. A method's file sees one log-prob of each reply, summed or averaged over its tokens as the method asks;
//! this file spreads the derivative back over the tokens. The gradient of every loss here is
//! `sum_t (dLoss / dlogp_t) * (dlogp_t / dmodel)`, so these derivatives are all that the backward pass needs.

mod aot;
mod apo;
mod bco;
mod bco_pair;
mod discopop;
mod divergence;
mod dpo;
mod exo_pair;
mod hinge;
mod ipo;
mod kto;
mod kto_pair;
mod labelled;
mod metrics;
mod nca_pair;
mod orpo;
pub mod ppo;
pub mod reward;
mod robust;
mod running;
mod scalar;
mod simpo;
mod sppo_hard;
mod supervised;
mod wpo;

pub use labelled::Labels;
pub use metrics::{Means, Values, add_margins, preferences, preferences_of};
pub use running::Running;
pub use supervised::{Tokens, supervised};

use divergence::{Margin, margins};
use protocol::config::{PrefLoss, Preference};
use scalar::ValueAndGrad;

/// What a loss sees of a pair: its log-probs under policy and reference, each summed or averaged over the reply's
/// tokens. Without a reference, the reference's are 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    pub chosen: f64,
    pub rejected: f64,
    pub ref_chosen: f64,
    pub ref_rejected: f64,
}

impl Pair {
    /// `u`
    pub fn chosen_log_ratio(&self) -> f64 {
        self.chosen - self.ref_chosen
    }
    /// `v`
    pub fn rejected_log_ratio(&self) -> f64 {
        self.rejected - self.ref_rejected
    }
    /// `z = u - v`
    pub fn margin(&self) -> f64 {
        self.chosen_log_ratio() - self.rejected_log_ratio()
    }
}

/// A pair's loss, and the derivatives of the batch's *mean* loss by the pair's chosen and rejected log-prob.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PairLoss {
    pub loss: f64,
    pub d_chosen: f64,
    pub d_rejected: f64,
}

/// A loss of one pair at a time: `f` gives a pair's own loss and derivatives, which are divided by the number of pairs.
fn each_pair(pairs: &[Pair], f: impl Fn(&Pair) -> PairLoss) -> Vec<PairLoss> {
    let n = pairs.len() as f64;
    let of_pair = |pair| {
        let own = f(pair);
        PairLoss {
            loss: own.loss,
            d_chosen: own.d_chosen / n,
            d_rejected: own.d_rejected / n,
        }
    };
    pairs.iter().map(of_pair).collect()
}

/// A loss of one margin at a time: `f` gives a margin's own loss and its derivative by the margin.
fn each_margin(margins: &[Margin], f: impl Fn(f64) -> ValueAndGrad) -> Vec<PairLoss> {
    let n = margins.len() as f64;
    let of_margin = |margin: &Margin| {
        let own = f(margin.z);
        PairLoss {
            loss: own.value,
            d_chosen: own.grad * margin.d_chosen / n,
            d_rejected: own.grad * margin.d_rejected / n,
        }
    };
    margins.iter().map(of_margin).collect()
}

/// The response tokens of one side of a pair.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// `[tokens]` log-probs under the policy.
    pub logps: &'a [f32],
    /// `[tokens]` each token's logits averaged over the vocabulary.
    pub mean_logits: &'a [f32],
    /// `[tokens]` `ln sum_v p(v)^2` under the policy; empty unless WPO's weights are asked for.
    pub log_collision_probs: &'a [f32],
}

/// A pair as the model scored it.
#[derive(Debug, Clone, Copy)]
pub struct ScoredPair<'a> {
    pub chosen: Side<'a>,
    pub rejected: Side<'a>,
    /// The reference's summed log-probs; `None` for losses that need none.
    pub reference: Option<RefLogps>,
}

/// Log-probs of a pair's replies under the reference, each summed over its tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RefLogps {
    pub chosen: f64,
    pub rejected: f64,
}

/// A micro-batch's loss, its derivatives for the backward pass, and what is logged.
#[derive(Debug, Clone)]
pub struct BatchLoss {
    pub loss: f64,
    /// `[tokens]` dLoss / dlogp of every counted token: sequence by sequence, chosen before rejected.
    pub d_logp: Vec<f32>,
    /// dLoss / dvalue of every output of a value head, for losses of it; else empty.
    pub d_value: Vec<f32>,
    pub values: Values,
    /// Means that are logged by a weight of their own.
    pub weighted: Vec<WeightedMean>,
}

/// A mean, and how much it counts among others of its name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightedMean {
    pub name: &'static str,
    pub mean: f64,
    /// The rows or tokens that it is of.
    pub weight: f64,
}

/// A preference loss over a micro-batch:
/// `mean_i w_i (sum_k weight_k L_k(i) + nll NLL) + ftx mean_i(-c_i / len)`, with `w` WPO's weights, else 1.
///
/// All pairs of a micro-batch belong in one call: kto_pair, bco_pair and AOT couple them, and NLL is a mean over all of
/// their chosen tokens.
///
/// `running` must already include this batch ([`observe`]) where it is trained on.
pub fn preference(spec: &Preference, batch: &[ScoredPair], running: &Running) -> BatchLoss {
    let reduced: Vec<_> = batch.iter().map(|p| ReducedPair::new(spec, p)).collect();
    let pairs: Vec<_> = reduced.iter().map(|r| r.pair).collect();
    let losses = pair_losses(spec, &pairs, running);
    let weights: Vec<f64> = match spec.weighting {
        true => batch.iter().map(wpo::weight).collect(),
        false => vec![1.0; batch.len()],
    };
    let n = pairs.len() as f64;
    let nll = nll(batch);
    // every pair's loss adds the same NLL, so each chosen token gets the mean of the pairs' weights
    let d_nll = -spec.nll * weights.iter().sum::<f64>() / n / nll.tokens;
    let mut d_logp = Vec::new();
    let mut loss = 0.0;
    for (i, (scored, reduced)) in batch.iter().zip(&reduced).enumerate() {
        let (pair, weight) = (losses[i], weights[i]);
        loss += (weight * (pair.loss + spec.nll * nll.mean) - spec.ftx * reduced.chosen_average) / n;
        let d_chosen = weight * pair.d_chosen / reduced.divisors.chosen - spec.ftx / n / count(scored.chosen);
        let d_rejected = weight * pair.d_rejected / reduced.divisors.rejected;
        let chosen_weights = reduced.token_weights(scored.chosen);
        d_logp.extend(chosen_weights.map(|w| (w * d_chosen + d_nll) as f32));
        let rejected_weights = reduced.token_weights(scored.rejected);
        d_logp.extend(rejected_weights.map(|w| (w * d_rejected) as f32));
    }
    let mut values = metrics::of_pairs(spec, batch, &pairs);
    if spec.nll > 0.0 {
        values.insert("nll_loss", nll.mean);
    }
    if spec.keeps_mean() {
        values.insert("delta", running.mean());
    }
    if spec.weighting {
        values.insert("policy_weights", weights.iter().sum::<f64>() / n);
    }
    BatchLoss {
        loss,
        d_logp,
        d_value: vec![],
        values,
        weighted: vec![],
    }
}

/// Adds a micro-batch's mean reward to the running mean that BCO compares rewards with; nothing for other losses.
pub fn observe(spec: &Preference, batch: &[ScoredPair], running: &mut Running) {
    if spec.keeps_mean() {
        let pairs: Vec<_> = batch.iter().map(|p| ReducedPair::new(spec, p).pair).collect();
        running.add(&[bco_pair::mean_reward(spec.beta, &pairs)]);
    }
}

/// The weighted sum of the method's losses, pair by pair.
fn pair_losses(spec: &Preference, pairs: &[Pair], running: &Running) -> Vec<PairLoss> {
    let mut sums = vec![PairLoss::default(); pairs.len()];
    for part in &spec.parts {
        for (sum, pair) in sums.iter_mut().zip(part_losses(spec, part.loss, pairs, running)) {
            sum.loss += part.weight * pair.loss;
            sum.d_chosen += part.weight * pair.d_chosen;
            sum.d_rejected += part.weight * pair.d_rejected;
        }
    }
    sums
}

fn part_losses(spec: &Preference, loss: PrefLoss, pairs: &[Pair], running: &Running) -> Vec<PairLoss> {
    let beta = spec.beta;
    let margins = || margins(spec.divergence, pairs);
    match loss {
        // without a reference, DPO's margin is CPO's
        PrefLoss::Sigmoid { label_smoothing } | PrefLoss::Cpo { label_smoothing } => {
            dpo::loss(beta, label_smoothing, &margins())
        }
        PrefLoss::Hinge => hinge::loss(beta, &margins()),
        PrefLoss::Ipo => ipo::loss(beta, &margins()),
        PrefLoss::Robust { label_smoothing } => robust::loss(beta, label_smoothing, &margins()),
        PrefLoss::ExoPair { label_smoothing } => exo_pair::loss(beta, label_smoothing, &margins()),
        PrefLoss::NcaPair => nca_pair::loss(beta, pairs),
        PrefLoss::BcoPair => bco_pair::loss(beta, running.mean(), pairs),
        PrefLoss::SppoHard => sppo_hard::loss(beta, pairs),
        PrefLoss::Aot { label_smoothing } => aot::paired(beta, label_smoothing, pairs),
        PrefLoss::AotPair { label_smoothing } => aot::unpaired(beta, label_smoothing, pairs),
        PrefLoss::ApoZero => apo::zero(beta, pairs),
        PrefLoss::ApoDown => apo::down(beta, pairs),
        PrefLoss::Discopop { tau } => discopop::loss(beta, tau, pairs),
        PrefLoss::KtoPair {
            chosen_weight,
            rejected_weight,
        } => {
            let weights = kto::Weights {
                desirable: chosen_weight,
                undesirable: rejected_weight,
            };
            kto_pair::loss(beta, weights, pairs)
        }
        PrefLoss::Orpo => orpo::loss(beta, pairs),
        PrefLoss::Simpo { gamma } => simpo::loss(beta, gamma, pairs),
    }
}

/// The chosen replies' negative log-likelihood.
struct Nll {
    /// Mean over all tokens of `-logp`.
    mean: f64,
    /// How many tokens there are; at least 1.
    tokens: f64,
}

fn nll(batch: &[ScoredPair]) -> Nll {
    let tokens: usize = batch.iter().map(|p| p.chosen.logps.len()).sum();
    let tokens = tokens.max(1) as f64;
    Nll {
        mean: -batch.iter().map(|p| sum(p.chosen.logps)).sum::<f64>() / tokens,
        tokens,
    }
}

/// Tokens of a reply; at least 1, so that it can be divided by.
fn count(side: Side) -> f64 {
    side.logps.len().max(1) as f64
}

fn sum(logps: &[f32]) -> f64 {
    logps.iter().map(|&x| f64::from(x)).sum()
}

/// A pair's token log-probs reduced to one log-prob a side, and what spreads its derivatives back over the tokens.
struct ReducedPair {
    pair: Pair,
    divisors: Divisors,
    /// Mean per token of the chosen side's weighted log-probs: `pref_ftx` raises it.
    chosen_average: f64,
    length_desensitized: Option<LengthDesensitized>,
}

/// What a pair's sums over tokens are divided by: the side's length for losses that average, else 1.
struct Divisors {
    chosen: f64,
    rejected: f64,
}

/// LD-DPO (arXiv 2409.06411): tokens past the length that both sides have weigh `alpha` instead of 1.
#[derive(Clone, Copy)]
struct LengthDesensitized {
    public_length: usize,
    alpha: f64,
}

impl ReducedPair {
    fn new(spec: &Preference, scored: &ScoredPair) -> Self {
        let divisors = match spec.averages() {
            true => Divisors {
                chosen: count(scored.chosen),
                rejected: count(scored.rejected),
            },
            false => Divisors {
                chosen: 1.0,
                rejected: 1.0,
            },
        };
        let public_length = scored.chosen.logps.len().min(scored.rejected.logps.len());
        let length_desensitized = spec.ld_alpha.map(|alpha| LengthDesensitized { public_length, alpha });
        let weighted_sum = |side: Side| match length_desensitized {
            Some(ld) => {
                let (public, excess) = side.logps.split_at(ld.public_length);
                sum(public) + ld.alpha * sum(excess)
            }
            None => sum(side.logps),
        };
        let (chosen, rejected) = (weighted_sum(scored.chosen), weighted_sum(scored.rejected));
        let reference = scored.reference.unwrap_or_default();
        Self {
            pair: Pair {
                chosen: chosen / divisors.chosen,
                rejected: rejected / divisors.rejected,
                ref_chosen: reference.chosen / divisors.chosen,
                ref_rejected: reference.rejected / divisors.rejected,
            },
            divisors,
            chosen_average: chosen / count(scored.chosen),
            length_desensitized,
        }
    }

    /// d(weighted sum) / d(logp) of each token of a side.
    fn token_weights(&self, side: Side) -> impl Iterator<Item = f64> + use<> {
        let ld = self.length_desensitized;
        (0..side.logps.len()).map(move |t| match ld {
            Some(ld) if t >= ld.public_length => ld.alpha,
            _ => 1.0,
        })
    }
}

#[cfg(test)]
mod tests;
