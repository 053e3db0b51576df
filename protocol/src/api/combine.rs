//! Several checkpoints made one: requests and answers.

use super::Merge;
use serde::{Deserialize, Serialize};

/// `POST /api/combine` and `POST /api/combine/plan`: which checkpoints become one, and how.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Combine {
    /// Of the run that comes of it; left out: after the method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Two or more, by the ids that `GET /api/models` gives them.
    pub from: Vec<String>,
    /// As `corral merge --method` takes it.
    pub method: String,
    /// What each counts for; none: as the method has it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<f64>,
    /// The share of changes that is kept, above 0, at most 1, by methods that keep a share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub density: Option<f64>,
}

impl Combine {
    /// Methods for adapters, or for whole models; the usual one first.
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

    /// Whether a method keeps a share of the changes.
    pub fn thins(method: &str) -> bool {
        method.contains("ties") || method.contains("dare")
    }
}

/// What merging checkpoints gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Combined {
    /// An adapter, not a whole model.
    pub adapter: bool,
    /// Of its weights.
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

/// A merge of several checkpoints that goes on, or the last one that was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Combining {
    /// Id of the run that comes of it.
    pub run: String,
    pub from: Vec<String>,
    pub method: String,
    /// How it stands; told live under the run's id.
    pub merge: Merge,
}
