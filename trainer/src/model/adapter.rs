//! LoRA adapters in memory: what a new one looks like, and one read from a checkpoint.
//!
//! *LoRA: Low-Rank Adaptation of Large Language Models*, arXiv 2106.09685. `W x + scale * B (A x)`.
use candle_core::Tensor;
use std::collections::BTreeMap;

/// Which linear layers get an adapter.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// every linear of the decoder blocks (never embeddings or the head)
    All,
    /// by the last part of the module's name: `q_proj`, `v_proj`, …
    Named(Vec<String>),
}

/// A fresh adapter: A drawn from kaiming-uniform(a = sqrt 5), B zero, as PEFT starts it.
#[derive(Clone, Debug)]
pub struct LoraConfig {
    pub rank: usize,
    /// The factor on `B A` is `alpha / rank`.
    pub alpha: f64,
    /// Probability that an input of A is zeroed; applied only while a dropout seed is set on the model.
    pub dropout: f64,
    pub targets: Targets,
    pub seed: u64,
}

/// The two matrices of one module: `a` is `[rank, in]`, `b` is `[out, rank]`.
#[derive(Clone, Debug)]
pub struct LoraPair {
    pub a: Tensor,
    pub b: Tensor,
}

/// An adapter whose weights exist already, by module path (`model.layers.0.self_attn.q_proj`).
#[derive(Clone, Debug)]
pub struct Adapter {
    /// the factor on `B A`
    pub scale: f64,
    pub modules: BTreeMap<String, LoraPair>,
}

/// What a run trains.
#[derive(Clone, Debug)]
pub enum Trainable {
    /// nothing: evaluation, chat, export
    Nothing,
    /// every weight; `keep_reference` holds the starting weights beside them for [`super::Pass::Reference`]
    Full { keep_reference: bool },
    /// a new adapter; the reference is the model without it
    NewAdapter(LoraConfig),
    /// an adapter that exists goes on; the reference is a frozen copy of it as it starts
    Continue { adapter: Adapter, dropout: f64 },
}
