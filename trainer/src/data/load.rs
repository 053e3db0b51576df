//! Loads a run's data: reads, checks, tokenises and splits it, and reports the rows that can't be used.

use std::ops::ControlFlow;
use std::path::Path;

use protocol::config::{DataSpec, Method, Packing, ValSize};
use protocol::data::{DataKind, DataNote};
use protocol::event::DataReport;
use rayon::prelude::*;

use super::encode::Loss;
use super::error::{DataError, Result};
use super::info::{self, Entry};
use super::read::{bad, usable_rows};
use super::rows::{Replies, Row};
use super::template::{Encoder, Omissions};
use super::{Examples, Labelled, Pair, Sequence, detect, encode, feedback, split};
use protocol::{Said, says};

/// Which tokens of a conversation count in the loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LossMask {
    /// Every reply.
    Replies,
    /// The last one (`mask_history`).
    LastReply,
    /// Prompts too (`train_on_prompt`).
    Everything,
}

/// What a stage makes of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    Pretrain {
        packing: bool,
    },
    Supervised {
        mask: LossMask,
        packing: Packing,
    },
    Preference,
    /// Pairs for a reward model.
    Ranking,
    /// Single replies labelled good or bad; pairs are taken apart.
    Feedback,
    /// What PPO writes replies to.
    Prompts,
}

impl From<&Method> for Task {
    fn from(method: &Method) -> Self {
        match *method {
            Method::Pretrain { packing, .. } => Self::Pretrain { packing },
            Method::Supervised {
                train_on_prompt,
                mask_history,
                packing,
                ..
            } => Self::Supervised {
                mask: match (train_on_prompt, mask_history) {
                    (true, _) => LossMask::Everything,
                    (false, true) => LossMask::LastReply,
                    (false, false) => LossMask::Replies,
                },
                packing,
            },
            Method::Preference(_) => Self::Preference,
            Method::Kto(_) => Self::Feedback,
            Method::Reward(_) => Self::Ranking,
            Method::Ppo(_) => Self::Prompts,
        }
    }
}

impl Task {
    /// Tokens of a row, at most. LLaMA-Factory leaves one free in rows that are packed.
    fn cutoff(self, spec: &DataSpec) -> usize {
        match self {
            Self::Supervised { packing, .. } if packing != Packing::No => spec.cutoff_len - 1,
            _ => spec.cutoff_len,
        }
    }

    fn stage(self) -> &'static str {
        match self {
            Self::Pretrain { .. } => "pt",
            Self::Supervised { .. } => "sft",
            Self::Preference => "dpo",
            Self::Ranking => "rm",
            Self::Feedback => "kto",
            Self::Prompts => "ppo",
        }
    }

    /// What the rows of a data set have to be for it; `None`: no reply is needed.
    fn needs(self, entry: &Entry) -> Option<DataKind> {
        match self {
            Self::Pretrain { .. } => Some(DataKind::Text),
            Self::Prompts => Some(DataKind::Prompts).filter(|kind| detect::kind(&entry.layout) == *kind),
            _ => Some(detect::kind(&entry.layout)),
        }
    }

    /// Why rows of `kind` can't be used, or nothing.
    fn refuses(self, kind: DataKind) -> Option<Said> {
        kind.misfit(self.stage())
            .map(|_| says::wrong_kind(kind.said(), self.stage()))
    }
}

/// A run's data in tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    pub train: Examples,
    /// Empty where nothing is held out.
    pub eval: Examples,
    /// One for each data set, the evaluation ones last.
    pub reports: Vec<DataReport>,
}

/// Rows that show that a share of them leaves some.
const ENOUGH: usize = 64;

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
    let held_out = held_out(spec, rows);
    if held_out >= rows {
        return Err(DataError::dataset(
            &spec.dataset.join(","),
            says::holds_out_all(held_out, rows),
        ));
    }
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

/// Whether `val_size` leaves rows to train on, as far as rows tell it before they are tokens.
///
/// # Errors
/// It holds out all of them, or there is no usable row.
pub fn leaves_rows(spec: &DataSpec, task: Task) -> Result<()> {
    let packs = matches!(
        task,
        Task::Pretrain { packing: true }
            | Task::Supervised {
                packing: Packing::Plain | Packing::Neat,
                ..
            }
    );
    if spec.val_size == ValSize::None || !spec.eval_dataset.is_empty() || packs {
        return Ok(());
    }
    // as a rule the first rows are enough
    let first = match spec.val_size {
        ValSize::Rows(n) => n.saturating_add(1),
        _ => ENOUGH,
    };
    if let Ok(rows) = usable(spec, task, Some(first))
        && held_out(spec, rows) < rows
    {
        return Ok(());
    }
    let rows = usable(spec, task, None)?;
    match held_out(spec, rows) {
        held if held >= rows => Err(DataError::dataset(
            &spec.dataset.join(","),
            says::holds_out_all(held, rows),
        )),
        _ => Ok(()),
    }
}

/// Usable rows of all data sets, of the first `limit` of each.
fn usable(spec: &DataSpec, task: Task, limit: Option<usize>) -> Result<usize> {
    let mut all = 0;
    for name in &spec.dataset {
        let entry = found(spec, task, name)?;
        let limit = [limit, spec.max_samples].into_iter().flatten().min();
        let mut report = DataReport::default();
        let rows = usable_rows(&entry, task.needs(&entry), limit, &mut report)?.len();
        all += rows.min(entry.layout.num_samples.unwrap_or(usize::MAX));
    }
    Ok(all)
}

/// How many of so many rows `val_size` holds out.
fn held_out(spec: &DataSpec, rows: usize) -> usize {
    match spec.val_size {
        ValSize::None => 0,
        ValSize::Share(share) => (share * rows as f64).ceil() as usize,
        ValSize::Rows(n) => n,
    }
}

/// Supervised training may be scored on held-out pairs: they are what all methods are compared by.
pub fn held_out_task(spec: &DataSpec, task: Task) -> Result<Task> {
    if !matches!(task, Task::Supervised { .. }) {
        return Ok(task);
    }
    let dir = Path::new(&spec.dataset_dir);
    let mut kinds = vec![];
    for name in &spec.eval_dataset {
        kinds.push(detect::kind(&info::find(name, dir)?.layout));
    }
    match DataKind::scored_as(task.stage(), kinds.into_iter()) == task.stage() {
        true => Ok(task),
        false => Ok(Task::Preference),
    }
}

fn parted<T: Default>(mut rows: Vec<T>, first: &[usize], second: &[usize]) -> (Vec<T>, Vec<T>) {
    let mut take = |order: &[usize]| order.iter().map(|&i| std::mem::take(&mut rows[i])).collect();
    let first = take(first);
    (first, take(second))
}

/// One row in tokens.
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
    progress: F,
}

impl<F: FnMut(u64, u64) -> ControlFlow<()>> Loader<'_, F> {
    /// All rows of the data sets `names`, in order.
    fn split(&mut self, names: &[String]) -> Result<Option<Examples>> {
        let mut encoded = Vec::new();
        for name in names {
            if self.dataset(name, &mut encoded)?.is_break() {
                return Ok(None);
            }
        }
        gather(encoded, names, self.spec, self.task, self.encoder).map(Some)
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
            let order = split::sample(rows.len(), n, self.seed);
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
                    Ok((row, loss)) => {
                        report.cut += u64::from(loss.cut);
                        last_only += u64::from(loss.earlier_replies);
                        left_out.count(loss.omissions);
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
pub(super) fn encode_row(row: &Row, task: Task, cutoff: usize, encoder: &Encoder) -> Result<(Encoded, Loss)> {
    match task {
        Task::Preference | Task::Ranking => {
            let (pair, loss) = encode::pair(encoder, row, cutoff)?;
            if pair.chosen.is_empty() || pair.rejected.is_empty() {
                return Err(no_reply_left(cutoff));
            }
            Ok((Encoded::Pair(pair), loss))
        }
        Task::Prompts => {
            let (prompt, loss) = encode::prompt(encoder, row, cutoff)?;
            Ok((Encoded::Prompt(prompt), loss))
        }
        Task::Feedback => {
            let (labelled, loss) = encode::labelled(encoder, row, cutoff)?;
            if labelled.reply.is_empty() {
                return Err(no_reply_left(cutoff));
            }
            Ok((Encoded::Labelled(labelled), loss))
        }
        Task::Supervised { mask, .. } => {
            let (sequence, loss) = encode::conversation(encoder, row, mask, cutoff)?;
            if sequence.counted() == 0 {
                return Err(match &row.replies {
                    Replies::One(last) if !last.learned => DataError::row(says::counted_not_learned()),
                    _ => no_reply_left(cutoff),
                });
            }
            Ok((Encoded::Sequence(sequence), loss))
        }
        Task::Pretrain { .. } => {
            let text = row.prompt.first().map_or("", |m| m.content.as_str());
            if text.is_empty() {
                return Err(DataError::row(says::text_empty()));
            }
            let ids = encode::document(encoder, text)?;
            let loss = Loss {
                whole: ids.len(),
                ..Loss::default()
            };
            Ok((Encoded::Document(ids), loss))
        }
    }
}

fn no_reply_left(cutoff: usize) -> DataError {
    DataError::row(says::no_reply_left(cutoff))
}
