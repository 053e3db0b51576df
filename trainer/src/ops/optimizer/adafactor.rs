//! The Adafactor update: second moments by row and column for a matrix, by element for a vector; f32 whatever values are.
use crate::error::Result;
use crate::ops::cpu::{Float, by_float, parallel, simd};
use crate::ops::cuda::{ADAFACTOR, Card, Grid};
use crate::ops::{Buf, Device, Operation, View, ViewMut};
use candle_core::DType;
use rayon::prelude::*;

/// The constants of one Adafactor update.
#[derive(Clone, Copy, Debug)]
pub struct AdafactorStep {
    /// `1 - t^-0.8`
    pub beta2: f64,
    /// added to squared gradients
    pub epsilon: f64,
    /// the update's root mean square is at most this
    pub clip: f64,
    pub lr: f64,
    /// `1 - lr * weight_decay`
    pub keep: f32,
    /// multiplies the gradient first (clipping)
    pub grad_scale: f32,
}

impl AdafactorStep {
    /// The learning rate over what the update is too large by; `squares` is the sum of its squares.
    fn rate(&self, squares: f64, len: usize) -> f32 {
        let rms = (squares / len as f64).sqrt();
        (self.lr / (rms / self.clip).max(1.0)) as f32
    }

    /// The same on a card, from `sums` sums of squares in its scratch, times the factor of the gradient.
    fn rate_on(&self, card: &Card, scratch: &mut Buf, sums: usize, len: usize) -> Result<()> {
        card.kernel(&ADAFACTOR, "adafactor_rate", DType::F32)?
            .write(scratch.view_mut(), 2 + sums)
            .u32(sums)
            .u64(len)
            .f64(self.clip)
            .f64(self.lr)
            .f32(self.grad_scale)
            .launch(Grid::each(1, 256))
    }
}

/// What a card keeps of a whole update: the mean of the row moments, the rate, and so many sums (`adafactor.cu`).
fn scratch(card: &Card, sums: usize) -> Result<Buf> {
    Buf::unwritten(DType::F64, 2 + sums, &Device::Cuda(card.clone()))
}

/// One update of a matrix with as many rows as `rows` has values, and as many columns as `columns` has.
pub struct AdafactorMatrix<'a> {
    pub step: AdafactorStep,
    pub value: ViewMut<'a>,
    pub rows: ViewMut<'a>,
    pub columns: ViewMut<'a>,
    pub grad: View<'a>,
}

impl Operation for AdafactorMatrix<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.value.dtype(), F => self.update::<F>())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let (mut value, mut rows, mut columns) = (self.value, self.rows, self.columns);
        let (c, dtype, height, width) = (self.step, value.dtype(), rows.len(), columns.len());
        let mut scratch = scratch(card, height)?;
        card.kernel(&ADAFACTOR, "adafactor_rows", dtype)?
            .read(self.grad, height * width)
            .write(rows.view_mut(), height)
            .u32(width)
            .f64(c.beta2)
            .f64(c.epsilon)
            .f32(c.grad_scale)
            .launch(Grid::rows(height, width))?;
        card.kernel(&ADAFACTOR, "adafactor_columns", dtype)?
            .read(self.grad, height * width)
            .write(columns.view_mut(), width)
            .u32(height)
            .u32(width)
            .f64(c.beta2)
            .f64(c.epsilon)
            .f32(c.grad_scale)
            .launch(Grid::columns(width))?;
        card.kernel(&ADAFACTOR, "adafactor_mean", DType::F32)?
            .read(rows.view(), height)
            .write(scratch.view_mut(), 2 + height)
            .u32(height)
            .launch(Grid::each(1, 256))?;
        card.kernel(&ADAFACTOR, "adafactor_squares", dtype)?
            .read(self.grad, height * width)
            .read(rows.view(), height)
            .read(columns.view(), width)
            .write(scratch.view_mut(), 2 + height)
            .u32(width)
            .f32(c.grad_scale)
            .launch(Grid::rows(height, width))?;
        c.rate_on(card, &mut scratch, height, height * width)?;
        card.kernel(&ADAFACTOR, "adafactor_apply", dtype)?
            .write(value.view_mut(), height * width)
            .read(self.grad, height * width)
            .read(rows.view(), height)
            .read(columns.view(), width)
            .read(scratch.view(), 2 + height)
            .u32(width)
            .f32(c.keep)
            .launch(Grid::rows(height, width))
    }
}

impl AdafactorMatrix<'_> {
    fn update<F: Float>(self) -> Result<()> {
        let (value, rows, columns) = (self.value.get::<F>()?, self.rows.f32()?, self.columns.f32()?);
        let (c, grad, width) = (&self.step, self.grad.get::<F>()?, columns.len());
        // blocks of rows depend on the size alone, and are added in order
        let block = (parallel::GRAIN / width).max(1) * width;
        let sums: Vec<(Vec<f64>, Vec<f64>)> = grad.par_chunks(block).map(|g| squares(c, g, width)).collect();
        let mut by_column = vec![0.0; width];
        let by_row = sums.iter().flat_map(|(rows, _)| rows);
        for (v, sum) in rows.iter_mut().zip(by_row) {
            *v = (c.beta2 * f64::from(*v) + (1.0 - c.beta2) * sum / width as f64) as f32;
        }
        for (_, columns) in &sums {
            by_column.iter_mut().zip(columns).for_each(|(total, x)| *total += x);
        }
        for (v, sum) in columns.iter_mut().zip(&by_column) {
            *v = (c.beta2 * f64::from(*v) + (1.0 - c.beta2) * sum / rows.len() as f64) as f32;
        }
        let mean = rows.iter().map(|&v| f64::from(v)).sum::<f64>() / rows.len() as f64;
        let by_row: Vec<f32> = rows.iter().map(|&v| (mean / f64::from(v)).sqrt() as f32).collect();
        let by_column: Vec<f32> = columns.iter().map(|&v| 1.0 / v.sqrt()).collect();
        let factors = |first: usize| by_row[first..].iter();
        let squares: f64 = grad
            .par_chunks(block)
            .enumerate()
            .map(|(i, g)| {
                let rows = g.chunks(width).zip(factors(i * block / width));
                rows.map(|(g, &r)| update_squares(g, r * c.grad_scale, &by_column))
                    .sum()
            })
            .collect::<Vec<f64>>()
            .iter()
            .sum();
        let rate = c.rate(squares, grad.len()) * c.grad_scale;
        value
            .par_chunks_mut(block)
            .zip(grad.par_chunks(block))
            .enumerate()
            .for_each(|(i, (value, g))| {
                let rows = value
                    .chunks_mut(width)
                    .zip(g.chunks(width))
                    .zip(factors(i * block / width));
                rows.for_each(|((value, g), &r)| apply(value, c.keep, g, rate * r, &by_column));
            });
        Ok(())
    }
}

/// Sums of `g^2 + epsilon` of each row and each column.
fn squares<F: Float>(c: &AdafactorStep, grad: &[F], width: usize) -> (Vec<f64>, Vec<f64>) {
    let mut columns = vec![0.0; width];
    let rows = grad
        .chunks(width)
        .map(|row| row_squares(c, row, &mut columns))
        .collect();
    (rows, columns)
}

simd! {
fn row_squares<F: Float>(c: &AdafactorStep, row: &[F], columns: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..row.len() {
        let g = f64::from(row[i].widened() * c.grad_scale);
        let square = g * g + c.epsilon;
        columns[i] += square;
        sum += square;
    }
    sum
}
}

simd! {
fn update_squares<F: Float>(grad: &[F], row: f32, columns: &[f32]) -> f64 {
    let mut sum = 0.0;
    for i in 0..grad.len() {
        let u = f64::from(grad[i].widened() * row * columns[i]);
        sum += u * u;
    }
    sum
}
}

simd! {
fn apply<F: Float>(value: &mut [F], keep: f32, grad: &[F], row: f32, columns: &[f32]) {
    for i in 0..value.len() {
        value[i] = F::rounded(value[i].widened() * keep - row * grad[i].widened() * columns[i]);
    }
}
}

/// One update of a vector.
pub struct AdafactorVector<'a> {
    pub step: AdafactorStep,
    pub value: ViewMut<'a>,
    pub second: ViewMut<'a>,
    pub grad: View<'a>,
}

impl Operation for AdafactorVector<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.value.dtype(), F => self.update::<F>())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let (c, mut second, len) = (self.step, self.second, self.value.len());
        let (grid, dtype) = (Grid::partial_sums(len), self.value.dtype());
        let mut scratch = scratch(card, grid.blocks[0])?;
        card.kernel(&ADAFACTOR, "adafactor_second", dtype)?
            .read(self.grad, len)
            .write(second.view_mut(), len)
            .write(scratch.view_mut(), 2 + grid.blocks[0])
            .u64(len)
            .f64(c.beta2)
            .f64(c.epsilon)
            .f32(c.grad_scale)
            .launch(grid)?;
        c.rate_on(card, &mut scratch, grid.blocks[0], len)?;
        card.kernel(&ADAFACTOR, "adafactor_apply_vector", dtype)?
            .write(self.value, len)
            .read(self.grad, len)
            .read(second.view(), len)
            .read(scratch.view(), 2 + grid.blocks[0])
            .u64(len)
            .f32(c.keep)
            .launch(Grid::by_eights(len))
    }
}

impl AdafactorVector<'_> {
    fn update<F: Float>(self) -> Result<()> {
        let (value, second, grad) = (self.value.get::<F>()?, self.second.f32()?, self.grad.get::<F>()?);
        let c = &self.step;
        let mut sum = 0.0;
        for (v, &g) in second.iter_mut().zip(grad) {
            let g = f64::from(g.widened() * c.grad_scale);
            *v = (c.beta2 * f64::from(*v) + (1.0 - c.beta2) * (g * g + c.epsilon)) as f32;
            sum += g * g / f64::from(*v);
        }
        let rate = c.rate(sum, second.len()) * c.grad_scale;
        for ((value, g), v) in value.iter_mut().zip(grad).zip(&*second) {
            *value = F::rounded(value.widened() * c.keep - rate * g.widened() / v.sqrt());
        }
        Ok(())
    }
}
