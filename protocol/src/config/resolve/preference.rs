//! Preference training: losses and weights, options and which losses they belong to, the reference.

use super::Rules;
use super::notes::{Choices, Range};
use super::values::list;
use crate::config::FieldError;
use crate::config::spec::*;
use crate::method::{LOSSES, Loss, LossKnobs, MethodId};
use crate::says;

/// The supervised term, which stands in lists of losses only.
const SUPERVISED: &str = "sft";
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
            match Loss::named(name) {
                Some(loss) => parts.push(Part {
                    loss: (loss.read)(&mut Knobs { rules: self, smoothing }),
                    weight,
                }),
                // the supervised term
                None => nll += weight,
            }
        }
        self.bco_term(&names, &mut parts);
        if outside(&names, splits).is_none() {
            self.counts("ld_alpha");
        }
        self.note_range("ld_alpha", Range::within(0.0, 1.0));
        let ld_alpha = c.ld_alpha.map(|alpha| self.given_within("ld_alpha", alpha, 0.0, 1.0));
        if let (Some(_), Some(loss)) = (ld_alpha, outside(&names, splits)) {
            let why = match loss.averages {
                false => says::ld_needs_reference(),
                true => says::ld_splits_sums(loss.name),
            };
            self.belongs("ld_alpha", "not_for_loss", &those(splits), why);
        }
        let weighting = self.flag("use_weighting", c.use_weighting);
        let coupled = outside(&names, alone);
        if coupled.is_some() {
            self.idle(&["use_weighting"]);
        }
        if let (true, Some(loss)) = (weighting, coupled) {
            let why = says::wpo_weighs_pairs(loss.name);
            self.belongs("use_weighting", "not_for_loss", &those(alone), why);
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
            reference: self.reference(&names, parts.iter().any(|p| p.loss.declared().needs_reference)),
            parts,
        }
    }

    /// The losses asked for, with their weights: never empty.
    fn losses(&mut self) -> (Vec<&'static str>, Vec<f64>) {
        let c = self.c;
        self.note_list("pref_loss");
        let all = LOSSES.iter().map(|loss| loss.name).chain([SUPERVISED]);
        let also = LOSSES.iter().flat_map(|loss| loss.also).copied();
        self.note_choices(
            "pref_loss",
            Choices {
                names: all.collect::<Vec<_>>().into(),
                also: also.collect::<Vec<_>>().into(),
                ..Choices::default()
            },
        );
        let asked = self.text_or_default("pref_loss", &c.pref_loss, "sigmoid");
        let asked = list(&Some(asked));
        let known = |name: &str| match name {
            SUPERVISED => Some(SUPERVISED),
            name => Loss::named(name).map(|loss| loss.name),
        };
        let mut names: Vec<&'static str> = vec![];
        for name in &asked {
            match known(name) {
                Some(known) if names.contains(&known) => {
                    self.error("pref_loss", "conflict", says::loss_twice(known));
                }
                Some(known) => names.push(known),
                None => {
                    // `sft` alone is a stage
                    let names = those(|_| true).join(", ");
                    let error = FieldError::new("pref_loss", "choice", says::not_one_of(name, &names));
                    self.errors.push(error.with_args([names]));
                }
            }
        }
        if names == [SUPERVISED] {
            self.error("pref_loss", "choice", says::sft_no_preference());
            names.clear();
        }
        if names.is_empty() {
            names.push("sigmoid");
        }
        let first = |averages: bool| outside(&names, |loss| loss.averages != averages);
        if let (Some(a), Some(s)) = (first(true), first(false)) {
            let error = FieldError::new("pref_loss", "conflict", says::two_scales(a.name, s.name));
            self.errors
                .push(error.with_args([a, s].map(|loss| loss.name.to_owned())));
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

    fn smoothing(&mut self, names: &[&str]) -> f64 {
        let c = self.c;
        let mut smoothed = names
            .iter()
            .filter_map(|name| Loss::named(name))
            .filter(|loss| loss.smooths())
            .peekable();
        let counts = smoothed.peek().is_some();
        let default = if counts && smoothed.all(|loss| loss.id == MethodId::ExoPair) {
            EXO_SMOOTHING
        } else {
            0.0
        };
        let smoothing = self.within("dpo_label_smoothing", c.dpo_label_smoothing, default, 0.0, 0.5);
        if !counts {
            self.unused(&["dpo_label_smoothing"]);
        }
        if smoothing > 0.0 && !counts {
            let smoothed = those(Loss::smooths);
            let why = says::smoothing_of(names.join(", "), smoothed.join(", "));
            self.belongs("dpo_label_smoothing", "not_for_loss", &smoothed, why);
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
        let takes = |loss: &Loss| splits(loss) && !loss.own_baseline;
        let apart = outside(names, takes);
        if apart.is_some() || c.reference_free == Some(true) {
            self.idle(&["pref_bco_weight"]);
        }
        if weight == 0.0 {
            return;
        }
        if let Some(loss) = apart {
            let message = says::bco_not_with(loss.name);
            self.belongs("pref_bco_weight", "not_for_loss", &those(takes), message);
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
        let other = outside(names, |loss| loss.f_divergence);
        if other.is_some() {
            self.idle(&["f_divergence_type", "f_alpha_divergence_coef"]);
        }
        if c.f_alpha_divergence_coef.is_some() && kind != 2 {
            self.explain("f_alpha_divergence_coef", says::no_effect_alpha());
        }
        if let (true, Some(loss)) = (kind > 0, other) {
            let takes = those(|loss| loss.f_divergence);
            let why = says::divergences_of(takes.join(", "), loss.name);
            self.belongs("f_divergence_type", "not_for_loss", &takes, why);
        }
        match kind {
            0 => Divergence::ReverseKl,
            1 => Divergence::JensenShannon,
            _ => Divergence::Alpha { coefficient },
        }
    }
}

/// The numbers that single losses have, read from their keys.
struct Knobs<'r, 'c> {
    rules: &'r mut Rules<'c>,
    /// `dpo_label_smoothing`, which several losses of a list share.
    smoothing: f64,
}

impl LossKnobs for Knobs<'_, '_> {
    fn smoothing(&mut self) -> f64 {
        self.smoothing
    }

    fn smoothing_above_zero(&mut self) -> f64 {
        if self.smoothing == 0.0 {
            EXO_SMOOTHING
        } else {
            self.smoothing
        }
    }

    fn kto_chosen_weight(&mut self) -> f64 {
        let given = self.rules.c.kto_chosen_weight;
        self.rules.at_least("kto_chosen_weight", given, 1.0, 0.0)
    }

    fn kto_rejected_weight(&mut self) -> f64 {
        let given = self.rules.c.kto_rejected_weight;
        self.rules.at_least("kto_rejected_weight", given, 1.0, 0.0)
    }

    fn simpo_gamma(&mut self) -> f64 {
        self.rules.at_least("simpo_gamma", self.rules.c.simpo_gamma, 0.5, 0.0)
    }

    fn discopop_tau(&mut self) -> f64 {
        self.rules.above("discopop_tau", self.rules.c.discopop_tau, 0.05)
    }
}

/// LD-DPO splits sums, and compares with a reference; so does the BCO term.
fn splits(loss: &Loss) -> bool {
    loss.needs_reference && !loss.averages
}

/// Whether it judges each pair by itself.
fn alone(loss: &Loss) -> bool {
    !loss.coupled
}

/// Names of the losses that an option fits.
pub(super) fn those(fits: impl Fn(&Loss) -> bool) -> Vec<&'static str> {
    LOSSES.iter().filter(|loss| fits(loss)).map(|loss| loss.name).collect()
}

/// The first loss of a list that an option does not fit. The supervised term takes any.
pub(super) fn outside(names: &[&str], fits: impl Fn(&Loss) -> bool) -> Option<&'static Loss> {
    let mut losses = names.iter().filter_map(|name| Loss::named(name));
    losses.find(|loss| !fits(loss))
}
