//! The signs of life that a worker leaves in its run directory.

use crate::small_file;
use protocol::run_dir::{self, WorkerInfo};
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// A worker is silent after this: six of its heartbeats.
pub const SILENT_AFTER: Duration = Duration::from_secs(60);

/// Bytes of the longest `worker.json`.
const MAX_BYTES: u64 = 1 << 20;

/// Whether the worker's last heartbeat is recent. Only for workers of this machine: its clock and ours are the same.
pub fn has_heartbeat(directory: &Path, now: SystemTime) -> bool {
    let beat = fs::metadata(directory.join(run_dir::WORKER)).and_then(|meta| meta.modified());
    beat.is_ok_and(|at| now.duration_since(at).is_ok_and(|ago| ago < SILENT_AFTER))
}

/// What `worker.json` says, if it is there.
pub fn info(directory: &Path) -> Option<WorkerInfo> {
    let text = small_file::read(&directory.join(run_dir::WORKER), MAX_BYTES);
    serde_json::from_slice(&text.ok()?).ok()
}

/// When the run directory last showed a sign of life: an event, or the worker's heartbeat.
pub fn heard(directory: &Path) -> Option<SystemTime> {
    let times = [run_dir::EVENTS, run_dir::WORKER].map(|name| fs::metadata(directory.join(name)).ok()?.modified().ok());
    times.into_iter().flatten().max()
}
