//! What the form tells of a run's memory before it starts, against what the pool of the emulated card held at most while it ran.

use crate::counts::rows;
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;
use tests::Board;
use tests::parity::golden;
use tests::programs::program;

/// `|estimate - pool's peak| / pool's peak`
const TOLERANCE: f64 = 0.03;

fn config(folder: &Path, stage: &str, words: usize, more: &Value) -> Value {
    let mut config = json!({
        "model_name_or_path": golden().join("models/llama").display().to_string(), "template": "llama2", "device": "cuda",
        "stage": stage, "dataset": rows(folder, stage, words), "cutoff_len": 256, "val_size": 0, "max_steps": 2,
        "per_device_train_batch_size": 2, "gradient_accumulation_steps": 1, "logging_steps": 1, "save_strategy": "no",
        "finetuning_type": "lora", "lora_rank": 4, "lora_dropout": 0, "eval_strategy": "no",
    });
    for (key, value) in more.as_object().unwrap() {
        config[key] = value.clone();
    }
    config
}

/// The most that the pool held, as the run's steps tell it.
async fn peak(board: &Board, config: Value) -> f64 {
    let run = board.start_run(config).await;
    let over = board.wait_over(&run).await;
    assert_eq!(over["state"], "completed", "{over}");
    let directory = board.get(&format!("/api/runs/{run}")).await["directory"].clone();
    let events = Path::new(directory.as_str().unwrap()).join("events.jsonl");
    let events = std::fs::read_to_string(events).unwrap();
    let told = events.lines().filter_map(|line| {
        let event: Value = serde_json::from_str(line).unwrap();
        event["metrics"]["memory"].as_f64()
    });
    told.fold(0.0, f64::max)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_estimate_is_what_the_pool_holds() {
    let folder = TempDir::new().unwrap();
    let board = Board::prepare(&program("corral"), &folder.path().join("data"));
    let mut board = board.env("CUDA_EMULATOR", "1").env("CUDA_EMULATOR_ARCH", "86");
    board.launch();
    let mut wrong = vec![];
    for (name, stage, words, more) in [
        ("LoRA", "sft", 40, json!({})),
        ("LoRA, longer rows", "sft", 160, json!({})),
        ("LoRA in bf16, DPO", "dpo", 40, json!({"bf16": true})),
        (
            "QLoRA, SimPO in f16",
            "dpo",
            40,
            json!({"pref_loss": "simpo", "quantization_bit": 4, "fp16": true}),
        ),
        (
            "QLoRA, longer rows",
            "sft",
            160,
            json!({"quantization_bit": 4, "bf16": true}),
        ),
        (
            "LoRA, recomputed",
            "sft",
            160,
            json!({"activation_memory": 1, "per_device_train_batch_size": 4}),
        ),
        ("full", "sft", 40, json!({"finetuning_type": "full"})),
        (
            "full in bf16, DPO",
            "dpo",
            40,
            json!({"finetuning_type": "full", "bf16": true}),
        ),
        (
            "LoRA, evaluated in larger batches",
            "sft",
            160,
            json!({
                "bf16": true, "val_size": 0.5, "eval_strategy": "steps", "eval_steps": 1,
                "per_device_train_batch_size": 1, "per_device_eval_batch_size": 2,
            }),
        ),
        (
            "DPO against another model",
            "dpo",
            40,
            json!({"ref_model": golden().join("models/llama").display().to_string()}),
        ),
        (
            "PPO",
            "ppo",
            40,
            json!({
                "reward_model": golden().join("models/llama/scorer-adapter").display().to_string(), "max_new_tokens": 48,
                "do_sample": false, "ppo_epochs": 1,
            }),
        ),
        (
            "full, 8-bit states",
            "sft",
            40,
            json!({"finetuning_type": "full", "optim": "adamw_8bit"}),
        ),
    ] {
        let mut config = config(folder.path(), stage, words, &more);
        if config["finetuning_type"] == "full" {
            config
                .as_object_mut()
                .unwrap()
                .retain(|key, _| !key.starts_with("lora"));
        }
        let answer = board.post("/api/check", json!({ "config": config })).await;
        assert_eq!(answer["errors"], json!([]), "{name}: {answer}");
        let told = &answer["memory"];
        let of = |part: &str| told[part].as_f64().unwrap();
        // what the driver takes is not the pool's
        let estimate: f64 = ["weights", "training", "reference", "activations"].map(of).iter().sum();
        // held against what is free of the card, not of the machine
        assert_eq!(told["available"], json!(8u64 << 30), "{name}");
        let peak = peak(&board, config).await;
        let ratio = estimate / peak;
        println!("{ratio:.3} {name}: {peak} held, {told}");
        if (ratio - 1.0).abs() > TOLERANCE {
            wrong.push(format!("{ratio:.3} {name}"));
        }
    }
    assert!(wrong.is_empty(), "estimate / peak:\n{}", wrong.join("\n"));
}
