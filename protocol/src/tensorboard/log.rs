//! Writes a run's events as TensorBoard's: the same events always make the same bytes.

use super::{append, eval_tag, train_tag};
use crate::event::{Event, Metrics, TrainEvent};
use crate::fold::Rewind;
use crate::wire::Message;

/// Fields of `Event`.
mod event {
    pub const WALL_TIME: u64 = 1;
    pub const STEP: u64 = 2;
    pub const FILE_VERSION: u64 = 3;
    pub const SUMMARY: u64 = 5;
    pub const SESSION_LOG: u64 = 7;
}
/// Fields of `Summary`, its values and their metadata.
mod summary {
    pub const VALUE: u64 = 1;
    pub const TAG: u64 = 1;
    pub const SIMPLE_VALUE: u64 = 2;
    pub const TENSOR: u64 = 8;
    pub const METADATA: u64 = 9;
    pub const PLUGIN_DATA: u64 = 1;
    pub const PLUGIN_NAME: u64 = 1;
    pub const DATA_CLASS: u64 = 4;
    pub const CLASS_TENSOR: u64 = 2;
}
/// Fields of `TensorProto` and its shape.
mod tensor {
    pub const TYPE: u64 = 1;
    pub const SHAPE: u64 = 2;
    pub const STRINGS: u64 = 8;
    pub const DIM: u64 = 2;
    pub const SIZE: u64 = 1;
    pub const STRING: u64 = 7;
}
/// Fields of `SessionLog`: a start invalidates what was logged for its step and later ones.
mod session {
    pub const STATUS: u64 = 1;
    pub const START: u64 = 1;
}

/// A file that is being written, record by record.
#[derive(Default)]
pub struct Log(pub Vec<u8>);

impl Log {
    /// Writes the file's beginning; `config` appears under Text as `args`, like transformers' arguments. `time` is in milliseconds
    /// since the Unix epoch.
    pub fn open(&mut self, time: i64, config: &str) {
        self.push(time, 0, |event| event.bytes(event::FILE_VERSION, b"brain.Event:2"));
        // a block of code in Markdown
        let text: String = config.lines().map(|line| format!("    {line}\n")).collect();
        self.push(time, 0, |event| {
            event.message(event::SUMMARY, &text_value("args", &text))
        });
    }

    /// Writes the records of an event; most events have none.
    pub fn event(&mut self, event: &Event) {
        let Event { time, body, .. } = event;
        if let Some(rewind) = Rewind::of(body) {
            let start = Message::default().varint(session::STATUS, session::START);
            self.push(*time, rewind.first(), |event| event.message(event::SESSION_LOG, &start));
        }
        match body {
            TrainEvent::Step { step, epoch, metrics } => {
                let epoch = (train_tag("epoch"), *epoch);
                self.scalars(*time, *step, named(metrics, train_tag).chain([epoch]));
            }
            TrainEvent::Eval { step, metrics, .. } => self.scalars(*time, *step, named(metrics, eval_tag)),
            _ => {}
        }
    }

    fn scalars(&mut self, time: i64, step: u64, values: impl Iterator<Item = (String, f64)>) {
        let summary = values.fold(Message::default(), |summary, (tag, value)| {
            let value = Message::default()
                .bytes(summary::TAG, tag.as_bytes())
                .float(summary::SIMPLE_VALUE, value as f32);
            summary.message(summary::VALUE, &value)
        });
        self.push(time, step, |event| event.message(event::SUMMARY, &summary));
    }

    fn push(&mut self, time: i64, step: u64, what: impl FnOnce(Message) -> Message) {
        let event = Message::default()
            .double(event::WALL_TIME, time as f64 / 1e3)
            .varint(event::STEP, step);
        append(&mut self.0, &what(event).0);
    }
}

fn named(metrics: &Metrics, tag: fn(&str) -> String) -> impl Iterator<Item = (String, f64)> {
    metrics.iter().map(move |(name, value)| (tag(name), value.get()))
}

/// A summary with one text, in the text plugin's form: a tensor with one string.
fn text_value(tag: &str, text: &str) -> Message {
    let plugin = Message::default().bytes(summary::PLUGIN_NAME, b"text");
    let metadata = Message::default()
        .message(summary::PLUGIN_DATA, &plugin)
        .varint(summary::DATA_CLASS, summary::CLASS_TENSOR);
    let shape = Message::default().message(tensor::DIM, &Message::default().varint(tensor::SIZE, 1));
    let tensor = Message::default()
        .varint(tensor::TYPE, tensor::STRING)
        .message(tensor::SHAPE, &shape)
        .bytes(tensor::STRINGS, text.as_bytes());
    let value = Message::default()
        .bytes(summary::TAG, format!("{tag}/text_summary").as_bytes())
        .message(summary::METADATA, &metadata)
        .message(summary::TENSOR, &tensor);
    Message::default().message(summary::VALUE, &value)
}
