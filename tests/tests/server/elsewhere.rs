//! Runs whose worker is not this server's: another machine's, another container's, or no worker at all.

use std::fs;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Board;

use crate::run_dirs::{detail, planted, short, taken_up};

/// A run directory of a shared disk: another machine's worker writes into it.
#[tokio::test]
async fn a_run_of_another_machine_is_followed_and_never_failed_or_started_twice() {
    let board = Board::start();
    let shared = board.data_dir.join("runs/shared");
    fs::create_dir_all(&shared).expect("a folder");
    let worker = json!({ "pid": 1, "start_time": 1, "boot_id": "11111111-2222-3333-4444-555555555555", "protocol_version": 999 });
    fs::write(shared.join("config.yaml"), "run_name: shared\n").expect("a config");
    fs::write(shared.join("worker.json"), worker.to_string()).expect("a worker");
    let started = json!({
        "seq": 1, "time": 1, "type": "started", "total_steps": 40, "resumed_from": 0, "epochs": 1.0, "train_rows": 1,
        "eval_rows": 0, "trainable_params": 1, "all_params": 1, "device": "cuda:0", "compute": "bf16", "stored": "bf16",
        "threads": 1,
    });
    let mut lines = format!("{started}\n");
    fs::write(shared.join("events.jsonl"), &lines).expect("events");
    let row = taken_up(&board, |row| row["name"] == "shared" && row["state"] == "unknown").await;
    let id = row["id"].as_str().expect("an id").to_owned();
    assert_eq!(row["code"], "elsewhere_silent", "{row}");
    let mut live = board.live().await;
    for step in 1..=4 {
        let metrics = json!({ "loss": 1.0 / f64::from(step) });
        let line = json!({ "seq": step + 1, "time": step + 1, "type": "step", "step": step, "epoch": 0.1, "metrics": metrics });
        lines += &format!("{line}\n");
        fs::write(shared.join("events.jsonl"), &lines).expect("events");
        let row = live
            .until(|m| m["type"] == "run" && m["run"]["id"] == id.as_str() && m["run"]["step"] == step)
            .await;
        assert_eq!(row["run"]["state"], "unknown", "{row}");
    }
    let row = board.wait_for(&id, |row| row["code"] == "elsewhere_going").await;
    assert_eq!(row["state"], "unknown");
    let detail = detail(&board, &id).await;
    assert_eq!(detail["notices"][0]["code"], "newer_protocol", "{detail}");
    assert!(detail["heard"].is_i64(), "{detail}");
    for (method, path, body) in [
        (Method::POST, "/resume", Value::Null),
        (Method::POST, "/stop", json!("now")),
        (Method::DELETE, "?files=true", Value::Null),
    ] {
        let (status, answer) = board.call(method, &format!("/api/runs/{id}{path}"), body).await;
        assert_eq!(
            (status, &answer["code"]),
            (StatusCode::CONFLICT, &json!("elsewhere")),
            "{path}"
        );
    }
    assert!(!shared.join("worker.log").exists());
    // others are not held up by it
    let own = board.start_run(short()).await;
    assert_eq!(board.wait_over(&own).await["state"], "completed");
    // it says itself how it ends
    let end = json!({ "seq": 6, "time": 9, "type": "finished", "outcome": "stopped", "step": 4, "message": "" });
    fs::write(shared.join("events.jsonl"), format!("{lines}{end}\n")).expect("events");
    assert_eq!(board.wait_over(&id).await["state"], "stopped");
}

#[tokio::test]
async fn a_worker_json_that_is_gone_says_that_nobody_works_there() {
    let board = Board::start();
    let shared = board.data_dir.join("runs/shared");
    planted(&shared, "run_name: shared\n");
    let notice = json!({ "seq": 1, "time": 1, "type": "notice", "message": "x" });
    fs::write(shared.join("events.jsonl"), format!("{notice}\n")).expect("events");
    let worker =
        json!({ "pid": 1, "start_time": 1, "boot_id": "elsewhere", "protocol_version": 1, "machine": "another" });
    fs::write(shared.join("worker.json"), worker.to_string()).expect("a worker");
    let row = taken_up(&board, |row| row["name"] == "shared" && row["state"] == "unknown").await;
    let id = row["id"].as_str().expect("an id");
    fs::remove_file(shared.join("worker.json")).expect("removed");
    let row = board.wait_over(id).await;
    assert_eq!((&row["state"], &row["code"]), (&json!("failed"), &json!("gone")));
}

/// A run directory may say that anything is its worker.
#[tokio::test]
async fn stop_ends_no_process_that_is_no_worker_of_the_run() {
    let board = Board::start();
    let mut bystander = std::process::Command::new("sleep")
        .arg("600")
        .spawn()
        .expect("a process");
    let pid = bystander.id();
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("its state");
    let start: u64 = stat
        .rsplit_once(") ")
        .and_then(|(_, rest)| rest.split(' ').nth(19)?.parse().ok())
        .expect("a number");
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").expect("the boot");
    let forged = board.data_dir.join("runs/forged");
    planted(&forged, "run_name: forged\n");
    let notice = json!({ "seq": 1, "time": 1, "type": "notice", "message": "x" });
    fs::write(forged.join("events.jsonl"), format!("{notice}\n")).expect("events");
    let worker = json!({ "pid": pid, "start_time": start, "boot_id": boot.trim(), "protocol_version": 1 });
    fs::write(forged.join("worker.json"), worker.to_string()).expect("a worker");
    let row = taken_up(&board, |row| row["name"] == "forged").await;
    let id = row["id"].as_str().expect("an id").to_owned();
    board
        .call(Method::POST, &format!("/api/runs/{id}/stop"), json!("now"))
        .await;
    board.wait_over(&id).await;
    assert!(bystander.try_wait().expect("its state").is_none(), "it was ended");
    bystander.kill().expect("ended");
    bystander.wait().expect("ended");
}

/// Ends a child and what it has started, whatever becomes of the test.
struct Contained(std::process::Child);

impl Contained {
    /// The pid, out here, of what runs inside.
    fn inner(&self) -> Option<i32> {
        let pid = self.0.id();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
        children.split_whitespace().next()?.parse().ok()
    }
}

impl Drop for Contained {
    fn drop(&mut self) {
        if let Some(inner) = self.inner() {
            // SAFETY: a signal to a process of this test
            unsafe { libc::kill(inner, libc::SIGKILL) };
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Two containers of one machine share its boot and see none of each other's processes.
#[tokio::test]
async fn a_worker_of_another_container_is_followed_and_never_taken_for_dead() {
    let board = Board::start();
    let place = board.data_dir.join("runs/contained");
    let mut command = std::process::Command::new("unshare");
    command.args(["--pid", "--fork", "--mount-proc"]);
    command.arg(tests::programs::program("corral-trainer")).arg("train");
    let mut config = tests::api::demo_config();
    config["model_name_or_path"] = json!(board.data_dir.join("demo/model"));
    config["dataset_dir"] = json!(board.data_dir.join("demo/data"));
    config["max_steps"] = json!(100_000);
    for (key, value) in config.as_object().expect("keys") {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        command.arg(format!("{key}={value}"));
    }
    command.arg(format!("output_dir={}", place.display()));
    let command = command
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    let mut contained = Contained(command.spawn().expect("unshare is there"));
    while !place.join("events.jsonl").exists() {
        if contained.0.try_wait().expect("its state").is_some() {
            println!("SKIPPED: no pid namespace can be made here");
            return;
        }
        std::thread::yield_now();
    }
    let row = taken_up(&board, |row| {
        row["state"] == "unknown" && row["step"].as_u64() >= Some(2)
    })
    .await;
    let id = row["id"].as_str().expect("an id");
    let (status, answer) = board
        .call(Method::POST, &format!("/api/runs/{id}/resume"), Value::Null)
        .await;
    assert_eq!(
        (status, &answer["code"]),
        (StatusCode::CONFLICT, &json!("elsewhere")),
        "{answer}"
    );
    // it is stopped where it is, and says so itself
    let inner = contained.inner().expect("it goes");
    // SAFETY: a signal to a process of this test
    unsafe { libc::kill(inner, libc::SIGTERM) };
    let row = board.wait_over(id).await;
    assert_eq!(row["state"], "stopped", "{row}");
}
