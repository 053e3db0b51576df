//! Weights & Biases' transaction log (`run-ID.wandb`): records of `wandb_internal.proto`, as wandb 0.31 writes them offline
//! and `wandb sync` of 0.13 and later reads them.

use super::journal::Journal;
use super::{Ending, Log, Names, Row, text, timestamp};
use crate::event::Outcome;
use crate::wire::Message;
use serde_json::{Map, Value, json};

/// Fields of `Record`.
mod record {
    pub const NUM: u64 = 1;
    pub const HISTORY: u64 = 2;
    pub const SUMMARY: u64 = 3;
    pub const METRIC: u64 = 12;
    pub const RUN: u64 = 17;
    pub const EXIT: u64 = 18;
    pub const HEADER: u64 = 21;
}
/// Fields of `HeaderRecord` and `VersionInfo`.
mod header {
    pub const VERSION_INFO: u64 = 1;
    pub const PRODUCER: u64 = 1;
    pub const MIN_CONSUMER: u64 = 2;
}
/// Fields of `RunRecord`.
mod run {
    pub const ID: u64 = 1;
    pub const ENTITY: u64 = 2;
    pub const PROJECT: u64 = 3;
    pub const CONFIG: u64 = 4;
    pub const GROUP: u64 = 6;
    pub const JOB_TYPE: u64 = 7;
    pub const NAME: u64 = 8;
    pub const NOTES: u64 = 9;
    pub const TAGS: u64 = 10;
    pub const START_TIME: u64 = 17;
}
/// Fields of lists of values and of their items, the same for config, history and summary.
mod item {
    pub const UPDATE: u64 = 1;
    pub const KEY: u64 = 1;
    pub const NESTED_KEY: u64 = 2;
    pub const JSON: u64 = 16;
    /// The step of a row of the history, and its number.
    pub const STEP: u64 = 2;
    pub const NUMBER: u64 = 1;
}
/// Fields of `MetricRecord` and `MetricOptions`.
mod metric {
    pub const NAME: u64 = 1;
    pub const GLOB: u64 = 2;
    pub const STEP_METRIC: u64 = 4;
    pub const OPTIONS: u64 = 6;
    pub const STEP_SYNC: u64 = 1;
    pub const DEFINED: u64 = 3;
}
/// Fields of `RunExitRecord`.
mod exit {
    pub const CODE: u64 = 1;
    pub const RUNTIME: u64 = 2;
}

/// The x axis of all other metrics, by transformers' name: W&B's own step numbers rows, and a step may have two rows.
const GLOBAL_STEP: &str = "train/global_step";
/// The exit code with which wandb's own client ends a run that its user stopped.
const STOPPED: u64 = 255;

/// The log of a run.
#[derive(Debug)]
pub struct Wandb {
    names: Names,
    journal: Journal,
    /// Records and rows so far.
    records: u64,
    rows: u64,
    /// When the run began, in milliseconds since the Unix epoch.
    begun: i64,
}

impl Wandb {
    pub fn new(names: Names) -> Self {
        Self {
            names,
            journal: Journal::default(),
            records: 0,
            rows: 0,
            begun: 0,
        }
    }

    fn put(&mut self, field: u64, message: &Message, out: &mut Vec<u8>) {
        self.records += 1;
        let record = Message::default()
            .varint(record::NUM, self.records)
            .message(field, message);
        self.journal.append(&record.0, out);
    }

    fn seconds(&self, time: i64) -> u64 {
        u64::try_from(time - self.begun).unwrap_or(0) / 1000
    }

    fn run(&self, config: &Map<String, Value>) -> Message {
        let Names {
            id,
            project,
            name,
            owner,
            group,
            job_type,
            notes,
            tags,
        } = &self.names;
        let settings = config.iter().fold(Message::default(), |all, (key, value)| {
            all.message(item::UPDATE, &json_item(item::KEY, &[key.as_str()], value))
        });
        let mut run = Message::default()
            .bytes(run::ID, id.as_bytes())
            .bytes(run::PROJECT, project.as_bytes())
            .message(run::CONFIG, &settings)
            .bytes(run::NAME, name.as_bytes())
            .message(run::START_TIME, &timestamp(self.begun));
        let more = [
            (run::ENTITY, owner),
            (run::GROUP, group),
            (run::JOB_TYPE, job_type),
            (run::NOTES, notes),
        ];
        for (field, value) in more {
            run = text(run, field, value.as_deref().unwrap_or_default());
        }
        tags.iter().fold(run, |run, tag| text(run, run::TAGS, tag))
    }
}

impl Log for Wandb {
    fn open(&mut self, time: i64, config: &Map<String, Value>, out: &mut Vec<u8>) {
        self.begun = time;
        self.journal.begin(*b":W&B", 0xBEE1, 0, out);
        let producer = concat!("corral ", env!("CARGO_PKG_VERSION"));
        let version = text(Message::default(), header::PRODUCER, producer);
        let version = text(version, header::MIN_CONSUMER, "0.13.0");
        let header = Message::default().message(header::VERSION_INFO, &version);
        self.put(record::HEADER, &header, out);
        let run = self.run(config);
        self.put(record::RUN, &run, out);
        let defined = Message::default().varint(metric::DEFINED, 1);
        let step = text(Message::default(), metric::NAME, GLOBAL_STEP).message(metric::OPTIONS, &defined);
        self.put(record::METRIC, &step, out);
        let synced = Message::default()
            .varint(metric::STEP_SYNC, 1)
            .varint(metric::DEFINED, 1);
        let others = text(Message::default(), metric::GLOB, "*");
        let others = text(others, metric::STEP_METRIC, GLOBAL_STEP).message(metric::OPTIONS, &synced);
        self.put(record::METRIC, &others, out);
    }

    fn row(&mut self, row: &Row, out: &mut Vec<u8>) {
        let runtime = self.seconds(row.time);
        let mut values: Vec<(&str, Value)> = row.values.iter().map(|(tag, v)| (tag.as_str(), json!(v))).collect();
        values.push((GLOBAL_STEP, json!(row.step)));
        values.push(("_timestamp", json!(row.time as f64 / 1e3)));
        values.push(("_runtime", json!(runtime)));
        values.push(("_step", json!(self.rows)));
        let all = || {
            let item = |(name, value): &(&str, Value)| json_item(item::NESTED_KEY, &[*name], value);
            let items = values.iter().map(item);
            items.fold(Message::default(), |all, item| all.message(item::UPDATE, &item))
        };
        // the summary also has the duration under `_wandb.runtime`
        let length = json_item(item::NESTED_KEY, &["_wandb", "runtime"], &json!(runtime));
        let summary = all().message(item::UPDATE, &length);
        self.put(record::SUMMARY, &summary, out);
        let number = Message::default().varint(item::NUMBER, self.rows);
        let history = all().message(item::STEP, &number);
        self.put(record::HISTORY, &history, out);
        self.rows += 1;
    }

    fn end(&mut self, ending: &Ending, out: &mut Vec<u8>) {
        let code = match ending.outcome {
            Outcome::Completed | Outcome::Untold => 0,
            Outcome::Failed => 1,
            Outcome::Stopped => STOPPED,
        };
        let exit = Message::default()
            .varint(exit::CODE, code)
            .varint(exit::RUNTIME, self.seconds(ending.time));
        self.put(record::EXIT, &exit, out);
    }
}

fn json_item(field: u64, key: &[&str], value: &Value) -> Message {
    let item = key
        .iter()
        .fold(Message::default(), |item, part| item.bytes(field, part.as_bytes()));
    item.bytes(item::JSON, value.to_string().as_bytes())
}
