//! What preference training compares with: the model it starts from, another one, one that follows, or none.

use super::Rules;
use super::preference::{outside, those};
use crate::config::keys::key;
use crate::config::spec::*;
use crate::says;

/// Keys that say what the reference is.
const OF_REFERENCE: &[&str] = &[
    "ref_model",
    "ref_model_adapters",
    "precompute_ref_log_probs",
    "sync_ref_model",
];

impl Rules<'_> {
    /// The reference of a stage that compares with one where `needed`.
    pub(super) fn reference(&mut self, names: &[&str], needed: bool) -> ReferenceSpec {
        let c = self.c;
        let path = self.text(key::ref_model);
        let adapters = self.list(key::ref_model_adapters);
        let precompute = self.flag(key::precompute_ref_log_probs);
        let packed = c.ref_model_quantization_bit.is_some_and(|bits| bits > 0);
        let follows = self.flag(key::sync_ref_model);
        let free = self.flag(key::reference_free) && needed;
        // what does not count is still to be right
        let idle = !follows || free || !needed;
        let mixup = self.number(key::ref_model_mixup_alpha);
        let steps = self.plain(key::ref_model_sync_steps);
        let bound = outside(names, |loss| loss.reference_free);
        if let (true, Some(loss)) = (free, bound) {
            let takes = those(|loss| loss.reference_free);
            let why = says::reference_free_of(loss.name, takes.join(", "));
            self.belongs("reference_free", "not_for_loss", &takes, why);
        }
        if idle {
            self.unused(&["ref_model_mixup_alpha", "ref_model_sync_steps"]);
        }
        if !needed || bound.is_some() {
            self.idle(&["reference_free"]);
        }
        if free || !needed {
            self.idle(OF_REFERENCE);
            for (key, set) in [
                ("ref_model", path.is_some()),
                ("ref_model_adapters", !adapters.is_empty()),
                ("ref_model_quantization_bit", packed),
                ("precompute_ref_log_probs", precompute),
                ("sync_ref_model", follows),
            ] {
                if set {
                    let why = match free {
                        true => says::no_effect_reference_free(key),
                        false => says::no_effect_no_reference(key, names.join(", ")),
                    };
                    self.explain(key, why);
                }
            }
            return ReferenceSpec::Nothing;
        }
        if follows {
            if path.is_some() || !adapters.is_empty() {
                self.excludes(
                    "sync_ref_model",
                    "ref_model, ref_model_adapters",
                    says::following_starts_here(),
                );
            }
            if c.use_dora == Some(true) && !matches!(c.finetuning_type.as_deref(), Some("full" | "freeze")) {
                self.excludes("sync_ref_model", "use_dora", says::following_not_dora());
            }
            if c.finetuning_type.as_deref() == Some("oft") {
                self.excludes("sync_ref_model", "finetuning_type: oft", says::following_not_oft());
            }
            if precompute {
                self.excludes(
                    "precompute_ref_log_probs",
                    "sync_ref_model",
                    says::following_not_precomputed(),
                );
            }
            self.idle(&OF_REFERENCE[..3]);
            return ReferenceSpec::Following { mixup, steps };
        }
        for (key, set) in [
            ("ref_model_mixup_alpha", c.ref_model_mixup_alpha.is_some()),
            ("ref_model_sync_steps", c.ref_model_sync_steps.is_some()),
        ] {
            if set {
                self.explain(key, says::no_effect_without_sync(key));
            }
        }
        if path.is_none() && adapters.is_empty() {
            if packed {
                self.explain("ref_model_quantization_bit", says::no_effect_shared_reference());
            }
            return ReferenceSpec::Start { precompute };
        }
        ReferenceSpec::Model {
            path,
            adapters,
            quantize: self.packing(key::ref_model_quantization_bit),
            precompute,
        }
    }
}
