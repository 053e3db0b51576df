//! AdamW: bias-corrected moments of the gradient, and decoupled weight decay.
//!
//! *Decoupled Weight Decay Regularization*, arXiv 1711.05101; the order of operations is PyTorch's `AdamW`:
//! `p <- (1 - lr wd) p - lr m' / (sqrt(v') + eps)` with `m' = m / (1 - beta1^t)`, `v' = v / (1 - beta2^t)`. In 8 bits
//! (arXiv 2110.02861), both moments are quantized block by block; the update is computed in f32, from the moments
//! before they are quantized again.

use super::StepContext;
use super::slot::{Slot, bits8, floats, is_large};
use crate::error::Result;
use crate::model::Param;
use crate::ops::optimizer::{self, AdamStep};
use crate::ops::scale::Scale;
use protocol::config::{Adam, States};

/// AdamW's settings.
pub struct AdamW {
    pub(super) adam: Adam,
    states: States,
}

/// PyTorch's defaults.
impl Default for AdamW {
    fn default() -> Self {
        Self::from(Adam {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
        })
    }
}

/// With moments that are not quantized.
impl From<Adam> for AdamW {
    fn from(adam: Adam) -> Self {
        Self::new(adam, States::F32)
    }
}

impl AdamW {
    pub fn new(adam: Adam, states: States) -> Self {
        Self { adam, states }
    }

    pub(super) fn slots(&self, param: &Param) -> Result<Vec<Slot>> {
        if self.states == States::Blockwise8 && is_large(param.len()) {
            let first = Slot::bits8("exp_avg", &param.shape, true, param.value.device())?;
            return Ok(vec![
                first,
                Slot::bits8("exp_avg_sq", &param.shape, false, param.value.device())?,
            ]);
        }
        moments(&param.shape, param)
    }

    pub(super) fn update(&self, param: &mut Param, slots: &mut [Slot], ctx: StepContext) -> Result<()> {
        let step = self.step(ctx);
        if let Some([first, second]) = bits8(slots) {
            return ctx.engine.run(optimizer::AdamWBlockwise {
                step,
                value: param.value.view_mut(),
                first: first.view_mut(),
                second: second.view_mut(),
                grad: param.grad.view(),
            });
        }
        let [first, second] = floats(slots);
        ctx.engine.run(optimizer::AdamW {
            step,
            value: param.value.view_mut(),
            first: first.view_mut(),
            second: second.view_mut(),
            grad: param.grad.view(),
        })
    }

    pub(super) fn step(&self, ctx: StepContext) -> AdamStep {
        AdamStep {
            keep: (1.0 - ctx.lr * ctx.weight_decay) as f32,
            ..undecayed_step(&self.adam, ctx)
        }
    }
}

/// First and second moment, of this shape and in the parameter's data type.
pub(super) fn moments(shape: &[usize], param: &Param) -> Result<Vec<Slot>> {
    Ok(vec![
        Slot::zeros("exp_avg", shape, param)?,
        Slot::zeros("exp_avg_sq", shape, param)?,
    ])
}

/// The constants of PyTorch's update, without weight decay.
fn undecayed_step(adam: &Adam, ctx: StepContext) -> AdamStep {
    let bias_correction = |beta: f64| 1.0 - beta.powi(ctx.t as i32);
    AdamStep {
        beta1: adam.beta1 as f32,
        beta2: adam.beta2 as f32,
        epsilon: adam.epsilon as f32,
        keep: 1.0,
        step_size: (ctx.lr / bias_correction(adam.beta1)) as f32,
        root_correction: (1.0 / bias_correction(adam.beta2).sqrt()) as f32,
        grad_scale: ctx.grad_scale as f32,
    }
}

/// The constants of transformers' former `AdamW`, on which GaLore and APOLLO are built. It adds epsilon to the root
/// before bias correction, `lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + eps)`, and decays weights after the
/// update.
pub(super) fn transformers_step(adam: &Adam, ctx: StepContext) -> AdamStep {
    let plain = undecayed_step(adam, ctx);
    AdamStep {
        epsilon: (adam.epsilon / (1.0 - adam.beta2.powi(ctx.t as i32)).sqrt()) as f32,
        ..plain
    }
}

/// The update of a parameter whose gradient GaLore or APOLLO does not project.
pub(super) fn update_unprojected(adam: &Adam, param: &mut Param, slots: &mut [Slot], ctx: StepContext) -> Result<()> {
    let [first, second] = floats(slots);
    ctx.engine.run(optimizer::AdamW {
        step: transformers_step(adam, ctx),
        value: param.value.view_mut(),
        first: first.view_mut(),
        second: second.view_mut(),
        grad: param.grad.view(),
    })?;
    decay(param, ctx)
}

/// Weight decay: `p <- (1 - lr wd) p`.
pub(super) fn decay(param: &mut Param, ctx: StepContext) -> Result<()> {
    let len = param.len();
    match ctx.weight_decay > 0.0 {
        true => ctx.engine.run(Scale {
            x: param.value.view_mut(),
            factor: (1.0 - ctx.lr * ctx.weight_decay) as f32,
            len,
        }),
        false => Ok(()),
    }
}
