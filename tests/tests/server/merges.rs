//! Merged checkpoints: always the weights of the checkpoint that was asked for, whoever asks and whatever is killed.

use std::fs;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Board;

/// A run of two checkpoints; gives its id and its directory.
async fn run(board: &Board) -> (String, String) {
    let keys = json!({ "max_steps": 4, "save_steps": 2, "eval_strategy": "no", "val_size": 0.0 });
    let run = board.start_run(keys).await;
    assert_eq!(board.wait_over(&run).await["state"], "completed");
    let detail = board.get(&format!("/api/runs/{run}")).await;
    (run, detail["directory"].as_str().expect("a path").to_owned())
}

/// Merges a checkpoint to the end; gives the merged weights.
async fn merged(board: &Board, run: &str, directory: &str, checkpoint: &str) -> Vec<u8> {
    let mut live = board.live().await;
    let ended = |m: &Value| m["type"] == "merge" && m["run"] == run && m["merge"]["state"] != "going";
    let path = format!("/api/runs/{run}/merge");
    loop {
        let asked = json!({ "checkpoint": checkpoint });
        let (status, answer) = board.call(Method::POST, &path, asked).await;
        if answer["code"] == "merging_another" {
            live.until(ended).await;
            continue;
        }
        assert!(status.is_success(), "{status} {answer}");
        if answer["state"] != "done" {
            let said = live.until(ended).await;
            assert_eq!(said["merge"]["state"], "done", "{said}");
            if said["merge"]["checkpoint"] != checkpoint {
                continue; // another's end, which was on its way
            }
        }
        break;
    }
    fs::read(format!("{directory}/merged/model.safetensors")).expect("merged weights")
}

#[tokio::test]
async fn a_merge_is_of_its_checkpoint_also_after_a_server_was_killed_in_the_middle_of_another() {
    let mut board = Board::start();
    let (run, directory) = run(&board).await;
    let first = merged(&board, &run, &directory, "checkpoint-2").await;
    let second = merged(&board, &run, &directory, "checkpoint-4").await;
    assert_ne!(first, second);
    // asked again it is there already, and asked for the other it is made
    assert_eq!(merged(&board, &run, &directory, "checkpoint-4").await, second);
    assert_eq!(merged(&board, &run, &directory, "checkpoint-2").await, first);
    for round in 0..6 {
        let mut live = board.live().await;
        board
            .post(
                &format!("/api/runs/{run}/merge"),
                json!({ "checkpoint": "checkpoint-4" }),
            )
            .await;
        // killed at its start, on its way, and at its very end
        live.until(|m| {
            let (done, total) = (m["merge"]["done"].as_u64(), m["merge"]["total"].as_u64());
            let near = match round % 3 {
                0 => m["merge"]["state"] == "going",
                1 => done > Some(0),
                _ => total > Some(0) && done == total,
            };
            m["type"] == "merge" && (near || m["merge"]["state"] == "done")
        })
        .await;
        board.kill();
        // the orphan goes on to its end, whatever that is
        while !board.workers().is_empty() {
            std::thread::yield_now();
        }
        board.launch();
        assert_eq!(
            merged(&board, &run, &directory, "checkpoint-2").await,
            first,
            "round {round}"
        );
    }
    // nothing that is not done is left, and the archive is what it says
    let left: Vec<String> = fs::read_dir(&directory)
        .expect("the run directory")
        .flatten()
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .filter(|name| name.contains("merging"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[tokio::test]
async fn many_who_ask_at_once_get_one_merge() {
    let board = Board::start();
    let (run, directory) = run(&board).await;
    let first = merged(&board, &run, &directory, "checkpoint-2").await;
    for round in 0..3 {
        let mut live = board.live().await;
        let path = format!("/api/runs/{run}/merge");
        let ask = |n: usize| {
            let checkpoint = ["checkpoint-4", "checkpoint-2"][n % 2];
            board.call(Method::POST, &path, json!({ "checkpoint": checkpoint }))
        };
        let answers = futures::future::join_all((0..20).map(ask)).await;
        for (status, answer) in &answers {
            let refused = *status == StatusCode::CONFLICT && answer["code"] == "merging_another";
            assert!(status.is_success() || refused, "round {round}: {status} {answer}");
        }
        if answers.iter().any(|(_, answer)| answer["state"] == "going") {
            let ended = |m: &Value| m["type"] == "merge" && m["merge"]["state"] != "going";
            assert_eq!(live.until(ended).await["merge"]["state"], "done");
        }
        assert_eq!(
            merged(&board, &run, &directory, "checkpoint-2").await,
            first,
            "round {round}"
        );
    }
    let (status, _) = board
        .call(
            Method::POST,
            &format!("/api/runs/{run}/merge"),
            json!({ "checkpoint": "config.yaml" }),
        )
        .await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    for what in ["config.yaml", "events.jsonl", "checkpoint-9", "merged"] {
        let path = format!("/api/runs/{run}/archive?what=adapter&checkpoint={what}");
        assert_eq!(
            board.call(Method::GET, &path, Value::Null).await.0,
            StatusCode::NOT_FOUND,
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_checkpoint_made_anew_is_merged_anew_and_a_failed_merge_hides_no_whole_one() {
    let board = Board::start();
    let (run, directory) = run(&board).await;
    let first = merged(&board, &run, &directory, "checkpoint-2").await;
    let second = merged(&board, &run, &directory, "checkpoint-4").await;
    // other weights under the same name
    let (old, new) = (format!("{directory}/checkpoint-2"), format!("{directory}/checkpoint-4"));
    fs::remove_dir_all(&new).expect("removed");
    crate::run_dirs::copy(old.as_ref(), new.as_ref());
    assert_eq!(merged(&board, &run, &directory, "checkpoint-4").await, first);
    assert_ne!(first, second);

    let weights = format!("{old}/adapter_model.safetensors");
    let bytes = fs::read(&weights).expect("weights");
    fs::write(&weights, &bytes[..bytes.len() / 2]).expect("half of it");
    let mut live = board.live().await;
    let path = format!("/api/runs/{run}/merge");
    board.post(&path, json!({ "checkpoint": "checkpoint-2" })).await;
    let ended = |m: &Value| m["type"] == "merge" && m["run"] == run && m["merge"]["state"] != "going";
    let said = live.until(ended).await["merge"].clone();
    assert_eq!(
        (&said["state"], &said["code"], &said["earlier"]),
        (&json!("failed"), &json!("merge_failed"), &json!("checkpoint-4")),
        "{said}"
    );
    // the one before is there, and is given at once
    let done = board.post(&path, json!({ "checkpoint": "checkpoint-4" })).await;
    assert_eq!(
        (&done["state"], &done["checkpoint"]),
        (&json!("done"), &json!("checkpoint-4"))
    );
    assert_eq!(board.get(&path).await["state"], "done");
    assert_eq!(
        fs::read(format!("{directory}/merged/model.safetensors")).expect("weights"),
        first
    );
}

#[tokio::test]
async fn a_checkpoint_goes_out_as_a_gguf_file_beside_the_merged_folder() {
    let board = Board::start();
    let (run, directory) = run(&board).await;
    let merged = merged(&board, &run, &directory, "checkpoint-4").await;
    let path = format!("/api/runs/{run}/merge");
    let refused = json!({ "form": { "format": "gguf", "dtype": "q9" } });
    let (status, answer) = board.call(Method::POST, &path, refused).await;
    assert!(
        status == StatusCode::BAD_REQUEST && answer["detail"].to_string().contains("q4_k_m"),
        "{answer}"
    );
    let mut live = board.live().await;
    let form = json!({ "format": "gguf", "dtype": "q8_0" });
    board
        .post(&path, json!({ "checkpoint": "checkpoint-4", "form": form }))
        .await;
    let ended = |m: &Value| m["type"] == "merge" && m["run"] == run && m["merge"]["state"] != "going";
    let said = live.until(ended).await;
    assert_eq!(
        (&said["merge"]["state"], &said["merge"]["form"]),
        (&json!("done"), &form),
        "{said}"
    );
    let names: Vec<String> = fs::read_dir(format!("{directory}/exported"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert!(
        names.iter().any(|name| name.ends_with("-Q8_0.gguf")) && names.contains(&"Modelfile".to_owned()),
        "{names:?}"
    );
    assert_eq!(
        fs::read(format!("{directory}/merged/model.safetensors")).expect("weights"),
        merged
    );
}
