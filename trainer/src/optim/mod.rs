//! Optimizers: one update rule per file, over named states (moments, projection bases) that checkpoints save.

mod adafactor;
mod adamw;
mod apollo;
mod badam;
mod galore;
mod lion;
mod project;
mod sgd;
mod slot;

pub use adamw::AdamW;
use badam::BlockSchedule;
use slot::Slot;

use crate::error::Result;
use crate::model::{Param, Params};
use crate::ops::{Engine, optimizer};
use crate::tensors::Unwritten;
use apollo::Apollo;
use candle_core::Tensor;
use galore::Galore;
use lion::Lion;
use protocol::config::{OptimSpec, Optimizer as Asked};
use std::collections::HashMap;

/// What a rule needs for one update of one parameter, besides the parameter and its states.
#[derive(Debug, Clone, Copy)]
struct StepContext<'a> {
    engine: &'a Engine,
    /// The number of this update to the parameter's states, from 1: the `t` of bias corrections.
    t: usize,
    lr: f64,
    /// Factor on the gradient: that of gradient clipping.
    grad_scale: f64,
    /// 0 for parameters that do not decay.
    weight_decay: f64,
}

/// An update rule with its settings.
enum Rule {
    AdamW(AdamW),
    Adafactor,
    Lion(Lion),
    Sgd,
    Galore(Galore),
    Apollo(Apollo),
    Badam { adamw: AdamW, schedule: BlockSchedule },
}

impl Rule {
    /// A parameter's states before its first update.
    fn slots(&self, param: &Param) -> Result<Vec<Slot>> {
        match self {
            Self::AdamW(adamw) => adamw.slots(param),
            Self::Badam { adamw, .. } => badam::slots(adamw, param),
            Self::Adafactor => adafactor::slots(param),
            Self::Lion(lion) => lion.slots(param),
            Self::Sgd => Ok(vec![]),
            Self::Galore(galore) => galore.slots(param),
            Self::Apollo(apollo) => apollo.slots(param),
        }
    }

    /// One update of a parameter and its states.
    fn update(&self, param: &mut Param, slots: &mut [Slot], ctx: StepContext) -> Result<()> {
        match self {
            Self::AdamW(adamw) => adamw.update(param, slots, ctx),
            Self::Badam { adamw, .. } => badam::update(adamw, param, slots, ctx),
            Self::Adafactor => adafactor::update(param, slots, ctx),
            Self::Lion(lion) => lion.update(param, slots, ctx),
            Self::Sgd => sgd::update(param, ctx),
            Self::Galore(galore) => galore.update(param, slots, ctx),
            Self::Apollo(apollo) => apollo.update(param, slots, ctx),
        }
    }

    /// How many updates the states of the parameter at `index` have seen after `done` steps; `None` where the next step
    /// does not train it.
    fn updates_seen(&self, index: usize, done: usize) -> Option<usize> {
        match self {
            Self::Badam { schedule, .. } => schedule.updates_seen(index, done),
            _ => Some(done),
        }
    }
}

/// An optimizer with the states of all parameters.
pub struct Optimizer {
    engine: Engine,
    rule: Rule,
    weight_decay: f64,
    /// The states of each parameter, in the parameters' order; empty where a parameter is not trained now.
    slots: Vec<Vec<Slot>>,
    steps: usize,
}

impl Optimizer {
    /// An optimizer before its first step. `seed` is for BAdam's random order and APOLLO's random projections.
    ///
    /// # Errors
    /// BAdam without decoder blocks, or with a start block past the last; no memory for the states.
    pub fn new(engine: &Engine, spec: &OptimSpec, seed: u64, params: &Params) -> Result<Self> {
        let rule = match &spec.optimizer {
            Asked::AdamW { adam, states } => Rule::AdamW(AdamW::new(*adam, *states)),
            Asked::Adafactor => Rule::Adafactor,
            Asked::Lion { beta1, beta2, states } => Rule::Lion(Lion {
                beta1: *beta1,
                beta2: *beta2,
                states: *states,
            }),
            Asked::Sgd => Rule::Sgd,
            Asked::Galore { adam, projection } => Rule::Galore(Galore::new(*adam, projection.clone())),
            Asked::Apollo {
                adam,
                projection,
                basis,
                scaling,
                scale_front,
            } => Rule::Apollo(Apollo {
                adam: *adam,
                projection: projection.clone(),
                basis: *basis,
                scaling: *scaling,
                scale_front: *scale_front,
                seed,
            }),
            Asked::Badam { adam, blocks } => {
                let names = params.iter().map(|param| param.name.as_str());
                Rule::Badam {
                    adamw: AdamW::from(*adam),
                    schedule: BlockSchedule::new(*blocks, seed, names)?,
                }
            }
        };
        Self::with(engine, rule, spec.weight_decay, params)
    }

    /// Checks that the optimizer can train parameters with these names.
    ///
    /// # Errors BAdam without decoder blocks, or with a start block past the last; a `galore_target` or `apollo_target`
    /// that is in no parameter's name.
    pub fn check<'a>(spec: &OptimSpec, seed: u64, names: impl Iterator<Item = &'a str>) -> Result<()> {
        match &spec.optimizer {
            Asked::Badam { blocks, .. } => BlockSchedule::new(*blocks, seed, names).map(drop),
            Asked::Galore { projection, .. } => project::check("galore_target", projection, names),
            Asked::Apollo { projection, .. } => project::check("apollo_target", projection, names),
            _ => Ok(()),
        }
    }

    fn with(engine: &Engine, rule: Rule, weight_decay: f64, params: &Params) -> Result<Self> {
        let first = |(i, param): (usize, &Param)| match rule.updates_seen(i, 0) {
            Some(_) => rule.slots(param),
            None => Ok(vec![]),
        };
        let slots = params.iter().enumerate().map(first).collect::<Result<_>>()?;
        Ok(Self {
            engine: engine.clone(),
            rule,
            weight_decay,
            slots,
            steps: 0,
        })
    }

    /// Zeroes the gradients of parameters that the next step does not train (BAdam's other blocks), so that the
    /// gradient norm leaves them out.
    pub fn zero_inactive_grads(&self, params: &mut Params) -> Result<()> {
        for (i, param) in params.0.iter_mut().enumerate() {
            if self.rule.updates_seen(i, self.steps).is_none() {
                let len = param.len();
                self.engine.run(optimizer::Fill {
                    x: param.grad.view_mut(),
                    value: 0.0,
                    len,
                })?;
            }
        }
        Ok(())
    }

    /// One update at learning rate `lr` (times each parameter's own rate), with gradients multiplied by `grad_scale`
    /// (the clipping factor).
    pub fn step(&mut self, params: &mut Params, lr: f64, grad_scale: f64) -> Result<()> {
        for (i, (param, slots)) in params.0.iter_mut().zip(&mut self.slots).enumerate() {
            let Some(updates_seen) = self.rule.updates_seen(i, self.steps) else {
                slots.clear();
                continue;
            };
            if updates_seen == 0 && self.steps > 0 {
                *slots = self.rule.slots(param)?;
            }
            let ctx = StepContext {
                engine: &self.engine,
                t: updates_seen + 1,
                lr: lr * param.rate,
                grad_scale,
                weight_decay: if param.decay { self.weight_decay } else { 0.0 },
            };
            self.rule.update(param, slots, ctx)?;
        }
        self.steps += 1;
        Ok(())
    }

    /// Updates made so far.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// The states for a checkpoint, named `<parameter>.<state>` (`exp_avg`, `exp_avg_sq` …, PyTorch's names).
    pub fn export<'a>(&'a self, params: &Params) -> Vec<Unwritten<'a>> {
        let mut saved = vec![];
        for (i, (param, slots)) in params.iter().zip(&self.slots).enumerate() {
            // a block whose turn is over starts its next one with fresh states: there is nothing to save
            if self
                .rule
                .updates_seen(i, self.steps)
                .is_some_and(|updates_seen| updates_seen > 0)
            {
                for slot in slots {
                    slot.export(&param.name, &mut saved);
                }
            }
        }
        saved
    }

    /// Restores what [`Optimizer::export`] gave after `steps` updates.
    ///
    /// # Errors
    /// A state that is missing in `saved`, or has another shape.
    pub fn import(&mut self, params: &Params, saved: &HashMap<String, Tensor>, steps: usize) -> Result<()> {
        for (i, (param, slots)) in params.iter().zip(&mut self.slots).enumerate() {
            *slots = match self.rule.updates_seen(i, steps) {
                Some(_) => self.rule.slots(param)?,
                None => vec![],
            };
            if self
                .rule
                .updates_seen(i, steps)
                .is_some_and(|updates_seen| updates_seen > 0)
            {
                for slot in slots {
                    slot.import(&param.name, saved)?;
                }
            }
        }
        self.steps = steps;
        Ok(())
    }
}

impl Optimizer {
    /// Plain AdamW, for tests and benchmarks.
    pub fn adamw(engine: &Engine, adamw: AdamW, weight_decay: f64, params: &Params) -> Result<Self> {
        Self::with(engine, Rule::AdamW(adamw), weight_decay, params)
    }
}

#[cfg(test)]
mod tests;
