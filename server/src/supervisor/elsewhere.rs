//! Runs whose worker belongs to another machine: followed like all others, never ended or started here.

use super::follow::Follower;
use super::launcher::Found;
use super::signs::{self, SILENT_AFTER};
use super::watch::Watching;
use crate::db::RunRow;
use crate::off_thread::off_thread;
use protocol::{Said, run_dir, says};
use std::time::{Duration, Instant, SystemTime};

/// Between two looks at the signs of life.
const POLL_INTERVAL: Duration = Duration::from_secs(2);

/// What the watcher of such a run remembers.
#[derive(Default)]
pub(super) struct RemoteWatch {
    looked: Option<Instant>,
    /// The newest sign of life, by the clock of whoever wrote it.
    sign: Option<SystemTime>,
    /// When that was seen to change, by ours: the clocks of two machines differ.
    changed: Option<Instant>,
    /// What the row says of it.
    said: Option<&'static str>,
}

impl RemoteWatch {
    /// Looks at what the other machine left, from time to time. Gives what to watch instead once it is no other
    /// machine's any more: it ended by its own word, or its `worker.json` is gone or another.
    pub async fn look(&mut self, watching: &Watching, row: &RunRow, follower: &Follower) -> Option<Found> {
        if follower.progress.finished.is_some() {
            return Some(Found::Gone);
        }
        if self.looked.is_some_and(|at| watching.ambient.since(at) < POLL_INTERVAL) {
            return None;
        }
        let directory = row.directory.clone();
        let sign = off_thread(move || signs::heard(&directory)).await.ok().flatten();
        if self.sign != sign {
            // the first look shows what was, not that it goes on
            self.changed = self.looked.map(|_| watching.ambient.steady());
            self.sign = sign;
        }
        self.looked = Some(watching.ambient.steady());
        match watching.find(row).await {
            Found::Elsewhere => {}
            other => return Some(other),
        }
        let is_alive = self.changed.is_some_and(|at| watching.ambient.since(at) < SILENT_AFTER);
        let said = state_text(is_alive, row);
        let code = if is_alive {
            "elsewhere_going"
        } else {
            "elsewhere_silent"
        };
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

fn state_text(is_alive: bool, row: &RunRow) -> Said {
    let file = row.directory.join(run_dir::WORKER).display().to_string();
    match is_alive {
        true => says::elsewhere_going(),
        false => says::elsewhere_silent(file),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ambient::Ambient;
    use crate::in_process::InProcess;
    use protocol::api::RunState;
    use serde_json::json;
    use std::fs::{self, File};

    #[tokio::test]
    async fn a_run_of_another_machine_goes_on_for_as_long_as_it_shows_signs_of_life() {
        let server = InProcess::open("away").await;
        let directory = server.data_dir().join("runs/shared");
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join(run_dir::CONFIG), "run_name: shared\n").unwrap();
        let notice = json!({ "seq": 1, "time": 1, "type": "notice", "message": "x" });
        fs::write(directory.join(run_dir::EVENTS), format!("{notice}\n")).unwrap();
        let worker = json!({
            "pid": 1, "start_time": 1, "boot_id": "elsewhere", "protocol_version": 1, "machine": "another",
        });
        let sign = directory.join(run_dir::WORKER);
        fs::write(&sign, worker.to_string()).unwrap();
        let adopted = server
            .post("/api/runs/adopt", json!({ "path": directory }))
            .await
            .json();
        let id = adopted["id"].as_str().unwrap();
        let watching = server.app.workers().watching;
        let row = watching.db.run(id).await.unwrap().unwrap();
        let (mut away, follower) = (RemoteWatch::default(), Follower::new(&row));
        let beat = |ambient: &Ambient| {
            let file = File::options().append(true).open(&sign).unwrap();
            file.set_modified(ambient.time()).unwrap();
        };
        for (passes, beats, code) in [
            // what was there before says nothing of now
            (Duration::ZERO, false, "elsewhere_silent"),
            (POLL_INTERVAL, true, "elsewhere_going"),
            (SILENT_AFTER / 2, false, "elsewhere_going"),
            (SILENT_AFTER / 2, false, "elsewhere_silent"),
            (POLL_INTERVAL, true, "elsewhere_going"),
        ] {
            watching.ambient.advance(passes);
            if beats {
                beat(&watching.ambient);
            }
            assert!(away.look(&watching, &row, &follower).await.is_none());
            let run = watching.db.run(id).await.unwrap().unwrap().summary;
            assert_eq!((run.state, run.code.as_str()), (RunState::Unknown, code));
        }
        drop(watching);
        server.close().await;
    }
}
