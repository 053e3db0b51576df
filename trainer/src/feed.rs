//! What a run trains on, step by step: rows that are held, in an order of each epoch's own, or rows that are streamed.

use std::sync::Arc;

use crate::batch::Order;
use crate::data::{Dataset, Encoder, Examples, Position, Stream};
use crate::error::Result;
use crate::session::check_id;
use crate::stop;
use protocol::config::BatchSpec;
use protocol::event::DataReport;
use serde::{Deserialize, Serialize};

/// What a run trains on.
pub enum Feed {
    Held(Held),
    Streamed(Box<Streamed>),
}

/// Rows that were all read before the first step.
pub struct Held {
    pub rows: Dataset,
    pub order: Order,
}

/// Rows that are read while they are trained on.
pub struct Streamed {
    pub stream: Stream,
    pub batch: BatchSpec,
    pub total_steps: u64,
    /// Token ids that the model knows.
    pub vocabulary: u64,
    pub encoder: Arc<Encoder>,
    /// The step after which the pass at hand began.
    pub began: u64,
}

/// What a step is trained on.
pub struct StepRows {
    pub micro_batches: Vec<MicroBatch>,
    /// Of all rows, each reply with its prompt.
    pub tokens: u64,
}

pub struct MicroBatch {
    /// The rows' numbers, where they are held.
    pub rows: Vec<usize>,
    pub examples: Examples,
}

/// Where a stream stands, in a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamState {
    #[serde(flatten)]
    pub position: Position,
    /// The step after which the pass at hand began.
    pub began: u64,
}

impl Feed {
    /// What the step after `step` steps is trained on.
    pub fn step(&mut self, step: u64) -> Result<StepRows> {
        match self {
            Self::Held(held) => held.step(step),
            Self::Streamed(streamed) => streamed.step(step),
        }
    }

    /// Rows of an epoch, where they are known.
    pub fn rows(&self) -> Option<u64> {
        match self {
            Self::Held(held) => Some(held.rows.len() as u64),
            Self::Streamed(_) => None,
        }
    }

    /// Whether an epoch ends with that step; of a stream nobody knows.
    pub fn ends_epoch(&self, step: u64) -> bool {
        match self {
            Self::Held(held) => step.is_multiple_of(held.order.steps_per_epoch()),
            Self::Streamed(_) => false,
        }
    }

    /// Epochs done after `step` steps, with the share of the one going on. Of a stream, as transformers counts, a pass that is
    /// going on is a share of all steps.
    pub fn epochs(&self, step: u64) -> f64 {
        match self {
            Self::Held(held) => held.order.epochs(step),
            Self::Streamed(streamed) => {
                let within = step.saturating_sub(streamed.began) as f64;
                streamed.stream.position().pass as f64 + within / streamed.total_steps.max(1) as f64
            }
        }
    }

    /// Where a stream stands.
    pub fn state(&self) -> Option<StreamState> {
        match self {
            Self::Held(_) => None,
            Self::Streamed(streamed) => Some(StreamState {
                position: streamed.stream.position().clone(),
                began: streamed.began,
            }),
        }
    }

    /// What there is to be told of data sets that a stream has read to their ends since the last call.
    pub fn reports(&mut self) -> Vec<DataReport> {
        match self {
            Self::Held(_) => vec![],
            Self::Streamed(streamed) => streamed.stream.reports(),
        }
    }

    /// No more is read. Gives what there is to be told of data sets that were not read to their ends.
    pub fn finish(&mut self) -> Vec<DataReport> {
        match self {
            Self::Held(_) => vec![],
            Self::Streamed(streamed) => streamed.stream.finish(),
        }
    }
}

impl Held {
    fn step(&mut self, step: u64) -> Result<StepRows> {
        let mut tokens = 0;
        let mut micro_batches = vec![];
        for rows in self.order.micro_batches(step) {
            for &row in &rows {
                tokens += u64::from(self.rows.tokens(row)?);
            }
            let examples = self.rows.read(&rows)?;
            micro_batches.push(MicroBatch { rows, examples });
        }
        Ok(StepRows { micro_batches, tokens })
    }
}

impl Streamed {
    fn step(&mut self, step: u64) -> Result<StepRows> {
        let pass = self.stream.position().pass;
        let read = self.stream.step(self.batch, &mut stop::check)?;
        if self.stream.position().pass > pass {
            // with the step that ends a pass, or with that which begins the next
            let rests = self.stream.position().rows > 0;
            self.began = step + u64::from(!rests);
        }
        check_id(read.largest_id, self.vocabulary, &self.encoder)?;
        let micro_batches = read.micro_batches.into_iter();
        Ok(StepRows {
            micro_batches: micro_batches
                .map(|examples| MicroBatch { rows: vec![], examples })
                .collect(),
            tokens: read.tokens,
        })
    }
}
