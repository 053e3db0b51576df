//! `events.jsonl`: what the run tells, appended line by line, with `seq` going on where the last worker left it.

use crate::error::{Error, Result};
use crate::stop;
use crate::trackers::Beside;
use protocol::event::{Event, Outcome, Phase, TrainEvent};
use protocol::fold::{Fold, Rewind};
use protocol::trackers::Ending;
use protocol::{Said, run_dir, says};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Something that looks on while a run goes: the terminal, for one.
pub trait Watch {
    fn event(&mut self, event: &Event);
}

/// Looks away.
pub struct Unwatched;

impl Watch for Unwatched {
    fn event(&mut self, _: &Event) {}
}

/// The open event file of a run directory. One worker at a time holds it: the file is locked.
pub struct EventLog {
    file: File,
    path: PathBuf,
    seq: u64,
    watch: Box<dyn Watch>,
    announced: Announced,
    /// Who makes other programs' logs of it.
    beside: Option<Beside>,
}

impl EventLog {
    /// Opens or makes the file, cuts off a torn last line, and finds where `seq` stands.
    ///
    /// # Errors
    /// Another worker is writing it, or a line in the middle is damaged.
    pub fn open(dir: &Path, watch: Box<dyn Watch>) -> Result<Self> {
        let path = dir.join(run_dir::EVENTS);
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)
            .map_err(Error::io(&path))?;
        lock(&file, &path)?;
        let Scanned { seq, announced, whole } = scan(&file, &path)?;
        file.set_len(whole).map_err(Error::io(&path))?;
        file.seek(SeekFrom::End(0)).map_err(Error::io(&path))?;
        Ok(Self {
            file,
            path,
            seq,
            watch,
            announced,
            beside: None,
        })
    }

    /// Lets a thread beside the loop follow what is told.
    pub fn follow(&mut self, beside: Option<Beside>) {
        self.beside = beside;
    }

    /// Lets it write what is left, before the last event tells that all is done.
    pub fn end_followers(&mut self, outcome: Outcome, error: &Said) -> Result<()> {
        let Some(beside) = self.beside.take() else {
            return Ok(());
        };
        let ending = Ending {
            outcome,
            time: now(),
            error: error.message.clone(),
        };
        beside.end(ending).into_iter().try_for_each(|said| self.notice(said))
    }

    /// Whether no event was ever written.
    pub fn is_empty(&self) -> bool {
        self.seq == 0
    }

    /// Whether a reader knows of the checkpoint made after `step`.
    pub fn knows_checkpoint(&self, step: u64) -> bool {
        self.announced.0.contains(&step)
    }

    /// Appends one event: one write of one whole line.
    pub fn emit(&mut self, body: TrainEvent) -> Result<()> {
        self.append(body)?;
        if let Some(beside) = &self.beside {
            beside.wake();
            if let Some(said) = beside.trouble() {
                self.append(TrainEvent::Notice(said))?;
            }
        }
        Ok(())
    }

    fn append(&mut self, body: TrainEvent) -> Result<()> {
        let event = Event {
            seq: self.seq + 1,
            time: now(),
            body,
        };
        let mut line = serde_json::to_string(&event).map_err(|e| Error::file(&self.path, says::internal_error(e)))?;
        line.push('\n');
        let before = self.file.metadata().map_err(Error::io(&self.path))?.len();
        if let Err(e) = self.file.write_all(line.as_bytes()) {
            // half a line must not be followed by another one
            let _ = self.file.set_len(before);
            return Err(Error::io(&self.path)(e));
        }
        self.seq = event.seq;
        self.announced.apply(&event);
        self.watch.event(&event);
        Ok(())
    }

    pub fn notice(&mut self, said: Said) -> Result<()> {
        self.emit(TrainEvent::Notice(said))
    }

    pub fn phase(&mut self, phase: Phase, done: u64, total: u64) -> Result<()> {
        self.emit(TrainEvent::Phase { phase, done, total })
    }

    /// Brings what was written to the disk itself.
    pub fn sync(&self) -> Result<()> {
        self.file.sync_data().map_err(Error::io(&self.path))
    }
}

/// How far work is that takes long: told every so often.
pub struct Progress {
    phase: Phase,
    every: Duration,
    told: Instant,
}

impl Progress {
    pub fn every(every: Duration, phase: Phase) -> Self {
        Self {
            phase,
            every,
            told: Instant::now(),
        }
    }

    /// So much of it is done; told where it is time to.
    ///
    /// # Errors
    /// It is asked to stop, or the event can't be written.
    pub fn at(&mut self, events: &mut EventLog, done: u64, total: u64) -> Result<()> {
        stop::check()?;
        if self.told.elapsed() >= self.every {
            self.told = Instant::now();
            events.phase(self.phase, done, total)?;
        }
        Ok(())
    }
}

/// The steps of the checkpoints that the file tells of and no later start has taken back.
#[derive(Default)]
struct Announced(Vec<u64>);

impl Fold for Announced {
    fn forget(&mut self, rewind: Rewind) {
        self.0.retain(|step| !rewind.forgets(*step));
    }

    fn see(&mut self, event: &Event) {
        if let TrainEvent::Checkpoint { step, .. } = &event.body {
            self.0.push(*step);
        }
    }
}

/// What a log has in it.
#[derive(Default)]
struct Scanned {
    /// The last event's.
    seq: u64,
    /// Checkpoints told of.
    announced: Announced,
    /// Bytes of its whole lines.
    whole: u64,
}

fn scan(file: &File, path: &Path) -> Result<Scanned> {
    let mut found = Scanned::default();
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = reader.read_until(b'\n', &mut line).map_err(Error::io(path))?;
        if line.last() != Some(&b'\n') {
            return Ok(found);
        }
        let event: Event =
            serde_json::from_slice(&line).map_err(|e| Error::file(path, says::damaged_line(found.seq, e)))?;
        found.announced.apply(&event);
        found.seq = event.seq;
        found.whole += read as u64;
    }
}

fn lock(file: &File, path: &Path) -> Result<()> {
    file.try_lock().map_err(|e| match e {
        std::fs::TryLockError::WouldBlock => Error::file(path, says::another_worker()),
        std::fs::TryLockError::Error(e) => Error::io(path)(e),
    })
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |d| d.as_millis() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::TempDir;

    fn open(dir: &Path) -> EventLog {
        EventLog::open(dir, Box::new(Unwatched)).unwrap()
    }

    fn checkpoint(step: u64) -> TrainEvent {
        TrainEvent::Checkpoint {
            step,
            path: run_dir::checkpoint(step),
            best: false,
        }
    }

    fn lines(dir: &Path) -> Vec<Event> {
        let text = std::fs::read_to_string(dir.join(run_dir::EVENTS)).unwrap();
        text.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
    }

    #[test]
    fn seq_goes_on_over_workers_and_a_torn_line_is_cut() {
        let dir = TempDir::new();
        let mut log = open(dir.path());
        log.notice(Said::plain("one")).unwrap();
        log.emit(checkpoint(5)).unwrap();
        drop(log);
        let path = dir.path().join(run_dir::EVENTS);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(br#"{"seq":3,"time":17000"#).unwrap();
        drop(file);

        let mut log = open(dir.path());
        assert!(log.knows_checkpoint(5) && !log.knows_checkpoint(3));
        log.notice(Said::plain("three")).unwrap();
        let seqs: Vec<_> = lines(dir.path()).iter().map(|e| e.seq).collect();
        assert_eq!(seqs, [1, 2, 3]);
    }

    #[test]
    fn two_workers_never_write_one_file() {
        let dir = TempDir::new();
        let _first = open(dir.path());
        let second = EventLog::open(dir.path(), Box::new(Unwatched));
        assert!(second.err().unwrap().to_string().contains("another worker"));
    }

    #[test]
    fn damage_in_the_middle_is_an_error_that_says_where() {
        let dir = TempDir::new();
        open(dir.path()).notice(Said::plain("one")).unwrap();
        let path = dir.path().join(run_dir::EVENTS);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"garbage\n").unwrap();
        drop(file);
        let error = EventLog::open(dir.path(), Box::new(Unwatched)).err().unwrap();
        assert!(error.to_string().contains("after event 1"), "{error}");
    }
}
