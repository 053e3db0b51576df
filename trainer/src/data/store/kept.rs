//! The token cache on disk: folders of rows, each with a manifest of all that the rows depend on.

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
use super::{RowKind, Store};
use crate::batch::hex;
use crate::files;

/// The version of the format.
const FORMAT: u32 = 2;
/// The manifest of a folder; it is written last.
const MANIFEST: &str = "tokens.json";
/// Folders that no run has used for so long are removed.
const MAX_UNUSED: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The ending of a pending folder's name.
const PENDING: &str = ".tmp";
/// A pending folder without a lock is left alone for so long: it is created before it is locked.
const LOCK_GRACE: Duration = Duration::from_secs(60);

/// All that a folder's tokens depend on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::data) struct Origin {
    pub data: Vec<DataSetOrigin>,
    /// What took the rows (`Intake::kept_as`).
    pub task: String,
    pub cutoff_len: usize,
    pub max_samples: Option<usize>,
    pub mixing: String,
    /// The seed, if something is drawn.
    pub seed: Option<u64>,
    /// Samples drawn before these: `[rows, drawn]` each.
    pub drawn_before: Vec<[usize; 2]>,
    pub template: String,
    /// The day or time, if the template uses it.
    pub moment: Option<String>,
    pub tokenizer: String,
}

/// A data set that tokens were made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::data) struct DataSetOrigin {
    pub name: String,
    /// Its entry, and what identifies its files; `None` if they are not on this machine.
    pub files: Option<String>,
}

impl DataSetOrigin {
    /// Whether its rows are sampled.
    pub(in crate::data) fn is_sampled(&self) -> bool {
        self.files.as_ref().is_some_and(|files| files.contains("num_samples"))
    }
}

impl Origin {
    /// Takes over from a named folder's origin what need not agree: data files that are not on this machine, and the
    /// day when the tokens were made.
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

    /// The config key of the first difference from `other`.
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

    /// The name of the cache folder of these tokens.
    pub(in crate::data) fn name(&self) -> String {
        let text = serde_json::json!([FORMAT, program(), self]).to_string();
        hex(&Sha256::digest(text)[..16])
    }
}

/// Identifies this build of the program: another may tokenize in another way.
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

/// The manifest of a folder of rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::data) struct Manifest {
    pub format: u32,
    pub origin: Origin,
    pub kind: RowKind,
    pub rows: usize,
    pub largest: Option<u32>,
    /// How many rows there were after each data set.
    pub ends: Vec<usize>,
    /// How data sets were sampled: `[rows, drawn]` each.
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

    /// Reads a folder's manifest; `None` if it has none.
    ///
    /// # Errors
    /// It is damaged, or of another version.
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

    /// Opens a folder's rows, and marks them as used today.
    pub(in crate::data) fn open(&self, folder: &Path) -> Result<Store> {
        let open = |name: &str| {
            let path = folder.join(name);
            let file = File::open(&path).map_err(|e| DataError::read(&path, e))?;
            Ok(Bytes::File { file, path })
        };
        if let Ok(manifest) = File::options().append(true).open(folder.join(MANIFEST)) {
            // in a read-only folder the time can't be set
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

/// A folder that is being written under another name, so that it is whole once it has its own.
pub(in crate::data) struct PendingFolder {
    folder: PathBuf,
    /// The setting that names the folder, for errors.
    key: &'static str,
    beside: PathBuf,
    /// Held while the folder is written.
    _lock: File,
}

impl PendingFolder {
    pub(in crate::data) fn begin(folder: &Path, key: &'static str) -> Result<Self> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // a random name: machines and containers may share the folder above, with the same process ids
        let beside = folder.with_file_name(format!(".{name}.{:016x}{PENDING}", rand::random::<u64>()));
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

    /// Gives the folder its name, unless another run has completed it meanwhile.
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
                // only now, as a pending folder without a lock is never removed; a lock left by a kill does no harm
                Ok(()) => fs::remove_file(self.folder.join(LOCK)).or(Ok(())),
            }
        };
        written().map_err(|e| DataError::write(&self.folder, self.key, e))
    }
}

const LOCK: &str = "lock";

impl Drop for PendingFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.beside);
    }
}

/// Removes from a cache what killed runs left pending, what no run has used for long, and the longest unused folders
/// past `most` bytes. Runs that read them have their files open.
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
        if unused > MAX_UNUSED || sum > most {
            let _ = fs::remove_dir_all(&folder);
        }
    }
}

/// Removes what killed runs left pending in a folder.
pub(in crate::data) fn sweep_half_done(folder: &Path) {
    for half in folders(folder).filter(|folder| is_half_done(folder)) {
        let lock = File::options().write(true).open(half.join(LOCK));
        // without a lock it is not a run's: a person's own folder may have such a name
        let free = lock.is_ok_and(|lock| lock.try_lock().is_ok());
        if free && age(&half).is_some_and(|age| age > LOCK_GRACE) {
            let _ = fs::remove_dir_all(&half);
        }
    }
}

fn folders(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir())
}

/// Whether it has a pending folder's name.
fn is_half_done(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().as_encoded_bytes();
    name.starts_with(b".") && name.ends_with(PENDING.as_bytes())
}

fn age(path: &Path) -> Option<Duration> {
    let changed = path.metadata().and_then(|meta| meta.modified()).ok()?;
    SystemTime::now().duration_since(changed).ok()
}
