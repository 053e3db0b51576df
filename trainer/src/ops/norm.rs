//! RMS norm over the last axis. *Root Mean Square Layer Normalization*, arXiv 1910.07467.
use super::cpu::{self, Float, by_float, parallel, simd};
use super::{Operation, View, ViewMut, Write};
use crate::error::Result;
use crate::ops::cuda::{Card, Grid, NORM};
use crate::ops::{Buf, Device};
use candle_core::DType;

/// `rows` vectors of `width` values, each normalised by itself.
#[derive(Clone, Copy, Debug)]
pub struct Norm {
    pub rows: usize,
    pub width: usize,
    pub epsilon: f32,
}

/// `y = x / rms(x) * w`
pub struct RmsNorm<'a> {
    pub x: View<'a>,
    pub w: View<'a>,
    pub y: ViewMut<'a>,
    pub norm: Norm,
}

impl Operation for RmsNorm<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.y.dtype(), F => {
            let Norm { rows, width, epsilon } = self.norm;
            let (x, w) = (self.x.get::<F>()?, &self.w.f32()?[..width]);
            parallel::rows1(&mut self.y.get::<F>()?[..rows * width], width, |first, y| {
                forward_rows(&x[first * width..first * width + y.len()], w, y, epsilon);
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&NORM, "rms_norm", self.y.dtype())?
            .read(self.x)
            .read(self.w)
            .write(self.y)
            .u32(self.norm.width)
            .f32(self.norm.epsilon)
            .launch(Grid::rows(self.norm.rows, self.norm.width))
    }
}

#[inline(always)]
fn inverse_rms<F: Float>(x: &[F], epsilon: f32) -> f32 {
    1.0 / (cpu::dot(x, x) / x.len() as f32 + epsilon).sqrt()
}

simd! {
fn forward_rows<F: Float>(x: &[F], w: &[f32], y: &mut [F], epsilon: f32) {
    for (x, y) in x.chunks_exact(w.len()).zip(y.chunks_exact_mut(w.len())) {
        let inverse = inverse_rms(x, epsilon);
        for i in 0..w.len() {
            y[i] = F::rounded(x[i].widened() * inverse * w[i]);
        }
    }
}
}

/// `dx = d norm(x) / dx * dy`, or added to what is there
pub struct RmsNormBackward<'a> {
    pub x: View<'a>,
    pub w: View<'a>,
    pub dy: View<'a>,
    pub dx: ViewMut<'a>,
    pub norm: Norm,
    pub write: Write,
}

impl Operation for RmsNormBackward<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.dx.dtype(), F => {
            let Norm { rows, width, epsilon } = self.norm;
            let (x, w, dy) = (self.x.get::<F>()?, &self.w.f32()?[..width], self.dy.get::<F>()?);
            parallel::rows1(&mut self.dx.get::<F>()?[..rows * width], width, |first, dx| {
                let span = first * width..first * width + dx.len();
                backward_rows(&x[span.clone()], w, &dy[span], dx, epsilon, self.write.accumulates());
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&NORM, "rms_norm_backward", self.dx.dtype())?
            .read(self.x)
            .read(self.w)
            .read(self.dy)
            .write(self.dx)
            .u32(self.norm.width)
            .f32(self.norm.epsilon)
            .flag(self.write.accumulates())
            .launch(Grid::rows(self.norm.rows, self.norm.width))
    }
}

simd! {
fn backward_rows<F: Float>(x: &[F], w: &[f32], dy: &[F], dx: &mut [F], epsilon: f32, accumulate: bool) {
    let width = w.len();
    for ((x, dy), dx) in x.chunks_exact(width).zip(dy.chunks_exact(width)).zip(dx.chunks_exact_mut(width)) {
        let inverse = inverse_rms(x, epsilon);
        let c = cpu::dot3(x, dy, w) * inverse * inverse * inverse / width as f32;
        if accumulate {
            for i in 0..width {
                let d = dy[i].widened() * w[i] * inverse - x[i].widened() * c;
                dx[i] = F::rounded(dx[i].widened() + d);
            }
        } else {
            for i in 0..width {
                dx[i] = F::rounded(dy[i].widened() * w[i] * inverse - x[i].widened() * c);
            }
        }
    }
}
}

/// `dw += sum over rows of dy * x / rms(x)`
pub struct RmsNormWeightGrad<'a> {
    pub x: View<'a>,
    pub dy: View<'a>,
    pub dw: ViewMut<'a>,
    pub norm: Norm,
}

impl Operation for RmsNormWeightGrad<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.x.dtype(), F => {
            let Norm { rows, width, epsilon } = self.norm;
            let used = rows * width;
            weight_grad_rows(
                &self.x.get::<F>()?[..used],
                &self.dy.get::<F>()?[..used],
                &mut self.dw.f32()?[..width],
                epsilon,
            );
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let Norm { rows, width, epsilon } = self.norm;
        let mut inverse = Buf::unwritten(DType::F32, rows, &Device::Cuda(card.clone()))?;
        card.kernel(&NORM, "inverse_rms_rows", self.x.dtype())?
            .read(self.x)
            .write(inverse.view_mut())
            .u32(width)
            .f32(epsilon)
            .launch(Grid::rows(rows, width))?;
        card.kernel(&NORM, "rms_norm_weight_grad", self.x.dtype())?
            .read(self.x)
            .read(self.dy)
            .read(inverse.view())
            .write(self.dw)
            .u32(rows)
            .u32(width)
            .launch(Grid::each(width.div_ceil(32), 256))
    }
}

simd! {
fn weight_grad_rows<F: Float>(x: &[F], dy: &[F], dw: &mut [f32], epsilon: f32) {
    let width = dw.len();
    for (x, dy) in x.chunks_exact(width).zip(dy.chunks_exact(width)) {
        let inverse = inverse_rms(x, epsilon);
        for i in 0..width {
            dw[i] += dy[i].widened() * x[i].widened() * inverse;
        }
    }
}
}
