//! Disk usage of the data directory, and its trash.

use serde::{Deserialize, Serialize};

/// What an item in the trash was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TrashKind {
    Run,
    /// A sweep with all of its runs.
    Sweep,
    /// A checkpoint or the merged model of a run.
    Checkpoint,
    Model,
    Config,
}

/// Something that was deleted and can be restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Trashed {
    pub id: String,
    pub kind: TrashKind,
    pub name: String,
    /// Its size on disk.
    pub bytes: u64,
    /// When it was deleted, in milliseconds since the Unix epoch.
    pub deleted: i64,
    /// When it is deleted for good, in milliseconds since the Unix epoch.
    pub until: i64,
}

/// Answer of `GET /api/disk`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Disk {
    /// The data directory.
    pub path: String,
    /// Its size, including the trash.
    pub bytes: u64,
    /// Size of the trash.
    pub trash: u64,
    /// Bytes that are free on its disk.
    pub free: u64,
    /// Days that items stay in the trash.
    pub days: u64,
}
