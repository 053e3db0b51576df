//! Run directories that were moved, copied, nested, planted or spoilt.

use std::fs;
use std::os::unix::fs::symlink;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Board;

use crate::run_dirs::{copy, detail, directory, events, planted, short, stopped, taken_up};

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
    let place = directory(&board, &run).await;
    assert_eq!(place.parent(), Some(now.join("runs").as_path()));
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
        let file = directory(&board, &waiting).await.join("board.json");
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
        directory(&board, &done).await.join("config.yaml"),
        strange.join("config.yaml"),
    )
    .expect("a copy");
    let kept = json!({ "id": "0123456789ab", "name": "strange", "queued": 1 });
    fs::write(strange.join("board.json"), kept.to_string()).expect("a file");
    let row = taken_up(&board, |row| row["name"] == "strange" && row["state"] != "starting").await;
    assert_eq!(row["state"], "stopped", "{row}");
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
