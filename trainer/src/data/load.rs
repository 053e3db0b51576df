//! Loads a run's data: reads, checks, tokenises and splits it, and reports the rows that can't be used.

use std::ops::ControlFlow;
use std::path::Path;

use protocol::config::{DataSpec, Mixing, Packing};
use protocol::data::{DataKind, DataNote};
use protocol::event::DataReport;
use rayon::prelude::*;

use super::encode::RowReport;
use super::error::{DataError, Result};
use super::held_out::{held_out, held_out_task};
use super::info::{self, Entry};
use super::random::Twister;
use super::read::{bad, usable_rows};
use super::rows::{Replies, Row};
use super::task::Task;
use super::template::{Encoder, Omissions};
use super::{Examples, Labelled, Pair, Sequence, detect, encode, feedback, mix, split};
use protocol::says;

/// A run's data in tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    pub train: Examples,
    /// Empty where nothing is held out.
    pub eval: Examples,
    /// One for each data set, the evaluation ones last.
    pub reports: Vec<DataReport>,
}

/// Loads what `spec` names. Fails when a data set can't be read, doesn't fit the stage or has no usable row.
pub fn load(spec: &DataSpec, task: Task, seed: u64, encoder: &Encoder) -> Result<Loaded> {
    let loaded = load_with(spec, task, seed, encoder, |_, _| ControlFlow::Continue(()))?;
    loaded.ok_or_else(|| DataError::dataset(&spec.dataset.join(","), says::broken_off()))
}

/// As [`load`], telling `progress` how many rows of how many of the data set at hand are tokenised. `None`: it broke
/// the loading off.
pub fn load_with(
    spec: &DataSpec,
    task: Task,
    seed: u64,
    encoder: &Encoder,
    progress: impl FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<Option<Loaded>> {
    let mut loader = Loader {
        spec,
        task,
        seed,
        encoder,
        reports: Vec::new(),
        pairs: 0,
        random: Twister::new(seed),
        progress,
    };
    let Some(all) = loader.split(&spec.dataset)? else {
        return Ok(None);
    };
    if !spec.eval_dataset.is_empty() {
        loader.task = held_out_task(spec, task)?;
        let eval = loader.split(&spec.eval_dataset)?;
        return Ok(eval.map(|eval| Loaded {
            train: all,
            eval,
            reports: loader.reports,
        }));
    }
    let reports = loader.reports;
    let units = all.units();
    let rows = units.len();
    let held_out = held_out(spec, rows)?;
    let (train, eval) = split(rows, held_out, seed);
    let rows_of = |chosen: Vec<usize>| chosen.iter().flat_map(|&unit| units[unit].clone()).collect::<Vec<_>>();
    let (train, eval) = (rows_of(train), rows_of(eval));
    let (train, eval) = match all {
        Examples::Ranked(rows) => {
            let (train, eval) = parted(rows, &train, &eval);
            (Examples::Ranked(train), Examples::Ranked(eval))
        }
        Examples::Prompts(rows) => {
            let (train, eval) = parted(rows, &train, &eval);
            (Examples::Prompts(train), Examples::Prompts(eval))
        }
        Examples::Labelled(rows) => {
            let (train, eval) = parted(rows, &train, &eval);
            (Examples::Labelled(train), Examples::Labelled(eval))
        }
        Examples::Pairs(rows) => {
            let (train, eval) = parted(rows, &train, &eval);
            (Examples::Pairs(train), Examples::Pairs(eval))
        }
        Examples::Sequences(rows) => {
            let (train, eval) = parted(rows, &train, &eval);
            (Examples::Sequences(train), Examples::Sequences(eval))
        }
    };
    Ok(Some(Loaded { train, eval, reports }))
}

/// The entry of a data set that is of a kind the task takes.
pub fn found(spec: &DataSpec, task: Task, name: &str) -> Result<Entry> {
    let entry = info::find(name, Path::new(&spec.dataset_dir))?.for_stage(task.stage());
    match task.refuses(detect::kind(&entry.layout)) {
        None => Ok(entry),
        Some(why) => Err(DataError::dataset(name, why)),
    }
}

fn parted<T: Default>(mut rows: Vec<T>, first: &[usize], second: &[usize]) -> (Vec<T>, Vec<T>) {
    let mut take = |order: &[usize]| order.iter().map(|&i| std::mem::take(&mut rows[i])).collect();
    let first = take(first);
    (first, take(second))
}

/// One row in tokens.
#[derive(Clone)]
pub(super) enum Encoded {
    Pair(Pair),
    Labelled(Labelled),
    Sequence(Sequence),
    Document(Vec<u32>),
    Prompt(Vec<u32>),
}

/// Rows tokenised between two looks at whether to go on.
const CHUNK: usize = 512;

struct Loader<'a, F> {
    spec: &'a DataSpec,
    task: Task,
    seed: u64,
    encoder: &'a Encoder,
    reports: Vec<DataReport>,
    /// Numbers given to pairs that are taken apart.
    pairs: usize,
    /// What data sets are sampled by, one after the other.
    random: Twister,
    progress: F,
}

impl<F: FnMut(u64, u64) -> ControlFlow<()>> Loader<'_, F> {
    /// All rows of the data sets `names`, in order.
    fn split(&mut self, names: &[String]) -> Result<Option<Examples>> {
        let mut sets = Vec::new();
        for name in names {
            let mut encoded = Vec::new();
            if self.dataset(name, &mut encoded)?.is_break() {
                return Ok(None);
            }
            sets.push(encoded);
        }
        let encoded = self.mixed(sets)?;
        gather(encoded, names, self.spec, self.task, self.encoder).map(Some)
    }

    /// The rows of all sets, in the order they are used. The two of a pair that was taken apart stay together.
    fn mixed(&self, sets: Vec<Vec<Encoded>>) -> Result<Vec<Encoded>> {
        if self.spec.mixing == Mixing::Concat || sets.len() < 2 {
            return Ok(sets.into_iter().flatten().collect());
        }
        let pair = |row: &Encoded| match row {
            Encoded::Labelled(row) => row.pair,
            _ => None,
        };
        let together = |a: &Encoded, b: &Encoded| pair(a).is_some() && pair(a) == pair(b);
        let units: Vec<Vec<&[Encoded]>> = sets.iter().map(|set| set.chunk_by(together).collect()).collect();
        let sizes: Vec<usize> = units.iter().map(Vec::len).collect();
        let drawn = mix::mixed(&sizes, &self.spec.mixing, self.seed)?;
        Ok(drawn
            .iter()
            .flat_map(|drawn| units[drawn.set][drawn.row].iter().cloned())
            .collect())
    }

    fn dataset(&mut self, name: &str, encoded: &mut Vec<Encoded>) -> Result<ControlFlow<()>> {
        let (spec, task, encoder) = (self.spec, self.task, self.encoder);
        let entry = found(spec, task, name)?;
        let mut report = DataReport {
            dataset: name.to_owned(),
            ..DataReport::default()
        };
        let mut rows = usable_rows(&entry, task.needs(&entry), spec.max_samples, &mut report)?;
        if let Some(n) = entry.layout.num_samples {
            let order = self.random.sample(rows.len(), n);
            rows = order.into_iter().map(|i| rows[i].clone()).collect();
            rows.truncate(spec.max_samples.unwrap_or(usize::MAX));
        }
        if task == Task::Feedback {
            rows = feedback::rows(rows, self.pairs);
            self.pairs += rows.len();
        }
        let (mut same, mut last_only) = (0, 0);
        let mut left_out = LeftOut::default();
        let before = encoded.len();
        let mut done = 0;
        for chunk in rows.chunks(CHUNK) {
            let results: Vec<_> = chunk
                .par_iter()
                .map(|(_, row)| encode_row(row, task, task.cutoff(spec), encoder))
                .collect();
            for ((number, _), result) in chunk.iter().zip(results) {
                match result {
                    Ok((row, row_report)) => {
                        report.cut += u64::from(row_report.cut);
                        last_only += u64::from(row_report.earlier_replies);
                        left_out.count(row_report.omissions);
                        same += u64::from(matches!(&row, Encoded::Pair(p) if p.chosen == p.rejected));
                        encoded.push(row);
                    }
                    Err(e) => bad(&mut report, *number, e.said()),
                }
            }
            done += chunk.len() as u64;
            if (self.progress)(done, rows.len() as u64).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        report.bad_rows.sort_by_key(|b| b.row);
        report.usable = ((encoded.len() - before) as u64).min(report.rows);
        if report.usable == 0 {
            return Err(DataError::NoUsableRow {
                name: name.to_owned(),
                total: report.rows as usize,
                bad: report.bad_rows,
            });
        }
        if same > 0 {
            // pairs that are the same in tokens are those in words and more
            report
                .found
                .retain(|note| !matches!(note, DataNote::SameReplies { .. }));
            report.found.push(DataNote::SameTokens { rows: same });
        }
        if last_only > 0 {
            report.found.push(DataNote::LastReplyCounts { rows: last_only });
        }
        if matches!(task, Task::Pretrain { .. }) && detect::kind(&entry.layout) == DataKind::Instruction {
            report.found.push(DataNote::FirstPromptOnly);
        }
        report.found.extend(left_out.notes());
        self.reports.push(report);
        Ok(ControlFlow::Continue(()))
    }
}

/// Rows in which the template leaves something out.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LeftOut {
    thoughts: u64,
    tools: u64,
    system: u64,
    block: u64,
}

impl LeftOut {
    pub(super) fn count(&mut self, omissions: Omissions) {
        self.thoughts += u64::from(omissions.thoughts);
        self.tools += u64::from(omissions.tools);
        self.system += u64::from(omissions.system);
        self.block += u64::from(omissions.block);
    }

    pub(super) fn notes(self) -> impl Iterator<Item = DataNote> {
        let all = [
            (self.thoughts, DataNote::ThoughtsLeftOut { rows: self.thoughts }),
            (self.tools, DataNote::ToolsLeftOut { rows: self.tools }),
            (self.system, DataNote::SystemLeftOut { rows: self.system }),
            (self.block, DataNote::BlockInReply { rows: self.block }),
        ];
        all.into_iter().filter(|(rows, _)| *rows > 0).map(|(_, note)| note)
    }
}

fn gather(rows: Vec<Encoded>, names: &[String], spec: &DataSpec, task: Task, encoder: &Encoder) -> Result<Examples> {
    let (mut pairs, mut sequences, mut documents) = (Vec::new(), Vec::new(), Vec::new());
    let (mut labelled, mut prompts) = (Vec::new(), Vec::new());
    for row in rows {
        match row {
            Encoded::Pair(pair) => pairs.push(pair),
            Encoded::Labelled(row) => labelled.push(row),
            Encoded::Sequence(sequence) => sequences.push(sequence),
            Encoded::Document(ids) => documents.push(ids),
            Encoded::Prompt(ids) => prompts.push(ids),
        }
    }
    Ok(match task {
        Task::Preference => Examples::Pairs(pairs),
        Task::Ranking => Examples::Ranked(pairs),
        Task::Feedback => Examples::Labelled(labelled),
        Task::Prompts => Examples::Prompts(prompts),
        Task::Supervised { packing, .. } => Examples::Sequences(match packing {
            Packing::No => sequences,
            packing => encode::pack(sequences, task.cutoff(spec), packing == Packing::Plain),
        }),
        Task::Pretrain { packing: false } => Examples::Sequences(encode::rows(encoder, documents, spec.cutoff_len)),
        Task::Pretrain { packing: true } => {
            let blocks = encode::blocks(encoder, &documents, spec.cutoff_len);
            if blocks.is_empty() {
                let tokens: usize = documents.iter().map(Vec::len).sum();
                return Err(DataError::dataset(
                    &names.join(","),
                    says::block_unfilled(tokens, spec.cutoff_len),
                ));
            }
            Examples::Sequences(blocks)
        }
    })
}

/// What a stage makes of a row, or why it can't use it.
pub(super) fn encode_row(row: &Row, task: Task, cutoff: usize, encoder: &Encoder) -> Result<(Encoded, RowReport)> {
    match task {
        Task::Preference | Task::Ranking => {
            let (pair, row_report) = encode::pair(encoder, row, cutoff)?;
            if pair.chosen.is_empty() || pair.rejected.is_empty() {
                return Err(no_reply_left(cutoff));
            }
            Ok((Encoded::Pair(pair), row_report))
        }
        Task::Prompts => {
            let (prompt, row_report) = encode::prompt(encoder, row, cutoff)?;
            Ok((Encoded::Prompt(prompt), row_report))
        }
        Task::Feedback => {
            let (labelled, row_report) = encode::labelled(encoder, row, cutoff)?;
            if labelled.reply.is_empty() {
                return Err(no_reply_left(cutoff));
            }
            Ok((Encoded::Labelled(labelled), row_report))
        }
        Task::Supervised { mask, .. } => {
            let (sequence, row_report) = encode::conversation(encoder, row, mask, cutoff)?;
            if sequence.counted() == 0 {
                return Err(match &row.replies {
                    Replies::One(last) if !last.learned => DataError::row(says::counted_not_learned()),
                    _ => no_reply_left(cutoff),
                });
            }
            Ok((Encoded::Sequence(sequence), row_report))
        }
        Task::Pretrain { .. } => {
            let text = row.prompt.first().map_or("", |m| m.content.as_str());
            if text.is_empty() {
                return Err(DataError::row(says::text_empty()));
            }
            let ids = encode::document(encoder, text)?;
            let row_report = RowReport {
                whole: ids.len(),
                ..RowReport::default()
            };
            Ok((Encoded::Document(ids), row_report))
        }
    }
}

fn no_reply_left(cutoff: usize) -> DataError {
    DataError::row(says::no_reply_left(cutoff))
}
