//! AQLM's additive codebooks (arXiv 2401.06118): `w[o, 8 g .. 8 g + 8] = scale[o] * sum over m of codebook[m][code[o, g, m]]`.
//!
//! A code names a vector of `group` inputs (and `high` outputs, 1 in published models) in a codebook of `2^bits`. Vectors are
//! added in the order of the codebooks, in f32, then scaled. Source: aqlm 1.1.7, `inference.py`, `utils.py`
//! (`_dequantize_weight`).
use super::{Parsed, Widths};
use protocol::says;

/// How a folder's layers are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// inputs and outputs of a vector
    pub group: usize,
    pub high: usize,
    pub codebooks: usize,
    /// of a code
    pub bits: u32,
}

/// A matrix `[rows, columns]` of vectors.
#[derive(Debug)]
pub struct Aqlm {
    rows: usize,
    pub(super) columns: usize,
    pub(super) form: Form,
    /// `[rows / high, columns / group, codebooks]`
    pub(super) codes: Vec<u16>,
    /// `[codebooks, 2^bits, high, group]`
    pub(super) codebooks: Vec<f32>,
    /// `[rows / high]`
    pub(super) scales: Vec<f32>,
}

impl Aqlm {
    pub fn new(codes: Vec<u16>, codebooks: Vec<f32>, scales: Vec<f32>, form: Form, widths: Widths) -> Parsed<Self> {
        let Widths {
            input: columns,
            output: rows,
        } = widths;
        let Form {
            group,
            high,
            codebooks: count,
            bits,
        } = form;
        if group == 0 || high == 0 || count == 0 || !columns.is_multiple_of(group) || !rows.is_multiple_of(high) {
            return Err(says::no_whole_groups(columns, group));
        }
        let size = (1usize << bits).saturating_mul(count).saturating_mul(high * group);
        for (name, got, wanted) in [
            ("codes", codes.len(), rows / high * (columns / group) * count),
            ("codebooks", codebooks.len(), size),
            ("scales", scales.len(), rows / high),
        ] {
            if got != wanted {
                return Err(says::other_count(name, got, wanted));
            }
        }
        if codes.iter().any(|&code| u32::from(code) >> bits.min(16) != 0) {
            return Err(says::other_count("codes", codes.len(), 1u32 << bits));
        }
        Ok(Self {
            rows,
            columns,
            form,
            codes,
            codebooks,
            scales,
        })
    }

    pub fn len(&self) -> usize {
        self.rows * self.columns
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn bytes(&self) -> usize {
        2 * self.codes.len() + 4 * (self.codebooks.len() + self.scales.len())
    }

    /// `out = values[start..start + out.len()]`
    pub fn unpack(&self, start: usize, out: &mut [f32]) {
        let Form {
            group,
            high,
            codebooks,
            bits,
        } = self.form;
        let (mut at, mut rest) = (start, out);
        while !rest.is_empty() {
            let (row, column) = (at / self.columns, at % self.columns);
            let (place, within) = (row / high * (self.columns / group) + column / group, column % group);
            let (run, after) = rest.split_at_mut((group - within).min(rest.len()));
            let codes = &self.codes[place * codebooks..][..codebooks];
            run.fill(0.0);
            for (book, &code) in codes.iter().enumerate() {
                let vector = ((book << bits) + code as usize) * high + row % high;
                let vector = &self.codebooks[vector * group + within..][..run.len()];
                run.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
            }
            let scale = self.scales[row / high];
            run.iter_mut().for_each(|value| *value *= scale);
            at += run.len();
            rest = after;
        }
    }

    /// Runs of rows, where they begin and end with a vector.
    pub(super) fn part(&self, starts: &[usize], run: usize) -> Option<Self> {
        let Form {
            group, high, codebooks, ..
        } = self.form;
        if !run.is_multiple_of(high) || !starts.iter().all(|start| start.is_multiple_of(high)) {
            return None;
        }
        let beside = self.columns / group * codebooks;
        let codes = |start: &usize| &self.codes[start / high * beside..][..run / high * beside];
        let scales = |start: &usize| &self.scales[start / high..][..run / high];
        Some(Self {
            rows: starts.len() * run,
            columns: self.columns,
            form: self.form,
            codes: starts.iter().flat_map(codes).copied().collect(),
            codebooks: self.codebooks.clone(),
            scales: starts.iter().flat_map(scales).copied().collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_matrix_by_hand() {
        // two codebooks of four vectors, each for 2 outputs and 4 inputs; codebook m has 100 m + 10 code + output + input / 8
        let form = Form {
            group: 4,
            high: 2,
            codebooks: 2,
            bits: 2,
        };
        let book = |i: usize| (i / 32 * 100 + i / 8 % 4 * 10 + i / 4 % 2) as f32 + (i % 4) as f32 / 8.0;
        let codes: Vec<u16> = (0..2 * 3 * 2).map(|i| (i * 3 % 4) as u16).collect();
        let make = |codes: Vec<u16>| {
            let books = (0..64).map(book).collect();
            Aqlm::new(codes, books, vec![0.5, 2.0], form, Widths { input: 12, output: 4 })
        };
        let packed = make(codes.clone()).unwrap();
        let mut all = vec![0.0; 48];
        packed.unpack(0, &mut all);
        for (i, got) in all.iter().enumerate() {
            let (row, column) = (i / 12, i % 12);
            let of = |m: usize| f32::from(codes[(row / 2 * 3 + column / 4) * 2 + m]);
            let one = |m: usize| 100.0 * m as f32 + 10.0 * of(m) + (row % 2) as f32 + (column % 4) as f32 / 8.0;
            assert_eq!(
                *got,
                (one(0) + one(1)) * [0.5, 2.0][row / 2],
                "row {row} column {column}"
            );
        }
        for start in 0..48 {
            let mut part = vec![0.0; 48 - start];
            packed.unpack(start, &mut part);
            assert_eq!(part, all[start..]);
        }
        let mut lower = vec![0.0; 24];
        packed.part(&[2], 2).unwrap().unpack(0, &mut lower);
        assert_eq!(lower, all[24..]);
        assert!(packed.part(&[1], 2).is_none());
        assert!(make(vec![0; 11]).is_err());
        assert!(make(vec![4; 12]).is_err());
    }
}
