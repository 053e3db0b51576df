//! Some columns of rows copied to some columns of others: heads taken apart and put together.
use super::cpu::{Float, by_float, parallel, simd};
use super::{Operation, View, ViewMut};
use crate::error::Result;
use crate::ops::cuda::{Card, Grid, SCALE};

/// Columns of a matrix: those from `first` on, of rows that are so wide.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    pub first: usize,
    pub of: usize,
}

impl Columns {
    /// How many values there are up to the end of `width` of these columns in the last of so many rows.
    fn reach(self, rows: usize, width: usize) -> usize {
        match rows {
            0 => 0,
            rows => (rows - 1) * self.of + self.first + width,
        }
    }
}

/// `to[r, to.first + j] = from[r / repeat, from.first + j]` for `j < width`; other columns stay as they are.
pub struct CopyColumns<'a> {
    pub from: View<'a>,
    pub from_columns: Columns,
    pub to: ViewMut<'a>,
    pub to_columns: Columns,
    /// of `to`
    pub rows: usize,
    pub width: usize,
    /// how many rows of `to` have one of `from`
    pub repeat: usize,
}

impl Operation for CopyColumns<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.to.dtype(), F => {
            let (from, source, place) = (self.from.get::<F>()?, self.from_columns, self.to_columns);
            let to = &mut self.to.get::<F>()?[..self.rows * place.of];
            parallel::rows1(to, place.of, |first, to| {
                for (row, to) in (first..).zip(to.chunks_exact_mut(place.of)) {
                    let at = row / self.repeat * source.of + source.first;
                    to[place.first..place.first + self.width].copy_from_slice(&from[at..at + self.width]);
                }
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&SCALE, "copy_columns", self.to.dtype())?
            .read(
                self.from,
                self.from_columns.reach(self.rows.div_ceil(self.repeat), self.width),
            )
            .u32(self.from_columns.first)
            .u32(self.from_columns.of)
            .write(self.to, self.to_columns.reach(self.rows, self.width))
            .u32(self.to_columns.first)
            .u32(self.to_columns.of)
            .u32(self.width)
            .u32(self.repeat)
            .launch(Grid::rows(self.rows, self.width * 8))
    }
}

/// `to[r, to.first + j] = sum over i < each of from[r each + i, from.first + j]`: the way back of a copy that repeats.
pub struct SumColumns<'a> {
    pub from: View<'a>,
    pub from_columns: Columns,
    pub to: ViewMut<'a>,
    pub to_columns: Columns,
    /// of `to`
    pub rows: usize,
    pub width: usize,
    pub each: usize,
}

impl Operation for SumColumns<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.to.dtype(), F => {
            let (from, source, place) = (self.from.get::<F>()?, self.from_columns, self.to_columns);
            let to = &mut self.to.get::<F>()?[..self.rows * place.of];
            parallel::rows1(to, place.of, |first, to| {
                let mut sums = vec![0f32; self.width];
                for (row, to) in (first..).zip(to.chunks_exact_mut(place.of)) {
                    sums.fill(0.0);
                    for i in row * self.each..(row + 1) * self.each {
                        let at = i * source.of + source.first;
                        add_row(&mut sums, &from[at..at + self.width]);
                    }
                    let to = &mut to[place.first..place.first + self.width];
                    to.iter_mut().zip(&sums).for_each(|(to, sum)| *to = F::rounded(*sum));
                }
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&SCALE, "sum_columns", self.to.dtype())?
            .read(self.from, self.from_columns.reach(self.rows * self.each, self.width))
            .u32(self.from_columns.first)
            .u32(self.from_columns.of)
            .write(self.to, self.to_columns.reach(self.rows, self.width))
            .u32(self.to_columns.first)
            .u32(self.to_columns.of)
            .u32(self.width)
            .u32(self.each)
            .launch(Grid::rows(self.rows, self.width * 8))
    }
}

simd! {
fn add_row<F: Float>(sums: &mut [f32], row: &[F]) {
    for (sum, x) in sums.iter_mut().zip(row) {
        *sum += x.widened();
    }
}
}
