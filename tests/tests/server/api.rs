//! Runs through the REST API and the live socket of the real server, with the real trainer.

use std::fs;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Board;
use tests::api::{demo_config, is_over};

fn lines(path: &str) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("the run has events");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("an event"))
        .collect()
}

#[tokio::test]
async fn a_run_goes_from_config_to_curves_checkpoints_and_an_end() {
    let board = Board::start();
    let mut live = board.live().await;
    let run = board.start_run(json!({})).await;
    live.follow(&run, 0).await;
    let events = live.events_to_end(&run).await;
    let row = board.wait_over(&run).await;
    assert_eq!(row["state"], "completed", "{row}");
    assert_eq!(row["name"], "demo-dpo-1");
    assert_eq!((&row["step"], &row["total_steps"]), (&json!(6), &json!(6)));
    assert!(row["baseline"]["preference/accuracies"].is_number(), "{row}");
    assert!(row["latest"]["eval_loss"].is_number(), "{row}");
    assert!(row["peak_memory"].as_u64().expect("measured") > 10 << 20);
    assert!(!row["spark"].as_array().expect("a sparkline").is_empty());

    // the socket gave every line of the file, in order, as it stands there
    let detail = board.get(&format!("/api/runs/{run}")).await;
    let file = lines(&format!(
        "{}/events.jsonl",
        detail["directory"].as_str().expect("a path")
    ));
    assert_eq!(events, file);
    let seqs: Vec<u64> = events.iter().filter_map(|e| e["seq"].as_u64()).collect();
    assert_eq!(seqs, (1..=events.len() as u64).collect::<Vec<_>>());
    assert_eq!(row["seq"], json!(events.len()));
    let page = board.get(&format!("/api/runs/{run}/events?after=2&limit=3")).await;
    assert_eq!(page["events"].as_array().expect("events"), &file[2..5]);

    // each step once, with the worker's own values
    let series = board.get(&format!("/api/runs/{run}/series")).await;
    let loss = series["series"]
        .as_array()
        .expect("series")
        .iter()
        .find(|s| s["metric"] == "loss");
    let points = loss.expect("a loss")["points"].as_array().expect("points");
    let told: Vec<Value> = file
        .iter()
        .filter(|e| e["type"] == "step")
        .map(|e| json!([e["step"], e["time"], e["metrics"]["loss"]]))
        .collect();
    assert_eq!(points, &told);
    assert_eq!(points.len(), 6);

    let names: Vec<&str> = detail["checkpoints"]
        .as_array()
        .expect("checkpoints")
        .iter()
        .filter_map(|c| c["name"].as_str())
        .collect();
    assert_eq!(names, ["checkpoint-3", "checkpoint-6"]);
    let config = detail["config_yaml"].as_str().expect("the config");
    assert!(
        config.contains("pref_loss: sigmoid") && config.contains("weight_decay"),
        "{config}"
    );
    let log = board.get(&format!("/api/runs/{run}/log")).await;
    assert_eq!(log["size"], log["next"]);

    // a page that comes late, or comes back, gets the rest
    let mut late = board.live().await;
    late.follow(&run, 4).await;
    assert_eq!(late.events_to_end(&run).await, file[4..]);
    late.until(|m| m["type"] == "caught_up" && m["seq"] == json!(file.len()))
        .await;
}

#[tokio::test]
async fn a_config_that_cannot_be_used_is_answered_with_all_its_errors() {
    let board = Board::start();
    let mut config = demo_config();
    config["model_name_or_path"] = json!("nowhere/nothing");
    config["dataset"] = json!("no_such_data");
    config["learning_rate"] = json!(-1.0);
    config["lora_rank"] = json!(0);
    let (status, problem) = board.call(Method::POST, "/api/runs", json!({ "config": config })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem["code"], "invalid_config");
    let errors = problem["errors"].as_array().expect("field errors");
    let mut fields: Vec<&str> = errors.iter().filter_map(|e| e["field"].as_str()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["dataset", "learning_rate", "lora_rank", "model_name_or_path"]);
    assert_eq!(board.get("/api/runs").await, json!([]));

    // the same judgement without making a run, and data of the wrong kind
    let checked = board.post("/api/check", json!({ "config": config })).await;
    assert_eq!(checked["errors"].as_array().map(Vec::len), Some(4), "{checked}");
    let mut config = demo_config();
    config["stage"] = json!("sft");
    let checked = board.post("/api/check", json!({ "config": config })).await;
    assert_eq!(checked["errors"][0]["code"], "wrong_kind", "{checked}");
    let good = board.post("/api/check", json!({ "config": demo_config() })).await;
    assert_eq!(
        (&good["errors"], &good["total_steps"]),
        (&json!([]), &json!(6)),
        "{good}"
    );

    let parsed = board
        .post("/api/parse", json!({ "text": "stage: dpo\nlora_rnk: 4\n" }))
        .await;
    assert_eq!(parsed["errors"][0]["code"], "unknown");
    for (path, body, code) in [
        ("/api/runs", json!({ "config": { "no_such_key": 1 } }), "bad_json"),
        ("/api/runs", json!({ "config": {}, "nme": "x" }), "bad_json"),
        ("/api/runs/nothing/merge", json!({ "from": "x" }), "bad_json"),
        ("/api/runs/nothing/stop", json!("now"), "not_found"),
        ("/api/nothing", json!({}), "not_found"),
        ("/api/system", json!({}), "method_not_allowed"),
    ] {
        let (status, problem) = board.call(Method::POST, path, body).await;
        assert_eq!(problem["code"], code, "{path}: {problem}");
        assert_eq!(problem["status"], status.as_u16());
    }
}

#[tokio::test]
async fn one_run_goes_at_a_time_and_the_others_wait_in_an_order_that_can_be_changed() {
    let board = Board::start();
    let first = board
        .start_run(json!({ "max_steps": 2000, "eval_strategy": "no", "val_size": 0.0 }))
        .await;
    let second = board.start_run(json!({})).await;
    let third = board.start_run(json!({ "run_name": "third" })).await;
    board.wait_for(&first, |row| row["state"] == "running").await;
    let place = |rows: &Value, id: &str| {
        let row = rows
            .as_array()
            .and_then(|r| r.iter().find(|r| r["id"] == id))
            .expect("the run");
        (row["state"].clone(), row["queue_position"].clone())
    };
    let rows = board.get("/api/runs").await;
    assert_eq!(place(&rows, &second), (json!("queued"), json!(1)));
    assert_eq!(place(&rows, &third), (json!("queued"), json!(2)));
    let (status, _) = board
        .call(
            Method::PATCH,
            &format!("/api/runs/{third}"),
            json!({ "queue_position": 1 }),
        )
        .await;
    assert!(status.is_success());
    let rows = board.get("/api/runs").await;
    assert_eq!((place(&rows, &third).1, place(&rows, &second).1), (json!(1), json!(2)));

    // a queued run leaves the queue; the running one ends at once, and the next starts by itself
    let stopped = board.post(&format!("/api/runs/{second}/stop"), json!("save")).await;
    assert_eq!(stopped["state"], "stopped");
    board.post(&format!("/api/runs/{first}/stop"), json!("now")).await;
    assert_eq!(board.wait_over(&first).await["state"], "stopped");
    let row = board.wait_over(&third).await;
    assert_eq!((&row["state"], &row["name"]), (&json!("completed"), &json!("third")));
    assert_eq!(board.workers(), Vec::<i32>::new());
}

#[tokio::test]
async fn stopped_with_a_checkpoint_and_resumed_a_run_has_every_step_once() {
    let board = Board::start();
    let keys = json!({ "max_steps": 400, "save_steps": 5, "eval_strategy": "no", "val_size": 0.0 });
    let run = board.start_run(keys).await;
    board.wait_for(&run, |row| row["step"].as_u64() >= Some(3)).await;
    board.post(&format!("/api/runs/{run}/stop"), json!("save")).await;
    let row = board.wait_over(&run).await;
    assert_eq!(row["state"], "stopped", "{row}");
    let step = row["step"].as_u64().expect("a step");
    let detail = board.get(&format!("/api/runs/{run}")).await;
    let checkpoints = detail["checkpoints"].as_array().expect("checkpoints");
    assert_eq!(checkpoints.last().expect("its last step is saved")["step"], step);

    let queued = board.post(&format!("/api/runs/{run}/resume"), Value::Null).await;
    assert!(
        ["queued", "starting"].contains(&queued["state"].as_str().expect("a state")),
        "{queued}"
    );
    let row = board.wait_for(&run, |row| row["step"].as_u64() > Some(step + 2)).await;
    assert_eq!(row["state"], "running");
    board.post(&format!("/api/runs/{run}/stop"), json!("now")).await;
    let row = board.wait_over(&run).await;
    assert_eq!(row["state"], "stopped");
    let series = board.get(&format!("/api/runs/{run}/series")).await;
    let loss = series["series"]
        .as_array()
        .and_then(|s| s.iter().find(|s| s["metric"] == "loss"))
        .expect("loss");
    let steps: Vec<u64> = loss["points"]
        .as_array()
        .expect("points")
        .iter()
        .filter_map(|p| p[0].as_u64())
        .collect();
    assert_eq!(steps, (1..=steps.len() as u64).collect::<Vec<_>>());
    assert_eq!(steps.last().copied(), row["step"].as_u64());
}

#[tokio::test]
async fn runs_are_renamed_tagged_archived_and_deleted_with_their_files_only_when_asked() {
    let board = Board::start();
    let keys = json!({ "max_steps": 1, "eval_strategy": "no", "val_size": 0.0, "save_strategy": "no" });
    let run = board.start_run(keys.clone()).await;
    board.wait_over(&run).await;
    let patch = json!({ "name": "good one", "tags": ["b", "a", "b"], "note": "why", "archived": true });
    let (_, row) = board.call(Method::PATCH, &format!("/api/runs/{run}"), patch).await;
    assert_eq!(
        (&row["name"], &row["tags"], &row["note"], &row["archived"]),
        (&json!("good one"), &json!(["a", "b"]), &json!("why"), &json!(true))
    );
    // changes of single tags leave the others alone, those of a page that knew fewer of them too
    let address = format!("/api/runs/{run}");
    let change = |patch: Value| board.call(Method::PATCH, &address, patch);
    let added = change(json!({ "add_tags": ["Z", " b "] }));
    let (added, removed) = tokio::join!(added, change(json!({ "remove_tags": ["a", "none"] })));
    assert_eq!((added.0, removed.0), (StatusCode::OK, StatusCode::OK));
    assert_eq!(board.get(&address).await["summary"]["tags"], json!(["Z", "b"]));
    let many: Vec<String> = (0..49).map(|n| n.to_string()).collect();
    let (status, problem) = change(json!({ "add_tags": many })).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::BAD_REQUEST, &json!("bad_tags"))
    );
    let (status, problem) = board
        .call(Method::PATCH, &format!("/api/runs/{run}"), json!({ "name": "../up" }))
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::BAD_REQUEST, &json!("bad_name"))
    );

    let directory = board.get(&format!("/api/runs/{run}")).await["directory"].clone();
    let directory = directory.as_str().expect("a path");
    let (status, _) = board
        .call(Method::DELETE, &format!("/api/runs/{run}"), Value::Null)
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert!(fs::exists(format!("{directory}/events.jsonl")).expect("a look"));
    assert_eq!(board.get("/api/runs").await, json!([]));
    // what stayed can be taken up again, and deleted with all it has
    let again = board.post("/api/runs/adopt", json!({ "path": directory })).await;
    let again = again["id"].as_str().expect("an id");
    assert_eq!(board.wait_over(again).await["state"], "completed");
    let (status, _) = board
        .call(Method::DELETE, &format!("/api/runs/{again}?files=true"), Value::Null)
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert!(!fs::exists(directory).expect("a look"));
}

#[tokio::test]
async fn a_run_of_the_command_line_is_taken_up_while_it_goes() {
    let board = Board::start();
    let mut live = board.live().await;
    let output = tempfile::tempdir().expect("a folder");
    let mut config = demo_config();
    config["output_dir"] = json!(output.path().join("from-the-shell"));
    config["model_name_or_path"] = json!(board.data_dir.join("demo/model"));
    config["dataset_dir"] = json!(board.data_dir.join("demo/data"));
    config["max_steps"] = json!(60);
    let file = output.path().join("run.yaml");
    fs::write(&file, config.to_string()).expect("a config");
    let mut trainer = tokio::process::Command::new(tests::programs::program("corral"))
        .arg("train")
        .arg(&file)
        .env("DATA_DIR", &board.data_dir)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the trainer starts");
    let row = live
        .until(|m| m["type"] == "run" && m["run"]["name"] == "from-the-shell")
        .await;
    let run = row["run"]["id"].as_str().expect("an id").to_owned();
    assert!(trainer.wait().await.expect("the trainer ends").success());
    let row = board.wait_over(&run).await;
    assert_eq!((&row["state"], &row["step"]), (&json!("completed"), &json!(60)));
    assert!(is_over(&row));
}

/// Two may point at the same run directory at once, while the board looks for new ones itself: it becomes one run.
#[tokio::test]
async fn a_directory_that_several_take_up_at_once_is_one_run() {
    let board = Board::start();
    let finished = json!({ "seq": 1, "time": 1, "type": "finished", "outcome": "completed", "step": 0, "message": "" });
    for n in 1..=20 {
        let directory = board.data_dir.join(format!("runs/found-{n}"));
        fs::create_dir_all(&directory).expect("a folder");
        fs::write(directory.join("config.yaml"), "run_name: found\n").expect("a config");
        fs::write(directory.join("events.jsonl"), format!("{finished}\n")).expect("events");
        let adopt = || board.call(Method::POST, "/api/runs/adopt", json!({ "path": directory }));
        let answers = tokio::join!(adopt(), adopt(), adopt());
        for (status, answer) in [answers.0, answers.1, answers.2] {
            // the last to look finds it among the runs
            let said = status == StatusCode::CREATED || answer["code"] == "adopted";
            assert!(said, "{status} {answer}");
        }
        assert_eq!(board.get("/api/runs").await.as_array().map(Vec::len), Some(n));
    }
}
