//! Requests and answers on sweeps.

use crate::Said;
use crate::api::RunState;
use crate::config::{FieldError, RunConfig};
use crate::sweep::{Importance, Point, Sweep, Target};
use serde::{Deserialize, Serialize};

/// `POST /api/sweeps`, and `POST /api/sweeps/plan`, which starts nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewSweep {
    /// The config that all runs share.
    pub config: RunConfig,
    pub sweep: Sweep,
    /// Left out: made from model and loss.
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub tags: Vec<String>,
}

/// What a sweep amounts to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SweepPlan {
    pub errors: Vec<FieldError>,
    pub notices: Vec<Said>,
    pub runs: u64,
    pub target: Option<Target>,
    /// Steps of all runs together, if the data is known.
    pub total_steps: Option<u64>,
    /// `None`: no similar run was timed here.
    pub estimate: Option<SweepEstimate>,
    /// Bytes of the checkpoints that all runs leave, and bytes that are free on their disk.
    pub disk: u64,
    pub free: u64,
}

/// The time a sweep takes if no run is stopped early.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SweepEstimate {
    /// Seconds for all runs, one after the other.
    pub seconds: f64,
    /// The name of the run whose speed it is based on.
    pub from: String,
    /// Whether that run had another model or another kind of training.
    pub rough: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SweepState {
    /// Runs are training, queued, or still to be made.
    Going,
    Done,
    Stopped,
}

/// The sweep that a run belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OfSweep {
    pub id: String,
    pub name: String,
    /// Index of the run in the sweep, from 0.
    pub index: u64,
    /// How many runs the sweep makes.
    pub of: u64,
    /// Its values of the swept keys.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub point: Point,
    pub target: Target,
    /// Whether it was stopped early, since others were better.
    pub early: bool,
    /// Whether the sweep was stopped: it makes no more runs.
    #[serde(default)]
    pub stopped: bool,
}

/// A row of `GET /api/sweeps`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SweepSummary {
    pub id: String,
    pub name: String,
    pub state: SweepState,
    /// Why it was stopped, if nobody asked for it.
    pub said: Said,
    pub config: RunConfig,
    pub sweep: Sweep,
    pub target: Target,
    /// Runs that it makes, has made, and that came to an end after they had begun.
    pub runs: u64,
    pub made: u64,
    pub ended: u64,
    pub created: i64,
}

/// `GET /api/sweeps/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SweepDetail {
    pub summary: SweepSummary,
    /// In the order in which they were made.
    pub runs: Vec<SweepRun>,
    /// The id of the best run so far, preferably among those that completed.
    pub best: Option<String>,
    /// The importance of each swept key; empty with too few runs.
    pub importance: Vec<Importance>,
    /// How many runs it is based on.
    pub measured: u64,
    /// The number of the evaluation at which runs are compared, if some were stopped early; `None`: at their last one.
    pub compared_at: Option<u64>,
    pub reference: Reference,
    /// A file for the same sweep, for `corral sweep FILE`.
    pub yaml: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SweepRun {
    pub id: String,
    pub name: String,
    pub state: RunState,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub point: Point,
    /// The target metric at each evaluation, without the one before training.
    pub values: Vec<f64>,
    pub early: bool,
    pub seconds: f64,
}

/// Where the reference's log-probs of a sweep's runs came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reference {
    /// Runs that computed them.
    pub computed: u64,
    /// Runs that read those of another run.
    pub read: u64,
}
