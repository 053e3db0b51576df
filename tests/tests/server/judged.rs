//! What a run can't be made of is refused before it waits for its turn: by the form's check, at the run's creation, and by
//! `corral train`.

use std::fs;
use std::process::{Command, Output};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Board;
use tests::api::demo_config;
use tests::programs::{program, root};

/// The demo's config with these keys over it.
fn config(keys: &Value) -> Value {
    let mut config = demo_config();
    for (key, value) in keys.as_object().expect("keys of a config") {
        config[key] = value.clone();
    }
    config
}

/// `corral train` with this config.
fn train(board: &Board, config: &Value, output: &std::path::Path) -> Output {
    let mut command = Command::new(program("corral"));
    command.arg("train").env("DATA_DIR", &board.data_dir);
    for (key, value) in config.as_object().expect("keys of a config") {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        command.arg(format!("{key}={value}"));
    }
    let output = command.arg(format!("output_dir={}", output.display())).output();
    output.expect("it ends")
}

#[tokio::test]
async fn what_only_the_files_can_tell_is_refused_before_the_queue() {
    let board = Board::start();
    let place = tempfile::tempdir().expect("a folder");
    let golden = root().join("tests/golden");
    let path = |name: &str| golden.join(name).display().to_string();
    let file = place.path().join("notes.txt");
    fs::write(&file, "no model").expect("a file");
    let differing = place.path().join("differing.jsonl");
    let side = |asked: &str| json!([{ "role": "user", "content": asked }, { "role": "assistant", "content": "x" }]);
    let row = json!({ "chosen": side("one"), "rejected": side("other") });
    fs::write(&differing, format!("{row}\n{row}\n")).expect("a file");
    let documents = place.path().join("documents.jsonl");
    fs::write(&documents, json!({ "text": "a few words" }).to_string()).expect("a file");
    let broken = place.path().join("broken");
    fs::create_dir(&broken).expect("a folder");
    for name in ["config.json", "tokenizer.json", "tokenizer_config.json"] {
        fs::copy(golden.join("models/llama").join(name), broken.join(name)).expect("a copy");
    }
    let weights = fs::read(golden.join("models/llama/model.safetensors")).expect("weights");
    fs::write(broken.join("model.safetensors"), &weights[..weights.len() / 2]).expect("half of it");
    let unreadable = place.path().join("unreadable");
    fs::create_dir_all(unreadable.join("config.json")).expect("a folder in place of a file");
    let reward = path("models/llama");
    for (keys, field, says) in [
        (
            json!({ "model_name_or_path": "/etc" }),
            "model_name_or_path",
            "no config.json",
        ),
        (json!({ "model_name_or_path": file }), "model_name_or_path", "no"),
        (
            json!({ "model_name_or_path": "/no/such/place" }),
            "model_name_or_path",
            "no",
        ),
        (
            json!({ "model_name_or_path": broken }),
            "model_name_or_path",
            "safetensors",
        ),
        (
            json!({ "model_name_or_path": unreadable }),
            "model_name_or_path",
            "config.json",
        ),
        (json!({ "lora_target": "nonsense" }), "lora_target", "q_proj"),
        (json!({ "lora_target": "q_proj,nonsense" }), "lora_target", "`nonsense`"),
        (
            json!({ "finetuning_type": "oft", "oft_target": "q_proj,nonsense" }),
            "oft_target",
            "`nonsense`",
        ),
        (
            json!({ "finetuning_type": "oft", "additional_target": "nonsense" }),
            "additional_target",
            "embed_tokens",
        ),
        (
            json!({ "finetuning_type": "oft", "adapter_name_or_path": path("models/qwen2/oft-adapter") }),
            "adapter_name_or_path",
            "another model",
        ),
        (
            json!({ "additional_target": "nonsense" }),
            "additional_target",
            "embed_tokens",
        ),
        (
            json!({ "finetuning_type": "freeze", "freeze_trainable_modules": "nonsense" }),
            "freeze_trainable_modules",
            "mlp",
        ),
        (
            json!({ "finetuning_type": "freeze", "freeze_extra_modules": "nonsense" }),
            "freeze_extra_modules",
            "norm",
        ),
        (json!({ "pissa_init": true, "lora_rank": 5000 }), "lora_rank", "PiSSA"),
        (
            json!({ "finetuning_type": "full", "use_badam": true, "badam_start_block": 99 }),
            "badam_start_block",
            "past the last",
        ),
        (
            json!({ "model_name_or_path": path("quant/llama-nf4"), "template": "chatml", "finetuning_type": "full" }),
            "finetuning_type",
            "quantized",
        ),
        (
            json!({ "adapter_name_or_path": "/etc" }),
            "adapter_name_or_path",
            "adapter",
        ),
        (
            json!({ "adapter_name_or_path": path("families/qwen2/adapter") }),
            "adapter_name_or_path",
            "another model",
        ),
        (json!({ "ref_model": "/etc" }), "ref_model", "no config.json"),
        (
            json!({ "stage": "ppo", "dataset": "demo_sft", "reward_model": reward, "reward_model_type": "full" }),
            "reward_model",
            "value_head",
        ),
        (
            json!({ "resume_from_checkpoint": "/etc" }),
            "resume_from_checkpoint",
            "state.json",
        ),
        (
            json!({ "model_name_or_path": path("models/qwen2"), "template": "" }),
            "template",
            "template",
        ),
        (
            json!({ "metric_for_best_model": "eval_foo", "eval_strategy": "steps", "val_size": 0.1 }),
            "metric_for_best_model",
            "eval_loss",
        ),
        (
            json!({ "finetuning_type": "full", "use_galore": true, "galore_target": "foo" }),
            "galore_target",
            "q_proj",
        ),
        (
            json!({ "finetuning_type": "full", "use_apollo": true, "apollo_target": "q_proj,foo" }),
            "apollo_target",
            "`foo`",
        ),
        (
            json!({ "eval_dataset": "demo_sft", "eval_strategy": "steps", "val_size": 0.0 }),
            "eval_dataset",
            "stage `dpo`",
        ),
        (json!({ "val_size": 4000.0 }), "val_size", "holds out 4000"),
        (json!({ "dataset": "/no/such/file.json" }), "dataset", "no"),
        (json!({ "dataset": file }), "dataset", "notes.txt"),
        (
            json!({ "dataset": differing, "val_size": 0.0, "eval_strategy": "no" }),
            "dataset",
            "no usable row",
        ),
        (
            json!({ "dataset": documents, "val_size": 0.0, "eval_strategy": "no", "stage": "pt", "packing": true, "cutoff_len": 2048 }),
            "dataset",
            "2048",
        ),
    ] {
        let config = config(&keys);
        let checked = board.post("/api/check", json!({ "config": config })).await;
        let (status, problem) = board.call(Method::POST, "/api/runs", json!({ "config": config })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{keys}: {problem}");
        for errors in [&checked["errors"], &problem["errors"]] {
            let errors = errors.as_array().expect("errors");
            let found = errors.iter().find(|error| error["field"] == field);
            let found = found.unwrap_or_else(|| panic!("{keys}: nothing of {field} in {errors:?}"));
            let said = found["message"].as_str().expect("a sentence");
            assert!(said.contains(says), "{keys}: wanted `{says}`: {said}");
            assert!(!found["code"].as_str().unwrap_or_default().is_empty(), "{found}");
        }
        let output = place.path().join("run");
        let ended = train(&board, &config, &output);
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(2), "{keys}: {said}");
        assert!(said.contains(field) && !output.exists(), "{keys}: {said}");
    }
    assert_eq!(board.get("/api/runs").await, json!([]));
}

#[tokio::test]
async fn what_can_be_made_passes_the_check() {
    let board = Board::start();
    let golden = root().join("tests/golden");
    let path = |name: &str| golden.join(name).display().to_string();
    let scorer = path("models/qwen2-scorer");
    for keys in [
        json!({}),
        json!({ "lora_target": "q_proj,v_proj", "additional_target": "embed_tokens,lm_head" }),
        json!({ "finetuning_type": "freeze", "freeze_trainable_layers": 1, "freeze_extra_modules": "norm" }),
        // all of them, as LLaMA-Factory takes it
        json!({ "finetuning_type": "freeze", "freeze_trainable_layers": 99 }),
        json!({ "finetuning_type": "full" }),
        json!({ "pissa_init": true }),
        json!({ "metric_for_best_model": "preference/accuracies", "eval_strategy": "steps", "val_size": 0.1 }),
        json!({ "metric_for_best_model": "rewards/margins", "eval_strategy": "steps", "val_size": 0.1 }),
        json!({ "finetuning_type": "full", "use_galore": true, "galore_target": "q_proj,mlp" }),
        // supervised training may be scored on pairs
        json!({ "stage": "sft", "dataset": "demo_sft", "eval_dataset": "demo_en", "eval_strategy": "steps", "val_size": 0.0 }),
        json!({ "finetuning_type": "oft", "oft_block_size": 8, "oft_target": "q_proj,v_proj", "additional_target": "lm_head" }),
        json!({ "model_name_or_path": path("models/llama"), "template": "chatml", "finetuning_type": "oft",
                "adapter_name_or_path": path("models/llama/oft-adapter") }),
        json!({ "model_name_or_path": path("quant/llama-nf4"), "template": "chatml" }),
        json!({ "model_name_or_path": path("models/mixtral"), "template": "chatml", "lora_target": "all" }),
        json!({ "model_name_or_path": path("quant/llama-gguf-k"), "template": "chatml" }),
        json!({ "stage": "ppo", "dataset": "demo_sft", "reward_model": scorer, "reward_model_type": "full",
                "model_name_or_path": path("models/qwen2"), "template": "chatml" }),
    ] {
        let checked = board.post("/api/check", json!({ "config": config(&keys) })).await;
        assert_eq!(checked["errors"], json!([]), "{keys}");
    }
}

#[tokio::test]
async fn more_rows_held_out_than_there_are_is_told_before_the_run() {
    let board = Board::start();
    let keys = json!({ "val_size": 4000.0 });
    let checked = board.post("/api/check", json!({ "config": config(&keys) })).await;
    let error = &checked["errors"][0];
    assert_eq!(
        (&error["field"], &error["code"], &error["args"][0]),
        (&json!("val_size"), &json!("holds_out_all"), &json!("4000")),
        "{checked}"
    );
}

#[tokio::test]
async fn a_system_message_that_begins_with_a_dash_is_measured_as_any_other() {
    let board = Board::start();
    let keys = json!({ "default_system": "--be brief" });
    let checked = board.post("/api/check", json!({ "config": config(&keys) })).await;
    assert_eq!(checked["errors"], json!([]));
    assert!(!checked["lengths"].is_null(), "{checked}");
}

#[tokio::test]
async fn a_hub_that_does_not_answer_is_no_fault_of_the_config() {
    let board = Board::start();
    let place = tempfile::tempdir().expect("a folder");
    // nothing listens there
    let nowhere = "http://127.0.0.1:9";
    for (verb, code) in [("corral-trainer check", 1), ("corral train", 1)] {
        let (name, verb) = verb.split_once(' ').expect("a program and its verb");
        let mut command = Command::new(program(name));
        command.arg(verb).arg("template=chatml").arg("model_name_or_path=a/b");
        command.arg(format!("dataset_dir={}", root().join("assets/demo/data").display()));
        command.arg("dataset=demo_sft").arg("stage=sft");
        command.arg(format!("output_dir={}", place.path().join("run").display()));
        command.env("DATA_DIR", &board.data_dir);
        command.env("HF_ENDPOINT", nowhere).env("HF_HOME", place.path());
        command.env_remove("HF_HUB_OFFLINE").env_remove("HF_HUB_CACHE");
        let ended = command.output().expect("it ends");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(code), "{name} {verb}: {said}");
        assert!(said.contains("a/b"), "{said}");
    }
}

#[tokio::test]
async fn a_few_steps_tell_how_long_a_run_takes_and_leave_nothing() {
    let board = Board::start();
    let mut config = demo_config();
    config["max_steps"] = 400.into();
    let asked = json!({ "config": config });
    let told = board.post("/api/check", asked.clone()).await["forecast"].clone();
    assert_eq!(told["seconds"], Value::Null, "{told}");
    let probed = board.post("/api/probe", asked.clone()).await;
    assert!(
        probed["tokens_per_second"].as_f64().is_some_and(|speed| speed > 0.0),
        "{probed}"
    );
    assert_eq!(probed["device"], "cpu");
    let told = board.post("/api/check", asked.clone()).await["forecast"].clone();
    assert!(told["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0), "{told}");
    assert_eq!((&told["like"], &told["rough"]), (&json!(""), &json!(false)));
    assert!(!board.data_dir.join(".probe").exists());
    assert_eq!(board.get("/api/runs").await, json!([]));
    // beside a run that goes it would tell less than the truth
    let run = board.start_run(json!({ "max_steps": 100_000 })).await;
    board
        .wait_for(&run, |row| row["step"].as_u64().is_some_and(|step| step > 0))
        .await;
    let (status, problem) = board.call(Method::POST, "/api/probe", asked).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::CONFLICT, &json!("probe_beside_run"))
    );
    board.post(&format!("/api/runs/{run}/stop"), json!("now")).await;
    board.wait_over(&run).await;
    let (status, _) = board
        .call(
            Method::POST,
            "/api/probe",
            json!({ "config": { "model_name_or_path": "nowhere" } }),
        )
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}
