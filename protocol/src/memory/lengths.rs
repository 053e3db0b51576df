//! How long the rows of a data set are, and the size of the largest micro-batch of them.

use crate::config::{Method, RunSpec};
use serde::{Deserialize, Serialize};

/// How a count varies over the rows of a data set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    pub mean: f64,
    pub deviation: f64,
    /// The largest counts, largest first, [`MAX_LONGEST`] of them at most.
    pub longest: Vec<u64>,
}

/// How many of the largest counts are kept: micro-batches seldom have more rows.
const MAX_LONGEST: usize = 256;

impl Spread {
    pub fn of(counts: &[u64]) -> Self {
        let n = counts.len().max(1) as f64;
        let mean = counts.iter().sum::<u64>() as f64 / n;
        let variance = counts.iter().map(|&c| (c as f64 - mean).powi(2)).sum::<f64>() / n;
        let mut longest = counts.to_vec();
        longest.sort_unstable_by(|a, b| b.cmp(a));
        longest.truncate(MAX_LONGEST);
        Self {
            mean,
            deviation: variance.sqrt(),
            longest,
        }
    }

    /// The same count in every row.
    pub fn all(count: u64) -> Self {
        Self {
            mean: count as f64,
            deviation: 0.0,
            longest: vec![count],
        }
    }

    /// The sum over the largest of `batches` random batches of `rows` rows: the expected maximum of that many normal draws, but
    /// at least the longest row, which is in one of them, and at most the longest rows together.
    pub(super) fn largest(&self, rows: usize, batches: f64) -> f64 {
        let reach = (2.0 * batches.max(1.0).ln()).sqrt();
        let largest = rows as f64 * self.mean + reach * self.deviation * (rows as f64).sqrt();
        let longest = self.longest.first().map_or(0.0, |&count| count as f64);
        largest.max(longest).min(self.together(rows))
    }

    /// The sum over the `rows` longest rows: no micro-batch of that size is larger.
    pub(super) fn together(&self, rows: usize) -> f64 {
        let told: u64 = self.longest.iter().take(rows).sum();
        let rest = rows.saturating_sub(self.longest.len()) as f64;
        told as f64 + rest * self.longest.last().map_or(0.0, |&count| count as f64)
    }
}

/// How long the rows of a data set are after the cut-off.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Lengths {
    pub rows: u64,
    /// tokens that are computed for a row: prompt and both replies of a pair; only the prompt where the reply is written in the run
    pub computed: Spread,
    /// tokens of a row that count in the loss: both replies of a pair
    pub counted: Spread,
}

impl Lengths {
    /// From `(computed, counted)` of each row.
    pub fn of(rows: &[(u64, u64)]) -> Self {
        let (computed, counted): (Vec<u64>, Vec<u64>) = rows.iter().copied().unzip();
        Self {
            rows: rows.len() as u64,
            computed: Spread::of(&computed),
            counted: Spread::of(&counted),
        }
    }

    /// Where nothing is known of the rows: each as long as the cut-off allows.
    pub fn at_cutoff(spec: &RunSpec, rows: u64) -> Self {
        let cutoff = spec.data.cutoff_len as u64;
        // each reply of a pair shares the cut-off with the prompt, which is computed once; both replies count
        let (computed, counted) = match spec.method {
            Method::Preference(_) => (cutoff + cutoff / 2, cutoff),
            _ => (cutoff, cutoff),
        };
        Self {
            rows,
            computed: Spread::all(computed),
            counted: Spread::all(counted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_batch_lies_between_the_longest_row_and_the_longest_rows_together() {
        let spread = Spread::of(&[[10; 97].as_slice(), &[900, 400, 50]].concat());
        // of single rows the longest is the largest
        assert_eq!(spread.largest(1, 100.0), 900.0);
        for (rows, together) in [(1, 900.0), (2, 1300.0), (3, 1350.0), (100, 2320.0)] {
            assert_eq!(spread.together(rows), together);
            let largest = spread.largest(rows, (100 / rows) as f64);
            assert!((900.0..=together).contains(&largest), "{rows}: {largest}");
        }
        assert_eq!(Spread::all(7).largest(5, 3.0), 35.0);
        assert_eq!(Spread::default().largest(2, 3.0), 0.0);
    }
}
