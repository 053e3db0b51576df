//! Preference training: losses and weights, options and which losses they belong to, the reference.

use super::Rules;
use super::notes::{Choices, Range};
use super::values::list;
use crate::config::FieldError;
use crate::config::spec::*;
use crate::says;

/// Values of `pref_loss`. `sft` stands in lists only.
const LOSSES: &[&str] = &[
    "sigmoid",
    "hinge",
    "ipo",
    "kto_pair",
    "orpo",
    "simpo",
    "robust",
    "exo_pair",
    "nca_pair",
    "bco_pair",
    "sppo_hard",
    "aot",
    "aot_pair",
    "apo_zero",
    "apo_down",
    "discopop",
    "cpo",
    "sft",
];
/// Newer names for some of them.
const ALSO: &[(&str, &str)] = &[("aot_unpaired", "aot_pair")];
/// Losses that think of a share of the pairs as mislabelled.
const SMOOTHED: &[&str] = &["sigmoid", "robust", "exo_pair", "aot", "aot_pair", "cpo"];
/// Losses of the margin alone, where another divergence can take the place of reverse KL.
const OF_MARGIN: &[&str] = &["sigmoid", "robust", "exo_pair", "hinge", "ipo"];
/// Losses whose value for one pair depends on the others of the micro-batch through more than a detached mean.
const COUPLED: &[&str] = &["kto_pair", "aot", "aot_pair"];
/// Losses that LD-DPO cannot split: of averages, or without a reference.
const WHOLE: &[&str] = &["orpo", "simpo", "ipo", "cpo"];
/// Losses that the BCO term does not go with: of averages, without a reference, or with a term of this kind themselves.
const APART: &[&str] = &["ipo", "orpo", "simpo", "cpo", "kto_pair", "bco_pair"];
/// What EXO takes for a smoothing of 0, whose logarithm it needs.
const EXO_SMOOTHING: f64 = 1e-3;

impl Rules<'_> {
    pub(super) fn preference(&mut self) -> Preference {
        let c = self.c;
        let (names, weights) = self.losses();
        let only = |name: &str| names == [name];
        let beta = self.above("pref_beta", c.pref_beta, if only("simpo") { 2.0 } else { 0.1 });
        let smoothing = self.smoothing(&names);
        let mut nll = self.nll(&names);
        let mut parts = vec![];
        for (name, weight) in names.iter().zip(weights) {
            match self.loss(name, smoothing) {
                Some(loss) => parts.push(Part { loss, weight }),
                None => nll += weight,
            }
        }
        self.bco_term(&names, &mut parts);
        if outside(&names, |n| !WHOLE.contains(&n)).is_none() {
            self.counts("ld_alpha");
        }
        self.note_range("ld_alpha", Range::within(0.0, 1.0));
        let ld_alpha = c.ld_alpha.map(|alpha| self.given_within("ld_alpha", alpha, 0.0, 1.0));
        if let (Some(_), Some(name)) = (ld_alpha, outside(&names, |n| !WHOLE.contains(&n))) {
            let why = match name {
                "cpo" => says::ld_needs_reference(),
                name => says::ld_splits_sums(name),
            };
            self.belongs("ld_alpha", "not_for_loss", &but(WHOLE), why);
        }
        let weighting = self.flag("use_weighting", c.use_weighting);
        let coupled = outside(&names, |n| !COUPLED.contains(&n));
        if coupled.is_some() {
            self.idle(&["use_weighting"]);
        }
        if let (true, Some(name)) = (weighting, coupled) {
            self.belongs(
                "use_weighting",
                "not_for_loss",
                &but(COUPLED),
                says::wpo_weighs_pairs(name),
            );
        }
        if names.iter().any(|n| n.starts_with("aot")) && c.per_device_train_batch_size == Some(1) {
            self.notices.push(says::aot_batch_of_one());
        }
        Preference {
            beta,
            ftx: self.at_least("pref_ftx", c.pref_ftx, 0.0, 0.0),
            nll,
            ld_alpha,
            divergence: self.divergence(&names),
            weighting,
            reference: self.against(&names, parts.iter().any(|p| p.loss.needs_reference())),
            parts,
        }
    }

    /// The losses asked for, with their weights: never empty.
    fn losses(&mut self) -> (Vec<&'static str>, Vec<f64>) {
        let c = self.c;
        self.note_list("pref_loss");
        self.note_choices(
            "pref_loss",
            Choices {
                names: LOSSES.into(),
                also: ALSO.iter().map(|(new, _)| *new).collect::<Vec<_>>().into(),
                ..Choices::default()
            },
        );
        let asked = self.text_or_default("pref_loss", &c.pref_loss, "sigmoid");
        let asked = list(&Some(asked));
        let known_as = |name: &String| {
            ALSO.iter()
                .find(|(new, _)| new == name)
                .map_or(name.clone(), |(_, old)| (*old).to_owned())
        };
        let asked: Vec<_> = asked.iter().map(known_as).collect();
        let mut names: Vec<&'static str> = vec![];
        for name in &asked {
            match LOSSES.iter().find(|known| *known == name) {
                Some(known) if names.contains(known) => {
                    self.error("pref_loss", "conflict", says::loss_twice(name));
                }
                Some(known) => names.push(known),
                None => {
                    // `sft` alone is a stage
                    let names = but(&[]).join(", ");
                    let error = FieldError::new("pref_loss", "choice", says::not_one_of(name, &names));
                    self.errors.push(error.with_args([names]));
                }
            }
        }
        if names == ["sft"] {
            self.error("pref_loss", "choice", says::sft_no_preference());
            names.clear();
        }
        if names.is_empty() {
            names.push("sigmoid");
        }
        let averaging = |name: &&&str| ["ipo", "orpo", "simpo"].contains(*name);
        let summing = names.iter().find(|n| **n != "sft" && !averaging(n));
        if let (Some(a), Some(s)) = (names.iter().find(averaging), summing) {
            let error = FieldError::new("pref_loss", "conflict", says::two_scales(*a, *s));
            self.errors.push(error.with_args([a, s].map(|name| (*name).to_owned())));
        }
        let weights = self.loss_weights(names.len());
        (names, weights)
    }

    fn loss_weights(&mut self, count: usize) -> Vec<f64> {
        let asked = self.list("loss_weights", &self.c.loss_weights);
        if asked.is_empty() {
            return vec![1.0; count];
        }
        let weights: Vec<f64> = asked.iter().filter_map(|w| w.parse().ok()).collect();
        if weights.len() < asked.len() || !weights.iter().all(|w: &f64| w.is_finite() && *w >= 0.0) {
            self.error("loss_weights", "type", says::weights_are_numbers());
        } else if weights.len() != count {
            self.error(
                "loss_weights",
                "conflict",
                says::weights_of_losses(weights.len(), count),
            );
        } else if weights.iter().sum::<f64>() <= 0.0 {
            self.error("loss_weights", "range", says::a_weight_above_zero());
        } else {
            return weights;
        }
        vec![1.0; count]
    }

    /// `None`: the supervised term.
    fn loss(&mut self, name: &str, label_smoothing: f64) -> Option<PrefLoss> {
        let c = self.c;
        Some(match name {
            "hinge" => PrefLoss::Hinge,
            "ipo" => PrefLoss::Ipo,
            "robust" => PrefLoss::Robust { label_smoothing },
            "exo_pair" => PrefLoss::ExoPair {
                label_smoothing: if label_smoothing == 0.0 {
                    EXO_SMOOTHING
                } else {
                    label_smoothing
                },
            },
            "nca_pair" => PrefLoss::NcaPair,
            "bco_pair" => PrefLoss::BcoPair,
            "sppo_hard" => PrefLoss::SppoHard,
            "aot" => PrefLoss::Aot { label_smoothing },
            "aot_pair" => PrefLoss::AotPair { label_smoothing },
            "apo_zero" => PrefLoss::ApoZero,
            "apo_down" => PrefLoss::ApoDown,
            "discopop" => PrefLoss::Discopop {
                tau: self.above("discopop_tau", c.discopop_tau, 0.05),
            },
            "kto_pair" => PrefLoss::KtoPair {
                chosen_weight: self.at_least("kto_chosen_weight", c.kto_chosen_weight, 1.0, 0.0),
                rejected_weight: self.at_least("kto_rejected_weight", c.kto_rejected_weight, 1.0, 0.0),
            },
            "orpo" => PrefLoss::Orpo,
            "simpo" => PrefLoss::Simpo {
                gamma: self.at_least("simpo_gamma", c.simpo_gamma, 0.5, 0.0),
            },
            "cpo" => PrefLoss::Cpo { label_smoothing },
            "sft" => return None,
            _ => PrefLoss::Sigmoid { label_smoothing },
        })
    }

    fn smoothing(&mut self, names: &[&str]) -> f64 {
        let c = self.c;
        let counts = names.iter().any(|n| SMOOTHED.contains(n));
        let mut smoothed = names.iter().filter(|n| SMOOTHED.contains(n));
        let default = if counts && smoothed.all(|n| *n == "exo_pair") {
            EXO_SMOOTHING
        } else {
            0.0
        };
        let smoothing = self.within("dpo_label_smoothing", c.dpo_label_smoothing, default, 0.0, 0.5);
        if !counts {
            self.unused(&["dpo_label_smoothing"]);
        }
        if smoothing > 0.0 && !counts {
            self.belongs(
                "dpo_label_smoothing",
                "not_for_loss",
                SMOOTHED,
                says::smoothing_of(names.join(", "), SMOOTHED.join(", ")),
            );
        } else if smoothing == 0.5 {
            self.error("dpo_label_smoothing", "range", says::smoothing_below_half());
        }
        smoothing
    }

    /// Weight of the supervised loss that is a mean over the micro-batch's chosen tokens: two names for one thing.
    fn nll(&mut self, names: &[&str]) -> f64 {
        let c = self.c;
        let rpo = self.zero_if_unset("rpo_alpha", c.rpo_alpha, 0.0);
        let counts = names.iter().any(|n| ["cpo", "simpo"].contains(n));
        let default = if names.contains(&"cpo") { 1.0 } else { 0.0 };
        let cpo = self.at_least("cpo_alpha", c.cpo_alpha, default, 0.0);
        if !counts {
            self.unused(&["cpo_alpha"]);
        }
        if c.cpo_alpha.is_some() && !counts {
            self.belongs("cpo_alpha", "not_for_loss", &["cpo", "simpo"], says::cpo_alpha_of());
        }
        rpo + cpo
    }

    /// `pref_bco_weight` w: `(L + w L_bco) / (1 + w)`.
    fn bco_term(&mut self, names: &[&str], parts: &mut Vec<Part>) {
        let c = self.c;
        let weight = self.zero_if_unset("pref_bco_weight", c.pref_bco_weight, 0.0);
        let apart = outside(names, |n| !APART.contains(&n));
        if apart.is_some() || c.reference_free == Some(true) {
            self.idle(&["pref_bco_weight"]);
        }
        if weight == 0.0 {
            return;
        }
        if let Some(name) = apart {
            let message = says::bco_not_with(name);
            self.belongs("pref_bco_weight", "not_for_loss", &but(APART), message);
            return;
        }
        if c.reference_free == Some(true) {
            let message = says::bco_not_with("reference_free");
            self.excludes("pref_bco_weight", "reference_free", message);
            return;
        }
        parts.iter_mut().for_each(|part| part.weight /= 1.0 + weight);
        parts.push(Part {
            loss: PrefLoss::BcoPair,
            weight: weight / (1.0 + weight),
        });
    }

    fn divergence(&mut self, names: &[&str]) -> Divergence {
        let c = self.c;
        let kind = self.choice_or_first(
            "f_divergence_type",
            &c.f_divergence_type,
            &[("reverse_kl", 0), ("js_divergence", 1), ("alpha_divergence", 2)],
        );
        // one that does not count is still to be right
        let coefficient = self.above("f_alpha_divergence_coef", c.f_alpha_divergence_coef, 1.0);
        if kind != 2 {
            self.unused(&["f_alpha_divergence_coef"]);
        }
        if outside(names, |n| OF_MARGIN.contains(&n)).is_some() {
            self.idle(&["f_divergence_type", "f_alpha_divergence_coef"]);
        }
        if c.f_alpha_divergence_coef.is_some() && kind != 2 {
            self.notices.push(says::no_effect_alpha());
        }
        if let (true, Some(name)) = (kind > 0, outside(names, |n| OF_MARGIN.contains(&n))) {
            self.belongs(
                "f_divergence_type",
                "not_for_loss",
                OF_MARGIN,
                says::divergences_of(OF_MARGIN.join(", "), name),
            );
        }
        match kind {
            0 => Divergence::ReverseKl,
            1 => Divergence::JensenShannon,
            _ => Divergence::Alpha { coefficient },
        }
    }
}

/// All losses but some.
fn but(some: &[&str]) -> Vec<&'static str> {
    let all = LOSSES.iter().copied();
    all.filter(|name| *name != "sft" && !some.contains(name)).collect()
}

/// The first loss of a list that an option does not fit. The supervised term takes any.
pub(super) fn outside<'a>(names: &[&'a str], fits: impl Fn(&str) -> bool) -> Option<&'a str> {
    names.iter().copied().find(|name| *name != "sft" && !fits(name))
}
