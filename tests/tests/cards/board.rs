//! The board's slots in real runs on two emulated cards: each run has one of its own, a run of the command line too, and a
//! chat gives its card back to a run that waits for one.

use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;
use tests::Board;
use tests::parity::golden;
use tests::programs::{Ended, program};

const TWO: [(&str, &str); 4] = [
    ("CUDA_EMULATOR", "1"),
    ("CUDA_EMULATOR_DEVICES", "2"),
    ("CUDA_EMULATOR_NAME", "First card,Second card"),
    ("CUDA_EMULATOR_ARCH", "86,86"),
];

fn board(folder: &TempDir) -> Board {
    let board = Board::prepare(&program("corral"), &folder.path().join("data"));
    let mut board = TWO.iter().fold(board, |board, (name, value)| board.env(name, value));
    board.launch();
    board
}

/// A run that goes on until it is stopped.
fn long(device: &str) -> Value {
    json!({
        "model_name_or_path": golden().join("models/llama").display().to_string(), "template": "llama2", "cutoff_len": 24,
        "per_device_train_batch_size": 1, "gradient_accumulation_steps": 1, "max_steps": 100000, "val_size": 0, "device": device,
        "max_samples": 4, "eval_strategy": "no", "save_steps": 100000, "lora_rank": 2,
    })
}

/// The device that a run says it trains on, once it does.
async fn device(board: &Board, run: &str) -> String {
    board.wait_for(run, |row| row["step"].as_u64() > Some(0)).await;
    let directory = board.get(&format!("/api/runs/{run}")).await["directory"].clone();
    started(Path::new(directory.as_str().unwrap())).unwrap()
}

/// The same of a run directory.
fn started(directory: &Path) -> Option<String> {
    let events = std::fs::read_to_string(directory.join("events.jsonl")).ok()?;
    let mut events = events
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    events.find_map(|event| Some(event["device"].as_str()?.to_owned()))
}

async fn stop(board: &Board, run: &str) {
    board.post(&format!("/api/runs/{run}/stop"), json!("now")).await;
    board.wait_over(run).await;
}

async fn state(board: &Board, run: &str) -> String {
    let row = board.get(&format!("/api/runs/{run}")).await;
    row["summary"]["state"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_run_has_a_card_of_its_own() {
    let folder = TempDir::new().unwrap();
    let board = board(&folder);
    let first = board.start_run(long("auto")).await;
    assert_eq!(device(&board, &first).await, "First card");
    let second = board.start_run(long("cuda:1")).await;
    assert_eq!(device(&board, &second).await, "Second card");
    let third = board.start_run(long("auto")).await;
    let fourth = board.start_run(long("cuda:1")).await;
    assert_eq!(state(&board, &third).await, "queued");
    // the third is first in the queue and takes whatever is free; the fourth waits for its own
    stop(&board, &first).await;
    assert_eq!(device(&board, &third).await, "First card");
    assert_eq!(state(&board, &fourth).await, "queued");
    stop(&board, &second).await;
    assert_eq!(device(&board, &fourth).await, "Second card");
    stop(&board, &third).await;
    stop(&board, &fourth).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_run_is_placed_beside_one_of_the_command_line() {
    let folder = TempDir::new().unwrap();
    let board = board(&folder);
    let mut config = tests::api::demo_config();
    for (key, value) in long("auto").as_object().unwrap() {
        config[key] = value.clone();
    }
    let out = folder.path().join("theirs");
    let file = folder.path().join("theirs.yaml");
    std::fs::write(&file, config.to_string()).unwrap();
    let theirs = Command::new(program("corral"))
        .arg("train")
        .arg(&file)
        .arg(format!("output_dir={}", out.display()))
        .env("DATA_DIR", &board.data_dir)
        .envs(TWO)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _theirs = Ended(theirs);
    let mut live = board.live().await;
    let is_going = |row: &Value| row["name"] == "theirs" && row["step"].as_u64() > Some(0);
    let rows = board.get("/api/runs").await;
    if !rows.as_array().unwrap().iter().any(is_going) {
        live.until(|m| m["type"] == "run" && is_going(&m["run"])).await;
    }
    assert_eq!(started(&out).as_deref(), Some("First card"));
    let ours = board.start_run(long("auto")).await;
    assert_eq!(device(&board, &ours).await, "Second card");
    stop(&board, &ours).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_chat_gives_its_card_to_a_run_that_waits() {
    let folder = TempDir::new().unwrap();
    let board = board(&folder);
    let first = board.start_run(long("cuda:0")).await;
    assert_eq!(device(&board, &first).await, "First card");
    let talk = json!({
        "model": "corral-demo", "temperature": 0, "max_tokens": 1, "messages": [{"role": "user", "content": "Hi"}],
    });
    board.post("/v1/chat/completions", talk).await;
    assert!(
        board.log().contains("a chat worker computes on Second card"),
        "{}",
        board.log()
    );
    let second = board.start_run(long("auto")).await;
    assert_eq!(device(&board, &second).await, "Second card");
    // with both cards taken a chat goes on, on the processor
    let talk = json!({
        "model": "corral-demo", "temperature": 0, "max_tokens": 1, "messages": [{"role": "user", "content": "Hi"}],
    });
    let (status, answer) = board.call(Method::POST, "/v1/chat/completions", talk).await;
    assert!(status.is_success(), "{answer}");
    assert!(board.log().contains("a chat worker computes on cpu"), "{}", board.log());
    stop(&board, &first).await;
    stop(&board, &second).await;
}
