//! What the data directory takes of the disk, and what was deleted and can still be taken back.

use serde::{Deserialize, Serialize};

/// What a thing in the trash was.
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

/// Something that was deleted and can be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Trashed {
    pub id: String,
    pub kind: TrashKind,
    pub name: String,
    /// What it takes of the disk for as long as it lies in the trash.
    pub bytes: u64,
    /// When it was deleted, in milliseconds since the Unix epoch.
    pub deleted: i64,
    /// When it is gone for good.
    pub until: i64,
}

/// Answer of `GET /api/disk`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Disk {
    /// The data directory.
    pub path: String,
    /// All that lies in it, the trash included.
    pub bytes: u64,
    /// Of them in the trash.
    pub trash: u64,
    /// Bytes that are free on its disk.
    pub free: u64,
    /// Days that a thing stays in the trash.
    pub days: u64,
}
