//! What tests of run directories have in common: runs in the states they need, and directories as a worker leaves them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tests::Board;

/// Keys of a run that is done in a moment, with a checkpoint.
pub fn short() -> Value {
    json!({ "max_steps": 2, "eval_strategy": "no", "val_size": 0.0, "save_steps": 1 })
}

pub async fn detail(board: &Board, run: &str) -> Value {
    board.get(&format!("/api/runs/{run}")).await
}

pub async fn directory(board: &Board, run: &str) -> PathBuf {
    detail(board, run).await["directory"].as_str().expect("a path").into()
}

/// A run that was stopped on its way, with a checkpoint.
pub async fn stopped(board: &Board) -> String {
    let keys =
        json!({ "max_steps": 4000, "save_steps": 2, "save_total_limit": 3, "eval_strategy": "no", "val_size": 0.0 });
    let run = board.start_run(keys).await;
    board.wait_for(&run, |row| row["step"].as_u64() >= Some(6)).await;
    board.post(&format!("/api/runs/{run}/stop"), json!("save")).await;
    assert_eq!(board.wait_over(&run).await["state"], "stopped");
    run
}

/// Waits until the board has a run whose row passes the test.
pub async fn taken_up(board: &Board, test: impl Fn(&Value) -> bool) -> Value {
    let mut live = board.live().await;
    let rows = board.get("/api/runs").await;
    if let Some(row) = rows.as_array().expect("rows").iter().find(|row| test(row)) {
        return row.clone();
    }
    live.until(|m| m["type"] == "run" && test(&m["run"])).await["run"].clone()
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().expect("a kind");
        if kind.is_symlink() {
            symlink(fs::read_link(&path).expect("a link"), target).expect("a link");
        } else if kind.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a copy");
        }
    }
}

pub fn events(directory: &Path) -> Vec<u8> {
    fs::read(directory.join("events.jsonl")).expect("events")
}

pub fn finished(outcome: &str) -> String {
    format!(
        "{}\n",
        json!({ "seq": 1, "time": 1, "type": "finished", "outcome": outcome, "step": 0, "message": "" })
    )
}

/// A run directory as a worker leaves it.
pub fn planted(directory: &Path, config: &str) {
    fs::create_dir_all(directory).expect("a folder");
    fs::write(directory.join("config.yaml"), config).expect("a config");
    fs::write(directory.join("events.jsonl"), finished("stopped")).expect("events");
}
