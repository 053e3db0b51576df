//! Other programs that look at a run: what they read is made of `events.jsonl` by a thread beside the training loop.
//!
//! The loop never waits for it: it only says that there is something new. What was written by an earlier worker is gone
//! on with, since a log is the same bytes whenever it is made of the same events.

mod tensorboard;

use crate::error::{Error, Result};
use protocol::config::Trackers;
use protocol::event::Event;
use protocol::{Said, run_dir, says};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::time::Duration;
use tensorboard::TensorBoard;

/// How long the end of a run waits for the thread to write what is left.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of events read at a time.
const CHUNK: u64 = 1 << 20;

/// The thread, as the training loop sees it.
pub struct Beside {
    /// Room for one: that there is news need not be said twice.
    news: SyncSender<()>,
    troubles: Receiver<Said>,
    ended: Receiver<()>,
}

impl Beside {
    /// Starts the thread, if anybody is to be told. `config` is shown as the run's hyperparameters.
    pub fn start(dir: &Path, trackers: &Trackers, config: &str) -> Option<Self> {
        let folder = trackers.tensorboard.as_ref()?.folder.as_deref();
        let folder = folder.map_or_else(|| dir.join(run_dir::TENSORBOARD), PathBuf::from);
        let mut log = TensorBoard::new(folder, dir, config.to_owned());
        let (news, heard) = sync_channel(1);
        let (trouble, troubles) = channel();
        let (ending, ended) = channel();
        std::thread::spawn(move || {
            loop {
                let goes_on = heard.recv().is_ok();
                if let Err(error) = log.catch_up() {
                    // whoever listened has gone with the run
                    let _ = trouble.send(says::tracker_given_up("TensorBoard", error.said()));
                    return;
                }
                if !goes_on {
                    let _ = ending.send(());
                    return;
                }
            }
        });
        Some(Self { news, troubles, ended })
    }

    /// There are new events.
    pub fn wake(&self) {
        let _ = self.news.try_send(());
    }

    /// What the thread could not do since the last time.
    pub fn trouble(&self) -> Option<Said> {
        self.troubles.try_recv().ok()
    }

    /// Lets the thread write what is left, and gives what it could not do.
    pub fn end(self) -> Option<Said> {
        drop(self.news);
        match self.ended.recv_timeout(PATIENCE) {
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => Some(says::tracker_given_up(
                "TensorBoard",
                says::tracker_too_slow(PATIENCE.as_secs()),
            )),
            _ => self.troubles.try_recv().ok(),
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
