//! The SGD update.
use crate::error::Result;
use crate::ops::cpu::{Float, by_float, parallel, simd};
use crate::ops::cuda::{Card, Grid, OPTIMIZER};
use crate::ops::{Operation, View, ViewMut};

/// The constants of one update.
#[derive(Clone, Copy, Debug)]
pub struct SgdStep {
    /// `1 - lr * weight_decay`
    pub keep: f32,
    /// `lr` times the factor of the gradient (clipping)
    pub lr: f32,
}

/// One update.
pub struct Sgd<'a> {
    pub step: SgdStep,
    pub value: ViewMut<'a>,
    pub grad: View<'a>,
}

impl Operation for Sgd<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.value.dtype(), F => {
            let (step, grad) = (&self.step, self.grad.get::<F>()?);
            parallel::rows1(self.value.get::<F>()?, 1, |first, value| {
                sgd_block(step, value, &grad[first..])
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let len = self.value.len();
        card.kernel(&OPTIMIZER, "sgd", self.value.dtype())?
            .write(self.value, len)
            .read(self.grad, len)
            .u64(len)
            .f32(self.step.keep)
            .f32(self.step.lr)
            .launch(Grid::by_eights(len))
    }
}

simd! {
fn sgd_block<F: Float>(c: &SgdStep, value: &mut [F], grad: &[F]) {
    for i in 0..value.len() {
        value[i] = F::rounded(value[i].widened() * c.keep - c.lr * grad[i].widened());
    }
}
}
