//! Files of fixed-size records, read one after the other or one alone, never as a whole.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Bytes that are read at a time.
const BUFFER: usize = 256 << 10;

/// The first `count` records of `N` bytes, in order; an error where the file ends before.
pub struct Records<const N: usize> {
    file: BufReader<File>,
    left: u64,
}

impl<const N: usize> Records<N> {
    /// # Errors
    /// The file can't be read.
    pub fn open(path: &Path, count: u64) -> io::Result<Self> {
        Ok(Self {
            file: BufReader::with_capacity(BUFFER, regular(path)?),
            left: count,
        })
    }
}

impl<const N: usize> Iterator for Records<N> {
    type Item = io::Result<[u8; N]>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let mut record = [0; N];
        Some(self.file.read_exact(&mut record).map(|()| record))
    }
}

/// `length` bytes from `at` on.
///
/// # Errors
/// The file can't be read, or ends before.
pub fn bytes_at(path: &Path, at: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    regular(path)?.read_exact_at(&mut bytes, at)?;
    Ok(bytes)
}

/// A file, and no pipe that would keep everybody waiting.
fn regular(path: &Path) -> io::Result<File> {
    match std::fs::symlink_metadata(path)?.is_file() {
        true => File::open(path),
        false => Err(io::Error::other(format!("{} is no file", path.display()))),
    }
}
