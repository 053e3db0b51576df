//! The SGD update.
use crate::error::Result;
use crate::ops::cpu::{parallel, simd};
use crate::ops::{Kernel, Values, View, ViewMut, launch};

/// The constants of one update.
#[derive(Clone, Copy, Debug)]
pub struct SgdStep {
    /// `1 - lr * weight_decay`
    pub keep: f32,
    /// `lr` times the factor of the gradient (clipping)
    pub lr: f32,
}

impl Kernel for SgdStep {
    const NAME: &'static str = "sgd";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let grad = ins[0].f32();
        parallel::rows1(outs[0], 1, |first, value| sgd_block(self, value, &grad[first..]));
    }
}

simd! {
fn sgd_block(c: &SgdStep, value: &mut [f32], grad: &[f32]) {
    for i in 0..value.len() {
        value[i] = value[i] * c.keep - c.lr * grad[i];
    }
}
}

pub fn sgd<'a>(step: &SgdStep, value: impl Into<ViewMut<'a>>, grad: impl Into<View<'a>>) -> Result<()> {
    launch(step, [value.into()], [grad.into()])
}
