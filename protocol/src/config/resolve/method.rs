//! The stage and its knobs: the loss, its options, its reference.

use super::Rules;
use super::values::text;
use crate::config::spec::*;

impl Rules<'_> {
    pub(super) fn method(&mut self) -> Method {
        let c = self.c;
        let stage = self.choice(
            "stage",
            &c.stage,
            "sft",
            &[("pt", 0), ("sft", 1), ("dpo", 2), ("kto", 3), ("rm", 4), ("ppo", 5)],
        );
        let noise = self.at_least("neftune_noise_alpha", c.neftune_noise_alpha, 0.0, 0.0);
        if noise > 0.0 && stage > 1 {
            self.error(
                "neftune_noise_alpha",
                "not_for_stage",
                "NEFTune is for stages sft and pt; take the line out",
            );
        }
        let neat = c.neat_packing.unwrap_or(false);
        if neat && stage != 1 {
            self.error(
                "neat_packing",
                "not_for_stage",
                "neat_packing is for stage sft; take the line out",
            );
        }
        let supervised = Method::Supervised {
            train_on_prompt: c.train_on_prompt.unwrap_or(false),
            mask_history: c.mask_history.unwrap_or(false),
            packing: match (neat, c.packing.unwrap_or(false)) {
                (true, _) => Packing::Neat,
                (false, true) => Packing::Plain,
                (false, false) => Packing::No,
            },
            noise,
        };
        if c.train_on_prompt == Some(true) && c.mask_history == Some(true) {
            self.error(
                "mask_history",
                "conflict",
                "mask_history and train_on_prompt exclude each other",
            );
        }
        match stage {
            0 => Method::Pretrain {
                packing: c.packing.unwrap_or(true),
                noise,
            },
            1 => supervised,
            2 => Method::Preference(self.preference()),
            3 => Method::Kto(self.kto()),
            4 => Method::Reward(self.reward()),
            _ => Method::Ppo(self.ppo()),
        }
    }

    fn preference(&mut self) -> Preference {
        let c = self.c;
        const LOSSES: &[(&str, usize)] = &[
            ("sigmoid", 0),
            ("hinge", 1),
            ("ipo", 2),
            ("kto_pair", 3),
            ("orpo", 4),
            ("simpo", 5),
        ];
        let which = self.choice("pref_loss", &c.pref_loss, "sigmoid", LOSSES);
        let name = LOSSES[which].0;
        let beta = self.above("pref_beta", c.pref_beta, if name == "simpo" { 2.0 } else { 0.1 });
        let label_smoothing = self.within("dpo_label_smoothing", c.dpo_label_smoothing, 0.0, 0.0, 0.5);
        if label_smoothing > 0.0 && name != "sigmoid" {
            self.error(
                "dpo_label_smoothing",
                "not_for_loss",
                format!("label smoothing has no meaning for {name}; it belongs to sigmoid"),
            );
        } else if label_smoothing >= 0.5 {
            self.error(
                "dpo_label_smoothing",
                "range",
                "must be below 0.5: at 0.5 both replies count alike",
            );
        }
        let ld_alpha = c.ld_alpha.map(|_| self.within("ld_alpha", c.ld_alpha, 1.0, 0.0, 1.0));
        if ld_alpha.is_some() && matches!(name, "orpo" | "simpo" | "ipo") {
            self.error(
                "ld_alpha",
                "not_for_loss",
                format!("LD-DPO splits summed log-probs; {name} averages them per token"),
            );
        }
        let loss = match name {
            "hinge" => PrefLoss::Hinge { beta, ld_alpha },
            "ipo" => PrefLoss::Ipo { beta, ld_alpha },
            "kto_pair" => PrefLoss::KtoPair {
                beta,
                chosen_weight: self.at_least("kto_chosen_weight", c.kto_chosen_weight, 1.0, 0.0),
                rejected_weight: self.at_least("kto_rejected_weight", c.kto_rejected_weight, 1.0, 0.0),
                ld_alpha,
            },
            "orpo" => PrefLoss::Orpo { beta },
            "simpo" => {
                let gamma = self.at_least("simpo_gamma", c.simpo_gamma, 0.5, 0.0);
                PrefLoss::Simpo { beta, gamma }
            }
            _ => PrefLoss::Sigmoid {
                beta,
                label_smoothing,
                ld_alpha,
            },
        };
        let ref_model = text(&c.ref_model);
        let precompute = c.precompute_ref_log_probs.unwrap_or(false);
        if !loss.needs_reference() {
            if ref_model.is_some() {
                self.notices
                    .push(format!("ref_model has no effect: {name} needs no reference"));
            }
            if precompute {
                self.notices.push(format!(
                    "precompute_ref_log_probs has no effect: {name} needs no reference"
                ));
            }
        }
        Preference {
            ftx: self.at_least("pref_ftx", c.pref_ftx, 0.0, 0.0),
            ref_model: ref_model.filter(|_| loss.needs_reference()),
            precompute_reference: precompute && loss.needs_reference(),
            loss,
        }
    }
}
