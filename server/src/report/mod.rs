//! Telling the server of another program of a run: what stands in `events.jsonl` and was not told yet, by a process beside
//! the run. It knows the keys of that server and the run does not; a server that is away slows and stops nothing.

pub mod beside;
mod mlflow;
mod state;

use crate::db::Worker;
use crate::supervisor::liveness::is_alive;
use mlflow::Mlflow;
use protocol::event::Event;
use protocol::{Said, run_dir, says};
use state::State;
pub use state::trouble;
use std::fs::File;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::{Duration, Instant};

/// Between two looks at the events.
const LOOK: Duration = Duration::from_secs(1);
/// How long a server that is away is asked again after the run has ended.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes of events read at a time.
const CHUNK: u64 = 1 << 20;

/// Why something was not told.
#[derive(Debug)]
enum Failure {
    /// It may go well the next time.
    Away(Said),
    /// It will not.
    Refused(Said),
}

impl Failure {
    fn said(&self) -> &Said {
        match self {
            Self::Away(said) | Self::Refused(said) => said,
        }
    }
}

/// Tells all that a run directory has, and goes on as long as `worker` lives. What could not be told is kept in the
/// directory, for the board to say.
///
/// # Errors
/// The server refuses, is away for too long, or nobody says where it is.
pub fn follow(directory: &Path, data_dir: &Path, worker: Option<&Worker>) -> Result<(), Said> {
    let events = directory.join(run_dir::EVENTS);
    // before there are events, nothing of ours may lie in a worker's directory
    while worker.is_some_and(is_alive) && !events.is_file() {
        std::thread::sleep(LOOK);
    }
    if !events.is_file() {
        return Err(says::no_events(directory));
    }
    let mut state = State::read(directory);
    let told = tell(directory, data_dir, worker, &mut state);
    state.trouble = told.as_ref().err().cloned();
    state
        .write(directory)
        .map_err(|e| says::report_not_kept(directory, e))
        .and(told)
}

fn tell(directory: &Path, data_dir: &Path, worker: Option<&Worker>, state: &mut State) -> Result<(), Said> {
    let server = Mlflow::of_environment(data_dir)?;
    let mut ended = None::<Instant>;
    loop {
        // first whether it lives, then what it wrote: so nothing can come after the last look
        let goes = worker.is_some_and(is_alive);
        let done = catch_up(directory, &server, state);
        if !goes {
            ended.get_or_insert_with(Instant::now);
        }
        match done {
            Ok(()) if !goes => return Ok(()),
            Err(Failure::Refused(said)) => return Err(said),
            Err(Failure::Away(said)) if ended.is_some_and(|at| at.elapsed() > PATIENCE) => return Err(said),
            Ok(()) => {}
            Err(away) => {
                tracing::warn!("{}", away.said().message);
                state.trouble = Some(away.said().clone());
            }
        }
        std::thread::sleep(LOOK);
    }
}

/// Tells what is new, and keeps how far that is after each part.
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
    file.by_ref().take(CHUNK).read_to_end(&mut text)?;
    if text.len() as u64 == CHUNK {
        // to the end of the line, however long it is
        file.read_until(b'\n', &mut text)?;
    }
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let lines = text.get(..whole).unwrap_or_default().split(|byte| *byte == b'\n');
    let events = lines.filter_map(|line| serde_json::from_slice(line).ok()).collect();
    Ok((events, from + whole as u64))
}
