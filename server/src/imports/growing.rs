//! The run directory of a run that another program is still writing: events come behind those there are, and where its files
//! say otherwise than before, an `origin` event takes back what was told from there on.

use super::HALF;
use super::run::{ForeignRun, Key, Kind, Source};
use crate::runs::config_text;
use crate::supervisor::local::process::this_process;
use protocol::event::{Event, Metrics, Origin, Outcome, TrainEvent};
use protocol::{RunConfig, Said, run_dir, says};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The directory, and what its events tell by now.
pub(super) struct Growing {
    directory: PathBuf,
    source: Source,
    /// Open as long as the run goes: by that a board knows who writes it.
    events: File,
    seq: u64,
    time: i64,
    total_steps: Option<u64>,
    told: BTreeMap<Key, Metrics>,
    notes: Vec<Said>,
    /// Notes of the last read that are told once they stand: a count grows with each read.
    waiting: Vec<Said>,
    over: bool,
}

impl Growing {
    /// Writes all that is known of it by now.
    ///
    /// # Errors
    /// When the disk won't take it.
    pub fn begin(run: &ForeignRun, directory: &Path, source: Source) -> io::Result<Self> {
        let name = directory.file_name().unwrap_or_default().to_string_lossy();
        // hidden, so that no board takes it up before it is whole
        let beside = directory.with_file_name(format!(".{name}{HALF}"));
        let made = Self::fill(run, &beside, &name, source).and_then(|mut growing| {
            fs::rename(&beside, directory)?;
            growing.directory = directory.to_owned();
            Ok(growing)
        });
        if made.is_err() {
            let _ = fs::remove_dir_all(&beside);
        }
        made
    }

    fn fill(run: &ForeignRun, folder: &Path, id: &str, source: Source) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut growing = Self {
            directory: folder.to_owned(),
            events: File::options()
                .append(true)
                .create_new(true)
                .open(folder.join(run_dir::EVENTS))?,
            seq: 0,
            time: run.begun().unwrap_or(source.written),
            total_steps: run.total_steps,
            told: BTreeMap::new(),
            notes: vec![],
            waiting: vec![],
            over: false,
            source,
        };
        run.describe(folder, id)?;
        growing.sign()?;
        growing.put([growing.origin(0)])?;
        growing.add(run, growing.source.written)?;
        Ok(growing)
    }

    /// Goes on with the directory that an earlier look at the same files left.
    ///
    /// # Errors
    /// When the disk won't give or take it.
    pub fn again(run: &ForeignRun, directory: &Path, source: Source) -> io::Result<Self> {
        let text = fs::read(directory.join(run_dir::EVENTS))?;
        let mut growing = Self {
            events: File::options().append(true).open(directory.join(run_dir::EVENTS))?,
            directory: directory.to_owned(),
            seq: 0,
            time: source.written,
            total_steps: None,
            told: BTreeMap::new(),
            notes: vec![],
            waiting: vec![],
            over: false,
            source,
        };
        // whoever wrote it may have been cut off within a line
        if text.last().is_some_and(|last| *last != b'\n') {
            growing.events.write_all(b"\n")?;
        }
        let lines = text.split(|byte| *byte == b'\n');
        lines
            .filter_map(|line| serde_json::from_slice(line).ok())
            .for_each(|event| growing.remember(event));
        let has_news = run
            .points()
            .any(|(key, _, _, metrics)| growing.told.get(&key) != Some(metrics));
        if growing.over && !has_news {
            return Ok(growing);
        }
        growing.over = false;
        growing.sign()?;
        let last = growing.told.keys().next_back().map_or(0, |key| key.step);
        growing.forget(last)?;
        growing.add(run, growing.source.written)?;
        Ok(growing)
    }

    /// Takes up what was told before.
    fn remember(&mut self, event: Event) {
        (self.seq, self.time) = (event.seq, event.time);
        self.over = false;
        let (step, kind, metrics) = match event.body {
            TrainEvent::Step { step, metrics, .. } => (step, Kind::Step, metrics),
            TrainEvent::Eval { step, metrics, .. } => (step, Kind::Eval, metrics),
            TrainEvent::Origin(origin) => {
                let after = origin.resumed_from;
                self.total_steps = origin.total_steps;
                self.told.retain(|key, _| after > 0 && key.step <= after);
                return;
            }
            TrainEvent::Notice(said) => return self.notes.push(said),
            TrainEvent::Finished { outcome, .. } => {
                self.over = outcome != Outcome::Untold;
                return;
            }
            _ => return,
        };
        self.told.insert(Key { step, kind }, metrics);
    }

    /// Says who tells of it.
    fn sign(&self) -> io::Result<()> {
        match this_process() {
            Some(worker) => fs::write(self.directory.join(run_dir::WORKER), serde_json::to_vec(&worker)?),
            None => Ok(()),
        }
    }

    pub fn directory(&self) -> &Path {
        &self.directory
    }

    pub fn is_over(&self) -> bool {
        self.over
    }

    /// Shows that somebody still looks.
    pub fn beat(&self, time: SystemTime) {
        let file = File::options().append(true).open(self.directory.join(run_dir::WORKER));
        // a board of this machine sees it without
        let _ = file.and_then(|file| file.set_modified(time));
    }

    /// Tells what its files tell now and did not before, notes too, and its end where they know of one.
    ///
    /// # Errors
    /// When the disk won't take it.
    pub fn add(&mut self, run: &ForeignRun, written: i64) -> io::Result<()> {
        let last = self.told.keys().next_back().copied();
        let changed = self.told.iter().find(|(key, told)| run.metrics(**key) != Some(told));
        let came_between = run
            .points()
            .find(|(key, ..)| last.is_some_and(|last| *key < last) && !self.told.contains_key(key));
        let first = changed
            .map(|(key, _)| *key)
            .into_iter()
            .chain(came_between.map(|(key, ..)| key));
        if let Some(first) = first.min() {
            let after = first.step.saturating_sub(1);
            self.forget(after)?;
        }
        if run.total_steps != self.total_steps {
            self.total_steps = run.total_steps;
            let after = self.told.keys().next_back().map_or(0, |key| key.step);
            self.forget(after)?;
        }
        self.note(run)?;
        let mut lines = vec![];
        for (key, time, epoch, metrics) in run.points() {
            if self.told.contains_key(&key) {
                continue;
            }
            self.time = self.time.max(if time > 0 { time } else { written });
            self.told.insert(key, metrics.clone());
            lines.push(key.event(epoch, metrics.clone()));
        }
        self.put(lines)?;
        match &run.end {
            Some(end) if end.outcome != Outcome::Untold => self.finish(end.outcome, end.said.clone()),
            _ => Ok(()),
        }
    }

    /// Ends it where its files do not: nobody looks any more.
    ///
    /// # Errors
    /// When the disk won't take it.
    pub fn end(&mut self) -> io::Result<()> {
        match self.over {
            true => Ok(()),
            false => self.finish(Outcome::Untold, says::import_end_untold(self.source.from.name())),
        }
    }

    /// Tells what this read has to say and none before had: at once where it is the first of its kind, else when the next
    /// read says it too, or at the end.
    fn note(&mut self, run: &ForeignRun) -> io::Result<()> {
        let before = std::mem::take(&mut self.waiting);
        let new = run.notes().filter(|said| !self.notes.contains(said));
        let (now, later): (Vec<_>, _) =
            new.partition(|said| before.contains(said) || self.notes.iter().all(|told| told.code != said.code));
        self.waiting = later;
        self.notes.extend(now.iter().cloned());
        self.put(now.into_iter().map(TrainEvent::Notice))
    }

    fn finish(&mut self, outcome: Outcome, said: Said) -> io::Result<()> {
        self.over = true;
        let notes = std::mem::take(&mut self.waiting);
        self.put(notes.into_iter().map(TrainEvent::Notice))?;
        self.put([TrainEvent::Finished {
            outcome,
            step: self.told.keys().next_back().map_or(0, |key| key.step),
            said,
            reference_forwards: 0,
        }])
    }

    /// Takes back what was told of steps after this one; after 0 all of it, the evaluation at 0 too.
    fn forget(&mut self, after: u64) -> io::Result<()> {
        self.told.retain(|key, _| after > 0 && key.step <= after);
        self.put([self.origin(after)])
    }

    fn origin(&self, resumed_from: u64) -> TrainEvent {
        TrainEvent::Origin(Origin {
            from: self.source.from,
            path: self.source.path.clone(),
            total_steps: self.total_steps,
            resumed_from,
        })
    }

    fn put(&mut self, bodies: impl IntoIterator<Item = TrainEvent>) -> io::Result<()> {
        let mut lines = vec![];
        for body in bodies {
            self.seq += 1;
            let event = Event {
                seq: self.seq,
                time: self.time,
                body,
            };
            serde_json::to_writer(&mut lines, &event)?;
            lines.push(b'\n');
        }
        self.events.write_all(&lines)
    }
}

/// The oldest run directory that an earlier look at the same files, under the same name, left below `runs`; those in `taken` are
/// other runs'.
pub(super) fn earlier(run: &ForeignRun, runs: &Path, taken: &[&Path], source: &Source) -> Option<PathBuf> {
    let entries = fs::read_dir(runs).into_iter().flatten().flatten();
    let directories = entries.map(|entry| entry.path()).filter(|directory| {
        let hidden = directory
            .file_name()
            .is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
        let name = || RunConfig::parse(&config_text(directory)?).config.run_name;
        !hidden
            && !taken.contains(&directory.as_path())
            && directory.join(run_dir::WORKER).is_file()
            && origin(directory).is_some_and(|origin| origin.from == source.from && origin.path == source.path)
            && name().as_ref() == Some(&run.name)
    });
    directories.min()
}

/// Where the run of a directory was read, as its first event says.
fn origin(directory: &Path) -> Option<Origin> {
    let mut first = String::new();
    let events = File::open(directory.join(run_dir::EVENTS)).ok()?;
    BufReader::new(events).read_line(&mut first).ok()?;
    match serde_json::from_str::<Event>(&first).ok()?.body {
        TrainEvent::Origin(origin) => Some(origin),
        _ => None,
    }
}
