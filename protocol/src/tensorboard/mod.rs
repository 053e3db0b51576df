//! TensorBoard's event files, read and written: records (`record`) of protocol buffers (`crate::wire`), as TensorFlow's
//! `tsl/lib/io/record_writer.h`, `tensorflow/core/util/event.proto` and `framework/summary.proto` define them.
//!
//! Only four messages are needed, so they are written by hand: crates for the format bring generated code for all of
//! TensorFlow's.

mod log;
mod read;
mod record;

pub use log::Log;
pub use read::{Read, What, read};
pub use record::Damaged;
use record::append;

/// Part of the name of every event file, by which TensorBoard finds them.
pub const IN_NAME: &str = "tfevents";

/// The name that a metric of a training step has in trackers, by transformers' rule.
pub fn train_tag(metric: &str) -> String {
    format!("train/{metric}")
}

/// The same for one of an evaluation: `eval_loss` is `eval/loss`.
pub fn eval_tag(metric: &str) -> String {
    format!("eval/{}", crate::metric::bare(metric))
}
