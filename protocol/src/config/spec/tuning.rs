//! Which parameters are trained, and how.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Tuning {
    Full,
    Lora(LoraSpec),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoraSpec {
    pub rank: usize,
    pub alpha: f64,
    /// Off in preference stages, whatever is written here.
    pub dropout: f64,
    /// Empty: all linear layers but the head.
    pub target: Vec<String>,
}
