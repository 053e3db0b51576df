//! Tokens kept from one run to the next: folders of rows, each with all that they depend on.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use protocol::event::DataReport;
use protocol::says;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::error::{DataError, Result};
use super::bytes::{Bytes, Place};
use super::{Kind, Store};
use crate::batch::hex;
use crate::files;

/// How rows are written down.
const FORMAT: u32 = 2;
/// What describes the rows beside it; it is written last.
const MANIFEST: &str = "tokens.json";
/// What no run has used for so long goes.
const UNUSED: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Ends the name of a folder on its way.
const HALF: &str = ".tmp";
/// A folder is begun before it is locked.
const BEGUN: Duration = Duration::from_secs(60);

/// All that tokens depend on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::data) struct Origin {
    pub data: Vec<DataSetOrigin>,
    /// What becomes of a row.
    pub task: String,
    pub cutoff_len: usize,
    pub max_samples: Option<usize>,
    pub mixing: String,
    /// Where something is drawn.
    pub seed: Option<u64>,
    /// What was drawn before these: of how many rows, how many.
    pub drawn_before: Vec<[usize; 2]>,
    pub template: String,
    /// What a template that asks for the day, or the time, is told.
    pub moment: Option<String>,
    pub tokenizer: String,
}

/// A data set that tokens are made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::data) struct DataSetOrigin {
    pub name: String,
    /// Its entry and its files with what they are known by; `None`: they are not on this machine.
    pub files: Option<String>,
}

impl DataSetOrigin {
    /// Whether some of its rows are drawn.
    pub(in crate::data) fn is_sampled(&self) -> bool {
        self.files.as_ref().is_some_and(|files| files.contains("num_samples"))
    }
}

impl Origin {
    /// Takes from those of a folder that a person named what can't be held against them: data files that are not on this
    /// machine, and the day the tokens were made.
    pub(in crate::data) fn allow(&mut self, found: &Self) {
        let mut away = false;
        for (set, found) in self.data.iter_mut().zip(&found.data) {
            if set.files.is_none() {
                away = true;
                set.files.clone_from(&found.files);
            }
        }
        if away && self.seed.is_none() {
            self.seed = found.seed;
        }
        if self.moment.is_some() {
            self.moment.clone_from(&found.moment);
        }
    }

    /// The key whose change the first difference from `other` is.
    pub(in crate::data) fn differs(&self, other: &Self) -> Option<&'static str> {
        [
            ("dataset", self.data == other.data),
            ("stage", self.task == other.task),
            ("cutoff_len", self.cutoff_len == other.cutoff_len),
            ("max_samples", self.max_samples == other.max_samples),
            ("mix_strategy", self.mixing == other.mixing),
            ("seed", self.seed == other.seed),
            ("dataset", self.drawn_before == other.drawn_before),
            (
                "template",
                self.template == other.template && self.moment == other.moment,
            ),
            ("tokenizer", self.tokenizer == other.tokenizer),
        ]
        .into_iter()
        .find_map(|(key, same)| (!same).then_some(key))
    }

    /// The name of the folder that a cache keeps them in.
    pub(in crate::data) fn name(&self) -> String {
        let text = serde_json::json!([FORMAT, program(), self]).to_string();
        hex(&Sha256::digest(text)[..16])
    }
}

/// This very program: another one may tokenise otherwise.
fn program() -> String {
    let meta = std::env::current_exe().and_then(fs::metadata);
    let built = meta
        .ok()
        .and_then(|meta| Some((meta.len(), since_epoch(meta.modified().ok()?))));
    format!("{} {built:?}", env!("CARGO_PKG_VERSION"))
}

/// Nanoseconds since 1970.
pub(in crate::data) fn since_epoch(time: SystemTime) -> u128 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos())
}

/// What is told of kept rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::data) struct Manifest {
    pub format: u32,
    pub origin: Origin,
    pub kind: Kind,
    pub rows: usize,
    pub largest: Option<u32>,
    /// How many rows there were behind each data set.
    pub ends: Vec<usize>,
    /// How data sets were sampled: of how many rows, how many.
    pub samples: Vec<[usize; 2]>,
    pub reports: Vec<DataReport>,
}

impl Manifest {
    pub(in crate::data) fn of(store: &Store, origin: Origin) -> Self {
        Self {
            format: FORMAT,
            origin,
            kind: store.kind,
            rows: store.len,
            largest: store.largest,
            ends: vec![],
            samples: vec![],
            reports: vec![],
        }
    }

    /// What a folder keeps; `None`: nothing.
    ///
    /// # Errors
    /// It keeps something else.
    pub(in crate::data) fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(MANIFEST);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(DataError::read(&path, e)),
        };
        match serde_json::from_slice::<Self>(&bytes) {
            Ok(found) if found.format == FORMAT => Ok(Some(found)),
            _ => Err(DataError::file(&path, says::tokens_damaged())),
        }
    }

    /// The rows that a folder keeps. They count as used today.
    pub(in crate::data) fn open(&self, folder: &Path) -> Result<Store> {
        let open = |name: &str| {
            let path = folder.join(name);
            let file = File::open(&path).map_err(|e| DataError::read(&path, e))?;
            Ok(Bytes::File { file, path })
        };
        if let Ok(manifest) = File::options().append(true).open(folder.join(MANIFEST)) {
            // a folder that may not be written keeps its time
            let _ = manifest.set_modified(SystemTime::now());
        }
        let store = Store {
            kind: self.kind,
            rows: open(super::ROWS)?,
            heads: open(super::HEADS)?,
            len: self.rows,
            largest: self.largest,
        };
        match store.is_whole() {
            Ok(true) => Ok(store),
            Ok(false) | Err(_) => Err(DataError::file(folder, says::tokens_damaged())),
        }
    }
}

/// A folder on its way: whole under its name, or not there.
pub(in crate::data) struct Keeping {
    folder: PathBuf,
    /// What names another folder.
    key: &'static str,
    beside: PathBuf,
    /// Held for as long as it is written.
    _lock: File,
}

impl Keeping {
    pub(in crate::data) fn begin(folder: &Path, key: &'static str) -> Result<Self> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // machines and containers may share the folder above, and so process ids
        let beside = folder.with_file_name(format!(".{name}.{:016x}{HALF}", rand::random::<u64>()));
        let begun = || {
            files::private_folder(&beside)?;
            let lock = files::private().open(beside.join(LOCK))?;
            lock.lock()?;
            Ok(lock)
        };
        let lock = begun().map_err(|e| DataError::write(&beside, key, e))?;
        Ok(Self {
            folder: folder.to_owned(),
            key,
            beside,
            _lock: lock,
        })
    }

    pub(in crate::data) fn place(&self) -> Place {
        Place {
            folder: self.beside.clone(),
            key: self.key,
            in_memory: 0,
            named: true,
            ..Place::default()
        }
    }

    /// Gives the folder its name; one that another run has brought there meanwhile stays.
    pub(in crate::data) fn end(self, manifest: &Manifest) -> Result<()> {
        let written = || {
            for name in [super::ROWS, super::HEADS] {
                File::open(self.beside.join(name))?.sync_data()?;
            }
            let text = serde_json::to_vec(manifest).map_err(io::Error::other)?;
            let mut described = files::private().open(self.beside.join(MANIFEST))?;
            described.write_all(&text)?;
            described.sync_data()?;
            match fs::rename(&self.beside, &self.folder) {
                Err(_) if matches!(Manifest::read(&self.folder), Ok(Some(_))) => Ok(()),
                Err(error) => Err(error),
                // only now, as a half-done folder without a lock is nobody's to remove; one left by a kill does no harm
                Ok(()) => fs::remove_file(self.folder.join(LOCK)).or(Ok(())),
            }
        };
        written().map_err(|e| DataError::write(&self.folder, self.key, e))
    }
}

const LOCK: &str = "lock";

impl Drop for Keeping {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.beside);
    }
}

/// Removes from a cache what killed runs left half-done, what no run has used for long, and what is more than its bound,
/// the longest unused first. Runs that read it meanwhile hold its files open.
pub(in crate::data) fn sweep(cache: &Path, most: u64) {
    sweep_half_done(cache);
    let mut kept: Vec<(Duration, u64, PathBuf)> = folders(cache)
        .filter(|folder| !is_half_done(folder))
        .filter_map(|folder| {
            let unused = age(&folder.join(MANIFEST)).or_else(|| age(&folder))?;
            let bytes =
                [super::ROWS, super::HEADS].map(|name| folder.join(name).metadata().map_or(0, |meta| meta.len()));
            Some((unused, bytes.iter().sum(), folder))
        })
        .collect();
    kept.sort();
    let mut sum: u64 = 0;
    for (unused, bytes, folder) in kept {
        sum = sum.saturating_add(bytes);
        if unused > UNUSED || sum > most {
            let _ = fs::remove_dir_all(&folder);
        }
    }
}

/// Removes what killed runs left half-done in a folder.
pub(in crate::data) fn sweep_half_done(folder: &Path) {
    for half in folders(folder).filter(|folder| is_half_done(folder)) {
        let lock = File::options().write(true).open(half.join(LOCK));
        // without one it is no run's: a person's folder may be called so too
        let free = lock.is_ok_and(|lock| lock.try_lock().is_ok());
        if free && age(&half).is_some_and(|age| age > BEGUN) {
            let _ = fs::remove_dir_all(&half);
        }
    }
}

fn folders(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir())
}

/// Whether it has the name of a folder on its way.
fn is_half_done(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().as_encoded_bytes();
    name.starts_with(b".") && name.ends_with(HALF.as_bytes())
}

fn age(path: &Path) -> Option<Duration> {
    let changed = path.metadata().and_then(|meta| meta.modified()).ok()?;
    SystemTime::now().duration_since(changed).ok()
}
