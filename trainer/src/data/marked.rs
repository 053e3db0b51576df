//! `pair_marks`: applies the marks that a person made on an earlier run's pairs to the rows, before any is held out.

use std::collections::HashSet;
use std::path::Path;

use protocol::config::DataSpec;
use protocol::pairs::{LONGEST_MARKS, MARKS, Mark, Marks};
use protocol::{Said, named_file, says};

use super::error::{DataError, Result};
use super::intake::Intake;
use super::pairs::PairRows;
use super::store::{Dataset, Example, Place, RowKind, Writer};

/// Marks, and what they changed so far.
#[derive(Debug, Default)]
pub struct Marked {
    marks: Marks,
    /// Hashes of the pairs that were found for them.
    found: HashSet<[u8; 16]>,
    swapped: usize,
    excluded: usize,
}

impl Marked {
    /// The marks that a run names; none if it does not train on pairs.
    ///
    /// # Errors
    /// There is no such file, or it has no marks.
    pub fn named_by(spec: &DataSpec, intake: Intake) -> Result<Self> {
        let takes = match intake.makes {
            RowKind::Pairs | RowKind::Ranked | RowKind::Labelled => true,
            RowKind::Sequences | RowKind::Prompts | RowKind::Documents => false,
        };
        match spec.pair_marks.as_deref().filter(|_| takes) {
            None => Ok(Self::default()),
            Some(path) => Self::read(Path::new(path)),
        }
    }

    /// Reads a file of marks, or that of a run directory.
    fn read(path: &Path) -> Result<Self> {
        let path = match path.is_dir() {
            true => path.join(MARKS),
            false => path.to_owned(),
        };
        let read = |e| DataError::read(&path, e);
        let file = named_file::open(&path).map_err(|why| DataError::unread(&path, why))?;
        let none = || DataError::file(&path, says::no_marks());
        if file.metadata().map_err(read)?.len() > LONGEST_MARKS {
            return Err(none());
        }
        let bytes = std::fs::read(&path).map_err(read)?;
        let marks: Marks = serde_json::from_slice(&bytes).map_err(|_| none())?;
        if marks.is_empty() {
            return Err(none());
        }
        Ok(Self {
            marks,
            ..Self::default()
        })
    }

    /// The rows with mislabelled pairs swapped and without the excluded ones, in their order; rows that are no pairs
    /// stay.
    pub(super) fn of(&mut self, all: Dataset, place: &Place) -> Result<Dataset> {
        if self.marks.is_empty() {
            return Ok(all);
        }
        let mut mark_of = vec![Mark::None; all.len()];
        for rows in all.pairs()? {
            let Some(pair) = all.read_pair(rows)? else { continue };
            let hash = pair.short_hash();
            let mark = self.marks.of(&hash);
            match mark {
                Mark::None => continue,
                Mark::Mislabelled => self.swapped += 1,
                Mark::Excluded => self.excluded += 1,
            }
            self.found.insert(hash);
            match rows {
                PairRows::One(row) => mark_of[row] = mark,
                PairRows::Unpaired(rows) => rows.into_iter().for_each(|row| mark_of[row] = mark),
            }
        }
        if mark_of.iter().all(|mark| *mark == Mark::None) {
            return Ok(all);
        }
        let mut kept = Writer::new(all.kind(), place);
        for (row, mark) in mark_of.into_iter().enumerate() {
            match mark {
                Mark::None => kept.push(all.example(row)?)?,
                Mark::Mislabelled => kept.push(swapped(all.example(row)?))?,
                Mark::Excluded => {}
            }
        }
        if kept.len() == 0 {
            return Err(DataError::row(says::marks_leave_nothing()));
        }
        Ok(Dataset::all_of(kept.finish()?.into()))
    }

    /// Notices of what was changed, and of marks for which there is no pair; none without marks.
    pub(super) fn told(&self) -> impl Iterator<Item = Said> {
        let (all, found) = (self.marks.len(), self.found.len());
        let done = (all > 0).then(|| says::marks_taken(self.swapped, self.excluded));
        let lost = (found < all).then(|| says::marks_without_pair(all - found, all));
        done.into_iter().chain(lost)
    }
}

/// The example with its labels swapped.
fn swapped(mut example: Example) -> Example {
    match &mut example {
        Example::Pair(pair) => std::mem::swap(&mut pair.chosen, &mut pair.rejected),
        Example::Labelled(reply) => reply.good = !reply.good,
        _ => {}
    }
    example
}
