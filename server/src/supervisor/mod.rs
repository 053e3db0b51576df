//! The supervisor: a queue with slots, one watcher for each worker, and what a worker's end means.

pub mod cause;
pub mod elsewhere;
pub mod follow;
pub mod launcher;
pub mod local;
pub mod signs;
#[cfg(test)]
mod tests;
mod watch;

pub use watch::Watching;

use crate::cards::Leases;
use crate::chat::pool::Pool;
use crate::db::{Next, RunRow};
use crate::notify::Notices;
use crate::off_thread::off_thread;
use crate::report::beside;
use crate::runs::adopt::Adopter;
use crate::state::DataDir;
use crate::sweeps::Sweeps;
use launcher::{Found, Order, Worker};
use protocol::Said;
use protocol::api::{RunState, Stop};
use std::collections::HashMap;
use std::process::Stdio;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Everything the supervisor reacts to.
#[derive(Debug)]
pub enum Event {
    /// A run was queued, or a place in the queue or a slot became free.
    Wake,
    /// Stop the worker of this run.
    Stop { run: String, how: Stop },
    /// A run with a living worker, or one that has just ended, was taken up from its directory.
    Adopted { run: String },
    /// A run has ended, and its end is stored.
    Ended { run: String },
}

/// The way to the supervisor. Cheap to clone.
#[derive(Clone)]
pub struct Supervisor(UnboundedSender<Event>);

impl Supervisor {
    /// The sender for everybody, and the receiver for [`Workers::run`].
    pub fn new() -> (Self, UnboundedReceiver<Event>) {
        let (tx, rx) = unbounded_channel();
        (Self(tx), rx)
    }
    pub fn tell(&self, event: Event) {
        // it is gone only when the server ends
        let _ = self.0.send(event);
    }
}

/// Starts workers, and has each watched.
pub struct Workers {
    pub watching: Watching,
    pub data_dir: DataDir,
    pub leases: Leases,
    pub chat: Pool,
    pub adopter: Adopter,
    pub notices: Notices,
    pub sweeps: Sweeps,
}

impl Workers {
    /// Watches the runs that are live, then handles events until the server ends. Workers outlive it.
    pub async fn run(self, mut events: UnboundedReceiver<Event>) {
        let mut live: HashMap<String, UnboundedSender<Stop>> = HashMap::new();
        match self.watching.db.live_runs().await {
            Ok(rows) => {
                for row in rows {
                    self.recover(row, &mut live).await;
                }
            }
            Err(error) => tracing::error!("the runs can't be read: {error}"),
        }
        // on its own: a mount that hangs must keep nobody from starting and stopping
        self.watching.tasks.spawn(self.adopter.clone().scan_periodically());
        loop {
            self.start_queued(&mut live).await;
            match events.recv().await {
                None => return,
                Some(Event::Wake) => {}
                Some(Event::Stop { run, how }) => {
                    if let Some(watcher) = live.get(&run) {
                        let _ = watcher.send(how);
                    }
                }
                Some(Event::Adopted { run }) => match self.watching.db.run(&run).await {
                    Ok(Some(row)) if live.get(&run).is_none_or(|stops| stops.is_closed()) => {
                        let found = self.watching.find(&row).await;
                        self.watch(row, found, false, &mut live);
                    }
                    Ok(_) => {}
                    Err(error) => tracing::error!("run {run} can't be read: {error}"),
                },
                // a run that was resumed at once has a watcher of its own again
                Some(Event::Ended { run }) => {
                    if live.get(&run).is_some_and(|stops| stops.is_closed()) {
                        live.remove(&run);
                    }
                    self.notices.run_ended(&run).await;
                    self.continue_sweep(&run).await;
                }
            }
        }
    }

    /// Makes the next runs of an ended run's sweep: their values may depend on its result.
    async fn continue_sweep(&self, run: &str) {
        let row = self.watching.db.run(run).await.ok().flatten();
        if let Some(of) = row.and_then(|row| row.summary.sweep) {
            self.sweeps.start_making(of.id);
        }
    }

    /// Stores the ends of those of these runs whose workers ended while no server was running. It does nothing about live ones.
    pub async fn settle(&self, rows: Vec<RunRow>) {
        for row in rows.into_iter().filter(|row| row.summary.state.is_live()) {
            let found = self.watching.find(&row).await;
            if matches!(found, Found::Gone) && !self.put_back_unstarted(&row).await {
                // its worker is gone: there is nobody to stop
                let (_asks, stops) = unbounded_channel();
                Box::pin(self.watching.clone().watcher(row, found, false, stops)).await;
            }
        }
    }

    /// Watches a run again that was live when the last server ended.
    async fn recover(&self, row: RunRow, live: &mut HashMap<String, UnboundedSender<Stop>>) {
        let found = self.watching.find(&row).await;
        if matches!(found, Found::Gone) && self.put_back_unstarted(&row).await {
            return;
        }
        let asked = row.stop_asked;
        let id = row.summary.id.clone();
        self.watch(row, found, false, live);
        if let (Some(how), Some(watcher)) = (asked, live.get(&id)) {
            let _ = watcher.send(how);
        }
    }

    /// Puts a run back into the queue whose worker the last server was about to start; false if this is no such run.
    async fn put_back_unstarted(&self, row: &RunRow) -> bool {
        // a run with events that is not to be resumed was being adopted, not started
        let waited = row.summary.seq == 0 || row.resume;
        if row.summary.state != RunState::Starting || row.worker.is_some() || !waited {
            return false;
        }
        let events = row.directory.join(protocol::run_dir::EVENTS);
        let length = off_thread(move || std::fs::metadata(events).map(|meta| meta.len())).await;
        if matches!(length, Ok(Ok(length)) if length > row.bytes) {
            return false;
        }
        match self.watching.db.put_back(row.key).await {
            Ok(()) => self.watching.announcer.run(&row.summary.id).await,
            Err(error) => tracing::error!("run {}: {error}", row.summary.id),
        }
        true
    }

    /// Starts queued runs while slots are free.
    async fn start_queued(&self, live: &mut HashMap<String, UnboundedSender<Stop>>) {
        loop {
            let row = match self.leases.next_run().await {
                Ok(Next::Nothing) => return,
                // whoever gives a card back wakes us
                Ok(Next::Waits) => return self.chat.give_cards_back(),
                Ok(Next::Run(id)) => self.watching.db.run(&id).await,
                Err(error) => Err(error),
            };
            let row = match row {
                Ok(Some(row)) => row,
                Ok(None) => continue,
                Err(error) => {
                    tracing::error!("the queue can't be read: {error}");
                    return self.wake_later();
                }
            };
            let id = row.summary.id.clone();
            let stored = match self.start(&row).await {
                Ok(worker) => {
                    let stored = self.watching.db.set_worker(row.key, worker.handle()).await;
                    self.start_report(&row, &*worker);
                    self.watch(row, Found::Alive(worker), true, live);
                    stored
                }
                Err(said) => {
                    let ended = self.watching.db.end_run(row.key, RunState::Failed, &said).await;
                    // whoever waits for its end hears of it as of any other
                    self.watching.supervisor.tell(Event::Ended { run: id.clone() });
                    ended
                }
            };
            if let Err(error) = stored {
                tracing::error!("run {id}: {error}");
            }
            self.watching.announcer.run(&id).await;
        }
    }

    async fn start(&self, row: &RunRow) -> Result<Box<dyn Worker>, Said> {
        let (launcher, row) = (self.watching.launcher.clone(), row.clone());
        let started = off_thread(move || launcher.start(&Order::of(&row))).await;
        started.unwrap_or_else(|error| Err(error.said()))
    }

    /// Starts the process that reports the run to other programs' servers, where the config asks for it. That process watches the
    /// worker's, so a worker elsewhere is not reported. A failure to start it is only logged: the run goes on.
    fn start_report(&self, row: &RunRow, worker: &dyn Worker) {
        let Some(process) = self.watching.launcher.process_id(worker.handle()) else {
            return;
        };
        match beside::start(
            &row.summary.config,
            &row.directory,
            self.data_dir.root(),
            process,
            Stdio::null(),
        ) {
            Ok(None) => {}
            // it ends by itself, and somebody has to ask how
            Ok(Some(mut child)) => drop(std::thread::spawn(move || child.wait())),
            Err(error) => tracing::error!("run {}: nobody can tell of it: {error}", row.summary.id),
        }
    }

    /// Looks at the queue again after a while: the database could not be written to (the disk is full).
    fn wake_later(&self) {
        let supervisor = self.watching.supervisor.clone();
        self.watching.tasks.spawn(async move {
            tokio::time::sleep(std::time::Duration::from_secs(2)).await;
            supervisor.tell(Event::Wake);
        });
    }

    fn watch(&self, row: RunRow, found: Found, started: bool, live: &mut HashMap<String, UnboundedSender<Stop>>) {
        let (tx, rx) = unbounded_channel();
        live.insert(row.summary.id.clone(), tx);
        let watcher = self.watching.clone().watcher(row, found, started, rx);
        self.watching.tasks.spawn(watcher);
    }
}
