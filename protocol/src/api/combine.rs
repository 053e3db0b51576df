//! Several checkpoints made one: requests and answers.

use super::Merge;
use serde::{Deserialize, Serialize};

/// `POST /api/combine` and `POST /api/combine/plan`: which checkpoints become one, and how.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Combine {
    /// Name of the resulting run; left out: named after the method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Two or more checkpoints, by their ids in `GET /api/models`.
    pub from: Vec<String>,
    /// As `corral merge --method` takes it.
    pub method: String,
    /// A weight for each; empty: the method's default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<f64>,
    /// For methods that drop changes: the share of changes to keep, above 0 and at most 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub density: Option<f64>,
}

impl Combine {
    /// Methods for adapters, or for whole models; the default first.
    pub fn methods(adapters: bool) -> &'static [&'static str] {
        match adapters {
            true => &[
                "task_arithmetic",
                "linear",
                "slerp",
                "ties",
                "dare_ties",
                "svd",
                "ties_svd",
                "dare_ties_svd",
            ],
            false => &["linear", "slerp", "task_arithmetic", "ties", "dare_ties"],
        }
    }

    /// Whether a method keeps only a share of the changes.
    pub fn thins(method: &str) -> bool {
        method.contains("ties") || method.contains("dare")
    }
}

/// The result of merging checkpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Combined {
    /// An adapter, not a whole model.
    pub adapter: bool,
    /// Size of its weights.
    pub bytes: u64,
}

/// What `POST /api/combine` would make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CombinePlan {
    /// An adapter, not a whole model.
    pub adapter: bool,
    pub bytes: u64,
    /// Bytes of disk.
    pub free: u64,
}

/// A merge of several checkpoints, in progress or the last one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Combining {
    /// Id of the resulting run.
    pub run: String,
    pub from: Vec<String>,
    pub method: String,
    /// Its state, also sent over the WebSocket under the run's id.
    pub merge: Merge,
}
