//! What a run keeps of its held-out pairs one by one: the folder `pairs/` of the run directory, as `protocol::pairs` has it.

mod most_moved;
mod recording;
mod rows;

pub use recording::{Recording, ReferenceReply, ScoredReply};
pub use rows::{reply, token_places};

use crate::batch::hex;
use crate::data::{Dataset, Encoder, PairRows};
use crate::error::{Error, Result};
use crate::{files, folder};
use most_moved::MovedTokens;
use protocol::pairs::{self as layout, About, Head, MovedPair, Scores, TokenLogps};
use recording::{Recorded, margins};
use rows::Rows;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The folder `pairs/` of a run, which evaluations are added to.
pub struct PairsFolder {
    path: PathBuf,
    /// What the rows say before they are counted.
    about: About,
    cutoff: usize,
    pairs: Vec<PairRows>,
    /// Those in the folder, once it is there.
    heads: Option<Arc<[Head]>>,
}

/// What a run's pairs are held for.
pub struct Purpose {
    /// What they say of themselves before they are counted; `None`: none are kept.
    pub about: Option<About>,
    /// `cutoff_len`
    pub cutoff: usize,
    /// The step that the run goes on from.
    pub step: u64,
}

impl PairsFolder {
    /// `None`: the held-out rows are no pairs. What was written of evaluations past the step is forgotten: they are made again.
    ///
    /// # Errors
    /// The disk can't be read or written.
    pub fn open(dir: &Path, eval: &Dataset, purpose: Purpose) -> Result<Option<Self>> {
        let path = dir.join(layout::FOLDER);
        let pairs = match &purpose.about {
            Some(_) => eval.pairs()?,
            None => vec![],
        };
        let Some(about) = purpose.about.filter(|_| !pairs.is_empty()) else {
            files::retire(&path)?;
            return Ok(None);
        };
        let mut of = Self {
            path,
            about: About {
                rows: hex(&eval.digest()?),
                ..about
            },
            cutoff: purpose.cutoff,
            pairs,
            heads: None,
        };
        match of.known() {
            Some(known) => {
                of.forget_past(purpose.step)?;
                // a run may go on with another beta
                of.about = About {
                    beta: of.about.beta,
                    reference: of.about.reference,
                    reference_follows: of.about.reference_follows,
                    ..known.clone()
                };
                if of.about != known {
                    of.write_about()?;
                }
            }
            None => files::retire(&of.path)?,
        }
        Ok(Some(of))
    }

    /// What the folder says of itself, where it is one of these very rows.
    fn known(&mut self) -> Option<About> {
        let text = files::read_config(&self.path.join(layout::ABOUT)).ok()?;
        let known: About = serde_json::from_slice(&text).ok()?;
        let same = known.rows == self.about.rows && known.measure == self.about.measure;
        let heads = fs::read(self.path.join(layout::HEADS)).ok()?;
        let heads: Vec<Head> = heads.chunks_exact(Head::BYTES).filter_map(Head::decode).collect();
        if !same || heads.len() as u64 != known.count {
            return None;
        }
        self.heads = Some(heads.into());
        Some(known)
    }

    /// Makes the folder ready for the evaluation after `step` updates: rows are written before the first.
    ///
    /// # Errors
    /// The disk can't be read or written.
    pub fn begin(&mut self, step: u64, eval: &Dataset, encoder: &Encoder) -> Result<Recording> {
        let heads = match &self.heads {
            Some(heads) => heads.clone(),
            None => {
                let rows = Rows {
                    dataset: eval,
                    encoder,
                    pairs: &self.pairs,
                    cutoff: self.cutoff,
                };
                let about = &mut self.about;
                let heads = files::folder_atomic(&self.path, |at| {
                    let heads = rows.write(at, about)?;
                    folder::write_json(&at.join(layout::ABOUT), &serde_json::json!(about))?;
                    Ok(heads)
                })?;
                self.heads.insert(heads.into()).clone()
            }
        };
        let first = match self.first_before(step)? {
            Some(first) => {
                let path = self.path.join(layout::evaluation(first));
                Some(margins(&fs::read(&path).map_err(Error::io(&path))?))
            }
            None => None,
        };
        Ok(Recording::new(heads, first))
    }

    /// The step of the first evaluation; `None`: that after `step` updates is the first.
    fn first_before(&self, step: u64) -> Result<Option<u64>> {
        let steps = self.steps(layout::evaluation_step)?;
        Ok(steps.first().copied().filter(|&first| first < step))
    }

    /// Adds the evaluation after `step` updates.
    ///
    /// # Errors
    /// The disk can't be written, or not every pair was scored.
    pub fn add(&mut self, step: u64, recording: Recording) -> Result<()> {
        let first = self.first_before(step)?;
        let Recorded { scores, logps, moved } = recording.finish()?;
        // the scores first: they are small, and what the disk has no room for after them is less missed
        files::write_atomic(&self.path.join(layout::evaluation(step)), &scores)?;
        if !logps.is_empty() {
            let bytes: Vec<u8> = logps.iter().flat_map(|logp| logp.to_le_bytes()).collect();
            files::write_atomic(&self.path.join(layout::tokens(step)), &bytes)?;
        }
        // without a new one the file of an earlier evaluation stays, which its name says that it is of
        if let Some(moved) = self.since_first(first, moved) {
            let bytes = layout::encode_moved(first.unwrap_or(step), &moved);
            files::write_atomic(&self.path.join(layout::moved(step)), &bytes)?;
            self.remove_all(layout::moved_step, layout::moved, |old| old != step)?;
        }
        let first = first.unwrap_or(step);
        self.remove_all(layout::tokens_step, layout::tokens, |old| old != first)?;
        let most = layout::MOST_SCORES / (self.about.count.max(1) * Scores::BYTES as u64);
        let most = most.min(layout::MOST_EVALUATIONS);
        let gone = layout::thinned(&self.steps(layout::evaluation_step)?, most as usize);
        if gone.is_empty() {
            return Ok(());
        }
        for step in &gone {
            self.remove(&layout::evaluation(*step))?;
        }
        self.about.thinned += gone.len() as u64;
        self.write_about()
    }

    /// Pairs that moved with their tokens' log-probs at the first evaluation too; `None`: those can't be told, or no pair has any.
    /// `first`: its step, where this is not the first itself.
    fn since_first(&self, first: Option<u64>, moved: Vec<MovedTokens>) -> Option<Vec<MovedPair>> {
        let file = match first {
            // it may be missing or cut short, since the disk was full then, say: that is no reason to keep nothing from now on
            Some(first) => Some(File::open(self.path.join(layout::tokens(first))).ok()?),
            None => None,
        };
        let heads = self.heads.as_deref().unwrap_or_default();
        let mut pairs = vec![];
        for tokens in moved {
            let first: Vec<f32> = match (&file, heads.get(tokens.pair as usize).and_then(|head| head.token_at)) {
                (Some(file), Some(at)) => {
                    let mut bytes = vec![0; 4 * tokens.policy.len()];
                    file.read_exact_at(&mut bytes, 4 * at).ok()?;
                    let logps = bytes
                        .chunks_exact(4)
                        .map(|of| of.try_into().map_or(0.0, f32::from_le_bytes));
                    logps.collect()
                }
                _ => tokens.policy.clone(),
            };
            let of_token = |(&first, (&last, &reference)): (&f32, (&f32, &f32))| TokenLogps {
                first,
                last,
                reference: (!reference.is_nan()).then_some(reference),
            };
            let both = tokens.policy.iter().zip(&tokens.reference);
            pairs.push(MovedPair {
                pair: tokens.pair,
                tokens: first.iter().zip(both).map(of_token).collect(),
            });
        }
        (!pairs.is_empty()).then_some(pairs)
    }

    fn write_about(&self) -> Result<()> {
        let text = serde_json::json!(self.about).to_string();
        files::write_atomic(&self.path.join(layout::ABOUT), text.as_bytes())
    }

    fn forget_past(&self, step: u64) -> Result<()> {
        files::sweep(&self.path)?;
        self.remove_all(layout::evaluation_step, layout::evaluation, |at| at > step)?;
        self.remove_all(layout::tokens_step, layout::tokens, |at| at > step)?;
        self.remove_all(layout::moved_step, layout::moved, |at| at > step)
    }

    /// Removes the files of these steps: `of` tells a file's, `name` a step's file.
    fn remove_all(
        &self,
        of: impl Fn(&str) -> Option<u64>,
        name: impl Fn(u64) -> String,
        gone: impl Fn(u64) -> bool,
    ) -> Result<()> {
        let steps = self.steps(of)?.into_iter().filter(|&step| gone(step));
        steps.map(name).try_for_each(|name| self.remove(&name))
    }

    /// Steps of the files whose name tells one, ascending.
    fn steps(&self, of: impl Fn(&str) -> Option<u64>) -> Result<Vec<u64>> {
        let entries = fs::read_dir(&self.path).map_err(Error::io(&self.path))?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut steps: Vec<u64> = names.filter_map(|name| of(&name)).collect();
        steps.sort_unstable();
        Ok(steps)
    }

    fn remove(&self, name: &str) -> Result<()> {
        let path = self.path.join(name);
        fs::remove_file(&path).map_err(Error::io(&path))
    }
}
