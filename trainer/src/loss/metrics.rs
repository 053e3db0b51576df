//! What is logged of a micro-batch, and means over many: metrics under TRL's names, and `preference/*`, which are
//! comparable between methods.

use super::{Pair, ScoredPair, WeightedMean, count, orpo, sum};
use crate::exact_json::Exact;
use protocol::config::{PrefLoss, Preference};
use protocol::metric::{self, Metric};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Values of one micro-batch by name.
pub type Values = BTreeMap<&'static str, f64>;

/// Means over the pairs of a micro-batch. Rewards are `b u`, `b v` times the sum of the losses' weights; without a
/// reference, `u` and `v` are the policy's log-probs. `logps/*` are summed or averaged over tokens as the loss uses
/// them.
pub(super) fn of_pairs(spec: &Preference, batch: &[ScoredPair], pairs: &[Pair]) -> Values {
    let b = spec.beta * spec.parts.iter().map(|part| part.weight).sum::<f64>();
    let chosen_reward = |p: &Pair| b * p.chosen_log_ratio();
    let rejected_reward = |p: &Pair| b * p.rejected_log_ratio();
    let margin = |p: &Pair| chosen_reward(p) - rejected_reward(p);
    let is_ranked = |p: &Pair| chosen_reward(p) > rejected_reward(p);
    let mut values = Values::from([
        ("rewards/chosen", mean(pairs.iter().map(chosen_reward))),
        ("rewards/rejected", mean(pairs.iter().map(rejected_reward))),
        ("rewards/margins", mean(pairs.iter().map(margin))),
        ("rewards/accuracies", fraction(pairs.iter().map(is_ranked))),
        ("logps/chosen", mean(pairs.iter().map(|p| p.chosen))),
        ("logps/rejected", mean(pairs.iter().map(|p| p.rejected))),
        (
            "logits/chosen",
            mean(tokens(batch.iter().map(|p| p.chosen.mean_logits))),
        ),
        (
            "logits/rejected",
            mean(tokens(batch.iter().map(|p| p.rejected.mean_logits))),
        ),
    ]);
    if spec.parts.iter().any(|part| part.loss == PrefLoss::Orpo) {
        values.insert("sft_loss", -mean(pairs.iter().map(|p| p.chosen)));
        values.insert("odds_ratio_loss", orpo::odds_ratio_loss(pairs));
    }
    values
}

/// What runs of different methods are compared by, of each pair's difference of the mean log-probs per token of chosen and
/// rejected reply under the policy, in nats.
pub fn preferences(batch: &[ScoredPair]) -> Values {
    let margin = |p: &ScoredPair| sum(p.chosen.logps) / count(p.chosen) - sum(p.rejected.logps) / count(p.rejected);
    preferences_of(&batch.iter().map(margin).collect::<Vec<_>>())
}

/// [`preferences`] from each pair's difference: what the table of metrics computes of them.
pub fn preferences_of(margins: &[f64]) -> Values {
    let of = |metric: &Metric| Some((metric.name, (metric.of_margins?)(margins)));
    metric::metrics().filter_map(of).collect()
}

/// Adds `rewards/margins`, the difference of the mean rewards, where replies are labelled singly and pairs have none. `named`: what
/// a metric is called among these values.
pub fn add_margins(values: &mut BTreeMap<String, f64>, named: impl Fn(&str) -> String) {
    let value = |name: &str| values.get(&named(name)).copied();
    if let (Some(chosen), Some(rejected)) = (value("rewards/chosen"), value("rewards/rejected")) {
        values.entry(named("rewards/margins")).or_insert(chosen - rejected);
    }
}

fn tokens<'a>(sides: impl Iterator<Item = &'a [f32]>) -> impl Iterator<Item = f64> {
    sides.flatten().map(|&x| f64::from(x))
}

fn fraction(of: impl Iterator<Item = bool>) -> f64 {
    mean(of.map(|holds| f64::from(u8::from(holds))))
}

fn mean(of: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = of.fold((0.0, 0.0), |(sum, n), x| (sum + x, n + 1.0));
    if n > 0.0 { sum / n } else { 0.0 }
}

/// Weighted means by name, over the micro-batches of a logging window or an evaluation. Saved in checkpoints, so that a
/// resumed run logs the same bits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Means(BTreeMap<String, Mean>);

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Mean {
    sum: Exact,
    weight: Exact,
}

impl Means {
    /// Adds `value`, itself a mean over `weight` rows or tokens.
    pub fn add(&mut self, name: &str, value: f64, weight: f64) {
        let mean = match self.0.get_mut(name) {
            Some(mean) => mean,
            None => self.0.entry(name.to_owned()).or_default(),
        };
        mean.sum.0 += value * weight;
        mean.weight.0 += weight;
    }

    /// Adds each of `values` with the same weight.
    pub fn add_all(&mut self, values: &Values, weight: f64) {
        values.iter().for_each(|(name, &value)| self.add(name, value, weight));
    }

    /// Adds each by its own weight.
    pub fn add_weighted(&mut self, values: &[WeightedMean]) {
        values
            .iter()
            .for_each(|value| self.add(value.name, value.mean, value.weight));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The means by name; nothing is left for the next window.
    pub fn take(&mut self) -> BTreeMap<String, f64> {
        let means = std::mem::take(&mut self.0);
        means
            .into_iter()
            .filter(|(_, m)| m.weight.0 > 0.0)
            .map(|(name, m)| (name, m.sum.0 / m.weight.0))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_survives_json_bit_by_bit() {
        let mut means = Means::default();
        for i in 1..50 {
            means.add("loss", 1.0 / f64::from(i * 7), 1.0 / 3.0);
        }
        means.add("tiny", 5e-324, 1.0);
        let back: Means = serde_json::from_str(&serde_json::to_string(&means).unwrap()).unwrap();
        assert_eq!(back, means);
    }

    #[test]
    fn means_are_weighted() {
        let mut means = Means::default();
        means.add("loss", 1.0, 3.0);
        means.add("loss", 5.0, 1.0);
        assert_eq!(means.take()["loss"], 2.0);
        assert!(means.is_empty());
    }
}
