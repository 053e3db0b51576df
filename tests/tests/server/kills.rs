//! `kill -9` of the server and of the worker, at seeded random moments: nothing lost, nothing doubled, nothing changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tests::Board;

const KILLS: usize = 20;

/// A small generator (SplitMix64), so that a failure can be had again.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

type Points = BTreeMap<String, BTreeMap<i64, (i64, f64)>>;

/// What a reader of the file must come to: points after the step that a worker goes on from are forgotten.
fn fold(lines: &[&str]) -> Points {
    let mut points = Points::new();
    for line in lines {
        let event: Value = serde_json::from_str(line).expect("an event");
        match event["type"].as_str() {
            // the rule once more, by itself: what is tested has the product's
            Some("started") => {
                let from = event["resumed_from"].as_i64().expect("a step");
                let all = points.values_mut();
                all.for_each(|p| p.retain(|step, _| from > 0 && *step <= from));
            }
            Some("step" | "eval") => {
                let step = event["step"].as_i64().expect("a step");
                let time = event["time"].as_i64().expect("a time");
                for (name, value) in numbers(line) {
                    points.entry(name).or_default().insert(step, (time, value));
                }
            }
            _ => {}
        }
    }
    points.retain(|_, p| !p.is_empty());
    points
}

/// The metrics of a line as they are written: a parser's quick way of reading a number may miss its last bit.
fn numbers(line: &str) -> BTreeMap<String, f64> {
    #[derive(serde::Deserialize)]
    struct Numbers<'a> {
        #[serde(borrow)]
        metrics: BTreeMap<String, &'a serde_json::value::RawValue>,
    }
    let written: Numbers = serde_json::from_str(line).expect("metrics");
    let exact = |(name, raw): (String, &serde_json::value::RawValue)| (name, raw.get().parse().expect("a number"));
    written.metrics.into_iter().map(exact).collect()
}

/// The file has every sequence number once, and the database has the file: each line, each point, to the bit.
async fn assert_stored(board: &Board, directory: &str) -> Points {
    let text = fs::read_to_string(format!("{directory}/events.jsonl")).expect("events");
    let lines: Vec<&str> = text.lines().collect();
    let events: Vec<Value> = lines
        .iter()
        .map(|l| serde_json::from_str(l).expect("an event"))
        .collect();
    let seqs: Vec<u64> = events.iter().filter_map(|e| e["seq"].as_u64()).collect();
    assert_eq!(seqs, (1..=lines.len() as u64).collect::<Vec<_>>());

    let options = SqliteConnectOptions::new()
        .filename(board.data_dir.join("corral.db"))
        .read_only(true);
    let db = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await
        .expect("the database opens");
    let stored: Vec<String> = sqlx::query_scalar(
        "SELECT body FROM events JOIN runs ON runs.key = events.run WHERE directory = ? ORDER BY seq",
    )
    .bind(place(directory))
    .fetch_all(&db)
    .await
    .expect("events");
    assert_eq!(stored, lines);
    let rows: Vec<(String, i64, i64, f64)> = sqlx::query_as(
        "SELECT m.name, p.step, p.time, p.value FROM points p JOIN metrics m ON m.id = p.metric
         JOIN runs r ON r.key = p.run WHERE r.directory = ?",
    )
    .bind(place(directory))
    .fetch_all(&db)
    .await
    .expect("points");
    let mut points = Points::new();
    for (name, step, time, value) in rows {
        points.entry(name).or_default().insert(step, (time, value));
    }
    assert_eq!(points, fold(&lines));
    points
}

/// What the database calls a run directory: its path from the data directory.
fn place(directory: &str) -> String {
    let (_, name) = directory.rsplit_once("/runs/").expect("a directory below runs/");
    format!("runs/{name}")
}

async fn directory(board: &Board, run: &str) -> String {
    let detail = board.get(&format!("/api/runs/{run}")).await;
    detail["directory"].as_str().expect("a path").to_owned()
}

fn weights(directory: &str, step: u64) -> Vec<u8> {
    let path = format!("{directory}/checkpoint-{step}/adapter_model.safetensors");
    fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Values of a metric that do not depend on the clock.
fn values(points: &Points, metric: &str) -> BTreeMap<i64, u64> {
    let points = points.get(metric).unwrap_or_else(|| panic!("no {metric}"));
    points
        .iter()
        .map(|(step, (_, value))| (*step, value.to_bits()))
        .collect()
}

#[tokio::test]
async fn a_server_killed_again_and_again_loses_and_doubles_no_step() {
    let mut board = Board::start();
    let mut random = Random(7);
    let keys = json!({ "max_steps": 400, "eval_steps": 100, "save_steps": 50 });
    let run = board.start_run(keys).await;
    let directory = directory(&board, &run).await;
    for kill in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(random.below(400))).await;
        board.restart();
        let rows = board.get("/api/runs").await;
        assert_eq!(rows.as_array().map(Vec::len), Some(1), "after kill {kill}: {rows}");
        assert_ne!(rows[0]["state"], "failed", "after kill {kill}: {rows}");
    }
    let row = board.wait_over(&run).await;
    assert_eq!(
        (&row["state"], &row["step"]),
        (&json!("completed"), &json!(400)),
        "{row}"
    );
    let points = assert_stored(&board, &directory).await;
    assert_eq!(points["loss"].len(), 400);
    let text = fs::read_to_string(format!("{directory}/events.jsonl")).expect("events");
    let starts = text.lines().filter(|l| l.contains(r#""type":"started""#)).count();
    assert_eq!(starts, 1, "one worker did it all");
}

#[tokio::test]
async fn a_worker_killed_again_and_again_is_resumed_to_the_very_same_weights() {
    // enough that a fast machine isn't done before it was killed often
    const STEPS: u64 = 2000;
    let board = Board::start();
    let mut random = Random(11);
    let keys = json!({ "max_steps": STEPS, "eval_steps": 100, "save_steps": 8, "save_total_limit": 3 });
    let straight = board.start_run(keys.clone()).await;
    assert_eq!(board.wait_over(&straight).await["state"], "completed");
    let straight = directory(&board, &straight).await;
    let straight_points = assert_stored(&board, &straight).await;

    let run = board.start_run(keys).await;
    let broken = directory(&board, &run).await;
    let mut kills = 0;
    let row = loop {
        let live =
            |row: &Value| ["running", "completed", "failed"].contains(&row["state"].as_str().unwrap_or_default());
        let row = board.wait_for(&run, live).await;
        if row["state"] == "completed" {
            break row;
        }
        assert_eq!(row["state"], "running", "{row}");
        if kills < KILLS {
            // in the middle of whatever it does: loading, a step, an evaluation, a checkpoint
            tokio::time::sleep(Duration::from_millis(random.below(200))).await;
            let workers = board.workers();
            workers.iter().for_each(|pid| {
                // SAFETY: a signal to a process id touches no memory of ours
                unsafe { libc::kill(*pid, libc::SIGKILL) };
            });
            if !workers.is_empty() {
                kills += 1;
            }
        }
        let killed = Instant::now();
        let row = board.wait_over(&run).await;
        if row["state"] == "completed" {
            break row;
        }
        assert!(killed.elapsed() < Duration::from_secs(20), "{:?}", killed.elapsed());
        assert_eq!(row["state"], "failed", "{row}");
        assert!(
            row["message"].as_str().expect("a cause").contains("out of memory"),
            "{row}"
        );
        board.post(&format!("/api/runs/{run}/resume"), Value::Null).await;
    };
    assert!(kills >= KILLS / 2, "only {kills} kills before it was done");
    assert_eq!(row["step"], STEPS);
    let points = assert_stored(&board, &broken).await;
    for metric in [
        "loss",
        "grad_norm",
        "rewards/margins",
        "eval_loss",
        "preference/accuracies",
    ] {
        assert_eq!(values(&points, metric), values(&straight_points, metric), "{metric}");
    }
    assert_eq!(weights(&broken, STEPS), weights(&straight, STEPS));
    // nothing half-written was left behind
    let leftovers: Vec<_> = fs::read_dir(&broken)
        .expect("the run directory")
        .flatten()
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .filter(|name| name.contains("tmp") || name.contains(".new") || name.contains("part"))
        .collect();
    assert_eq!(leftovers, Vec::<String>::new());
    assert!(Path::new(&broken).join("checkpoint-best").exists());
}

#[tokio::test]
async fn the_last_words_of_a_killed_worker_are_shown_and_a_run_without_a_slot_starts_after_it() {
    let board = Board::start();
    let long = json!({ "max_steps": 5000, "eval_strategy": "no", "val_size": 0.0 });
    let run = board.start_run(long).await;
    let next = board.start_run(json!({ "max_steps": 1 })).await;
    board.wait_for(&run, |row| row["step"].as_u64() >= Some(4)).await;
    for pid in board.workers() {
        // SAFETY: a signal to a process id touches no memory of ours
        unsafe { libc::kill(pid, libc::SIGKILL) };
    }
    let killed = Instant::now();
    let row = board.wait_over(&run).await;
    assert!(killed.elapsed() < Duration::from_secs(20), "{:?}", killed.elapsed());
    assert_eq!(row["state"], "failed");
    assert!(row["message"].as_str().expect("a cause").contains("signal 9"), "{row}");
    let detail = board.get(&format!("/api/runs/{run}")).await;
    assert!(!detail["last_words"].as_array().expect("lines").is_empty(), "{detail}");
    assert_eq!(board.wait_over(&next).await["state"], "completed");
}
