//! The Lion update, with its momentum of the value's type or in 8 bits.
use super::blockwise::{BLOCK, QuantizedMut, blocks_mut};
use crate::error::Result;
use crate::ops::cpu::{Float, by_float, parallel, simd};
use crate::ops::cuda::{Card, Grid, OPTIMIZER};
use crate::ops::{Operation, View, ViewMut};
use rayon::prelude::*;

/// The constants of one Lion update.
#[derive(Clone, Copy, Debug)]
pub struct LionStep {
    pub beta1: f32,
    pub beta2: f32,
    /// `1 - lr * weight_decay`
    pub keep: f32,
    pub lr: f32,
    /// multiplies the gradient first (clipping)
    pub grad_scale: f32,
}

/// One update with its momentum of the value's type.
pub struct Lion<'a> {
    pub step: LionStep,
    pub value: ViewMut<'a>,
    pub momentum: ViewMut<'a>,
    pub grad: View<'a>,
}

impl Operation for Lion<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.value.dtype(), F => {
            let (value, momentum, grad) = (self.value.get::<F>()?, self.momentum.get::<F>()?, self.grad.get::<F>()?);
            let (step, block) = (&self.step, parallel::GRAIN);
            value
                .par_chunks_mut(block)
                .zip(momentum.par_chunks_mut(block))
                .zip(grad.par_chunks(block))
                .for_each(|((value, momentum), grad)| lion_block(step, value, momentum, grad));
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let (step, len) = (self.step, self.value.len());
        card.kernel(&OPTIMIZER, "lion", self.value.dtype())?
            .write(self.value, len)
            .write(self.momentum, len)
            .read(self.grad, len)
            .u64(len)
            .f32(step.beta1)
            .f32(step.beta2)
            .f32(step.keep)
            .f32(step.lr)
            .f32(step.grad_scale)
            .launch(Grid::by_eights(len))
    }
}

simd! {
fn lion_block<F: Float, S: Float>(c: &LionStep, value: &mut [F], momentum: &mut [S], grad: &[F]) {
    for i in 0..value.len() {
        let (g, m) = (grad[i].widened() * c.grad_scale, momentum[i].widened());
        let u = c.beta1 * m + (1.0 - c.beta1) * g;
        // the sign of 0 is 0
        let sign = f32::from(u8::from(u > 0.0)) - f32::from(u8::from(u < 0.0));
        value[i] = F::rounded(value[i].widened() * c.keep - c.lr * sign);
        momentum[i] = S::rounded(c.beta2 * m + (1.0 - c.beta2) * g);
    }
}
}

/// As [`Lion`], with a momentum that is stored in 8 bits between steps.
pub struct LionBlockwise<'a> {
    pub step: LionStep,
    pub value: ViewMut<'a>,
    pub momentum: QuantizedMut<'a>,
    pub grad: View<'a>,
}

impl Operation for LionBlockwise<'_> {
    fn cpu(self) -> Result<()> {
        let step = &self.step;
        by_float!(self.value.dtype(), F => {
        let grad = self.grad.get::<F>()?;
        self.value
            .get::<F>()?
            .par_chunks_mut(BLOCK)
            .zip(blocks_mut(self.momentum)?)
            .zip(grad.par_chunks(BLOCK))
            .for_each(|((value, mut momentum), grad)| {
                let mut m = [0.0; BLOCK];
                let m = &mut m[..value.len()];
                momentum.decode(m);
                lion_block(step, value, m, grad);
                momentum.encode(m);
            });
        Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let (step, len) = (self.step, self.value.len());
        card.kernel(&OPTIMIZER, "lion_blockwise", self.value.dtype())?
            .write(self.value, len)
            .write(self.momentum.codes, len)
            .write(self.momentum.absmax, len.div_ceil(BLOCK))
            .read(self.grad, len)
            .u64(len)
            .f32(step.beta1)
            .f32(step.beta2)
            .f32(step.keep)
            .f32(step.lr)
            .f32(step.grad_scale)
            .launch(Grid::each(len.div_ceil(BLOCK), BLOCK))
    }
}
