//! The stages beside `pt`, `sft` and `dpo`.

use super::Rules;
use super::values::text;
use crate::config::spec::*;
use crate::{Stage, says};

impl Rules<'_> {
    pub(super) fn reward(&mut self) -> Reward {
        Reward {
            head_dropout: self.within("summary_dropout_prob", self.c.summary_dropout_prob, 0.1, 0.0, 0.99),
        }
    }

    pub(super) fn ppo(&mut self) -> Ppo {
        let c = self.c;
        let path = self.required("reward_model", &c.reward_model);
        let kind = self.choice(
            "reward_model_type",
            &c.reward_model_type,
            "lora",
            &[("lora", 0), ("oft", 0), ("full", 1), ("api", 2)],
        );
        self.note_names("reward_model_type", ["lora", "oft", "full"]);
        if kind == 2 {
            self.belongs(
                "reward_model_type",
                "not_built",
                &["lora", "full"],
                says::no_reward_api(),
            );
        }
        let adapters = self.list("reward_model_adapters", &c.reward_model_adapters);
        if kind == 0 {
            self.idle(&["reward_model_adapters"]);
        }
        if kind == 0 && !adapters.is_empty() {
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
        let steered = self.or_default("adap_kl_ctrl", c.adap_kl_ctrl, true);
        // what does not count is still to be right
        let target = self.above("ppo_target", c.ppo_target, 6.0);
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
                0 => RewardModel::Adapter(path),
                _ => RewardModel::Model { path, adapters },
            },
            reward_quantize: self.packing("reward_model_quantization_bit", c.reward_model_quantization_bit),
            buffer: self.count("ppo_buffer_size", c.ppo_buffer_size, 1, 1),
            epochs: self.count("ppo_epochs", c.ppo_epochs, 4, 1),
            score_norm: self.or_default("ppo_score_norm", c.ppo_score_norm, false),
            whiten_rewards: self.or_default("ppo_whiten_rewards", c.ppo_whiten_rewards, false),
            kl_coefficient: self.at_least("init_kl_coef", c.init_kl_coef, 0.2, 0.0),
            kl_target: steered.then_some(target),
            sampling: self.sampling(),
            reference,
        }
    }

    /// How replies are written, by the policy or in the end.
    fn sampling(&mut self) -> SamplingSpec {
        let c = self.c;
        let sampled = self.or_default("do_sample", c.do_sample, true);
        // what does not count is still to be right
        let temperature = self.above("temperature", c.temperature, 0.95);
        if !sampled {
            self.unused(&["temperature"]);
        }
        SamplingSpec {
            temperature: if sampled { temperature } else { 0.0 },
            top_p: self.within("top_p", c.top_p, 0.7, 1e-6, 1.0),
            top_k: self.count("top_k", c.top_k, 50, 0),
            repetition_penalty: self.above("repetition_penalty", c.repetition_penalty, 1.0),
            max_new_tokens: self.count("max_new_tokens", c.max_new_tokens, 1024, 1),
        }
    }

    /// `do_predict` with what it needs; `None`: nothing is predicted.
    pub(super) fn predict(&mut self) -> Option<Predict> {
        let c = self.c;
        let generates = self.flag("predict_with_generate", c.predict_with_generate);
        if !self.flag("do_predict", c.do_predict) {
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
        let default = self.c.do_predict != Some(true);
        self.or_default("do_train", self.c.do_train, default)
    }

    pub(super) fn kto(&mut self) -> Kto {
        let c = self.c;
        let bco = self.choice("kto_loss", &c.kto_loss, "kto", &[("kto", false), ("bco", true)]);
        // weights that do not count are still to be right
        let chosen_weight = self.at_least("kto_chosen_weight", c.kto_chosen_weight, 1.0, 0.0);
        let rejected_weight = self.at_least("kto_rejected_weight", c.kto_rejected_weight, 1.0, 0.0);
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
            beta: self.above("pref_beta", c.pref_beta, 0.1),
            ftx: self.at_least("pref_ftx", c.pref_ftx, 0.0, 0.0),
            reference: self.reference(&["kto"], true),
        }
    }
}
