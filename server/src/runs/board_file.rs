//! `board.json` of a run directory: what people decided about the run (name, note, tags, its place in the queue). It is stored there
//! as well as in the database, so that it survives the loss of that, and goes along when the directory is moved.

use crate::db::{RunRow, SweepPlace};
use crate::whole;
use crate::work::Tasks;
use protocol::{Said, run_dir};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

/// Bytes of the largest `board.json` that is read: no real one comes near.
const MAX_BYTES: u64 = 1 << 20;

/// `board.json`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BoardFile {
    pub id: String,
    pub name: String,
    pub note: String,
    pub tags: Vec<String>,
    pub archived: bool,
    pub parent: Option<String>,
    pub created: Option<i64>,
    /// Its place, while it waits.
    pub queued: Option<u64>,
    /// It waits to go on from a checkpoint.
    pub resume: bool,
    /// Its place in its sweep.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sweep: Option<SweepPlace>,
    /// Why its sweep stopped it early, where it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub early: Option<Said>,
}

impl BoardFile {
    pub(super) fn of(row: &RunRow) -> Self {
        let run = &row.summary;
        Self {
            id: run.id.clone(),
            name: run.name.clone(),
            note: run.note.clone(),
            tags: run.tags.clone(),
            archived: run.archived,
            parent: run.parent.clone(),
            created: Some(run.created),
            queued: run.queue_position,
            resume: row.resume,
            sweep: run.sweep.as_ref().map(|of| SweepPlace {
                sweep: of.id.clone(),
                index: of.index,
                point: of.point.clone(),
            }),
            early: row.early.clone(),
        }
    }

    /// Writes what the row says into the run's directory, whoever made that.
    ///
    /// # Errors
    /// When the disk won't take it.
    pub fn write(row: &RunRow) -> std::io::Result<()> {
        let bytes = serde_json::to_vec_pretty(&Self::of(row)).map_err(std::io::Error::other)?;
        whole::write(&row.directory.join(run_dir::BOARD), &bytes)
    }

    /// Reads the file of a run directory; `None` where there is none that can be read.
    pub fn read(directory: &Path) -> Option<Self> {
        let path = directory.join(run_dir::BOARD);
        let meta = std::fs::symlink_metadata(&path).ok()?;
        if !meta.is_file() || meta.len() > MAX_BYTES {
            return None;
        }
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }
}

/// Writes `board.json` of runs that changed, in the order of the changes. Cheap to clone.
#[derive(Clone)]
pub struct BoardFileWriter {
    tasks: Tasks,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// What each run's file should hold, by directory.
    wanted: Mutex<HashMap<PathBuf, BoardFile>>,
    /// Held while a file is written: each writer writes the newest state.
    writing: Mutex<()>,
}

impl BoardFileWriter {
    pub fn new(tasks: Tasks) -> Self {
        let shared = Arc::default();
        Self { tasks, shared }
    }

    /// Writes what the row says now, unless the file says it already. Nothing is written into a directory that was only adopted
    /// before somebody decided something about the run.
    pub fn keep(&self, row: &RunRow) {
        let kept = BoardFile::of(row);
        let decided = kept.archived || !kept.note.is_empty() || !kept.tags.is_empty();
        let directory = row.directory.clone();
        if !row.ours && !decided && !directory.join(run_dir::BOARD).is_file() {
            return;
        }
        {
            let mut wanted = locked(&self.shared.wanted);
            if wanted.get(&directory) == Some(&kept) {
                return;
            }
            wanted.insert(directory.clone(), kept);
        }
        let shared = self.shared.clone();
        self.tasks.spawn_blocking(move || {
            let _one = locked(&shared.writing);
            let kept = locked(&shared.wanted).get(&directory).cloned();
            let Some(kept) =
                kept.filter(|kept| directory.is_dir() && BoardFile::read(&directory).as_ref() != Some(kept))
            else {
                return;
            };
            let written = serde_json::to_vec_pretty(&kept)
                .map_err(std::io::Error::other)
                .and_then(|bytes| whole::write(&directory.join(run_dir::BOARD), &bytes));
            if let Err(error) = written {
                // the database has it; a directory that can't be written to is told of once
                tracing::warn!("{}: {error}", directory.join(run_dir::BOARD).display());
            }
        });
    }

    /// The run is deleted: its directory is nobody's.
    pub fn forget(&self, directory: &Path) {
        locked(&self.shared.wanted).remove(directory);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}
