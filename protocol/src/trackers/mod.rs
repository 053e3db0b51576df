//! Runs as Weights & Biases and SwanLab keep them offline: a transaction log (`journal`) of protocol buffers (`wire`) in a
//! folder, which the program's own `sync` uploads. The same bytes whenever they are made of the same events.
//!
//! Both lay out few messages of what their packages have, so these are written out here by their numbers.

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
/// The folder of trackio's databases in a run directory, where `TRACKIO_DIR` names none.
pub const TRACKIO: &str = "trackio";

/// What a run is called, and where it is filed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Letters and digits; the program knows the run by it when it is uploaded again.
    pub id: String,
    pub project: String,
    pub name: String,
    /// Whose the project is: W&B's entity, SwanLab's workspace.
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
    /// Empty but where it failed.
    pub error: String,
}

/// A program's log of a run, record by record.
pub trait Log {
    /// How it begins. `time` is in milliseconds since the Unix epoch, `config` the run's settings.
    fn open(&mut self, time: i64, config: &Map<String, Value>, out: &mut Vec<u8>);
    /// The metrics of one step, under their tags.
    fn row(&mut self, row: &Row, out: &mut Vec<u8>);
    /// The end; nothing comes behind it.
    fn end(&mut self, ending: &Ending, out: &mut Vec<u8>);
}

/// What was logged of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Milliseconds since the Unix epoch.
    pub time: i64,
    pub step: u64,
    pub values: Vec<(String, f64)>,
}

impl Row {
    /// The row of an event; of most there is none.
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

/// A text where there is one: an empty field is one left out.
fn text(message: Message, field: u64, value: &str) -> Message {
    match value {
        "" => message,
        value => message.bytes(field, value.as_bytes()),
    }
}
