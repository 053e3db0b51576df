//! Telling another program of a run, MLflow's server or trackio's database: what stands in `events.jsonl` and was not told yet, by a process beside
//! the run. It knows the keys of that server and the run does not; a server that is away slows and stops nothing.

#![expect(clippy::disallowed_methods, reason = "it has its process and its time to itself")]

pub mod beside;
mod mlflow;
mod state;
mod trackio;

use crate::runs::moved;
use crate::supervisor::local::process::Process;
use crate::{small_file, whole};
use mlflow::Mlflow;
use protocol::RunConfig;
use protocol::config::{tells_mlflow, tells_trackio};
use protocol::event::Event;
use protocol::{Said, run_dir, says};
use state::State;
use std::fs::{File, TryLockError};
use std::io::{self, BufRead, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};
use trackio::Trackio;

/// Time between two looks at the events.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// How long a server that can't be reached is tried again after the run has ended.
const RETRY_FOR: Duration = Duration::from_secs(60);
/// Bytes of events read at a time.
const MAX_CHUNK: u64 = 1 << 20;
/// Bytes of the longest line of events.
const MAX_LINE: u64 = 8 << 20;
/// Bytes of the longest file that says how far the telling came.
const MAX_BYTES: u64 = 1 << 20;

/// Why a server was not told.
#[derive(Debug)]
enum Failure {
    /// It may succeed the next time.
    Away(Said),
    /// It will once a person has mended it, which is waited for while the run goes.
    Broken(Said),
    /// It will not.
    Refused(Said),
}

impl Failure {
    fn said(&self) -> &Said {
        match self {
            Self::Away(said) | Self::Broken(said) | Self::Refused(said) => said,
        }
    }
}

/// The lock file of the process that reports a run.
const LOCK: &str = ".report.lock";
/// The log of a process that reports a run.
const LOG: &str = "report.log";
/// Why trackio can't be told, while something is in the way.
const TRACKIO: &str = "report-trackio.json";

/// What will keep a run from being reported, as far as it is known before the run begins.
pub fn hindrance(config: &RunConfig, data_dir: &Path) -> Option<Said> {
    tells_mlflow(config)
        .then(|| Mlflow::of_environment(data_dir).err())
        .flatten()
}

/// Why a run was not reported, or only in part.
pub fn trouble(directory: &Path) -> Option<Said> {
    trouble_of_mlflow(directory).or_else(|| trouble_of_trackio(directory))
}

fn trouble_of_trackio(directory: &Path) -> Option<Said> {
    let text = small_file::read(&directory.join(TRACKIO), MAX_BYTES).ok()?;
    serde_json::from_slice(&text).ok()
}

fn trouble_of_mlflow(directory: &Path) -> Option<Said> {
    let state = State::kept(directory)?;
    let lock = File::open(directory.join(LOCK)).map(|file| file.try_lock_shared());
    let is_followed = matches!(lock, Ok(Err(TryLockError::WouldBlock)));
    if state.trouble.is_some() || is_followed {
        return state.trouble;
    }
    let (_, end) = read(&directory.join(run_dir::EVENTS), state.bytes).ok()?;
    (end > state.bytes).then(|| says::report_behind(directory))
}

/// Takes the lock of a run's report, so that it is reported once.
fn lock(directory: &Path) -> Result<File, Said> {
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(directory.join(LOCK));
    let file = file.map_err(|e| says::report_not_kept(directory, e))?;
    // a board that asks whether somebody has it has it for a moment
    for again in [true, true, true, false] {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if again => std::thread::sleep(POLL_INTERVAL),
            Err(TryLockError::WouldBlock) => return Err(says::report_goes_on(directory)),
            Err(TryLockError::Error(e)) => return Err(says::report_not_kept(directory, e)),
        }
    }
    Ok(file)
}

/// Tells all that a run directory has, and goes on as long as `worker` lives. What could not be told is kept in the
/// directory, for the board to say.
///
/// # Errors
/// The server refuses, is away for too long, or nobody says where it is.
pub fn follow(directory: &Path, data_dir: &Path, worker: Option<&Process>) -> Result<(), Said> {
    let events = directory.join(run_dir::EVENTS);
    // before there are events, nothing of ours may lie in a worker's directory
    while worker.is_some_and(Process::is_alive) && !events.is_file() {
        std::thread::sleep(POLL_INTERVAL);
    }
    if !events.is_file() {
        return Err(says::no_events(directory));
    }
    let _lock = lock(directory).map_err(|said| noted(directory, worker, said))?;
    let Some(config) = config_of(directory, worker) else {
        return Ok(());
    };
    std::thread::scope(|threads| {
        let trackio = tells_trackio(&config).then(|| threads.spawn(|| tell_trackio(directory, &config, worker)));
        // a person who asks for a run to be told means MLflow, where its config names nobody
        let mlflow = match tells_mlflow(&config) || (worker.is_none() && trackio.is_none()) {
            true => tell_mlflow(directory, data_dir, worker),
            false => Ok(()),
        };
        let trackio = trackio.map_or(Ok(Ok(())), std::thread::ScopedJoinHandle::join);
        mlflow.and(trackio.unwrap_or_else(|_| Err(says::internal_error("trackio"))))
    })
}

/// The config of a run. Beside a worker it is the one that names who is told, for which the process was started: the worker may not
/// have written it yet, or there may still be an earlier one. `None`: the worker ended before.
fn config_of(directory: &Path, worker: Option<&Process>) -> Option<RunConfig> {
    loop {
        let config = moved::config(directory).unwrap_or_default();
        let Some(worker) = worker else { return Some(config) };
        if tells_mlflow(&config) || tells_trackio(&config) {
            return Some(config);
        }
        if !worker.is_alive() {
            return None;
        }
        std::thread::sleep(POLL_INTERVAL);
    }
}

fn tell_mlflow(directory: &Path, data_dir: &Path, worker: Option<&Process>) -> Result<(), Said> {
    let mut state = State::kept(directory).unwrap_or_default();
    let told = Mlflow::of_environment(data_dir).and_then(|server| {
        until_over(worker, || {
            let done = catch_up(directory, &server, &mut state);
            if let Err(Failure::Away(said)) = &done {
                note(directory, worker, state.trouble.as_ref(), said);
                state.trouble = Some(said.clone());
            }
            done
        })
    });
    if let Err(why) = &told {
        note(directory, worker, state.trouble.as_ref(), why);
    }
    state.trouble = told.as_ref().err().cloned();
    let kept = state.write(directory);
    kept.map_err(|e| noted(directory, worker, says::report_not_kept(directory, e)))
        .and(told)
}

fn tell_trackio(directory: &Path, config: &RunConfig, worker: Option<&Process>) -> Result<(), Said> {
    let mut database = Trackio::new(directory, config);
    // what an earlier process left goes once this one is through
    let mut trouble = trouble_of_trackio(directory);
    until_over(worker, || {
        let done = database.catch_up();
        let now = done.as_ref().err().map(|failure| failure.said().clone());
        if now != trouble {
            match &now {
                Some(said) => {
                    note(directory, worker, None, said);
                    // the board has it from there; where the disk is full it has other signs
                    let _ = whole::write(&directory.join(TRACKIO), &serde_json::to_vec(said).unwrap_or_default());
                }
                None => drop(std::fs::remove_file(directory.join(TRACKIO))),
            }
            trouble = now;
        }
        done
    })
}

/// As long as the worker lives, and until all it wrote is told.
fn until_over(worker: Option<&Process>, mut catch_up: impl FnMut() -> Result<(), Failure>) -> Result<(), Said> {
    let mut ended = None::<Instant>;
    loop {
        // first whether it lives, then what it wrote: so nothing can come after the last look
        let goes = worker.is_some_and(Process::is_alive);
        let done = catch_up();
        if !goes {
            ended.get_or_insert_with(Instant::now);
        }
        match done {
            Ok(()) if !goes => return Ok(()),
            Err(Failure::Refused(said)) => return Err(said),
            Err(Failure::Broken(said)) if !goes => return Err(said),
            Err(Failure::Away(said)) if ended.is_some_and(|at| at.elapsed() > RETRY_FOR) => return Err(said),
            _ => {}
        }
        std::thread::sleep(POLL_INTERVAL);
    }
}

/// Notes an error as it comes up, and gives it back.
fn noted(directory: &Path, worker: Option<&Process>, said: Said) -> Said {
    note(directory, worker, None, &said);
    said
}

/// Prints a message of a process beside a run and appends it to its log, unless it is the last one again.
fn note(directory: &Path, worker: Option<&Process>, last: Option<&Said>, said: &Said) {
    if worker.is_none() || last == Some(said) {
        return;
    }
    // the terminal it was started in may be gone
    let _ = writeln!(io::stderr(), "note: {said}");
    let log = File::options().append(true).create(true).open(directory.join(LOG));
    // the board has it in any case
    let _ = log.and_then(|mut log| writeln!(log, "{said}"));
}

/// Tells the server what is new, and stores how far that is after each part.
fn catch_up(directory: &Path, server: &Mlflow, state: &mut State) -> Result<(), Failure> {
    let unkept = |e: io::Error| Failure::Refused(says::report_not_kept(directory, e));
    loop {
        let (events, bytes) = read(&directory.join(run_dir::EVENTS), state.bytes).map_err(unkept)?;
        if bytes == state.bytes {
            return Ok(());
        }
        let known = state.run_id.clone();
        let begun = server.begin(directory, &events, state);
        if state.run_id != known {
            // at once, or whoever tells on after a crash would make a second run
            state.write(directory).map_err(unkept)?;
        }
        begun?;
        let mut next = state.clone();
        server.tell(&events, &mut next)?;
        next.bytes = bytes;
        next.trouble = None;
        next.write(directory).map_err(unkept)?;
        *state = next;
    }
}

/// Whole lines behind the first `from` bytes, and where they end.
fn read(path: &Path, from: u64) -> io::Result<(Vec<Event>, u64)> {
    let mut file = match File::open(path) {
        // no worker has come so far
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok((vec![], from)),
        file => file?,
    };
    file.seek(SeekFrom::Start(from))?;
    let mut text = vec![];
    let mut file = io::BufReader::new(file);
    file.by_ref().take(MAX_CHUNK).read_to_end(&mut text)?;
    if text.len() as u64 == MAX_CHUNK {
        // to the end of the line; one that is longer than this is none of a worker's, and is not waited for
        file.take(MAX_LINE).read_until(b'\n', &mut text)?;
    }
    let cut = text.len() as u64 == MAX_CHUNK + MAX_LINE;
    let whole = text.iter().rposition(|byte| *byte == b'\n').map(|end| end + 1);
    let whole = whole.unwrap_or(if cut { text.len() } else { 0 });
    let lines = text.get(..whole).unwrap_or_default().split(|byte| *byte == b'\n');
    let events = lines.filter_map(|line| serde_json::from_slice(line).ok()).collect();
    Ok((events, from + whole as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_broken_is_waited_for_only_while_the_worker_goes() {
        let broken = says::trackio_away(Path::new("theirs.db"), "a file in place of the folder");
        let mut looks = 0;
        let told = until_over(None, || {
            looks += 1;
            Err(Failure::Broken(broken.clone()))
        });
        assert_eq!((told, looks), (Err(broken.clone()), 1));
        // a worker that goes may mend it
        let worker = Process::of(std::process::id()).unwrap();
        let told = until_over(Some(&worker), || {
            looks += 1;
            match looks {
                1..4 => Err(Failure::Broken(broken.clone())),
                _ => Err(Failure::Refused(Said::default())),
            }
        });
        assert_eq!((told, looks), (Err(Said::default()), 4));
    }

    #[test]
    fn what_kept_trackio_from_being_told_is_said_until_another_process_has_told_it() {
        let run = std::env::temp_dir().join(format!("corral-report-{}", std::process::id()));
        std::fs::create_dir_all(&run).unwrap();
        let step =
            r#"{"seq": 1, "time": 1700000000000, "type": "step", "step": 1, "epoch": 0.5, "metrics": {"loss": 0.5}}"#;
        std::fs::write(run.join(run_dir::EVENTS), format!("{step}\n")).unwrap();
        let earlier = says::trackio_away(Path::new("theirs.db"), "the disk is full");
        std::fs::write(run.join(TRACKIO), serde_json::to_vec(&earlier).unwrap()).unwrap();
        assert_eq!(trouble(&run), Some(earlier));
        tell_trackio(&run, &RunConfig::default(), None).unwrap();
        assert_eq!(trouble(&run), None);
        assert!(!run.join(TRACKIO).exists());
        std::fs::remove_dir_all(&run).unwrap();
    }
}
