//! The stages beside `pt`, `sft` and `dpo`.

use super::Rules;
use super::values::text;
use crate::config::keys::{KtoLossName, RewardModelType, key};
use crate::config::spec::*;
use crate::{Stage, says};

impl Rules<'_> {
    pub(super) fn reward(&mut self) -> Reward {
        Reward {
            head_dropout: self.number(key::summary_dropout_prob),
        }
    }

    pub(super) fn ppo(&mut self) -> Ppo {
        let c = self.c;
        let path = self.required(key::reward_model);
        let kind = self.choice(key::reward_model_type);
        if kind == RewardModelType::Api {
            self.belongs(
                "reward_model_type",
                "not_built",
                &["lora", "full"],
                says::no_reward_api(),
            );
        }
        let adapters = self.list(key::reward_model_adapters);
        if kind == RewardModelType::Adapter {
            self.idle(&["reward_model_adapters"]);
        }
        if kind == RewardModelType::Adapter && !adapters.is_empty() {
            self.excludes(
                "reward_model_adapters",
                "reward_model_type: lora",
                says::reward_adapter_named(),
            );
        }
        for (key, set) in [
            ("precompute_ref_log_probs", c.precompute_ref_log_probs),
            ("sync_ref_model", c.sync_ref_model),
        ] {
            if set == Some(true) {
                self.explain(key, says::no_effect_ppo(key));
            }
        }
        let reference = match self.reference(&["ppo"], true) {
            ReferenceSpec::Model {
                path,
                adapters,
                quantize,
                ..
            } => ReferenceSpec::Model {
                path,
                adapters,
                quantize,
                precompute: false,
            },
            _ => ReferenceSpec::Start { precompute: false },
        };
        let steered = self.flag(key::adap_kl_ctrl);
        // what does not count is still to be right
        let target = self.number(key::ppo_target);
        self.idle(&[
            "precompute_ref_log_probs",
            "sync_ref_model",
            "ref_model_mixup_alpha",
            "ref_model_sync_steps",
        ]);
        if !steered {
            self.unused(&["ppo_target"]);
        }
        Ppo {
            reward_model: match kind {
                RewardModelType::Adapter => RewardModel::Adapter(path),
                _ => RewardModel::Model { path, adapters },
            },
            reward_quantize: self.packing(key::reward_model_quantization_bit),
            buffer: self.count(key::ppo_buffer_size),
            epochs: self.count(key::ppo_epochs),
            score_norm: self.flag(key::ppo_score_norm),
            whiten_rewards: self.flag(key::ppo_whiten_rewards),
            kl_coefficient: self.number(key::init_kl_coef),
            kl_target: steered.then_some(target),
            sampling: self.sampling(),
            reference,
        }
    }

    /// How replies are written, by the policy or in the end.
    fn sampling(&mut self) -> SamplingSpec {
        let sampled = self.flag(key::do_sample);
        // what does not count is still to be right
        let temperature = self.number(key::temperature);
        if !sampled {
            self.unused(&["temperature"]);
        }
        SamplingSpec {
            temperature: if sampled { temperature } else { 0.0 },
            top_p: self.number(key::top_p),
            top_k: self.count(key::top_k),
            repetition_penalty: self.number(key::repetition_penalty),
            max_new_tokens: self.count(key::max_new_tokens),
        }
    }

    /// `do_predict` with what it needs; `None`: nothing is predicted.
    pub(super) fn predict(&mut self) -> Option<Predict> {
        let c = self.c;
        let generates = self.flag(key::predict_with_generate);
        if !self.flag(key::do_predict) {
            if generates {
                self.needs(
                    "predict_with_generate",
                    "do_predict: true",
                    says::generates_when_predicting(),
                );
            }
            return None;
        }
        if !generates {
            self.needs("do_predict", "predict_with_generate: true", says::predicts_replies());
        }
        if Stage::of(c) != Some(Stage::Supervised) {
            self.belongs(
                "do_predict",
                "not_for_stage",
                &[Stage::Supervised.name()],
                says::predicts_after_sft(),
            );
        }
        if c.streaming == Some(true) {
            self.excludes("do_predict", "streaming", says::predicts_held_rows());
        }
        // tokens that are kept are those of training, and what they were made of need not be there any more
        if text(&c.tokenized_path).is_some() {
            self.excludes("do_predict", "tokenized_path", says::predicts_texts());
        }
        let trains = self.trains();
        // what is held out then is blocks of rows, not rows
        let packs = [c.packing, c.neat_packing].contains(&Some(true));
        if trains && packs && c.val_size.is_some_and(|size| size > 0.0) {
            self.excludes("do_predict", "packing", says::predicts_unpacked());
        }
        // the model at hand after training is the last step's
        if trains && c.load_best_model_at_end == Some(true) {
            self.excludes("do_predict", "load_best_model_at_end", says::predicts_by_last());
        }
        Some(Predict {
            sampling: self.sampling(),
            alone: !trains,
        })
    }

    /// A file that predicts trains only if it says so, as in LLaMA-Factory.
    pub(super) fn trains(&mut self) -> bool {
        self.flag(key::do_train)
    }

    pub(super) fn kto(&mut self) -> Kto {
        let bco = self.choice(key::kto_loss) == KtoLossName::Bco;
        // weights that do not count are still to be right
        let chosen_weight = self.number(key::kto_chosen_weight);
        let rejected_weight = self.number(key::kto_rejected_weight);
        if bco {
            self.unused(&["kto_chosen_weight", "kto_rejected_weight"]);
        }
        for (key, weight) in [
            ("kto_chosen_weight", chosen_weight),
            ("kto_rejected_weight", rejected_weight),
        ] {
            if bco && weight != 1.0 {
                self.belongs(key, "not_for_loss", &["kto"], says::bco_weighs_alike());
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
            beta: self.number(key::pref_beta),
            ftx: self.number(key::pref_ftx),
            reference: self.reference(&["kto"], true),
        }
    }
}
