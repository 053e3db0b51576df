//! Going on with runs that ended, and what they say when there is nothing to go on from.

use std::fs;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Board;

use crate::run_dirs::{copy, detail, directory, events, short, stopped};

#[tokio::test]
async fn resume_against_delete_leaves_a_whole_run_or_none() {
    let board = Board::start();
    let first = stopped(&board).await;
    let original = directory(&board, &first).await;
    for round in 0..8 {
        let name = format!("round-{round}");
        let directory = board.data_dir.join("runs").join(&name);
        copy(&original, &directory);
        // a copy that says nothing of itself
        let _ = fs::remove_file(directory.join("board.json"));
        let (status, row) = board
            .call(Method::POST, "/api/runs/adopt", json!({ "path": directory }))
            .await;
        let id = match status {
            StatusCode::CREATED => row["id"].as_str().expect("an id").to_owned(),
            _ => {
                let rows = board.get("/api/runs").await;
                let newest = rows
                    .as_array()
                    .expect("rows")
                    .iter()
                    .max_by_key(|r| r["id"].as_str().map(str::to_owned));
                newest.expect("a row")["id"].as_str().expect("an id").to_owned()
            }
        };
        board.wait_over(&id).await;
        let (resume, delete) = (format!("/api/runs/{id}/resume"), format!("/api/runs/{id}?files=true"));
        let (resumed, deleted) = tokio::join!(
            board.call(Method::POST, &resume, Value::Null),
            board.call(Method::DELETE, &delete, Value::Null)
        );
        match deleted.0 {
            StatusCode::NO_CONTENT => {
                assert!(!directory.exists());
                let (status, _) = board.call(Method::GET, &format!("/api/runs/{id}"), Value::Null).await;
                assert_eq!(status, StatusCode::NOT_FOUND);
            }
            StatusCode::CONFLICT => {
                assert_eq!(resumed.0, StatusCode::OK, "{resumed:?} {deleted:?}");
                assert!(directory.join("config.yaml").is_file());
                board
                    .call(Method::POST, &format!("/api/runs/{id}/stop"), json!("now"))
                    .await;
                board.wait_over(&id).await;
            }
            _ => panic!("{resumed:?} {deleted:?}"),
        }
    }
}

#[tokio::test]
async fn a_damaged_checkpoint_is_told_of_and_the_one_before_it_is_offered() {
    let board = Board::start();
    let run = stopped(&board).await;
    let place = directory(&board, &run).await;
    let mut steps: Vec<u64> = fs::read_dir(&place)
        .expect("a folder")
        .flatten()
        .filter_map(|e| e.file_name().to_str()?.strip_prefix("checkpoint-")?.parse().ok())
        .collect();
    steps.sort_unstable();
    let (newest, before) = (steps[steps.len() - 1], steps[steps.len() - 2]);
    let weights = place.join(format!("checkpoint-{newest}/adapter_model.safetensors"));
    let bytes = fs::read(&weights).expect("weights");
    fs::write(&weights, &bytes[..bytes.len() / 2]).expect("cut");
    let resume = format!("/api/runs/{run}/resume");
    let (status, answer) = board.call(Method::POST, &resume, Value::Null).await;
    assert_eq!(
        (status, &answer["code"]),
        (StatusCode::CONFLICT, &json!("broken_checkpoint"))
    );
    assert_eq!(answer["args"][0], format!("checkpoint-{newest}"));
    assert_eq!(answer["args"][2], format!("checkpoint-{before}"));
    let (status, _) = board
        .call(Method::POST, &format!("{resume}?from=checkpoint-{newest}"), Value::Null)
        .await;
    assert_eq!(status, StatusCode::CONFLICT);
    let (status, _) = board
        .call(Method::POST, &format!("{resume}?from=../x"), Value::Null)
        .await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    board
        .post(&format!("{resume}?from=checkpoint-{before}"), Value::Null)
        .await;
    board
        .wait_for(&run, |row| {
            row["state"] == "running" && row["step"].as_u64() > Some(newest)
        })
        .await;
    board.post(&format!("/api/runs/{run}/stop"), json!("now")).await;
    board.wait_over(&run).await;
    let text = String::from_utf8(events(&place)).expect("text");
    assert!(
        text.contains(&format!("\"resumed_from\":{before}")),
        "it went on from checkpoint-{before}"
    );
}

#[tokio::test]
async fn a_run_resumed_at_once_goes_before_those_that_wait() {
    let board = Board::start();
    let run = stopped(&board).await;
    let long = json!({ "max_steps": 100_000, "eval_strategy": "no", "val_size": 0.0, "save_strategy": "no" });
    let going = board.start_run(long).await;
    board.wait_for(&going, |row| row["state"] == "running").await;
    let waiting = board.start_run(short()).await;
    let row = board.post(&format!("/api/runs/{run}/resume"), Value::Null).await;
    assert_eq!(row["queue_position"], 1, "{row}");
    let row = detail(&board, &waiting).await["summary"].clone();
    assert_eq!(row["queue_position"], 2);
}

#[tokio::test]
async fn a_run_that_never_began_and_one_without_results_say_so() {
    let board = Board::start();
    let long = json!({ "max_steps": 100_000, "eval_strategy": "no", "val_size": 0.0, "save_strategy": "no" });
    let first = board.start_run(long).await;
    let queued = board.start_run(json!({})).await;
    let behind = board.start_run(json!({})).await;
    board.wait_for(&first, |row| row["step"].as_u64() >= Some(2)).await;
    let row = board.post(&format!("/api/runs/{queued}/stop"), json!("now")).await;
    assert_eq!(
        (&row["state"], &row["code"]),
        (&json!("stopped"), &json!("never_began"))
    );
    assert_eq!((&row["checkpoints"], &row["started"]), (&json!(0), &Value::Null));
    board.post(&format!("/api/runs/{first}/stop"), json!("now")).await;
    let row = board.wait_over(&first).await;
    assert_eq!(
        (&row["checkpoints"], &row["evaluated"]),
        (&json!(0), &Value::Null),
        "{row}"
    );
    let row = board.wait_over(&behind).await;
    assert_eq!(
        (&row["checkpoints"], &row["evaluated"]),
        (&json!(2), &json!(6)),
        "{row}"
    );
}

#[tokio::test]
async fn a_checkpoint_of_the_model_alone_is_no_damaged_one() {
    let board = Board::start();
    let keys =
        json!({ "max_steps": 4000, "save_steps": 2, "save_only_model": true, "eval_strategy": "no", "val_size": 0.0 });
    let run = board.start_run(keys).await;
    board.wait_for(&run, |row| row["step"].as_u64() >= Some(4)).await;
    board.post(&format!("/api/runs/{run}/stop"), json!("save")).await;
    let row = board.wait_over(&run).await;
    let (status, answer) = board
        .call(Method::POST, &format!("/api/runs/{run}/resume"), Value::Null)
        .await;
    assert_eq!(
        (status, &answer["code"]),
        (StatusCode::CONFLICT, &json!("model_only_checkpoint")),
        "{answer}"
    );
    // what the sentence says can be done
    let mut config = tests::api::demo_config();
    config["model_name_or_path"] = row["name"].clone();
    let checked = board.post("/api/check", json!({ "config": config })).await;
    assert_eq!(checked["errors"], json!([]), "{checked}");
}
