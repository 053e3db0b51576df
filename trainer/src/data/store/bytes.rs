//! Bytes that grow at their end: in memory, and beyond a size in a file without a name, which goes with the program.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::error::{DataError, Result};
use crate::files;

/// Where bytes lie that are too many for memory.
#[derive(Debug, Clone)]
pub(in crate::data) struct Place {
    pub folder: PathBuf,
    /// Bytes that stay in memory.
    pub in_memory: usize,
    /// What names another folder, where this one can't be written.
    pub key: &'static str,
    /// Files keep their names in the folder.
    pub named: bool,
    /// Data files of so many bytes together are worth keeping their tokens; those of fewer are tokenised in a moment.
    pub worth: u64,
}

/// Names another folder for what lies in the cache.
pub(in crate::data) const CACHE: &str = "CORRAL_CACHE";

impl Default for Place {
    fn default() -> Self {
        Self {
            folder: files::cache_dir().join("tokens"),
            key: CACHE,
            in_memory: 16 << 20,
            named: false,
            worth: 16 << 20,
        }
    }
}

/// Bytes that wait to be written at once.
const BUFFER: usize = 1 << 20;

/// Bytes as they are added.
pub(super) struct Growing {
    place: Place,
    name: &'static str,
    /// All of them, or those that the file has not yet.
    bytes: Vec<u8>,
    file: Option<File>,
    written: u64,
}

impl Growing {
    pub(super) fn new(place: &Place, name: &'static str) -> Self {
        Self {
            place: place.clone(),
            name,
            bytes: Vec::new(),
            file: None,
            written: 0,
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.written + self.bytes.len() as u64
    }

    pub(super) fn path(&self) -> &Path {
        &self.place.folder
    }

    pub(super) fn push(&mut self, bytes: impl IntoIterator<Item = u8>) -> Result<()> {
        self.bytes.extend(bytes);
        let most = match self.file {
            Some(_) => BUFFER,
            None => self.place.in_memory,
        };
        match self.bytes.len() > most {
            true => self.flush(),
            false => Ok(()),
        }
    }

    fn flush(&mut self) -> Result<()> {
        let folder = &self.place.folder;
        let written = (|| {
            let file = match &mut self.file {
                Some(file) => file,
                none => none.insert(match self.place.named {
                    true => files::private().open(folder.join(self.name))?,
                    false => nameless(folder, self.name)?,
                }),
            };
            file.write_all(&self.bytes)
        })();
        written.map_err(|e| DataError::write(folder, self.place.key, e))?;
        self.written += self.bytes.len() as u64;
        // what memory had before there was a file is given back
        match self.bytes.capacity() > 2 * BUFFER {
            true => self.bytes = Vec::with_capacity(2 * BUFFER),
            false => self.bytes.clear(),
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Bytes> {
        if self.file.is_some() || self.place.named {
            self.flush()?;
        }
        Ok(match self.file {
            None => Bytes::Memory(self.bytes),
            Some(file) => Bytes::File {
                file,
                path: self.place.folder,
            },
        })
    }
}

/// A file that nobody else sees and no kill leaves behind.
pub(super) fn nameless(folder: &Path, name: &str) -> io::Result<File> {
    files::private_folder(folder)?;
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let path = folder.join(format!(".{name}.{}-{next}.tmp", std::process::id()));
    let _ = fs::remove_file(&path);
    let file = files::private().open(&path)?;
    fs::remove_file(&path)?;
    Ok(file)
}

/// Bytes that change no more.
#[derive(Debug)]
pub(super) enum Bytes {
    Memory(Vec<u8>),
    File { file: File, path: PathBuf },
}

impl Bytes {
    pub(super) fn len(&self) -> Result<u64> {
        match self {
            Self::File { file, path } => Ok(file.metadata().map_err(|e| DataError::read(path, e))?.len()),
            Self::Memory(bytes) => Ok(bytes.len() as u64),
        }
    }

    /// Fills `into` with those from `at` on.
    pub(super) fn read_at(&self, at: u64, into: &mut [u8]) -> Result<()> {
        let read = match self {
            Self::File { file, .. } => file.read_exact_at(into, at),
            Self::Memory(bytes) => {
                let from = usize::try_from(at).unwrap_or(usize::MAX);
                let found = bytes.get(from..).and_then(|rest| rest.get(..into.len()));
                found
                    .map(|found| into.copy_from_slice(found))
                    .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
            }
        };
        read.map_err(|e| DataError::read(self.path(), e))
    }

    /// What to name where they can't be read.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Memory(_) => Path::new("tokens"),
            Self::File { path, .. } => path,
        }
    }
}
