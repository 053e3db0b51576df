//! The supervisor: a queue with slots, one watcher for each worker, and what a worker's end means.

pub mod cause;
pub mod follow;
pub mod process;

use crate::AppState;
use crate::db::{Place, RunRow};
use follow::{Follower, announce};
use process::{Ending, Process};
use protocol::api::{RunState, Stop};
use protocol::event::Outcome;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Between two looks at a worker and its events.
const LOOK: Duration = Duration::from_millis(100);
/// Between two messages about a run's row.
const ROW: Duration = Duration::from_millis(250);
/// Between two looks for run directories nobody has told us of.
const SCAN: Duration = Duration::from_secs(2);

/// Everything the supervisor reacts to.
#[derive(Debug)]
pub enum Event {
    /// A run was queued, or a place in the queue or a slot became free.
    Wake,
    /// Stop the worker of this run.
    Stop { run: String, how: Stop },
    /// A run with a living worker, or one that has just ended, was taken up from its directory.
    Adopted { run: String },
    /// A watcher is done: the run's end is stored.
    Ended { run: String },
}

/// The way to the supervisor. Cheap to clone.
#[derive(Clone)]
pub struct Supervisor(UnboundedSender<Event>);

impl Supervisor {
    /// The sender for [`crate::App`], and the receiver for [`run`].
    pub fn new() -> (Self, UnboundedReceiver<Event>) {
        let (tx, rx) = unbounded_channel();
        (Self(tx), rx)
    }
    pub fn tell(&self, event: Event) {
        // it is gone only when the server ends
        let _ = self.0.send(event);
    }
}

/// Takes up what was going on, then serves events until the server ends. Workers are not touched by that end.
pub async fn run(app: AppState, mut events: UnboundedReceiver<Event>) {
    let mut live: HashMap<String, UnboundedSender<Stop>> = HashMap::new();
    match app.db.live_runs().await {
        Ok(rows) => {
            for row in rows {
                recover(&app, row, &mut live).await;
            }
        }
        Err(error) => tracing::error!("the runs can't be read: {error}"),
    }
    let mut scan = tokio::time::interval(SCAN);
    loop {
        start_queued(&app, &mut live).await;
        let event = tokio::select! {
            event = events.recv() => event,
            _ = scan.tick() => {
                crate::runs::adopt::scan(&app).await;
                continue;
            }
        };
        match event {
            None => return,
            Some(Event::Wake) => {}
            Some(Event::Stop { run, how }) => {
                if let Some(watcher) = live.get(&run) {
                    let _ = watcher.send(how);
                }
            }
            Some(Event::Adopted { run }) => match app.db.run(&run).await {
                Ok(Some(row)) if !live.contains_key(&run) => {
                    let process = process::find(&row.directory).map_or(Process::Gone, Process::Adopted);
                    watch(&app, row, process, &mut live);
                }
                Ok(_) => {}
                Err(error) => tracing::error!("run {run} can't be read: {error}"),
            },
            Some(Event::Ended { run }) => {
                live.remove(&run);
            }
        }
    }
}

/// Goes on with a run that was live when the last server ended.
async fn recover(app: &AppState, row: RunRow, live: &mut HashMap<String, UnboundedSender<Stop>>) {
    let recorded = row.worker.clone().filter(process::is_alive);
    let process = match recorded.or_else(|| process::find(&row.directory)) {
        Some(worker) => {
            if let Err(error) = app.db.set_worker(row.key, &worker).await {
                tracing::error!("run {}: {error}", row.summary.id);
            }
            Process::Adopted(worker)
        }
        None => Process::Gone,
    };
    let events = row.directory.join(protocol::run_dir::EVENTS);
    let unread = std::fs::metadata(events).is_ok_and(|m| m.len() > row.bytes);
    if matches!(process, Process::Gone) && row.worker.is_none() && !unread && row.summary.state == RunState::Starting {
        // the last server took it out of the queue and came no further
        match app.db.enqueue(row.key, Place::Front).await {
            Ok(()) => announce(app, &row.summary.id).await,
            Err(error) => tracing::error!("run {}: {error}", row.summary.id),
        }
        return;
    }
    let asked = row.stop_asked;
    let id = row.summary.id.clone();
    watch(app, row, process, live);
    if let (Some(how), Some(watcher)) = (asked, live.get(&id)) {
        let _ = watcher.send(how);
    }
}

/// Starts queued runs while slots are free.
async fn start_queued(app: &AppState, live: &mut HashMap<String, UnboundedSender<Stop>>) {
    loop {
        let row = match app.db.take_next(app.config.slots).await {
            Ok(None) => return,
            Ok(Some(id)) => app.db.run(&id).await,
            Err(error) => Err(error),
        };
        let row = match row {
            Ok(Some(row)) => row,
            Ok(None) => continue,
            Err(error) => return tracing::error!("the queue can't be read: {error}"),
        };
        let id = row.summary.id.clone();
        let stored = match Process::start(&app.config.trainer, &row.directory, row.resume) {
            Ok(process) => {
                let stored = match process.worker() {
                    Some(worker) => app.db.set_worker(row.key, worker).await,
                    None => Ok(()),
                };
                watch(app, row, process, live);
                stored
            }
            Err(error) => {
                let trainer = app.config.trainer.display();
                let message = format!("the worker {trainer} could not be started: {error}");
                app.db.end_run(row.key, RunState::Failed, &message).await
            }
        };
        if let Err(error) = stored {
            tracing::error!("run {id}: {error}");
        }
        announce(app, &id).await;
    }
}

fn watch(app: &AppState, row: RunRow, process: Process, live: &mut HashMap<String, UnboundedSender<Stop>>) {
    let (tx, rx) = unbounded_channel();
    live.insert(row.summary.id.clone(), tx);
    tokio::spawn(watcher(app.clone(), row, process, rx));
}

/// Follows one worker to its end.
async fn watcher(app: AppState, row: RunRow, mut process: Process, mut stops: UnboundedReceiver<Stop>) {
    let id = row.summary.id.clone();
    let mut follower = Follower::new(&row);
    let mut peak = row.summary.peak_memory.unwrap_or(0);
    let (mut said, mut unsaid) = (Instant::now(), false);
    loop {
        peak = peak.max(process.peak_memory().unwrap_or(0));
        // first whether it lives, then what it wrote: so nothing can come after the last look
        let ending = process.ending();
        match follower.catch_up(&app).await {
            Ok(news) => unsaid |= news,
            Err(error) => {
                tracing::error!("run {id}: {error}");
                // as long as its last words can't be stored, the run has not ended
                tokio::time::sleep(Duration::from_secs(1)).await;
                if ending.is_some() && row.directory.is_dir() {
                    if matches!(process, Process::Own { .. }) {
                        process = Process::Gone;
                    }
                    continue;
                }
            }
        }
        if let Some(ending) = ending {
            settle(&app, &row, &follower, ending, peak).await;
            break;
        }
        if unsaid && said.elapsed() >= ROW {
            if let Err(error) = app.db.set_peak_memory(row.key, peak).await {
                tracing::error!("run {id}: {error}");
            }
            announce(&app, &id).await;
            (said, unsaid) = (Instant::now(), false);
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            Some(how) = stops.recv() => process.signal(match how {
                Stop::Save => libc::SIGTERM,
                Stop::Now => libc::SIGKILL,
            }),
        }
    }
    announce(&app, &id).await;
    app.supervisor.tell(Event::Ended { run: id });
}

/// Stores how a run ended: by the worker's own word if it left one, else by what is known of its end.
async fn settle(app: &AppState, row: &RunRow, follower: &Follower, ending: Ending, peak: u64) {
    let asked = match app.db.run(&row.summary.id).await {
        Ok(now) => now.and_then(|r| r.stop_asked),
        Err(_) => row.stop_asked,
    };
    let (state, message) = match (&follower.progress.finished, asked) {
        (Some((Outcome::Failed, message)), _) => (RunState::Failed, message.clone()),
        (Some((outcome, message)), _) => ((*outcome).into(), message.clone()),
        (None, Some(_)) => (RunState::Stopped, String::new()),
        (None, None) => (
            RunState::Failed,
            cause::of(ending, &row.directory, follower.progress.step),
        ),
    };
    for attempt in 1.. {
        let stored = app.db.set_peak_memory(row.key, peak).await;
        match stored.and(app.db.end_run(row.key, state, &message).await) {
            Ok(()) => return,
            Err(error) => tracing::error!("run {}: its end could not be stored: {error}", row.summary.id),
        }
        tokio::time::sleep(Duration::from_secs(attempt.min(30))).await;
    }
}
