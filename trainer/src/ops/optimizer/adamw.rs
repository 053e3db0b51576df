//! The AdamW update, with moments in f32 or in 8 bits.
use super::blockwise::{BLOCK, Quantized, blocks_mut};
use crate::error::Result;
use crate::ops::cpu::{parallel, simd};
use crate::ops::{Kernel, Values, View, ViewMut, launch};
use rayon::prelude::*;
use std::cell::RefCell;

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

impl Kernel for AdamStep {
    const NAME: &'static str = "adamw";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let [value, first, second] = outs else {
            unreachable!("adamw writes three buffers")
        };
        let grad = ins[0].f32();
        let block = parallel::GRAIN;
        value
            .par_chunks_mut(block)
            .zip(first.par_chunks_mut(block))
            .zip(second.par_chunks_mut(block))
            .zip(grad.par_chunks(block))
            .for_each(|(((value, first), second), grad)| adamw_block(self, value, first, second, grad));
    }
}

simd! {
fn adamw_block(c: &AdamStep, value: &mut [f32], first: &mut [f32], second: &mut [f32], grad: &[f32]) {
    for i in 0..value.len() {
        let g = grad[i] * c.grad_scale;
        let m = c.beta1 * first[i] + (1.0 - c.beta1) * g;
        let v = c.beta2 * second[i] + (1.0 - c.beta2) * g * g;
        first[i] = m;
        second[i] = v;
        value[i] = value[i] * c.keep - c.step_size * m / (v.sqrt() * c.root_correction + c.epsilon);
    }
}
}

pub fn adamw<'a>(
    step: &AdamStep,
    value: impl Into<ViewMut<'a>>,
    first: impl Into<ViewMut<'a>>,
    second: impl Into<ViewMut<'a>>,
    grad: impl Into<View<'a>>,
) -> Result<()> {
    launch(step, [value.into(), first.into(), second.into()], [grad.into()])
}

struct Blockwise<'a> {
    step: AdamStep,
    moments: RefCell<[&'a mut Quantized; 2]>,
}

impl Kernel for Blockwise<'_> {
    const NAME: &'static str = "adamw_8bit";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let grad = ins[0].f32();
        let step = &self.step;
        let mut moments = self.moments.borrow_mut();
        let [first, second] = &mut *moments;
        outs[0]
            .par_chunks_mut(BLOCK)
            .zip(blocks_mut(first))
            .zip(blocks_mut(second))
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
    }
}

/// As [`adamw`], with moments that are stored in 8 bits between steps.
pub fn adamw_blockwise<'a>(
    step: &AdamStep,
    value: impl Into<ViewMut<'a>>,
    moments: [&mut Quantized; 2],
    grad: impl Into<View<'a>>,
) -> Result<()> {
    let moments = RefCell::new(moments);
    launch(&Blockwise { step: *step, moments }, [value.into()], [grad.into()])
}
