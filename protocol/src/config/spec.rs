//! What will be done: a run config with every default filled in, alternatives as enums with only their own knobs.

use serde::{Deserialize, Serialize};

/// A whole run, resolved. Built by [`super::check`] alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunSpec {
    pub name: Option<String>,
    pub model: ModelSpec,
    pub method: Method,
    pub tuning: Tuning,
    pub data: DataSpec,
    pub optim: OptimSpec,
    pub batch: BatchSpec,
    pub length: Length,
    pub cadence: Cadence,
    pub output_dir: String,
    pub overwrite_output_dir: bool,
    pub resume: Resume,
    pub seed: u64,
    pub device: DeviceChoice,
    pub compute: Compute,
    /// Bytes of saved activations, at most; layers past it are recomputed. `None`: the engine chooses.
    pub activation_memory: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelSpec {
    pub path: String,
    pub revision: Option<String>,
    pub cache_dir: Option<String>,
    pub start: Start,
}

/// Which weights training starts from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Start {
    Pretrained,
    /// Random weights from `seed`; the folder gives config and tokenizer.
    Scratch,
    /// A chain of adapters on the pretrained weights: all merged but the last, which goes on training —
    /// or, with `fresh`, all merged and a new one trained. The reference is what the run starts from.
    Adapters {
        chain: Vec<String>,
        fresh: bool,
    },
}

/// The stage, with the knobs it alone has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Method {
    /// `stage: pt`, next-token prediction over packed text.
    Pretrain,
    /// `stage: sft`.
    Supervised {
        train_on_prompt: bool,
        mask_history: bool,
        packing: bool,
    },
    /// `stage: dpo`.
    Preference(Preference),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preference {
    pub loss: PrefLoss,
    /// `pref_ftx`: weight of the supervised loss on the chosen reply.
    pub ftx: f64,
    /// `ref_model`: another folder as the reference.
    pub ref_model: Option<String>,
    pub precompute_reference: bool,
}

/// The six preference losses; equations in the trainer beside each one's arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum PrefLoss {
    /// DPO (arXiv 2305.18290); smoothing > 0 is cDPO; `ld_alpha` is LD-DPO (2409.06411).
    Sigmoid {
        beta: f64,
        label_smoothing: f64,
        ld_alpha: Option<f64>,
    },
    /// Hinge on the DPO margin (2309.06657, 2305.10425).
    Hinge { beta: f64, ld_alpha: Option<f64> },
    /// IPO (2310.12036).
    Ipo { beta: f64, ld_alpha: Option<f64> },
    /// KTO on pairs (2402.01306), TRL 0.8.6's form.
    KtoPair {
        beta: f64,
        chosen_weight: f64,
        rejected_weight: f64,
        ld_alpha: Option<f64>,
    },
    /// ORPO (2403.07691).
    Orpo { beta: f64 },
    /// SimPO (2405.14734).
    Simpo { beta: f64, gamma: f64 },
}

impl PrefLoss {
    /// Value of `pref_loss`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sigmoid { .. } => "sigmoid",
            Self::Hinge { .. } => "hinge",
            Self::Ipo { .. } => "ipo",
            Self::KtoPair { .. } => "kto_pair",
            Self::Orpo { .. } => "orpo",
            Self::Simpo { .. } => "simpo",
        }
    }
    pub fn needs_reference(&self) -> bool {
        !matches!(self, Self::Orpo { .. } | Self::Simpo { .. })
    }
}

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

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataSpec {
    pub dataset: Vec<String>,
    pub eval_dataset: Vec<String>,
    pub dataset_dir: String,
    /// LLaMA-Factory's name; `None`: the model's own chat template.
    pub template: Option<String>,
    pub cutoff_len: usize,
    pub max_samples: Option<usize>,
    pub val_size: ValSize,
    pub shuffle: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum ValSize {
    None,
    Share(f64),
    Rows(usize),
}

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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchSpec {
    /// Rows (pairs) of a micro-batch.
    pub train: usize,
    pub eval: usize,
    pub accumulation: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Length {
    Epochs(f64),
    Steps(u64),
}

impl Length {
    /// Optimizer steps for `rows` training rows (transformers' count: the last, smaller accumulation of an
    /// epoch is a step of its own).
    pub fn steps(self, rows: usize, batch: BatchSpec) -> u64 {
        match self {
            Self::Steps(n) => n,
            Self::Epochs(e) => {
                let per_epoch = self::steps_per_epoch(rows, batch);
                (e * per_epoch as f64).ceil() as u64
            }
        }
    }
}

/// Optimizer steps of one pass over `rows` rows.
pub fn steps_per_epoch(rows: usize, batch: BatchSpec) -> u64 {
    rows.div_ceil(batch.train).div_ceil(batch.accumulation) as u64
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Every {
    Never,
    Steps(u64),
    Epoch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cadence {
    pub logging_steps: u64,
    pub log_first: bool,
    pub eval: Every,
    pub save: Every,
    /// Checkpoints kept (the best one beside them); `None`: all.
    pub save_total_limit: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Resume {
    No,
    /// The newest whole checkpoint in `output_dir`; a fresh start when there is none.
    Newest,
    From(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceChoice {
    Best,
    Cpu,
    Cuda,
}

/// What was asked of the arithmetic; the worker says what it could use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compute {
    F32,
    Bf16,
    F16,
}
