//! RMS norm over the last axis. *Root Mean Square Layer Normalization*, arXiv 1910.07467.
use super::cpu::{self, parallel, simd};
use super::{Kernel, Values, View, ViewMut, launch};
use crate::error::Result;

/// `rows` vectors of `width` values, each normalised by itself.
#[derive(Clone, Copy, Debug)]
pub struct Norm {
    pub rows: usize,
    pub width: usize,
    pub epsilon: f32,
}

struct Forward(Norm);

impl Kernel for Forward {
    const NAME: &'static str = "rms_norm";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let Norm { rows, width, epsilon } = self.0;
        let (x, w) = (ins[0].f32(), &ins[1].f32()[..width]);
        parallel::rows1(&mut outs[0][..rows * width], width, |first, y| {
            forward_rows(&x[first * width..first * width + y.len()], w, y, epsilon);
        });
    }
}

#[inline(always)]
fn inverse_rms(x: &[f32], epsilon: f32) -> f32 {
    1.0 / (cpu::dot(x, x) / x.len() as f32 + epsilon).sqrt()
}

simd! {
fn forward_rows(x: &[f32], w: &[f32], y: &mut [f32], epsilon: f32) {
    for (x, y) in x.chunks_exact(w.len()).zip(y.chunks_exact_mut(w.len())) {
        let inverse = inverse_rms(x, epsilon);
        for i in 0..w.len() {
            y[i] = x[i] * inverse * w[i];
        }
    }
}
}

/// `y = x / rms(x) * w`
pub fn forward<'a>(
    x: impl Into<View<'a>>,
    w: impl Into<View<'a>>,
    y: impl Into<ViewMut<'a>>,
    norm: Norm,
) -> Result<()> {
    launch(&Forward(norm), [y.into()], [x.into(), w.into()])
}

struct Backward {
    norm: Norm,
    accumulate: bool,
}

impl Kernel for Backward {
    const NAME: &'static str = "rms_norm_backward";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let Norm { rows, width, epsilon } = self.norm;
        let (x, w, dy) = (ins[0].f32(), &ins[1].f32()[..width], ins[2].f32());
        parallel::rows1(&mut outs[0][..rows * width], width, |first, dx| {
            let span = first * width..first * width + dx.len();
            backward_rows(&x[span.clone()], w, &dy[span], dx, epsilon, self.accumulate);
        });
    }
}

simd! {
fn backward_rows(x: &[f32], w: &[f32], dy: &[f32], dx: &mut [f32], epsilon: f32, accumulate: bool) {
    let width = w.len();
    for ((x, dy), dx) in x.chunks_exact(width).zip(dy.chunks_exact(width)).zip(dx.chunks_exact_mut(width)) {
        let inverse = inverse_rms(x, epsilon);
        let c = cpu::dot3(x, dy, w) * inverse * inverse * inverse / width as f32;
        if accumulate {
            for i in 0..width {
                dx[i] += dy[i] * w[i] * inverse - x[i] * c;
            }
        } else {
            for i in 0..width {
                dx[i] = dy[i] * w[i] * inverse - x[i] * c;
            }
        }
    }
}
}

/// `dx = d norm(x) / dx * dy`
pub fn backward<'a>(
    x: impl Into<View<'a>>,
    w: impl Into<View<'a>>,
    dy: impl Into<View<'a>>,
    dx: impl Into<ViewMut<'a>>,
    norm: Norm,
) -> Result<()> {
    launch(
        &Backward {
            norm,
            accumulate: false,
        },
        [dx.into()],
        [x.into(), w.into(), dy.into()],
    )
}

/// `dx += d norm(x) / dx * dy`
pub fn backward_add<'a>(
    x: impl Into<View<'a>>,
    w: impl Into<View<'a>>,
    dy: impl Into<View<'a>>,
    dx: impl Into<ViewMut<'a>>,
    norm: Norm,
) -> Result<()> {
    launch(
        &Backward { norm, accumulate: true },
        [dx.into()],
        [x.into(), w.into(), dy.into()],
    )
}

struct WeightGrad(Norm);

impl Kernel for WeightGrad {
    const NAME: &'static str = "rms_norm_weight_grad";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let Norm { rows, width, epsilon } = self.0;
        let used = rows * width;
        weight_grad_rows(
            &ins[0].f32()[..used],
            &ins[1].f32()[..used],
            &mut outs[0][..width],
            epsilon,
        );
    }
}

simd! {
fn weight_grad_rows(x: &[f32], dy: &[f32], dw: &mut [f32], epsilon: f32) {
    let width = dw.len();
    for (x, dy) in x.chunks_exact(width).zip(dy.chunks_exact(width)) {
        let inverse = inverse_rms(x, epsilon);
        for i in 0..width {
            dw[i] += dy[i] * x[i] * inverse;
        }
    }
}
}

/// `dw += sum over rows of dy * x / rms(x)`
pub fn weight_grad<'a>(
    x: impl Into<View<'a>>,
    dy: impl Into<View<'a>>,
    dw: impl Into<ViewMut<'a>>,
    norm: Norm,
) -> Result<()> {
    launch(&WeightGrad(norm), [dw.into()], [x.into(), dy.into()])
}
