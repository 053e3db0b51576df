//! Norms over the last axis: RMS norm (*Root Mean Square Layer Normalization*, arXiv 1910.07467) and layer norm (*Layer
//! Normalization*, arXiv 1607.06450), and their gradients. The gradient of a bias is a linear layer's.
use super::cpu::{self, Float, by_float, parallel, simd};
use super::{Operation, View, ViewMut, Write};
use crate::error::Result;
use crate::ops::cuda::{Card, Grid, NORM};
use crate::ops::{Buf, Device};
use candle_core::DType;
use std::borrow::Cow;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `x / sqrt(mean(x^2) + epsilon)`
    Rms,
    /// `(x - mean(x)) / sqrt(variance(x) + epsilon)`
    Layer,
}

/// `rows` vectors of `width` values, each normalised by itself.
#[derive(Clone, Copy, Debug)]
pub struct Norm {
    pub kind: Kind,
    pub rows: usize,
    pub width: usize,
    pub epsilon: f32,
    /// Weights of `width` values that there are: vector `r` has the one with number `r % weights`.
    pub weights: usize,
}

/// What normalised values are multiplied with: a `[weights, width]` weight, one more than that, or nothing.
#[derive(Clone, Copy)]
pub enum Gain<'a> {
    None,
    Plain(View<'a>),
    OnePlus(View<'a>),
}

impl<'a> Gain<'a> {
    fn factors(self, norm: Norm) -> Result<Cow<'a, [f32]>> {
        let len = norm.weights * norm.width;
        Ok(match self {
            Self::None => Cow::Owned(vec![1.0; len]),
            Self::Plain(w) => Cow::Borrowed(&w.f32()?[..len]),
            Self::OnePlus(w) => Cow::Owned(w.f32()?[..len].iter().map(|w| 1.0 + w).collect()),
        })
    }

    fn view(self) -> Option<View<'a>> {
        match self {
            Self::None => None,
            Self::Plain(w) | Self::OnePlus(w) => Some(w),
        }
    }

    fn is_one_plus(self) -> bool {
        matches!(self, Self::OnePlus(_))
    }
}

/// `y = normalised(x) * gain + bias`
pub struct Normalize<'a> {
    pub x: View<'a>,
    pub gain: Gain<'a>,
    /// `[weights, width]`
    pub bias: Option<View<'a>>,
    pub y: ViewMut<'a>,
    pub norm: Norm,
}

impl Operation for Normalize<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.y.dtype(), F => {
            let norm = self.norm;
            let (len, width) = (norm.rows * norm.width, norm.width);
            let (x, w) = (self.x.get::<F>()?, self.gain.factors(norm)?);
            let bias = self.bias.map(View::f32).transpose()?;
            parallel::rows1(&mut self.y.get::<F>()?[..len], width, |first, y| {
                let x = &x[first * width..first * width + y.len()];
                match norm.kind {
                    Kind::Rms => rms_rows(x, &w, y, norm, first),
                    Kind::Layer => layer_rows(x, &w, y, norm, first),
                }
                if let Some(bias) = bias {
                    add_biases(y, &bias[..w.len()], norm, first);
                }
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let Norm {
            rows,
            width,
            epsilon,
            weights,
            kind,
        } = self.norm;
        let name = match kind {
            Kind::Rms => "rms_norm",
            Kind::Layer => "layer_norm",
        };
        card.kernel(&NORM, name, self.y.dtype())?
            .read(self.x, rows * width)
            .read_if(self.gain.view(), weights * width)
            .flag(self.gain.is_one_plus())
            .read_if(self.bias, weights * width)
            .write(self.y, rows * width)
            .u32(width)
            .u32(weights)
            .f32(epsilon)
            .launch(Grid::rows(rows, width))
    }
}

#[inline(always)]
fn inverse_rms<F: Float>(x: &[F], epsilon: f32) -> f32 {
    1.0 / (cpu::dot(x, x) / x.len() as f32 + epsilon).sqrt()
}

/// Mean, and one over the standard deviation.
#[inline(always)]
fn moments<F: Float>(x: &[F], epsilon: f32) -> (f32, f32) {
    let mean = cpu::sum_of(x) / x.len() as f32;
    let variance = cpu::squares_about(x, mean) / x.len() as f32;
    (mean, 1.0 / (variance + epsilon).sqrt())
}

simd! {
fn rms_rows<F: Float>(x: &[F], w: &[f32], y: &mut [F], norm: Norm, first: usize) {
    let width = norm.width;
    let weights = w.chunks_exact(width).cycle().skip(first % norm.weights);
    for ((x, y), w) in x.chunks_exact(width).zip(y.chunks_exact_mut(width)).zip(weights) {
        let inverse = inverse_rms(x, norm.epsilon);
        for i in 0..width {
            y[i] = F::rounded(x[i].widened() * inverse * w[i]);
        }
    }
}
}

simd! {
fn layer_rows<F: Float>(x: &[F], w: &[f32], y: &mut [F], norm: Norm, first: usize) {
    let width = norm.width;
    let weights = w.chunks_exact(width).cycle().skip(first % norm.weights);
    for ((x, y), w) in x.chunks_exact(width).zip(y.chunks_exact_mut(width)).zip(weights) {
        let (mean, inverse) = moments(x, norm.epsilon);
        for i in 0..width {
            y[i] = F::rounded((x[i].widened() - mean) * inverse * w[i]);
        }
    }
}
}

simd! {
fn add_biases<F: Float>(y: &mut [F], bias: &[f32], norm: Norm, first: usize) {
    let biases = bias.chunks_exact(norm.width).cycle().skip(first % norm.weights);
    for (y, bias) in y.chunks_exact_mut(norm.width).zip(biases) {
        cpu::axpy(1.0, bias, y);
    }
}
}

/// `dx = d normalised(x) / dx * gain * dy`, or added to what is there
pub struct NormalizeBackward<'a> {
    pub x: View<'a>,
    pub gain: Gain<'a>,
    pub dy: View<'a>,
    pub dx: ViewMut<'a>,
    pub norm: Norm,
    pub write: Write,
}

impl Operation for NormalizeBackward<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.dx.dtype(), F => {
            let norm = self.norm;
            let (len, width, accumulate) = (norm.rows * norm.width, norm.width, self.write.accumulates());
            let (x, w, dy) = (self.x.get::<F>()?, self.gain.factors(norm)?, self.dy.get::<F>()?);
            parallel::rows1(&mut self.dx.get::<F>()?[..len], width, |first, dx| {
                let span = first * width..first * width + dx.len();
                let (x, dy) = (&x[span.clone()], &dy[span]);
                match norm.kind {
                    Kind::Rms => rms_backward_rows(x, &w, dy, dx, norm, first, accumulate),
                    Kind::Layer => layer_backward_rows(x, &w, dy, dx, norm, first, accumulate),
                }
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let Norm {
            rows,
            width,
            epsilon,
            weights,
            kind,
        } = self.norm;
        let name = match kind {
            Kind::Rms => "rms_norm_backward",
            Kind::Layer => "layer_norm_backward",
        };
        card.kernel(&NORM, name, self.dx.dtype())?
            .read(self.x, rows * width)
            .read_if(self.gain.view(), weights * width)
            .flag(self.gain.is_one_plus())
            .read(self.dy, rows * width)
            .write(self.dx, rows * width)
            .u32(width)
            .u32(weights)
            .f32(epsilon)
            .flag(self.write.accumulates())
            .launch(Grid::rows(rows, width))
    }
}

simd! {
fn rms_backward_rows<F: Float>(
    x: &[F], w: &[f32], dy: &[F], dx: &mut [F], norm: Norm, first: usize, accumulate: bool,
) {
    let width = norm.width;
    let weights = w.chunks_exact(width).cycle().skip(first % norm.weights);
    let rows = x.chunks_exact(width).zip(dy.chunks_exact(width)).zip(dx.chunks_exact_mut(width));
    for (((x, dy), dx), w) in rows.zip(weights) {
        let inverse = inverse_rms(x, norm.epsilon);
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

simd! {
/// With `z` the normalised values and `g = gain dy`: `dx = (g - mean(g) - z mean(g z)) / deviation`
fn layer_backward_rows<F: Float>(
    x: &[F], w: &[f32], dy: &[F], dx: &mut [F], norm: Norm, first: usize, accumulate: bool,
) {
    let width = norm.width;
    let weights = w.chunks_exact(width).cycle().skip(first % norm.weights);
    let rows = x.chunks_exact(width).zip(dy.chunks_exact(width)).zip(dx.chunks_exact_mut(width));
    for (((x, dy), dx), w) in rows.zip(weights) {
        let (mean, inverse) = moments(x, norm.epsilon);
        let mean_grad = cpu::dot(dy, w) / width as f32;
        let along = cpu::dot3_about(x, mean, dy, w) * inverse * inverse / width as f32;
        for i in 0..width {
            let d = (dy[i].widened() * w[i] - mean_grad - (x[i].widened() - mean) * along) * inverse;
            dx[i] = F::rounded(if accumulate { dx[i].widened() + d } else { d });
        }
    }
}
}

/// `dw += sum over rows of dy * normalised(x)`: of a plain gain and of one more than a weight alike
pub struct GainGrad<'a> {
    pub x: View<'a>,
    pub dy: View<'a>,
    /// `[weights, width]`
    pub dw: ViewMut<'a>,
    pub norm: Norm,
}

impl Operation for GainGrad<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.x.dtype(), F => {
            let norm = self.norm;
            let used = norm.rows * norm.width;
            let (x, dy) = (&self.x.get::<F>()?[..used], &self.dy.get::<F>()?[..used]);
            let dw = &mut self.dw.f32()?[..norm.weights * norm.width];
            match norm.kind {
                Kind::Rms => rms_gain_rows(x, dy, dw, norm),
                Kind::Layer => layer_gain_rows(x, dy, dw, norm),
            }
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let Norm {
            rows,
            width,
            epsilon,
            weights,
            kind,
        } = self.norm;
        let device = Device::Cuda(card.clone());
        let buf = || Buf::unwritten(DType::F32, rows, &device);
        let mut inverse = buf()?;
        let (name, mut mean) = match kind {
            Kind::Rms => ("rms_rows", None),
            Kind::Layer => ("layer_rows", Some(buf()?)),
        };
        let kernel = card.kernel(&NORM, name, self.x.dtype())?.read(self.x, rows * width);
        let kernel = match &mut mean {
            None => kernel,
            Some(mean) => kernel.write(mean.view_mut(), rows),
        };
        kernel
            .write(inverse.view_mut(), rows)
            .u32(width)
            .f32(epsilon)
            .launch(Grid::rows(rows, width))?;
        card.kernel(&NORM, "gain_grad", self.x.dtype())?
            .read(self.x, rows * width)
            .read(self.dy, rows * width)
            .read_if(mean.as_ref().map(Buf::view), rows)
            .read(inverse.view(), rows)
            .write(self.dw, weights * width)
            .u32(rows / weights)
            .u32(width)
            .u32(weights)
            .launch(Grid::columns(weights * width))
    }
}

simd! {
fn rms_gain_rows<F: Float>(x: &[F], dy: &[F], dw: &mut [f32], norm: Norm) {
    let width = norm.width;
    for (row, (x, dy)) in x.chunks_exact(width).zip(dy.chunks_exact(width)).enumerate() {
        let inverse = inverse_rms(x, norm.epsilon);
        let dw = &mut dw[row % norm.weights * width..][..width];
        for i in 0..width {
            dw[i] += dy[i].widened() * x[i].widened() * inverse;
        }
    }
}
}

simd! {
fn layer_gain_rows<F: Float>(x: &[F], dy: &[F], dw: &mut [f32], norm: Norm) {
    let width = norm.width;
    for (row, (x, dy)) in x.chunks_exact(width).zip(dy.chunks_exact(width)).enumerate() {
        let (mean, inverse) = moments(x, norm.epsilon);
        let dw = &mut dw[row % norm.weights * width..][..width];
        for i in 0..width {
            dw[i] += dy[i].widened() * ((x[i].widened() - mean) * inverse);
        }
    }
}
}
