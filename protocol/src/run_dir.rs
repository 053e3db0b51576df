//! Names of the files in a run directory: the contract between a worker and its readers.

use serde::{Deserialize, Serialize};

/// Resolved, complete configuration (LLaMA-Factory keys).
pub const CONFIG: &str = "config.yaml";
/// Append-only, one [`crate::Event`] a line.
pub const EVENTS: &str = "events.jsonl";
/// The worker's standard output and error.
pub const LOG: &str = "worker.log";
/// The worker of the run: a [`WorkerInfo`].
pub const WORKER: &str = "worker.json";
/// Relative link to the checkpoint with the lowest `eval_loss`.
pub const BEST: &str = "checkpoint-best";
/// What people set on the board for the run (name, note, tags, place in the queue). Written by the server, into the run
/// directory so that it survives the database.
pub const BOARD: &str = "board.json";
/// The folder of TensorBoard's event files, if the config asks for them.
pub const TENSORBOARD: &str = "tensorboard";
/// Replies that `do_predict` writes to the held-out prompts: JSON lines with `prompt`, `predict` and `label`.
pub const PREDICTIONS: &str = "generated_predictions.jsonl";
/// The folder of the merged checkpoint, once someone asked for it.
pub const MERGED: &str = "merged";
/// The last export in another format: a GGUF file, or a merged folder with weights of another type.
pub const EXPORTED: &str = "exported";

/// An environment variable of workers; set where `corral` reports to the trackers that need a network or a key.
pub const REPORTED: &str = "CORRAL_REPORTED";

/// The folder of the checkpoint made after `step` updates.
pub fn checkpoint(step: u64) -> String {
    format!("checkpoint-{step}")
}

/// The step of a checkpoint folder's name, if it is one.
pub fn checkpoint_step(name: &str) -> Option<u64> {
    name.strip_prefix("checkpoint-")?.parse().ok()
}

/// `worker.json`: enough to tell a living worker from a recycled pid or a rebooted machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerInfo {
    pub pid: u32,
    /// Field 22 of `/proc/<pid>/stat`, clock ticks since boot.
    pub start_time: u64,
    /// `/proc/sys/kernel/random/boot_id`.
    pub boot_id: String,
    pub protocol_version: u32,
    /// Identifies the machine across restarts (see [`MACHINE`]); `None` in files of older workers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// `/proc/self/ns/pid`: the namespace of `pid`. Two containers of one machine share the boot id, but not this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid_namespace: Option<String>,
    /// The UUID of the card that it trains on; `None`: it trains on the CPU, or has not chosen yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
}

/// The pid namespace of this process, as `worker.json` has it.
pub fn pid_namespace() -> Option<String> {
    let link = std::fs::read_link("/proc/self/ns/pid").ok()?;
    Some(link.to_string_lossy().into_owned())
}

/// Files that identify the machine across restarts: the first that is not empty counts.
pub const MACHINE: [&str; 2] = ["/etc/machine-id", "/proc/sys/kernel/hostname"];
