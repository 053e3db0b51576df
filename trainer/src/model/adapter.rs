//! Adapters in memory, of low-rank terms or of rotations: what a new one looks like, and one read from a checkpoint.
//!
//! *LoRA: Low-Rank Adaptation of Large Language Models*, arXiv 2106.09685. `W x + scale * B (A x)`; with DoRA
//! (arXiv 2402.09353) `m / |W + scale B A| * (W + scale B A) x`, lengths taken per row.
mod promise;

pub use promise::{Names, Promise};

use crate::ops::cayley::Cayley;
use candle_core::Tensor;
use protocol::config::{Division, FreezeSpec};
use protocol::decoder::is_named;
use std::collections::BTreeMap;

/// Which linear layers get an adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Targets {
    /// LLaMA-Factory's `all`: every linear layer of the decoder, but for embeddings and heads of a usual name, and those that transformers
    /// keeps as another kind of module
    All,
    /// PEFT's `all-linear`: those that are turned (GPT-2's) too
    AllLinear,
    /// by the last parts of the module's path: `q_proj`, `self_attn.v_proj`, …
    Named(Vec<String>),
}

impl Targets {
    pub fn wants(&self, path: &str) -> bool {
        match self {
            Self::All | Self::AllLinear => true,
            Self::Named(names) => names.iter().any(|name| is_named(path, name)),
        }
    }
}

/// What a new adapter starts as, and what that does to the weights it is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Init {
    /// A random, B zero: the weights stay as they are.
    #[default]
    Zero,
    Pissa(Pissa),
    /// LoftQ: the weights were quantized in so many rounds (`loftq.rs`), the adapter began as what that took off them.
    Loftq {
        iterations: usize,
    },
}

impl Init {
    pub fn pissa(self) -> Option<Pissa> {
        match self {
            Self::Pissa(pissa) => Some(pissa),
            _ => None,
        }
    }
}

/// PiSSA (arXiv 2404.02948): A and B start as the principal singular vectors, which are taken off the frozen weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pissa {
    /// subspace iterations of the randomised decomposition; `None`: exact
    pub iterations: Option<usize>,
    /// saved as a plain adapter of twice the rank
    pub convert: bool,
}

/// A fresh adapter: A drawn from kaiming-uniform(a = sqrt 5), B zero, as PEFT starts it; or as `init` says.
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
    pub init: Init,
    /// Modules that train whole beside the adapter, by the end of their path.
    pub additional: Vec<String>,
    pub seed: u64,
}

/// A fresh rotation below each of these layers, which turns nothing yet.
#[derive(Clone, Debug)]
pub struct OftConfig {
    pub form: OftForm,
    pub targets: Targets,
    /// Modules that train whole beside the adapter, by the end of their path.
    pub additional: Vec<String>,
}

/// OFT: which numbers a layer's rotation has, and how it follows from them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OftForm {
    pub blocks: Division,
    /// one matrix turns every block
    pub shared: bool,
    pub cayley: Cayley,
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
            init: Init::Zero,
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
    /// OFT's numbers above the diagonals, `[blocks, size (size - 1) / 2]`, by module path
    pub rotations: BTreeMap<String, Tensor>,
    pub form: AdapterForm,
    /// whole weights by tensor name, in place of the model's own
    pub whole: BTreeMap<String, Tensor>,
}

/// What an adapter has for one module.
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    Pair(&'a LoraPair),
    /// with how its numbers are read
    Rotation(&'a Tensor, &'a OftForm),
}

impl Adapter {
    pub fn is_empty(&self) -> bool {
        self.modules.is_empty() && self.rotations.is_empty()
    }

    /// Paths of the modules it is on.
    pub fn paths(&self) -> impl Iterator<Item = &String> {
        self.modules.keys().chain(self.rotations.keys())
    }

    pub fn part(&self, module: &str) -> Option<Part<'_>> {
        let rotation = || Some(Part::Rotation(self.rotations.get(module)?, self.form.oft.as_ref()?));
        self.modules.get(module).map(Part::Pair).or_else(rotation)
    }

    /// The factor on `B A` of one module.
    pub fn scale_of(&self, module: &str) -> f64 {
        self.form.scales.get(module).copied().unwrap_or(self.scale)
    }
}

/// What an adapter's config says beside rank and factor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AdapterForm {
    pub rank_stabilized: bool,
    /// of an adapter of rotations
    pub oft: Option<OftForm>,
    pub init: Init,
    /// the modules of `whole`, as they were asked for
    pub additional: Vec<String>,
    /// factors of modules that have one of their own (`alpha_pattern`, `rank_pattern`)
    pub scales: BTreeMap<String, f64>,
    /// The blocks that the model is made of, as ranges of the base's, one after the other (`layer_replication`); empty:
    /// the base's own.
    pub replication: Vec<(usize, usize)>,
    pub promise: Promise,
    /// whether the base's files have the layers' weights as `[input, output]`
    pub fan_in_fan_out: bool,
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
    /// a new adapter of rotations; the reference is the model without it
    NewRotations(OftConfig),
    /// an adapter that exists goes on; the reference is a frozen copy of it as it starts
    Continue { adapter: Adapter, dropout: f64 },
}
