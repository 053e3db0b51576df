//! The stages beside `pt`, `sft` and `dpo`.

use super::Rules;
use super::values::text;
use crate::config::spec::*;

impl Rules<'_> {
    pub(super) fn reward(&mut self) -> Reward {
        Reward {
            head_dropout: self.within("summary_dropout_prob", self.c.summary_dropout_prob, 0.1, 0.0, 0.99),
        }
    }

    pub(super) fn kto(&mut self) -> Kto {
        let c = self.c;
        let bco = self.choice("kto_loss", &c.kto_loss, "kto", &[("kto", false), ("bco", true)]);
        let chosen_weight = self.at_least("kto_chosen_weight", c.kto_chosen_weight, 1.0, 0.0);
        let rejected_weight = self.at_least("kto_rejected_weight", c.kto_rejected_weight, 1.0, 0.0);
        for (key, weight) in [
            ("kto_chosen_weight", chosen_weight),
            ("kto_rejected_weight", rejected_weight),
        ] {
            if bco && weight != 1.0 {
                self.error(
                    key,
                    "not_for_loss",
                    "BCO weighs good and bad replies alike; take the line out",
                );
            }
        }
        Kto {
            loss: match bco {
                true => KtoLoss::Bco,
                false => KtoLoss::Kto {
                    chosen_weight,
                    rejected_weight,
                },
            },
            beta: self.above("pref_beta", c.pref_beta, 0.1),
            ftx: self.at_least("pref_ftx", c.pref_ftx, 0.0, 0.0),
            ref_model: text(&c.ref_model),
            precompute_reference: c.precompute_ref_log_probs.unwrap_or(false),
        }
    }
}
