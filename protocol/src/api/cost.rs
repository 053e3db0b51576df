//! What a run will take, before it starts: time, disk and memory.

use serde::{Deserialize, Serialize};

/// What a run will take, before it starts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Forecast {
    /// Seconds from start to end, with `sampling` where that is known; `None`: no similar run was trained on this machine yet.
    pub seconds: Option<f64>,
    /// Seconds in which it answers its sample prompts, at most; `None`: it answers none, or no run of about this size answered any on
    /// this machine yet.
    #[serde(default)]
    pub sampling: Option<f64>,
    /// The run whose speed it is based on; empty: it is based on a probe of a few steps.
    pub like: String,
    /// Whether that run had another model or another kind of training.
    pub rough: bool,
    /// Bytes of the checkpoints it will leave.
    pub disk: u64,
    /// Bytes that are free on their disk.
    pub free: u64,
}

/// Answer of `POST /api/probe`: how fast a few steps of a run went.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Probed {
    /// Speed of the last step, counting each reply with its prompt.
    pub tokens_per_second: f64,
    pub device: String,
}

/// Peak memory of a run, in bytes, by what it is spent on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemoryEstimate {
    pub weights: u64,
    /// Trainable copies, gradients, optimizer moments.
    pub training: u64,
    /// A reference of its own (full training).
    pub reference: u64,
    pub activations: u64,
    /// Program, tokenizer, data, workspace.
    pub other: u64,
    /// The total if every row filled the cut-off; the other fields are for the longest micro-batch of the actual rows.
    #[serde(default)]
    pub at_cutoff: u64,
    /// Memory of the device.
    pub available: u64,
}

impl MemoryEstimate {
    pub fn total(&self) -> u64 {
        self.weights + self.training + self.reference + self.activations + self.other
    }
}
