//! Rows that are trained on while they are read: none is held but those that wait to be shuffled. Which they are, and in which
//! order, follows from data and seed alone, as in LLaMA-Factory; a thread reads ahead of the training.

mod reader;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use protocol::config::{BatchSpec, DataSpec, ValSize};
use protocol::event::DataReport;
use protocol::says;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Examples;
use super::error::{DataError, Result};
use super::intake::Intake;
use super::store::{Dataset, Example, Place, RowKind, Writer};
use super::template::Encoder;
use crate::batch::hex;
use crate::error;

use reader::{Item, Reports, taken};

/// How long who waits for a row is told nothing.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long a reader that is no longer needed has to tell what it read.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// What is streamed, and how.
#[derive(Clone)]
pub struct Streamed {
    pub spec: DataSpec,
    /// Rows that are shuffled at a time.
    pub buffer: usize,
    pub intake: Intake,
    pub seed: u64,
    pub encoder: Arc<Encoder>,
}

impl Streamed {
    /// Rows at the beginning of each pass that are not trained on.
    fn held_out(&self) -> usize {
        match self.spec.val_size {
            ValSize::Rows(n) if self.spec.eval_dataset.is_empty() => n,
            _ => 0,
        }
    }
}

/// How far a stream was trained on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Passes over the data that are done.
    pub pass: u64,
    /// Rows of the pass at hand.
    pub rows: u64,
    /// What those rows are known by again.
    pub hash: String,
}

impl Position {
    fn count(&mut self, example: &Example) {
        let mut hash = Sha256::new();
        hash.update(&self.hash);
        hash.update(example.hash());
        self.hash = hex(&hash.finalize()[..16]);
        self.rows += 1;
    }
}

/// Told of how many rows of how many are ready; an error it gives ends the waiting.
type Tick<'a> = dyn FnMut(u64, u64) -> error::Result<()> + 'a;

/// Gives an error where nobody is to wait on.
type GoOn<'a> = dyn FnMut() -> error::Result<()> + 'a;

/// Rows in the order in which they are trained on, without end.
pub struct Stream {
    kind: RowKind,
    names: String,
    /// Rows at the beginning of each pass that are not trained on.
    held_out: usize,
    /// Those of them that are still to come.
    to_skip: usize,
    position: Position,
    /// What was received before its turn.
    next: Option<Item>,
    /// Gone once it is finished.
    items: Option<Receiver<Result<Item>>>,
    reader: Option<JoinHandle<()>>,
    /// Rows that were read, the shuffled ones included.
    read: Arc<AtomicU64>,
    /// What is to be told of the data sets.
    reports: Reports,
    /// Whether they were trained on to their ends.
    ended: bool,
}

/// What a step is trained on.
pub struct StreamedStep {
    pub micro_batches: Vec<Examples>,
    /// Of all rows, each reply with its prompt.
    pub tokens: u64,
    pub largest_id: Option<u32>,
}

/// A stream on which the next row is to be trained on.
pub struct Opened {
    pub stream: Stream,
    /// The rows that `val_size` holds out.
    pub held_out: Dataset,
}

impl Stream {
    /// Reads up to the first row to train on, or the one behind `from`.
    ///
    /// # Errors
    /// The data can't be read, has too few rows, or other ones than those that `from` was reached with; or the error of `tick`.
    pub fn open(streamed: Streamed, from: Option<&Position>, tick: &mut Tick) -> Result<Opened> {
        let held_out = streamed.held_out();
        let kind = streamed.intake.makes;
        let first = from.map_or(0, |from| from.pass);
        let ready = held_out as u64 + from.map_or(0, |from| from.rows) + streamed.buffer as u64;
        let names = streamed.spec.dataset.join(",");
        let place = Place::default();
        let reading = reader::read(streamed, first, place.clone());
        let mut stream = Self {
            kind,
            names,
            held_out,
            to_skip: 0,
            position: Position {
                pass: first,
                ..Position::default()
            },
            next: None,
            items: Some(reading.items),
            reader: Some(reading.thread),
            read: reading.rows,
            reports: reading.reports,
            ended: false,
        };
        let mut tick = {
            let read = stream.read.clone();
            move || tick(read.load(Ordering::Relaxed).min(ready), ready)
        };
        let mut writer = Writer::new(kind, &place);
        while writer.len() < held_out {
            match stream.receive(&mut tick)? {
                Item::Row(row) => writer.push(row)?,
                Item::End => return Err(stream.nothing_left(writer.len())),
            }
        }
        if let Some(from) = from {
            while stream.position.rows < from.rows {
                match stream.receive(&mut tick)? {
                    Item::Row(row) => stream.position.count(&row),
                    Item::End => return Err(DataError::Row(says::other_rows())),
                }
            }
            if stream.position != *from {
                return Err(DataError::Row(says::other_rows()));
            }
        }
        // what is wrong with the data is told before a model is loaded
        stream.next = Some(stream.receive(&mut tick)?);
        let held_out = Dataset::all_of(Arc::new(writer.finish()?));
        Ok(Opened { stream, held_out })
    }

    /// The rows of the next step: as many micro-batches as one accumulates or, where a pass over the data ends, fewer; never none.
    ///
    /// # Errors
    /// The data can't be read, or the error of `go_on`.
    pub fn step(&mut self, batch: BatchSpec, go_on: &mut GoOn) -> Result<StreamedStep> {
        let most = batch.train * batch.accumulation;
        let mut rows: Vec<Example> = vec![];
        while rows.len() < most {
            match self.receive(go_on)? {
                Item::Row(_) if self.to_skip > 0 => self.to_skip -= 1,
                Item::Row(row) => {
                    self.position.count(&row);
                    rows.push(row);
                }
                Item::End => {
                    self.ended = true;
                    if self.position.rows == 0 {
                        return Err(self.nothing_left(self.held_out - self.to_skip));
                    }
                    self.position = Position {
                        pass: self.position.pass + 1,
                        ..Position::default()
                    };
                    self.to_skip = self.held_out;
                    if !rows.is_empty() {
                        break;
                    }
                }
            }
        }
        let tokens = rows.iter().map(|row| row.tokens() as u64).sum();
        let largest_id = rows.iter().filter_map(Example::largest_id).max();
        let mut micro_batches = vec![];
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            micro_batches.push(self.kind.rows(rows.by_ref().take(batch.train).collect()));
        }
        Ok(StreamedStep {
            micro_batches,
            tokens,
            largest_id,
        })
    }

    /// How far it was trained on.
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// What there is to be told of data sets that were read to their ends; each is told once.
    pub fn reports(&mut self) -> Vec<DataReport> {
        match self.ended {
            true => std::mem::take(&mut *taken(&self.reports)),
            false => vec![],
        }
    }

    /// Ends it. Gives what there is to be told of the data sets and was not told, whether or not they were read to their ends.
    pub fn finish(&mut self) -> Vec<DataReport> {
        self.items = None;
        let asked = Instant::now();
        if let Some(reader) = self.reader.take() {
            while !reader.is_finished() && asked.elapsed() < LAST_WORDS {
                std::thread::sleep(PATIENCE / 10);
            }
        }
        std::mem::take(&mut *taken(&self.reports))
    }

    /// The next of what is read.
    fn receive(&mut self, go_on: &mut GoOn) -> Result<Item> {
        if let Some(next) = self.next.take() {
            return Ok(next);
        }
        loop {
            go_on().map_err(DataError::interrupted)?;
            let Some(items) = &self.items else {
                return Err(DataError::BrokenOff);
            };
            match items.recv_timeout(PATIENCE) {
                Ok(item) => return item,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    // it ends by itself only in a panic
                    let ended = self.reader.take().map(JoinHandle::join);
                    if let Some(Err(panic)) = ended {
                        std::panic::resume_unwind(panic);
                    }
                    return Err(DataError::BrokenOff);
                }
            }
        }
    }

    /// A pass had no row to train on, but so many that are held out.
    fn nothing_left(&self, held_out: usize) -> DataError {
        match self.held_out {
            0 => DataError::NoUsableRow {
                name: self.names.clone(),
                total: 0,
                bad: vec![],
            },
            asked => DataError::dataset(&self.names, says::holds_out_all(asked, held_out)),
        }
    }
}
