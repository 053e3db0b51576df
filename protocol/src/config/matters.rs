//! Which keys have a meaning under a config: those whose value goes into what will be done.

use super::{Notes, RunConfig};
use crate::Stage;
use serde_json::Value;

/// The keys that matter under `config`, in the order of [`KEYS`]: the rule book notes each key that it takes a value from on its
/// way to a [`crate::RunSpec`]. Keys that are wrong or missing count as if they were right.
pub fn matters(config: &RunConfig) -> Vec<&'static str> {
    Notes::of(config).counted()
}

/// Those of `keys` that say something and change nothing under `config`: another stage's, or another choice's. Of some the rule
/// book's own notices say why; these are not among them.
pub fn idle<'a>(config: &RunConfig, keys: &'a [String]) -> Vec<&'a str> {
    // these say what the file is for
    const SAID: &[&str] = &[
        "stage",
        "do_train",
        "do_eval",
        "optim",
        "finetuning_type",
        "infer_dtype",
        "lora_dropout",
    ];
    let notes = Notes::of(config);
    let usual = RunConfig::default().completed();
    let nothing = |value: &Value| matches!(value, Value::Null | Value::Bool(false)) || value.as_f64() == Some(0.0);
    // false says something of what PPO does unless told otherwise
    let under_ppo = RunConfig {
        stage: Some(Stage::Ppo.to_string()),
        ..RunConfig::default()
    }
    .completed();
    let off = |key: &str, value: &Value| nothing(value) && under_ppo.get(key).is_none_or(|usual| nothing(&usual));
    let idle = |key: &str| {
        let value = config.get(key).unwrap_or_default();
        let own = RunConfig {
            stage: Some(Stage::Preference.to_string()),
            ..RunConfig::default()
        };
        let default = usual.get(key).or_else(|| own.completed().get(key));
        let explained = notes.get(key).is_some_and(|note| note.explained);
        !off(key, &value) && !explained && !notes.counts(key) && !SAID.contains(&key) && default != Some(value)
    };
    keys.iter().map(String::as_str).filter(|key| idle(key)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{KEYS, check};
    use crate::method::{MethodId, Scale};

    #[test]
    fn a_share_of_warm_up_beside_steps_is_said_once_and_why() {
        let parsed =
            RunConfig::parse("model_name_or_path: m\ndataset: d\noutput_dir: o\nwarmup_ratio: 0.1\nwarmup_steps: 20");
        assert_eq!(idle(&parsed.config, &parsed.keys), [""; 0]);
        let said: Vec<_> = check(&parsed.config)
            .notices
            .into_iter()
            .map(|said| said.message)
            .collect();
        assert_eq!(
            said,
            [
                "warmup_ratio 0.1 is not used: warmup_steps 20 says how long the learning rate rises; leave one of the two out"
            ]
        );
        let alone = RunConfig::parse("warmup_steps: 20").config;
        assert_eq!(check(&alone).notices, []);
    }

    #[test]
    fn a_key_without_effect_is_told_once() {
        let text =
            "model_name_or_path: m\ndataset: d\noutput_dir: o\nstage: dpo\npref_loss: orpo\nref_model: x\nlora_rank: 4";
        let parsed = RunConfig::parse(text);
        assert_eq!(idle(&parsed.config, &parsed.keys), [""; 0]);
        let notices = check(&parsed.config).notices;
        assert!(
            notices.iter().any(|said| said.contains("ref_model has no effect")),
            "{notices:?}"
        );
    }

    fn of(text: &str) -> Vec<&'static str> {
        matters(&RunConfig::parse(text).config)
    }

    #[test]
    fn a_knob_matters_where_something_turns_by_it() {
        let simpo = of("stage: dpo\npref_loss: simpo\n");
        assert!(simpo.contains(&"simpo_gamma") && simpo.contains(&"pref_beta"));
        for key in [
            "dpo_label_smoothing",
            "kto_chosen_weight",
            "ref_model",
            "ld_alpha",
            "packing",
        ] {
            assert!(!simpo.contains(&key), "{key}");
        }
        let dpo = of("stage: dpo\nfinetuning_type: full\neval_strategy: steps\nval_size: 0.1\n");
        assert!(
            ["ld_alpha", "ref_model", "eval_steps"]
                .iter()
                .all(|key| dpo.contains(key))
        );
        assert!(!dpo.contains(&"lora_rank") && !dpo.contains(&"simpo_gamma"));
        let sft = of("max_steps: 5\nsave_strategy: 'no'\n");
        assert!(sft.contains(&"train_on_prompt") && !sft.contains(&"num_train_epochs") && !sft.contains(&"save_steps"));
    }

    #[test]
    fn optimizers_and_schedules_bring_their_own() {
        let plain = of("stage: sft\n");
        for key in ["galore_rank", "badam_switch_mode", "apollo_proj", "lr_scheduler_kwargs"] {
            assert!(!plain.contains(&key), "{key}");
        }
        assert!(
            ["adam_beta1", "optim", "lr_scheduler_type", "warmup_steps"]
                .iter()
                .all(|key| plain.contains(key))
        );
        let constant = of("optim: sgd\nlr_scheduler_type: constant\n");
        assert!(!constant.contains(&"adam_beta1") && !constant.contains(&"warmup_steps"));
        let lion = of("optim: lion_32bit\nlr_scheduler_type: cosine_with_min_lr\n");
        assert!(
            lion.contains(&"adam_beta2") && !lion.contains(&"adam_epsilon") && lion.contains(&"lr_scheduler_kwargs")
        );
        let galore = of("finetuning_type: full\nuse_galore: true\n");
        assert!(
            galore.contains(&"galore_rank") && galore.contains(&"galore_proj_type") && galore.contains(&"adam_beta1")
        );
        assert!(!galore.contains(&"apollo_rank"));
        let badam = of("finetuning_type: full\nuse_badam: true\n");
        assert!(badam.contains(&"badam_switch_interval") && badam.contains(&"badam_start_block"));
    }

    #[test]
    fn what_is_said_and_changes_nothing_is_known() {
        let of = |text: &str| {
            let parsed = RunConfig::parse(text);
            let idle = idle(&parsed.config, &parsed.keys);
            idle.into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(
            of("stage: sft\npref_loss: orpo\nseed: 1\npref_beta: 0.3\n"),
            ["pref_beta", "pref_loss"]
        );
        assert_eq!(of("stage: sft\neval_steps: 50\nsave_steps: 50\n"), ["eval_steps"]);
        assert_eq!(
            of("stage: sft\ndo_sample: false\nppo_epochs: 4\nppo_score_norm: false\n"),
            ["do_sample", "ppo_epochs"]
        );
        assert_eq!(
            of("stage: dpo\npref_loss: simpo\ndpo_label_smoothing: 0.0\npacking: false\ndo_train: true\n"),
            [""; 0]
        );
        assert_eq!(of("finetuning_type: full\nlora_rank: 8\n"), ["lora_rank"; 0]);
        assert_eq!(of("finetuning_type: full\nlora_rank: 9\n"), ["lora_rank"]);
    }

    #[test]
    fn what_is_wrong_is_looked_past() {
        let wrong = of("stage: dpo\npref_loss: simpo\nlora_rank: 0\npref_beta: -1\n");
        assert!(wrong.contains(&"lora_rank") && wrong.contains(&"simpo_gamma") && !wrong.contains(&"ld_alpha"));
    }

    /// What a method recommends is never without effect.
    #[test]
    fn every_recommended_key_matters() {
        for &id in MethodId::ALL {
            let scale = Scale {
                rows: None,
                params: None,
            };
            let config = id.recommended(scale);
            let all = matters(&config);
            for key in KEYS.iter().filter(|key| config.get(key.name).is_some()) {
                // these say what is asked for, or are off in some stages and stay for the next one; a list of losses has
                // its weights beside it
                if !["stage", "do_train", "optim", "lora_dropout", "pref_loss"].contains(&key.name) {
                    assert!(all.contains(&key.name), "{id:?}: {}", key.name);
                }
            }
        }
    }
}
