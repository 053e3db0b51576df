//! Runs on the emulated card that are broken off: resumed to the bit, and out of memory with what to change.

use serde_json::{Map, Value, json};
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;
use tests::parity::{golden, group};
use tests::programs::program;

/// The trainer with a config on the emulated card, into a folder.
pub fn command(config: &Map<String, Value>, out: &Path, words: &[&str], variables: &[(&str, &str)]) -> Command {
    let file = out.with_extension("yaml");
    std::fs::write(&file, Value::Object(config.clone()).to_string()).unwrap();
    let mut command = Command::new(program("corral-trainer"));
    command
        .arg("train")
        .arg(&file)
        .arg(format!("output_dir={}", out.display()))
        .arg("device=cuda")
        .args(words)
        .current_dir(golden())
        .env("CUDA_EMULATOR", "1")
        .env("RAYON_NUM_THREADS", "2")
        .env("LC_ALL", "C")
        .env("CORRAL_CACHE", out.with_extension("cache"))
        .envs(variables.iter().copied());
    command
}

pub fn train(config: &Map<String, Value>, out: &Path, words: &[&str]) -> Output {
    command(config, out, words, &[]).output().unwrap()
}

pub fn case(name: &str, more: &[(&str, Value)]) -> Map<String, Value> {
    let (of, case) = name.split_once('/').unwrap();
    let mut config = group(of).cases.remove(case).unwrap().config;
    config.extend(more.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
    config
}

pub fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|end| end == "safetensors"))
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read(&path).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

pub fn well(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_run_on_a_card_is_resumed_to_the_bit() {
    let folder = TempDir::new().unwrap();
    for name in ["optim/adamw_8bit-lora", "stages/kto-lora"] {
        let config = case(
            name,
            &[
                ("save_steps", json!(2)),
                ("max_steps", json!(4)),
                ("lr_scheduler_type", json!("constant")),
            ],
        );
        let place = folder.path().join(name.replace('/', "-"));
        let straight = place.with_extension("straight");
        well(&train(&config, &straight, &[]));
        let broken = place.with_extension("broken");
        well(&train(&config, &broken, &["max_steps=2"]));
        well(&train(&config, &broken, &["resume_from_checkpoint=true"]));
        let (straight, broken) = (straight.join("checkpoint-4"), broken.join("checkpoint-4"));
        let want = files(&straight);
        assert!(!want.is_empty());
        assert!(want == files(&broken), "{name}");
    }
}

/// Another program takes what is left of the card while a run goes on.
#[test]
fn a_run_that_finds_its_card_full_says_what_to_change_and_keeps_its_checkpoint() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("rows.json");
    let rows: Vec<Value> = (0..3)
        .map(|_| json!({"instruction": "Say it", "output": "word word word"}))
        .collect();
    std::fs::write(&data, Value::Array(rows).to_string()).unwrap();
    let config = json!({
        "model_name_or_path": "models/llama", "stage": "sft", "dataset": data.display().to_string(), "template": "llama2",
        "finetuning_type": "lora", "lora_rank": 4, "cutoff_len": 1024, "per_device_train_batch_size": 1,
        "gradient_accumulation_steps": 1, "max_steps": 100000, "save_steps": 2, "save_total_limit": 1, "logging_steps": 1,
    });
    let out = folder.path().join("out");
    let shared = folder.path().join("shared");
    let variables = [
        ("CUDA_EMULATOR_MEMORY_MIB", "8"),
        ("CUDA_EMULATOR_SHARED", shared.to_str().unwrap()),
    ];
    let mut run = command(config.as_object().unwrap(), &out, &[], &variables)
        .spawn()
        .unwrap();
    let events = || std::fs::read_to_string(out.join("events.jsonl")).unwrap_or_default();
    while !events().contains("\"checkpoint\"") {
        assert_eq!(run.try_wait().unwrap(), None, "{}", events());
        std::thread::yield_now();
    }
    // this process is that program
    std::fs::write(shared.join(format!("{}-0", std::process::id())), (8 << 20).to_string()).unwrap();
    assert_eq!(run.wait().unwrap().code(), Some(1));
    let last: Value = serde_json::from_str(events().lines().last().unwrap()).unwrap();
    assert_eq!(
        (last["type"].as_str(), last["code"].as_str()),
        (Some("finished"), Some("card_full_so")),
        "{last}"
    );
    let message = last["message"].as_str().unwrap_or_default();
    assert!(
        message.contains("the last checkpoint is kept") && !message.contains("0.0 GB"),
        "{last}"
    );
    let advice = last["args"][1]["code"].as_str().unwrap_or_default();
    assert!(
        ["card_is_shared", "card_would_do", "card_is_too_small"].contains(&advice),
        "{last}"
    );
    let step = last["step"].as_u64().unwrap() / 2 * 2;
    let kept = out.join(format!("checkpoint-{step}")).join("adapter_model.safetensors");
    assert!(kept.is_file(), "{}: {last}", kept.display());
}

/// Kernels are made for heads of up to 256 values: a run that asks for a card is told before it waits for one.
#[test]
fn heads_that_are_too_wide_for_cards_stay_on_the_processor() {
    let folder = TempDir::new().unwrap();
    let model = folder.path().join("wide");
    std::fs::create_dir(&model).unwrap();
    for name in ["tokenizer.json", "tokenizer_config.json"] {
        std::fs::copy(golden().join("models/llama").join(name), model.join(name)).unwrap();
    }
    let text = std::fs::read_to_string(golden().join("models/llama/config.json")).unwrap();
    let mut config: Value = serde_json::from_str(&text).unwrap();
    config["head_dim"] = json!(264);
    std::fs::write(model.join("config.json"), config.to_string()).unwrap();
    let mut config = case(
        "stages/sft-prompt",
        &[("max_steps", json!(1)), ("finetuning_type", json!("full"))],
    );
    config.retain(|key, _| !key.starts_with("lora_") && key != "adapter_name_or_path");
    config.insert("model_name_or_path".into(), json!(model.display().to_string()));
    config.insert("train_from_scratch".into(), json!(true));
    let out = folder.path().join("out");
    let refused = train(&config, &out, &[]);
    let said = String::from_utf8_lossy(&refused.stdout).into_owned();
    assert!(
        !refused.status.success() && said.contains("264 values") && said.contains("device"),
        "{said}"
    );
    let checked = command(&config, &out, &[], &[])
        .get_args()
        .skip(1)
        .map(|word| word.to_owned())
        .collect::<Vec<_>>();
    let checked = Command::new(program("corral-trainer"))
        .arg("check")
        .args(checked)
        .current_dir(golden())
        .env("CUDA_EMULATOR", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&checked.stderr).into_owned();
    assert!(
        checked.status.code() == Some(2) && said.contains("264 values"),
        "{said}"
    );
    let auto = folder.path().join("auto");
    well(&train(&config, &auto, &["device=auto", "fp16=true"]));
    let events = std::fs::read_to_string(auto.join("events.jsonl")).unwrap();
    for said in ["264 values", "\"device\":\"cpu\"", "\"computes_in_f32\""] {
        assert!(events.contains(said), "{events}");
    }
    // another run may have the card
    let card = |out: &Path| {
        let told = std::fs::read_to_string(out.join("worker.json")).unwrap();
        serde_json::from_str::<Value>(&told).unwrap()["card"].clone()
    };
    assert_eq!(card(&auto), Value::Null);
    assert_ne!(card(&out), Value::Null, "one that asked for it keeps it to the end");
}
