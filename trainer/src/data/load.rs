//! Loads a run's data: reads, checks, tokenises and splits it, and reports the rows that can't be used.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use protocol::config::{DataSpec, Mixing, ValSize};
use protocol::event::DataReport;
use protocol::{Said, says};

use super::error::{DataError, Result};
use super::gather::Gather;
use super::held_out::{enough, held_out, held_out_task};
use super::info::{self, Entry};
use super::marked::Marked;
use super::shelf::Shelf;
use super::source::Watch;
use super::store::kept::Manifest;
use super::store::{Dataset, Place};
use super::task::Task;
use super::template::Encoder;
use super::tokenize::{Drawing, Tokenizing};
use super::tokenized::Tokenized;
use super::units::Units;
use super::{detect, mix, split};
use crate::error;

/// A run's data in tokens.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub train: Dataset,
    /// Empty where nothing is held out.
    pub eval: Dataset,
    /// One for each data set, the evaluation ones last.
    pub reports: Vec<DataReport>,
    /// What else is to be told.
    pub notices: Vec<Said>,
}

/// Loads what `spec` names. Fails when a data set can't be read, doesn't fit the stage or has no usable row.
pub fn load(spec: &DataSpec, task: Task, seed: u64, encoder: &Encoder) -> Result<Loaded> {
    load_with(spec, task, seed, encoder, |_, _| Ok(()))
}

/// As [`load`], telling `progress` how many bytes of how many of the data set at hand are read; an error it gives ends the
/// loading.
pub fn load_with(
    spec: &DataSpec,
    task: Task,
    seed: u64,
    encoder: &Encoder,
    progress: impl FnMut(u64, u64) -> error::Result<()>,
) -> Result<Loaded> {
    load_at(&Place::default(), spec, task, seed, encoder, progress)
}

/// As [`load_with`], with the place for rows that are too many for memory.
pub(super) fn load_at(
    place: &Place,
    spec: &DataSpec,
    task: Task,
    seed: u64,
    encoder: &Encoder,
    mut progress: impl FnMut(u64, u64) -> error::Result<()>,
) -> Result<Loaded> {
    Loader::new(spec, seed, encoder, place, Watch::new(&mut progress)).all(task)
}

/// The rows of `eval_dataset` alone, as held-out ones: what a run is scored on that streams its own.
pub fn load_eval(
    spec: &DataSpec,
    task: Task,
    seed: u64,
    encoder: &Encoder,
    mut progress: impl FnMut(u64, u64) -> error::Result<()>,
) -> Result<Loaded> {
    Loader::new(spec, seed, encoder, &Place::default(), Watch::new(&mut progress)).eval(task)
}

/// Which of a run's tokens lie in `tokenized_path`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kept {
    /// How many rows there are to train on and to hold out of, those that stay together as one; or more than `val_size` can
    /// hold out.
    pub train: Option<usize>,
    pub eval: bool,
}

/// Which of a run's tokens are kept where `tokenized_path` says, as loading will find them.
///
/// # Errors
/// Loading would refuse the folder.
pub fn kept(spec: &DataSpec, task: Task, seed: u64, encoder: &Encoder) -> Result<Kept> {
    if spec.tokenized_path.is_none() {
        return Ok(Kept::default());
    }
    Loader::new(spec, seed, encoder, &Place::default(), Watch::none()).kept(task)
}

/// The entry of a data set that is of a kind the task takes.
pub fn found(spec: &DataSpec, task: Task, name: &str) -> Result<Entry> {
    found_watched(spec, task, name, &Watch::none())
}

pub(super) fn found_watched(spec: &DataSpec, task: Task, name: &str, watch: &Watch) -> Result<Entry> {
    let entry = info::find_watched(name, Path::new(&spec.dataset_dir), watch)?.for_stage(task.stage());
    match task.refuses(detect::kind(&entry.layout)) {
        None => Ok(entry),
        Some(why) => Err(DataError::dataset(name, why)),
    }
}

/// Rows of several data sets.
struct Made {
    rows: Dataset,
    /// How many there were behind each set, before they were mixed.
    ends: Vec<usize>,
}

pub(super) struct Loader<'a> {
    pub(super) spec: &'a DataSpec,
    pub(super) seed: u64,
    pub(super) encoder: &'a Encoder,
    pub(super) place: &'a Place,
    watch: Watch<'a>,
    reports: Vec<DataReport>,
    notices: Vec<Said>,
    pub(super) drawing: Drawing,
}

/// Which of a run's rows.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    Train,
    Eval,
}

impl<'a> Loader<'a> {
    fn new(spec: &'a DataSpec, seed: u64, encoder: &'a Encoder, place: &'a Place, watch: Watch<'a>) -> Self {
        Self {
            spec,
            seed,
            encoder,
            place,
            watch,
            reports: Vec::new(),
            notices: Vec::new(),
            drawing: Drawing::new(seed),
        }
    }

    fn eval(mut self, task: Task) -> Result<Loaded> {
        let task = held_out_task(self.spec, task)?;
        let eval = match self.spec.eval_dataset.is_empty() {
            true => Dataset::all_of(Arc::new(Gather::loose(task, 0, self.encoder, self.place).finish(&[])?)),
            false => self.found_or_made(&self.spec.eval_dataset, task, Part::Eval)?,
        };
        Ok(Loaded {
            train: eval.clone().chosen(vec![]),
            eval,
            reports: self.reports,
            notices: self.notices,
        })
    }

    fn all(mut self, task: Task) -> Result<Loaded> {
        let spec = self.spec;
        if let Some(tokenized) = Tokenized::at(spec.tokenized_path.as_deref())? {
            return self.all_tokenized(&tokenized, task, None);
        }
        let mut marked = Marked::named_by(spec, task)?;
        let all = self.found_or_made(&spec.dataset, task, Part::Train)?;
        let all = marked.of(all, self.place)?;
        let (train, eval) = match spec.eval_dataset.is_empty() {
            true => self.parted(all)?,
            false => {
                let task = held_out_task(spec, task)?;
                let eval = self.found_or_made(&spec.eval_dataset, task, Part::Eval)?;
                (all, marked.of(eval, self.place)?)
            }
        };
        self.notices.extend(marked.told());
        Ok(Loaded {
            train,
            eval,
            reports: self.reports,
            notices: self.notices,
        })
    }

    /// Tokens of LLaMA-Factory's, as its trainer takes them: those to train on and those to be scored on are splits of
    /// their own. `limit`: the first of each alone.
    fn all_tokenized(mut self, tokenized: &Tokenized, task: Task, limit: Option<usize>) -> Result<Loaded> {
        let spec = self.spec;
        let mut marked = Marked::named_by(spec, task)?;
        let mut split = |name| {
            let (rows, report) = tokenized.rows(name, task, limit, self.place, &self.watch)?;
            self.reports.push(report);
            marked.of(Dataset::all_of(Arc::new(rows)), self.place)
        };
        let train = split(Tokenized::TRAIN)?;
        let has_held_out = tokenized.has(Tokenized::HELD_OUT);
        let scores = spec.val_size != ValSize::None || !spec.eval_dataset.is_empty();
        let (train, eval) = match scores && (has_held_out || !spec.eval_dataset.is_empty()) {
            true => (train, split(Tokenized::HELD_OUT)?),
            false => self.parted(train)?,
        };
        self.notices.extend(marked.told());
        let folder = tokenized.folder();
        self.notices
            .push(says::tokens_of_llamafactory(folder, train.len() + eval.len()));
        if has_held_out && !scores {
            self.notices.push(says::tokens_not_scored(folder, Tokenized::HELD_OUT));
        }
        Ok(Loaded {
            train,
            eval,
            reports: self.reports,
            notices: self.notices,
        })
    }

    fn kept(mut self, task: Task) -> Result<Kept> {
        let spec = self.spec;
        if let Some(tokenized) = Tokenized::at(spec.tokenized_path.as_deref())? {
            let loaded = self.all_tokenized(&tokenized, task, Some(enough(spec)))?;
            return Ok(Kept {
                train: Some(loaded.train.len() + loaded.eval.len()),
                eval: !loaded.eval.is_empty(),
            });
        }
        let Some(train) = self.found_in_advance(&spec.dataset, task, Part::Train)? else {
            // what is drawn for evaluation depends on the rows before it, which are to be counted yet
            return Ok(Kept::default());
        };
        let eval = match spec.eval_dataset.is_empty() {
            true => None,
            false => self.found_in_advance(&spec.eval_dataset, held_out_task(spec, task)?, Part::Eval)?,
        };
        Ok(Kept {
            train: Some(Units::belonging(&train)?.len()),
            eval: eval.is_some(),
        })
    }

    /// Rows that were kept; where there are none, whether new ones could be.
    fn found_in_advance(&mut self, names: &[String], task: Task, part: Part) -> Result<Option<Dataset>> {
        let Some(shelf) = Shelf::of(self, names, task, part)? else {
            return Ok(None);
        };
        match self.found(&shelf, names, task)? {
            None => shelf.takes_new().map(|()| None),
            found => Ok(found),
        }
    }

    /// All rows of the data sets `names`, in the order they are used: those that were kept, or new ones.
    fn found_or_made(&mut self, names: &[String], task: Task, part: Part) -> Result<Dataset> {
        let Some(shelf) = Shelf::of(self, names, task, part)? else {
            return Ok(self.mixture(names, task, self.place)?.rows);
        };
        if let Some(found) = self.found(&shelf, names, task)? {
            return Ok(found);
        }
        let (reports, drawing) = (self.reports.len(), self.drawing.clone());
        match self.made_and_kept(&shelf, names, task) {
            // what nobody asked for stops no run
            Err(DataError::Write { path, source, .. }) if !shelf.asked => {
                self.notices.push(says::tokens_not_kept(&path, source));
                self.reports.truncate(reports);
                self.drawing = drawing;
                Ok(self.mixture(names, task, self.place)?.rows)
            }
            made => made,
        }
    }

    fn made_and_kept(&mut self, shelf: &Shelf, names: &[String], task: Task) -> Result<Dataset> {
        let keeping = shelf.begin()?;
        let (reports, samples) = (self.reports.len(), self.drawing.samples.len());
        let made = self.mixture(names, task, &keeping.place())?;
        keeping.end(&Manifest {
            ends: made.ends,
            samples: self.drawing.samples[samples..].to_vec(),
            reports: self.reports[reports..].to_vec(),
            ..made.rows.manifest(shelf.origin.clone())
        })?;
        if shelf.asked {
            self.notices.push(says::tokens_kept(&shelf.folder));
        }
        Ok(made.rows)
    }

    /// Those that were kept.
    fn found(&mut self, shelf: &Shelf, names: &[String], task: Task) -> Result<Option<Dataset>> {
        let Some((found, rows)) = shelf.find()? else {
            return Ok(None);
        };
        let all = Dataset::all_of(Arc::new(rows));
        for sample in found.samples {
            self.drawing.sample(sample);
        }
        self.reports.extend(found.reports);
        self.notices.push(says::tokens_found(&shelf.folder));
        Ok(Some(match self.interleaves(names) && !Gather::changes(task) {
            true => all.clone().chosen(self.interleaved(&all, &found.ends)?),
            false => all,
        }))
    }

    fn interleaves(&self, names: &[String]) -> bool {
        self.spec.mixing != Mixing::Concat && names.len() > 1
    }

    /// All rows of the data sets `names`, in the order they are used; they come to lie at `place`.
    fn mixture(&mut self, names: &[String], task: Task, place: &Place) -> Result<Made> {
        let interleaves = self.interleaves(names);
        let (cutoff, encoder) = (task.cutoff(self.spec), self.encoder);
        let tokenizing = Tokenizing {
            spec: self.spec,
            task,
            encoder,
        };
        let passes_on = interleaves && Gather::changes(task);
        let mut rows = match interleaves {
            // what they are made of is kept for as long as they are made
            true if passes_on => Gather::loose(task, cutoff, encoder, self.place),
            true => Gather::loose(task, cutoff, encoder, place),
            false => Gather::new(task, cutoff, encoder, place),
        };
        let mut ends = vec![];
        for name in names {
            let entry = found_watched(self.spec, task, name, &self.watch)?;
            let report = tokenizing.dataset(&entry, &mut self.drawing, &self.watch, &mut |row| rows.push(row))?;
            self.reports.push(report);
            ends.push(rows.written());
        }
        let all = Dataset::all_of(Arc::new(rows.finish(names)?));
        let rows = match interleaves {
            false => all,
            true => {
                let order = self.interleaved(&all, &ends)?;
                match passes_on {
                    false => all.chosen(order),
                    true => {
                        let gathered = Gather::new(task, cutoff, encoder, place).of(&all, &order, names)?;
                        Dataset::all_of(Arc::new(gathered))
                    }
                }
            }
        };
        Ok(Made { rows, ends })
    }

    /// The rows of sets that end at these rows, in the order they are drawn. The two of a pair that was taken apart stay
    /// together.
    fn interleaved(&self, all: &Dataset, ends: &[usize]) -> Result<Vec<u32>> {
        let starts = [0].into_iter().chain(ends.iter().copied());
        let sets: Vec<Range<usize>> = starts.zip(ends).map(|(start, &end)| start..end).collect();
        let sets = sets
            .into_iter()
            .map(|set| Units::neighbours(all, set))
            .collect::<Result<Vec<_>>>()?;
        let sizes: Vec<usize> = sets.iter().map(Units::len).collect();
        let drawn = mix::mixed(&sizes, &self.spec.mixing, self.seed)?;
        Ok(drawn.iter().flat_map(|drawn| sets[drawn.set].rows(drawn.row)).collect())
    }

    /// What is trained on, and what is held out.
    fn parted(&self, all: Dataset) -> Result<(Dataset, Dataset)> {
        let units = Units::belonging(&all)?;
        let held_out = held_out(self.spec, units.len())?;
        if held_out == 0 && units.are_rows() {
            let none = all.clone().chosen(vec![]);
            return Ok((all, none));
        }
        let (train, eval) = split(units.len(), held_out, self.seed);
        let rows = |chosen: Vec<usize>| chosen.into_iter().flat_map(|unit| units.rows(unit)).collect();
        Ok((all.clone().chosen(rows(train)), all.chosen(rows(eval))))
    }
}
