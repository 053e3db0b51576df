//! Cayley's map, by which orthogonal fine-tuning makes rotations of the numbers it trains, and its way back.
//!
//! In f64, whatever the numbers are: the inverse of a matrix is taken, or powers are summed.
pub use super::cpu::cayley::{Cayley, above_diagonal};
use super::cpu::{Float, by_float};
use super::cuda::{CAYLEY, Card, Grid};
use super::{Buf, Device, Operation, View, ViewMut};
use crate::error::Result;
use candle_core::DType;
use rayon::prelude::*;

/// `stored` matrices of `size` rows and columns.
#[derive(Clone, Copy, Debug)]
pub struct Dims {
    pub stored: usize,
    pub size: usize,
}

impl Dims {
    fn square(self) -> usize {
        self.size * self.size
    }

    /// Values of all matrices.
    fn all(self) -> usize {
        self.stored * self.square()
    }

    /// Numbers that they are made of.
    fn numbers(self) -> usize {
        self.stored * above_diagonal(self.size)
    }

    /// Room for so many matrices of f64 beside each of them.
    fn scratch(self, card: &Card, matrices: usize) -> Result<Buf> {
        let len = self.all() * matrices;
        Buf::unwritten(DType::F64, len, &Device::Cuda(card.clone()))
    }
}

/// The rotations of some numbers, and their transposes.
pub struct Rotations<'a> {
    /// `[stored, size (size - 1) / 2]`, what stands above the diagonals
    pub above: View<'a>,
    /// `[stored, size, size]`
    pub matrices: ViewMut<'a>,
    pub back: ViewMut<'a>,
    pub dims: Dims,
    pub map: Cayley,
}

impl Operation for Rotations<'_> {
    fn cpu(self) -> Result<()> {
        let (Dims { stored, size }, square) = (self.dims, self.dims.square());
        let matrices = self.matrices.f32()?[..stored * square].par_chunks_exact_mut(square);
        let back = self.back.f32()?[..stored * square].par_chunks_exact_mut(square);
        by_float!(self.above.dtype(), F => {
            let above = self.above.get::<F>()?.par_chunks_exact(above_diagonal(size));
            above.zip(matrices).zip(back).for_each(|((above, matrix), back)| {
                let above: Vec<f32> = above.iter().map(|x| x.widened()).collect();
                let rotation = self.map.rotation(&above, size);
                for (at, &x) in rotation.iter().enumerate() {
                    matrix[at] = x as f32;
                    back[at % size * size + at / size] = x as f32;
                }
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let series = Series::of(self.map);
        let mut scratch = self.dims.scratch(card, 4)?;
        card.kernel(&CAYLEY, "rotations", self.above.dtype())?
            .read(self.above, self.dims.numbers())
            .write(scratch.view_mut(), 4 * self.dims.all())
            .write(self.matrices, self.dims.all())
            .write(self.back, self.dims.all())
            .u32(self.dims.size)
            .flag(series.exact)
            .u32(series.powers)
            .f64(series.last)
            .launch(Grid::each(self.dims.stored, 256))
    }
}

/// Adds to the gradients of the numbers, from those of the rotations.
pub struct RotationsBackward<'a> {
    pub above: View<'a>,
    /// `[stored, size, size]`
    pub by_matrix: View<'a>,
    /// of the type of `above`
    pub d_above: ViewMut<'a>,
    pub dims: Dims,
    pub map: Cayley,
}

impl Operation for RotationsBackward<'_> {
    fn cpu(self) -> Result<()> {
        let (Dims { stored, size }, square) = (self.dims, self.dims.square());
        let (each, by_matrix) = (above_diagonal(size), &self.by_matrix.f32()?[..stored * square]);
        by_float!(self.above.dtype(), F => {
            let above = self.above.get::<F>()?.par_chunks_exact(each);
            let sums = self.d_above.get::<F>()?.par_chunks_exact_mut(each);
            let all = above.zip(by_matrix.par_chunks_exact(square)).zip(sums);
            all.for_each(|((above, by_matrix), sums)| {
                let above: Vec<f32> = above.iter().map(|x| x.widened()).collect();
                let by_matrix: Vec<f64> = by_matrix.iter().map(|&x| f64::from(x)).collect();
                let gradient = self.map.gradient(&above, &by_matrix, size);
                for (sum, x) in sums.iter_mut().zip(gradient) {
                    *sum = F::rounded(sum.widened() + x as f32);
                }
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let series = Series::of(self.map);
        let matrices = if series.exact { 6 } else { 4 + series.powers.max(1) };
        let mut scratch = self.dims.scratch(card, matrices)?;
        card.kernel(&CAYLEY, "rotations_backward", self.above.dtype())?
            .read(self.above, self.dims.numbers())
            .read(self.by_matrix, self.dims.all())
            .write(scratch.view_mut(), matrices * self.dims.all())
            .write(self.d_above, self.dims.numbers())
            .u32(self.dims.size)
            .flag(series.exact)
            .u32(series.powers)
            .f64(series.last)
            .launch(Grid::each(self.dims.stored, 256))
    }
}

/// How a kernel is told of the map: how many powers are summed, each twice but the last.
struct Series {
    exact: bool,
    powers: usize,
    last: f64,
}

impl Series {
    fn of(map: Cayley) -> Self {
        let factors = map.factors();
        Self {
            exact: map == Cayley::Exact,
            powers: factors.len(),
            last: factors.last().copied().unwrap_or(0.0),
        }
    }
}
