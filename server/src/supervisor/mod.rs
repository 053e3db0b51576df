//! The supervisor: a queue with slots, one watcher for each worker, and what a worker's end means.

pub mod cause;
pub mod elsewhere;
pub mod follow;
pub mod liveness;
pub mod process;
mod watch;

use crate::AppState;
use crate::db::{Next, RunRow, Worker};
use crate::off_thread::off_thread;
use crate::report::beside;
use crate::runs::adopt;
use crate::sweeps;
use liveness::Liveness;
use process::Process;
use protocol::api::{RunState, Stop};
use protocol::says;
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
    // on its own: a mount that hangs must keep nobody from starting and stopping
    let scan = tokio::spawn(adopt::scan_again_and_again(app.clone()));
    let _ends_with_us = AbortOnDrop(scan);
    loop {
        start_queued(&app, &mut live).await;
        match events.recv().await {
            None => return,
            Some(Event::Wake) => {}
            Some(Event::Stop { run, how }) => {
                if let Some(watcher) = live.get(&run) {
                    let _ = watcher.send(how);
                }
            }
            Some(Event::Adopted { run }) => match app.db.run(&run).await {
                Ok(Some(row)) if live.get(&run).is_none_or(|stops| stops.is_closed()) => {
                    let process = process_of(&app, &row).await;
                    watch(&app, row, process, &mut live);
                }
                Ok(_) => {}
                Err(error) => tracing::error!("run {run} can't be read: {error}"),
            },
            // a run that was resumed at once has a watcher of its own again
            Some(Event::Ended { run }) => {
                if live.get(&run).is_some_and(|stops| stops.is_closed()) {
                    live.remove(&run);
                }
                app.notices.of_end(&run).await;
                go_on_with_its_sweep(&app, &run).await;
            }
        }
    }
}

/// Of a sweep whose next values hang on results there are more now.
async fn go_on_with_its_sweep(app: &AppState, run: &str) {
    let row = app.db.run(run).await.ok().flatten();
    if let Some(of) = row.and_then(|row| row.summary.sweep) {
        tokio::spawn(sweeps::go_on(app.clone(), of.id));
    }
}

struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The worker of a run that somebody else started, as far as it can be told.
async fn process_of(app: &AppState, row: &RunRow) -> Process {
    let (directory, recorded) = (row.directory.clone(), row.worker.clone());
    let look = tokio::task::spawn_blocking(move || liveness::of(&directory, recorded.as_ref())).await;
    match look.unwrap_or(Liveness::Dead) {
        Liveness::Alive(worker) => {
            let stored = app.db.set_worker(row.key, &worker).await;
            if let Err(error) = stored.and(store_card(app, row, &worker).await.map(|_| ())) {
                tracing::error!("run {}: {error}", row.summary.id);
            }
            Process::Adopted(worker)
        }
        Liveness::Elsewhere => Process::Elsewhere,
        Liveness::Dead => Process::Gone,
    }
}

/// Stores which card a worker says it has that somebody else started; gives whether it has said so.
async fn store_card(app: &AppState, row: &RunRow, worker: &Worker) -> Result<bool, sqlx::Error> {
    let told = liveness::info(&row.directory).filter(|told| told.pid == worker.pid);
    let Some(card) = told.and_then(|told| told.card) else {
        return Ok(false);
    };
    app.db.set_card(row.key, Some(&card)).await?;
    Ok(true)
}

/// Takes the card from a run whose worker says, once it trains, that it has none: another may have it.
async fn release_card(app: &AppState, row: &RunRow) {
    let told = liveness::info(&row.directory);
    if told.is_none_or(|told| told.card.is_some()) {
        return;
    }
    match app.db.set_card(row.key, None).await {
        Ok(()) => app.supervisor.tell(Event::Wake),
        Err(error) => tracing::error!("run {}: {error}", row.summary.id),
    }
}

/// Goes on with a run that was live when the last server ended.
async fn recover(app: &AppState, row: RunRow, live: &mut HashMap<String, UnboundedSender<Stop>>) {
    let process = process_of(app, &row).await;
    let events = row.directory.join(protocol::run_dir::EVENTS);
    let length = off_thread(move || std::fs::metadata(events).map(|meta| meta.len())).await;
    let unread = matches!(length, Ok(Ok(length)) if length > row.bytes);
    if matches!(process, Process::Gone) && row.worker.is_none() && !unread && row.summary.state == RunState::Starting {
        // the last server took it out of the queue and came no further
        match app.db.put_back(row.key).await {
            Ok(()) => app.announcer.run(&row.summary.id).await,
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
        let row = match app.leases.next_run().await {
            Ok(Next::Nothing) => return,
            // whoever gives a card back wakes us
            Ok(Next::Waits) => return app.chat.give_cards_back(),
            Ok(Next::Run(id)) => app.db.run(&id).await,
            Err(error) => Err(error),
        };
        let row = match row {
            Ok(Some(row)) => row,
            Ok(None) => continue,
            Err(error) => {
                tracing::error!("the queue can't be read: {error}");
                return wake_later(app);
            }
        };
        let id = row.summary.id.clone();
        let stored = match Process::start(app.trainer.command(), &row) {
            Ok(process) => {
                let stored = match process.worker() {
                    Some(worker) => app.db.set_worker(row.key, worker).await,
                    None => Ok(()),
                };
                tell(app, &row, &process);
                watch(app, row, process, live);
                stored
            }
            Err(error) => {
                let trainer = app.trainer.program().display().to_string();
                let said = says::not_started(trainer, error);
                let ended = app.db.end_run(row.key, RunState::Failed, &said).await;
                // whoever waits for its end hears of it as of any other
                app.supervisor.tell(Event::Ended { run: id.clone() });
                ended
            }
        };
        if let Err(error) = stored {
            tracing::error!("run {id}: {error}");
        }
        app.announcer.run(&id).await;
    }
}

/// Starts what tells other programs' servers of the run, where it is asked for. That it can't be is no fault of the run.
fn tell(app: &AppState, row: &RunRow, process: &Process) {
    let Some(worker) = process.worker() else { return };
    match beside::start(
        &row.summary.config,
        &row.directory,
        app.data_dir.root(),
        worker.pid,
        Stdio::null(),
    ) {
        Ok(None) => {}
        // it ends by itself, and somebody has to ask how
        Ok(Some(mut child)) => drop(std::thread::spawn(move || child.wait())),
        Err(error) => tracing::error!("run {}: nobody can tell of it: {error}", row.summary.id),
    }
}

/// The database would not have it (the disk is full): the queue is looked at again when there may be room.
fn wake_later(app: &AppState) {
    let supervisor = app.supervisor.clone();
    tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        supervisor.tell(Event::Wake);
    });
}

fn watch(app: &AppState, row: RunRow, process: Process, live: &mut HashMap<String, UnboundedSender<Stop>>) {
    let (tx, rx) = unbounded_channel();
    live.insert(row.summary.id.clone(), tx);
    tokio::spawn(watch::watcher(app.clone(), row, process, rx));
}
