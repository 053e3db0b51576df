//! The supervisor over another launcher, whose workers are no processes: they live in memory, and a test says what becomes of them.

#![expect(clippy::disallowed_methods, reason = "a test waits no longer than it says")]

use super::follow::Follower;
use super::launcher::{Ending, Found, Launcher, Order, Worker};
use crate::db::{Handle, NewRow, RunRow};
use crate::in_process::InProcess;
use protocol::api::{RunState, Stop};
use protocol::run_dir::{self, WorkerInfo};
use protocol::{Said, says};
use serde_json::json;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};
use tokio::runtime::Runtime;

/// Everything a test waits for comes within it.
const PATIENCE: Duration = Duration::from_secs(20);

/// A worker that somebody asked for.
struct Job {
    order: Order,
    /// What it was asked, in turn.
    asked: Vec<Stop>,
    ending: Option<Ending>,
}

/// A launcher with its jobs, numbered from 0. Cheap to clone: it outlives the servers that ask it.
#[derive(Clone, Default)]
struct InMemory {
    jobs: Arc<Mutex<Vec<Job>>>,
    /// It takes no orders.
    full: bool,
}

impl InMemory {
    fn jobs(&self) -> MutexGuard<'_, Vec<Job>> {
        self.jobs.lock().unwrap()
    }

    fn handle(number: usize) -> Handle {
        Handle {
            number: number as u64,
            started: 0,
            place: "memory".into(),
        }
    }

    fn asked(&self, number: usize) -> Vec<Stop> {
        self.jobs()[number].asked.clone()
    }

    fn end(&self, number: usize, ending: Ending) {
        self.jobs()[number].ending = Some(ending);
    }

    fn worker(&self, number: usize) -> Box<dyn Worker> {
        Box::new(InMemoryWorker {
            handle: Self::handle(number),
            number,
            of: self.clone(),
        })
    }
}

impl Launcher for InMemory {
    fn start(&self, order: &Order) -> Result<Box<dyn Worker>, Said> {
        if self.full {
            return Err(says::not_started("memory", std::io::Error::other("full")));
        }
        self.jobs().push(Job {
            order: order.clone(),
            asked: vec![],
            ending: None,
        });
        let newest = self.jobs().len() - 1;
        Ok(self.worker(newest))
    }

    fn find(&self, _: &Path, kept: Option<&Handle>, _: SystemTime) -> Found {
        let Some(kept) = kept.filter(|kept| kept.place == "memory") else {
            return Found::Gone;
        };
        let number = kept.number as usize;
        let lives = self.jobs().get(number).is_some_and(|job| job.ending.is_none());
        match lives {
            true => Found::Alive(self.worker(number)),
            false => Found::Gone,
        }
    }

    fn process_id(&self, _: &Handle) -> Option<u32> {
        None
    }
}

struct InMemoryWorker {
    handle: Handle,
    number: usize,
    of: InMemory,
}

impl Worker for InMemoryWorker {
    fn handle(&self) -> &Handle {
        &self.handle
    }

    fn ending(&mut self) -> Option<Ending> {
        self.of.jobs()[self.number].ending
    }

    fn stop(&self, how: Stop) {
        self.of.jobs()[self.number].asked.push(how);
    }

    fn peak_memory(&self) -> Option<u64> {
        Some(7)
    }

    fn wrote(&self, _: &WorkerInfo) -> bool {
        false
    }
}

/// A server in a runtime of its own: its end takes all that worked for it along, as a killed server's does.
struct Served {
    runtime: Runtime,
    server: InProcess,
}

impl Served {
    fn open(name: &str, launcher: &InMemory) -> Self {
        let runtime = Runtime::new().unwrap();
        let mut server = runtime.block_on(InProcess::open(name));
        let mut workers = server.app.workers();
        workers.watching.launcher = Arc::new(launcher.clone());
        let (_, none) = super::Supervisor::new();
        let events = std::mem::replace(&mut server.events, none);
        let tasks = server.app.tasks.clone();
        runtime.block_on(async { tasks.spawn(workers.run(events)) });
        Self { runtime, server }
    }

    /// A run of this id in the queue.
    fn queue(&self, id: &str) {
        let directory = self.server.data_dir().join("runs").join(id);
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join(run_dir::CONFIG), format!("run_name: {id}\n")).unwrap();
        let new = NewRow::queued(id, directory);
        self.runtime.block_on(self.server.app.db.insert_run(&new)).unwrap();
        self.server.app.supervisor.tell(super::Event::Wake);
    }

    fn row(&self, id: &str) -> RunRow {
        let row = self.runtime.block_on(self.server.app.db.run(id));
        row.unwrap().unwrap()
    }

    /// As the board does it.
    fn stop(&self, id: &str, how: Stop) {
        let path = format!("/api/runs/{id}/stop");
        let answer = self.runtime.block_on(self.server.post(&path, json!(how)));
        assert!(answer.status.is_success(), "{}", answer.text);
    }

    /// The run's row once it is as it should be.
    fn once(&self, id: &str, what: &str, so: impl Fn(&RunRow) -> bool) -> RunRow {
        let begun = std::time::Instant::now();
        loop {
            let row = self.row(id);
            if so(&row) {
                return row;
            }
            assert!(begun.elapsed() < PATIENCE, "{what}: {:?}", row.summary);
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn once_ended(&self, id: &str) -> RunRow {
        self.once(id, "its end", |row| row.summary.ended.is_some())
    }

    /// Ends the server in the midst of its work; its folder stays.
    fn kill(self) {
        self.server.leave();
        self.runtime.shutdown_timeout(PATIENCE);
    }

    fn tidy(self) {
        self.runtime.block_on(self.server.close());
    }
}

fn until(what: &str, so: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !so() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Its last word, as a worker writes it.
fn say_stopped(row: &RunRow) {
    let said = json!({ "seq": 1, "time": 1, "type": "finished", "outcome": "stopped", "step": 3, "message": "" });
    std::fs::write(row.directory.join(run_dir::EVENTS), format!("{said}\n")).unwrap();
}

#[test]
fn a_worker_is_started_asked_to_stop_and_seen_to_end() {
    let launcher = InMemory::default();
    let served = Served::open("launched", &launcher);
    served.queue("a");
    let row = served.once("a", "its worker", |row| row.worker.is_some());
    assert_eq!(row.worker, Some(InMemory::handle(0)));
    let written = format!("output_dir={}", json!(row.directory));
    {
        let jobs = launcher.jobs();
        assert_eq!(jobs[0].order.directory, row.directory);
        assert_eq!((&jobs[0].order.settings, &jobs[0].order.card), (&vec![written], &None));
    }
    served.stop("a", Stop::Save);
    until("asked to save and end", || launcher.asked(0) == [Stop::Save]);
    served.stop("a", Stop::Now);
    until("ended now", || launcher.asked(0) == [Stop::Save, Stop::Now]);
    // what was asked is not what has happened
    assert_eq!(served.row("a").summary.state, RunState::Stopping);
    say_stopped(&row);
    launcher.end(0, Ending::Exit(0));
    let ended = served.once_ended("a");
    assert_eq!(ended.summary.state, RunState::Stopped);
    assert_eq!(ended.summary.peak_memory, Some(7));
    served.tidy();
}

#[test]
fn a_worker_is_found_again_by_what_was_kept_of_it() {
    let launcher = InMemory::default();
    let served = Served::open("found", &launcher);
    served.queue("a");
    served.once("a", "its worker", |row| row.worker.is_some());
    served.kill();

    let served = Served::open("found", &launcher);
    served.stop("a", Stop::Save);
    until("asked by the later server", || launcher.asked(0) == [Stop::Save]);
    assert_eq!(launcher.jobs().len(), 1, "it goes on: nobody starts another");
    let row = served.row("a");
    assert_eq!(row.worker, Some(InMemory::handle(0)));
    say_stopped(&row);
    launcher.end(0, Ending::Unknown);
    assert_eq!(served.once_ended("a").summary.state, RunState::Stopped);
    served.tidy();
}

#[test]
fn a_run_that_was_being_taken_up_when_the_server_ended_is_judged_and_never_started() {
    let launcher = InMemory::default();
    let served = Served::open("taken-up", &launcher);
    let directory = served.server.data_dir().join("runs/a");
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join(run_dir::CONFIG), "run_name: a\n").unwrap();
    let said = json!({ "seq": 1, "time": 1, "type": "phase", "phase": "loading", "done": 0, "total": 2 });
    std::fs::write(directory.join(run_dir::EVENTS), format!("{said}\n")).unwrap();
    let new = NewRow {
        state: RunState::Starting,
        ..NewRow::queued("a", directory)
    };
    served.runtime.block_on(async {
        let app = &served.server.app;
        app.db.insert_run(&new).await.unwrap();
        let row = app.db.run("a").await.unwrap().unwrap();
        Follower::new(&row).catch_up(&app.db, &app.bus).await.unwrap();
    });
    served.kill();

    let served = Served::open("taken-up", &launcher);
    let ended = served.once_ended("a").summary;
    assert_eq!((ended.state, ended.code.as_str()), (RunState::Failed, "gone"));
    assert!(launcher.jobs().is_empty());
    served.tidy();
}

#[test]
fn a_worker_that_goes_without_a_word_has_failed_in_the_way_that_is_known() {
    let launcher = InMemory::default();
    let served = Served::open("wordless", &launcher);
    for (number, (id, ending, code)) in [
        ("a", Ending::Unknown, "gone"),
        ("b", Ending::Exit(3), "exited"),
        ("c", Ending::Signal(9), "killed"),
    ]
    .into_iter()
    .enumerate()
    {
        served.queue(id);
        served.once(id, "its worker", |row| row.worker.is_some());
        launcher.end(number, ending);
        let ended = served.once_ended(id).summary;
        assert_eq!((ended.state, ended.code.as_str()), (RunState::Failed, code));
    }
    // one that goes while there is no server
    served.queue("d");
    served.once("d", "its worker", |row| row.worker.is_some());
    served.kill();
    launcher.end(3, Ending::Exit(0));
    let served = Served::open("wordless", &launcher);
    let ended = served.once_ended("d").summary;
    assert_eq!((ended.state, ended.code.as_str()), (RunState::Failed, "gone"));
    assert_eq!(launcher.jobs().len(), 4);
    served.tidy();
}

#[test]
fn what_the_launcher_says_against_a_start_is_how_the_run_ended() {
    let launcher = InMemory {
        full: true,
        ..InMemory::default()
    };
    let served = Served::open("refused", &launcher);
    served.queue("a");
    let ended = served.once_ended("a").summary;
    assert_eq!((ended.state, ended.code.as_str()), (RunState::Failed, "not_started"));
    served.tidy();
}

/// Another launcher is worth its interface only as long as nothing goes past it.
#[test]
fn processes_and_signals_are_known_to_the_local_launcher_alone() {
    let mut looked = 0;
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/supervisor")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // the one says what a signal means, the other is this file
        if path.is_dir() || name == "cause.rs" || name == "tests.rs" {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for word in ["libc", "pid", "SIGTERM", "SIGKILL", "/proc"] {
            assert!(!code.contains(word), "{name} speaks of {word}");
        }
        looked += 1;
    }
    assert!(looked > 4);
}
