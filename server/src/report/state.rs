//! How far a run was reported to MLflow, kept in its directory. It holds no secret.

use super::MAX_BYTES;
use crate::{small_file, whole};
use protocol::Said;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;

const FILE: &str = "report.json";

/// `report.json`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    /// MLflow's id of the run, once there is one.
    pub run_id: Option<String>,
    /// The config was sent as parameters.
    pub described: bool,
    /// Bytes of `events.jsonl` that were told.
    pub bytes: u64,
    /// The newest step, and the newest evaluation, that were told: a run that goes on computes the same numbers again.
    pub step: Option<u64>,
    pub eval: Option<u64>,
    /// The trouble that the board should show.
    pub trouble: Option<Said>,
}

impl State {
    /// That of a directory; `None` where nothing was told of it.
    pub fn kept(directory: &Path) -> Option<Self> {
        let text = small_file::read(&directory.join(FILE), MAX_BYTES).ok()?;
        Some(serde_json::from_slice(&text).unwrap_or_default())
    }

    pub fn write(&self, directory: &Path) -> io::Result<()> {
        whole::write(&directory.join(FILE), &serde_json::to_vec_pretty(self)?)
    }
}
