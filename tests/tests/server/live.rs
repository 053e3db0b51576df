//! The live socket with pages that come late, read slowly, or vanish.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use reqwest::Method;
use serde_json::{Value, json};
use tests::Board;

/// A run directory with no worker behind it, whose events the test writes itself.
struct Recording {
    directory: PathBuf,
    seq: u64,
}

impl Recording {
    fn new(board: &Board, name: &str) -> Recording {
        let directory = board.data_dir.join("recordings").join(name);
        fs::create_dir_all(&directory).expect("a folder");
        fs::write(directory.join("config.yaml"), format!("run_name: {name}\nstage: dpo\n")).expect("a config");
        let me = std::process::id();
        let stat = fs::read_to_string("/proc/self/stat").expect("stat");
        let start: u64 = stat
            .rsplit_once(')')
            .expect("a name")
            .1
            .split_whitespace()
            .nth(19)
            .expect("field 22")
            .parse()
            .expect("a number");
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").expect("a boot id");
        // this test is the worker: alive as long as it looks
        let worker = json!({ "pid": me, "start_time": start, "boot_id": boot.trim(), "protocol_version": 1 });
        fs::write(directory.join("worker.json"), worker.to_string()).expect("a worker");
        let mut recording = Recording { directory, seq: 0 };
        recording.write(json!({
            "type": "started", "total_steps": 100_000, "resumed_from": 0, "epochs": 1.0, "train_rows": 8, "eval_rows": 0,
            "trainable_params": 1, "all_params": 1, "device": "cpu", "compute": "f32", "stored": "f32", "threads": 1
        }));
        recording
    }

    fn write(&mut self, event: Value) {
        self.write_all([event]);
    }

    fn write_all(&mut self, events: impl IntoIterator<Item = Value>) {
        let mut text = String::new();
        for mut event in events {
            self.seq += 1;
            event["seq"] = json!(self.seq);
            event["time"] = json!(1_700_000_000_000_u64 + self.seq);
            text.push_str(&format!("{event}\n"));
        }
        append(&self.directory.join("events.jsonl"), text.as_bytes());
    }

    fn steps(&mut self, steps: std::ops::RangeInclusive<u64>) {
        let padding = "x".repeat(60);
        self.write_all(steps.map(|step| {
            let loss = if step == 4321 { -99.0 } else { 0.5 * step as f64 };
            json!({ "type": "step", "step": step, "epoch": 0.1, "metrics": { "loss": loss, &padding: 1.5 } })
        }));
    }
}

fn append(path: &Path, bytes: &[u8]) {
    let mut file = fs::File::options()
        .create(true)
        .append(true)
        .open(path)
        .expect("the file opens");
    file.write_all(bytes).expect("written");
}

async fn adopt(board: &Board, recording: &Recording) -> String {
    let row = board
        .post("/api/runs/adopt", json!({ "path": recording.directory }))
        .await;
    row["id"].as_str().expect("an id").to_owned()
}

async fn change(board: &Board, run: &str, keys: Value) {
    let (status, answer) = board.call(Method::PATCH, &format!("/api/runs/{run}"), keys).await;
    assert!(status.is_success(), "{answer}");
}

#[tokio::test]
async fn a_page_that_does_not_read_for_a_while_gets_everything_once_and_in_order() {
    let board = Board::start();
    let mut recording = Recording::new(&board, "long");
    let run = adopt(&board, &recording).await;
    let mut slow = board.live().await;
    slow.follow(&run, 0).await;
    assert_eq!(slow.until(|m| m["type"] == "event").await["event"]["seq"], 1);
    // far more than the socket's buffers hold, while the page reads nothing and another one reads all
    let mut quick = board.live().await;
    quick.follow(&run, 1).await;
    for part in 0..60 {
        recording.steps(part * 500 + 1..=part * 500 + 500);
    }
    let last = recording.seq;
    let mut expected = 2;
    while expected <= last {
        let message = quick.next().await;
        if message["type"] == "event" {
            assert_eq!(message["event"]["seq"], expected);
            expected += 1;
        }
    }
    // the run was not slowed down: it is stored whole although the slow page has read nothing yet
    let row = board.wait_for(&run, |row| row["seq"].as_u64() == Some(last)).await;
    assert_eq!(row["step"], 30_000);
    let mut expected = 2;
    while expected <= last {
        let message = slow.next().await;
        if message["type"] == "event" {
            assert_eq!(message["event"]["seq"], expected);
            expected += 1;
        }
    }

    // a chart of it is small, and keeps the one spike among 30,000 points
    let page = board.get(&format!("/api/runs/{run}/series?points=500")).await;
    let points = page["series"].as_array().expect("series")[0]["points"]
        .as_array()
        .expect("points")
        .clone();
    assert!((100..=500).contains(&points.len()), "{}", points.len());
    assert!(points.iter().any(|p| p[0] == 4321 && p[2] == -99.0));
    let steps: Vec<u64> = points.iter().filter_map(|p| p[0].as_u64()).collect();
    assert!(steps.is_sorted());
    // looked at closely, every point is there
    let page = board
        .get(&format!("/api/runs/{run}/series?from=4300&to=4400&points=500"))
        .await;
    assert_eq!(page["series"][0]["points"].as_array().map(Vec::len), Some(101));
    // a part with more points than asked uses what was asked, ends where it should, and keeps the spike
    let page = board
        .get(&format!("/api/runs/{run}/series?from=1003&to=9001&points=400"))
        .await;
    let part: Vec<(u64, i64, f64)> = serde_json::from_value(page["series"][0]["points"].clone()).expect("points");
    assert!((360..=400).contains(&part.len()), "{}", part.len());
    assert_eq!((part[0].0, part[part.len() - 1].0), (1003, 9001));
    assert!(part.iter().any(|p| p.0 == 4321 && p.2 == -99.0));
    // the table of all values leaves none out
    let csv = board.text(&format!("/api/runs/{run}/series.csv")).await;
    let steps: Vec<u64> = csv
        .lines()
        .skip(1)
        .map(|l| l.split(',').next().unwrap().parse().unwrap())
        .collect();
    assert_eq!(steps, (1..=30_000).collect::<Vec<_>>());
    assert!(
        csv.lines().nth(4321).is_some_and(|line| line.contains(",-99,")),
        "{}",
        &csv[..200]
    );
}

#[tokio::test]
async fn a_page_that_missed_what_became_of_the_runs_is_told_to_ask_anew() {
    let board = Board::start();
    let mut recording = Recording::new(&board, "long");
    let run = adopt(&board, &recording).await;
    let other = adopt(&board, &Recording::new(&board, "other")).await;
    let mut slow = board.live().await;
    slow.follow(&run, 0).await;
    slow.until(|m| m["type"] == "event").await;
    // far more than the socket's buffers hold, then more messages than are kept for a page
    for part in 0..60 {
        recording.steps(part * 500 + 1..=part * 500 + 500);
    }
    board
        .wait_for(&run, |row| row["seq"].as_u64() == Some(recording.seq))
        .await;
    for n in 0..600 {
        change(&board, &other, json!({ "note": n.to_string() })).await;
    }
    let deleted = board
        .call(Method::DELETE, &format!("/api/runs/{other}"), Value::Null)
        .await;
    assert!(deleted.0.is_success(), "{deleted:?}");
    let mut told = vec![];
    slow.until(|m| {
        let kind = m["type"].as_str().unwrap_or_default().to_owned();
        let over = kind == "hello";
        told.push(kind);
        over
    })
    .await;
    assert!(
        !told.contains(&"removed".to_owned()),
        "it was told in the end: {told:?}"
    );
}

#[tokio::test]
async fn a_row_is_never_told_older_than_it_was_told_before() {
    let board = Board::start();
    let run = adopt(&board, &Recording::new(&board, "often-changed")).await;
    let mut live = board.live().await;
    for round in 0..10 {
        let notes = (0..16).map(|n| json!({ "note": format!("{n} of round {round}") }));
        futures::future::join_all(notes.map(|note| change(&board, &run, note))).await;
        let stored = board.get(&format!("/api/runs/{run}")).await["summary"]["note"].clone();
        change(&board, &run, json!({ "tags": [format!("round {round}")] })).await;
        let marked = |m: &Value| m["run"]["tags"] == json!([format!("round {round}")]);
        let told = live.until(|m| m["type"] == "run" && marked(m)).await;
        assert_eq!(told["run"]["note"], stored);
        // all that was announced before has been sent by then, or is sent now, and says the same
        change(&board, &run, json!({ "tags": [] })).await;
        live.until(|m| {
            assert!(m["type"] != "run" || m["run"]["note"] == stored, "{m}");
            m["type"] == "run" && m["run"]["tags"] == json!([])
        })
        .await;
    }
}

#[tokio::test]
async fn a_page_is_told_a_row_whole_once_and_then_what_changed() {
    let board = Board::start();
    let mut recording = Recording::new(&board, "told");
    let run = adopt(&board, &recording).await;
    board.wait_for(&run, |row| row["seq"] == 1).await;
    let (mut early, mut late) = (board.live().await, board.live().await);
    change(&board, &run, json!({ "note": "one" })).await;
    for live in [&mut early, &mut late] {
        let told = live.next_of_row(&run).await;
        assert_eq!((&told["type"], &told["run"]["note"]), (&json!("run"), &json!("one")));
        assert!(told["run"]["config"].is_object());
    }
    // a change that leaves the row as it is is not told
    change(&board, &run, json!({ "note": "one" })).await;
    change(&board, &run, json!({ "tags": ["a"] })).await;
    for live in [&mut early, &mut late] {
        let told = live.next_of_row(&run).await;
        assert_eq!(
            told,
            json!({ "type": "run_changed", "run": run, "changed": { "tags": ["a"] } })
        );
    }
    // who asks is told all of it anew, and nobody else is
    early.send(json!({ "type": "row", "run": run })).await;
    early.send(json!({ "type": "row", "run": "nobody" })).await;
    let told = early.next_of_row(&run).await;
    assert_eq!((&told["type"], &told["run"]["tags"]), (&json!("run"), &json!(["a"])));
    // a step changes what a step changes: the config stays what it was
    recording.steps(1..=1);
    for live in [&mut early, &mut late] {
        let told = live.next_of_row(&run).await;
        let stored = board.get(&format!("/api/runs/{run}")).await["summary"].clone();
        assert_eq!(told["type"], "run_changed", "{told}");
        assert_eq!(told["changed"].get("config"), None, "{told}");
        for name in ["step", "seq", "latest"] {
            assert_eq!(told["changed"][name], stored[name], "{name}");
        }
    }
}

#[tokio::test]
async fn a_line_is_taken_when_it_is_whole_and_a_resumed_run_replaces_what_it_does_again() {
    let board = Board::start();
    let mut recording = Recording::new(&board, "torn");
    let run = adopt(&board, &recording).await;
    let events = recording.directory.join("events.jsonl");
    recording.steps(1..=20);
    board.wait_for(&run, |row| row["step"] == 20).await;
    // half a line, as a worker leaves it that is killed in the middle of a write
    let half = json!({ "seq": recording.seq + 1, "time": 1, "type": "step", "step": 21, "epoch": 0.1, "metrics": { "loss": 7.0 } });
    let half = half.to_string();
    append(&events, &half.as_bytes()[..half.len() / 2]);
    let mut live = board.live().await;
    live.follow(&run, recording.seq - 1).await;
    assert_eq!(
        live.until(|m| m["type"] == "event").await["event"]["seq"],
        recording.seq
    );
    live.until(|m| m["type"] == "caught_up" && m["seq"] == recording.seq)
        .await;
    // the next worker cuts it off and goes on after step 12
    let text = fs::read_to_string(&events).expect("events");
    let whole = text.rfind('\n').expect("a whole line") + 1;
    fs::File::options()
        .write(true)
        .open(&events)
        .and_then(|f| f.set_len(whole as u64))
        .expect("cut off");
    recording.write(json!({
        "type": "started", "total_steps": 100, "resumed_from": 12, "epochs": 1.0, "train_rows": 8, "eval_rows": 0,
        "trainable_params": 1, "all_params": 1, "device": "cpu", "compute": "f32", "stored": "f32", "threads": 1
    }));
    let row = board.wait_for(&run, |row| row["step"] == 12).await;
    assert_eq!(row["total_steps"], 100);
    recording.write(json!({ "type": "step", "step": 13, "epoch": 0.1, "metrics": { "loss": 13.5 } }));
    board.wait_for(&run, |row| row["step"] == 13).await;
    for points in [16, 2000] {
        let page = board.get(&format!("/api/runs/{run}/series?points={points}")).await;
        let loss = page["series"]
            .as_array()
            .and_then(|s| s.iter().find(|s| s["metric"] == "loss"))
            .expect("loss");
        let loss: Vec<(u64, f64)> = serde_json::from_value(json!(
            loss["points"]
                .as_array()
                .expect("points")
                .iter()
                .map(|p| (p[0].clone(), p[2].clone()))
                .collect::<Vec<_>>()
        ))
        .expect("numbers");
        let mut want: Vec<(u64, f64)> = (1..=12).map(|s| (s, 0.5 * s as f64)).collect();
        want.push((13, 13.5));
        assert_eq!(loss, want, "{points}");
    }
    let page = board.get(&format!("/api/runs/{run}/events?limit=5000")).await;
    let seqs: Vec<u64> = page["events"]
        .as_array()
        .expect("events")
        .iter()
        .filter_map(|e| e["seq"].as_u64())
        .collect();
    assert_eq!(seqs, (1..=recording.seq).collect::<Vec<_>>());
}

#[tokio::test]
async fn lines_that_are_no_events_and_messages_that_are_none_do_no_harm() {
    let board = Board::start();
    let mut recording = Recording::new(&board, "hostile");
    let run = adopt(&board, &recording).await;
    let events = recording.directory.join("events.jsonl");
    append(&events, b"not json\n{}\n[1,2]\n\xff\xfe\n\n");
    append(&events, format!("{}\n", "[".repeat(100_000)).as_bytes());
    append(
        &events,
        br#"{"seq":2,"time":1,"type":"step","step":1,"epoch":0,"metrics":{"loss":null}}"#,
    );
    append(&events, b"\n");
    recording.steps(1..=3);
    let row = board.wait_for(&run, |row| row["step"] == 3).await;
    assert_eq!((&row["seq"], &row["latest"]["loss"]), (&json!(4), &json!(1.5)));
    let mut live = board.live().await;
    for message in [
        json!("x"),
        json!({}),
        json!({ "type": "follow" }),
        json!({ "type": "follow", "run": "no", "after": 0 }),
    ] {
        live.send(message).await;
    }
    live.until(|m| m["type"] == "removed" && m["run"] == "no").await;
    live.follow(&run, 3).await;
    assert_eq!(live.until(|m| m["type"] == "event").await["event"]["seq"], 4);
}
