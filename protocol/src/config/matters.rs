//! Which keys have a meaning under a config: those that can change what will be done.

use super::keys::{KEYS, Key, Kind};
use super::{FieldError, RunConfig, RunSpec, check};
use serde_json::{Value, json};

/// The keys that matter under `config`: another value of the key alone would give another [`RunSpec`]. A spec's
/// alternatives carry only their own knobs, so the rule book itself is the list; none is kept by hand. Keys that are
/// wrong or missing are looked past.
pub fn matters(config: &RunConfig) -> Vec<&'static str> {
    let (config, spec) = sound(config.clone());
    let all = KEYS.iter();
    match spec {
        Some(spec) => all
            .filter(|key| changes(key, &config, &spec))
            .map(|key| key.name)
            .collect(),
        None => all.map(|key| key.name).collect(),
    }
}

/// Those of `keys` that say something and change nothing under `config`: another stage's, or another choice's.
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
    let matter = matters(config);
    let usual = RunConfig::default().completed();
    let off = |value: &Value| matches!(value, Value::Null | Value::Bool(false)) || value.as_f64() == Some(0.0);
    let idle = |key: &str| {
        let value = config.get(key).unwrap_or_default();
        let own = RunConfig {
            stage: Some("dpo".into()),
            ..RunConfig::default()
        };
        let default = usual.get(key).or_else(|| own.completed().get(key));
        // the rule book says why
        let outdone = key == "warmup_ratio" && config.warmup_steps.is_some_and(|n| n > 0.0);
        // no other shares sum to one, so trying some tells nothing
        let shares = key == "interleave_probs"
            && config
                .mix_strategy
                .as_deref()
                .is_some_and(|mix| mix.starts_with("interleave"));
        !off(&value) && !outdone && !shares && !matter.contains(&key) && !SAID.contains(&key) && default != Some(value)
    };
    keys.iter().map(String::as_str).filter(|key| idle(key)).collect()
}

/// The config without what is wrong in it, and what it means; `None` where errors are left.
fn sound(mut config: RunConfig) -> (RunConfig, Option<RunSpec>) {
    for key in ["model_name_or_path", "dataset", "output_dir"] {
        if config.get(key).is_none() {
            // names may be any text
            let _ = config.set(key, &json!("x"));
        }
    }
    for _ in 0..4 {
        match check(&config).spec {
            Ok(spec) => return (config, Some(spec)),
            Err(errors) => mend(&mut config, &errors),
        }
    }
    (config, None)
}

fn mend(config: &mut RunConfig, errors: &[FieldError]) {
    for error in errors {
        let filler = match error.code.as_str() {
            "required" if error.field == "max_steps" => json!(1),
            "required" => json!("x"),
            // the error brings a map that is right
            "knobs" => json!(error.args.get(1)),
            _ => Value::Null,
        };
        let _ = config.set(&error.field, &filler);
    }
}

fn changes(key: &Key, config: &RunConfig, spec: &RunSpec) -> bool {
    let try_value = |value: &Value| {
        let mut other = config.clone();
        other.set(key.name, value).ok()?;
        Some(check(&other).spec)
    };
    // another choice may leave no room for what belongs to this one: weights for several losses
    let try_alone = |value: &Value| match try_value(value)? {
        Err(errors) if errors.iter().all(|error| error.field != key.name) => {
            let mut other = config.clone();
            other.set(key.name, value).ok()?;
            mend(&mut other, &errors);
            Some(check(&other).spec)
        }
        found => Some(found),
    };
    let differs = |found: Option<Result<RunSpec, Vec<FieldError>>>| matches!(found, Some(Ok(found)) if found != *spec);
    // values beside the present one: it may itself be one of those that are tried for any key
    let beside: Vec<f64> = match config.get(key.name).and_then(|value| value.as_f64()) {
        Some(own) => vec![own + 1.0, own * 2.0, own * 0.5],
        None => vec![],
    };
    match key.kind {
        Kind::Flag => [true, false].iter().any(|on| differs(try_alone(&json!(on)))),
        Kind::FlagOrNull => [json!(true), json!(false), json!("null")]
            .iter()
            .any(|said| differs(try_value(said))),
        Kind::Count => {
            let beside = beside.iter().map(|own| *own as u64);
            let mut tried = [7, 1, 8, 2].into_iter().chain(beside);
            tried.any(|n| differs(try_value(&json!(n))))
        }
        Kind::Number => {
            let mut tried = [0.375, 0.25, 2.0, 3.0, 0.0, -1.0].into_iter().chain(beside);
            tried.any(|x| differs(try_value(&json!(x))))
        }
        Kind::Text => {
            const NO_CHOICE: &str = "no such choice";
            let found = try_value(&json!(NO_CHOICE));
            let error = match &found {
                Some(Err(errors)) => errors.iter().find(|e| e.field == key.name),
                _ => None,
            };
            match error.map(|e| (e.code.as_str(), e.args.first())) {
                // the error names the choices
                Some(("choice", Some(names))) => names.split(", ").any(|name| differs(try_alone(&json!(name)))),
                Some(("knobs", Some(names))) => !names.is_empty(),
                // some take a list of numbers
                _ => {
                    let numbers = ["7", "7,1", "7,1,7"];
                    differs(found) || numbers.iter().any(|list| differs(try_value(&json!(list))))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
    fn a_number_matters_at_its_least_too() {
        let base = RunConfig::parse("stage: dpo\npref_loss: sigmoid\nval_size: 0.1\neval_strategy: steps\n").config;
        let known = matters(&base);
        let numbers = KEYS.iter().filter(|key| matches!(key.kind, Kind::Count | Kind::Number));
        let mut tried = 0;
        for key in numbers.filter(|key| known.contains(&key.name)) {
            let mut low = base.clone();
            let below = if key.kind == Kind::Count { json!(0) } else { json!(-5.0) };
            low.set(key.name, &below).unwrap();
            let least = check(&low).spec.err().and_then(|errors| {
                let error = errors
                    .into_iter()
                    .find(|error| error.field == key.name && error.code == "min")?;
                error.args.first()?.parse::<f64>().ok()
            });
            let Some(least) = least else { continue };
            let value = if key.kind == Kind::Count {
                json!(least as u64)
            } else {
                json!(least)
            };
            low.set(key.name, &value).unwrap();
            tried += 1;
            assert!(matters(&low).contains(&key.name), "{} at {least}", key.name);
        }
        assert!(tried > 5, "{tried} keys have a least value");
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
        for id in MethodId::ALL {
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
