//! Values kept within bounds.
use super::cpu::{Float, by_float, parallel, simd};
use super::{Operation, View, ViewMut};
use crate::error::Result;
use crate::ops::cuda::{ACT, Card, Grid};

/// `x = max(-limit, min(limit, x))`
pub struct Clip<'a> {
    pub x: ViewMut<'a>,
    pub limit: f32,
    pub len: usize,
}

impl Operation for Clip<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.x.dtype(), F => {
            parallel::rows1(&mut self.x.get::<F>()?[..self.len], 1, |_, x| clip_block(x, self.limit));
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&ACT, "clip", self.x.dtype())?
            .write(self.x, self.len)
            .f32(self.limit)
            .u64(self.len)
            .launch(Grid::by_eights(self.len))
    }
}

simd! {
fn clip_block<F: Float>(x: &mut [F], limit: f32) {
    for x in x {
        *x = F::rounded(x.widened().max(-limit).min(limit));
    }
}
}

/// From the `y` of [`Clip`]: its gradient `dy` becomes that of what was clipped, 0 where `y` lies on a bound.
pub struct ClipBackward<'a> {
    pub y: View<'a>,
    pub dy: ViewMut<'a>,
    pub limit: f32,
    pub len: usize,
}

impl Operation for ClipBackward<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.dy.dtype(), F => {
            // the bound as `y` has it
            let (y, limit) = (self.y.get::<F>()?, F::rounded(self.limit).widened());
            parallel::rows1(&mut self.dy.get::<F>()?[..self.len], 1, |at, dy| clip_backward_block(&y[at..], dy, limit));
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&ACT, "clip_backward", self.dy.dtype())?
            .read(self.y, self.len)
            .write(self.dy, self.len)
            .f32(self.limit)
            .u64(self.len)
            .launch(Grid::by_eights(self.len))
    }
}

simd! {
fn clip_backward_block<F: Float>(y: &[F], dy: &mut [F], limit: f32) {
    for (dy, y) in dy.iter_mut().zip(y) {
        if y.widened().abs() >= limit {
            *dy = F::rounded(0.0);
        }
    }
}
}
