//! What is deleted can be taken back: runs, checkpoints, configurations, sweeps; what something works with is not deleted.

use super::run_dirs::{directory, short};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Board;
use tests::api::demo_config;

async fn delete(board: &Board, path: &str) -> Value {
    let (status, gone) = board.call(Method::DELETE, path, Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{path}: {gone}");
    gone
}

async fn restore(board: &Board, gone: &Value) {
    let id = gone["id"].as_str().expect("an id");
    board.post(&format!("/api/trash/{id}/restore"), Value::Null).await;
}

/// The names of a list.
async fn names(board: &Board, path: &str, key: &str) -> Vec<String> {
    let list = board.get(path).await;
    let list = list.as_array().expect("a list").iter();
    list.map(|one| one[key].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn runs_and_checkpoints_come_back_as_they_were_and_what_is_used_stays() {
    let board = Board::start();
    let mut keys = short();
    keys["run_name"] = json!("mine of old");
    let run = board.start_run(keys).await;
    board.wait_over(&run).await;
    let place = directory(&board, &run).await;
    let folder = place.file_name().expect("a name").to_string_lossy().into_owned();
    assert!(folder.starts_with("mine-of-old-"), "{folder}");
    let note = json!({ "note": "kept", "name": "mine" });
    board.call(Method::PATCH, &format!("/api/runs/{run}"), note).await;
    // a run that goes needs the checkpoint
    let user = json!({
        "run_name": "user", "adapter_name_or_path": "mine/checkpoint-2", "max_steps": 100_000, "eval_strategy": "no", "val_size": 0.0
    });
    let user = board.start_run(user).await;
    board.wait_for(&user, |row| row["state"] == "running").await;
    let (status, said) = board
        .call(Method::DELETE, "/api/models/mine%2Fcheckpoint-2", Value::Null)
        .await;
    assert_eq!((status, &said["code"]), (StatusCode::CONFLICT, &json!("model_in_use")));
    assert!(
        said["detail"].as_str().is_some_and(|why| why.contains("the run user")),
        "{said}"
    );
    board.post(&format!("/api/runs/{user}/stop"), json!("now")).await;
    board.wait_over(&user).await;
    let gone = delete(&board, "/api/models/mine%2Fcheckpoint-2").await;
    assert!(!place.join("checkpoint-2").exists() && place.join("checkpoint-1").is_dir());
    assert!(gone["bytes"].as_u64() > Some(1000), "{gone}");
    // its run goes as well, and comes back first
    let whole = delete(&board, &format!("/api/runs/{run}?undo=true")).await;
    assert!(!place.exists());
    assert_eq!(names(&board, "/api/runs", "id").await, [user]);
    let disk = board.get("/api/disk").await;
    let both = gone["bytes"].as_u64().unwrap_or(0) + whole["bytes"].as_u64().unwrap_or(0);
    assert!(
        disk["trash"].as_u64() >= Some(both) && disk["bytes"].as_u64() > disk["trash"].as_u64(),
        "{disk}"
    );
    let early = gone["id"].as_str().expect("an id");
    let (status, said) = board
        .call(Method::POST, &format!("/api/trash/{early}/restore"), Value::Null)
        .await;
    assert_eq!(
        (status, &said["code"]),
        (StatusCode::CONFLICT, &json!("trash_place_gone"))
    );
    restore(&board, &whole).await;
    let row = board.wait_for(&run, |row| row["state"] == "completed").await;
    assert_eq!(
        (&row["name"], &row["note"], &row["step"]),
        (&json!("mine"), &json!("kept"), &json!(2))
    );
    restore(&board, &gone).await;
    assert!(place.join("checkpoint-2").is_dir());
    assert!(
        names(&board, "/api/models", "id")
            .await
            .contains(&"mine/checkpoint-2".to_owned())
    );
    assert_eq!(board.get("/api/trash").await, json!([]));
}

#[tokio::test]
async fn a_config_has_one_name_and_a_sweep_is_gone_on_with_and_deleted_whole() {
    let board = Board::start();
    let config = json!({ "text": "stage: dpo\npref_loss: simpo\n" });
    let (status, saved) = board.call(Method::PUT, "/api/configs/for%20sim", config.clone()).await;
    assert_eq!(
        (status, &saved["parsed"]["config"]["pref_loss"]),
        (StatusCode::OK, &json!("simpo"))
    );
    let (status, said) = board.call(Method::PUT, "/api/configs/for%20sim", config).await;
    assert_eq!((status, &said["code"]), (StatusCode::CONFLICT, &json!("config_taken")));
    let wrong = json!({ "text": "pref_bta: 1\n" });
    let (status, said) = board.call(Method::PUT, "/api/configs/wrong", wrong).await;
    assert_eq!(
        (status, &said["errors"][0]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("pref_bta"))
    );
    let text = board.text("/api/configs/for%20sim").await;
    assert_eq!(text, "stage: dpo\npref_loss: simpo\noutput_dir: saves/for sim\n");
    let gone = delete(&board, "/api/configs/for%20sim").await;
    assert_eq!(board.get("/api/configs").await, json!([]));
    restore(&board, &gone).await;
    assert_eq!(names(&board, "/api/configs", "name").await, ["for sim"]);

    let mut base = demo_config();
    base["max_steps"] = json!(100_000);
    let values = json!({ "key": "pref_beta", "values": { "list": [0.1, 0.3] } });
    let asked = json!({ "config": base, "sweep": { "parameters": [values], "metric": "preference/margins" } });
    let made = board.post("/api/sweeps", asked).await;
    let id = made["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/sweeps/{id}");
    let mut live = board.live().await;
    let mut stopped = async || {
        loop {
            let told = board.get(&path).await;
            let runs = told["runs"].as_array().expect("runs");
            if runs.len() == 2 && runs.iter().any(|run| run["state"] == "running") {
                break;
            }
            live.until(|message| message["type"] == "run").await;
        }
        board.post(&format!("{path}/stop"), Value::Null).await;
        loop {
            let told = board.get(&path).await;
            if told["summary"]["state"] == "stopped" {
                return told;
            }
            live.until(|message| message["type"] == "run").await;
        }
    };
    stopped().await;
    let again = board.post(&format!("{path}/resume"), Value::Null).await;
    assert_eq!(again["state"], "going", "{again}");
    let (status, said) = board.call(Method::POST, &format!("{path}/resume"), Value::Null).await;
    assert_eq!(
        (status, &said["code"]),
        (StatusCode::CONFLICT, &json!("sweep_nothing_left"))
    );
    let before = stopped().await;
    let gone = delete(&board, &path).await;
    assert_eq!(board.get("/api/runs").await, json!([]));
    assert_eq!(
        board.call(Method::GET, &path, Value::Null).await.0,
        StatusCode::NOT_FOUND
    );
    restore(&board, &gone).await;
    let run = before["runs"][0]["id"].as_str().expect("an id");
    board.wait_over(run).await;
    let after = board.get(&path).await;
    let points = |told: &Value| {
        told["runs"]
            .as_array()
            .expect("runs")
            .iter()
            .map(|run| run["point"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(points(&after), points(&before));
    assert_eq!(after["summary"]["name"], before["summary"]["name"]);
}
