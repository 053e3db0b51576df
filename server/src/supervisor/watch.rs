//! One watcher for each worker: its events, its memory, its end, and what that means.

use super::elsewhere::RemoteWatch;
use super::follow::{FollowError, Follower};
use super::launcher::{Ending, Found, Launcher, Worker};
use super::{Event, Supervisor, cause, signs};
use crate::ambient::Ambient;
use crate::db::{Db, RunRow};
use crate::live::Bus;
use crate::off_thread::off_thread;
use crate::runs::announcer::Announcer;
use crate::sweeps;
use crate::work::Tasks;
use protocol::api::{RunState, Stop};
use protocol::event::Outcome;
use protocol::run_dir::{self, WorkerInfo};
use protocol::{Said, says};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;

/// Time between two looks at a worker and its events.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// Time between two announcements of a run's row.
const ROW_INTERVAL: Duration = Duration::from_millis(250);
/// Time until what can't be read or stored is tried again.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// What a watcher of a worker needs. Cheap to clone.
#[derive(Clone)]
pub struct Watching {
    pub tasks: Tasks,
    pub ambient: Ambient,
    pub db: Db,
    pub bus: Bus,
    pub supervisor: Supervisor,
    pub announcer: Announcer,
    pub launcher: Arc<dyn Launcher>,
}

impl Watching {
    /// Follows one worker to its end. The card of one that was `started` here is known.
    pub(super) async fn watcher(
        self,
        row: RunRow,
        mut found: Found,
        started: bool,
        mut stops: UnboundedReceiver<Stop>,
    ) {
        let id = row.summary.id.clone();
        let mut follower = Follower::new(&row);
        let mut away = RemoteWatch::default();
        let mut peak = row.summary.peak_memory.unwrap_or(0);
        let (mut announced, mut is_changed) = (self.ambient.steady(), false);
        let mut knows_card = started;
        let mut facts = follower.progress.facts.clone();
        let mut evaluated = None;
        loop {
            peak = peak.max(found.peak_memory().unwrap_or(0));
            // the ending first, then the events: so nothing can be written after the last read
            let mut ending = found.ending();
            match follower.catch_up(&self.db, &self.bus).await {
                Ok(news) => {
                    if let (true, false, Found::Alive(worker)) = (news, knows_card, &found) {
                        // it was taken up before it had chosen one
                        knows_card = self.store_card(&row, &**worker).await.unwrap_or(false);
                    }
                    if news && follower.progress.facts != facts {
                        facts.clone_from(&follower.progress.facts);
                        self.release_card(&row).await;
                    }
                    let newest = follower.progress.eval.as_ref().map(|(step, _)| *step);
                    if newest != evaluated && row.summary.sweep.is_some() {
                        evaluated = newest;
                        if let Err(error) =
                            sweeps::halve(&self.db, &self.supervisor, &self.announcer, &row, &follower.progress).await
                        {
                            tracing::error!("run {id}: {error}");
                        }
                    }
                    is_changed |= news;
                }
                Err(FollowError::File(error)) if ending.is_some() => {
                    // what it wrote can't be read, and nothing more will come
                    let path = row.directory.join(run_dir::EVENTS).display().to_string();
                    let said = says::events_unreadable(path, error);
                    self.store_end(&row, RunState::Failed, &said, peak).await;
                    break;
                }
                Err(error) => {
                    tracing::error!("run {id}: {error}");
                    tokio::time::sleep(RETRY_INTERVAL).await;
                    // as long as its last words can't be stored, the run has not ended
                    let directory = row.directory.clone();
                    if ending.is_some() && off_thread(move || directory.is_dir()).await.unwrap_or(true) {
                        found = Found::Gone;
                        continue;
                    }
                }
            }
            if matches!(found, Found::Elsewhere) {
                match away.look(&self, &row, &follower).await {
                    // it said itself how it ended
                    Some(Found::Gone) if follower.progress.finished.is_some() => ending = Some(Ending::Unknown),
                    Some(other) => {
                        if matches!(other, Found::Alive(_))
                            && let Err(error) = self.db.set_known_again(row.key).await
                        {
                            tracing::error!("run {id}: {error}");
                            continue;
                        }
                        (found, knows_card, is_changed) = (other, false, true);
                        continue;
                    }
                    None => {}
                }
            } else if follower.lost_its_file().await {
                // what it writes goes nowhere that anybody can find; it may have noticed that itself
                if ending.is_none() {
                    found.stop(Stop::Now);
                }
                let directory = row.directory.display().to_string();
                let said = says::directory_gone(directory);
                self.store_end(&row, RunState::Failed, &said, peak).await;
                while ending.is_none() && found.ending().is_none() {
                    tokio::time::sleep(POLL_INTERVAL).await;
                }
                break;
            }
            // another worker may have gone on with the directory before this one was missed
            if ending.is_some()
                && follower.progress.finished.is_none()
                && let goes_on @ Found::Alive(_) = self.find(&row).await
            {
                (found, knows_card) = (goes_on, false);
                continue;
            }
            if let Some(ending) = ending {
                self.settle(&row, &follower, ending, peak).await;
                break;
            }
            if is_changed && self.ambient.since(announced) >= ROW_INTERVAL {
                if let Err(error) = self.db.set_peak_memory(row.key, peak).await {
                    tracing::error!("run {id}: {error}");
                }
                self.announcer.run(&id).await;
                (announced, is_changed) = (self.ambient.steady(), false);
            }
            tokio::select! {
                () = tokio::time::sleep(POLL_INTERVAL) => {}
                Some(how) = stops.recv() => found.stop(how),
            }
        }
        drop(stops);
        self.announcer.run(&id).await;
        self.supervisor.tell(Event::Ended { run: id });
    }

    /// The worker of a run that somebody else started, as far as it can be told.
    pub(super) async fn find(&self, row: &RunRow) -> Found {
        let (directory, kept, now) = (row.directory.clone(), row.worker.clone(), self.ambient.time());
        let launcher = self.launcher.clone();
        let look = off_thread(move || launcher.find(&directory, kept.as_ref(), now)).await;
        let found = look.unwrap_or(Found::Gone);
        if let Found::Alive(worker) = &found {
            let stored = self.db.set_worker(row.key, worker.handle()).await;
            if let Err(error) = stored.and(self.store_card(row, &**worker).await.map(|_| ())) {
                tracing::error!("run {}: {error}", row.summary.id);
            }
        }
        found
    }

    /// Stores which card a worker says it has that somebody else started; gives whether it has said so.
    async fn store_card(&self, row: &RunRow, worker: &dyn Worker) -> Result<bool, sqlx::Error> {
        let told = info(row).await.filter(|told| worker.wrote(told));
        let Some(card) = told.and_then(|told| told.card) else {
            return Ok(false);
        };
        self.db.set_card(row.key, Some(&card)).await?;
        Ok(true)
    }

    /// Takes the card from a run whose worker says, once it trains, that it has none: another may have it.
    async fn release_card(&self, row: &RunRow) {
        let told = info(row).await;
        if told.is_none_or(|told| told.card.is_some()) {
            return;
        }
        match self.db.set_card(row.key, None).await {
            Ok(()) => self.supervisor.tell(Event::Wake),
            Err(error) => tracing::error!("run {}: {error}", row.summary.id),
        }
    }

    /// Stores how a run ended: by the worker's own word if it left one, else by what is known of its end.
    async fn settle(&self, row: &RunRow, follower: &Follower, ending: Ending, peak: u64) {
        // a worker that is quick may end between two looks at it: it told of its memory itself
        let told = follower.progress.latest.get("memory");
        let peak = peak.max(told.map_or(0, |(_, bytes)| bytes.get() as u64));
        let asked = match self.db.run(&row.summary.id).await {
            Ok(now) => now.and_then(|r| r.stop_asked),
            Err(_) => row.stop_asked,
        };
        let early = match self.db.run(&row.summary.id).await {
            Ok(now) => now.and_then(|row| row.early),
            Err(_) => row.early.clone(),
        };
        let (state, said) = match (&follower.progress.finished, asked) {
            // who stopped it says why
            (Some((Outcome::Stopped, _)), _) | (None, Some(_)) if early.is_some() => {
                (RunState::Stopped, early.unwrap_or_default())
            }
            (Some((Outcome::Failed, end)), _) => (RunState::Failed, end.said()),
            (Some((outcome, end)), _) => ((*outcome).into(), end.said()),
            (None, Some(_)) => (RunState::Stopped, Said::default()),
            (None, None) => {
                let (directory, step) = (row.directory.clone(), follower.progress.step);
                let cause = off_thread(move || cause::of(ending, &directory, step)).await;
                (RunState::Failed, cause.unwrap_or_else(|error| error.said()))
            }
        };
        self.store_end(row, state, &said, peak).await;
    }

    async fn store_end(&self, row: &RunRow, state: RunState, said: &Said, peak: u64) {
        for attempt in 1.. {
            let stored = self.db.set_peak_memory(row.key, peak).await;
            match stored.and(self.db.end_run(row.key, state, said).await) {
                Ok(()) => return,
                Err(error) => tracing::error!("run {}: its end could not be stored: {error}", row.summary.id),
            }
            tokio::time::sleep(Duration::from_secs(attempt.min(30))).await;
        }
    }
}

/// What a run's worker says of itself.
async fn info(row: &RunRow) -> Option<WorkerInfo> {
    let directory = row.directory.clone();
    off_thread(move || signs::info(&directory)).await.ok().flatten()
}
