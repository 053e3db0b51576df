//! Append-only bytes: in memory, and past a size in an unnamed file, which is gone when the program ends.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::error::{DataError, Result};
use crate::files;

/// Where bytes go that do not fit into memory.
#[derive(Debug, Clone)]
pub(in crate::data) struct Place {
    pub folder: PathBuf,
    /// How many bytes stay in memory.
    pub in_memory: usize,
    /// The setting that names the folder, for the error if it can't be written.
    pub key: &'static str,
    /// Whether files keep their names in the folder.
    pub named: bool,
    /// Tokens of data files with this many bytes are worth caching; smaller ones are tokenized in a moment.
    pub worth: u64,
}

/// The environment variable that names the cache folder.
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

/// How many bytes are written at once.
const BUFFER: usize = 1 << 20;

/// Writes bytes at the end.
pub(super) struct ByteWriter {
    place: Place,
    name: &'static str,
    /// All bytes, or those that are not in the file yet.
    bytes: Vec<u8>,
    file: Option<File>,
    written: u64,
}

impl ByteWriter {
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
                    false => unnamed_file(folder, self.name)?,
                }),
            };
            file.write_all(&self.bytes)
        })();
        written.map_err(|e| DataError::write(folder, self.place.key, e))?;
        self.written += self.bytes.len() as u64;
        // releases the memory that was used before there was a file
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

/// A file without a name: no other program sees it, and it is gone even if the program is killed.
pub(super) fn unnamed_file(folder: &Path, name: &str) -> io::Result<File> {
    files::private_folder(folder)?;
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let path = folder.join(format!(".{name}.{}-{next}.tmp", std::process::id()));
    let _ = fs::remove_file(&path);
    let file = files::private().open(&path)?;
    fs::remove_file(&path)?;
    Ok(file)
}

/// Bytes that are complete.
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

    /// Fills `into` with the bytes from position `at` on.
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

    /// The path for errors.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Memory(_) => Path::new("tokens"),
            Self::File { path, .. } => path,
        }
    }
}
