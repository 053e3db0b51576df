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
    /// What all runs share.
    pub config: RunConfig,
    pub sweep: Sweep,
    /// Left out: made from model and loss.
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub tags: Vec<String>,
}

/// What a sweep comes to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SweepPlan {
    pub errors: Vec<FieldError>,
    pub notices: Vec<Said>,
    pub runs: u64,
    pub target: Option<Target>,
    /// Of all runs together, where the data are known.
    pub total_steps: Option<u64>,
    /// Where a run like these was timed here.
    pub estimate: Option<SweepEstimate>,
    /// Bytes of the checkpoints that all of them leave, and those that are free where they will lie.
    pub disk: u64,
    pub free: u64,
}

/// What a sweep takes if every run goes to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SweepEstimate {
    /// Of all runs, one after the other.
    pub seconds: f64,
    /// The name of the run whose speed says so.
    pub from: String,
    /// That run had another model or another kind of training.
    pub rough: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SweepState {
    /// Runs go, wait, or are still to be made.
    Going,
    Done,
    Stopped,
}

/// Of a run: the sweep that it belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OfSweep {
    pub id: String,
    pub name: String,
    /// Its place, from 0.
    pub index: u64,
    /// Runs that the sweep makes.
    pub of: u64,
    /// Its values of the swept keys.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub point: Point,
    pub target: Target,
    /// Stopped, as others were better.
    pub early: bool,
}

/// A row of `GET /api/sweeps`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SweepSummary {
    pub id: String,
    pub name: String,
    pub state: SweepState,
    /// Why it was stopped, where nobody asked for it.
    pub said: Said,
    pub config: RunConfig,
    pub sweep: Sweep,
    pub target: Target,
    /// Runs that it makes, has made, and that are over.
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
    /// In the order of making.
    pub runs: Vec<SweepRun>,
    /// The id of the best run so far: of those that went to their end, where there is one.
    pub best: Option<String>,
    /// Of the swept keys; none of too few runs.
    pub importance: Vec<Importance>,
    /// Runs that it is concluded from.
    pub measured: u64,
    /// The evaluation after which they are compared, where some were stopped early; else their last.
    pub compared_at: Option<u64>,
    pub reference: Reference,
    /// The file that makes the same sweep: `corral sweep FILE`.
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
    /// What it is compared by, at each evaluation after the one before training.
    pub values: Vec<f64>,
    pub early: bool,
    pub seconds: f64,
}

/// Where the reference's log-probs came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reference {
    /// Runs that computed them.
    pub computed: u64,
    /// Runs that read what another had computed.
    pub read: u64,
}
