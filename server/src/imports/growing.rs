//! The run directory of a run that another program is still writing: events come behind those there are, and where its files
//! say otherwise than before, an `origin` event takes back what was told from there on.

use super::UNFINISHED_SUFFIX;
use super::run::{ForeignRun, PointKey, PointKind, Source};
use crate::runs::config_text;
use crate::supervisor::local::process::this_process;
use protocol::event::{Event, Metrics, Origin, Outcome, TrainEvent};
use protocol::fold::{Fold, Rewind};
use protocol::{RunConfig, Said, run_dir, says};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The directory, and what was logged there so far.
pub(super) struct Growing {
    directory: PathBuf,
    source: Source,
    /// Open as long as the run is followed: by that a board knows who writes it.
    events: File,
    seq: u64,
    time: i64,
    total_steps: Option<u64>,
    logged: BTreeMap<PointKey, Metrics>,
    notes: Vec<Said>,
    /// Notes of the last read that wait until the next read has them too: a count in them grows with each read.
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
        let beside = directory.with_file_name(format!(".{name}{UNFINISHED_SUFFIX}"));
        let made = Self::create(run, &beside, &name, source).and_then(|mut growing| {
            fs::rename(&beside, directory)?;
            growing.directory = directory.to_owned();
            Ok(growing)
        });
        if made.is_err() {
            let _ = fs::remove_dir_all(&beside);
        }
        made
    }

    fn create(run: &ForeignRun, folder: &Path, id: &str, source: Source) -> io::Result<Self> {
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
            logged: BTreeMap::new(),
            notes: vec![],
            waiting: vec![],
            over: false,
            source,
        };
        run.describe(folder, id)?;
        growing.write_worker()?;
        growing.append([growing.origin(0)])?;
        growing.add(run, growing.source.written)?;
        Ok(growing)
    }

    /// Goes on with the directory that an earlier look at the same files left.
    ///
    /// # Errors
    /// When the disk won't give or take it.
    pub fn reopen(run: &ForeignRun, directory: &Path, source: Source) -> io::Result<Self> {
        let text = fs::read(directory.join(run_dir::EVENTS))?;
        let mut growing = Self {
            events: File::options().append(true).open(directory.join(run_dir::EVENTS))?,
            directory: directory.to_owned(),
            seq: 0,
            time: source.written,
            total_steps: None,
            logged: BTreeMap::new(),
            notes: vec![],
            waiting: vec![],
            over: false,
            source,
        };
        // the earlier import may have been cut off within a line
        if text.last().is_some_and(|last| *last != b'\n') {
            growing.events.write_all(b"\n")?;
        }
        let lines = text.split(|byte| *byte == b'\n');
        lines
            .filter_map(|line| serde_json::from_slice(line).ok())
            .for_each(|event| growing.apply(&event));
        let has_news = run
            .points()
            .any(|point| growing.logged.get(&point.key) != Some(point.metrics));
        if growing.over && !has_news {
            return Ok(growing);
        }
        growing.over = false;
        growing.write_worker()?;
        let last = growing.logged.keys().next_back().map_or(0, |key| key.step);
        growing.retract_after(last)?;
        growing.add(run, growing.source.written)?;
        Ok(growing)
    }

    /// Writes `worker.json`, which names this process as the writer.
    fn write_worker(&self) -> io::Result<()> {
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

    /// Renews the time of `worker.json`: somebody still follows the run.
    pub fn heartbeat(&self, time: SystemTime) {
        let file = File::options().append(true).open(self.directory.join(run_dir::WORKER));
        // a board of this machine sees the process itself
        let _ = file.and_then(|file| file.set_modified(time));
    }

    /// Appends what the run's files have that was not logged yet: values, notes, and its end where they tell one.
    ///
    /// # Errors
    /// When the disk won't take it.
    pub fn add(&mut self, run: &ForeignRun, written: i64) -> io::Result<()> {
        let last = self.logged.keys().next_back().copied();
        let changed = self
            .logged
            .iter()
            .find(|(key, logged)| run.metrics(**key) != Some(logged));
        let came_between = run
            .points()
            .find(|point| last.is_some_and(|last| point.key < last) && !self.logged.contains_key(&point.key));
        let first = changed
            .map(|(key, _)| *key)
            .into_iter()
            .chain(came_between.map(|point| point.key));
        if let Some(first) = first.min() {
            let after = first.step.saturating_sub(1);
            self.retract_after(after)?;
        }
        if run.total_steps != self.total_steps {
            self.total_steps = run.total_steps;
            let after = self.logged.keys().next_back().map_or(0, |key| key.step);
            self.retract_after(after)?;
        }
        self.append_notes(run)?;
        let mut lines = vec![];
        for point in run.points() {
            if self.logged.contains_key(&point.key) {
                continue;
            }
            self.time = self.time.max(if point.time > 0 { point.time } else { written });
            self.logged.insert(point.key, point.metrics.clone());
            lines.push(point.key.event(point.epoch, point.metrics.clone()));
        }
        self.append(lines)?;
        match &run.end {
            Some(end) if end.outcome != Outcome::Untold => self.finish(end.outcome, end.said.clone()),
            _ => Ok(()),
        }
    }

    /// Ends the run where its files do not: nobody follows it any more.
    ///
    /// # Errors
    /// When the disk won't take it.
    pub fn end(&mut self) -> io::Result<()> {
        match self.over {
            true => Ok(()),
            false => self.finish(Outcome::Untold, says::import_end_untold(self.source.from.name())),
        }
    }

    /// Ends the run because nothing more of it is read, and says why.
    ///
    /// # Errors
    /// When the disk won't take it.
    pub fn give_up(&mut self, why: &Said) -> io::Result<()> {
        self.append([TrainEvent::Notice(why.clone())])?;
        self.end()
    }

    /// Appends the notes of this read that are new: at once where one is the first of its kind, else when the next read has it
    /// too, or at the end.
    fn append_notes(&mut self, run: &ForeignRun) -> io::Result<()> {
        let before = std::mem::take(&mut self.waiting);
        let new = run.notes().filter(|said| !self.notes.contains(said));
        let (now, later): (Vec<_>, _) =
            new.partition(|said| before.contains(said) || self.notes.iter().all(|logged| logged.code != said.code));
        self.waiting = later;
        self.notes.extend(now.iter().cloned());
        self.append(now.into_iter().map(TrainEvent::Notice))
    }

    fn finish(&mut self, outcome: Outcome, said: Said) -> io::Result<()> {
        self.over = true;
        let notes = std::mem::take(&mut self.waiting);
        self.append(notes.into_iter().map(TrainEvent::Notice))?;
        self.append([TrainEvent::Finished {
            outcome,
            step: self.logged.keys().next_back().map_or(0, |key| key.step),
            said,
            reference_forwards: 0,
        }])
    }

    fn log(&mut self, step: u64, kind: PointKind, metrics: &Metrics) {
        self.logged.insert(PointKey { step, kind }, metrics.clone());
    }

    /// Retracts what was logged of steps after this one.
    fn retract_after(&mut self, after: u64) -> io::Result<()> {
        self.forget(Rewind::after(after));
        self.append([self.origin(after)])
    }

    fn origin(&self, resumed_from: u64) -> TrainEvent {
        TrainEvent::Origin(Origin {
            from: self.source.from,
            path: self.source.path.clone(),
            total_steps: self.total_steps,
            resumed_from,
        })
    }

    fn append(&mut self, bodies: impl IntoIterator<Item = TrainEvent>) -> io::Result<()> {
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

/// The events of an earlier import.
impl Fold for Growing {
    fn forget(&mut self, rewind: Rewind) {
        self.logged.retain(|key, _| !rewind.forgets(key.step));
    }

    fn see(&mut self, event: &Event) {
        (self.seq, self.time) = (event.seq, event.time);
        self.over = false;
        match &event.body {
            TrainEvent::Step { step, metrics, .. } => self.log(*step, PointKind::Step, metrics),
            TrainEvent::Eval { step, metrics, .. } => self.log(*step, PointKind::Eval, metrics),
            TrainEvent::Origin(origin) => self.total_steps = origin.total_steps,
            TrainEvent::Notice(said) => self.notes.push(said.clone()),
            TrainEvent::Finished { outcome, .. } => self.over = *outcome != Outcome::Untold,
            _ => {}
        }
    }
}

/// The oldest run directory that an earlier look at the same files, under the same name, left below `runs`; those in `taken` are
/// other runs'.
pub(super) fn find_earlier(run: &ForeignRun, runs: &Path, taken: &[&Path], source: &Source) -> Option<PathBuf> {
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
