//! Loads a run's data: reads, checks, tokenizes and splits it, and reports the rows that can't be used.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use protocol::config::{DataSpec, Mixing, ValSize};
use protocol::event::DataReport;
use protocol::{Said, says};

use super::error::{DataError, Result};
use super::held_out::{enough, held_out};
use super::info::{self, Entry};
use super::intake::Intake;
use super::marked::Marked;
use super::packing::PackedWriter;
use super::source::Watch;
use super::store::kept::Manifest;
use super::store::{Dataset, Place};
use super::template::Encoder;
use super::token_cache::{CachedTokens, TokenCache};
use super::tokenize::{Drawing, Tokenizing};
use super::tokenized::Tokenized;
use super::units::Units;
use super::{detect, mix, split};
use crate::error;

/// A run's data in tokens.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub train: Dataset,
    /// Empty if nothing is held out.
    pub eval: Dataset,
    /// One for each data set, the evaluation ones last.
    pub reports: Vec<DataReport>,
    /// What else people should know.
    pub notices: Vec<Said>,
}

/// Loads what `spec` names. Fails when a data set can't be read, doesn't fit the stage or has no usable row.
pub fn load(spec: &DataSpec, intake: Intake, seed: u64, encoder: &Encoder) -> Result<Loaded> {
    load_with(spec, intake, seed, encoder, |_, _| Ok(()))
}

/// As [`load`], telling `progress` how many bytes of how many of the data set at hand are read; an error it gives ends the
/// loading.
pub fn load_with(
    spec: &DataSpec,
    intake: Intake,
    seed: u64,
    encoder: &Encoder,
    progress: impl FnMut(u64, u64) -> error::Result<()>,
) -> Result<Loaded> {
    load_at(&Place::default(), spec, intake, seed, encoder, progress)
}

/// As [`load_with`], with the place for rows that are too many for memory.
pub(super) fn load_at(
    place: &Place,
    spec: &DataSpec,
    intake: Intake,
    seed: u64,
    encoder: &Encoder,
    mut progress: impl FnMut(u64, u64) -> error::Result<()>,
) -> Result<Loaded> {
    Loader::new(spec, seed, encoder, place, Watch::new(&mut progress)).all(intake)
}

/// The rows of `eval_dataset` alone, as held-out ones: what a run is scored on that streams its own.
pub fn load_eval(
    spec: &DataSpec,
    intake: Intake,
    seed: u64,
    encoder: &Encoder,
    mut progress: impl FnMut(u64, u64) -> error::Result<()>,
) -> Result<Loaded> {
    Loader::new(spec, seed, encoder, &Place::default(), Watch::new(&mut progress)).eval(intake)
}

/// The entry of a data set.
///
/// # Errors
/// There is none, or its rows are of a kind that can't be used.
pub fn found(spec: &DataSpec, intake: Intake, name: &str) -> Result<Entry> {
    found_watched(spec, intake, name, &Watch::none())
}

pub(super) fn found_watched(spec: &DataSpec, intake: Intake, name: &str, watch: &Watch) -> Result<Entry> {
    let entry = info::find_watched(name, Path::new(&spec.dataset_dir), watch)?.for_stage(intake.stage);
    match intake.refuses(detect::kind(&entry.layout)) {
        None => Ok(entry),
        Some(why) => Err(DataError::dataset(name, why)),
    }
}

/// The rows of several data sets, mixed.
struct Mixture {
    rows: Dataset,
    /// How many rows there were after each set, before they were mixed.
    ends: Vec<usize>,
}

/// Rows to train on, and rows that are held out of them.
struct TrainEval {
    train: Dataset,
    eval: Dataset,
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

/// Training or evaluation rows.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    Train,
    Eval,
}

impl<'a> Loader<'a> {
    pub(super) fn new(spec: &'a DataSpec, seed: u64, encoder: &'a Encoder, place: &'a Place, watch: Watch<'a>) -> Self {
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

    fn eval(mut self, intake: Intake) -> Result<Loaded> {
        let intake = intake.held_out(self.spec)?;
        let eval = match self.spec.eval_dataset.is_empty() {
            true => Dataset::all_of(Arc::new(
                PackedWriter::unpacked(intake, 0, self.encoder, self.place).finish(&[])?,
            )),
            false => self.cached_or_tokenized(&self.spec.eval_dataset, intake, Part::Eval)?,
        };
        Ok(Loaded {
            train: eval.clone().chosen(vec![]),
            eval,
            reports: self.reports,
            notices: self.notices,
        })
    }

    fn all(mut self, intake: Intake) -> Result<Loaded> {
        let spec = self.spec;
        if let Some(tokenized) = Tokenized::at(spec.tokenized_path.as_deref())? {
            return self.all_tokenized(&tokenized, intake, None);
        }
        let mut marked = Marked::named_by(spec, intake)?;
        let all = self.cached_or_tokenized(&spec.dataset, intake, Part::Train)?;
        let all = marked.of(all, self.place)?;
        let TrainEval { train, eval } = match spec.eval_dataset.is_empty() {
            true => self.split(all)?,
            false => {
                let intake = intake.held_out(spec)?;
                let eval = self.cached_or_tokenized(&spec.eval_dataset, intake, Part::Eval)?;
                TrainEval {
                    train: all,
                    eval: marked.of(eval, self.place)?,
                }
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

    /// LLaMA-Factory's tokenized data, as its trainers take it: training and evaluation rows are splits of their own.
    /// `limit`: only the first rows of each.
    fn all_tokenized(mut self, tokenized: &Tokenized, intake: Intake, limit: Option<usize>) -> Result<Loaded> {
        let spec = self.spec;
        let mut marked = Marked::named_by(spec, intake)?;
        let mut read_split = |name| {
            let (rows, report) = tokenized.rows(name, intake, limit, self.place, &self.watch)?;
            self.reports.push(report);
            marked.of(Dataset::all_of(Arc::new(rows)), self.place)
        };
        let train = read_split(Tokenized::TRAIN)?;
        let has_held_out = tokenized.has(Tokenized::HELD_OUT);
        let evaluates = spec.val_size != ValSize::None || !spec.eval_dataset.is_empty();
        let TrainEval { train, eval } = match evaluates && (has_held_out || !spec.eval_dataset.is_empty()) {
            true => TrainEval {
                train,
                eval: read_split(Tokenized::HELD_OUT)?,
            },
            false => self.split(train)?,
        };
        self.notices.extend(marked.told());
        let folder = tokenized.folder();
        self.notices
            .push(says::tokens_of_llamafactory(folder, train.len() + eval.len()));
        if has_held_out && !evaluates {
            self.notices.push(says::tokens_not_scored(folder, Tokenized::HELD_OUT));
        }
        Ok(Loaded {
            train,
            eval,
            reports: self.reports,
            notices: self.notices,
        })
    }

    pub(super) fn cached_tokens(mut self, intake: Intake) -> Result<CachedTokens> {
        let spec = self.spec;
        if let Some(tokenized) = Tokenized::at(spec.tokenized_path.as_deref())? {
            let loaded = self.all_tokenized(&tokenized, intake, Some(enough(spec)))?;
            return Ok(CachedTokens {
                train: Some(loaded.train.len() + loaded.eval.len()),
                eval: !loaded.eval.is_empty(),
            });
        }
        let Some(train) = self.find_cached(&spec.dataset, intake, Part::Train)? else {
            // which evaluation rows are sampled depends on the training rows, which are not counted yet
            return Ok(CachedTokens::default());
        };
        let eval = match spec.eval_dataset.is_empty() {
            true => None,
            false => self.find_cached(&spec.eval_dataset, intake.held_out(spec)?, Part::Eval)?,
        };
        Ok(CachedTokens {
            train: Some(Units::belonging(&train)?.len()),
            eval: eval.is_some(),
        })
    }

    /// Rows that are cached, if any.
    ///
    /// # Errors
    /// There are none, and new ones can't be cached.
    fn find_cached(&mut self, names: &[String], intake: Intake, part: Part) -> Result<Option<Dataset>> {
        let Some(cache) = TokenCache::of(self, names, intake, part)? else {
            return Ok(None);
        };
        match self.cached(&cache, names, intake)? {
            None => cache.check_writable().map(|()| None),
            found => Ok(found),
        }
    }

    /// All rows of the data sets `names`, in the order they are used: cached ones, or new ones, which are then cached.
    fn cached_or_tokenized(&mut self, names: &[String], intake: Intake, part: Part) -> Result<Dataset> {
        let Some(cache) = TokenCache::of(self, names, intake, part)? else {
            return Ok(self.mixture(names, intake, self.place)?.rows);
        };
        if let Some(found) = self.cached(&cache, names, intake)? {
            return Ok(found);
        }
        let (reports, drawing) = (self.reports.len(), self.drawing.clone());
        match self.tokenize_into(&cache, names, intake) {
            // nobody asked for the cache: that it can't be written does not stop the run
            Err(DataError::Write { path, source, .. }) if !cache.asked => {
                self.notices.push(says::tokens_not_kept(&path, source));
                self.reports.truncate(reports);
                self.drawing = drawing;
                Ok(self.mixture(names, intake, self.place)?.rows)
            }
            tokenized => tokenized,
        }
    }

    /// Tokenizes the data sets and caches the rows.
    fn tokenize_into(&mut self, cache: &TokenCache, names: &[String], intake: Intake) -> Result<Dataset> {
        let keeping = cache.begin()?;
        let (reports, samples) = (self.reports.len(), self.drawing.samples.len());
        let mixture = self.mixture(names, intake, &keeping.place())?;
        keeping.end(&Manifest {
            ends: mixture.ends,
            samples: self.drawing.samples[samples..].to_vec(),
            reports: self.reports[reports..].to_vec(),
            ..mixture.rows.manifest(cache.origin.clone())
        })?;
        if cache.asked {
            self.notices.push(says::tokens_kept(&cache.folder));
        }
        Ok(mixture.rows)
    }

    /// The rows in `cache`, if any.
    fn cached(&mut self, cache: &TokenCache, names: &[String], intake: Intake) -> Result<Option<Dataset>> {
        let Some((found, rows)) = cache.find()? else {
            return Ok(None);
        };
        let all = Dataset::all_of(Arc::new(rows));
        for sample in found.samples {
            self.drawing.sample(sample);
        }
        self.reports.extend(found.reports);
        self.notices.push(says::tokens_found(&cache.folder));
        Ok(Some(match self.interleaves(names) && !intake.form.changes_rows() {
            true => all.clone().chosen(self.interleaved(&all, &found.ends)?),
            false => all,
        }))
    }

    fn interleaves(&self, names: &[String]) -> bool {
        self.spec.mixing != Mixing::Concat && names.len() > 1
    }

    /// All rows of the data sets `names`, tokenized and mixed, in the order they are used; they are stored at `place`.
    fn mixture(&mut self, names: &[String], intake: Intake, place: &Place) -> Result<Mixture> {
        let interleaves = self.interleaves(names);
        let (cutoff, encoder) = (intake.cutoff(self.spec), self.encoder);
        let tokenizing = Tokenizing {
            spec: self.spec,
            intake,
            encoder,
        };
        let packs_after = interleaves && intake.form.changes_rows();
        let mut rows = match interleaves {
            // unpacked rows are needed only until they are interleaved and packed
            true if packs_after => PackedWriter::unpacked(intake, cutoff, encoder, self.place),
            true => PackedWriter::unpacked(intake, cutoff, encoder, place),
            false => PackedWriter::new(intake, cutoff, encoder, place),
        };
        let mut ends = vec![];
        for name in names {
            let entry = found_watched(self.spec, intake, name, &self.watch)?;
            let report = tokenizing.dataset(&entry, &mut self.drawing, &self.watch, &mut |row| rows.push(row))?;
            self.reports.push(report);
            ends.push(rows.written());
        }
        let all = Dataset::all_of(Arc::new(rows.finish(names)?));
        let rows = match interleaves {
            false => all,
            true => {
                let order = self.interleaved(&all, &ends)?;
                match packs_after {
                    false => all.chosen(order),
                    true => {
                        let packed = PackedWriter::new(intake, cutoff, encoder, place).pack_all(&all, &order, names)?;
                        Dataset::all_of(Arc::new(packed))
                    }
                }
            }
        };
        Ok(Mixture { rows, ends })
    }

    /// The order in which rows of several sets are drawn; `ends` are the row numbers at which the sets end. The two
    /// rows of an unpaired pair stay together.
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

    /// Holds out what `val_size` says.
    fn split(&self, all: Dataset) -> Result<TrainEval> {
        let units = Units::belonging(&all)?;
        let held_out = held_out(self.spec, units.len())?;
        if held_out == 0 && units.are_rows() {
            let eval = all.clone().chosen(vec![]);
            return Ok(TrainEval { train: all, eval });
        }
        let split = split(units.len(), held_out, self.seed);
        let rows = |chosen: Vec<usize>| chosen.into_iter().flat_map(|unit| units.rows(unit)).collect();
        Ok(TrainEval {
            train: all.clone().chosen(rows(split.train)),
            eval: all.chosen(rows(split.held_out)),
        })
    }
}
