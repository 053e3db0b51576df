//! Requests that meet each other, or whose sender has gone in the middle: one wins, the others are told, and nothing is left
//! by halves.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Board;
use tests::api::{demo_config, is_over};

use crate::run_dirs::directory;

/// A run that goes for as long as it takes, so that those behind it wait.
async fn occupied(board: &Board) -> String {
    let long = json!({ "max_steps": 100_000, "eval_strategy": "no", "val_size": 0.0, "save_strategy": "no" });
    let run = board.start_run(long).await;
    board.wait_for(&run, |row| row["state"] == "running").await;
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_the_server_chooses_never_meet_and_of_those_that_people_choose_one_wins() {
    let board = Board::start();
    occupied(&board).await;
    let create = |_| board.call(Method::POST, "/api/runs", json!({ "config": demo_config() }));
    let made = futures::future::join_all((0..20).map(create)).await;
    let names: BTreeSet<String> = made
        .iter()
        .map(|(status, row)| {
            assert_eq!(*status, StatusCode::CREATED, "{row}");
            row["name"].as_str().expect("a name").to_owned()
        })
        .collect();
    assert_eq!(names.len(), 20, "{names:?}");
    for round in 0..3 {
        let name = format!("wanted by all {round}");
        let rename = |(_, row): &(StatusCode, Value)| {
            let path = format!("/api/runs/{}", row["id"].as_str().expect("an id"));
            let patch = json!({ "name": name });
            let board = &board;
            async move { board.call(Method::PATCH, &path, patch).await }
        };
        let answers = futures::future::join_all(made.iter().map(rename)).await;
        let won = answers.iter().filter(|(status, _)| *status == StatusCode::OK).count();
        assert_eq!(won, 1, "{answers:?}");
        for (status, answer) in answers.iter().filter(|(status, _)| *status != StatusCode::OK) {
            assert_eq!(
                (*status, &answer["code"]),
                (StatusCode::CONFLICT, &json!("name_taken")),
                "{answer}"
            );
        }
    }
}

/// Whether an archive came to its end.
fn is_whole(tar: &[u8]) -> bool {
    tar.len() >= 1024 && tar.len().is_multiple_of(512) && tar[tar.len() - 1024..].iter().all(|byte| *byte == 0)
}

#[tokio::test(flavor = "multi_thread")]
async fn archives_and_checksums_of_a_run_whose_checkpoints_come_and_go() {
    let board = Board::start();
    let keys =
        json!({ "max_steps": 60, "save_steps": 1, "save_total_limit": 1, "eval_strategy": "no", "val_size": 0.0 });
    let run = board.start_run(keys).await;
    board.wait_for(&run, |row| row["step"].as_u64() >= Some(2)).await;
    let mut whole = 0;
    loop {
        let over = is_over(&board.get(&format!("/api/runs/{run}")).await["summary"]);
        for path in ["files?checksums=true", "archive?what=adapter"] {
            let answer = reqwest::get(format!("{}/api/runs/{run}/{path}", board.url))
                .await
                .expect("an answer");
            let status = answer.status();
            assert!(status.is_success() || status.is_client_error(), "{path}: {status}");
            let Ok(body) = answer.bytes().await else {
                panic!("{path} was cut short")
            };
            if status.is_success() && path.starts_with("archive") {
                assert!(is_whole(&body), "{} bytes of an archive", body.len());
                whole += 1;
            }
        }
        if over {
            break;
        }
    }
    assert!(whole > 0);
    assert_eq!(board.wait_over(&run).await["state"], "completed");
}

/// Sends a request and goes away.
fn sent_and_gone(board: &Board, method: &str, path: &str, body: &Value) {
    let host = board.url.trim_start_matches("http://");
    let body = body.to_string();
    let mut stream = TcpStream::connect(host).expect("a connection");
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).expect("sent");
}

/// Whether each run has its directory and each directory its run; each data set its file and each file its data set.
async fn is_whole_everywhere(board: &Board) -> bool {
    let mut of_runs = BTreeSet::new();
    for row in board.get("/api/runs").await.as_array().expect("rows") {
        let place = directory(board, row["id"].as_str().expect("an id")).await;
        of_runs.insert(place.file_name().expect("a name").to_string_lossy().into_owned());
    }
    let names = |folder: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(board.data_dir.join(folder)).expect("a folder").flatten();
        entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect()
    };
    let register = fs::read_to_string(board.data_dir.join("data/dataset_info.json")).unwrap_or_else(|_| "{}".into());
    let register: serde_json::Map<String, Value> = serde_json::from_str(&register).expect("a whole register");
    let mut files: BTreeSet<String> = register
        .values()
        .filter_map(|entry| entry["file_name"].as_str().map(str::to_owned))
        .collect();
    files.insert("dataset_info.json".into());
    of_runs == names("runs") && files == names("data")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_sender_who_has_gone_asked_for_is_done_whole_or_not_at_all() {
    let board = Board::start();
    let going = occupied(&board).await;
    let rows = json!([{ "instruction": "Say yes.", "output": "Yes." }, { "instruction": "Say no.", "output": "No." }]);
    let text = json!({ "file_name": "rows.json", "text": rows.to_string() });
    for n in 0..20 {
        sent_and_gone(&board, "POST", "/api/runs", &json!({ "config": demo_config() }));
        let new = json!({ "name": format!("set-{n}"), "source": { "text": text } });
        sent_and_gone(&board, "POST", "/api/datasets", &new);
        sent_and_gone(&board, "DELETE", &format!("/api/datasets/set-{}", n / 2), &Value::Null);
    }
    // what comes behind them is done, and with it nothing of them is left by halves
    board.start_run(json!({})).await;
    board
        .post("/api/datasets", json!({ "name": "last", "source": { "text": text } }))
        .await;
    let since = Instant::now();
    while !is_whole_everywhere(&board).await {
        assert!(since.elapsed() < Duration::from_secs(60), "something is left by halves");
        tokio::task::yield_now().await;
    }
    board.post(&format!("/api/runs/{going}/stop"), json!("now")).await;
}

#[tokio::test]
async fn what_a_server_left_that_ended_in_the_middle_is_swept_at_the_next_start() {
    let mut board = Board::start();
    let run = board
        .start_run(json!({ "max_steps": 1, "eval_strategy": "no", "val_size": 0.0 }))
        .await;
    board.wait_over(&run).await;
    board.kill();
    let (data, runs) = (board.data_dir.join("data"), board.data_dir.join("runs"));
    let left = [
        data.join(".arriving-0123456789abcdef/half.json"),
        runs.join("0123456789ab/config.yaml"),
        runs.join(".deleted-x.01234567/events.jsonl"),
    ];
    for file in &left {
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, "x: 1\n").expect("a file");
    }
    // a folder of somebody else's, and a run's own, are none of it
    let theirs = runs.join("mine/config.yaml");
    fs::create_dir_all(theirs.parent().expect("a folder")).expect("a folder");
    fs::write(&theirs, "x: 1\n").expect("a file");
    board.launch();
    for file in &left {
        assert!(
            !file.parent().is_some_and(|folder| folder.exists()),
            "{}",
            file.display()
        );
    }
    assert!(theirs.exists());
    assert_eq!(board.get("/api/runs").await[0]["id"], json!(run));
}
