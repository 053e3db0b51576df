//! Losses: pure functions from log-probs to a value and its derivative by each log-prob that counts.
//!
//! `u = c - c0`, `v = r - r0`, `z = u - v`: chosen and rejected log-probs of the policy, less the reference's. What a
//! method's file sees of a pair is one number a side, summed or averaged over its response tokens as the method wants
//! it; this file spreads the derivative back over the tokens. For every loss here the gradient by the model is
//! `sum_t coefficient_t * d logp_t`, so these numbers are all that the backward pass needs.

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

/// What a loss sees of a pair: its log-probs under policy and reference, each summed or averaged over the response.
/// Without a reference, its numbers are 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    pub chosen: f64,
    pub rejected: f64,
    pub ref_chosen: f64,
    pub ref_rejected: f64,
}

impl Pair {
    /// `u`
    pub fn chosen_ratio(&self) -> f64 {
        self.chosen - self.ref_chosen
    }
    /// `v`
    pub fn rejected_ratio(&self) -> f64 {
        self.rejected - self.ref_rejected
    }
    /// `z = u - v`
    pub fn margin(&self) -> f64 {
        self.chosen_ratio() - self.rejected_ratio()
    }
}

/// A pair's loss, and the derivative of the batch's *mean* loss by the pair's two numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Term {
    pub loss: f64,
    pub chosen: f64,
    pub rejected: f64,
}

/// A loss that looks at one pair at a time: `f` gives value and derivatives by the chosen and the rejected number.
fn each_pair(pairs: &[Pair], f: impl Fn(&Pair) -> (f64, f64, f64)) -> Vec<Term> {
    let n = pairs.len() as f64;
    let term = |p| {
        let (loss, chosen, rejected) = f(p);
        Term {
            loss,
            chosen: chosen / n,
            rejected: rejected / n,
        }
    };
    pairs.iter().map(term).collect()
}

/// A loss that looks at one margin at a time: `f` gives value and derivative by the margin.
fn each_margin(margins: &[Margin], f: impl Fn(f64) -> (f64, f64)) -> Vec<Term> {
    let n = margins.len() as f64;
    let term = |m: &Margin| {
        let (loss, slope) = f(m.z);
        Term {
            loss,
            chosen: slope * m.by_chosen / n,
            rejected: slope * m.by_rejected / n,
        }
    };
    margins.iter().map(term).collect()
}

/// The response tokens of one side of a pair.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// `[tokens]` log-probs under the policy.
    pub logps: &'a [f32],
    /// `[tokens]` logits averaged over the vocabulary.
    pub mean_logits: &'a [f32],
    /// `[tokens]` `ln sum_v p(v)^2` under the policy; empty where no loss asked for it.
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

/// Summed log-probs of a pair under the reference.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RefLogps {
    pub chosen: f64,
    pub rejected: f64,
}

/// A micro-batch's loss, what the backward pass needs of it, and what is logged.
#[derive(Debug, Clone)]
pub struct BatchLoss {
    pub loss: f64,
    /// dLoss / dlogp of every row: each sequence's in order, chosen before rejected.
    pub d_logp: Vec<f32>,
    /// dLoss / dvalue of every row, for losses of what a value head says; else empty.
    pub d_value: Vec<f32>,
    pub values: Values,
    /// Values that count by the rows they are means of: name, mean, weight.
    pub weighted: Vec<(&'static str, f64, f64)>,
}

/// A preference loss over a micro-batch. The whole `per_device_train_batch_size` belongs in one call: kto_pair, bco_pair
/// and AOT couple its pairs, the supervised term averages over all of its tokens.
///
/// `mean_i w_i (sum_k weight_k L_k(i) + nll NLL) + ftx mean_i(-c_i / len)`, with `w` WPO's weights, else 1.
///
/// `running` has seen this batch ([`observe`]) where it is trained on.
pub fn preference(spec: &Preference, batch: &[ScoredPair], running: &Running) -> BatchLoss {
    let sides: Vec<_> = batch.iter().map(|p| Weighted::new(spec, p)).collect();
    let pairs: Vec<_> = sides.iter().map(|s| s.pair).collect();
    let terms = terms(spec, &pairs, running);
    let weights: Vec<f64> = match spec.weighting {
        true => batch.iter().map(wpo::weight).collect(),
        false => vec![1.0; batch.len()],
    };
    let n = pairs.len() as f64;
    let (nll, tokens) = nll(batch);
    // one mean over all chosen tokens, taken once per pair
    let by_nll = -spec.nll * weights.iter().sum::<f64>() / n / tokens;
    let mut d_logp = Vec::new();
    let mut loss = 0.0;
    for (i, (scored, side)) in batch.iter().zip(&sides).enumerate() {
        let (term, weight) = (terms[i], weights[i]);
        loss += (weight * (term.loss + spec.nll * nll) - spec.ftx * side.chosen_average) / n;
        let chosen = weight * term.chosen / side.divide.0 - spec.ftx / n / count(scored.chosen);
        let rejected = weight * term.rejected / side.divide.1;
        d_logp.extend(side.weights(scored.chosen).map(|w| (w * chosen + by_nll) as f32));
        d_logp.extend(side.weights(scored.rejected).map(|w| (w * rejected) as f32));
    }
    let mut values = metrics::of_pairs(spec, batch, &pairs);
    if spec.nll > 0.0 {
        values.insert("nll_loss", nll);
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

/// Takes a micro-batch's mean reward into the running mean that BCO compares with.
pub fn observe(spec: &Preference, batch: &[ScoredPair], running: &mut Running) {
    if spec.keeps_mean() {
        let pairs: Vec<_> = batch.iter().map(|p| Weighted::new(spec, p).pair).collect();
        running.add(&[bco_pair::mean_reward(spec.beta, &pairs)]);
    }
}

/// The weighted sum of the losses, pair by pair.
fn terms(spec: &Preference, pairs: &[Pair], running: &Running) -> Vec<Term> {
    let mut sums = vec![Term::default(); pairs.len()];
    for part in &spec.parts {
        for (sum, term) in sums.iter_mut().zip(part_terms(spec, part.loss, pairs, running)) {
            sum.loss += part.weight * term.loss;
            sum.chosen += part.weight * term.chosen;
            sum.rejected += part.weight * term.rejected;
        }
    }
    sums
}

fn part_terms(spec: &Preference, loss: PrefLoss, pairs: &[Pair], running: &Running) -> Vec<Term> {
    let beta = spec.beta;
    let margins = || margins(spec.divergence, pairs);
    match loss {
        // without a reference DPO's margin is CPO's
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
        } => kto_pair::loss(beta, (chosen_weight, rejected_weight), pairs),
        PrefLoss::Orpo => orpo::loss(beta, pairs),
        PrefLoss::Simpo { gamma } => simpo::loss(beta, gamma, pairs),
    }
}

/// Mean over all chosen tokens of `-logp`, and how many there are.
fn nll(batch: &[ScoredPair]) -> (f64, f64) {
    let tokens: usize = batch.iter().map(|p| p.chosen.logps.len()).sum();
    let tokens = tokens.max(1) as f64;
    (-batch.iter().map(|p| sum(p.chosen.logps)).sum::<f64>() / tokens, tokens)
}

fn count(side: Side) -> f64 {
    side.logps.len().max(1) as f64
}

fn sum(logps: &[f32]) -> f64 {
    logps.iter().map(|&x| f64::from(x)).sum()
}

/// A pair's tokens brought down to the loss's numbers, with what brings derivatives back up.
struct Weighted {
    pair: Pair,
    /// Length of each side for losses that average, else 1.
    divide: (f64, f64),
    /// The chosen side's weighted log-probs per token: what `pref_ftx` raises.
    chosen_average: f64,
    /// LD-DPO (arXiv 2409.06411): tokens past the shorter side's length, and their weight.
    past_shorter: Option<(usize, f64)>,
}

impl Weighted {
    fn new(spec: &Preference, scored: &ScoredPair) -> Self {
        let divide = match spec.averages() {
            true => (count(scored.chosen), count(scored.rejected)),
            false => (1.0, 1.0),
        };
        let shorter = scored.chosen.logps.len().min(scored.rejected.logps.len());
        let past_shorter = spec.ld_alpha.map(|alpha| (shorter, alpha));
        let weighted = |side: Side| match past_shorter {
            Some((head, alpha)) => sum(&side.logps[..head]) + alpha * sum(&side.logps[head..]),
            None => sum(side.logps),
        };
        let (chosen, rejected) = (weighted(scored.chosen), weighted(scored.rejected));
        let reference = scored.reference.unwrap_or(RefLogps {
            chosen: 0.0,
            rejected: 0.0,
        });
        Self {
            pair: Pair {
                chosen: chosen / divide.0,
                rejected: rejected / divide.1,
                ref_chosen: reference.chosen / divide.0,
                ref_rejected: reference.rejected / divide.1,
            },
            divide,
            chosen_average: chosen / count(scored.chosen),
            past_shorter,
        }
    }

    /// d(weighted sum) / d(logp) of each token of a side.
    fn weights(&self, side: Side) -> impl Iterator<Item = f64> + use<> {
        let (head, alpha) = self.past_shorter.unwrap_or((usize::MAX, 1.0));
        (0..side.logps.len()).map(move |t| if t < head { 1.0 } else { alpha })
    }
}

#[cfg(test)]
mod tests;
