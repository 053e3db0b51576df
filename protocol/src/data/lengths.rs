//! How long the rows of a data set are, beside a cut-off.

use serde::{Deserialize, Serialize};

/// How long rows are in tokens before any cut-off, as the cut-off measures them: prompt and reply, of a pair the longer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RowLengths {
    /// Rows measured.
    pub rows: u64,
    /// Those of them that are longer than the cut-off asked about.
    pub longer: u64,
    pub median: u64,
    /// The cut-off that leaves 95 of 100 rows whole.
    pub most_fit: u64,
    pub longest: u64,
}

impl RowLengths {
    /// Of rows with these lengths, beside a cut-off; `None`: there are no rows.
    pub fn of(mut lengths: Vec<u64>, cutoff: u64) -> Option<Self> {
        lengths.sort_unstable();
        let at = |share: f64| {
            let rank = (share * lengths.len() as f64).ceil() as usize;
            lengths.get(rank.max(1) - 1).copied()
        };
        Some(Self {
            rows: lengths.len() as u64,
            longer: lengths.iter().filter(|&&length| length > cutoff).count() as u64,
            median: at(0.5)?,
            most_fit: at(0.95)?,
            longest: *lengths.last()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_against_a_cut_off() {
        let of = |lengths: &[u64], cutoff| RowLengths::of(lengths.to_vec(), cutoff);
        assert_eq!(of(&[], 10), None);
        let hundred: Vec<u64> = (1..=100).rev().collect();
        let lengths = |rows, longer, median, most_fit, longest| {
            Some(RowLengths {
                rows,
                longer,
                median,
                most_fit,
                longest,
            })
        };
        assert_eq!(of(&hundred, 90), lengths(100, 10, 50, 95, 100));
        // a row as long as the cut-off is whole
        assert_eq!(of(&[7, 9, 8], 8), lengths(3, 1, 8, 9, 9));
        assert_eq!(of(&[4], 3), lengths(1, 1, 4, 4, 4));
    }
}
