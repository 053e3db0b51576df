//! A data set's rows made tokens, a bounded number of them at a time: read on one thread while all cores tokenise those
//! read before.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use protocol::config::DataSpec;
use protocol::data::{DataKind, DataNote};
use protocol::event::DataReport;
use rayon::prelude::*;

use super::detect;
use super::error::{DataError, Result};
use super::feedback::Unpairer;
use super::info::Entry;
use super::intake::Intake;
use super::omissions::OmissionCounts;
use super::random::MersenneTwister;
use super::read::{LISTED, bad, usable_rows};
use super::rows::Row;
use super::source::Watch;
use super::store::{Example, RowKind};
use super::template::Encoder;

/// Rows tokenised at once, at most.
const BATCH_ROWS: usize = 512;
/// Bytes of text tokenised at once, about: a longer row goes alone.
const BATCH_BYTES: usize = 4 << 20;
/// Batches that are read before their turn.
const AHEAD: usize = 1;

/// How rows become tokens.
#[derive(Clone, Copy)]
pub(super) struct Tokenizing<'a> {
    pub spec: &'a DataSpec,
    pub intake: Intake,
    pub encoder: &'a Encoder,
}

/// What goes on from one data set to the next.
#[derive(Clone)]
pub(super) struct Drawing {
    /// What data sets are sampled by, one after the other.
    random: MersenneTwister,
    /// How they were: of how many rows, how many.
    pub samples: Vec<[usize; 2]>,
    /// Numbers given to pairs that are taken apart.
    pairs: usize,
}

impl Drawing {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            random: MersenneTwister::new(seed),
            samples: Vec::new(),
            pairs: 0,
        }
    }

    /// Row numbers of so many rows, so many.
    pub(super) fn sample(&mut self, [rows, n]: [usize; 2]) -> Vec<usize> {
        self.samples.push([rows, n]);
        self.random.sample(rows, n)
    }
}

impl Tokenizing<'_> {
    /// Hands every row of `entry` to `sink`, in order, and reports of them.
    ///
    /// # Errors
    /// The data set can't be read, has no usable row, or its tokens can't be kept.
    pub(super) fn dataset(
        self,
        entry: &Entry,
        drawing: &mut Drawing,
        watch: &Watch,
        sink: &mut Sink,
    ) -> Result<DataReport> {
        let mut report = DataReport::default();
        self.part(entry, drawing, watch, sink, &mut report)?;
        Ok(report)
    }

    /// As [`Self::dataset`], until `sink` breaks it off: then `report` tells of what was read until there.
    ///
    /// # Errors
    /// As there, and [`DataError::BrokenOff`].
    pub(super) fn part(
        self,
        entry: &Entry,
        drawing: &mut Drawing,
        watch: &Watch,
        sink: &mut Sink,
        report: &mut DataReport,
    ) -> Result<()> {
        report.dataset.clone_from(&entry.name);
        let (read, encoded) = thread::scope(|scope| {
            let (sender, batches) = sync_channel(AHEAD);
            let encoding = scope.spawn(move || self.encode(batches, sink));
            let read = self.read(entry, drawing, report, watch, Batches::new(sender));
            (read, encoding.join())
        });
        let encoded = encoded.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let (encoded, kept) = (encoded.found, encoded.kept);
        match (read, kept) {
            (Err(interrupted @ DataError::Interrupted(_)), _) => Err(interrupted),
            (_, Err(DataError::BrokenOff)) => {
                self.tell(entry, encoded, report);
                Err(DataError::BrokenOff)
            }
            // what can't be kept is not read on either
            (_, Err(error)) | (Err(error), Ok(())) => Err(error),
            (Ok(()), Ok(())) => {
                self.tell(entry, encoded, report);
                match report.usable {
                    0 => Err(DataError::NoUsableRow {
                        name: entry.name.clone(),
                        total: report.rows as usize,
                        bad: std::mem::take(&mut report.bad_rows),
                    }),
                    _ => Ok(()),
                }
            }
        }
    }

    /// Reads the rows and hands them on in batches.
    fn read(
        self,
        entry: &Entry,
        drawing: &mut Drawing,
        report: &mut DataReport,
        watch: &Watch,
        mut batches: Batches,
    ) -> Result<()> {
        let (needs, most) = (self.intake.needs(entry), self.spec.max_samples);
        let mut unpairer = (self.intake.makes == RowKind::Labelled).then(|| Unpairer::new(drawing.pairs));
        let mut hand = |number, row| match &mut unpairer {
            None => batches.push(number, row),
            Some(unpairer) => batches.push_all(unpairer.push(number, row)),
        };
        match entry.layout.num_samples {
            None => usable_rows(entry, needs, most, report, watch, hand)?,
            Some(n) => {
                let mut rows = 0;
                usable_rows(entry, needs, most, report, watch, |_, _| {
                    rows += 1;
                    ControlFlow::Continue(())
                })?;
                let mut order = drawing.sample([rows, n]);
                order.truncate(most.unwrap_or(usize::MAX));
                let drawn = drawn(entry, needs, &order, watch)?;
                let rows = order.iter().filter_map(|at| drawn.get(at));
                // an end that was asked for is told by the other side
                let _ = rows.cloned().try_for_each(|(number, row)| hand(number, row));
            }
        }
        if let Some(unpairer) = &mut unpairer {
            let _ = batches.push_all(unpairer.finish());
            drawing.pairs = unpairer.next_pair();
        }
        batches.finish();
        Ok(())
    }

    fn encode(self, batches: Receiver<Vec<(u64, Row)>>, sink: &mut Sink) -> Handed {
        let mut found = Encoded::default();
        let kept = self.encode_all(batches, sink, &mut found);
        Handed { found, kept }
    }

    fn encode_all(self, batches: Receiver<Vec<(u64, Row)>>, sink: &mut Sink, encoded: &mut Encoded) -> Result<()> {
        let cutoff = self.intake.cutoff(self.spec);
        for batch in batches {
            let results: Vec<_> = batch
                .into_par_iter()
                .map(|(number, row)| (number, self.intake.encode(&row, cutoff, self.encoder)))
                .collect();
            for (number, result) in results {
                match result {
                    Ok((example, row_report)) => {
                        encoded.rows += 1;
                        encoded.cut += u64::from(row_report.cut);
                        encoded.last_only += u64::from(row_report.earlier_replies);
                        encoded.left_out.count(row_report.omissions);
                        encoded.same += u64::from(matches!(&example, Example::Pair(p) if p.chosen == p.rejected));
                        sink(example)?;
                    }
                    Err(e) => bad(&mut encoded.bad, number, e.said()),
                }
            }
        }
        Ok(())
    }

    fn tell(self, entry: &Entry, encoded: Encoded, report: &mut DataReport) {
        report.bad_total += encoded.bad.bad_total;
        report.bad_rows.extend(encoded.bad.bad_rows);
        report.bad_rows.truncate(LISTED);
        report.bad_rows.sort_by_key(|b| b.row);
        report.cut = encoded.cut;
        report.usable = encoded.rows.min(report.rows);
        if encoded.same > 0 {
            // pairs that are the same in tokens are those in words and more
            report
                .found
                .retain(|note| !matches!(note, DataNote::SameReplies { .. }));
            report.found.push(DataNote::SameTokens { rows: encoded.same });
        }
        if encoded.last_only > 0 {
            report.found.push(DataNote::LastReplyCounts {
                rows: encoded.last_only,
            });
        }
        let as_text = self.intake.needs(entry) == Some(DataKind::Text);
        if as_text && detect::kind(&entry.layout) == DataKind::Instruction {
            report.found.push(DataNote::FirstPromptOnly);
        }
        report.found.extend(encoded.left_out.notes());
    }
}

/// The rows of these numbers among the usable ones.
fn drawn(
    entry: &Entry,
    needs: Option<DataKind>,
    order: &[usize],
    watch: &Watch,
) -> Result<BTreeMap<usize, (u64, Row)>> {
    let wanted: std::collections::BTreeSet<usize> = order.iter().copied().collect();
    let (mut at, mut rows) = (0, BTreeMap::new());
    let mut report = DataReport::default();
    usable_rows(entry, needs, None, &mut report, watch, |number, row| {
        if wanted.contains(&at) {
            rows.insert(at, (number, row));
        }
        at += 1;
        ControlFlow::Continue(())
    })?;
    Ok(rows)
}

/// Takes rows one after the other.
pub(super) type Sink<'a> = dyn FnMut(Example) -> Result<()> + Send + 'a;

/// What became of the rows of a data set that were read.
struct Handed {
    found: Encoded,
    /// Whether the sink took them all.
    kept: Result<()>,
}

/// What tokenising told.
#[derive(Default)]
struct Encoded {
    rows: u64,
    cut: u64,
    last_only: u64,
    same: u64,
    left_out: OmissionCounts,
    /// Rows that can't be used.
    bad: DataReport,
}

/// Rows on their way to be tokenised.
struct Batches {
    rows: Vec<(u64, Row)>,
    bytes: usize,
    sender: SyncSender<Vec<(u64, Row)>>,
}

impl Batches {
    fn new(sender: SyncSender<Vec<(u64, Row)>>) -> Self {
        Self {
            rows: Vec::new(),
            bytes: 0,
            sender,
        }
    }

    /// Breaks where nobody takes them any more.
    fn push(&mut self, number: u64, row: Row) -> ControlFlow<()> {
        self.bytes += row.bytes();
        self.rows.push((number, row));
        match self.rows.len() < BATCH_ROWS && self.bytes < BATCH_BYTES {
            true => ControlFlow::Continue(()),
            false => self.send(),
        }
    }

    fn push_all(&mut self, rows: Vec<(u64, Row)>) -> ControlFlow<()> {
        rows.into_iter().try_for_each(|(number, row)| self.push(number, row))
    }

    fn send(&mut self) -> ControlFlow<()> {
        self.bytes = 0;
        match self.sender.send(std::mem::take(&mut self.rows)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }

    fn finish(mut self) {
        let _ = self.send();
    }
}
