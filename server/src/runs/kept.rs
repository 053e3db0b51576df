//! What people decided about a run (name, note, tags, its place in the queue), kept in its directory as well: so that it
//! survives the loss of the database, and goes along when the directory is taken elsewhere.

use crate::db::{RunRow, SweepPlace};
use crate::whole;
use protocol::{Said, run_dir};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

/// Nothing that people write by hand comes near this.
const LONGEST: u64 = 1 << 20;

/// `board.json`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
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
    /// What is said of it where that stopped it early.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub early: Option<Said>,
}

impl Kept {
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

    /// Writes what the row says into its directory, whoever made that.
    ///
    /// # Errors
    /// When the disk won't take it.
    pub fn write(row: &RunRow) -> std::io::Result<()> {
        let bytes = serde_json::to_vec_pretty(&Self::of(row)).map_err(std::io::Error::other)?;
        whole::write(&row.directory.join(run_dir::BOARD), &bytes)
    }

    /// What a run directory says of itself; `None` when it says nothing that can be read.
    pub fn read(directory: &Path) -> Option<Self> {
        let path = directory.join(run_dir::BOARD);
        let meta = std::fs::symlink_metadata(&path).ok()?;
        if !meta.is_file() || meta.len() > LONGEST {
            return None;
        }
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }
}

/// Writes what changed, in the order in which it changed.
#[derive(Clone, Default)]
pub struct Keeper(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// What each run's file should hold, as far as this server knows.
    wanted: Mutex<HashMap<PathBuf, Kept>>,
    /// One writer at a time, who writes the newest there is.
    writing: Mutex<()>,
}

impl Keeper {
    /// Keeps what the row says now, unless the file says it already. Into a directory that was only taken up nothing
    /// is written before somebody decided something about the run.
    pub fn keep(&self, row: &RunRow) {
        let kept = Kept::of(row);
        let decided = kept.archived || !kept.note.is_empty() || !kept.tags.is_empty();
        let directory = row.directory.clone();
        if !row.ours && !decided && !directory.join(run_dir::BOARD).is_file() {
            return;
        }
        {
            let mut wanted = locked(&self.0.wanted);
            if wanted.get(&directory) == Some(&kept) {
                return;
            }
            wanted.insert(directory.clone(), kept);
        }
        let shared = self.0.clone();
        tokio::task::spawn_blocking(move || {
            let _one = locked(&shared.writing);
            let kept = locked(&shared.wanted).get(&directory).cloned();
            let Some(kept) = kept.filter(|kept| directory.is_dir() && Kept::read(&directory).as_ref() != Some(kept))
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
        locked(&self.0.wanted).remove(directory);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}
