//! Factors of an activation, one for all or per column or row: what DoRA's lengths multiply, and their gradient.
use super::cpu::{Float, by_float, parallel, simd};
use super::{Operation, View, ViewMut};
use crate::error::Result;
use crate::ops::cuda::{Card, Grid, SCALE};

/// `x *= factor`
pub struct Scale<'a> {
    pub x: ViewMut<'a>,
    pub factor: f32,
    pub len: usize,
}

impl Operation for Scale<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.x.dtype(), F => {
            parallel::rows1(&mut self.x.get::<F>()?[..self.len], 1, |_, x| scale_block(x, self.factor));
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&SCALE, "scale", self.x.dtype())?
            .write(self.x, self.len)
            .f32(self.factor)
            .u64(self.len)
            .launch(Grid::by_eights(self.len))
    }
}

simd! {
fn scale_block<F: Float>(x: &mut [F], factor: f32) {
    for x in x {
        *x = F::rounded(x.widened() * factor);
    }
}
}

/// `y[t, j] *= factors[j]`, `y[tokens, width]`
pub struct ScaleColumns<'a> {
    pub y: ViewMut<'a>,
    pub factors: View<'a>,
    pub tokens: usize,
    pub width: usize,
}

impl Operation for ScaleColumns<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.y.dtype(), F => {
            let factors = &self.factors.f32()?[..self.width];
            parallel::rows1(&mut self.y.get::<F>()?[..self.tokens * self.width], self.width, |_, y| {
                columns_block(y, factors)
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&SCALE, "scale_columns", self.y.dtype())?
            .write(self.y, self.tokens * self.width)
            .read(self.factors, self.width)
            .u32(self.width)
            .launch(Grid::rows(self.tokens, self.width))
    }
}

simd! {
fn columns_block<F: Float>(y: &mut [F], factors: &[f32]) {
    for y in y.chunks_exact_mut(factors.len()) {
        for i in 0..factors.len() {
            y[i] = F::rounded(y[i].widened() * factors[i]);
        }
    }
}
}

/// `y[r, j] *= factors[r]`, `y[rows, width]`
pub struct ScaleRows<'a> {
    pub y: ViewMut<'a>,
    /// `[rows]`
    pub factors: View<'a>,
    pub rows: usize,
    pub width: usize,
}

impl Operation for ScaleRows<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.y.dtype(), F => {
            let (factors, width) = (self.factors.f32()?, self.width);
            parallel::rows1(&mut self.y.get::<F>()?[..self.rows * width], width, |first, y| {
                for (y, &factor) in y.chunks_exact_mut(width).zip(&factors[first..]) {
                    y.iter_mut().for_each(|y| *y = F::rounded(y.widened() * factor));
                }
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&SCALE, "scale_rows", self.y.dtype())?
            .write(self.y, self.rows * self.width)
            .read(self.factors, self.rows)
            .u32(self.width)
            .launch(Grid::rows(self.rows, self.width))
    }
}

/// `y[t, j] *= factors[positions[t]]`, `y[tokens, width]`
pub struct ScaleByPosition<'a> {
    pub y: ViewMut<'a>,
    pub factors: View<'a>,
    /// `[tokens]`
    pub positions: View<'a>,
    pub tokens: usize,
    pub width: usize,
}

impl Operation for ScaleByPosition<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.y.dtype(), F => {
            let (factors, positions, width) = (self.factors.f32()?, self.positions.u32()?, self.width);
            parallel::rows1(&mut self.y.get::<F>()?[..self.tokens * width], width, |first, y| {
                for (y, &position) in y.chunks_exact_mut(width).zip(&positions[first..]) {
                    let factor = factors[position as usize];
                    y.iter_mut().for_each(|y| *y = F::rounded(y.widened() * factor));
                }
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&SCALE, "scale_by_position", self.y.dtype())?
            .write(self.y, self.tokens * self.width)
            .read_by_index(self.factors)
            .read(self.positions, self.tokens)
            .u32(self.width)
            .launch(Grid::rows(self.tokens, self.width))
    }
}

/// `out[j] += sum over tokens of a[t, j] b[t, j] / norms[j]`, summed in f64
pub struct ColumnDots<'a> {
    pub a: View<'a>,
    pub b: View<'a>,
    pub norms: View<'a>,
    pub out: ViewMut<'a>,
    pub tokens: usize,
    pub width: usize,
}

impl Operation for ColumnDots<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.a.dtype(), F => {
            let (len, width) = (self.tokens * self.width, self.width);
            let (a, b, norms) = (
                &self.a.get::<F>()?[..len],
                &self.b.get::<F>()?[..len],
                &self.norms.f32()?[..width],
            );
            let mut sums = vec![0f64; width];
            dots(&mut sums, a, b);
            for ((sum, norm), out) in sums.iter().zip(norms).zip(&mut self.out.f32()?[..width]) {
                *out += (sum / f64::from(*norm)) as f32;
            }
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&SCALE, "column_dots", self.a.dtype())?
            .read(self.a, self.tokens * self.width)
            .read(self.b, self.tokens * self.width)
            .read(self.norms, self.width)
            .write(self.out, self.width)
            .u32(self.tokens)
            .u32(self.width)
            .launch(Grid::columns(self.width))
    }
}

simd! {
fn dots<F: Float>(sums: &mut [f64], a: &[F], b: &[F]) {
    let width = sums.len();
    for (a, b) in a.chunks_exact(width).zip(b.chunks_exact(width)) {
        for i in 0..width {
            sums[i] += f64::from(a[i].widened()) * f64::from(b[i].widened());
        }
    }
}
}

/// `out[r] = sum_j a[r, j] b[r, j]`, summed in f64
pub struct RowDots<'a> {
    pub a: View<'a>,
    pub b: View<'a>,
    pub out: ViewMut<'a>,
    pub rows: usize,
    pub width: usize,
}

impl Operation for RowDots<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.a.dtype(), F => {
            let (a, b, width) = (self.a.get::<F>()?, self.b.get::<F>()?, self.width);
            parallel::rows1(&mut self.out.f32()?[..self.rows], 1, |first, out| {
                row_dots_block(out, &a[first * width..], &b[first * width..], width)
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&SCALE, "row_dots", self.a.dtype())?
            .read(self.a, self.rows * self.width)
            .read(self.b, self.rows * self.width)
            .write(self.out, self.rows)
            .u32(self.width)
            .launch(Grid::rows(self.rows, self.width))
    }
}

simd! {
fn row_dots_block<F: Float>(out: &mut [f32], a: &[F], b: &[F], width: usize) {
    for (out, (a, b)) in out.iter_mut().zip(a.chunks_exact(width).zip(b.chunks_exact(width))) {
        let mut sum = 0f64;
        for i in 0..width {
            sum += f64::from(a[i].widened()) * f64::from(b[i].widened());
        }
        *out = sum as f32;
    }
}
}
