//! Checkpoints of several runs made one: what stands against it by name, the run that comes of it, and its stop.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use tests::Board;
use tests::programs::program;

/// A run of one step that is named; gives its directory.
async fn run(board: &Board, name: &str, mut keys: Value) -> PathBuf {
    keys["run_name"] = name.into();
    for (key, value) in [
        ("max_steps", json!(1)),
        ("save_steps", json!(1)),
        ("eval_strategy", json!("no")),
        ("val_size", json!(0.0)),
    ] {
        keys[key] = value;
    }
    let id = board.start_run(keys).await;
    assert_eq!(board.wait_over(&id).await["state"], "completed", "{name}");
    let detail = board.get(&format!("/api/runs/{id}")).await;
    PathBuf::from(detail["directory"].as_str().expect("a path"))
}

/// Starts a merge, and gives its run's id with how it ended.
async fn combined(board: &Board, asked: Value) -> (String, Value) {
    let mut live = board.live().await;
    let begun = board.post("/api/combine", asked).await;
    let run = begun["run"].as_str().expect("an id").to_owned();
    let ended = |m: &Value| m["type"] == "merge" && m["run"] == *run && m["merge"]["state"] != "going";
    let merge = live.until(ended).await["merge"].clone();
    (run, merge)
}

/// What is left of merges in a folder.
fn undone(folder: &std::path::Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names
        .filter(|name| name.contains("combining") || name.contains("merging"))
        .collect()
}

#[tokio::test]
async fn checkpoints_of_two_runs_become_a_run_that_talks_and_goes_out() {
    let board = Board::start();
    let a = run(&board, "a", json!({ "learning_rate": 1e-3 })).await;
    let b = run(&board, "b", json!({ "learning_rate": 4e-3 })).await;
    let mut asked = json!({
        "from": ["a/checkpoint-1", "b/checkpoint-1"], "method": "ties", "weights": [0.7, 0.3], "density": 0.4, "name": "both",
    });
    let plan = board.post("/api/combine/plan", asked.clone()).await;
    let size = fs::metadata(a.join("checkpoint-1/adapter_model.safetensors"))
        .expect("weights")
        .len();
    let bytes = plan["bytes"].as_u64().expect("a size");
    assert!(
        plan["adapter"] == true && bytes < size && bytes > size * 9 / 10,
        "{plan}, not {size}"
    );
    assert!(plan["free"].as_u64() > Some(0), "{plan}");

    let (id, merge) = combined(&board, asked.clone()).await;
    assert_eq!(
        (&merge["state"], &merge["bytes"]),
        (&json!("done"), &json!(bytes)),
        "{merge}"
    );
    let row = board.wait_over(&id).await;
    assert_eq!(
        (&row["name"], &row["state"], &row["checkpoints"]),
        (&json!("both"), &json!("completed"), &json!(1)),
        "{row}"
    );
    // what the command line makes of the same
    let out = board.data_dir.join("by-hand");
    let status = Command::new(program("corral-trainer"))
        .args(["merge", "--method=ties", "--weights=0.7,0.3", "--density=0.4", "--out"])
        .arg(&out)
        .args([a.join("checkpoint-1"), b.join("checkpoint-1")])
        .status();
    assert!(status.expect("corral-trainer").success());
    let detail = board.get(&format!("/api/runs/{id}")).await;
    let directory = PathBuf::from(detail["directory"].as_str().expect("a path"));
    let weights = |folder: PathBuf| fs::read(folder.join("adapter_model.safetensors")).expect("weights");
    assert!(weights(directory.join("checkpoint-0")) == weights(out));
    assert!(
        detail["notices"]
            .to_string()
            .contains("0.7 × a/checkpoint-1, 0.3 × b/checkpoint-1"),
        "{detail}"
    );

    // it is a model, talks, goes out, and can be merged again
    let models = board.get("/api/models").await;
    let ids: Vec<_> = models
        .as_array()
        .expect("a list")
        .iter()
        .map(|model| &model["id"])
        .collect();
    assert!(ids.contains(&&json!("both/checkpoint-0")), "{ids:?}");
    let said = json!({ "model": "both", "max_tokens": 4, "messages": [{ "role": "user", "content": "Hello" }] });
    let answer = board.post("/v1/chat/completions", said).await;
    assert!(answer["usage"]["completion_tokens"].as_u64() > Some(0), "{answer}");
    let mut live = board.live().await;
    board.post(&format!("/api/runs/{id}/merge"), json!({})).await;
    let exported = live
        .until(|m| m["type"] == "merge" && m["merge"]["state"] != "going")
        .await;
    assert_eq!(exported["merge"]["state"], "done", "{exported}");
    for what in ["merged", "adapter"] {
        let path = format!("/api/runs/{id}/archive?what={what}");
        assert_eq!(
            board.call(Method::GET, &path, Value::Null).await.0,
            StatusCode::OK,
            "{what}"
        );
    }
    let (status, problem) = board
        .call(Method::POST, &format!("/api/runs/{id}/resume"), json!({}))
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::CONFLICT, &json!("combine_no_training")),
        "{problem}"
    );
    let (status, problem) = board.call(Method::POST, "/api/combine", asked.clone()).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::CONFLICT, &json!("run_name_taken")),
        "{problem}"
    );
    asked["from"] = json!(["both", "b"]);
    asked["name"] = Value::Null;
    assert_eq!(combined(&board, asked).await.1["state"], "done");
    assert_eq!(undone(&board.data_dir.join("runs")), Vec::<String>::new());
}

#[tokio::test]
async fn what_stands_against_a_merge_is_said_by_name_before() {
    let board = Board::start();
    run(&board, "a", json!({})).await;
    run(&board, "small", json!({ "lora_rank": 2 })).await;
    run(
        &board,
        "whole",
        json!({ "finetuning_type": "full", "pref_loss": "simpo" }),
    )
    .await;
    run(&board, "turned", json!({ "finetuning_type": "oft" })).await;
    let other = board.data_dir.join("models/other");
    crate::run_dirs::copy(&board.data_dir.join("demo/model"), &other);
    run(&board, "elsewhere", json!({ "model_name_or_path": "other" })).await;
    for (from, method, says) in [
        (vec!["a/checkpoint-1"], "ties", vec!["two or more"]),
        (
            vec!["a/checkpoint-1", "small/checkpoint-1"],
            "linear",
            vec!["small/checkpoint-1", "ranks"],
        ),
        (
            vec!["a/checkpoint-1", "whole/checkpoint-1"],
            "linear",
            vec!["whole/checkpoint-1", "models with models"],
        ),
        (
            vec!["a/checkpoint-1", "elsewhere/checkpoint-1"],
            "task_arithmetic",
            vec!["elsewhere/checkpoint-1", "models/other"],
        ),
        (
            vec!["a/checkpoint-1", "turned/checkpoint-1"],
            "task_arithmetic",
            vec!["turned/checkpoint-1", "OFT"],
        ),
        (
            vec!["a/checkpoint-1", "none/checkpoint-1"],
            "linear",
            vec!["none/checkpoint-1"],
        ),
        (vec!["a/checkpoint-1", "a/checkpoint-9"], "linear", vec!["checkpoint-9"]),
        (
            vec!["a/checkpoint-1", "small/checkpoint-1"],
            "mean",
            vec!["`mean` is not one of"],
        ),
    ] {
        let asked = json!({ "from": from, "method": method });
        for path in ["/api/combine/plan", "/api/combine"] {
            let (status, problem) = board.call(Method::POST, path, asked.clone()).await;
            let detail = problem["detail"].to_string();
            assert!(status.is_client_error(), "{asked}: {status} {problem}");
            assert!(says.iter().all(|word| detail.contains(word)), "{asked}: {problem}");
            assert!(!detail.contains("/runs/"), "{asked}: {problem}");
        }
    }
    // models merge what training changed of their base, which is named for them
    run(
        &board,
        "whole-2",
        json!({ "finetuning_type": "full", "pref_loss": "simpo", "learning_rate": 4e-3 }),
    )
    .await;
    let asked = json!({ "from": ["whole/checkpoint-1", "whole-2/checkpoint-1"], "method": "dare_ties" });
    let plan = board.post("/api/combine/plan", asked.clone()).await;
    assert!(plan["adapter"] == false && plan["bytes"].as_u64() > Some(0), "{plan}");
    let (id, merge) = combined(&board, asked).await;
    assert_eq!(merge["state"], "done", "{merge}");
    assert_eq!(board.wait_over(&id).await["name"], "merged-dare_ties");
}

#[tokio::test]
async fn a_merge_that_is_stopped_leaves_nothing() {
    let board = Board::start();
    let a = run(&board, "a", json!({})).await;
    run(&board, "b", json!({})).await;
    let runs = board.data_dir.join("runs");
    let asked = json!({ "from": ["a", "b"], "method": "svd" });
    let mut live = board.live().await;
    let begun = board.post("/api/combine", asked.clone()).await;
    let id = begun["run"].as_str().expect("an id").to_owned();
    assert_eq!(board.get(&format!("/api/runs/{id}/merge")).await["state"], "going");
    let (status, problem) = board.call(Method::POST, "/api/combine", asked.clone()).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::CONFLICT, &json!("combine_going")),
        "{problem}"
    );
    let stopped = |id: &str| {
        let id = id.to_owned();
        move |m: &Value| m["type"] == "merge" && m["run"] == id && m["merge"]["state"] != "going"
    };
    let path = format!("/api/runs/{id}/merge");
    assert!(board.call(Method::DELETE, &path, Value::Null).await.0.is_success());
    assert_eq!(live.until(stopped(&id)).await["merge"]["state"], "none");
    assert_eq!((undone(&runs), runs.join(&id).exists()), (vec![], false));
    // the export of a run, too; and asked again, both are made
    let rows = board.get("/api/runs").await;
    let row = rows.as_array().into_iter().flatten().find(|row| row["name"] == "a");
    let run = row.expect("the run")["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/runs/{run}/merge");
    assert_eq!(board.post(&path, json!({})).await["state"], "going");
    assert!(board.call(Method::DELETE, &path, Value::Null).await.0.is_success());
    assert_eq!(live.until(stopped(&run)).await["merge"]["state"], "none");
    assert_eq!((undone(&a), a.join("merged").exists()), (vec![], false));
    assert_eq!(board.get(&path).await["state"], "none");
    assert_eq!(board.post(&path, json!({})).await["state"], "going");
    assert_eq!(live.until(stopped(&run)).await["merge"]["state"], "done");
    assert_eq!(combined(&board, asked).await.1["state"], "done");
    // of a run that never was there is nothing to stop
    let path = "/api/runs/nothing/merge";
    assert_eq!(
        board.call(Method::DELETE, path, Value::Null).await.0,
        StatusCode::NOT_FOUND
    );
}
