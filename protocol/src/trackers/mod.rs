//! Offline runs of Weights & Biases and SwanLab: a log (`journal`) of protocol buffers (`wire`) in a folder, which the program's
//! own `sync` uploads. The same events always make the same bytes.
//!
//! Only a few messages of each program are needed, so they are written by hand, by the numbers of their fields.

pub mod journal;
mod swanlab;
mod wandb;

pub use swanlab::SwanLab;
pub use wandb::Wandb;

use crate::event::{Event, Metrics, Outcome, TrainEvent};
use crate::tensorboard::{eval_tag, train_tag};
use crate::wire::Message;
use serde_json::{Map, Value};

/// The project of a run where nobody names one: transformers' default.
pub const PROJECT: &str = "huggingface";
/// The folder of trackio's databases in a run directory, unless `TRACKIO_DIR` names another.
pub const TRACKIO: &str = "trackio";

/// The names under which a run is logged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Letters and digits; identifies the run when it is uploaded again.
    pub id: String,
    pub project: String,
    pub name: String,
    /// The owner of the project: W&B's entity, SwanLab's workspace.
    pub owner: Option<String>,
    pub group: Option<String>,
    pub job_type: Option<String>,
    pub notes: Option<String>,
    pub tags: Vec<String>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    pub outcome: Outcome,
    /// Milliseconds since the Unix epoch.
    pub time: i64,
    /// The error, where it failed; else empty.
    pub error: String,
}

/// Writes the log of a run, record by record.
pub trait Log {
    /// Begins the log. `time` is in milliseconds since the Unix epoch, `config` the run's settings.
    fn open(&mut self, time: i64, config: &Map<String, Value>, out: &mut Vec<u8>);
    /// Writes the metrics of one step.
    fn row(&mut self, row: &Row, out: &mut Vec<u8>);
    /// Ends the log.
    fn end(&mut self, ending: &Ending, out: &mut Vec<u8>);
}

/// The metrics of a step, under their tags.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Milliseconds since the Unix epoch.
    pub time: i64,
    pub step: u64,
    pub values: Vec<(String, f64)>,
}

impl Row {
    /// The row of an event; most events have none.
    pub fn of(event: &Event) -> Option<Self> {
        let (step, values) = match &event.body {
            TrainEvent::Step { step, epoch, metrics } => {
                let epoch = (train_tag("epoch"), *epoch);
                (*step, named(metrics, train_tag).chain([epoch]).collect())
            }
            TrainEvent::Eval { step, metrics, .. } => (*step, named(metrics, eval_tag).collect()),
            _ => return None,
        };
        Some(Self {
            time: event.time,
            step,
            values,
        })
    }
}

fn named(metrics: &Metrics, tag: fn(&str) -> String) -> impl Iterator<Item = (String, f64)> {
    metrics.iter().map(move |(name, value)| (tag(name), value.get()))
}

/// Google's `Timestamp`.
fn timestamp(millis: i64) -> Message {
    Message::default()
        .varint(1, millis.div_euclid(1000) as u64)
        .varint(2, millis.rem_euclid(1000) as u64 * 1_000_000)
}

/// Adds a text field, unless the text is empty.
fn text(message: Message, field: u64, value: &str) -> Message {
    match value {
        "" => message,
        value => message.bytes(field, value.as_bytes()),
    }
}
