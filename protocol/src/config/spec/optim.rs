//! Optimizer and learning-rate schedule.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct OptimSpec {
    pub learning_rate: f64,
    pub weight_decay: f64,
    pub beta1: f64,
    pub beta2: f64,
    pub epsilon: f64,
    /// 0: no clipping.
    pub max_grad_norm: f64,
    pub schedule: Schedule,
    pub warmup: Warmup,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Schedule {
    Linear,
    Cosine,
    /// `constant` knows no warm-up in transformers; `constant_with_warmup` does.
    Constant,
    ConstantWithWarmup,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Warmup {
    Steps(u64),
    Ratio(f64),
}

impl Warmup {
    /// Warm-up steps of a run of `total` steps: `warmup_steps` if above 0, else `ceil(warmup_ratio * total)`.
    pub fn steps(self, total: u64) -> u64 {
        match self {
            Self::Steps(n) => n,
            Self::Ratio(r) => (r * total as f64).ceil() as u64,
        }
    }
}
