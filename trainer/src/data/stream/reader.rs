//! The thread that reads: data sets one behind the other or interleaved, rows put together, then shuffled; pass after
//! pass.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle, Scope, ScopedJoinHandle};

use protocol::config::{Mixing, Until};
use protocol::event::DataReport;

use super::super::error::{DataError, Result};
use super::super::info::Entry;
use super::super::load::found;
use super::super::mix::Draw;
use super::super::packing::Packer;
use super::super::random::Pcg64;
use super::super::shuffle::Shuffle;
use super::super::source::Watch;
use super::super::store::{Example, Place};
use super::super::tokenize::{Drawing, Sink, Tokenizing};
use super::Streamed;

/// Rows that are ready before their turn.
const READY: usize = 256;

/// What comes out of a pass over the data sets.
pub(in crate::data) enum Item {
    Row(Example),
    /// All rows were read.
    End,
}

/// What a thread that reads leaves to be told; whoever takes it tells it.
pub(super) type Reports = Arc<Mutex<Vec<DataReport>>>;

/// A thread that reads.
pub(super) struct Reading {
    /// What it read; after an error nothing follows.
    pub items: Receiver<Result<Item>>,
    pub thread: JoinHandle<()>,
    /// What is to be told of the data sets, once the first pass over them is done or broken off: later ones read the
    /// same.
    pub reports: Reports,
    /// Rows that it read.
    pub rows: Arc<AtomicU64>,
}

/// Reads `streamed` from the beginning of a pass on, for as long as somebody takes what is read. Rows that are too many
/// for memory wait at `place`.
pub(super) fn read(streamed: Streamed, pass: u64, place: Place) -> Reading {
    let (out, items) = sync_channel(READY);
    let (rows, reports) = (Arc::new(AtomicU64::new(0)), Reports::default());
    let reader = Reader {
        streamed,
        place,
        out,
        rows: rows.clone(),
        reports: reports.clone(),
    };
    let thread = thread::spawn(move || reader.passes(pass));
    Reading {
        items,
        thread,
        reports,
        rows,
    }
}

/// What there is to be told; a thread that panicked while it held it has done no harm to a list.
pub(super) fn taken(reports: &Reports) -> MutexGuard<'_, Vec<DataReport>> {
    reports.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Reader {
    streamed: Streamed,
    place: Place,
    out: SyncSender<Result<Item>>,
    rows: Arc<AtomicU64>,
    reports: Reports,
}

impl Reader {
    fn passes(&self, first: u64) {
        for pass in first.. {
            let mut reports = vec![];
            let read = self.pass(pass, &mut reports);
            if pass == first {
                taken(&self.reports).extend(reports);
            }
            let item = match read {
                Err(DataError::BrokenOff) => return,
                Err(error) => Err(error),
                Ok(()) => Ok(Item::End),
            };
            let failed = item.is_err();
            if self.out.send(item).is_err() || failed {
                return;
            }
        }
    }

    /// All rows once. What is told of a data set goes into `reports`, even where it is broken off.
    fn pass(&self, pass: u64, reports: &mut Vec<DataReport>) -> Result<()> {
        let Streamed {
            spec,
            buffer,
            intake,
            seed,
            encoder,
        } = &self.streamed;
        // with rows held out each pass has one order: another one would train on them in the next
        let same = self.streamed.held_out() > 0 || !spec.shuffle;
        let random = generator(*seed, if same { 0 } else { pass });
        let send = |row| self.out.send(Ok(Item::Row(row))).map_err(|_| DataError::BrokenOff);
        let mut shuffle = Shuffle::new(*buffer, random.clone(), intake.makes, &self.place);
        let mut packer = Packer::new(*intake, intake.cutoff(spec), encoder);
        let mut ready = |row| {
            self.rows.fetch_add(1, Ordering::Relaxed);
            match *buffer {
                1 => send(row),
                _ => shuffle.push(row)?.map_or(Ok(()), send),
            }
        };
        let mut each = |row| packer.push(row, &mut ready);
        match &spec.mixing {
            Mixing::Interleave { until, probabilities } if spec.dataset.len() > 1 => {
                let draw = match probabilities {
                    Some(probabilities) => Turns::Drawn(Draw::new(probabilities, random)),
                    None => Turns::Round(0),
                };
                self.interleaved(*until, draw, reports, &mut each)?;
            }
            _ => {
                let mut drawing = Drawing::new(*seed);
                let order = match spec.shuffle {
                    true => random.clone().permutation(spec.dataset.len()),
                    false => (0..spec.dataset.len()).collect(),
                };
                for set in order {
                    let mut report = DataReport::default();
                    let read = self.set(set, &mut drawing, &mut each, &mut report);
                    if !report.dataset.is_empty() {
                        reports.push(report);
                    }
                    read?;
                }
            }
        }
        packer.finish(&spec.dataset, &mut ready)?;
        shuffle.finish(send)
    }

    /// The rows of one data set.
    fn set(&self, set: usize, drawing: &mut Drawing, each: &mut Sink, report: &mut DataReport) -> Result<()> {
        let Streamed {
            spec, intake, encoder, ..
        } = &self.streamed;
        let tokenizing = Tokenizing {
            spec,
            intake: *intake,
            encoder,
        };
        let mut entry: Entry = found(spec, *intake, &spec.dataset[set])?;
        // LLaMA-Factory samples no stream either
        if entry.layout.num_samples.take().is_some() {
            entry.unused.push("num_samples".into());
        }
        tokenizing.part(&entry, drawing, &Watch::none(), each, report)
    }

    /// Rows of all data sets in turn, each read by a thread of its own.
    fn interleaved(
        &self,
        until: Until,
        mut turns: Turns,
        reports: &mut Vec<DataReport>,
        each: &mut Sink,
    ) -> Result<()> {
        let count = self.streamed.spec.dataset.len();
        thread::scope(|scope| {
            let mut sets: Vec<Set> = (0..count).map(|_| Set::default()).collect();
            let mut read = || {
                while match until {
                    Until::OneEnds => !sets.iter().any(|set| set.ended),
                    Until::AllEnd => !sets.iter().all(|set| set.ended),
                } {
                    let at = turns.next(count);
                    let set = &mut sets[at];
                    if set.rows.is_none() {
                        set.begin(self, at, scope);
                        set.next = set.receive()?;
                    }
                    let row = set.next.take();
                    set.next = set.receive()?;
                    row.map_or(Ok(()), &mut *each)?;
                }
                Ok(())
            };
            let result = read();
            for set in &mut sets {
                // who still reads learns by it that nobody takes the rows
                set.rows = None;
                let _ = set.end();
                reports.extend(set.report.take());
            }
            result
        })
    }
}

/// Which data set the next row is of.
enum Turns {
    Round(usize),
    Drawn(Draw),
}

impl Turns {
    fn next(&mut self, sets: usize) -> usize {
        match self {
            Self::Drawn(draw) => draw.set(),
            Self::Round(next) => {
                let at = *next;
                *next = (at + 1) % sets;
                at
            }
        }
    }
}

/// A data set that is read beside others.
#[derive(Default)]
struct Set<'scope> {
    /// Of the thread that reads it; none before the first row is wanted, and before it begins again.
    rows: Option<Receiver<Example>>,
    thread: Option<ScopedJoinHandle<'scope, (DataReport, Result<()>)>>,
    /// The row that shows that there is one.
    next: Option<Example>,
    /// Whether all of its rows were taken once.
    ended: bool,
    /// What was told when it was first read.
    report: Option<DataReport>,
}

impl<'scope> Set<'scope> {
    fn begin<'env>(&mut self, reader: &'scope Reader, set: usize, scope: &'scope Scope<'scope, 'env>) {
        let (out, rows) = sync_channel(READY);
        self.rows = Some(rows);
        self.thread = Some(scope.spawn(move || {
            let mut report = DataReport::default();
            let mut each = |row| out.send(row).map_err(|_| DataError::BrokenOff);
            let mut drawing = Drawing::new(reader.streamed.seed);
            let result = reader.set(set, &mut drawing, &mut each, &mut report);
            (report, result)
        }));
    }

    /// The next row; none at the end, where it may begin again.
    fn receive(&mut self) -> Result<Option<Example>> {
        if let Some(row) = self.rows.as_ref().and_then(|rows| rows.recv().ok()) {
            return Ok(Some(row));
        }
        self.rows = None;
        self.ended = true;
        self.end()?;
        Ok(None)
    }

    fn end(&mut self) -> Result<()> {
        let Some(thread) = self.thread.take() else {
            return Ok(());
        };
        let (report, result) = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        if !report.dataset.is_empty() {
            self.report.get_or_insert(report);
        }
        result
    }
}

/// What a pass is drawn by, as `datasets` seeds it.
fn generator(seed: u64, pass: u64) -> Pcg64 {
    match pass {
        0 => Pcg64::new(seed),
        pass => Pcg64::new((Pcg64::new(seed).next_u64() >> 1).wrapping_sub(pass) & (u64::MAX >> 1)),
    }
}
