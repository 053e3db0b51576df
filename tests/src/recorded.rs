//! Runs recorded elsewhere, of any length, written as a worker would have written them: quicker than training them.

use crate::Board;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

/// How a recorded run came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Completed,
    /// With what its worker said last.
    Failed(&'static str),
    /// Not at all: a worker of another machine may still be at it.
    Elsewhere,
}

/// What a recorded run is to hold.
pub struct Recording {
    pub name: String,
    pub steps: u64,
    /// Metrics of a step, by their names.
    pub step: fn(u64) -> Value,
    /// The steps after which it was evaluated, and what came out.
    pub evals: Vec<(u64, Value)>,
    pub end: End,
}

impl Recording {
    /// Writes the run's folder below the board's data directory.
    ///
    /// # Panics
    /// If it can't be written.
    pub fn write(&self, board: &Board) -> PathBuf {
        let directory = board.data_dir.join("recordings").join(&self.name);
        fs::create_dir_all(&directory).expect("a folder");
        let config = format!("run_name: {}\nstage: dpo\n", self.name);
        fs::write(directory.join("config.yaml"), config).expect("a config");
        let text: String = self
            .events()
            .into_iter()
            .enumerate()
            .map(|(n, mut event)| {
                event["seq"] = json!(n + 1);
                event["time"] = json!(1_700_000_000_000_u64 + 100 * n as u64);
                format!("{event}\n")
            })
            .collect();
        fs::write(directory.join("events.jsonl"), text).expect("events");
        if self.end == End::Elsewhere {
            let worker = json!({ "pid": 1, "start_time": 1, "boot_id": "elsewhere", "protocol_version": 1, "machine": "another" });
            fs::write(directory.join("worker.json"), worker.to_string()).expect("a worker");
        }
        directory
    }

    fn events(&self) -> Vec<Value> {
        let mut events = vec![json!({
            "type": "started", "total_steps": self.steps, "resumed_from": 0, "epochs": 1.0, "train_rows": 8,
            "eval_rows": 8, "trainable_params": 1, "all_params": 1, "device": "cpu", "compute": "f32", "stored": "f32",
            "threads": 1
        })];
        let epoch = |step: u64| step as f64 / self.steps as f64;
        let mut evals = self.evals.iter().peekable();
        for step in 0..=self.steps {
            if step > 0 {
                events
                    .push(json!({ "type": "step", "step": step, "epoch": epoch(step), "metrics": (self.step)(step) }));
            }
            while let Some((at, metrics)) = evals.next_if(|(at, _)| *at == step) {
                events.push(json!({ "type": "eval", "step": at, "epoch": epoch(step), "metrics": metrics }));
            }
        }
        let (outcome, message) = match self.end {
            End::Completed => ("completed", ""),
            End::Failed(message) => ("failed", message),
            End::Elsewhere => return events,
        };
        events.push(json!({ "type": "finished", "outcome": outcome, "step": self.steps, "message": message }));
        events
    }

    /// Writes it and has the board take it up; gives its id once the board has all of it.
    pub async fn adopted(&self, board: &Board) -> String {
        let row = board
            .post("/api/runs/adopt", json!({ "path": self.write(board) }))
            .await;
        let run = row["id"].as_str().expect("an id").to_owned();
        let state = match self.end {
            End::Completed => "completed",
            End::Failed(_) => "failed",
            End::Elsewhere => "unknown",
        };
        board.wait_for(&run, |row| row["state"] == state).await;
        run
    }
}
