//! The folder `pairs/` of a run directory, which its worker may be writing to.

use super::records::{Records, bytes_at};
use crate::ApiError;
use crate::error::ApiResult;
use crate::path::DataPath;
use protocol::pairs::{
    self as layout, About, Evaluation, Head, Offsets, PairDetail, PairRow, PairScore, PairScores, ReplyLogps, Row,
    Scores,
};
use protocol::says;
use std::io;
use std::path::{Path, PathBuf};

/// Bytes of text in one answer, at most.
const MAX_TEXT: u64 = 64 << 20;

/// What a run kept of its held-out pairs.
pub struct Folder {
    pub(super) path: PathBuf,
    pub about: About,
}

impl Folder {
    /// # Errors
    /// `not_found`: the run has none.
    pub fn open(directory: &Path) -> ApiResult<Self> {
        Self::open_if_any(directory)?.ok_or_else(|| ApiError::not_found(says::run_without_pairs()))
    }

    /// `None`: the run has none.
    ///
    /// # Errors
    /// The folder is damaged.
    pub fn open_if_any(directory: &Path) -> ApiResult<Option<Self>> {
        let path = match DataPath::new(directory, layout::FOLDER) {
            Ok(path) => path.to_path_buf(),
            Err(ApiError::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let about = path.join(layout::ABOUT);
        let length = match about.symlink_metadata() {
            Ok(meta) => usize::try_from(meta.len()).unwrap_or(usize::MAX).min(1 << 20),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let text = bytes_at(&about, 0, length)?;
        let about: About = serde_json::from_slice(&text).map_err(|_| damaged(layout::ABOUT))?;
        match about.count <= layout::MOST_PAIRS {
            true => Ok(Some(Self { path, about })),
            false => Err(damaged(layout::ABOUT)),
        }
    }

    /// The steps of the evaluations, ascending.
    pub fn steps(&self) -> ApiResult<Vec<u64>> {
        self.steps_of(layout::evaluation_step)
    }

    pub(super) fn steps_of(&self, of: impl Fn(&str) -> Option<u64>) -> ApiResult<Vec<u64>> {
        let names = std::fs::read_dir(&self.path)?;
        let names = names.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut steps: Vec<u64> = names.filter_map(|name| of(&name)).collect();
        steps.sort_unstable();
        Ok(steps)
    }

    /// All heads, in the order of the pairs.
    pub fn heads(&self) -> ApiResult<impl Iterator<Item = ApiResult<Head>>> {
        let records = Records::<{ Head::BYTES }>::open(&self.path.join(layout::HEADS), self.about.count)
            .map_err(|_| damaged(layout::HEADS))?;
        Ok(records.map(|bytes| {
            let bytes = bytes.map_err(|_| damaged(layout::HEADS))?;
            Head::decode(&bytes).ok_or_else(|| damaged(layout::HEADS))
        }))
    }

    /// The scores that an evaluation gave all pairs, in their order.
    pub fn evaluation(&self, step: u64) -> ApiResult<impl Iterator<Item = ApiResult<Scores>>> {
        let name = layout::evaluation(step);
        let records =
            Records::<{ Scores::BYTES }>::open(&self.path.join(&name), self.about.count).map_err(|_| damaged(&name))?;
        Ok(records.map(move |bytes| {
            let bytes = bytes.map_err(|_| damaged(&name))?;
            Scores::decode(&bytes).ok_or_else(|| damaged(&name))
        }))
    }

    /// All pairs at the evaluation after `step` updates, else the newest.
    ///
    /// # Errors
    /// `not_found`: there is no such evaluation.
    pub fn scores(&self, step: Option<u64>) -> ApiResult<PairScores> {
        let steps = self.steps()?;
        let step = match step {
            None => steps.last().copied(),
            asked => asked.filter(|step| steps.contains(step)),
        };
        let (Some(step), Some(&first_step)) = (step, steps.first()) else {
            return Err(ApiError::not_found(says::no_such_evaluation()));
        };
        let kept = self.kept()?;
        let mut pairs = Vec::with_capacity(self.about.count as usize);
        for (pair, head) in (0..).zip(self.heads()?) {
            let head = head?;
            pairs.push(PairScore {
                fills_cutoff: head.fills_cutoff,
                has_tokens: kept.has(pair, &head),
                prompt_tokens: head.prompt_tokens,
                chosen_tokens: head.chosen_tokens,
                rejected_tokens: head.rejected_tokens,
                prompt: head.prompt,
                ..PairScore::default()
            });
        }
        for &at in steps.iter().filter(|&&at| at <= step) {
            for (pair, scores) in pairs.iter_mut().zip(self.evaluation(at)?) {
                let scores = scores?;
                pair.ever_right |= scores.is_right();
                if at == first_step {
                    pair.first = scores.margin;
                }
                if at == step {
                    pair.margin = scores.margin;
                    pair.reward_margin = self.reward_margin(&scores);
                }
            }
        }
        Ok(PairScores {
            step,
            first_step,
            pairs,
        })
    }

    fn reward_margin(&self, scores: &Scores) -> Option<f32> {
        let (beta, moved) = self.about.beta.zip(scores.moved_apart())?;
        Some((beta * f64::from(moved)) as f32)
    }

    /// # Errors
    /// `not_found`: the run has no such pair.
    pub fn head(&self, pair: u64) -> ApiResult<Head> {
        let bytes = self.record(layout::HEADS, pair, Head::BYTES)?;
        Head::decode(&bytes).ok_or_else(|| damaged(layout::HEADS))
    }

    fn record(&self, name: &str, pair: u64, bytes: usize) -> ApiResult<Vec<u8>> {
        if pair >= self.about.count {
            return Err(ApiError::not_found(says::no_such_pair(pair.to_string())));
        }
        bytes_at(&self.path.join(name), pair * bytes as u64, bytes).map_err(|_| damaged(name))
    }

    /// Texts of these pairs, in their order.
    ///
    /// # Errors
    /// `not_found`: one of them isn't there. `too_much_text`: they are longer than one answer may be.
    pub fn rows(&self, pairs: &[u64]) -> ApiResult<Vec<PairRow>> {
        let mut bytes_left = MAX_TEXT;
        let row = |&pair| {
            let row = self.row(pair, &mut bytes_left)?;
            Ok(PairRow { pair, row })
        };
        pairs.iter().map(row).collect()
    }

    fn row(&self, pair: u64, bytes_left: &mut u64) -> ApiResult<Row> {
        if pair >= self.about.count {
            return Err(ApiError::not_found(says::no_such_pair(pair.to_string())));
        }
        let offsets = self.path.join(layout::OFFSETS);
        let width = Offsets::BYTES;
        let pair_of_offsets =
            bytes_at(&offsets, pair * width as u64, 2 * width).map_err(|_| damaged(layout::OFFSETS))?;
        let [start, end] = Offsets::decode(&pair_of_offsets)[..] else {
            return Err(damaged(layout::OFFSETS));
        };
        let length = end.checked_sub(start).ok_or_else(|| damaged(layout::OFFSETS))?;
        let left = bytes_left.checked_sub(length);
        *bytes_left = left.ok_or_else(|| ApiError::bad(says::too_much_text()))?;
        let line =
            bytes_at(&self.path.join(layout::ROWS), start, length as usize).map_err(|_| damaged(layout::ROWS))?;
        serde_json::from_slice(&line).map_err(|_| damaged(layout::ROWS))
    }

    /// All that is known of a pair, but for its mark.
    pub fn detail(&self, pair: u64, head: &Head) -> ApiResult<PairDetail> {
        let row = self.row(pair, &mut MAX_TEXT.clone())?;
        Ok(PairDetail {
            pair,
            prompt_tokens: head.prompt_tokens,
            fills_cutoff: head.fills_cutoff,
            evaluations: self.evaluations(pair)?,
            tokens: self.tokens(pair, head, &row)?,
            row,
            ..PairDetail::default()
        })
    }

    fn evaluations(&self, pair: u64) -> ApiResult<Vec<Evaluation>> {
        let one = |step| {
            let name = layout::evaluation(step);
            let bytes = self.record(&name, pair, Scores::BYTES)?;
            let scores = Scores::decode(&bytes).ok_or_else(|| damaged(&name))?;
            let reference = scores.ref_chosen.zip(scores.ref_rejected);
            Ok(Evaluation {
                step,
                margin: scores.margin,
                policy: ReplyLogps {
                    chosen: scores.chosen,
                    rejected: scores.rejected,
                },
                reference: reference.map(|(chosen, rejected)| ReplyLogps { chosen, rejected }),
                reward_margin: self.reward_margin(&scores),
            })
        };
        self.steps()?.into_iter().map(one).collect()
    }
}

/// The error of a file that is not what a worker wrote, or that it is just removing.
pub(super) fn damaged(name: &str) -> ApiError {
    ApiError::conflict(says::pairs_damaged(name))
}
