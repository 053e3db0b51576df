//! Whole-buffer operations of optimizers: fill, scale, add, sum of squares, and each one's update.
mod adafactor;
mod adamw;
mod blockwise;
mod lion;
mod sgd;

pub use adafactor::{AdafactorStep, adafactor_matrix, adafactor_vector};
pub use adamw::{AdamStep, adamw, adamw_blockwise};
pub use blockwise::Quantized;
pub use lion::{LionStep, lion, lion_blockwise};
pub use sgd::{SgdStep, sgd};

use super::cpu::{parallel, simd};
use super::{Buf, Kernel, Values, View, ViewMut, launch, launch_on};
use crate::error::Result;
use candle_core::Tensor;
use rayon::prelude::*;

struct Fill {
    value: f32,
    len: usize,
}

impl Kernel for Fill {
    const NAME: &'static str = "fill";

    fn cpu(&self, outs: &mut [&mut [f32]], _: &[Values]) {
        parallel::rows1(&mut outs[0][..self.len], 1, |_, block| block.fill(self.value));
    }
}

/// Sets the first `len` values.
pub fn fill<'a>(buf: impl Into<ViewMut<'a>>, value: f32, len: usize) -> Result<()> {
    launch(&Fill { value, len }, [buf.into()], [])
}

/// The sum of squares in f64: blocks of fixed size, added in order.
pub fn sum_of_squares(buf: &Buf) -> f64 {
    let View(values) = buf.view();
    let blocks: Vec<f64> = if values.len() <= parallel::GRAIN {
        vec![squares(values)]
    } else {
        values.par_chunks(parallel::GRAIN).map(squares).collect()
    };
    blocks.iter().sum()
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

struct Scale(f32);

impl Kernel for Scale {
    const NAME: &'static str = "scale";

    fn cpu(&self, outs: &mut [&mut [f32]], _: &[Values]) {
        parallel::rows1(outs[0], 1, |_, block| block.iter_mut().for_each(|x| *x *= self.0));
    }
}

/// `x <- factor x`
pub fn scale<'a>(buf: impl Into<ViewMut<'a>>, factor: f64) -> Result<()> {
    launch(&Scale(factor as f32), [buf.into()], [])
}

struct AddScaled(f32);

impl Kernel for AddScaled {
    const NAME: &'static str = "add_scaled";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let x = ins[0].f32();
        parallel::rows1(outs[0], 1, |first, block| add_block(self.0, block, &x[first..]));
    }
}

simd! {
fn add_block(factor: f32, out: &mut [f32], x: &[f32]) {
    for i in 0..out.len() {
        out[i] += factor * x[i];
    }
}
}

/// `out <- out + factor x`
pub fn add_scaled<'a>(out: impl Into<ViewMut<'a>>, factor: f64, x: &'a Tensor) -> Result<()> {
    launch_on(&AddScaled(factor as f32), [out.into()], [x.into()])
}
