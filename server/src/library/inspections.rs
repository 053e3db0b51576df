//! Inspections of data files by the trainer, each made once for a file as it stands, however many ask at once.

use super::datasets::at_home;
use super::hub::Hubs;
use super::register;
use crate::ApiError;
use crate::off_thread::off_thread;
use crate::trainer::Trainer;
use protocol::data::Inspection;
use protocol::{Said, says};
use serde_json::Value;
use std::collections::HashMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

/// What is in data files. Cheap to clone.
#[derive(Clone)]
pub struct Inspections {
    trainer: Trainer,
    hubs: Hubs,
    /// By data set.
    known: Arc<Mutex<HashMap<PathBuf, Arc<OfFile>>>>,
}

/// What is known of one data set. Whoever holds the lock inspects it; the others wait for the result.
#[derive(Default)]
struct OfFile(tokio::sync::Mutex<Option<Known>>);

struct Known {
    stamp: Stamp,
    entry: String,
    found: Result<Inspection, Said>,
}

/// The file, or the folder and all that lies in it, as they stood.
type Stamp = Vec<(u64, Option<SystemTime>)>;

/// Size and time of a file, or of a folder and all that lies in it.
fn stamp(path: &Path, meta: &Metadata) -> Stamp {
    let of = |meta: Metadata| (meta.len(), meta.modified().ok());
    let entries = std::fs::read_dir(path).ok().filter(|_| meta.is_dir());
    let mut paths: Vec<_> = entries
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    let inner = paths.iter().filter_map(|path| path.metadata().ok());
    std::iter::once(meta.clone()).chain(inner).map(of).collect()
}

impl Inspections {
    pub fn new(trainer: Trainer, hubs: Hubs) -> Self {
        Self {
            trainer,
            hubs,
            known: Arc::default(),
        }
    }

    /// What is known of a data set registered in `folder`.
    pub async fn inspection(&self, folder: &Path, name: &str) -> Result<Inspection, Said> {
        let entry = register::read(folder)
            .map_err(|e| e.said())?
            .remove(name)
            .unwrap_or_default();
        self.of_entry(folder, name, &entry).await
    }

    /// What is known of a file that no register names, or of `FOLDER/NAME`, a data set of that folder's register.
    pub async fn of_file(&self, path: &Path) -> Result<Inspection, Said> {
        if let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str()))
            && register::read(folder).is_ok_and(|entries| entries.contains_key(name))
        {
            return self.inspection(folder, name).await;
        }
        self.of_place(
            path.to_owned(),
            path,
            String::new(),
            ["inspect".to_owned(), "--".to_owned(), path.display().to_string()],
        )
        .await
    }

    /// Inspects a registered data set; what has not changed is not read again. An error is remembered only where the
    /// trainer says it of the file: that a program was missing, killed or slow may be over the next time.
    pub async fn of_entry(&self, folder: &Path, name: &str, entry: &Value) -> Result<Inspection, Said> {
        let on_hub = || {
            let mut places = self.hubs.places();
            places.find_map(|place| place.dataset(entry[place.hub.entry_key()].as_str()?))
        };
        let Some(path) = file_of(folder, entry).or_else(on_hub) else {
            // a missing file may come at any time: the trainer says what is missing, and that is not cached
            return self.ask(folder, name).await.map_err(|e| e.said());
        };
        self.of_place(folder.join(name), &path, entry.to_string(), args(folder, name))
            .await
    }

    /// Inspects a file by these arguments, once for as long as it and its entry stay as they are.
    async fn of_place(&self, key: PathBuf, path: &Path, entry: String, args: [String; 3]) -> Result<Inspection, Said> {
        let of = {
            let mut all = self.known.lock().unwrap_or_else(|e| e.into_inner());
            all.entry(key).or_default().clone()
        };
        let mut known = of.0.lock().await;
        let file = path.to_owned();
        let looked = off_thread(move || state_of(&file))
            .await
            .map_err(|error| error.said())?;
        let stamp = looked?;
        if let Some(known) = known
            .as_ref()
            .filter(|known| known.stamp == stamp && known.entry == entry)
        {
            return known.found.clone();
        }
        let asked = self.trainer.json::<Inspection>(&args).await;
        // what the trainer says stays true as long as the file does; an error of the errand may pass
        let is_lasting = matches!(asked, Ok(_) | Err(ApiError::Unusable(_)));
        let found = asked.map_err(|error| error.said());
        if is_lasting {
            *known = Some(Known {
                stamp,
                entry,
                found: found.clone(),
            });
        }
        found
    }

    /// What the trainer says of a data set of a folder's register.
    pub async fn ask(&self, folder: &Path, name: &str) -> Result<Inspection, ApiError> {
        self.trainer.json(&args(folder, name)).await
    }
}

/// The file an entry names, if it names one.
pub fn file_of(folder: &Path, entry: &Value) -> Option<PathBuf> {
    let file = entry["file_name"].as_str()?;
    // what can't be written out is told by the trainer, by its name
    Some(folder.join(at_home(file).unwrap_or_else(|_| file.into())))
}

/// What a file or a folder is known by: that changes with it.
fn state_of(path: &Path) -> Result<Stamp, Said> {
    let meta = path.metadata().map_err(|e| says::file(path, e))?;
    if !meta.is_file() && !meta.is_dir() {
        return Err(says::not_a_file(path));
    }
    Ok(stamp(path, &meta))
}

fn args(folder: &Path, name: &str) -> [String; 3] {
    [
        "inspect".to_owned(),
        format!("--dataset={name}"),
        format!("--dataset-dir={}", folder.display()),
    ]
}
