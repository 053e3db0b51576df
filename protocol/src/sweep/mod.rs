//! Sweeps: runs of one config with different values of some keys, stopping bad ones early, and what the results say together.

mod check;
mod draw;
mod file;
mod halving;
mod importance;
mod points;
mod rank;
mod tpe;
mod values;

pub use check::{Checked, MAX_RUNS, check, default_metric, stores_reference};
pub use file::{SweepFile, read, to_yaml};
pub use halving::{Standing, is_rung, standing};
pub use importance::{Importance, MIN_RUNS, Measured, of as importance};
pub use points::{at, config_of, count, of_config, point_text};
pub use rank::best;
pub use tpe::{STARTUP_RUNS, next};
pub use values::{Range, Scale, Values, written};

use crate::metric::Better;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The values that one run of a sweep has for the swept keys.
pub type Point = BTreeMap<String, Value>;

/// How the values of the next run are chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Every combination; the last key changes fastest.
    #[default]
    Grid,
    /// Drawn at random, each run independently.
    Random,
    /// Tree-structured Parzen estimator: drawn near the values of good runs (Bergstra et al. 2011, `Algorithms for
    /// Hyper-Parameter Optimization`).
    Tpe,
}

impl Method {
    pub const ALL: [Self; 3] = [Self::Grid, Self::Random, Self::Tpe];

    pub fn name(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::Random => "random",
            Self::Tpe => "tpe",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}

/// Which way a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    Maximize,
    Minimize,
}

impl Goal {
    /// Whether `a` is better than `b`.
    pub fn better(self, a: f64, b: f64) -> bool {
        match self {
            Self::Maximize => a > b,
            Self::Minimize => a < b,
        }
    }

    /// The value as a cost: lower is better.
    pub fn cost(self, value: f64) -> f64 {
        match self {
            Self::Maximize => -value,
            Self::Minimize => value,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Maximize => "maximize",
            Self::Minimize => "minimize",
        }
    }
}

impl From<Better> for Goal {
    fn from(better: Better) -> Self {
        match better {
            Better::Higher => Self::Maximize,
            Better::Lower => Self::Minimize,
        }
    }
}

/// Successive halving: after `min_iter`, `min_iter * eta`, `min_iter * eta²` … evaluations a run continues only if it is
/// among the best `1/eta` of those that got there so far (asynchronous successive halving, Li et al. 2020, arXiv 1810.05934).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Halving {
    pub eta: u64,
    /// Evaluations before runs are first compared.
    pub min_iter: u64,
}

impl Default for Halving {
    fn default() -> Self {
        Self { eta: 2, min_iter: 1 }
    }
}

/// A key and the values it is tried with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    pub key: String,
    pub values: Values,
}

/// A sweep as it is requested, besides the config that all runs share.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Sweep {
    pub method: Method,
    pub parameters: Vec<Parameter>,
    /// Maximum number of runs; of a grid, the first ones.
    pub run_cap: Option<u64>,
    /// Seed of the random values.
    pub seed: u64,
    /// The metric runs are compared by, under its name in evaluations; left out: the default of the stage.
    pub metric: Option<String>,
    /// Left out: the way in which the metric is better.
    pub goal: Option<Goal>,
    /// Left out: no run is stopped early.
    pub early_terminate: Option<Halving>,
}

impl Sweep {
    /// The metric that was chosen, or that of the config's stage; `None`: there is no such stage.
    fn metric(&self, config: &crate::RunConfig) -> Option<String> {
        let of_stage = || default_metric(config).map(str::to_owned);
        self.metric.clone().or_else(of_stage)
    }

    /// What runs are compared by; `None`: it is not known, or not which way it is better.
    pub fn target(&self, config: &crate::RunConfig) -> Option<Target> {
        let metric = self.metric(config)?;
        let of_table = || Some(crate::metric::find(&metric)?.better?.into());
        let goal = self.goal.or_else(of_table)?;
        Some(Target { metric, goal })
    }
}

/// What runs are compared by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Target {
    /// Its name in evaluations.
    pub metric: String,
    pub goal: Goal,
}
