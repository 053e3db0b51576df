//! Other programs' keys and files: each of their keys at its default and at null, and LLaMA-Factory's example files.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of tests ends the test that called it"
)]

use protocol::RunConfig;
use protocol::config::{Foreign, check, foreign};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn golden(name: &str) -> Vec<Value> {
    let path = format!("{}/../tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn base() -> Map<String, Value> {
    let keys = json!({ "model_name_or_path": "m", "dataset": "d", "output_dir": "o" });
    keys.as_object().cloned().unwrap_or_default()
}

/// All that is wrong with a file, as `key: sentence`.
fn wrong(keys: &Map<String, Value>) -> Vec<String> {
    let parsed = RunConfig::parse(&Value::Object(keys.clone()).to_string());
    let mut errors = parsed.errors;
    errors.extend(check(&parsed.config).spec.err().unwrap_or_default());
    errors.iter().map(ToString::to_string).collect()
}

/// Every key of their argument classes (`tests/golden/arguments.py`), with its defaults.
fn defaults() -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for class in golden("arguments.json") {
        for (key, default) in class["keys"].as_object().unwrap() {
            found.entry(key.clone()).or_default().insert(default.to_string());
        }
    }
    found
}

#[test]
fn every_key_of_theirs_passes_at_its_default_and_at_null() {
    let all = defaults();
    assert!(all.len() > 300, "{}", all.len());
    for (key, defaults) in all {
        for value in defaults.into_iter().chain(["null".to_owned()]) {
            let value: Value = serde_json::from_str(&value).unwrap();
            let mut keys = base();
            // theirs is to do nothing at all
            if key != "do_train" && !(value.is_null() && keys.contains_key(&key)) {
                keys.insert(key.clone(), value.clone());
            }
            assert_eq!(wrong(&keys), [""; 0], "{key}: {value}");
            // what asks for nothing is not spoken of
            let known = !matches!(foreign(&key), Foreign::Unknown(_));
            let parsed = RunConfig::parse(&json!({ &key: value }).to_string());
            assert!(
                !known || parsed.notices.is_empty(),
                "{key}: {value}: {:?}",
                parsed.notices
            );
            assert_eq!(parsed.errors, [], "{key}: {value}");
        }
    }
}

#[test]
fn all_defaults_together_pass_under_every_stage() {
    for class in golden("arguments.json") {
        for stage in ["pt", "sft", "rm", "dpo", "kto", "ppo"] {
            let mut keys = base();
            for (key, value) in class["keys"].as_object().unwrap() {
                if !value.is_null() && !keys.contains_key(key) {
                    keys.insert(key.clone(), value.clone());
                }
            }
            keys.extend([("stage".into(), stage.into()), ("do_train".into(), true.into())]);
            if stage == "ppo" {
                keys.insert("reward_model".into(), "r".into());
            }
            assert_eq!(wrong(&keys), [""; 0], "{} under {stage}", class["name"]);
        }
    }
}

/// Why an example file can't be run. The list below only shrinks.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Lacks {
    /// deepspeed, fsdp, ray, megatron.
    Devices,
    /// A key that is named as not there.
    Key(&'static str),
}
use Lacks::{Devices, Key};

/// By the beginning of their names, in both versions.
const CANNOT: &[(&str, Lacks)] = &[
    ("train_full/", Devices),
    ("train_lora/llama3_lora_sft_ds3", Devices),
    ("train_lora/llama3_lora_sft_ray", Devices),
    ("train_lora/llama4_lora_sft_ds3", Devices),
    ("train_lora/qwen3_lora_sft_ds3", Devices),
    ("train_lora/qwen3_lora_sft_ray", Devices),
    ("extras/asft/", Devices),
    ("extras/fp8/", Devices),
    ("megatron/", Devices),
    ("extras/adam_mini/", Key("use_adam_mini")),
    ("extras/apollo/", Key("apollo_layerwise")),
    ("extras/galore/", Key("galore_layerwise")),
    ("extras/mod/", Key("mixture_of_depths")),
    ("extras/muon/", Key("use_muon")),
    // scores on multiple-choice benchmarks, and trains nothing
    ("train_lora/llama3_lora_eval", Key("task")),
    // weights in KTransformers' own form
    ("ktransformers/train_lora/deepseek_v3_int8", Key("kt_weight_path")),
];

#[test]
fn llama_factorys_example_files_run_as_written() {
    let files = golden("examples.json");
    assert!(files.len() > 100);
    let (mut met, mut refused) = (BTreeSet::new(), vec![]);
    for entry in &files {
        let name = entry["file"].as_str().unwrap();
        let mut keys = entry["keys"].as_object().unwrap().clone();
        // those that chat or merge name no data and no place to train into
        if ["inference", "merge_lora"]
            .iter()
            .any(|folder| name.starts_with(folder))
        {
            for (key, value) in base() {
                keys.entry(key).or_insert(value);
            }
        }
        let said = wrong(&keys);
        let listed = CANNOT.iter().find(|(begin, _)| name.starts_with(begin));
        let Some((begin, lacks)) = listed else {
            if !said.is_empty() {
                refused.push(format!("{} {name}: {}", entry["version"], said.join("; ")));
            }
            continue;
        };
        met.insert(begin);
        let by_name = match lacks {
            Devices => said.iter().any(|s| s.contains("several devices")),
            Key(key) => said.iter().any(|s| s.starts_with(&format!("{key}: "))),
        };
        assert!(
            by_name,
            "{} {name}: {lacks:?} is not what is said: {said:?}",
            entry["version"]
        );
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    assert_eq!(met.len(), CANNOT.len(), "only {met:?} are there");
}
