//! Preference training: losses and weights, options and which losses they belong to, the reference.

use super::Rules;
use crate::config::keys::{DivergenceName, SUPERVISED, key};
use crate::config::spec::*;
use crate::config::{FieldError, RunConfig, names};
use crate::method::{LOSSES, Loss, LossKnobs, MethodId};
use crate::{Stage, says};

/// What EXO takes for a smoothing of 0, whose logarithm it needs.
pub const EXO_SMOOTHING: f64 = 1e-3;

/// The losses that a config names, each once and by its own name; the default where it names none.
pub fn losses(config: &RunConfig) -> Vec<&'static str> {
    let mut found = known(&key::pref_loss.of(config));
    // `sft` alone is a stage
    if found.iter().all(|name| *name == SUPERVISED) {
        found = known(&key::pref_loss.default_in(config).unwrap_or_default());
    }
    found
}

fn known(list: &str) -> Vec<&'static str> {
    let mut found = vec![];
    for name in names(Some(list)).filter_map(name_of) {
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

fn name_of(name: &str) -> Option<&'static str> {
    match name {
        SUPERVISED => Some(SUPERVISED),
        name => Loss::named(name).map(|loss| loss.name),
    }
}

/// Whether SimPO alone is trained by, whose rewards have a scale of their own.
pub fn is_simpo(config: &RunConfig) -> bool {
    key::stage.chosen(config) == Stage::Preference && losses(config) == ["simpo"]
}

/// Whether all losses that a smoothing goes into are EXO.
pub fn smooths_as_exo(config: &RunConfig) -> bool {
    let names = losses(config);
    let mut smoothed = smoothed(&names).peekable();
    smoothed.peek().is_some() && smoothed.all(|loss| loss.id == MethodId::ExoPair)
}

fn smoothed(names: &[&str]) -> impl Iterator<Item = &'static Loss> {
    let losses = names.iter().filter_map(|name| Loss::named(name));
    losses.filter(|loss| loss.smooths())
}

impl Rules<'_> {
    pub(super) fn preference(&mut self) -> Preference {
        let c = self.c;
        let (names, weights) = self.losses();
        let beta = self.number(key::pref_beta);
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
        let ld_alpha = self.optional(key::ld_alpha);
        if outside(&names, splits).is_some() {
            self.idle(&["ld_alpha"]);
        }
        if let (Some(_), Some(loss)) = (ld_alpha, outside(&names, splits)) {
            let why = match loss.averages {
                false => says::ld_needs_reference(),
                true => says::ld_splits_sums(loss.name),
            };
            self.belongs("ld_alpha", "not_for_loss", &those(splits), why);
        }
        let weighting = self.flag(key::use_weighting);
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
            ftx: self.number(key::pref_ftx),
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
        let mut met = vec![];
        for name in self.list(key::pref_loss) {
            match name_of(&name) {
                Some(known) if met.contains(&known) => {
                    self.error("pref_loss", "conflict", says::loss_twice(known));
                }
                Some(known) => met.push(known),
                None => {
                    // `sft` alone is a stage
                    let losses = those(|_| true);
                    let message = says::not_one_of(name, losses.join(", "));
                    self.belongs("pref_loss", "choice", &losses, message);
                }
            }
        }
        if met == [SUPERVISED] {
            self.error("pref_loss", "choice", says::sft_no_preference());
        }
        let names = losses(self.c);
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
        let asked = self.list(key::loss_weights);
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
        let counts = smoothed(names).next().is_some();
        let smoothing = self.number(key::dpo_label_smoothing);
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
        let rpo = self.number(key::rpo_alpha);
        let counts = names.iter().any(|n| ["cpo", "simpo"].contains(n));
        let cpo = self.number(key::cpo_alpha);
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
        let weight = self.number(key::pref_bco_weight);
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
        let kind = self.choice(key::f_divergence_type);
        let has_alpha = kind == DivergenceName::Alpha;
        // one that does not count is still to be right
        let coefficient = self.number(key::f_alpha_divergence_coef);
        if !has_alpha {
            self.unused(&["f_alpha_divergence_coef"]);
        }
        let other = outside(names, |loss| loss.f_divergence);
        if other.is_some() {
            self.idle(&["f_divergence_type", "f_alpha_divergence_coef"]);
        }
        if c.f_alpha_divergence_coef.is_some() && !has_alpha {
            self.explain("f_alpha_divergence_coef", says::no_effect_alpha());
        }
        if let (true, Some(loss)) = (kind != DivergenceName::ReverseKl, other) {
            let takes = those(|loss| loss.f_divergence);
            let why = says::divergences_of(takes.join(", "), loss.name);
            self.belongs("f_divergence_type", "not_for_loss", &takes, why);
        }
        match kind {
            DivergenceName::ReverseKl => Divergence::ReverseKl,
            DivergenceName::JensenShannon => Divergence::JensenShannon,
            DivergenceName::Alpha => Divergence::Alpha { coefficient },
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
        self.rules.number(key::kto_chosen_weight)
    }

    fn kto_rejected_weight(&mut self) -> f64 {
        self.rules.number(key::kto_rejected_weight)
    }

    fn simpo_gamma(&mut self) -> f64 {
        self.rules.number(key::simpo_gamma)
    }

    fn discopop_tau(&mut self) -> f64 {
        self.rules.number(key::discopop_tau)
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
