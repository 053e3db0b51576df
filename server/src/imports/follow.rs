//! `corral import --follow`: runs that another program is still writing, taken in step by step until they end.

use super::growing::{Growing, find_earlier};
use super::run::{ForeignRun, Source};
use super::{FoundRun, ImportError, ImportRequest, LogSearch, modified, nameable, read, search};
use crate::ambient::Ambient;
use crate::runs::create::new_id;
use crate::supervisor::launcher;
use crate::supervisor::local;
use protocol::{Said, says};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Time between two polls.
pub const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// One part in so many of the time is spent reading a run at most: files are read from their start each time.
const READ_SHARE: u32 = 20;
/// How deep in its folder a run's own files lie, at most.
const MAX_DEPTH: usize = 3;

/// What is followed: every run of a file or folder, those too that come later.
pub struct Follow {
    path: PathBuf,
    name: Option<String>,
    ambient: Ambient,
    /// Where run directories go.
    runs: PathBuf,
    /// By name.
    places: BTreeMap<String, FollowedPlace>,
    /// The messages about folders that were reported already.
    said: BTreeSet<String>,
}

#[derive(Default)]
struct FollowedPlace {
    stamp: Option<FilesStamp>,
    /// It is not read before then.
    next: Option<Instant>,
    /// One for each run of the place, in their order.
    runs: Vec<Growing>,
    /// Why it could not be read last time.
    trouble: Option<Said>,
}

/// Sum of sizes and newest time of a run's files: it differs when they have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FilesStamp {
    path: PathBuf,
    bytes: u64,
    newest: i64,
}

/// What a poll found.
#[derive(Debug, Default)]
pub struct News {
    /// Run directories that were begun.
    pub begun: Vec<PathBuf>,
    /// Those that have ended, as their files say.
    pub ended: Vec<PathBuf>,
    /// What could not be read; said once.
    pub troubles: Vec<Said>,
}

impl Follow {
    /// # Errors
    /// There is no such file or folder.
    pub fn new(asked: &ImportRequest, runs: &Path, ambient: Ambient) -> Result<Self, ImportError> {
        let path = asked.path.canonicalize();
        let path = path.map_err(|e| ImportError(says::import_unreadable(asked.path, e)))?;
        fs::create_dir_all(runs).map_err(|e| ImportError(says::import_not_written(runs, e)))?;
        Ok(Self {
            path,
            name: asked.name.map(str::to_owned),
            ambient,
            runs: runs.to_owned(),
            places: BTreeMap::new(),
            said: BTreeSet::new(),
        })
    }

    /// Whether there are runs, and all have ended.
    pub fn is_over(&self) -> bool {
        let mut runs = self.places.values().flat_map(|place| &place.runs).peekable();
        runs.peek().is_some() && runs.all(Growing::is_over)
    }

    pub fn is_empty(&self) -> bool {
        self.places.values().all(|place| place.runs.is_empty())
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes in what is new.
    ///
    /// # Errors
    /// The disk won't take it.
    pub fn poll(&mut self) -> Result<News, ImportError> {
        let mut news = News::default();
        let looked = search(&self.path).unwrap_or_else(|error| LogSearch {
            left_out: vec![error.0],
            ..LogSearch::default()
        });
        let new = looked.left_out.into_iter();
        news.troubles
            .extend(new.filter(|said| self.said.insert(said.message.clone())));
        let alone = looked.found.len() == 1;
        for found in looked.found {
            let mut place = self.places.remove(&found.name).unwrap_or_default();
            let done = self.poll_place(&found, alone, &mut place, &mut news);
            self.places.insert(found.name, place);
            done?;
        }
        Ok(news)
    }

    fn poll_place(
        &self,
        found: &FoundRun,
        alone: bool,
        place: &mut FollowedPlace,
        news: &mut News,
    ) -> Result<(), ImportError> {
        if !place.runs.is_empty() && place.runs.iter().all(Growing::is_over) {
            return Ok(());
        }
        place
            .runs
            .iter()
            .filter(|run| !run.is_over())
            .for_each(|run| run.heartbeat(self.ambient.time()));
        if place.next.is_some_and(|next| self.ambient.steady() < next) {
            return Ok(());
        }
        let stamp = stamp(&found.path);
        if place.stamp.as_ref() == Some(&stamp) {
            return Ok(());
        }
        let begun = self.ambient.steady();
        let runs = read(found);
        // after an error too, which is not kept as read: what the disk refused may go well later though nobody writes
        place.next = Some(self.ambient.steady() + self.ambient.since(begun) * READ_SHARE);
        let runs = match runs {
            Ok(runs) => runs,
            // half a line is whole a moment later
            Err(error) => {
                // too much stays too much: a run that is read no further must not look as if it went on
                if error.is_too_much() {
                    for growing in place.runs.iter_mut().filter(|run| !run.is_over()) {
                        let ended = growing.give_up(&error.0);
                        ended.map_err(|e| ImportError(says::import_not_written(growing.directory(), e)))?;
                        news.ended.push(growing.directory().to_owned());
                    }
                }
                if place.trouble.as_ref() != Some(&error.0) {
                    news.troubles.push(error.0.clone());
                    place.trouble = Some(error.0);
                }
                return Ok(());
            }
        };
        let source = Source {
            from: found.from,
            path: found.path.display().to_string(),
            written: stamp.newest,
        };
        let several = runs.len() > 1;
        let full = runs.into_iter().filter(|run| !run.is_empty());
        for (number, mut run) in full.enumerate() {
            let Some(growing) = place.runs.get_mut(number) else {
                run.name = nameable(&match &self.name {
                    Some(name) if alone && !several => name.clone(),
                    Some(name) => format!("{name}-{}", run.name),
                    None => run.name,
                });
                let growing = self.begin(&run, &place.runs, source.clone())?;
                news.begun.push(growing.directory().to_owned());
                if growing.is_over() {
                    news.ended.push(growing.directory().to_owned());
                }
                place.runs.push(growing);
                continue;
            };
            // reading may have taken long
            growing.heartbeat(self.ambient.time());
            let added = growing.add(&run, stamp.newest);
            added.map_err(|e| ImportError(says::import_not_written(growing.directory(), e)))?;
            if growing.is_over() {
                news.ended.push(growing.directory().to_owned());
            }
        }
        place.stamp = Some(stamp);
        Ok(())
    }

    /// Goes on with the run directory that an earlier look left, or begins one.
    fn begin(&self, run: &ForeignRun, before: &[Growing], source: Source) -> Result<Growing, ImportError> {
        let failed = |directory: &Path, e| ImportError(says::import_not_written(directory, e));
        // several runs of a place may have one name
        let taken: Vec<&Path> = before.iter().map(Growing::directory).collect();
        if let Some(directory) = find_earlier(run, &self.runs, &taken, &source) {
            return match local::find(&directory, None, self.ambient.time()) {
                launcher::Found::Alive(_) | launcher::Found::Elsewhere => {
                    Err(ImportError(says::import_followed_already(&directory)))
                }
                launcher::Found::Gone => Growing::reopen(run, &directory, source).map_err(|e| failed(&directory, e)),
            };
        }
        let directory = self.runs.join(new_id(&self.ambient));
        let growing = Growing::begin(run, &directory, source);
        growing.map_err(|e| failed(&directory, e))
    }

    /// Ends what has not ended: nobody tells of it any more.
    pub fn end(&mut self) -> Result<(), ImportError> {
        for growing in self.places.values_mut().flat_map(|place| &mut place.runs) {
            let ended = growing.end();
            ended.map_err(|e| ImportError(says::import_not_written(growing.directory(), e)))?;
        }
        Ok(())
    }
}

fn stamp(path: &Path) -> FilesStamp {
    fn add(path: &Path, depth: usize, sum: &mut FilesStamp) {
        let Ok(meta) = fs::symlink_metadata(path) else { return };
        if meta.is_dir() && depth > 0 {
            let entries = fs::read_dir(path).into_iter().flatten().flatten();
            entries.for_each(|entry| add(&entry.path(), depth - 1, sum));
        } else if meta.is_file() {
            sum.bytes += meta.len();
            sum.newest = sum.newest.max(modified(path));
        }
    }
    let mut sum = FilesStamp {
        path: path.to_owned(),
        bytes: 0,
        newest: modified(path),
    };
    add(path, MAX_DEPTH, &mut sum);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::run::{MAX_WEIGHT, POINT_WEIGHT};
    use protocol::run_dir;

    #[test]
    fn a_run_whose_log_grows_past_what_is_read_ends_and_says_why() {
        let folder = std::env::temp_dir().join(format!("corral-follow-{}", crate::ambient::unique()));
        let (theirs, runs) = (folder.join("theirs"), folder.join("runs"));
        fs::create_dir_all(&theirs).unwrap();
        let log = theirs.join("trainer_log.jsonl");
        fs::write(&log, "{\"current_steps\": 1, \"total_steps\": 9, \"loss\": 0.5}\n").unwrap();
        let asked = ImportRequest {
            path: &theirs,
            name: None,
            shown: None,
        };
        let mut follow = Follow::new(&asked, &runs, Ambient::default()).unwrap();
        let begun = follow.poll().unwrap().begun;
        assert_eq!((begun.len(), follow.is_over()), (1, false));
        fs::write(&log, "{}\n".repeat(MAX_WEIGHT / POINT_WEIGHT + 1)).unwrap();
        // as if the time that it is left alone for after the first look were over
        follow.places.values_mut().for_each(|place| place.next = None);
        assert_eq!((follow.poll().unwrap().ended, follow.is_over()), (begun.clone(), true));
        let events = fs::read_to_string(begun[0].join(run_dir::EVENTS)).unwrap();
        for code in ["import_many_values", "import_end_untold"] {
            assert_eq!(events.matches(code).count(), 1, "{code}: {events}");
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}
