//! What will be done: a run config with every default filled in, alternatives as enums with only their own knobs.

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

use crate::config::RunConfig;
use crate::decoder::RopeType;
use crate::metric::{bare, eval_name};
use serde::{Deserialize, Serialize};

/// A whole run, resolved. Built by [`super::check`] alone.
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
    /// Prompts that are answered on the way; `None`: none.
    pub samples: Option<Samples>,
    /// Replies written to the held-out prompts in the end.
    pub predict: Option<Predict>,
    pub best: BestRule,
    /// Whether the tokens trained on so far are logged.
    pub count_tokens: bool,
    pub trackers: Trackers,
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
    /// Packed while loading, where the folder is not quantized.
    pub quantize: Option<Quantize>,
    /// Rotary positions scaled in this way, where the cut-off is past what they reach over.
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
    /// Where the person keeps the rows' tokens.
    pub tokenized_path: Option<String>,
    /// `pair_marks`: a file of marks on pairs, or the run directory that it lies in.
    pub pair_marks: Option<String>,
    pub max_samples: Option<usize>,
    /// How they are trained on while they are read; `None`: all are read before.
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
    /// One behind the other.
    #[default]
    Concat,
    /// Rows in turn, or each from a set chosen by its probability (`interleave_probs`, which sum to 1).
    Interleave {
        until: Until,
        probabilities: Option<Vec<f64>>,
    },
}

/// When interleaving stops; a set that ends before begins again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Until {
    /// `interleave_under`: the first of the sets has ended.
    OneEnds,
    /// `interleave_over`: each of them has ended once.
    AllEnd,
}

impl Mixing {
    /// About how many rows sets of these sizes become; without probabilities exactly.
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
    /// Optimizer steps for `rows` training rows (transformers' count: the last, smaller accumulation of an
    /// epoch is a step of its own).
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

/// Which checkpoint is the best, and what follows from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BestRule {
    /// A metric of evaluations, with `eval_` in front.
    pub metric: String,
    /// Whether more of it is better.
    pub greater: bool,
    /// The run gives the best checkpoint, not the last.
    pub at_end: bool,
    /// Evaluations in a row without a better one after which training ends.
    pub patience: Option<u64>,
}

impl BestRule {
    /// The metric that a config names, as evaluations call it; the loss where it names none.
    pub fn metric(named: &str) -> String {
        eval_name(bare(if named.is_empty() { "loss" } else { named }))
    }

    /// Whether more of a metric is better, where a config does not say so.
    pub fn greater(metric: &str) -> bool {
        !metric.ends_with("loss")
    }

    /// What a config says of it, with what holds where it says nothing.
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
    /// The newest whole checkpoint in `output_dir`; a fresh start when there is none.
    Newest,
    From(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceChoice {
    Best,
    Cpu,
    /// A card: the one of this number, or whichever is free.
    Cuda(Option<u32>),
}

impl DeviceChoice {
    /// "auto", "cpu", "cuda", "cuda:1".
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

/// What was asked of the arithmetic; the worker says what it could use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compute {
    F32,
    Bf16,
    /// And matrices that train, their gradients and their optimizer states are bf16.
    PureBf16,
    F16,
}
