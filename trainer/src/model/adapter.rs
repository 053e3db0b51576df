//! LoRA adapters in memory: what a new one looks like, and one read from a checkpoint.
//!
//! *LoRA: Low-Rank Adaptation of Large Language Models*, arXiv 2106.09685. `W x + scale * B (A x)`; with DoRA
//! (arXiv 2402.09353) `m / |W + scale B A| * (W + scale B A) x`, lengths taken per row.
use candle_core::Tensor;
use protocol::config::FreezeSpec;
use std::collections::BTreeMap;

/// Which linear layers get an adapter.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// every linear of the decoder blocks (never embeddings or the head)
    All,
    /// by the last parts of the module's path: `q_proj`, `self_attn.v_proj`, …
    Named(Vec<String>),
}

/// PiSSA (arXiv 2404.02948): A and B start as the principal singular vectors, which are taken off the frozen weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pissa {
    /// subspace iterations of the randomised decomposition; `None`: exact
    pub iterations: Option<usize>,
    /// saved as a plain adapter of twice the rank
    pub convert: bool,
}

/// A fresh adapter: A drawn from kaiming-uniform(a = sqrt 5), B zero, as PEFT starts it; or PiSSA's.
#[derive(Clone, Debug)]
pub struct LoraConfig {
    pub rank: usize,
    /// The factor on `B A` is `alpha / rank`, or `alpha / sqrt(rank)` when rank-stabilised.
    pub alpha: f64,
    pub rank_stabilized: bool,
    /// Probability that an input of A is zeroed; applied only while a dropout seed is set on the model.
    pub dropout: f64,
    pub targets: Targets,
    /// Only in this many blocks that an expansion added.
    pub expanded: Option<usize>,
    pub dora: bool,
    pub pissa: Option<Pissa>,
    /// Modules that train whole beside the adapter, by the end of their path.
    pub additional: Vec<String>,
    pub seed: u64,
}

impl Default for LoraConfig {
    fn default() -> Self {
        Self {
            rank: 8,
            alpha: 16.0,
            rank_stabilized: false,
            dropout: 0.0,
            targets: Targets::All,
            expanded: None,
            dora: false,
            pissa: None,
            additional: vec![],
            seed: 0,
        }
    }
}

/// The matrices of one module: `a` is `[rank, in]`, `b` is `[out, rank]`.
#[derive(Clone, Debug)]
pub struct LoraPair {
    pub a: Tensor,
    pub b: Tensor,
    /// DoRA's lengths, `[out]`
    pub magnitude: Option<Tensor>,
}

impl LoraPair {
    pub fn new(a: Tensor, b: Tensor) -> Self {
        Self { a, b, magnitude: None }
    }
}

/// An adapter whose weights exist already.
#[derive(Clone, Debug, Default)]
pub struct Adapter {
    /// the factor on `B A`
    pub scale: f64,
    /// by module path (`model.layers.0.self_attn.q_proj`)
    pub modules: BTreeMap<String, LoraPair>,
    pub form: Form,
    /// whole weights by tensor name, in place of the model's own
    pub whole: BTreeMap<String, Tensor>,
}

/// What an adapter's config says beside rank and factor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Form {
    pub rank_stabilized: bool,
    /// the low-rank terms stand in for the principal part of the weights they are on
    pub pissa: Option<Pissa>,
    /// the modules of `whole`, as they were asked for
    pub additional: Vec<String>,
}

/// What a run trains.
#[derive(Clone, Debug)]
pub enum Trainable {
    /// nothing: evaluation, chat, export
    Nothing,
    /// every weight; `keep_reference` holds the starting weights beside them for [`super::Pass::Reference`]
    Full { keep_reference: bool },
    /// some of the weights
    Freeze { part: FreezeSpec, keep_reference: bool },
    /// a new adapter; the reference is the model without it
    NewAdapter(LoraConfig),
    /// an adapter that exists goes on; the reference is a frozen copy of it as it starts
    Continue { adapter: Adapter, dropout: f64 },
}
