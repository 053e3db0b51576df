//! SGD without momentum, with weight decay added to the gradient: `p <- p - lr (g + wd p)`, as in `torch.optim.SGD`.

use super::StepContext;
use crate::error::Result;
use crate::model::Param;
use crate::ops::optimizer::{self, SgdStep};

pub(super) fn update(param: &mut Param, ctx: StepContext) -> Result<()> {
    let step = SgdStep {
        keep: (1.0 - ctx.lr * ctx.weight_decay) as f32,
        lr: (ctx.lr * ctx.grad_scale) as f32,
    };
    ctx.engine.run(optimizer::Sgd {
        step,
        value: param.value.view_mut(),
        grad: param.grad.view(),
    })
}
