//! SGD without momentum, weight decay added to the gradient: `p <- p - lr (g + wd p)`, as `torch.optim.SGD`.

use super::At;
use crate::error::Result;
use crate::model::Param;
use crate::ops::optimizer::{self, SgdStep};

pub(super) fn update(param: &mut Param, at: At) -> Result<()> {
    let step = SgdStep {
        keep: (1.0 - at.lr * at.decay) as f32,
        lr: (at.lr * at.grad_scale) as f32,
    };
    at.engine.run(optimizer::Sgd {
        step,
        value: param.value.view_mut(),
        grad: param.grad.view(),
    })
}
