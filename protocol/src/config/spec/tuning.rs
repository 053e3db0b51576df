//! Which parameters are trained, and how.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Tuning {
    Full,
    Freeze(FreezeSpec),
    Lora(LoraSpec),
    Oft(OftSpec),
}

/// Some of the model's own weights train, the rest stays as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreezeSpec {
    pub layers: TrainedLayers,
    /// Parts of a decoder block (`self_attn`, `mlp`, …). Empty: all of the block.
    pub modules: Vec<String>,
    /// Modules outside the blocks: `embed_tokens`, `norm`, `lm_head`.
    pub extra: Vec<String>,
}

/// Decoder blocks, by their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TrainedLayers {
    First(usize),
    Last(usize),
    /// LLaMA Pro (arXiv 2401.02415): this many blocks that an expansion put between the others.
    Expanded(usize),
}

/// Orthogonal fine-tuning (arXiv 2306.07280): blocks of a layer's inputs are rotated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OftSpec {
    pub blocks: Division,
    /// Empty: all linear layers but the head.
    pub target: Vec<String>,
    /// Modules that train whole beside the adapter, by the end of their names.
    pub additional: Vec<String>,
}

/// How a layer's inputs are divided into blocks; if they are not divisible, the nearest divisor is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Division {
    /// `oft_block_size`: inputs in a block.
    Size(usize),
    /// `oft_rank`: number of blocks.
    Count(usize),
}

/// PEFT's name for all linear layers but the head, including those stored as `[input, output]`.
pub const ALL_LINEAR: &str = "all-linear";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoraSpec {
    pub rank: usize,
    pub alpha: f64,
    /// Off in preference stages, whatever is written here.
    pub dropout: f64,
    /// Empty: all linear layers but the head. [`ALL_LINEAR`] may stand alone.
    pub target: Vec<String>,
    /// Rank-stabilised LoRA (arXiv 2312.03732): the factor is `alpha / sqrt(rank)`.
    pub rank_stabilized: bool,
    /// DoRA (arXiv 2402.09353): a trained magnitude for each output besides the low-rank change of direction.
    pub dora: bool,
    pub init: LoraInit,
    /// LoRA+ (arXiv 2402.12354): the learning rate of B over that of A.
    pub b_rate: f64,
    /// Modules that train whole beside the adapter, by the end of their names.
    pub additional: Vec<String>,
    /// LLaMA Pro: only this many expanded blocks get an adapter.
    pub expanded: Option<usize>,
}

/// How a new adapter is initialised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LoraInit {
    /// A random, B zero.
    Zero,
    /// PiSSA (arXiv 2404.02948): the principal singular vectors; training begins at the model itself all the same.
    Pissa {
        /// Subspace iterations of the randomised decomposition; `None`: exact.
        iterations: Option<usize>,
        /// Checkpoints hold a plain LoRA of twice the rank, which needs no decomposition to be loaded.
        convert: bool,
    },
    /// LoftQ (arXiv 2310.08659): the adapter starts as what quantization takes off the weights, as far as its rank
    /// reaches; after the first of `iterations` the weights are quantized with that in view.
    Loftq { iterations: usize },
}
