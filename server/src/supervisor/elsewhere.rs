//! Runs whose worker belongs to another machine: followed like all others, never ended or started here.

use super::follow::Follower;
use super::liveness;
use super::process::Process;
use super::watch::Watching;
use crate::db::RunRow;
use protocol::{Said, run_dir, says};
use std::time::{Duration, Instant, SystemTime};

/// Between two looks at the signs of life.
const LOOK: Duration = Duration::from_secs(2);
/// Without a sign for so long it may have ended: six heartbeats of a worker.
const SILENT: Duration = Duration::from_secs(60);

/// What the watcher of such a run remembers.
#[derive(Default)]
pub(super) struct Away {
    looked: Option<Instant>,
    /// The newest sign of life, by the clock of whoever wrote it.
    sign: Option<SystemTime>,
    /// When that was seen to change, by ours: the clocks of two machines differ.
    changed: Option<Instant>,
    /// What the row says of it.
    said: Option<&'static str>,
}

impl Away {
    /// Looks at what the other machine left, from time to time. Gives what to watch instead once it is no other
    /// machine's any more: it ended by its own word, or its `worker.json` is gone or another.
    pub async fn look(&mut self, watching: &Watching, row: &RunRow, follower: &Follower) -> Option<Process> {
        if follower.progress.finished.is_some() {
            return Some(Process::Gone);
        }
        if self.looked.is_some_and(|at| at.elapsed() < LOOK) {
            return None;
        }
        let sign = liveness::heard(&row.directory);
        if self.sign != sign {
            // the first look shows what was, not that it goes on
            self.changed = self.looked.map(|_| Instant::now());
            self.sign = sign;
        }
        self.looked = Some(Instant::now());
        match watching.process_of(row).await {
            Process::Elsewhere => {}
            other => return Some(other),
        }
        let goes = self.changed.is_some_and(|at| at.elapsed() < SILENT);
        let said = words(goes, row);
        let code = if goes { "elsewhere_going" } else { "elsewhere_silent" };
        if self.said != Some(code) {
            match watching.db.set_unknown(row.key, &said).await {
                Ok(()) => self.said = Some(code),
                Err(error) => tracing::error!("run {}: {error}", row.summary.id),
            }
            watching.announcer.run(&row.summary.id).await;
        }
        None
    }
}

fn words(goes: bool, row: &RunRow) -> Said {
    let file = row.directory.join(run_dir::WORKER).display().to_string();
    match goes {
        true => says::elsewhere_going(),
        false => says::elsewhere_silent(file),
    }
}
