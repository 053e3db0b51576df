//! The AdamW update, with moments in f32 or in 8 bits.
use super::blockwise::{BLOCK, QuantizedMut, blocks_mut};
use crate::error::Result;
use crate::ops::cpu::{Float, by_float, parallel, simd};
use crate::ops::cuda::{Card, Grid, OPTIMIZER};
use crate::ops::{Operation, View, ViewMut};
use rayon::prelude::*;

/// The constants of one AdamW update, the same for every element.
#[derive(Clone, Copy, Debug)]
pub struct AdamStep {
    pub beta1: f32,
    pub beta2: f32,
    pub epsilon: f32,
    /// `1 - lr * weight_decay`
    pub keep: f32,
    /// `lr / (1 - beta1^t)`
    pub step_size: f32,
    /// `1 / sqrt(1 - beta2^t)`
    pub root_correction: f32,
    /// multiplies the gradient first (clipping)
    pub grad_scale: f32,
}

/// One update with moments of the value's type.
pub struct AdamW<'a> {
    pub step: AdamStep,
    pub value: ViewMut<'a>,
    pub first: ViewMut<'a>,
    pub second: ViewMut<'a>,
    pub grad: View<'a>,
}

impl Operation for AdamW<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.value.dtype(), F => {
            let (value, first, second) = (self.value.get::<F>()?, self.first.get::<F>()?, self.second.get::<F>()?);
            let (step, grad) = (&self.step, self.grad.get::<F>()?);
            let block = parallel::GRAIN;
            value
                .par_chunks_mut(block)
                .zip(first.par_chunks_mut(block))
                .zip(second.par_chunks_mut(block))
                .zip(grad.par_chunks(block))
                .for_each(|(((value, first), second), grad)| adamw_block(step, value, first, second, grad));
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let (step, len) = (self.step, self.value.len());
        card.kernel(&OPTIMIZER, "adamw", self.value.dtype())?
            .write(self.value, len)
            .write(self.first, len)
            .write(self.second, len)
            .read(self.grad, len)
            .u64(len)
            .f32(step.beta1)
            .f32(step.beta2)
            .f32(step.epsilon)
            .f32(step.keep)
            .f32(step.step_size)
            .f32(step.root_correction)
            .f32(step.grad_scale)
            .launch(Grid::by_eights(len))
    }
}

simd! {
fn adamw_block<F: Float, S: Float>(c: &AdamStep, value: &mut [F], first: &mut [S], second: &mut [S], grad: &[F]) {
    for i in 0..value.len() {
        let g = grad[i].widened() * c.grad_scale;
        let m = c.beta1 * first[i].widened() + (1.0 - c.beta1) * g;
        let v = c.beta2 * second[i].widened() + (1.0 - c.beta2) * g * g;
        first[i] = S::rounded(m);
        second[i] = S::rounded(v);
        let step = c.step_size * m / (v.sqrt() * c.root_correction + c.epsilon);
        value[i] = F::rounded(value[i].widened() * c.keep - step);
    }
}
}

/// As [`AdamW`], with moments that are stored in 8 bits between steps.
pub struct AdamWBlockwise<'a> {
    pub step: AdamStep,
    pub value: ViewMut<'a>,
    pub first: QuantizedMut<'a>,
    pub second: QuantizedMut<'a>,
    pub grad: View<'a>,
}

impl Operation for AdamWBlockwise<'_> {
    fn cpu(self) -> Result<()> {
        let (first, second, step) = (self.first, self.second, &self.step);
        by_float!(self.value.dtype(), F => {
        let grad = self.grad.get::<F>()?;
        self.value
            .get::<F>()?
            .par_chunks_mut(BLOCK)
            .zip(blocks_mut(first)?)
            .zip(blocks_mut(second)?)
            .zip(grad.par_chunks(BLOCK))
            .for_each(|(((value, mut first), mut second), grad)| {
                let (mut m, mut v) = ([0.0; BLOCK], [0.0; BLOCK]);
                let (m, v) = (&mut m[..value.len()], &mut v[..value.len()]);
                first.decode(m);
                second.decode(v);
                adamw_block(step, value, m, v, grad);
                first.encode(m);
                second.encode(v);
            });
        Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let (step, len) = (self.step, self.value.len());
        card.kernel(&OPTIMIZER, "adamw_blockwise", self.value.dtype())?
            .write(self.value, len)
            .write(self.first.codes, len)
            .write(self.first.absmax, len.div_ceil(BLOCK))
            .write(self.second.codes, len)
            .write(self.second.absmax, len.div_ceil(BLOCK))
            .read(self.grad, len)
            .u64(len)
            .f32(step.beta1)
            .f32(step.beta2)
            .f32(step.epsilon)
            .f32(step.keep)
            .f32(step.step_size)
            .f32(step.root_correction)
            .f32(step.grad_scale)
            .launch(Grid::each(len.div_ceil(BLOCK), BLOCK))
    }
}
