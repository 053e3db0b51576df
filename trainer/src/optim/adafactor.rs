//! Adafactor: the second moment factored into rows and columns, and no first moment.
//!
//! *Adafactor: Adaptive Learning Rates with Sublinear Memory Cost*, arXiv 1804.04235, with the settings of
//! transformers' trainer (`scale_parameter` and `relative_step` off, `clip_threshold` 1, `decay_rate` -0.8, `eps`
//! 1e-30): with `beta = 1 - t^-0.8`, `R <- beta R + (1 - beta) mean over columns of (g^2 + eps)`, `C` likewise over
//! rows, `u = g sqrt(mean(R)) / sqrt(R C)`, `p <- (1 - lr wd) p - lr u / max(1, rms(u))`. A vector's second moment is
//! not factored. Moments stay in f32, as in transformers: there are few.

use super::StepContext;
use super::slot::{Slot, floats};
use crate::error::Result;
use crate::model::Param;
use crate::ops::optimizer::{self, AdafactorStep};

pub(super) fn slots(param: &Param) -> Result<Vec<Slot>> {
    let device = param.value.device();
    match param.shape.as_slice() {
        [rows, columns] => Ok(vec![
            Slot::zeros_f32("exp_avg_sq_row", &[*rows], device)?,
            Slot::zeros_f32("exp_avg_sq_col", &[*columns], device)?,
        ]),
        shape => Ok(vec![Slot::zeros_f32("exp_avg_sq", shape, device)?]),
    }
}

pub(super) fn update(param: &mut Param, slots: &mut [Slot], ctx: StepContext) -> Result<()> {
    let step = AdafactorStep {
        beta2: 1.0 - (ctx.t as f64).powf(-0.8),
        epsilon: 1e-30,
        clip: 1.0,
        lr: ctx.lr,
        keep: (1.0 - ctx.lr * ctx.weight_decay) as f32,
        grad_scale: ctx.grad_scale as f32,
    };
    if param.shape.len() == 2 {
        let [rows, columns] = floats(slots);
        return ctx.engine.run(optimizer::AdafactorMatrix {
            step,
            value: param.value.view_mut(),
            rows: rows.view_mut(),
            columns: columns.view_mut(),
            grad: param.grad.view(),
        });
    }
    let [second] = floats(slots);
    ctx.engine.run(optimizer::AdafactorVector {
        step,
        value: param.value.view_mut(),
        second: second.view_mut(),
        grad: param.grad.view(),
    })
}
