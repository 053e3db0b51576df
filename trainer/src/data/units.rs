//! Rows that stay together in splits and mixtures: the two rows of an unpaired pair, else each row by itself.

use std::collections::HashMap;
use std::ops::Range;

use super::error::Result;
use super::store::Dataset;

/// Rows of a data set in groups that stay together.
pub(super) enum Units {
    /// Each row is a unit.
    Rows(Range<u32>),
    /// Groups of rows: where each begins in `rows`, and where the last ends.
    Groups { starts: Vec<u32>, rows: Vec<u32> },
}

impl Units {
    /// The units of all rows; those of one pair are together, at the place of the first, wherever they are.
    pub(super) fn belonging(all: &Dataset) -> Result<Self> {
        if !all.has_pairs() {
            return Ok(Self::Rows(0..count(all.len())));
        }
        let mut known = HashMap::new();
        let (mut sizes, mut unit_of) = (Vec::new(), Vec::with_capacity(all.len()));
        for row in 0..all.len() {
            let unit = match all.pair(row)? {
                Some(pair) => *known.entry(pair).or_insert(sizes.len()),
                None => sizes.len(),
            };
            if unit == sizes.len() {
                sizes.push(0);
            }
            sizes[unit] += 1;
            unit_of.push(count(unit));
        }
        let mut starts = vec![0];
        starts.extend(sizes.iter().scan(0, |end, size| {
            *end += size;
            Some(*end)
        }));
        let mut next = starts.clone();
        let mut rows = vec![0; unit_of.len()];
        for (row, unit) in unit_of.into_iter().enumerate() {
            let at = &mut next[unit as usize];
            rows[*at as usize] = count(row);
            *at += 1;
        }
        Ok(Self::Groups { starts, rows })
    }

    /// The units of a range of rows; those of one pair are together if they are neighbours.
    pub(super) fn neighbours(all: &Dataset, range: Range<usize>) -> Result<Self> {
        let rows = count(range.start)..count(range.end);
        if !all.has_pairs() {
            return Ok(Self::Rows(rows));
        }
        let (mut starts, mut before) = (Vec::new(), None);
        for row in range.clone() {
            let pair = all.pair(row)?;
            if pair.is_none() || pair != before {
                starts.push(count(row - range.start));
            }
            before = pair;
        }
        starts.push(count(range.len()));
        Ok(Self::Groups {
            starts,
            rows: rows.collect(),
        })
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Rows(rows) => rows.len(),
            Self::Groups { starts, .. } => starts.len().saturating_sub(1),
        }
    }

    /// Whether each row is a unit, in the order of all rows.
    pub(super) fn are_rows(&self) -> bool {
        matches!(self, Self::Rows(_))
    }

    /// The rows of a unit.
    pub(super) fn rows(&self, unit: usize) -> impl Iterator<Item = u32> {
        let (alone, together) = match self {
            Self::Rows(rows) => (Some(rows.start + count(unit)), None),
            Self::Groups { starts, rows } => (None, rows.get(starts[unit] as usize..starts[unit + 1] as usize)),
        };
        alone.into_iter().chain(together.unwrap_or_default().iter().copied())
    }
}

/// A number of rows in 32 bits: a store has no more.
fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
