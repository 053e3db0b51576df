//! Reads a run's rows: all of them before the first step, or, streamed, as far as the first one is ready.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::checkpoint;
use crate::data::{self, Dataset, Encoder, Opened, Stream, Streamed};
use crate::error::{Error, Result};
use crate::events::{EventLog, Progress};
use crate::feed::Feed;
use crate::session::Session;
use crate::stage;
use protocol::config::{RunSpec, Streaming};
use protocol::event::{DataReport, Phase, TrainEvent};
use protocol::says;

/// Rows to train on.
pub enum Train {
    /// All read before the first step.
    Held(Dataset),
    /// Read while the run trains on them.
    Streamed(Box<Stream>),
}

impl Train {
    /// The rows, if they are all read.
    pub fn held(&self) -> Option<&Dataset> {
        match self {
            Self::Held(rows) => Some(rows),
            Self::Streamed(_) => None,
        }
    }

    /// The largest token id, if the rows are all read.
    pub fn largest_id(&self) -> Option<u32> {
        self.held().and_then(Dataset::largest_id)
    }
}

/// A run's training and evaluation rows.
pub struct Rows {
    pub train: Train,
    pub eval: Dataset,
}

/// How often it is told how far the reading is.
const READ_TOLD_EVERY: Duration = Duration::from_millis(500);

/// Reads what a run needs before its first step, and tells what the data sets are like.
pub fn rows(spec: &RunSpec, resume: Option<&Path>, encoder: &Arc<Encoder>, events: &mut EventLog) -> Result<Rows> {
    let mut progress = Progress::every(READ_TOLD_EVERY, Phase::Tokenizing);
    let mut on = |done, total| progress.at(events, done, total);
    let (intake, seed) = (stage::intake(&spec.method), spec.seed);
    let held = match spec.data.streaming {
        None => data::load_with(&spec.data, intake, seed, encoder, &mut on)?,
        Some(_) => data::load_eval(&spec.data, intake, seed, encoder, &mut on)?,
    };
    let stream = match spec.data.streaming {
        None => None,
        Some(Streaming { buffer }) => {
            let streamed = Streamed {
                spec: spec.data.clone(),
                buffer,
                intake,
                seed,
                encoder: encoder.clone(),
            };
            let from = match resume {
                None => None,
                Some(checkpoint) => {
                    let state = checkpoint::state(checkpoint)?.stream;
                    // without a stream's state, the checkpoint's rows were in another order
                    let state = state.ok_or_else(|| Error::file(checkpoint, says::other_rows()))?;
                    Some(state.position)
                }
            };
            Some(Stream::open(streamed, from.as_ref(), &mut on)?)
        }
    };
    for notice in held.notices {
        events.notice(notice)?;
    }
    for report in held.reports {
        events.emit(TrainEvent::Data(report))?;
    }
    Ok(match stream {
        None => Rows {
            train: Train::Held(held.train),
            eval: held.eval,
        },
        Some(Opened { stream, held_out }) => Rows {
            train: Train::Streamed(Box::new(stream)),
            eval: match spec.data.eval_dataset.is_empty() {
                true => held_out,
                false => held.eval,
            },
        },
    })
}

impl Session<'_> {
    /// Emits the reports of data sets that a stream has read to their ends since the last call.
    pub fn emit_data_reports(&mut self) -> Result<()> {
        self.emit_reports(|feed| feed.reports())
    }

    /// Ends reading, and emits the reports of data sets that were not read to their ends.
    pub fn finish_feed(&mut self) -> Result<()> {
        self.emit_reports(Feed::finish)
    }

    fn emit_reports(&mut self, of: impl FnOnce(&mut Feed) -> Vec<DataReport>) -> Result<()> {
        let reports = of(&mut self.feed);
        reports
            .into_iter()
            .try_for_each(|report| self.events.emit(TrainEvent::Data(report)))
    }
}
