//! One optimizer step, the same for every stage: the gradients of its micro-batches are added up, then applied once.
use crate::error::{Error, Result};
use crate::loss_scale::LossScale;
use crate::model::{LossGrads, Model, Params};
use crate::optim::Optimizer;
use crate::plan::DevicePlan;

/// What a step is made with.
#[derive(Debug, Clone, Copy)]
pub struct StepOptions {
    /// Which step of the run it is, counted from 1: an error names it.
    pub number: u64,
    pub learning_rate: f64,
    /// Gradients with a larger norm are scaled down to it; 0 is no limit.
    pub max_grad_norm: f64,
}

/// A micro-batch's loss, and its derivatives.
#[derive(Debug, Clone, Copy)]
pub struct MicroBatchLoss<'a> {
    pub loss: f64,
    /// dLoss / dlogp of every row of the plan.
    pub d_logp: &'a [f32],
    /// dLoss / dvalue of every row; empty where no value head is trained.
    pub d_value: &'a [f32],
    /// What the loss counts for in the step's.
    pub share: f64,
    /// The weight of the router's auxiliary loss in the step's loss.
    pub router: f64,
}

/// A step being made: every forward pass with kept activations is followed by [`OptimizerStep::add`], and all of them by
/// [`OptimizerStep::apply`]. Never steps on a number that is not finite.
pub struct OptimizerStep<'a> {
    pub model: &'a mut Model,
    optimizer: &'a mut Optimizer,
    options: StepOptions,
    /// of passes in f16
    loss_scale: Option<&'a mut LossScale>,
}

impl<'a> OptimizerStep<'a> {
    /// Begins with all gradients at zero.
    pub fn begin(
        model: &'a mut Model,
        optimizer: &'a mut Optimizer,
        options: StepOptions,
        loss_scale: Option<&'a mut LossScale>,
    ) -> Result<Self> {
        model.zero_grads()?;
        Ok(Self {
            model,
            optimizer,
            options,
            loss_scale,
        })
    }

    fn scale(&self) -> f64 {
        self.loss_scale.as_ref().map_or(1.0, |of| of.scale())
    }

    /// Adds the gradients of the plan whose forward pass came last.
    pub fn add(&mut self, plan: &DevicePlan, batch: MicroBatchLoss) -> Result<()> {
        let scale = self.scale();
        let factor = batch.share as f32 * scale as f32;
        let scaled = |all: &[f32]| all.iter().map(|d| d * factor).collect::<Vec<_>>();
        let (d_logp, d_value) = (scaled(batch.d_logp), scaled(batch.d_value));
        if !batch.loss.is_finite() || !d_logp.iter().chain(&d_value).all(|d| d.is_finite()) {
            return Err(self.diverged());
        }
        let grads = LossGrads {
            d_logp: &d_logp,
            d_value: &d_value,
            d_aux_loss: batch.router * scale,
        };
        self.model.backward(plan, grads)
    }

    /// Clips the gradients and updates the parameters. Gives the gradients' norm before clipping; none where they overflowed
    /// f16, and nothing was updated.
    pub fn apply(mut self) -> Result<Option<f64>> {
        self.optimizer.zero_inactive_grads(self.model.params_mut())?;
        let scale = self.scale();
        let norm = self.model.grad_norm()? / scale;
        match &mut self.loss_scale {
            Some(loss_scale) if !norm.is_finite() => {
                return match loss_scale.overflowed() {
                    true => Ok(None),
                    false => Err(self.diverged()),
                };
            }
            None if !norm.is_finite() => return Err(self.diverged()),
            Some(loss_scale) => loss_scale.updated(),
            None => {}
        }
        let clip = Params::clip_factor(norm, self.options.max_grad_norm) / scale;
        self.optimizer
            .step(self.model.params_mut(), self.options.learning_rate, clip)?;
        Ok(Some(norm))
    }

    fn diverged(&self) -> Error {
        Error::Diverged {
            step: self.options.number,
        }
    }
}
