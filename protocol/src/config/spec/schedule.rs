//! Learning-rate schedules under transformers' names, each with only its own knobs.

use serde::{Deserialize, Serialize};

/// `lr_scheduler_type` with what `lr_scheduler_kwargs` says of it. Rates are shares of the learning rate; equations in
/// the trainer beside the arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Schedule {
    Linear {
        warmup: Warmup,
    },
    /// `cycles`: waves of the cosine; a half one falls to 0.
    Cosine {
        warmup: Warmup,
        cycles: f64,
    },
    CosineWithRestarts {
        warmup: Warmup,
        cycles: f64,
    },
    Polynomial {
        warmup: Warmup,
        end: f64,
        power: f64,
    },
    /// Has no warm-up, as in transformers.
    Constant,
    ConstantWithWarmup {
        warmup: Warmup,
    },
    /// `timescale` in steps; `None`: the warm-up's, or 10,000 without one.
    InverseSqrt {
        warmup: Warmup,
        timescale: Option<f64>,
    },
    ReduceOnPlateau(Plateau),
    CosineWithMinLr {
        warmup: Warmup,
        cycles: f64,
        floor: f64,
    },
    /// As `cosine_with_min_lr`, one step ahead of it, and warming up from `start` (`None`: from one step's share).
    CosineWarmupWithMinLr {
        warmup: Warmup,
        cycles: f64,
        floor: f64,
        start: Option<f64>,
    },
    WarmupStableDecay {
        warmup: Warmup,
        /// Steps at the full rate; `None`: a third of those after the warm-up, as LLaMA-Factory has it.
        stable: Option<u64>,
        /// Steps of the decay; `None`: the other two thirds.
        decay: Option<u64>,
        rise: Ramp,
        fall: Ramp,
        floor: f64,
        cycles: f64,
    },
}

/// The shape of a rise or fall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ramp {
    Linear,
    Cosine,
    /// `1-sqrt`
    Sqrt,
}

/// Lowering the rate when the evaluation loss stops falling: torch's `ReduceLROnPlateau`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Plateau {
    /// Multiplies the rate.
    pub factor: f64,
    /// Evaluations without a better loss that are tolerated.
    pub patience: u64,
    pub threshold: f64,
    /// Whether `threshold` is a share of the best loss.
    pub relative: bool,
    /// Evaluations after a reduction that do not count.
    pub cooldown: u64,
    /// A learning rate, not a share of it.
    pub min_lr: f64,
    /// Reductions of the learning rate by less than this are not made.
    pub epsilon: f64,
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
