//! Passes over a plan that is on the host yet.
use trainer::error::Result;
use trainer::model::{ForwardOptions, LossGrads, Model, Scored};
use trainer::plan::{DevicePlan, Plan};

/// As a model's own, with a plan that is sent for each pass.
pub trait Passes {
    fn forward_over(&mut self, plan: &Plan, options: ForwardOptions) -> Result<Scored>;
    fn backward_over(&mut self, plan: &Plan, loss: LossGrads) -> Result<()>;
}

impl Passes for Model {
    fn forward_over(&mut self, plan: &Plan, options: ForwardOptions) -> Result<Scored> {
        let plan = DevicePlan::new(self.engine(), plan.clone())?;
        self.forward(&plan, options)
    }

    fn backward_over(&mut self, plan: &Plan, loss: LossGrads) -> Result<()> {
        let plan = DevicePlan::new(self.engine(), plan.clone())?;
        self.backward(&plan, loss)
    }
}
