//! Over every key and stage: what is written out in full means what was asked, and nothing that matters is left out of it.

use protocol::config::{KEYS, Notes, ValueType, check, matters};
use protocol::{RunConfig, Stage};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Keys whose absence is itself a choice: there is no value that says "none".
const LEFT_OUT: &[&str] = &[
    "do_predict",
    "predict_with_generate",
    "model_revision",
    "report_to",
    "logging_dir",
    "project",
    "use_swanlab",
    "swanlab_project",
    "swanlab_run_name",
    "swanlab_workspace",
    "swanlab_logdir",
    "adapter_name_or_path",
    "create_new_adapter",
    "cache_dir",
    "train_from_scratch",
    "quantization_bit",
    "rope_scaling",
    "use_rslora",
    "use_dora",
    "pissa_init",
    "init_lora_weights",
    "loraplus_lr_ratio",
    "additional_target",
    "freeze_extra_modules",
    "use_llama_pro",
    "loss_weights",
    "pref_bco_weight",
    "rpo_alpha",
    "ld_alpha",
    "use_weighting",
    "f_divergence_type",
    "reference_free",
    "ref_model",
    "ref_model_adapters",
    "ref_model_quantization_bit",
    "sync_ref_model",
    "precompute_ref_log_probs",
    "reward_model_adapters",
    "reward_model_quantization_bit",
    "dataset",
    "eval_dataset",
    "template",
    "tool_format",
    "default_system",
    "enable_thinking",
    "use_fast_tokenizer",
    "tokenized_path",
    "pair_marks",
    "max_samples",
    "streaming",
    "train_on_prompt",
    "mask_history",
    "neat_packing",
    "moe_aux_loss_coef",
    "neftune_noise_alpha",
    "use_dft_loss",
    "use_eaft_loss",
    "overwrite_output_dir",
    "run_name",
    "max_steps",
    "lr_scheduler_kwargs",
    "warmup_steps",
    "use_galore",
    "use_apollo",
    "use_badam",
    "badam_start_block",
    "data_seed",
    "group_by_length",
    "bf16",
    "fp16",
    "pure_bf16",
    "logging_first_step",
    "save_total_limit",
    "save_only_model",
    "load_best_model_at_end",
    "eval_delay",
    "early_stopping_steps",
    "compute_accuracy",
    "include_num_input_tokens_seen",
    "sample_prompts",
    "sample_own_prompts",
    "resume_from_checkpoint",
    "device",
    "activation_memory",
];

fn base(stage: &str) -> RunConfig {
    let text = format!("model_name_or_path: m\ndataset: d\noutput_dir: o\nstage: {stage}\nreward_model: r\n");
    RunConfig::parse(&text).config
}

/// Each choice of a key that has them, else some values of its kind.
fn values(key: &str, kind: ValueType, config: &RunConfig) -> Vec<Value> {
    match kind {
        ValueType::Flag => vec![json!(true), json!(false)],
        ValueType::FlagOrNull => vec![json!(true), json!(false), json!("null")],
        ValueType::Count => vec![json!(1), json!(4), json!(8)],
        ValueType::Number => vec![json!(0.25), json!(2), json!(3)],
        ValueType::Map => vec![json!("{\"power\": 2}")],
        ValueType::Text => {
            let notes = Notes::of(config);
            let choices = notes.get(key).and_then(|note| note.choices.as_ref());
            match choices.filter(|choices| !choices.names.is_empty()) {
                Some(choices) => choices.names.iter().map(|name| json!(name)).collect(),
                None => vec![json!("7"), json!("a,b")],
            }
        }
    }
}

/// `config` with the value, and with the lines that it asks for; `None` where it can't be had.
fn with(config: &RunConfig, key: &str, value: &Value) -> Option<RunConfig> {
    let mut config = config.clone();
    config.set(key, value).ok()?;
    for _ in 0..3 {
        let Err(errors) = check(&config).spec else {
            return Some(config);
        };
        for error in errors {
            let line = error.args.first().filter(|_| error.code == "needs")?;
            let line = match line.as_str() {
                "val_size" => "val_size: 0.1",
                line => line,
            };
            let (key, value) = line.split_once(": ")?;
            config.set(key, &json!(value)).ok()?;
        }
    }
    None
}

/// Every key under every stage.
fn cases(stage: &str) -> Vec<RunConfig> {
    let base = base(stage);
    let each = |key: &protocol::config::Key| {
        let all = values(key.name, key.kind, &base);
        all.into_iter()
            .filter_map(|value| with(&base, key.name, &value))
            .collect::<Vec<_>>()
    };
    KEYS.iter().flat_map(each).collect()
}

#[test]
fn what_is_written_out_in_full_means_what_was_asked() {
    for stage in Stage::ALL.map(Stage::name) {
        let cases = cases(stage);
        assert!(cases.len() > KEYS.len(), "{stage}: {}", cases.len());
        for config in cases {
            let whole = config.completed();
            assert_eq!(check(&whole).spec, check(&config).spec, "{}", config.to_yaml());
            assert_eq!(whole.completed(), whole);
            // and it reads back from the file that a run keeps of it
            assert_eq!(RunConfig::parse(&whole.to_yaml()).config, whole);
        }
    }
}

/// What changes the outcome counts, by the rule book's own notes: a rule that reads a key and does not say so is found here.
#[test]
fn what_changes_the_outcome_matters() {
    for (at, stage) in Stage::ALL.map(Stage::name).into_iter().enumerate() {
        // some of the cases, others for every stage: the stages share most of their rules
        let mine = cases(stage).into_iter().skip(at * 10).step_by(61);
        for config in std::iter::once(base(stage)).chain(mine) {
            let (spec, matter) = (check(&config).spec.unwrap(), matters(&config));
            for key in KEYS.iter().filter(|key| !matter.contains(&key.name)) {
                for value in values(key.name, key.kind, &config) {
                    let mut other = config.clone();
                    let changed =
                        other.set(key.name, &value).is_ok() && check(&other).spec.is_ok_and(|found| found != spec);
                    assert!(!changed, "{}: {value} changes\n{}", key.name, config.to_yaml());
                }
            }
        }
    }
}

/// A default that a rule takes without noting it is missed here.
#[test]
fn whatever_matters_is_written_out() {
    let kinds = ["finetuning_type", "pref_loss", "kto_loss", "optim", "init_lora_weights"];
    let flags = [
        "pissa_init",
        "use_badam",
        "sync_ref_model",
        "use_galore",
        "use_apollo",
        "use_eaft_loss",
    ];
    let mut missing = BTreeSet::new();
    // what a file is for stands in it, whether or not another value would do
    let nothing = RunConfig::default().completed();
    for key in ["stage", "do_train", "dataset_dir", "eval_strategy"] {
        if nothing.get(key).is_none() {
            missing.insert(key.to_owned());
        }
    }
    for bits in [4, 8] {
        let whole = with(&base("sft"), "quantization_bit", &json!(bits))
            .unwrap()
            .completed();
        if whole.get("quantization_method").is_none() {
            missing.insert(format!("quantization_method of {bits} bits"));
        }
    }
    for stage in Stage::ALL.map(Stage::name) {
        let base = base(stage);
        let mut all = vec![base.clone()];
        let own = |key: &str| match key {
            "pref_loss" => stage == "dpo",
            "kto_loss" => stage == "kto",
            "sync_ref_model" => stage == "dpo",
            "finetuning_type" => true,
            // the same under every stage
            _ => stage == "sft",
        };
        for key in kinds.into_iter().filter(|key| own(key)) {
            let values = values(key, ValueType::Text, &base);
            all.extend(values.iter().filter_map(|value| with(&base, key, value)));
        }
        for flag in flags.into_iter().filter(|key| own(key)) {
            all.extend(with(&base, flag, &json!(true)));
        }
        if stage == "sft" {
            for (key, value) in [
                ("quantization_bit", json!(4)),
                ("quantization_bit", json!(8)),
                ("eval_strategy", json!("steps")),
            ] {
                all.extend(with(&base, key, &value));
            }
        }
        for config in all {
            let whole = config.completed();
            let absent = matters(&whole).into_iter().filter(|key| whole.get(key).is_none());
            let forgotten = absent.filter(|key| !LEFT_OUT.contains(key));
            missing.extend(forgotten.map(|key| format!("{key} under\n{}", config.to_yaml())));
        }
    }
    assert!(
        missing.is_empty(),
        "{}",
        missing.into_iter().collect::<Vec<_>>().join("\n")
    );
}
