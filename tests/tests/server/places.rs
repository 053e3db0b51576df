//! Run directories that were moved, copied, nested, planted, spoilt, or that another machine writes into.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Board;

/// Keys of a run that is done in a moment, with a checkpoint.
fn short() -> Value {
    json!({ "max_steps": 2, "eval_strategy": "no", "val_size": 0.0, "save_steps": 1 })
}

async fn detail(board: &Board, run: &str) -> Value {
    board.get(&format!("/api/runs/{run}")).await
}

async fn directory(board: &Board, run: &str) -> PathBuf {
    detail(board, run).await["directory"].as_str().expect("a path").into()
}

/// A run that was stopped on its way, with a checkpoint.
async fn stopped(board: &Board) -> String {
    let keys =
        json!({ "max_steps": 4000, "save_steps": 2, "save_total_limit": 3, "eval_strategy": "no", "val_size": 0.0 });
    let run = board.start_run(keys).await;
    board.wait_for(&run, |row| row["step"].as_u64() >= Some(6)).await;
    board.post(&format!("/api/runs/{run}/stop"), json!("save")).await;
    assert_eq!(board.wait_over(&run).await["state"], "stopped");
    run
}

/// Waits until the board has a run whose row passes the test.
async fn taken_up(board: &Board, test: impl Fn(&Value) -> bool) -> Value {
    let mut live = board.live().await;
    let rows = board.get("/api/runs").await;
    if let Some(row) = rows.as_array().expect("rows").iter().find(|row| test(row)) {
        return row.clone();
    }
    live.until(|m| m["type"] == "run" && test(&m["run"])).await["run"].clone()
}

fn copy(from: &Path, to: &Path) {
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

fn events(directory: &Path) -> Vec<u8> {
    fs::read(directory.join("events.jsonl")).expect("events")
}

fn finished(outcome: &str) -> String {
    format!(
        "{}\n",
        json!({ "seq": 1, "time": 1, "type": "finished", "outcome": outcome, "step": 0, "message": "" })
    )
}

/// A run directory as a worker leaves it.
fn planted(directory: &Path, config: &str) {
    fs::create_dir_all(directory).expect("a folder");
    fs::write(directory.join("config.yaml"), config).expect("a config");
    fs::write(directory.join("events.jsonl"), finished("stopped")).expect("events");
}

#[tokio::test]
async fn a_worker_writes_into_its_own_directory_whatever_the_config_says() {
    let board = Board::start();
    let run = stopped(&board).await;
    let original = directory(&board, &run).await;
    let before = events(&original);
    let victim = tempfile::tempdir().expect("a folder");
    fs::write(victim.path().join("theirs"), "kept").expect("a file");
    for (name, output) in [("backup", original.clone()), ("planted", victim.path().to_path_buf())] {
        let directory = board.data_dir.join("runs").join(name);
        copy(&original, &directory);
        let config = fs::read_to_string(directory.join("config.yaml")).expect("a config");
        let config = config.replace(&*original.to_string_lossy(), &output.to_string_lossy());
        fs::write(
            directory.join("config.yaml"),
            format!("{config}overwrite_output_dir: true\n"),
        )
        .expect("a config");
        let told = events(&directory).len();
        let id = board.data_dir.join("runs").join(name).display().to_string();
        let rows = async || {
            let rows = board.get("/api/runs").await;
            rows.as_array()
                .expect("rows")
                .iter()
                .map(|r| r["id"].as_str().expect("an id").to_owned())
                .collect::<Vec<_>>()
        };
        let mut copied = None;
        taken_up(&board, |row| row["id"] != json!(run) && row["state"] == "stopped").await;
        for other in rows().await {
            if directory_is(&board, &other, &id).await {
                copied = Some(other);
            }
        }
        let copied = copied.expect("the copy is a run");
        board.post(&format!("/api/runs/{copied}/resume"), Value::Null).await;
        let from = detail(&board, &copied).await["summary"]["step"].as_u64().unwrap_or(0);
        board.wait_for(&copied, |row| row["step"].as_u64() > Some(from)).await;
        board.post(&format!("/api/runs/{copied}/stop"), json!("now")).await;
        assert_eq!(board.wait_over(&copied).await["state"], "stopped");
        assert!(events(&directory).len() > told);
        assert_eq!(events(&original), before, "{name}");
        let left: Vec<_> = fs::read_dir(victim.path())
            .expect("a folder")
            .flatten()
            .map(|e| e.file_name())
            .collect();
        assert_eq!(left, ["theirs"]);
        board
            .call(Method::DELETE, &format!("/api/runs/{copied}?files=true"), Value::Null)
            .await;
    }
}

async fn directory_is(board: &Board, run: &str, path: &str) -> bool {
    detail(board, run).await["directory"] == path
}

#[tokio::test]
async fn a_data_directory_that_was_moved_has_the_same_runs_and_they_go_on() {
    let place = tempfile::tempdir().expect("a folder");
    let before = place.path().join("before");
    let run;
    {
        let board = Board::start_in(&before);
        run = stopped(&board).await;
        let patch = json!({ "note": "kept" });
        board.call(Method::PATCH, &format!("/api/runs/{run}"), patch).await;
    }
    let now = place.path().join("now here");
    fs::rename(&before, &now).expect("moved");
    let board = Board::start_in(&now);
    let rows = board.get("/api/runs").await;
    assert_eq!(rows.as_array().map(Vec::len), Some(1), "{rows}");
    assert_eq!((&rows[0]["id"], &rows[0]["note"]), (&json!(run), &json!("kept")));
    assert_eq!(directory(&board, &run).await, now.join("runs").join(&run));
    let step = rows[0]["step"].as_u64().expect("a step");
    // what stands on its checkpoint is found as well
    let mut config = tests::api::demo_config();
    config["model_name_or_path"] = rows[0]["name"].clone();
    let checked = board.post("/api/check", json!({ "config": config })).await;
    assert_eq!(checked["errors"], json!([]), "{checked}");
    board.post(&format!("/api/runs/{run}/resume"), Value::Null).await;
    board.wait_for(&run, |row| row["step"].as_u64() > Some(step)).await;
    board.post(&format!("/api/runs/{run}/stop"), json!("now")).await;
    assert_eq!(board.wait_over(&run).await["state"], "stopped");
    assert!(!before.exists());
}

#[tokio::test]
async fn a_run_is_never_a_folder_that_other_runs_lie_in_nor_one_in_another() {
    let board = Board::start();
    let run = board.start_run(short()).await;
    board.wait_over(&run).await;
    let mine = directory(&board, &run).await;
    let runs = board.data_dir.join("runs");
    planted(&runs, "run_name: all\n");
    planted(&mine.join("inner"), "run_name: inner\n");
    let outer = runs.join("outer");
    planted(&outer.join("deep/held"), "run_name: held\n");
    let held = taken_up(&board, |row| row["name"] == "held").await;
    planted(&outer, "run_name: outer\n");
    for (path, code) in [
        (runs.clone(), "holds_others"),
        (board.data_dir.clone(), "no_run_directory"),
        (outer.clone(), "holds_others"),
        (mine.join("inner"), "inside_a_run"),
    ] {
        let (_, answer) = board
            .call(Method::POST, "/api/runs/adopt", json!({ "path": path }))
            .await;
        assert_eq!(answer["code"], code, "{}: {answer}", path.display());
    }
    // deleting takes the run's own folder, and nothing beside it
    for id in [&run, held["id"].as_str().expect("an id")] {
        let (status, answer) = board
            .call(Method::DELETE, &format!("/api/runs/{id}?files=true"), Value::Null)
            .await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
    }
    assert!(!mine.exists() && !outer.join("deep/held").exists());
    assert!(runs.join("events.jsonl").is_file() && outer.join("deep").is_dir());
}

#[tokio::test]
async fn what_cannot_be_read_in_a_run_directory_stops_nobody_else() {
    let board = Board::start();
    let runs = board.data_dir.join("runs");
    for n in 0..3 {
        let bad = runs.join(format!("bad-{n}"));
        planted(&bad, "run_name: x\n");
        fs::write(bad.join("config.yaml"), [0xff, 0xfe, 0x00]).expect("a config");
    }
    symlink("/", runs.join("root")).expect("a link");
    for n in 0..8 {
        planted(&runs.join(format!("good-{n}")), &format!("run_name: good-{n}\n"));
    }
    for n in 0..8 {
        taken_up(&board, |row| row["name"] == json!(format!("good-{n}"))).await;
    }
    // a run whose events can't be read ends with words, and the one behind it starts
    let first = board.start_run(json!({ "max_steps": 1 })).await;
    board.wait_over(&first).await;
    let blocked = stopped(&board).await;
    let place = directory(&board, &blocked).await;
    fs::remove_file(place.join("events.jsonl")).expect("removed");
    fs::create_dir(place.join("events.jsonl")).expect("a folder");
    board.post(&format!("/api/runs/{blocked}/resume"), Value::Null).await;
    let next = board.start_run(short()).await;
    let row = board.wait_over(&blocked).await;
    assert_eq!(row["state"], "failed", "{row}");
    assert_eq!(row["code"], "events_unreadable", "{row}");
    assert_eq!(board.wait_over(&next).await["state"], "completed");
}

#[tokio::test]
async fn a_line_that_is_no_event_changes_nothing_about_an_ended_run() {
    let board = Board::start();
    let run = board.start_run(short()).await;
    let row = board.wait_over(&run).await;
    let file = directory(&board, &run).await.join("events.jsonl");
    let before = fs::read_to_string(&file).expect("events");
    let last = before.lines().last().expect("an event");
    for (n, line) in ["", "garbage", last, "{\"seq\":"].into_iter().enumerate() {
        fs::write(&file, format!("{before}{line}\n")).expect("written");
        // signs that the board has looked since: directories that it takes up in two searches one after the other
        for part in ["a", "b"] {
            let name = format!("sign-{n}-{part}");
            planted(&board.data_dir.join("runs").join(&name), &format!("run_name: {name}\n"));
            taken_up(&board, |row| row["name"] == name.as_str()).await;
        }
        let now = detail(&board, &run).await["summary"].clone();
        assert_eq!(
            (&now["state"], &now["message"]),
            (&row["state"], &row["message"]),
            "{line:?}"
        );
    }
}

#[tokio::test]
async fn links_out_of_a_run_directory_lead_nowhere() {
    let board = Board::start();
    let secret = tempfile::tempdir().expect("a folder");
    fs::write(secret.path().join("private.key"), "the secret").expect("a file");
    let linked = board.data_dir.join("runs/linked");
    planted(&linked, "run_name: linked\n");
    fs::remove_file(linked.join("config.yaml")).expect("removed");
    fs::write(linked.join("config.yaml"), "run_name: linked\n").expect("a config");
    for name in ["merged", "checkpoint-best", "checkpoint-1"] {
        symlink(secret.path(), linked.join(name)).expect("a link");
    }
    symlink(secret.path().join("private.key"), linked.join("worker.log")).expect("a link");
    let row = taken_up(&board, |row| row["name"] == "linked").await;
    let id = row["id"].as_str().expect("an id");
    fs::remove_file(linked.join("config.yaml")).expect("removed");
    symlink(secret.path().join("private.key"), linked.join("config.yaml")).expect("a link");
    for path in [
        "log",
        "",
        "files/worker.log",
        "files/config.yaml",
        "files/merged/private.key",
        "archive?what=merged",
        "archive?what=adapter",
        "archive?what=adapter&checkpoint=checkpoint-1",
        "archive?what=adapter&checkpoint=checkpoint-best",
        "archive?what=config",
        "files",
    ] {
        let url = format!("{}/api/runs/{id}/{path}", board.url);
        let url = url.trim_end_matches('/');
        let answer = reqwest::get(url)
            .await
            .expect("an answer")
            .bytes()
            .await
            .expect("a whole answer");
        assert!(!String::from_utf8_lossy(&answer).contains("the secret"), "{path}");
    }
    // and a config that is such a link is none: it is not taken up
    let again = board.data_dir.join("elsewhere/again");
    planted(&again, "x: 1\n");
    fs::remove_file(again.join("config.yaml")).expect("removed");
    symlink(secret.path().join("private.key"), again.join("config.yaml")).expect("a link");
    let (_, answer) = board
        .call(Method::POST, "/api/runs/adopt", json!({ "path": again }))
        .await;
    assert_eq!(answer["code"], "bad_config_file", "{answer}");
}

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
async fn what_people_decided_survives_the_loss_of_the_database() {
    let place = tempfile::tempdir().expect("a folder");
    let (done, waiting, last);
    let long = json!({ "max_steps": 100_000, "eval_strategy": "no", "val_size": 0.0 });
    {
        let board = Board::start_in(place.path());
        done = board.start_run(short()).await;
        board.wait_over(&done).await;
        let patch = json!({ "name": "the good one", "tags": ["a", "b"], "note": "why", "archived": true });
        board.call(Method::PATCH, &format!("/api/runs/{done}"), patch).await;
        let going = board.start_run(long).await;
        board.wait_for(&going, |row| row["state"] == "running").await;
        waiting = board.start_run(json!({ "run_name": "waits" })).await;
        last = board.start_run(json!({ "run_name": "waits longer" })).await;
        board
            .call(
                Method::PATCH,
                &format!("/api/runs/{last}"),
                json!({ "queue_position": 1 }),
            )
            .await;
        let file = place.path().join("runs").join(&waiting).join("board.json");
        let queued = |place: u64| {
            let text = fs::read_to_string(&file).unwrap_or_default();
            serde_json::from_str::<Value>(&text).is_ok_and(|kept| kept["queued"] == place)
        };
        while !queued(2) {
            tokio::task::yield_now().await;
        }
    }
    for entry in fs::read_dir(place.path()).expect("a folder").flatten() {
        if entry.file_name().to_string_lossy().starts_with("corral.db") {
            fs::remove_file(entry.path()).expect("removed");
        }
    }
    let board = Board::start_in(place.path());
    let row = taken_up(&board, |row| row["id"] == json!(done) && row["state"] == "completed").await;
    assert_eq!(
        (&row["name"], &row["tags"], &row["note"], &row["archived"]),
        (&json!("the good one"), &json!(["a", "b"]), &json!("why"), &json!(true))
    );
    // the worker was ended with the board; what waited behind it goes on waiting, or has begun, in its order
    let first = taken_up(&board, |row| row["id"] == json!(last)).await;
    assert_eq!(first["name"], "waits longer");
    taken_up(&board, |row| row["id"] == json!(waiting)).await;
    assert_eq!(board.wait_over(&waiting).await["state"], "completed");
    let ended = |row: &Value| row["started"].as_i64();
    let (second, first) = (board.wait_over(&waiting).await, board.wait_over(&last).await);
    assert!(ended(&first) < ended(&second), "{first} {second}");
    // a queue that a stranger brings starts nothing by itself
    let strange = place.path().join("runs/strange");
    fs::create_dir_all(&strange).expect("a folder");
    fs::copy(
        place.path().join("runs").join(&done).join("config.yaml"),
        strange.join("config.yaml"),
    )
    .expect("a copy");
    let kept = json!({ "id": "0123456789ab", "name": "strange", "queued": 1 });
    fs::write(strange.join("board.json"), kept.to_string()).expect("a file");
    let row = taken_up(&board, |row| row["name"] == "strange" && row["state"] != "starting").await;
    assert_eq!(row["state"], "stopped", "{row}");
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
async fn a_run_whose_directory_is_removed_while_it_goes_ends_there() {
    let board = Board::start();
    let long = json!({ "max_steps": 100_000, "save_steps": 5, "eval_strategy": "no", "val_size": 0.0 });
    let run = board.start_run(long).await;
    board.wait_for(&run, |row| row["step"].as_u64() >= Some(3)).await;
    let place = directory(&board, &run).await;
    fs::rename(&place, place.with_file_name(".taken")).expect("moved");
    let row = board.wait_over(&run).await;
    assert_eq!(
        (&row["state"], &row["code"]),
        (&json!("failed"), &json!("directory_gone")),
        "{row}"
    );
    assert_eq!(board.workers(), Vec::<i32>::new());
}
