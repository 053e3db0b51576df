//! Sweeps over HTTP and from the command line: every combination once, single runs first, the reference computed once, kills
//! survived, bad runs stopped early.

use super::run_dirs::directory;
use serde_json::{Value, json};
use std::fs;
use std::process::Command;
use tests::Board;
use tests::api::demo_config;
use tests::programs::program;

fn sweep(config: Value, more: Value) -> Value {
    let mut base = demo_config();
    for (key, value) in config.as_object().expect("keys") {
        base[key] = value.clone();
    }
    json!({ "config": base, "sweep": more })
}

fn list(key: &str, values: &[f64]) -> Value {
    json!({ "key": key, "values": { "list": values } })
}

/// Waits on the socket until the sweep is over; gives all that is told of it.
async fn over(board: &Board, id: &str) -> Value {
    let mut live = board.live().await;
    loop {
        let detail = board.get(&format!("/api/sweeps/{id}")).await;
        if detail["summary"]["state"] != "going" {
            return detail;
        }
        live.until(|message| message["type"] == "run").await;
    }
}

/// The metrics of a run's events, as they are written.
fn metrics(folder: &std::path::Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join("events.jsonl")).expect("events");
    let events = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("an event"));
    let told = events.filter(|event| event["type"] == "step" || event["type"] == "eval");
    told.map(|event| {
        let mut metrics = event["metrics"].clone();
        for measured in ["tokens_per_second", "memory"] {
            metrics.as_object_mut().expect("metrics").remove(measured);
        }
        json!([event["type"], event["step"], metrics])
    })
    .collect()
}

#[tokio::test]
async fn a_grid_is_made_whole_over_kills_behind_single_runs_with_one_reference() {
    let mut board = Board::start();
    let asked = sweep(
        json!({ "max_steps": 12 }),
        json!({ "parameters": [list("pref_beta", &[0.1, 0.3]), list("learning_rate", &[1e-4, 1e-3])], "metric": "preference/margins" }),
    );
    let plan = board.post("/api/sweeps/plan", asked.clone()).await;
    assert_eq!(
        (&plan["runs"], &plan["total_steps"], &plan["estimate"]),
        (&json!(4), &json!(48), &Value::Null)
    );
    let made = board.post("/api/sweeps", asked.clone()).await;
    let id = made["id"].as_str().expect("an id").to_owned();
    // the first goes; what is made alone waits before all others
    let mut live = board.live().await;
    live.until(|m| m["type"] == "run" && m["run"]["sweep"]["index"] == 3)
        .await;
    let single = board.start_run(json!({ "max_steps": 2 })).await;
    let rows = board.get("/api/runs").await;
    let row = rows
        .as_array()
        .expect("rows")
        .iter()
        .find(|row| row["id"] == *single)
        .expect("the run");
    assert!(row["queue_position"].is_null() || row["queue_position"] == 1, "{row}");
    board.kill();
    board.restart();
    let detail = over(&board, &id).await;
    board.wait_over(&single).await;
    let runs = detail["runs"].as_array().expect("runs");
    let points: Vec<String> = runs
        .iter()
        .map(|run| format!("{} {}", run["point"]["pref_beta"], run["point"]["learning_rate"]))
        .collect();
    assert_eq!(points, ["0.1 0.0001", "0.1 0.001", "0.3 0.0001", "0.3 0.001"]);
    assert!(runs.iter().all(|run| run["state"] == "completed"), "{detail}");
    assert_eq!(detail["reference"], json!({ "computed": 1, "read": 3 }));
    assert_eq!((&detail["measured"], &detail["importance"]), (&json!(4), &json!([])));
    let best = detail["best"].as_str().expect("a best run");
    let value = |run: &Value| {
        run["values"]
            .as_array()
            .and_then(|all| all.last()?.as_f64())
            .expect("a value")
    };
    let most = runs.iter().map(value).fold(f64::MIN, f64::max);
    assert_eq!(value(runs.iter().find(|run| run["id"] == best).expect("it")), most);
    // now it is known how long one takes, unless they were over before it could be told
    let plan = board.post("/api/sweeps/plan", asked).await;
    let timed = runs.iter().any(|run| run["seconds"].as_f64() >= Some(1.0));
    let told = plan["estimate"]["seconds"].as_f64();
    assert!(told.map_or(!timed, |seconds| seconds > 0.0), "{plan}");
    // a run that read what another computed has the numbers of one that was made alone, to the bit
    let last = directory(&board, runs[3]["id"].as_str().expect("an id")).await;
    let alone = board.data_dir.join("alone");
    let status = Command::new(program("corral-trainer"))
        .arg("train")
        .arg(last.join("config.yaml"))
        .arg(format!("output_dir={}", alone.display()))
        .env("CORRAL_CACHE", board.data_dir.join("fresh"))
        .output()
        .expect("the trainer runs");
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
    assert_eq!(metrics(&alone), metrics(&last));
    // without the database the sweep is still one
    board.kill();
    for name in ["corral.db", "corral.db-wal", "corral.db-shm"] {
        let _ = fs::remove_file(board.data_dir.join(name));
    }
    board.restart();
    let mut live = board.live().await;
    let again = loop {
        // its runs are taken up one after the other
        let again = board.get(&format!("/api/sweeps/{id}")).await;
        if again["runs"].as_array().map(Vec::len) == Some(4) {
            break again;
        }
        live.until(|message| message["type"] == "run").await;
    };
    assert_eq!(again["summary"]["sweep"], detail["summary"]["sweep"]);
}

#[tokio::test]
async fn what_falls_behind_is_stopped_and_what_cannot_be_is_refused() {
    let board = Board::start();
    let config =
        json!({ "pref_loss": "simpo", "pref_beta": 2.0, "max_steps": 12, "eval_steps": 2, "save_strategy": "no" });
    // the first is the best of them: whatever comes after falls behind at its first evaluation
    let halving = json!({
        "parameters": [list("learning_rate", &[1e-3, 1e-6, 1e-7])],
        "metric": "preference/margins", "early_terminate": { "eta": 2, "min_iter": 1 }
    });
    let asked = sweep(config, halving);
    let made = board.post("/api/sweeps", asked).await;
    let detail = over(&board, made["id"].as_str().expect("an id")).await;
    let early: Vec<bool> = detail["runs"]
        .as_array()
        .expect("runs")
        .iter()
        .map(|run| run["early"] == true)
        .collect();
    assert_eq!(early, [false, true, true], "{detail}");
    // where the first of them came to: a quick worker evaluates once more before it hears that it is to stop
    let evaluations = |run: &Value| run["values"].as_array().map_or(0, Vec::len);
    let fewest = detail["runs"].as_array().expect("runs").iter().map(evaluations).min();
    assert_eq!(
        (&detail["compared_at"], &detail["measured"]),
        (&json!(fewest), &json!(3))
    );
    let second = detail["runs"][1]["id"].as_str().expect("an id");
    let row = board.get(&format!("/api/runs/{second}")).await["summary"].clone();
    assert_eq!(
        (&row["state"], &row["code"]),
        (&json!("stopped"), &json!("sweep_stopped_early"))
    );
    // at which evaluation hangs on how quick the worker was: a rung, where it was the second of two
    assert!(["1", "2", "4"].map(Value::from).contains(&row["args"][0]), "{row}");
    assert_eq!(
        row["args"].as_array().map(|args| &args[1..]),
        json!(["2", "2", "preference/margins"]).as_array().map(Vec::as_slice)
    );
    // one combination that can't be trained stops the whole before it begins
    let bad = sweep(
        json!({}),
        json!({ "parameters": [list("learning_rate", &[1e-3, -1.0])] }),
    );
    let (status, answer) = board.call(reqwest::Method::POST, "/api/sweeps", bad).await;
    assert_eq!(status, 422);
    assert_eq!(answer["errors"][0]["field"], "learning_rate", "{answer}");
    assert_eq!(board.get("/api/sweeps").await.as_array().map(Vec::len), Some(1));
    // by the command line, through this board: TPE, whose values hang on results
    let file = board.data_dir.join("sweep.yaml");
    let yaml = "model_name_or_path: corral-demo\ndataset: demo_en\nstage: dpo\npref_loss: simpo\ncutoff_len: 128\nmax_samples: 20\nval_size: 4\nmax_steps: 1\neval_strategy: steps\neval_steps: 1\nsave_strategy: 'no'\nsweep:\n  name: searched\n  method: tpe\n  run_cap: 12\n  metric: preference/margins\n  parameters:\n    learning_rate: log 1e-6..1e-2\n    pref_beta: [1, 2, 3]\n";
    fs::write(&file, yaml).expect("a file");
    let told = Command::new(program("corral"))
        .arg("sweep")
        .arg(&file)
        .env("DATA_DIR", &board.data_dir)
        .output()
        .expect("corral runs");
    let (said, wrong) = (
        String::from_utf8_lossy(&told.stdout),
        String::from_utf8_lossy(&told.stderr),
    );
    assert!(told.status.success(), "{said}{wrong}");
    assert!(said.starts_with("12 runs · 12 steps in all"), "{said}");
    assert!(
        said.contains("\n*  searched-") && said.contains("which key matters, by 12 runs:"),
        "{said}"
    );
}
