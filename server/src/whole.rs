//! Atomic writes: a file appears whole or not at all. It is written beside its place, synced, then renamed over it.

use crate::ambient::unique;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Puts `bytes` into the file `path`, in place of what it held. On any error the file is as it was, and nothing else
/// is left.
///
/// # Errors
/// When the disk won't take it.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut temp = TempFile::beside(path)?;
    temp.write_all(bytes)?;
    temp.persist()
}

/// The same for a file that its owner alone may read.
///
/// # Errors
/// As [`write`].
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut temp = TempFile::beside(path)?;
    temp.file.set_permissions(fs::Permissions::from_mode(0o600))?;
    temp.write_all(bytes)?;
    temp.persist()
}

/// A file under a hidden name beside its target; dropped before it is persisted, it is deleted.
struct TempFile {
    file: File,
    name: PathBuf,
    target: PathBuf,
}

impl TempFile {
    fn beside(path: &Path) -> io::Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = path.with_file_name(format!(".{name}.{}.fresh", unique()));
        let file = File::options().write(true).create_new(true).open(&name)?;
        Ok(Self {
            file,
            name,
            target: path.to_owned(),
        })
    }

    /// Syncs the file and renames it over its target.
    fn persist(self) -> io::Result<()> {
        // a full disk may say so only now
        self.file.sync_all()?;
        fs::rename(&self.name, &self.target)?;
        // The new name itself is part of the folder. The file is the new one by now, so a file system that can't sync
        // folders makes no error.
        if let Some(folder) = self.target.parent()
            && let Err(error) = File::open(folder).and_then(|folder| folder.sync_all())
        {
            tracing::warn!("{} can't be synced: {error}", folder.display());
        }
        Ok(())
    }
}

impl Write for TempFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        // after the rename there is nothing of this name
        let _ = fs::remove_file(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let dir = std::env::temp_dir().join(format!("corral-whole-{}", std::process::id()));
        fs::create_dir_all(dir.join("taken")).unwrap();
        let path = dir.join("file.json");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert!(write(&dir.join("taken"), b"x").is_err());
        let mut names: Vec<_> = fs::read_dir(&dir).unwrap().flatten().map(|e| e.file_name()).collect();
        names.sort();
        assert_eq!(names, ["file.json", "taken"]);
        fs::remove_dir_all(dir).unwrap();
    }
}
