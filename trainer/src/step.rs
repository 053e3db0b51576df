//! One optimizer step, the same for every stage: the gradients of its micro-batches are added up, then applied once.
use crate::error::{Error, Result};
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
}

impl<'a> OptimizerStep<'a> {
    /// Begins with all gradients at zero.
    pub fn begin(model: &'a mut Model, optimizer: &'a mut Optimizer, options: StepOptions) -> Result<Self> {
        model.zero_grads()?;
        Ok(Self {
            model,
            optimizer,
            options,
        })
    }

    /// Adds the gradients of the plan whose forward pass came last.
    pub fn add(&mut self, plan: &DevicePlan, batch: MicroBatchLoss) -> Result<()> {
        let scaled = |all: &[f32]| all.iter().map(|d| d * batch.share as f32).collect::<Vec<_>>();
        let (d_logp, d_value) = (scaled(batch.d_logp), scaled(batch.d_value));
        if !batch.loss.is_finite() || !d_logp.iter().chain(&d_value).all(|d| d.is_finite()) {
            return Err(self.diverged());
        }
        let grads = LossGrads {
            d_logp: &d_logp,
            d_value: &d_value,
            d_aux_loss: batch.router,
        };
        self.model.backward(plan, grads)
    }

    /// Clips the gradients and updates the parameters. Gives the gradients' norm before clipping.
    pub fn apply(self) -> Result<f64> {
        self.optimizer.zero_inactive_grads(self.model.params_mut())?;
        let norm = self.model.grad_norm()?;
        if !norm.is_finite() {
            return Err(self.diverged());
        }
        let clip = Params::clip_factor(norm, self.options.max_grad_norm);
        self.optimizer
            .step(self.model.params_mut(), self.options.learning_rate, clip)?;
        Ok(norm)
    }

    fn diverged(&self) -> Error {
        Error::Diverged {
            step: self.options.number,
        }
    }
}
