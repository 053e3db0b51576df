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

/// A data set whose files were looked at.
pub struct Looked {
    /// What it goes by among all that is known.
    key: PathBuf,
    /// As the register has it.
    entry: String,
    /// How the trainer is asked about it.
    args: [String; 3],
    /// How its files stand; `None` where they are not here.
    stamp: Option<Result<Stamp, Said>>,
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
        let (inspections, folder, name) = (self.clone(), folder.to_owned(), name.to_owned());
        let looked = off_thread(move || inspections.look_in_register(&folder, &name)).await;
        self.inspect(looked.map_err(|error| error.said())??).await
    }

    /// What is known of a file that no register names, or of `FOLDER/NAME`, a data set of that folder's register.
    pub async fn of_file(&self, path: &Path) -> Result<Inspection, Said> {
        let (inspections, path) = (self.clone(), path.to_owned());
        let looked = off_thread(move || inspections.look_at_file(&path)).await;
        self.inspect(looked.map_err(|error| error.said())?).await
    }

    fn look_in_register(&self, folder: &Path, name: &str) -> Result<Looked, Said> {
        let mut entries = register::read(folder).map_err(|e| e.said())?;
        Ok(self.look_at_entry(folder, name, &entries.remove(name).unwrap_or_default()))
    }

    fn look_at_file(&self, path: &Path) -> Looked {
        if let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str()))
            && let Ok(entries) = register::read(folder)
            && let Some(entry) = entries.get(name)
        {
            return self.look_at_entry(folder, name, entry);
        }
        Looked {
            key: path.to_owned(),
            entry: String::new(),
            args: ["inspect".to_owned(), "--".to_owned(), path.display().to_string()],
            stamp: Some(state_of(path)),
        }
    }

    /// Looks at the files of a registered data set, as [`Inspections::inspect`] needs it. Waits for the disk.
    pub fn look_at_entry(&self, folder: &Path, name: &str, entry: &Value) -> Looked {
        let on_hub = || {
            let mut places = self.hubs.places();
            places.find_map(|place| place.dataset(entry[place.hub.entry_key()].as_str()?))
        };
        let path = file_of(folder, entry).or_else(on_hub);
        Looked {
            key: folder.join(name),
            entry: entry.to_string(),
            args: args(folder, name),
            stamp: path.map(|path| state_of(&path)),
        }
    }

    /// Inspects a data set, once for as long as its files and its entry stay as they are. An error is remembered only where the
    /// trainer says it of the file: that a program was missing, killed or slow may be over the next time.
    pub async fn inspect(&self, looked: Looked) -> Result<Inspection, Said> {
        let Looked {
            key,
            entry,
            args,
            stamp,
        } = looked;
        let Some(stamp) = stamp else {
            // a missing file may come at any time: the trainer says what is missing, and that is not cached
            return self.trainer.json(&args).await.map_err(|e| e.said());
        };
        let stamp = stamp?;
        let of = {
            let mut all = self.known.lock().unwrap_or_else(|e| e.into_inner());
            all.entry(key).or_default().clone()
        };
        let mut known = of.0.lock().await;
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
