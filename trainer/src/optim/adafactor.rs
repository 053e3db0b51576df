//! Adafactor: second moments factored into rows and columns, no first moment.
//!
//! *Adafactor: Adaptive Learning Rates with Sublinear Memory Cost*, arXiv 1804.04235, called as transformers' trainer
//! calls its own (`scale_parameter` and `relative_step` off, `clip_threshold` 1, `decay_rate` -0.8, `eps` 1e-30):
//! with `beta = 1 - t^-0.8`, `R <- beta R + (1 - beta) mean over columns of (g^2 + eps)`, `C` likewise over rows,
//! `u = g sqrt(mean(R)) / sqrt(R C)`, `p <- (1 - lr wd) p - lr u / max(1, rms(u))`. A vector has a moment per element.
//! Moments are few and stay in f32, as transformers keeps them.

use super::At;
use super::slot::{Slot, floats};
use crate::error::Result;
use crate::model::Param;
use crate::ops::optimizer::{self, AdafactorStep};

pub(super) fn slots(param: &Param) -> Result<Vec<Slot>> {
    let device = param.value.device();
    match param.shape.as_slice() {
        [rows, columns] => Ok(vec![
            Slot::exact("exp_avg_sq_row", &[*rows], device)?,
            Slot::exact("exp_avg_sq_col", &[*columns], device)?,
        ]),
        shape => Ok(vec![Slot::exact("exp_avg_sq", shape, device)?]),
    }
}

pub(super) fn update(param: &mut Param, slots: &mut [Slot], at: At) -> Result<()> {
    let step = AdafactorStep {
        beta2: 1.0 - (at.t as f64).powf(-0.8),
        epsilon: 1e-30,
        clip: 1.0,
        lr: at.lr,
        keep: (1.0 - at.lr * at.decay) as f32,
        grad_scale: at.grad_scale as f32,
    };
    if param.shape.len() == 2 {
        let [rows, columns] = floats(slots);
        return at.engine.run(optimizer::AdafactorMatrix {
            step,
            value: param.value.view_mut(),
            rows: rows.view_mut(),
            columns: columns.view_mut(),
            grad: param.grad.view(),
        });
    }
    let [second] = floats(slots);
    at.engine.run(optimizer::AdafactorVector {
        step,
        value: param.value.view_mut(),
        second: second.view_mut(),
        grad: param.grad.view(),
    })
}
