//! AdamW with decoupled decay and moments that can be saved.
//!
//! *Decoupled Weight Decay Regularization*, arXiv 1711.05101; the order of operations is PyTorch's `AdamW`.
use crate::error::Result;
use crate::model::{Params, saved_tensor};
use crate::ops::Buf;
use crate::ops::optimizer::{self, AdamStep};
use candle_core::Tensor;
use std::collections::HashMap;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamWConfig {
    pub beta1: f64,
    pub beta2: f64,
    pub epsilon: f64,
    /// applied to parameters whose `decay` is set
    pub weight_decay: f64,
}

impl Default for AdamWConfig {
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.0,
        }
    }
}

/// The two moments of one parameter.
struct Moments {
    first: Buf,
    second: Buf,
}

pub struct AdamW {
    config: AdamWConfig,
    /// in the order of the parameters
    moments: Vec<Moments>,
    steps: usize,
}

impl AdamW {
    pub fn new(config: AdamWConfig, params: &Params) -> Result<Self> {
        let zeros = |len, device: &_| {
            Ok(Moments {
                first: Buf::zeros(len, device)?,
                second: Buf::zeros(len, device)?,
            })
        };
        let moments = params
            .iter()
            .map(|p| zeros(p.len(), p.value.tensor().device()))
            .collect::<Result<_>>()?;
        Ok(Self {
            config,
            moments,
            steps: 0,
        })
    }

    /// One update at learning rate `lr`, with gradients multiplied by `grad_scale` (the clipping factor):
    /// `p = (1 - lr wd) p - lr m' / (sqrt(v') + eps)` with bias-corrected moments `m'`, `v'`.
    pub fn step(&mut self, params: &mut Params, lr: f64, grad_scale: f64) -> Result<()> {
        self.steps += 1;
        let c = self.config;
        let t = self.steps as i32;
        for (param, moments) in params.0.iter_mut().zip(&mut self.moments) {
            let decay = if param.decay { c.weight_decay } else { 0.0 };
            let step = AdamStep {
                beta1: c.beta1 as f32,
                beta2: c.beta2 as f32,
                epsilon: c.epsilon as f32,
                keep: (1.0 - lr * decay) as f32,
                step_size: (lr / (1.0 - c.beta1.powi(t))) as f32,
                root_correction: (1.0 / (1.0 - c.beta2.powi(t)).sqrt()) as f32,
                grad_scale: grad_scale as f32,
            };
            optimizer::adamw(
                &step,
                &mut param.value,
                &mut moments.first,
                &mut moments.second,
                &param.grad,
            )?;
        }
        Ok(())
    }

    /// Updates made so far.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// The moments, named `<parameter>.exp_avg` and `<parameter>.exp_avg_sq`, in the parameters' shapes. They share
    /// storage with the optimizer: write them out before the next step.
    pub fn export(&self, params: &Params) -> Result<HashMap<String, Tensor>> {
        let mut saved = HashMap::with_capacity(2 * self.moments.len());
        for (param, moments) in params.iter().zip(&self.moments) {
            for (suffix, buf) in [("exp_avg", &moments.first), ("exp_avg_sq", &moments.second)] {
                let tensor = buf.tensor().reshape(param.shape.as_slice())?;
                saved.insert(format!("{}.{suffix}", param.name), tensor);
            }
        }
        Ok(saved)
    }

    /// Puts back what [`AdamW::export`] gave after `steps` updates.
    pub fn import(&mut self, params: &Params, saved: &HashMap<String, Tensor>, steps: usize) -> Result<()> {
        for (param, moments) in params.iter().zip(&mut self.moments) {
            for (suffix, buf) in [("exp_avg", &mut moments.first), ("exp_avg_sq", &mut moments.second)] {
                let name = format!("{}.{suffix}", param.name);
                *buf = Buf::copy_of(&saved_tensor(saved, &name, &param.shape, buf.tensor().device())?)?;
            }
        }
        self.steps = steps;
        Ok(())
    }
}
