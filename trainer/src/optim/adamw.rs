//! AdamW: moments of the gradient, bias-corrected, and decoupled decay.
//!
//! *Decoupled Weight Decay Regularization*, arXiv 1711.05101; the order of operations is PyTorch's `AdamW`:
//! `p <- (1 - lr wd) p - lr m' / (sqrt(v') + eps)` with `m' = m / (1 - beta1^t)`, `v' = v / (1 - beta2^t)`.
//! In 8 bits (arXiv 2110.02861) both moments are stored block by block, and the update is made in f32 before they are.

use super::At;
use super::slot::{Slot, bits8, floats, is_large};
use crate::error::Result;
use crate::model::Param;
use crate::ops::optimizer::{self, AdamStep};
use crate::ops::scale::Scale;
use protocol::config::{Adam, States};

pub struct AdamW {
    pub(super) adam: Adam,
    states: States,
}

impl Default for AdamW {
    fn default() -> Self {
        Self::from(Adam {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
        })
    }
}

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

    pub(super) fn update(&self, param: &mut Param, slots: &mut [Slot], at: At) -> Result<()> {
        let step = self.step(at);
        if let Some([first, second]) = bits8(slots) {
            return at.engine.run(optimizer::AdamWBlockwise {
                step,
                value: param.value.view_mut(),
                first: first.view_mut(),
                second: second.view_mut(),
                grad: param.grad.view(),
            });
        }
        let [first, second] = floats(slots);
        at.engine.run(optimizer::AdamW {
            step,
            value: param.value.view_mut(),
            first: first.view_mut(),
            second: second.view_mut(),
            grad: param.grad.view(),
        })
    }

    pub(super) fn step(&self, at: At) -> AdamStep {
        AdamStep {
            keep: (1.0 - at.lr * at.decay) as f32,
            ..constants(&self.adam, at)
        }
    }
}

/// Two moments of this shape, of the parameter's type.
pub(super) fn moments(shape: &[usize], param: &Param) -> Result<Vec<Slot>> {
    Ok(vec![
        Slot::zeros("exp_avg", shape, param)?,
        Slot::zeros("exp_avg_sq", shape, param)?,
    ])
}

/// The constants without decay.
fn constants(adam: &Adam, at: At) -> AdamStep {
    let corrected = |beta: f64| 1.0 - beta.powi(at.t as i32);
    AdamStep {
        beta1: adam.beta1 as f32,
        beta2: adam.beta2 as f32,
        epsilon: adam.epsilon as f32,
        keep: 1.0,
        step_size: (at.lr / corrected(adam.beta1)) as f32,
        root_correction: (1.0 / corrected(adam.beta2).sqrt()) as f32,
        grad_scale: at.grad_scale as f32,
    }
}

/// As transformers' own AdamW had it, on which GaLore and APOLLO are built: epsilon is added to the uncorrected root,
/// `lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + eps)`, and decay follows the update.
pub(super) fn uncorrected(adam: &Adam, at: At) -> AdamStep {
    let plain = constants(adam, at);
    AdamStep {
        epsilon: (adam.epsilon / (1.0 - adam.beta2.powi(at.t as i32)).sqrt()) as f32,
        ..plain
    }
}

/// The update of a parameter that GaLore and APOLLO leave whole.
pub(super) fn update_whole(adam: &Adam, param: &mut Param, slots: &mut [Slot], at: At) -> Result<()> {
    let [first, second] = floats(slots);
    at.engine.run(optimizer::AdamW {
        step: uncorrected(adam, at),
        value: param.value.view_mut(),
        first: first.view_mut(),
        second: second.view_mut(),
        grad: param.grad.view(),
    })?;
    decay(param, at)
}

/// `p <- (1 - lr wd) p`
pub(super) fn decay(param: &mut Param, at: At) -> Result<()> {
    let len = param.len();
    match at.decay > 0.0 {
        true => at.engine.run(Scale {
            x: param.value.view_mut(),
            factor: (1.0 - at.lr * at.decay) as f32,
            len,
        }),
        false => Ok(()),
    }
}
