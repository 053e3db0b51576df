//! Optimizers: one rule per file, over named states that can be saved.

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
use badam::Turns;
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

/// What one step is made with, for one parameter.
#[derive(Debug, Clone, Copy)]
struct At<'a> {
    engine: &'a Engine,
    /// Updates of this parameter with this one, from 1.
    t: usize,
    lr: f64,
    /// Multiplies the gradient first (clipping).
    grad_scale: f64,
    /// Weight decay of this parameter.
    decay: f64,
}

enum Rule {
    AdamW(AdamW),
    Adafactor,
    Lion(Lion),
    Sgd,
    Galore(Galore),
    Apollo(Apollo),
    Badam(AdamW, Turns),
}

impl Rule {
    /// The states of a parameter before its first update.
    fn slots(&self, param: &Param) -> Result<Vec<Slot>> {
        match self {
            Self::AdamW(adamw) => adamw.slots(param),
            Self::Badam(adamw, _) => badam::slots(adamw, param),
            Self::Adafactor => adafactor::slots(param),
            Self::Lion(lion) => lion.slots(param),
            Self::Sgd => Ok(vec![]),
            Self::Galore(galore) => galore.slots(param),
            Self::Apollo(apollo) => apollo.slots(param),
        }
    }

    fn update(&self, param: &mut Param, slots: &mut [Slot], at: At) -> Result<()> {
        match self {
            Self::AdamW(adamw) => adamw.update(param, slots, at),
            Self::Badam(adamw, _) => badam::update(adamw, param, slots, at),
            Self::Adafactor => adafactor::update(param, slots, at),
            Self::Lion(lion) => lion.update(param, slots, at),
            Self::Sgd => sgd::update(param, at),
            Self::Galore(galore) => galore.update(param, slots, at),
            Self::Apollo(apollo) => apollo.update(param, slots, at),
        }
    }

    /// How many updates the states of the parameter at `index` have seen after `done` steps; `None` where it is not
    /// trained at that step.
    fn age(&self, index: usize, done: usize) -> Option<usize> {
        match self {
            Self::Badam(_, turns) => turns.age(index, done),
            _ => Some(done),
        }
    }
}

pub struct Optimizer {
    engine: Engine,
    rule: Rule,
    weight_decay: f64,
    /// in the order of the parameters; empty where a parameter is not trained now
    slots: Vec<Vec<Slot>>,
    steps: usize,
}

impl Optimizer {
    /// `seed` is for what is random: BAdam's order, APOLLO's subspaces.
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
                Rule::Badam(AdamW::from(*adam), Turns::new(*blocks, seed, names)?)
            }
        };
        Self::with(engine, rule, spec.weight_decay, params)
    }

    /// Whether the optimizer asked for can train parameters of these names.
    pub fn check<'a>(spec: &OptimSpec, seed: u64, names: impl Iterator<Item = &'a str>) -> Result<()> {
        match &spec.optimizer {
            Asked::Badam { blocks, .. } => Turns::new(*blocks, seed, names).map(drop),
            Asked::Galore { projection, .. } => project::check("galore_target", projection, names),
            Asked::Apollo { projection, .. } => project::check("apollo_target", projection, names),
            _ => Ok(()),
        }
    }

    fn with(engine: &Engine, rule: Rule, weight_decay: f64, params: &Params) -> Result<Self> {
        let first = |(i, param): (usize, &Param)| match rule.age(i, 0) {
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

    /// Clears the gradients of parameters whose turn it is not: they count in no norm.
    pub fn zero_inactive_grads(&self, params: &mut Params) -> Result<()> {
        for (i, param) in params.0.iter_mut().enumerate() {
            if self.rule.age(i, self.steps).is_none() {
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

    /// One update at learning rate `lr` (times each parameter's own rate), with gradients multiplied by `grad_scale` (the clipping factor).
    pub fn step(&mut self, params: &mut Params, lr: f64, grad_scale: f64) -> Result<()> {
        for (i, (param, slots)) in params.0.iter_mut().zip(&mut self.slots).enumerate() {
            let Some(age) = self.rule.age(i, self.steps) else {
                slots.clear();
                continue;
            };
            if age == 0 && self.steps > 0 {
                *slots = self.rule.slots(param)?;
            }
            let at = At {
                engine: &self.engine,
                t: age + 1,
                lr: lr * param.rate,
                grad_scale,
                decay: if param.decay { self.weight_decay } else { 0.0 },
            };
            self.rule.update(param, slots, at)?;
        }
        self.steps += 1;
        Ok(())
    }

    /// Updates made so far.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// The states, named `<parameter>.<state>` (`exp_avg`, `exp_avg_sq` …).
    pub fn export<'a>(&'a self, params: &Params) -> Vec<Unwritten<'a>> {
        let mut saved = vec![];
        for (i, (param, slots)) in params.iter().zip(&self.slots).enumerate() {
            // those of a turn that is over are not
            if self.rule.age(i, self.steps).is_some_and(|age| age > 0) {
                for slot in slots {
                    slot.export(&param.name, &mut saved);
                }
            }
        }
        saved
    }

    /// Puts back what [`Optimizer::export`] gave after `steps` updates.
    pub fn import(&mut self, params: &Params, saved: &HashMap<String, Tensor>, steps: usize) -> Result<()> {
        for (i, (param, slots)) in params.iter().zip(&mut self.slots).enumerate() {
            *slots = match self.rule.age(i, steps) {
                Some(_) => self.rule.slots(param)?,
                None => vec![],
            };
            if self.rule.age(i, steps).is_some_and(|age| age > 0) {
                for slot in slots {
                    slot.import(&param.name, saved)?;
                }
            }
        }
        self.steps = steps;
        Ok(())
    }
}

/// Plain AdamW, for tests and measurements.
impl Optimizer {
    pub fn adamw(engine: &Engine, adamw: AdamW, weight_decay: f64, params: &Params) -> Result<Self> {
        Self::with(engine, Rule::AdamW(adamw), weight_decay, params)
    }
}

#[cfg(test)]
mod tests;
