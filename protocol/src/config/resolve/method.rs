//! The stage and its knobs.

use super::Rules;
use super::templates::WITHOUT_END;
use crate::config::keys::key;
use crate::config::spec::*;
use crate::{Stage, says};

impl Rules<'_> {
    pub(super) fn method(&mut self) -> Method {
        let c = self.c;
        let stage = self.choice(key::stage);
        let supervised = stage == Stage::Supervised;
        let on_tokens = supervised || stage == Stage::Pretrain;
        let noise = self.number(key::neftune_noise_alpha);
        if noise > 0.0 && !on_tokens {
            self.belongs(
                "neftune_noise_alpha",
                "not_for_stage",
                &[Stage::Pretrain.name(), Stage::Supervised.name()],
                says::neftune_stages(),
            );
        }
        if !on_tokens {
            self.idle(&["neftune_noise_alpha"]);
        }
        let neat = self.flag(key::neat_packing);
        if !supervised {
            self.idle(&["neat_packing"]);
        }
        if neat && !supervised {
            self.belongs(
                "neat_packing",
                "not_for_stage",
                &[Stage::Supervised.name()],
                says::neat_packing_stage(),
            );
        }
        let weights = self.token_weights(supervised);
        if c.compute_accuracy == Some(true) && !supervised {
            self.explain("compute_accuracy", says::no_effect_accuracy());
        }
        if let Some(template) = super::values::text(&c.template)
            && supervised
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
            Stage::Pretrain => Method::Pretrain {
                packing: self.flag(key::packing),
                noise,
            },
            Stage::Supervised => Method::Supervised {
                train_on_prompt: self.flag(key::train_on_prompt),
                mask_history: self.flag(key::mask_history),
                packing: match (neat, self.flag(key::packing)) {
                    (true, _) => {
                        self.idle(&["packing"]);
                        Packing::Neat
                    }
                    (false, true) => Packing::Plain,
                    (false, false) => Packing::No,
                },
                noise,
                weights,
                accuracy: self.flag(key::compute_accuracy),
            },
            Stage::Preference => Method::Preference(self.preference()),
            Stage::Kto => Method::Kto(self.kto()),
            Stage::Reward => Method::Reward(self.reward()),
            Stage::Ppo => Method::Ppo(self.ppo()),
        }
    }

    fn token_weights(&mut self, supervised: bool) -> TokenWeights {
        let c = self.c;
        if supervised {
            self.flag(key::use_dft_loss);
            self.flag(key::use_eaft_loss);
        }
        let (dft, eaft) = (c.use_dft_loss == Some(true), c.use_eaft_loss == Some(true));
        for (key, name, on) in [("use_dft_loss", "DFT", dft), ("use_eaft_loss", "EAFT", eaft)] {
            if on && !supervised {
                self.belongs(
                    key,
                    "not_for_stage",
                    &[Stage::Supervised.name()],
                    says::for_stage_sft(name),
                );
            }
        }
        // what does not count is still to be right
        let alpha = self.number(key::eaft_alpha);
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
