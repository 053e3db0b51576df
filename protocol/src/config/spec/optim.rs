//! Optimizer and learning rate: each optimizer with only its own knobs.

use super::Schedule;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OptimSpec {
    pub learning_rate: f64,
    /// Not of norms and biases.
    pub weight_decay: f64,
    pub optimizer: Optimizer,
    pub schedule: Schedule,
}

/// `optim`, or what `use_galore`, `use_apollo`, `use_badam` put in its place; equations in the trainer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Optimizer {
    AdamW {
        adam: Adam,
        states: States,
    },
    Adafactor,
    Lion {
        beta1: f64,
        beta2: f64,
        states: States,
    },
    /// Without momentum; weight decay is added to the gradient.
    Sgd,
    Galore {
        adam: Adam,
        projection: Projection,
    },
    Apollo {
        adam: Adam,
        projection: Projection,
        basis: Basis,
        scaling: Scaling,
        /// Scale before the limiter of the norm's growth, not after it.
        scale_front: bool,
    },
    Badam {
        adam: Adam,
        blocks: Blocks,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Adam {
    pub beta1: f64,
    pub beta2: f64,
    pub epsilon: f64,
}

/// How an optimizer keeps its states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum States {
    F32,
    /// 8 bits with a scale per block of 256, as bitsandbytes does; small tensors stay in f32.
    Blockwise8,
}

/// Gradients of linear layers in a subspace of `rank` dimensions, renewed every `interval` steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Projection {
    /// Empty: all linear layers but the head.
    pub target: Vec<String>,
    pub rank: usize,
    pub interval: u64,
    pub scale: f64,
    pub side: Side,
}

/// The side of the gradient that is projected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// `std`: the shorter one.
    Shorter,
    /// `reverse_std`
    Longer,
    Right,
    Left,
    /// `full`
    Both,
}

/// Where APOLLO's subspace comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Basis {
    Random,
    Svd,
}

/// What APOLLO scales by one factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scaling {
    Channel,
    Tensor,
}

/// BAdam's turns: one decoder block is trained at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocks {
    pub order: BlockOrder,
    /// The first block; `None`: the order's own.
    pub start: Option<usize>,
    /// Steps of a turn; `None`: the first block's never ends.
    pub interval: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BlockOrder {
    Ascending,
    Descending,
    /// Each once, in an order of its own every time round.
    Random,
    Fixed,
}
