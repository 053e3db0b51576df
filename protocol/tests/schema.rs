//! The JSON Schema for editors: it takes what the program takes, and marks what a hand gets wrong.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of tests ends the test that called it"
)]

use jsonschema::Validator;
use protocol::RunConfig;
use protocol::config::{KEYS, check, keys_of_file, schema};
use serde_json::{Map, Value, json};
use std::path::Path;

fn validator() -> Validator {
    let schema = schema();
    jsonschema::draft202012::meta::validate(schema).unwrap();
    jsonschema::draft202012::new(schema).unwrap()
}

/// All that the schema marks in a file.
fn marks(validator: &Validator, keys: &Value) -> Vec<String> {
    let one = |error: jsonschema::ValidationError| format!("{}: {error}", error.instance_path());
    validator.iter_errors(keys).map(one).collect()
}

/// The keys and values of a YAML file, as YAML has them.
fn yaml(text: &str) -> Value {
    keys_of_file(text)
        .unwrap_or_else(|e| panic!("{e}: {text}"))
        .into_iter()
        .collect::<Map<_, _>>()
        .into()
}

fn files(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let yaml = files.filter(|path| path.extension().is_some_and(|end| end == "yaml"));
    yaml.map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap()))
        .collect()
}

fn golden(name: &str) -> Vec<Value> {
    let path = format!("{}/../tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn accepted(keys: &Value) -> bool {
    RunConfig::parse(&keys.to_string()).errors.is_empty()
}

#[test]
fn files_that_run_have_no_marks() {
    let validator = validator();
    let own = [files("configs"), files("assets/demo")].concat();
    assert!(own.len() > 20, "{}", own.len());
    for (name, text) in own {
        assert_eq!(marks(&validator, &yaml(&text)), [""; 0], "{name}");
        // and so has the whole config that a run keeps of it
        let whole = RunConfig::parse(&text).config.completed();
        assert_eq!(marks(&validator, &yaml(&whole.to_yaml())), [""; 0], "{name}");
    }
    let mut read = 0;
    for file in golden("examples.json") {
        if accepted(&file["keys"]) {
            read += 1;
            assert_eq!(marks(&validator, &file["keys"]), [""; 0], "{}", file["file"]);
        }
    }
    assert!(read > 60, "{read}");
    // each key of their argument classes at its default
    for class in golden("arguments.json") {
        for (key, value) in class["keys"].as_object().unwrap() {
            assert_eq!(marks(&validator, &json!({ key: value })), [""; 0], "{key}: {value}");
        }
    }
}

#[test]
fn what_the_reader_takes_has_no_mark() {
    let validator = validator();
    for text in [
        "learning_rate: 5e-6",
        "learning_rate: '1_000'",
        "bf16: 'True'",
        "bf16: yes",
        "lora_target: [q_proj, v_proj]",
        "pref_loss: sigmoid, bco_pair,sft",
        "pref_loss: [sigmoid, sft]",
        "pref_loss: aot_unpaired",
        "loss_weights: [0.8, 0.2]",
        "quantization_bit: 4",
        "quantization_bit: '8'",
        "init_lora_weights: true",
        "save_strategy: no",
        "save_strategy: false",
        "enable_thinking: null",
        "device: cuda:1",
        "template: own.jinja",
        "template: '{{ messages[0].content }}'",
        "report_to: [wandb, tensorboard]",
        "resume_from_checkpoint: true",
        "max_steps: -1",
        "lr_scheduler_kwargs: {min_lr_rate: 0.1}",
        "evaluation_strategy: steps",
        "include_num_input_tokens_seen: all",
        "train_sampling_strategy: sequential",
        "deepspeed: null",
        "use_unsloth: true",
        "lora_rank: '8'",
        "max_samples: '1e3'",
        "rope_scaling: ''",
        "report_to: ''",
        "template: ''",
    ] {
        let keys = yaml(text);
        assert!(accepted(&keys), "{text}");
        assert_eq!(marks(&validator, &keys), [""; 0], "{text}");
    }
    // whatever a key has for a choice
    for key in protocol::config::reference() {
        for name in &key.choices {
            let keys = json!({ &key.name: name });
            assert_eq!((accepted(&keys), marks(&validator, &keys)), (true, vec![]), "{keys}");
        }
    }
}

#[test]
fn what_a_hand_gets_wrong_is_marked() {
    let validator = validator();
    for text in [
        "lora_rnk: 8",
        "learning_rte: 1e-5",
        "lora_rank: large",
        "lora_rank: 0",
        "lora_rank: 1.5",
        "lora_rank: '1.5'",
        "lora_rank: '010'",
        "lora_rank: '-5'",
        "learning_rate: fast",
        "learning_rate: 0",
        "pref_beta: -1",
        "warmup_ratio: 1.5",
        "max_steps: 2.5",
        "bf16: maybe",
        "bf16: 3",
        "model_name_or_path: {a: 1}",
        "stage: dop",
        "pref_loss: simple",
        "pref_loss: sigmoid,simple",
        "optim: adam",
        "finetuning_type: qlora",
        "template: qwen33",
        "quantization_bit: 7",
        "device: gpu",
        "deepspeed: z3.json",
        "dpo_beta: high",
    ] {
        let keys = yaml(text);
        let config = RunConfig::parse(text);
        let refused = !config.errors.is_empty() || {
            let field = keys.as_object().unwrap().keys().next().unwrap();
            check(&config.config)
                .spec
                .is_err_and(|errors| errors.iter().any(|error| error.field == *field))
        };
        // the loss' own scale may be of another stage
        assert!(refused || text.starts_with("pref_"), "{text}");
        assert_ne!(marks(&validator, &keys), [""; 0], "{text}");
    }
}

#[test]
fn each_key_tells_what_it_is() {
    let schema = schema();
    for key in KEYS {
        let told = schema["properties"][key.name]["description"].as_str().unwrap();
        assert!(
            told.starts_with(key.about()) && key.about().ends_with('.'),
            "{}: {told}",
            key.name
        );
    }
}
