//! Requests and answers on run configs that are kept under a name.

use crate::config::Parsed;
use serde::{Deserialize, Serialize};

/// A file of `configs/` in the data directory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedConfig {
    /// The file's name without its ending.
    pub name: String,
    /// When it was written, in milliseconds since the Unix epoch.
    pub changed: i64,
    /// What it says, read as any file that is imported.
    pub parsed: Parsed,
}

/// `PUT /api/configs/{name}`: what to keep under the name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SaveConfig {
    /// YAML in LLaMA-Factory's keys.
    pub text: String,
    /// In the place of what has the name already.
    #[serde(default)]
    pub replace: bool,
}

/// `PATCH /api/configs/{name}`: its new name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RenameConfig {
    pub name: String,
}
