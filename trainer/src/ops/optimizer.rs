//! Whole-buffer operations of the optimizer: fill, sum of squares, the AdamW update.
use super::cpu::{parallel, simd};
use super::{Buf, Kernel, View, launch};
use crate::error::Result;
use rayon::prelude::*;

struct Fill {
    value: f32,
    len: usize,
}

impl Kernel for Fill {
    const NAME: &'static str = "fill";

    fn cpu(&self, outs: &mut [&mut [f32]], _: &[View]) {
        parallel::rows1(&mut outs[0][..self.len], 1, |_, block| block.fill(self.value));
    }
}

/// Sets the first `len` values.
pub fn fill(buf: &mut Buf, value: f32, len: usize) -> Result<()> {
    launch(&Fill { value, len }, [buf], [])
}

/// The sum of squares in f64: blocks of fixed size, added in order.
pub fn sum_of_squares(buf: &Buf) -> Result<f64> {
    let (storage, layout) = buf.tensor().storage_and_layout();
    match super::view(&storage, layout)? {
        View::F32(values) => {
            let blocks: Vec<f64> = if values.len() <= parallel::GRAIN {
                vec![squares(values)]
            } else {
                values.par_chunks(parallel::GRAIN).map(squares).collect()
            };
            Ok(blocks.iter().sum())
        }
        _ => unreachable!("buffers are f32"),
    }
}

simd! {
fn squares(values: &[f32]) -> f64 {
    let mut lanes = [0f64; 8];
    let chunks = values.chunks_exact(8);
    let tail: f64 = chunks.remainder().iter().map(|&x| f64::from(x) * f64::from(x)).sum();
    for x in chunks {
        for i in 0..8 {
            lanes[i] += f64::from(x[i]) * f64::from(x[i]);
        }
    }
    lanes.iter().sum::<f64>() + tail
}
}

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

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[View]) {
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

pub fn adamw(step: &AdamStep, value: &mut Buf, first: &mut Buf, second: &mut Buf, grad: &Buf) -> Result<()> {
    launch(step, [value, first, second], [grad.tensor()])
}
