//! TensorBoard's event file of a run: made of its events, and gone on with at the byte where an earlier worker left it.

use super::{Follower, Tail};
use crate::error::{Error, Result};
use protocol::event::Event;
use protocol::tensorboard::{IN_NAME, Log};
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Letters of the run's name in the file's.
const NAME: usize = 64;

/// The file, and how far it has come.
pub(super) struct TensorBoard {
    folder: PathBuf,
    tail: Tail,
    /// The run directory's name, so that runs may share a folder.
    name: String,
    config: String,
    file: Option<Open>,
    /// The file to open, where one that was there is no longer.
    next: Option<PathBuf>,
}

struct Open {
    path: PathBuf,
    file: File,
    /// Bytes that stand there from before and were not yet compared.
    before: u64,
}

impl TensorBoard {
    pub(super) fn new(folder: PathBuf, dir: &Path, config: String) -> Self {
        let name = dir.file_name().unwrap_or_default().to_string_lossy();
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
        Self {
            folder,
            tail: Tail::new(dir),
            name: name.chars().take(NAME).map(plain).collect(),
            config,
            file: None,
            next: None,
        }
    }

    /// False where the file holds something else: it was made of other events, or of another config.
    fn write(&mut self, events: &[Event]) -> Result<bool> {
        let mut log = Log::default();
        let open = match &mut self.file {
            Some(open) => open,
            None => {
                let Some(first) = events.first() else {
                    return Ok(true);
                };
                fs::create_dir_all(&self.folder).map_err(Error::io(&self.folder))?;
                log.open(first.time, &self.config);
                let prefix = format!("events.out.{IN_NAME}.{}.{}.", first.time / 1000, self.name);
                let path = self.next.take().unwrap_or_else(|| newest(&self.folder, &prefix));
                self.file.insert(Open::at(path)?)
            }
        };
        events.iter().for_each(|event| log.event(event));
        open.append(&log.0)
    }

    /// Makes room for a file made of all events anew.
    fn start_over(&mut self) -> Result<()> {
        let Some(open) = self.file.take() else { return Ok(()) };
        fs::remove_file(&open.path).map_err(Error::io(&open.path))?;
        let number = open.path.extension().and_then(|end| end.to_str()?.parse::<u32>().ok());
        // TensorBoard goes on to names that come later, and has read this one
        let next = number.unwrap_or(0).saturating_add(1);
        self.next = Some(open.path.with_extension(next.to_string()));
        self.tail.at = 0;
        Ok(())
    }
}

impl Follower for TensorBoard {
    fn name(&self) -> &'static str {
        "TensorBoard"
    }

    fn catch_up(&mut self) -> Result<()> {
        loop {
            let events = self.tail.next()?;
            if events.is_empty() {
                return Ok(());
            }
            if !self.write(&events)? {
                self.start_over()?;
            }
        }
    }
}

impl Open {
    fn at(path: PathBuf) -> Result<Self> {
        let opened = OpenOptions::new().read(true).append(true).create(true).open(&path);
        let file = opened.map_err(Error::io(&path))?;
        let before = file.metadata().map_err(Error::io(&path))?.len();
        Ok(Self { path, file, before })
    }

    /// Puts bytes behind what is there, or holds them against it. False where it is another's.
    fn append(&mut self, bytes: &[u8]) -> Result<bool> {
        let known = usize::try_from(self.before).map_or(bytes.len(), |before| before.min(bytes.len()));
        let (known, fresh) = bytes.split_at(known);
        let mut found = vec![0; known.len()];
        self.file.read_exact(&mut found).map_err(Error::io(&self.path))?;
        self.before -= known.len() as u64;
        if found != known {
            return Ok(false);
        }
        self.file.write_all(fresh).map_err(Error::io(&self.path))?;
        Ok(true)
    }
}

/// The newest of the files with this name and a number behind it; the first, where there is none.
fn newest(folder: &Path, prefix: &str) -> PathBuf {
    let numbers = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            name.strip_prefix(prefix)?.parse::<u32>().ok()
        });
    folder.join(format!("{prefix}{}", numbers.max().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::{EventLog, Unwatched};
    use crate::files::tests::TempDir;
    use crate::trackers::Follower;
    use protocol::event::TrainEvent;
    use protocol::{MetricValue, Said};

    fn step(step: u64) -> TrainEvent {
        TrainEvent::Step {
            step,
            epoch: step as f64,
            metrics: [("loss".into(), MetricValue::new(step as f64).unwrap())].into(),
        }
    }

    fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
        let mut found: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .flatten()
            .map(|entry| {
                let name = entry.file_name().into_string().unwrap();
                (name, fs::read(entry.path()).unwrap())
            })
            .collect();
        found.sort();
        found
    }

    fn board(dir: &Path, config: &str) -> TensorBoard {
        TensorBoard::new(dir.join("tb"), dir, config.to_owned())
    }

    #[test]
    fn a_file_is_gone_on_with_at_whatever_byte_a_kill_left_it() {
        let dir = TempDir::new();
        let mut events = EventLog::open(dir.path(), Box::new(Unwatched)).unwrap();
        events.notice(Said::plain("first")).unwrap();
        (1..4).for_each(|n| events.emit(step(n)).unwrap());
        board(dir.path(), "seed: 1").catch_up().unwrap();
        let folder = dir.path().join("tb");
        let [(name, whole)] = &files(&folder)[..] else { panic!() };
        let path = folder.join(name);
        for end in [0, 1, 11, 12, whole.len() / 2, whole.len() - 1, whole.len()] {
            fs::write(&path, &whole[..end]).unwrap();
            board(dir.path(), "seed: 1").catch_up().unwrap();
            assert_eq!(files(&folder), [(name.clone(), whole.clone())], "cut after {end} bytes");
        }
        // and the same thread tells what comes later
        let mut log = board(dir.path(), "seed: 1");
        log.catch_up().unwrap();
        events.emit(step(4)).unwrap();
        log.catch_up().unwrap();
        let longer = &files(&folder)[0].1;
        assert!(longer.starts_with(whole) && longer.len() > whole.len());
    }

    #[test]
    fn one_that_was_made_of_something_else_makes_room_for_a_later_one() {
        let dir = TempDir::new();
        let mut events = EventLog::open(dir.path(), Box::new(Unwatched)).unwrap();
        events.emit(step(1)).unwrap();
        board(dir.path(), "seed: 1").catch_up().unwrap();
        let before = files(&dir.path().join("tb"));
        board(dir.path(), "seed: 2").catch_up().unwrap();
        let after = files(&dir.path().join("tb"));
        assert!(before[0].0.ends_with(".0") && after[0].0.ends_with(".1") && after.len() == 1);
        assert_ne!(before[0].1, after[0].1);
        board(dir.path(), "seed: 2").catch_up().unwrap();
        assert_eq!(files(&dir.path().join("tb")), after);
    }
}
