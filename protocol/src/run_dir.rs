//! Names of the files in a run directory: the contract between a worker and whoever follows it.

use serde::{Deserialize, Serialize};

/// Resolved, complete configuration (LLaMA-Factory keys).
pub const CONFIG: &str = "config.yaml";
/// Append-only, one [`crate::Event`] a line.
pub const EVENTS: &str = "events.jsonl";
/// The worker's standard output and error.
pub const LOG: &str = "worker.log";
/// Who works here: a [`WorkerInfo`].
pub const WORKER: &str = "worker.json";
/// Relative link to the checkpoint with the lowest `eval_loss`.
pub const BEST: &str = "checkpoint-best";
/// What people decided about the run on the board (name, note, tags, its place in the queue): the server's, beside the
/// run so that it survives the database.
pub const BOARD: &str = "board.json";
/// TensorBoard's event files, where they are asked for.
pub const TENSORBOARD: &str = "tensorboard";
/// Replies written to the held-out prompts, a line of `prompt`, `predict` and `label` each, where they are asked for.
pub const PREDICTIONS: &str = "generated_predictions.jsonl";
/// The merged checkpoint, once it has been asked for.
pub const MERGED: &str = "merged";
/// What was exported last in another form: a GGUF file, or a merged folder whose weights are in a type that was asked for.
pub const EXPORTED: &str = "exported";

/// A variable of a worker's environment: `corral` tells of the run what needs a network or a key.
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
    /// Names the machine over its restarts (by [`MACHINE`]); files of older workers do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// `/proc/self/ns/pid`: where its pid means something. Two containers of one machine share a boot, and not this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid_namespace: Option<String>,
    /// The uuid of the card that it trains on; none: the processor, or it is not known yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
}

/// The namespace of this process's pid, as worker.json names it.
pub fn pid_namespace() -> Option<String> {
    let link = std::fs::read_link("/proc/self/ns/pid").ok()?;
    Some(link.to_string_lossy().into_owned())
}

/// Where a machine says what it is called over its restarts: the first that says something is its name.
pub const MACHINE: [&str; 2] = ["/etc/machine-id", "/proc/sys/kernel/hostname"];
