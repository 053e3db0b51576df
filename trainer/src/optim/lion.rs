//! Lion: updates by the sign of a momentum.
//!
//! *Symbolic Discovery of Optimization Algorithms*, arXiv 2302.06675:
//! `p <- (1 - lr wd) p - lr sign(beta1 m + (1 - beta1) g)`, then `m <- beta2 m + (1 - beta2) g`.

use super::StepContext;
use super::slot::{Slot, bits8, floats, is_large};
use crate::error::Result;
use crate::model::Param;
use crate::ops::optimizer::{self, LionStep};
use protocol::config::States;

/// Lion's settings.
pub(super) struct Lion {
    pub beta1: f64,
    pub beta2: f64,
    pub states: States,
}

impl Lion {
    pub(super) fn slots(&self, param: &Param) -> Result<Vec<Slot>> {
        Ok(vec![match self.states == States::Blockwise8 && is_large(param.len()) {
            true => Slot::bits8("exp_avg", &param.shape, true, param.value.device())?,
            false => Slot::zeros("exp_avg", &param.shape, param)?,
        }])
    }

    pub(super) fn update(&self, param: &mut Param, slots: &mut [Slot], ctx: StepContext) -> Result<()> {
        let step = LionStep {
            beta1: self.beta1 as f32,
            beta2: self.beta2 as f32,
            keep: (1.0 - ctx.lr * ctx.weight_decay) as f32,
            lr: ctx.lr as f32,
            grad_scale: ctx.grad_scale as f32,
        };
        if let Some([momentum]) = bits8(slots) {
            return ctx.engine.run(optimizer::LionBlockwise {
                step,
                value: param.value.view_mut(),
                momentum: momentum.view_mut(),
                grad: param.grad.view(),
            });
        }
        let [momentum] = floats(slots);
        ctx.engine.run(optimizer::Lion {
            step,
            value: param.value.view_mut(),
            momentum: momentum.view_mut(),
            grad: param.grad.view(),
        })
    }
}
