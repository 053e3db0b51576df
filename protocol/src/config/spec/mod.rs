//! A resolved run config: every default filled in, and alternatives as enums that have only their own settings.

mod cadence;
mod method;
mod optim;
mod preference;
mod quantization;
mod samples;
mod schedule;
mod stages;
mod trackers;
mod tuning;
mod wording;

pub use cadence::*;
pub use method::*;
pub use optim::*;
pub use preference::*;
pub use quantization::*;
pub use samples::*;
pub use schedule::*;
pub use stages::*;
pub use trackers::*;
pub use tuning::*;
pub use wording::*;

use crate::config::{Plain, RunConfig};
use crate::decoder::RopeType;
use crate::metric::{bare, eval_name};
use serde::{Deserialize, Serialize};

/// A whole run, resolved, but for where it writes. Built by [`super::check`] alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunSpec {
    pub name: Option<String>,
    pub model: ModelSpec,
    pub method: Method,
    /// Weight of the router's auxiliary loss; `None`: what the model's config says.
    pub router_loss: Option<f64>,
    pub tuning: Tuning,
    pub data: DataSpec,
    pub optim: OptimSpec,
    pub batch: BatchSpec,
    pub length: Length,
    pub cadence: Cadence,
    /// Prompts that are answered during training; `None`: none.
    pub samples: Option<Samples>,
    /// Replies to the held-out prompts, written at the end; `None`: none.
    pub predict: Option<Predict>,
    pub best: BestRule,
    pub plain: Plain,
    pub trackers: Trackers,
    pub resume: Resume,
    pub seed: u64,
    pub device: DeviceChoice,
    pub compute: Compute,
    /// Bytes of saved activations, at most; layers past it are recomputed. `None`: the engine chooses.
    pub activation_memory: Option<u64>,
}

/// A run and the directory that it writes: what a trainer needs. Built by [`super::check_placed`] alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlacedRun {
    pub spec: RunSpec,
    pub output_dir: String,
    pub overwrite_output_dir: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelSpec {
    pub path: String,
    pub revision: Option<String>,
    pub cache_dir: Option<String>,
    pub start: Start,
    /// Packed while loading, where the folder is not quantized.
    pub quantize: Option<Quantize>,
    /// How rotary positions are scaled, if the cut-off is longer than they reach.
    pub rope: Option<RopeType>,
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

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataSpec {
    pub dataset: Vec<String>,
    pub eval_dataset: Vec<String>,
    pub dataset_dir: String,
    pub wording: Wording,
    pub cutoff_len: usize,
    /// The folder that keeps the rows as tokens.
    pub tokenized_path: Option<String>,
    /// `pair_marks`: a file of marks on pairs, or the run directory that it lies in.
    pub pair_marks: Option<String>,
    pub max_samples: Option<usize>,
    /// Trains on rows while they are read; `None`: all rows are read first.
    pub streaming: Option<Streaming>,
    /// How several sets become one.
    pub mixing: Mixing,
    pub val_size: ValSize,
    pub shuffle: bool,
    /// Rows of like length share a step.
    pub by_length: bool,
    /// Seed of the order of rows; `None`: the run's.
    pub order_seed: Option<u64>,
}

/// `streaming`: rows are trained on while they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Streaming {
    /// `buffer_size`: rows that are shuffled at a time; 1 where they stay in their order.
    pub buffer: usize,
}

/// `mix_strategy`: how several data sets become one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum Mixing {
    /// One after the other.
    #[default]
    Concat,
    /// One row of each in turn, or each row from a set drawn with its probability (`interleave_probs`, which sum to 1).
    Interleave {
        until: Until,
        probabilities: Option<Vec<f64>>,
    },
}

/// When interleaving stops; a set that ends earlier starts again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Until {
    /// `interleave_under`: the first of the sets has ended.
    OneEnds,
    /// `interleave_over`: each of them has ended once.
    AllEnd,
}

impl Mixing {
    /// How many rows data sets of these sizes make together; an estimate with probabilities, else exact.
    pub fn rows(&self, sizes: &[usize]) -> usize {
        let Self::Interleave { until, probabilities } = self else {
            return sizes.iter().sum();
        };
        let equal = 1.0 / sizes.len().max(1) as f64;
        let share = |set: usize| {
            probabilities
                .as_ref()
                .and_then(|p| p.get(set))
                .copied()
                .unwrap_or(equal)
        };
        let ends = sizes.iter().enumerate().map(|(set, size)| *size as f64 / share(set));
        let rows = match until {
            Until::OneEnds => ends.fold(f64::INFINITY, f64::min),
            Until::AllEnd => ends.fold(0.0, f64::max),
        };
        if sizes.is_empty() { 0 } else { rows.round() as usize }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum ValSize {
    None,
    Share(f64),
    Rows(usize),
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
    /// Optimizer steps for `rows` training rows. As in transformers, the last, smaller accumulation of an epoch is a step too.
    pub fn steps(self, rows: usize, batch: BatchSpec) -> u64 {
        match self {
            Self::Steps(n) => n,
            Self::Epochs(e) => {
                let per_epoch = steps_per_epoch(rows, batch);
                (e * per_epoch as f64).ceil() as u64
            }
        }
    }
}

/// Optimizer steps of one pass over `rows` rows.
pub fn steps_per_epoch(rows: usize, batch: BatchSpec) -> u64 {
    rows.div_ceil(batch.train).div_ceil(batch.accumulation) as u64
}

/// How the best checkpoint is chosen, and what it is used for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BestRule {
    /// Name of an evaluation metric, with its prefix `eval_`.
    pub metric: String,
    /// Whether higher is better.
    pub greater: bool,
    /// Whether the run's result is the best checkpoint instead of the last.
    pub at_end: bool,
    /// Training ends after this many evaluations in a row without an improvement; `None`: never.
    pub patience: Option<u64>,
}

impl BestRule {
    /// The evaluation metric for a config's `metric_for_best_model`; the loss for an empty one.
    pub fn metric(named: &str) -> String {
        eval_name(bare(if named.is_empty() { "loss" } else { named }))
    }

    /// Whether higher is better for a metric, by default.
    pub fn greater(metric: &str) -> bool {
        !metric.ends_with("loss")
    }

    /// The rule of a config, with defaults.
    pub fn of(config: &RunConfig) -> Self {
        let metric = Self::metric(config.metric_for_best_model.as_deref().unwrap_or_default());
        Self {
            greater: config.greater_is_better.unwrap_or_else(|| Self::greater(&metric)),
            metric,
            at_end: config.load_best_model_at_end.unwrap_or_default(),
            patience: config.early_stopping_steps,
        }
    }

    pub fn better(&self, value: f64, best: f64) -> bool {
        match self.greater {
            true => value > best,
            false => value < best,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Resume {
    No,
    /// From the newest complete checkpoint in `output_dir`, or afresh if there is none.
    Newest,
    From(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceChoice {
    Best,
    Cpu,
    /// A card: the one with this index, or any that is free.
    Cuda(Option<u32>),
}

impl DeviceChoice {
    /// Parses "auto", "cpu", "cuda" or "cuda:1".
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "auto" => Some(Self::Best),
            "cpu" => Some(Self::Cpu),
            "cuda" => Some(Self::Cuda(None)),
            _ => {
                let number = text.strip_prefix("cuda:")?;
                let plain = number.bytes().all(|digit| digit.is_ascii_digit());
                number.parse().ok().filter(|_| plain).map(|n| Self::Cuda(Some(n)))
            }
        }
    }
}

/// The arithmetic that was asked for; the worker reports what it could use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compute {
    F32,
    Bf16,
    /// As [`Self::Bf16`], with trained matrices, their gradients and optimizer states in bf16 too.
    PureBf16,
    F16,
}
