//! Offline runs of Weights & Biases and SwanLab: a folder with the log, made anew of all events by each worker of the run,
//! since how the last one ended must not stand in its middle, nor what this one tells anew.

use super::{Follower, Tail, names};
use crate::error::{Error, Result};
use protocol::RunConfig;
use protocol::config::{self, KEYS};
use protocol::event::Event;
use protocol::fold::Rewind;
use protocol::trackers::{Ending, Log, Row, SwanLab, Wandb};
use serde_json::{Map, Value};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;

/// The log, and how far it has come.
pub(super) struct Offline {
    program: Program,
    /// The run directory.
    dir: PathBuf,
    config: Map<String, Value>,
    tail: Tail,
    /// Starts of workers that are known, in their order.
    starts: Vec<Start>,
    /// The last step of those that were told.
    told: Option<u64>,
    open: Option<Open>,
}

/// Whose it is, and what the config says of it.
enum Program {
    Wandb(config::Wandb),
    SwanLab(config::SwanLab),
}

/// Its place among the events, and what it takes back of those before it.
struct Start {
    seq: u64,
    rewind: Rewind,
}

impl Start {
    fn of(event: &Event) -> Option<Self> {
        let rewind = Rewind::of(&event.body)?;
        Some(Self { seq: event.seq, rewind })
    }
}

struct Open {
    log: Box<dyn Log + Send>,
    /// The run's folder, which is uploaded.
    folder: PathBuf,
    path: PathBuf,
    /// Beside `path`, until all that was told is in it.
    fresh: Option<PathBuf>,
    file: File,
}

impl Offline {
    pub(super) fn wandb(of: &config::Wandb, dir: &Path, config: &RunConfig) -> Self {
        Self::new(Program::Wandb(of.clone()), dir, config)
    }

    pub(super) fn swanlab(of: &config::SwanLab, dir: &Path, config: &RunConfig) -> Self {
        Self::new(Program::SwanLab(of.clone()), dir, config)
    }

    fn new(program: Program, dir: &Path, config: &RunConfig) -> Self {
        let set = KEYS
            .iter()
            .filter_map(|key| Some((key.name.to_owned(), config.get(key.name)?)));
        Self {
            program,
            dir: std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned()),
            config: set.collect(),
            tail: Tail::new(dir),
            starts: vec![],
            told: None,
            open: None,
        }
    }

    /// All starts that the events tell of by now.
    fn find_starts(&mut self) -> Result<()> {
        let mut tail = Tail::new(&self.dir);
        loop {
            let events = tail.next()?;
            if events.is_empty() {
                return Ok(());
            }
            let new = self.new_starts(&events);
            self.starts.extend(new);
        }
    }

    /// The starts among these events that were not known.
    fn new_starts(&self, events: &[Event]) -> Vec<Start> {
        let last = self.starts.last().map_or(0, |start| start.seq);
        let all = events.iter().filter_map(Start::of);
        all.filter(|start| start.seq > last).collect()
    }

    /// Writes the rows of these events that no later start takes back.
    fn write(&mut self, open: &mut Open, events: &[Event]) -> Result<()> {
        let mut bytes = vec![];
        for event in events {
            let Some(row) = Row::of(event) else { continue };
            let mut later = self.starts.iter().filter(|start| start.seq > event.seq);
            if later.any(|start| start.rewind.forgets(row.step)) {
                continue;
            }
            self.told = self.told.max(Some(row.step));
            open.log.row(&row, &mut bytes);
        }
        open.put(&bytes)
    }

    /// Makes the run's folder, and the head of its log.
    fn begin(&self, first: &Event) -> Result<Open> {
        let begun = first.time;
        let (log, folder, file): (Box<dyn Log + Send>, _, _) = match &self.program {
            Program::Wandb(of) => {
                let names = names::wandb(of, &self.dir, begun);
                let folder = format!("offline-run-{}-{}", stamp(begun), names.id);
                let file = format!("run-{}.wandb", names.id);
                (
                    Box::new(Wandb::new(names)),
                    names::wandb_folder(&self.dir).join(folder),
                    file,
                )
            }
            Program::SwanLab(of) => {
                let names = names::swanlab(of, &self.dir, begun);
                let folder = format!("run-{}-{}", stamp(begun), names.id);
                let folder = names::swanlab_folder(of, &self.dir).join(folder);
                let file = format!("run-{}.swanlab", names.id);
                let config = folder.join(FILES).join("config.yaml");
                let text = config.to_string_lossy().into_owned();
                (Box::new(SwanLab::new(names, text)), folder, file)
            }
        };
        let files = folder.join(FILES);
        fs::create_dir_all(&files).map_err(Error::io(&files))?;
        if let Program::SwanLab(_) = &self.program {
            let path = files.join("config.yaml");
            fs::write(&path, SwanLab::config(&self.config)).map_err(Error::io(&path))?;
        }
        let path = folder.join(file);
        let fresh = path.with_extension("part");
        let file = File::create(&fresh).map_err(Error::io(&fresh))?;
        let mut open = Open {
            log,
            folder,
            path,
            fresh: Some(fresh),
            file,
        };
        let mut bytes = vec![];
        open.log.open(begun, &self.config, &mut bytes);
        open.put(&bytes)?;
        Ok(open)
    }
}

/// What an uploaded run has beside its log.
const FILES: &str = "files";

impl Follower for Offline {
    fn name(&self) -> &'static str {
        match self.program {
            Program::Wandb(_) => names::WANDB.program,
            Program::SwanLab(_) => names::SWANLAB.program,
        }
    }

    fn catch_up(&mut self) -> Result<()> {
        loop {
            let events = self.tail.next()?;
            let Some(first) = events.first() else { break };
            let new = self.new_starts(&events);
            if new
                .iter()
                .any(|start| self.told.is_some_and(|step| start.rewind.forgets(step)))
            {
                // what was told is taken back
                (self.open, self.told) = (None, None);
                self.tail = Tail::new(&self.dir);
                continue;
            }
            let mut open = match self.open.take() {
                Some(open) => open,
                None => {
                    self.find_starts()?;
                    self.begin(first)?
                }
            };
            // one in the middle of these events takes back those before it
            self.starts.extend(self.new_starts(&events));
            let put = self.write(&mut open, &events);
            self.open = Some(open);
            put?;
        }
        self.open.as_mut().map_or(Ok(()), Open::settle)
    }

    fn end(&mut self, ending: &Ending) -> Result<Option<String>> {
        let Some(open) = &mut self.open else { return Ok(None) };
        let mut bytes = vec![];
        open.log.end(ending, &mut bytes);
        open.put(&bytes)?;
        let folder = names::shell(&open.folder);
        Ok(Some(match self.program {
            Program::Wandb(_) => format!("wandb sync {folder}"),
            Program::SwanLab(_) => format!("swanlab sync {folder}"),
        }))
    }
}

impl Open {
    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(Error::io(&self.path))
    }

    /// Puts the log in the place of the one that an earlier worker left.
    fn settle(&mut self) -> Result<()> {
        let Some(fresh) = self.fresh.take() else { return Ok(()) };
        fs::rename(&fresh, &self.path).map_err(Error::io(&self.path))
    }
}

/// A time as it stands in the names of runs, in UTC.
fn stamp(millis: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp(millis.div_euclid(1000)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    format!(
        "{:04}{:02}{:02}_{:02}{:02}{:02}",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_log_is_the_same_however_its_events_came() {
        let dir = std::env::temp_dir().join(format!("corral-offline-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let step = |seq: u64, step: u64| {
            let metrics = json!({ "loss": 1.0 / seq as f64 });
            let time = 1_700_000_000_000 + seq;
            json!({ "seq": seq, "time": time, "type": "step", "step": step, "epoch": 0.5, "metrics": metrics })
                .to_string()
        };
        let again = json!({ "seq": 4, "time": 1_700_000_000_004_u64, "type": "origin", "from": "python", "path": "x", "resumed_from": 2 });
        let lines = [step(1, 1), step(2, 2), step(3, 3), again.to_string(), step(5, 3)];
        let log = || {
            let of = config::Wandb::default();
            Offline::wandb(&of, &dir, &RunConfig::default())
        };
        let tell = |log: &mut Offline, count: usize| {
            fs::write(dir.join(protocol::run_dir::EVENTS), lines[..count].join("\n") + "\n").unwrap();
            log.catch_up().unwrap();
            fs::read(&log.open.as_ref().unwrap().path).unwrap()
        };
        let whole = tell(&mut log(), lines.len());
        // a row and the start that takes it back come at once, and one after the other
        for first in [2, 3] {
            let mut grows = log();
            tell(&mut grows, first);
            assert_eq!(tell(&mut grows, lines.len()), whole, "{first}");
        }
        fs::remove_dir_all(&dir).unwrap();
    }
}
