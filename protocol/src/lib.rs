//! The contract between board, server and trainer: the types that cross a process boundary, and the rules on which all three
//! must agree.

pub mod api;
pub mod catalogue;
pub mod cgroup;
pub mod chat;
pub mod column;
pub mod config;
pub mod cuda;
pub mod data;
pub mod data_dir;
pub mod decoder;
pub mod evaluation;
pub mod event;
pub mod file_name;
pub mod fold;
pub mod health;
pub mod hub;
pub mod inference;
pub mod live;
pub mod memory;
pub mod method;
pub mod metric;
pub mod named_file;
pub mod naming;
pub mod notify;
pub mod numbers;
mod optimizer_states;
pub mod pairs;
pub mod plot;
pub mod register;
pub mod run_dir;
pub mod said;
pub mod samples;
pub mod says;
pub mod search;
pub mod stage;
pub mod supported;
pub mod sweep;
mod tell;
pub mod tensorboard;
pub mod tokenizer_files;
pub mod trackers;
pub mod usage;
pub mod wire;
pub mod wording;
pub mod worked;

pub use config::{FieldError, RunConfig, RunSpec};
pub use event::{Event, MetricValue, Metrics, TrainEvent};
pub use said::{Lang, Said};
pub use stage::Stage;

/// Version of the run directory and of the events in it; written to `worker.json`.
pub const PROTOCOL_VERSION: u32 = 1;
