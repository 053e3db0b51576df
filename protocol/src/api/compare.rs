//! Answers on several runs together: their curves, and the views of them that people keep.

use super::SeriesPage;
use serde::{Deserialize, Serialize};

/// `GET /api/compare/curves`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Curves {
    pub curves: Vec<Curve>,
}

/// A metric of a run, or its mean over the runs of a group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Curve {
    /// The run's id, or the group's value of the key.
    pub of: String,
    pub name: String,
    /// By its full name: `eval_loss`.
    pub metric: String,
    /// In x that rises.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<[f64; 2]>))]
    pub points: Vec<(f64, f64)>,
    /// The least and the greatest of the group's runs at each point; empty for a run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<[f64; 2]>))]
    pub range: Vec<(f64, f64)>,
}

/// `GET /api/compare/series`: what is asked for of one of the runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunSeries {
    /// Its id.
    pub run: String,
    pub page: SeriesPage,
}

/// A view of the compare page that is kept under a name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SavedView {
    pub name: String,
    /// What the page's address has behind the question mark.
    pub query: String,
}
