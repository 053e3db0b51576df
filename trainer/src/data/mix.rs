//! How several data sets become one, as `mix_strategy` says: one behind the other, or drawn from in turn. The rows and
//! their order are those of `datasets`' `concatenate_datasets` and `interleave_datasets`.

use protocol::config::{Mixing, Until};
use protocol::says;

use super::error::{DataError, Result};
use super::random::Pcg64;

/// A mixture may have this many rows, or this many times the rows of all sets, whichever is more: drawing until a set
/// ends that is hardly ever drawn would never end.
const MAX_ROWS: usize = 1 << 20;
const MAX_REPEATS: usize = 100;

/// A row of one of several data sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Drawn {
    pub set: usize,
    pub row: usize,
}

/// The rows of data sets with these sizes, in the order in which they are used.
///
/// # Errors
/// They would be too many.
pub(super) fn mixed(sizes: &[usize], mixing: &Mixing, seed: u64) -> Result<Vec<Drawn>> {
    let all = |set: usize| (0..sizes[set]).map(move |row| Drawn { set, row });
    let (until, probabilities) = match mixing {
        Mixing::Interleave { until, probabilities } if sizes.len() > 1 => (*until, probabilities),
        _ => return Ok((0..sizes.len()).flat_map(all).collect()),
    };
    if let Some(probabilities) = probabilities {
        return drawn(sizes, until, probabilities, seed);
    }
    let most = most(sizes);
    let ends = match until {
        Until::OneEnds => sizes.iter().min(),
        Until::AllEnd => sizes.iter().max(),
    };
    let rounds = ends.copied().unwrap_or(0);
    if rounds.saturating_mul(sizes.len()) > most {
        return Err(too_many(most));
    }
    let round = |at: usize| {
        let sets = sizes.iter().enumerate().filter(|(_, size)| **size > 0);
        sets.map(move |(set, size)| Drawn { set, row: at % size })
    };
    Ok((0..rounds).flat_map(round).collect())
}

/// Draws data sets by their probabilities, as NumPy's `choice`.
pub(super) struct Draw {
    sums: Vec<f64>,
    random: Pcg64,
}

impl Draw {
    pub(super) fn new(probabilities: &[f64], random: Pcg64) -> Self {
        let mut sum = 0.0;
        let sums = probabilities.iter().map(|p| {
            sum += p;
            sum
        });
        Self {
            sums: sums.collect(),
            random,
        }
    }

    /// The next data set.
    pub(super) fn set(&mut self) -> usize {
        let at = self.random.uniform();
        let sum = self.sums.last().copied().unwrap_or(1.0);
        let below = self.sums.iter().filter(|s| **s / sum <= at).count();
        below.min(self.sums.len().saturating_sub(1))
    }
}

/// Draws each row from a data set drawn by its probability; a set that has ended starts again.
fn drawn(sizes: &[usize], until: Until, probabilities: &[f64], seed: u64) -> Result<Vec<Drawn>> {
    let mut draw = Draw::new(probabilities, Pcg64::new(seed));
    let mut next = vec![0; sizes.len()];
    let mut ended: Vec<bool> = sizes.iter().map(|size| *size == 0).collect();
    let mut rows = Vec::new();
    let most = most(sizes);
    while match until {
        Until::OneEnds => !ended.contains(&true),
        Until::AllEnd => ended.contains(&false),
    } {
        if rows.len() == most {
            return Err(too_many(most));
        }
        let set = draw.set();
        if sizes[set] == 0 {
            continue;
        }
        rows.push(Drawn { set, row: next[set] });
        next[set] += 1;
        if next[set] == sizes[set] {
            ended[set] = true;
            next[set] = 0;
        }
    }
    Ok(rows)
}

fn most(sizes: &[usize]) -> usize {
    MAX_ROWS.max(sizes.iter().sum::<usize>().saturating_mul(MAX_REPEATS))
}

fn too_many(most: usize) -> DataError {
    DataError::Row(says::mixture_endless(most))
}
