//! How workers are started, found again, watched and stopped: the one interface, whatever runs them.

use crate::db::{Handle, RunRow};
use crate::runs::moved;
use protocol::Said;
use protocol::api::Stop;
use protocol::run_dir::WorkerInfo;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What runs workers: processes of this machine, or a cluster's jobs.
pub trait Launcher: Send + Sync {
    /// Starts a worker, which outlives this server and writes into its run directory alone. It may take its time.
    ///
    /// # Errors
    /// What to tell the person where it can't be started.
    fn start(&self, order: &Order) -> Result<Box<dyn Worker>, Said>;

    /// Looks for the worker of a run directory: the one that was kept, or one that somebody else started there.
    /// It may take its time.
    fn find(&self, directory: &Path, kept: Option<&Handle>, now: SystemTime) -> Found;

    /// Which of this machine's processes a worker is, if it is one: for what looks at processes. It answers at once.
    fn process_id(&self, worker: &Handle) -> Option<u32>;
}

/// A worker that was started or found. It is asked many times a second and answers at once: one whose state has to be
/// fetched from afar gives what it knows.
pub trait Worker: Send + Sync {
    /// What to keep of it, so that a later server finds it.
    fn handle(&self) -> &Handle;

    /// How it ended; `None` as long as it is known to live, or nothing else is known.
    fn ending(&mut self) -> Option<Ending>;

    /// Asks it to save and end, or ends it now. One that has ended takes no notice.
    fn stop(&self, how: Stop);

    /// The most memory it has had resident, in bytes, where that can be told.
    fn peak_memory(&self) -> Option<u64>;

    /// Whether it is the one that wrote this `worker.json`.
    fn wrote(&self, told: &WorkerInfo) -> bool;
}

/// How a worker ended, as far as can be known: only who started it learns the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Exit(i32),
    Signal(i32),
    /// It was started by another server, or from the command line.
    Unknown,
}

/// What there is of the worker of a run directory.
pub enum Found {
    /// It is at work, and ours to watch and stop.
    Alive(Box<dyn Worker>),
    /// It belongs to a machine that we can't ask: whether it lives is not for this one to say.
    Elsewhere,
    /// There is none, or none any more.
    Gone,
}

impl Found {
    /// `None` while it lives, as far as is known.
    pub fn ending(&mut self) -> Option<Ending> {
        match self {
            Self::Alive(worker) => worker.ending(),
            Self::Elsewhere => None,
            Self::Gone => Some(Ending::Unknown),
        }
    }

    pub fn stop(&self, how: Stop) {
        if let Self::Alive(worker) = self {
            worker.stop(how);
        }
    }

    pub fn peak_memory(&self) -> Option<u64> {
        match self {
            Self::Alive(worker) => worker.peak_memory(),
            Self::Elsewhere | Self::Gone => None,
        }
    }
}

/// What a worker is started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The run's, with its config in it.
    pub directory: PathBuf,
    /// `key=value` that hold over the config.
    pub settings: Vec<String>,
    /// The uuid of the card that it has, and that is the one it sees.
    pub card: Option<String>,
}

impl Order {
    /// The worker of this run writes into the run's directory and nowhere else, whatever the config says.
    pub fn of(run: &RunRow) -> Self {
        let directory = &run.directory;
        let moved = moved::overrides(directory);
        let mut settings: Vec<String> = moved.iter().map(|(key, value)| setting(key, value)).collect();
        match &run.resume_from {
            _ if !run.resume => {}
            Some(checkpoint) => {
                let path = directory.join(checkpoint).display().to_string();
                settings.push(setting("resume_from_checkpoint", &path));
            }
            None => settings.push("resume_from_checkpoint=true".to_owned()),
        }
        if run.card.is_some() && run.summary.config.device.is_some() {
            // it sees no other card, and so its own is the first
            settings.push(setting("device", "cuda"));
        }
        Self {
            directory: directory.clone(),
            settings,
            card: run.card.clone(),
        }
    }
}

/// `key=value` as the trainer reads it: the value quoted, so that no path is taken for YAML.
fn setting(key: &str, value: &str) -> String {
    format!("{key}={}", serde_json::Value::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_never_taken_for_yaml() {
        for path in [
            "/a: b",
            "/with \"quotes\"",
            "/#1",
            "/line\nbreak",
            "/日本",
            "/true",
            "/a, b",
        ] {
            let said = setting("output_dir", path);
            let parsed = protocol::RunConfig::parse_with_overrides("", &[said]);
            assert_eq!(
                (parsed.config.output_dir.as_deref(), parsed.errors),
                (Some(path), vec![])
            );
        }
    }
}
