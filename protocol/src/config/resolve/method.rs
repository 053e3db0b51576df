//! The stage and its knobs.

use super::Rules;
use super::templates::WITHOUT_END;
use crate::config::spec::*;
use crate::says;

impl Rules<'_> {
    pub(super) fn method(&mut self) -> Method {
        let c = self.c;
        let stage = self.choice(
            "stage",
            &c.stage,
            "sft",
            &[("pt", 0), ("sft", 1), ("dpo", 2), ("kto", 3), ("rm", 4), ("ppo", 5)],
        );
        let noise = self.zero_if_unset("neftune_noise_alpha", c.neftune_noise_alpha, 0.0);
        if noise > 0.0 && stage > 1 {
            self.belongs(
                "neftune_noise_alpha",
                "not_for_stage",
                &["pt", "sft"],
                says::neftune_stages(),
            );
        }
        if stage > 1 {
            self.idle(&["neftune_noise_alpha"]);
        }
        let neat = self.flag("neat_packing", c.neat_packing);
        if stage != 1 {
            self.idle(&["neat_packing"]);
        }
        if neat && stage != 1 {
            self.belongs("neat_packing", "not_for_stage", &["sft"], says::neat_packing_stage());
        }
        let weights = self.token_weights(stage == 1);
        if c.compute_accuracy == Some(true) && stage != 1 {
            self.notices.push(says::no_effect_accuracy());
        }
        if let Some(template) = super::values::text(&c.template)
            && stage == 1
            && c.train_on_prompt == Some(true)
            && WITHOUT_END.contains(&template.as_str())
        {
            self.excludes("train_on_prompt", "template", says::no_end_of_reply(template));
        }
        if c.train_on_prompt == Some(true) && c.mask_history == Some(true) {
            self.excludes(
                "mask_history",
                "train_on_prompt",
                says::exclude_each_other("mask_history", "train_on_prompt"),
            );
        }
        match stage {
            0 => Method::Pretrain {
                packing: self.or_default("packing", c.packing, true),
                noise,
            },
            1 => Method::Supervised {
                train_on_prompt: self.flag("train_on_prompt", c.train_on_prompt),
                mask_history: self.flag("mask_history", c.mask_history),
                packing: match (neat, self.or_default("packing", c.packing, false)) {
                    (true, _) => {
                        self.idle(&["packing"]);
                        Packing::Neat
                    }
                    (false, true) => Packing::Plain,
                    (false, false) => Packing::No,
                },
                noise,
                weights,
                accuracy: self.flag("compute_accuracy", c.compute_accuracy),
            },
            2 => Method::Preference(self.preference()),
            3 => Method::Kto(self.kto()),
            4 => Method::Reward(self.reward()),
            _ => Method::Ppo(self.ppo()),
        }
    }

    fn token_weights(&mut self, supervised: bool) -> TokenWeights {
        let c = self.c;
        if supervised {
            self.flag("use_dft_loss", c.use_dft_loss);
            self.flag("use_eaft_loss", c.use_eaft_loss);
        }
        let (dft, eaft) = (c.use_dft_loss == Some(true), c.use_eaft_loss == Some(true));
        for (key, name, on) in [("use_dft_loss", "DFT", dft), ("use_eaft_loss", "EAFT", eaft)] {
            if on && !supervised {
                self.belongs(key, "not_for_stage", &["sft"], says::for_stage_sft(name));
            }
        }
        // what does not count is still to be right
        let alpha = self.at_least("eaft_alpha", c.eaft_alpha, 1.0, 0.0);
        if dft || !eaft {
            self.unused(&["eaft_alpha"]);
        }
        match (dft, eaft) {
            (true, true) => {
                self.excludes("use_eaft_loss", "use_dft_loss", says::one_token_weight());
                TokenWeights::Even
            }
            (true, _) => TokenWeights::Probability,
            (_, true) => TokenWeights::Entropy { alpha },
            _ => TokenWeights::Even,
        }
    }
}
