//! Other programs that look at a run: what they read is made of `events.jsonl` by a thread beside the training loop.
//!
//! The loop never waits for it: it only says that there is something new. What was written by an earlier worker is gone
//! on with, since a log is the same bytes whenever it is made of the same events.

mod names;
mod offline;
mod tensorboard;

use crate::error::{Error, Result};
use offline::Offline;
use protocol::config::Trackers;
use protocol::event::Event;
use protocol::trackers::Ending;
use protocol::{RunConfig, Said, run_dir, says};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tensorboard::TensorBoard;

pub use names::notices;

/// How long the end of a run waits for the thread to write what is left.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of events read at a time.
const CHUNK: u64 = 1 << 20;

/// What makes another program's log of a run's events.
trait Follower: Send {
    /// The program, as its users call it.
    fn name(&self) -> &'static str;
    /// Writes all that the events tell by now.
    fn catch_up(&mut self) -> Result<()>;
    /// Writes how the run ended, and gives the line to type then, if there is one.
    fn end(&mut self, _: &Ending) -> Result<Option<String>> {
        Ok(None)
    }
}

/// The thread, as the training loop sees it.
pub struct Beside {
    /// Room for one: that there is news need not be said twice.
    news: SyncSender<()>,
    ending: Arc<OnceLock<Ending>>,
    notes: Receiver<Said>,
    ended: Receiver<()>,
    /// Who is told.
    programs: String,
}

impl Beside {
    /// Starts the thread, if anybody is to be told. `config` is shown as the run's hyperparameters.
    pub fn start(dir: &Path, trackers: &Trackers, config: &RunConfig) -> Option<Self> {
        let followers = followers(dir, trackers, config);
        if followers.is_empty() {
            return None;
        }
        let names: Vec<_> = followers.iter().map(|log| log.name()).collect();
        let (news, heard) = sync_channel(1);
        let (note, notes) = channel();
        let (done, ended) = channel();
        let ending = Arc::new(OnceLock::new());
        let seen = Arc::clone(&ending);
        std::thread::spawn(move || {
            follow(followers, &heard, &seen, &note);
            let _ = done.send(());
        });
        Some(Self {
            news,
            ending,
            notes,
            ended,
            programs: names.join(", "),
        })
    }

    /// There are new events.
    pub fn wake(&self) {
        let _ = self.news.try_send(());
    }

    /// What the thread could not do since the last time.
    pub fn trouble(&self) -> Option<Said> {
        self.notes.try_recv().ok()
    }

    /// Lets the thread write what is left and how it ended, and gives what there is to say of it.
    pub fn end(self, ending: Ending) -> Vec<Said> {
        let _ = self.ending.set(ending);
        drop(self.news);
        let why = match self.ended.recv_timeout(PATIENCE) {
            Ok(()) => None,
            Err(RecvTimeoutError::Timeout) => Some(says::tracker_too_slow(PATIENCE.as_secs())),
            // it has gone without a word: a bug of ours
            Err(RecvTimeoutError::Disconnected) => Some(says::internal_error("the thread that writes it panicked")),
        };
        let given_up = why.map(|why| says::tracker_given_up(self.programs, why));
        self.notes.try_iter().chain(given_up).collect()
    }
}

fn followers(dir: &Path, trackers: &Trackers, config: &RunConfig) -> Vec<Box<dyn Follower>> {
    let mut all: Vec<Box<dyn Follower>> = vec![];
    if let Some(of) = &trackers.tensorboard {
        let folder = of.folder.as_deref();
        let folder = folder.map_or_else(|| dir.join(run_dir::TENSORBOARD), PathBuf::from);
        all.push(Box::new(TensorBoard::new(folder, dir, config.to_yaml())));
    }
    if let Some(of) = &trackers.wandb
        && names::switched_off(names::WANDB).is_none()
    {
        all.push(Box::new(Offline::wandb(of, dir, config)));
    }
    if let Some(of) = &trackers.swanlab
        && names::switched_off(names::SWANLAB).is_none()
    {
        all.push(Box::new(Offline::swanlab(of, dir, config)));
    }
    all
}

/// Until nobody says any more that there is news. One that fails is told of and left out; the others go on.
fn follow(mut followers: Vec<Box<dyn Follower>>, heard: &Receiver<()>, ending: &OnceLock<Ending>, note: &Sender<Said>) {
    loop {
        let goes_on = heard.recv().is_ok();
        followers.retain_mut(|log| {
            let ended = match ending.get() {
                Some(ending) if !goes_on => log.catch_up().and_then(|()| log.end(ending)),
                _ => log.catch_up().map(|()| None),
            };
            // whoever listened has gone with the run, where nothing can be said
            match ended {
                Ok(Some(command)) => note.send(says::tracker_ready(log.name(), command)).is_ok(),
                Ok(None) => true,
                Err(error) => {
                    let _ = note.send(says::tracker_given_up(log.name(), error.said()));
                    false
                }
            }
        });
        if !goes_on || followers.is_empty() {
            return;
        }
    }
}

/// The events of a run directory, from the first on.
struct Tail {
    path: PathBuf,
    at: u64,
}

impl Tail {
    fn new(dir: &Path) -> Self {
        Self {
            path: dir.join(run_dir::EVENTS),
            at: 0,
        }
    }

    /// The next whole lines; none when there is nothing new.
    fn next(&mut self) -> Result<Vec<Event>> {
        let mut text = vec![];
        let mut read = || {
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(self.at))?;
            file.take(CHUNK).read_to_end(&mut text)
        };
        read().map_err(Error::io(&self.path))?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if whole == 0 && text.len() as u64 == CHUNK {
            // no event is that long
            self.at += CHUNK;
            return self.next();
        }
        self.at += whole as u64;
        let lines = text.get(..whole).unwrap_or_default().split(|byte| *byte == b'\n');
        Ok(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect())
    }
}
