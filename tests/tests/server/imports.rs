//! Runs of other programs: taken in over HTTP and by the command line, and told by a script as it goes.

use crate::run_dirs::taken_up;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tests::Board;
use tests::programs::{Ended, program};

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("golden/trackers")
        .canonicalize()
        .expect("the folder")
}

fn losses(page: &Value) -> usize {
    let series = page["series"].as_array().expect("series");
    let loss = series.iter().find(|one| one["metric"] == "loss").expect("a loss");
    loss["points"].as_array().expect("points").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_taken_in_can_be_looked_at_and_no_more() {
    let board = Board::start();
    let path = golden().join("transformers");
    let runs = board
        .post("/api/imports", json!({ "path": path, "name": "theirs" }))
        .await;
    let id = runs["runs"][0]["id"].as_str().expect("an id").to_owned();
    let row = board.wait_over(&id).await;
    assert_eq!((&row["name"], &row["state"]), (&json!("theirs"), &json!("completed")));
    assert_eq!(row["origin"]["from"], "transformers");
    assert_eq!((&row["step"], &row["checkpoints"]), (&json!(12), &json!(0)));
    assert_eq!(losses(&board.get(&format!("/api/runs/{id}/series")).await), 4);
    for (way, body) in [("resume", json!({})), ("stop", json!("save"))] {
        let (status, problem) = board.call(Method::POST, &format!("/api/runs/{id}/{way}"), body).await;
        assert_eq!(
            (status, &problem["code"]),
            (StatusCode::CONFLICT, &json!("imported_run")),
            "{way}"
        );
    }
    let no_log = json!({ "path": golden().join("write.py") });
    let (status, problem) = board.call(Method::POST, "/api/imports", no_log).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::BAD_REQUEST, &json!("import_nothing_there"))
    );

    // an upload is called by its name alone, whatever is wrong with it
    let put = |name: &str, body: Vec<u8>| {
        reqwest::Client::new()
            .put(format!("{}/api/imports/{name}", board.url))
            .body(body)
            .send()
    };
    let refused: Value = put("trainer_state.json", b"{".to_vec())
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let said = refused.to_string();
    assert!(
        said.contains("trainer_state.json") && !said.contains(".upload-") && !said.contains("/runs"),
        "{said}"
    );

    // one file, uploaded
    let file = std::fs::read(golden().join("wandb.csv")).expect("the file");
    let put = reqwest::Client::new()
        .put(format!("{}/api/imports/table.csv?name=mine", board.url))
        .body(file);
    let answer: Value = put.send().await.expect("an answer").json().await.expect("JSON");
    let run = board.wait_over(answer["runs"][0]["id"].as_str().expect("an id")).await;
    assert_eq!(
        (&run["name"], &run["origin"]["path"]),
        (&json!("mine"), &json!("table.csv"))
    );
    let left = std::fs::read_dir(board.data_dir.join("runs")).expect("runs").flatten();
    let hidden = left.filter(|entry| entry.file_name().to_string_lossy().starts_with('.'));
    assert_eq!(hidden.count(), 0, "the upload is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_takes_in_all_runs_of_a_folder() {
    let board = Board::start();
    let done = Command::new(program("corral"))
        .arg("import")
        .arg(golden())
        .env("DATA_DIR", &board.data_dir)
        .output()
        .expect("corral");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    for (name, state) in [
        ("trackers-tensorboard", "untold"),
        ("trackers-llama_factory", "completed"),
        ("tiny line", "completed"),
    ] {
        let row = taken_up(&board, |row| row["name"] == name && row["state"] == state).await;
        assert!(row["latest"]["loss"].is_number(), "{row}");
    }
}

/// A script of a person's own, with the client beside it as `corral python-client` puts it there.
fn script(board: &Board, folder: &Path, text: &str) -> Child {
    let made = Command::new(program("corral"))
        .arg("python-client")
        .arg(folder)
        .status()
        .expect("corral");
    assert!(made.success());
    let path = folder.join("tune.py");
    std::fs::write(&path, text).expect("a script");
    Command::new("python3")
        .arg(&path)
        .env("DATA_DIR", &board.data_dir)
        .env_remove("RANK")
        .stdin(Stdio::piped())
        .spawn()
        .expect("python3")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_shows_on_the_board_as_it_goes() {
    let board = Board::start();
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = script(
        &board,
        folder.path(),
        "import sys, corral\n\
         corral.init('my script', config={'learning_rate': 0.5}, total_steps=3)\n\
         for step, line in enumerate(sys.stdin, 1):\n    corral.log({'loss': float(line), 'eval/loss': 1.0}, step=step)\n",
    );
    let mut lines = child.stdin.take().expect("its input");
    writeln!(lines, "0.5").expect("a line");
    let row = taken_up(&board, |row| row["name"] == "my script" && row["step"] == 1).await;
    assert_eq!((&row["state"], &row["total_steps"]), (&json!("running"), &json!(3)));
    assert_eq!(row["config"]["learning_rate"], 0.5);
    let id = row["id"].as_str().expect("an id").to_owned();
    writeln!(lines, "nan\n0.25").expect("lines");
    board.wait_for(&id, |row| row["step"] == 3).await;
    drop(lines);
    let row = board.wait_over(&id).await;
    assert_eq!(
        (&row["state"], &row["latest"]["loss"]),
        (&json!("completed"), &json!(0.25))
    );
    assert_eq!(row["latest"]["eval_loss"], 1.0);
    assert!(child.wait().expect("an end").success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_fails_or_is_killed_has_failed() {
    let board = Board::start();
    let folder = tempfile::tempdir().expect("a folder");
    let text = "import sys, corral\ncorral.init('fails')\ncorral.log({'loss': 1})\nraise RuntimeError('no more')\n";
    let mut child = script(&board, folder.path(), text);
    assert!(!child.wait().expect("an end").success());
    let row = taken_up(&board, |row| row["name"] == "fails" && row["state"] == "failed").await;
    assert_eq!(row["message"], "RuntimeError: no more");
    let text = "import sys, corral\ncorral.init('exits')\n\
                corral.log({'loss': 1, 'eval_preference/accuracies': 1}, step=float('nan'))\nsys.exit('no more')\n";
    let mut child = script(&board, folder.path(), text);
    assert!(!child.wait().expect("an end").success());
    let row = taken_up(&board, |row| row["name"] == "exits" && row["state"] == "failed").await;
    assert_eq!(row["message"], "exit: no more");
    assert_eq!(
        (&row["step"], &row["latest"]["preference/accuracies"]),
        (&json!(1), &json!(1.0))
    );
    let text = "import sys, corral\ncorral.init('killed')\ncorral.log({'loss': 1})\nsys.stdin.read()\n";
    let mut child = script(&board, folder.path(), text);
    let row = taken_up(&board, |row| row["name"] == "killed" && row["step"] == 1).await;
    assert_eq!(row["state"], "running");
    child.kill().expect("a kill");
    child.wait().expect("an end");
    assert_eq!(
        board.wait_over(row["id"].as_str().expect("an id")).await["state"],
        "failed"
    );
}

/// LLaMA-Factory's log of a run of eight steps.
fn log_line(step: u64) -> String {
    format!(
        "{{\"current_steps\": {step}, \"total_steps\": 8, \"loss\": {}, \"lr\": 1e-5, \"epoch\": {}}}\n",
        1.0 / step as f64,
        step as f64 / 4.0
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_grows_shows_on_the_board_until_its_run_ends() {
    let board = Board::start();
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("trainer_log.jsonl");
    let begin: String = (1..=3).map(log_line).collect();
    std::fs::write(&log, &begin).expect("a log");
    let follow = || {
        let mut command = Command::new(program("corral"));
        command
            .args(["import", "--follow", "--name", "grows"])
            .arg(folder.path());
        command.env("DATA_DIR", &board.data_dir).stderr(Stdio::piped());
        Ended(command.spawn().expect("corral"))
    };
    let first = follow();
    let row = taken_up(&board, |row| row["name"] == "grows" && row["step"] == 3).await;
    assert_eq!(
        (&row["state"], &row["total_steps"]),
        (&json!("running"), &json!(8)),
        "{row}"
    );
    // another start, from step 2 on: what was told of step 3 is told anew
    let again = log_line(3).replace("0.3333", "0.7777");
    std::fs::write(&log, log_line(1) + &log_line(2) + &again + &log_line(4)).expect("a log");
    let row = taken_up(&board, |row| row["name"] == "grows" && row["step"] == 4).await;
    let id = row["id"].as_str().expect("an id");
    // killed, and started anew: the same run goes on, and nobody else tells of it meanwhile
    drop(first);
    let mut more = std::fs::File::options().append(true).open(&log).expect("the log");
    more.write_all(log_line(5).as_bytes()).expect("a line");
    let mut second = follow();
    taken_up(&board, |row| {
        row["id"] == id && row["step"] == 5 && row["state"] == "running"
    })
    .await;
    let mut third = follow();
    assert!(!third.0.wait().expect("corral").success());
    let said = std::io::read_to_string(third.0.stderr.take().expect("piped")).expect("text");
    assert!(said.contains("end that one first"), "{said}");
    for step in 6..=8 {
        more.write_all(log_line(step).as_bytes()).expect("a line");
    }
    taken_up(&board, |row| row["id"] == id && row["state"] == "completed").await;
    let series = board.get(&format!("/api/runs/{id}/series")).await;
    assert_eq!(losses(&series), 8);
    assert!(
        series.to_string().contains("0.7777") && !series.to_string().contains("0.3333"),
        "{series}"
    );
    // its end is the command's
    assert!(second.0.wait().expect("corral").success());
    // over, with nothing new: a look more is no run more
    assert!(follow().0.wait().expect("corral").success());
    let runs = board.get("/api/runs").await.to_string();
    assert_eq!(runs.matches("\"name\":\"grows").count(), 1, "{runs}");
}
