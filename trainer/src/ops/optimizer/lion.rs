//! The Lion update, with its momentum in f32 or in 8 bits.
use super::blockwise::{BLOCK, Quantized, blocks_mut};
use crate::error::Result;
use crate::ops::cpu::{parallel, simd};
use crate::ops::{Kernel, Values, View, ViewMut, launch};
use rayon::prelude::*;
use std::cell::RefCell;

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

impl Kernel for LionStep {
    const NAME: &'static str = "lion";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let [value, momentum] = outs else {
            unreachable!("lion writes two buffers")
        };
        let block = parallel::GRAIN;
        value
            .par_chunks_mut(block)
            .zip(momentum.par_chunks_mut(block))
            .zip(ins[0].f32().par_chunks(block))
            .for_each(|((value, momentum), grad)| lion_block(self, value, momentum, grad));
    }
}

simd! {
fn lion_block(c: &LionStep, value: &mut [f32], momentum: &mut [f32], grad: &[f32]) {
    for i in 0..value.len() {
        let g = grad[i] * c.grad_scale;
        let u = c.beta1 * momentum[i] + (1.0 - c.beta1) * g;
        // the sign of 0 is 0
        let sign = f32::from(u8::from(u > 0.0)) - f32::from(u8::from(u < 0.0));
        value[i] = value[i] * c.keep - c.lr * sign;
        momentum[i] = c.beta2 * momentum[i] + (1.0 - c.beta2) * g;
    }
}
}

pub fn lion<'a>(
    step: &LionStep,
    value: impl Into<ViewMut<'a>>,
    momentum: impl Into<ViewMut<'a>>,
    grad: impl Into<View<'a>>,
) -> Result<()> {
    launch(step, [value.into(), momentum.into()], [grad.into()])
}

struct Blockwise<'a> {
    step: LionStep,
    momentum: RefCell<&'a mut Quantized>,
}

impl Kernel for Blockwise<'_> {
    const NAME: &'static str = "lion_8bit";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let step = &self.step;
        let mut momentum = self.momentum.borrow_mut();
        outs[0]
            .par_chunks_mut(BLOCK)
            .zip(blocks_mut(&mut momentum))
            .zip(ins[0].f32().par_chunks(BLOCK))
            .for_each(|((value, mut momentum), grad)| {
                let mut m = [0.0; BLOCK];
                let m = &mut m[..value.len()];
                momentum.decode(m);
                lion_block(step, value, m, grad);
                momentum.encode(m);
            });
    }
}

/// As [`lion`], with a momentum that is stored in 8 bits between steps.
pub fn lion_blockwise<'a>(
    step: &LionStep,
    value: impl Into<ViewMut<'a>>,
    momentum: &mut Quantized,
    grad: impl Into<View<'a>>,
) -> Result<()> {
    let momentum = RefCell::new(momentum);
    launch(&Blockwise { step: *step, momentum }, [value.into()], [grad.into()])
}
