//! Products of activations and weights. Weights are stored `[out, in]` row-major, in f32, bf16, f16
//! or quantized; products are f32.
use super::cpu::matmul::{FEW, Strides, few_nt, product, widened};
use super::cpu::{self, parallel, simd};
use super::{Operand, Operation, View, ViewMut, Write};
use crate::error::Result;

/// `[tokens, in, out]` of a linear layer.
#[derive(Clone, Copy, Debug)]
pub struct Dims {
    pub tokens: usize,
    pub input: usize,
    pub output: usize,
}

/// `y[tokens, out] (+)= alpha x w^T`
pub struct LinearForward<'a> {
    pub x: View<'a>,
    pub w: Operand<'a>,
    pub y: ViewMut<'a>,
    pub dims: Dims,
    pub write: Write,
    pub alpha: f32,
}

impl Operation for LinearForward<'_> {
    fn cpu(self) -> Result<()> {
        let Dims { tokens, input, output } = self.dims;
        let (accumulate, alpha) = (self.write.accumulates(), self.alpha);
        let (x, y, open) = (self.x.f32()?, self.y.f32()?, self.w.open());
        let w = open.values()?;
        if tokens <= FEW {
            few_nt((tokens, output, input), y, x, w, 0, accumulate, alpha);
            return Ok(());
        }
        widened(w, 0, output, input, |first, w| {
            let rows = w.len() / input;
            product(
                (tokens, rows, input),
                (&mut y[first..], Strides::rows(output)),
                (x, Strides::rows(input)),
                (w, Strides::rows(input).transposed()),
                accumulate,
                alpha,
            );
        });
        Ok(())
    }
}

/// `dx[tokens, in] (+)= alpha dy w`
pub struct LinearInputGrad<'a> {
    pub dy: View<'a>,
    pub w: Operand<'a>,
    pub dx: ViewMut<'a>,
    pub dims: Dims,
    pub write: Write,
    pub alpha: f32,
}

impl Operation for LinearInputGrad<'_> {
    fn cpu(self) -> Result<()> {
        let Dims { tokens, input, output } = self.dims;
        let (accumulate, alpha) = (self.write.accumulates(), self.alpha);
        let (dy, dx, open) = (self.dy.f32()?, self.dx.f32()?, self.w.open());
        widened(open.values()?, 0, output, input, |first, w| {
            product(
                (tokens, input, w.len() / input),
                (&mut *dx, Strides::rows(input)),
                (&dy[first..], Strides::rows(output)),
                (w, Strides::rows(input)),
                accumulate || first > 0,
                alpha,
            );
        });
        Ok(())
    }
}

/// `dw[out, in] += alpha dy^T x`
pub struct LinearWeightGrad<'a> {
    pub dy: View<'a>,
    pub x: View<'a>,
    pub dw: ViewMut<'a>,
    pub dims: Dims,
    pub alpha: f32,
}

impl Operation for LinearWeightGrad<'_> {
    fn cpu(self) -> Result<()> {
        let Dims { tokens, input, output } = self.dims;
        product(
            (output, input, tokens),
            (self.dw.f32()?, Strides::rows(input)),
            (self.dy.f32()?, Strides::rows(output).transposed()),
            (self.x.f32()?, Strides::rows(input)),
            true,
            self.alpha,
        );
        Ok(())
    }
}

/// `y[tokens, width] += bias`
pub struct AddBias<'a> {
    pub bias: View<'a>,
    pub y: ViewMut<'a>,
    pub tokens: usize,
    pub width: usize,
}

impl Operation for AddBias<'_> {
    fn cpu(self) -> Result<()> {
        let bias = &self.bias.f32()?[..self.width];
        parallel::rows1(&mut self.y.f32()?[..self.tokens * self.width], self.width, |_, y| {
            add_rows(y, bias)
        });
        Ok(())
    }
}

simd! {
fn add_rows(y: &mut [f32], bias: &[f32]) {
    for y in y.chunks_exact_mut(bias.len()) {
        cpu::axpy(1.0, bias, y);
    }
}
}

/// `db += sum over tokens of dy[tokens, width]`
pub struct BiasGrad<'a> {
    pub dy: View<'a>,
    pub db: ViewMut<'a>,
    pub tokens: usize,
    pub width: usize,
}

impl Operation for BiasGrad<'_> {
    fn cpu(self) -> Result<()> {
        add_columns(self.db.f32()?, &self.dy.f32()?[..self.tokens * self.width]);
        Ok(())
    }
}

simd! {
fn add_columns(sum: &mut [f32], rows: &[f32]) {
    for row in rows.chunks_exact(sum.len()) {
        cpu::axpy(1.0, row, sum);
    }
}
}
