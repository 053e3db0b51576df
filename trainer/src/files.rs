//! Files that are whole or not there: written beside, synced, renamed; and small ones read with a bound.

use crate::error::{Error, Result};
use protocol::named_file::{self, Unread};
use protocol::{Said, config, pairs, run_dir, samples, says};
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Reads a config: a regular file, so that a pipe keeps nobody waiting and a device gives no endless text, and no long one.
///
/// # Errors
/// `Error::Io` where it can't be read; of kind `NotFound` where there is none.
pub fn read_config(path: &Path) -> Result<Vec<u8>> {
    named_file::read_config(path).map_err(unread(path))
}

/// [`read_config`] of a text; a file that is none is said to be none.
///
/// # Errors
/// As [`read_config`], or it is no UTF-8.
pub fn config_text(path: &Path) -> Result<String> {
    named_file::config_text(path).map_err(unread(path))
}

fn unread(path: &Path) -> impl FnOnce(Unread) -> Error {
    move |why| match why {
        Unread::Io(error) => Error::io(path)(error),
        Unread::Unfit(said) => Error::file(path, said),
    }
}

/// A path as a person writes it, with `~` and `$HOME` written out: for whatever names a file or a folder.
///
/// # Errors
/// What can't be written out, and is no name of a file either.
pub fn at_home(path: &str) -> std::result::Result<PathBuf, Said> {
    config::at_home(path).map_err(|what| what.said())
}

/// Where things that can be computed again are kept: `CORRAL_CACHE`, else the user's cache folder.
pub fn cache_dir() -> PathBuf {
    let var = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    var("CORRAL_CACHE")
        .or_else(|| var("XDG_CACHE_HOME").map(|p| p.join("corral")))
        .or_else(|| var("HOME").map(|p| p.join(".cache/corral")))
        .unwrap_or_else(|| std::env::temp_dir().join("corral"))
}

/// Makes a folder, and those above it that are not there, which this user alone enters.
///
/// # Errors
/// One of them can't be made.
pub fn private_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// How a new file is made that this user alone reads.
pub fn private() -> fs::OpenOptions {
    let mut options = File::options();
    options.read(true).write(true).create_new(true).mode(0o600);
    options
}

/// Whether this user may make a folder at `path`, or files in it.
///
/// # Errors
/// The nearest folder that is there can't be written.
pub fn may_write(path: &Path) -> io::Result<()> {
    let there = path.ancestors().find(|above| above.exists()).unwrap_or(Path::new("."));
    let text = std::ffi::CString::new(there.as_os_str().as_encoded_bytes())?;
    // SAFETY: the path is a C string that outlives the call
    match unsafe { libc::access(text.as_ptr(), libc::W_OK | libc::X_OK) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Whether a folder can be made at `path`, or is there.
///
/// # Errors
/// Something else is: a file, and a device or a pipe too, which a folder in its place would take from everybody.
pub fn check_out_folder(path: &Path) -> Result<()> {
    match path.exists() && !path.is_dir() {
        true => Err(Error::file(path, says::out_is_a_file())),
        false => Ok(()),
    }
}

/// Opens a regular file for reading; a pipe or a device is an error, not a wait.
pub fn open(path: &Path) -> Result<File> {
    named_file::open(path).map_err(unread(path))
}

/// Writes `bytes` to `path` in one step that a kill cannot split.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    let beside = hidden(path, "tmp")?;
    let written = File::create(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(Error::io(path))?;
    fs::rename(&beside, path).map_err(Error::io(path))?;
    sync_parent(path)
}

/// Makes a folder in one step: `fill` writes into a hidden one beside `path`, which then takes its name.
/// What `fill` leaves when it fails is removed.
///
/// # Errors
/// Another program is at it, `fill` fails, or a write does.
pub fn folder_atomic<T>(path: &Path, fill: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
    let beside = hidden(path, "tmp")?;
    fs::create_dir_all(&beside).map_err(Error::io(&beside))?;
    // held to the end, so that two never fill one folder
    let held = File::open(&beside).map_err(Error::io(&beside))?;
    if held.try_lock().is_err() {
        return Err(Error::file(path, says::out_is_being_written()));
    }
    empty_folder(&beside)?;
    let done = fill(&beside).and_then(|value| {
        sync_folder(&beside)?;
        retire(path)?;
        fs::rename(&beside, path).map_err(Error::io(path))?;
        sync_parent(path)?;
        Ok(value)
    });
    done.map_err(|error| {
        let _ = remove_folder(&beside);
        as_asked(error, &beside, path)
    })
}

/// An error of a file in the hidden folder, told by the name that it was to have.
fn as_asked(error: Error, beside: &Path, path: &Path) -> Error {
    let named = |at: PathBuf| match at.strip_prefix(beside) {
        Ok(within) if within.as_os_str().is_empty() => path.to_owned(),
        Ok(within) => path.join(within),
        Err(_) => at,
    };
    match error {
        Error::Io { path, source } => Error::Io {
            path: named(path),
            source,
        },
        Error::File { path, why } => Error::File { path: named(path), why },
        other => other,
    }
}

/// Removes a folder so that no half of it is ever seen under its name.
pub fn retire(path: &Path) -> Result<()> {
    if !path.exists() {
        return Ok(());
    }
    let aside = hidden(path, "old")?;
    remove_folder(&aside)?;
    fs::rename(path, &aside).map_err(Error::io(path))?;
    remove_folder(&aside)
}

/// Points the link `path` at `target` (relative to the link's folder) in one step.
pub fn link_atomic(path: &Path, target: &str) -> Result<()> {
    let beside = hidden(path, "tmp")?;
    if beside.symlink_metadata().is_ok() {
        fs::remove_file(&beside).map_err(Error::io(&beside))?;
    }
    // a copy that followed links left a folder there
    if path.symlink_metadata().is_ok_and(|found| found.is_dir()) {
        retire(path)?;
    }
    std::os::unix::fs::symlink(target, &beside).map_err(Error::io(path))?;
    fs::rename(&beside, path).map_err(Error::io(path))
}

/// Bytes that this user may still write where `path` lies.
pub fn free_room(path: &Path) -> Result<u64> {
    let text = std::ffi::CString::new(path.as_os_str().as_encoded_bytes());
    let text = text.map_err(|_| Error::file(path, says::no_path_of_file()))?;
    // SAFETY: statvfs fills the struct; the path is a C string that outlives the call
    let found = unsafe {
        let mut found: libc::statvfs = std::mem::zeroed();
        if libc::statvfs(text.as_ptr(), &mut found) != 0 {
            return Err(Error::io(path)(io::Error::last_os_error()));
        }
        found
    };
    Ok(found.f_bavail * found.f_frsize)
}

/// The last part of a path; of none, nothing.
pub fn named(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Removes what a killed worker left half-done in `dir`, and nothing of anybody else's.
pub fn sweep(dir: &Path) -> Result<()> {
    for entry in fs::read_dir(dir).map_err(Error::io(dir))? {
        let path = entry.map_err(Error::io(dir))?.path();
        if is_half_done(&named(&path)) {
            let is_folder = path.symlink_metadata().is_ok_and(|m| m.is_dir());
            match is_folder {
                true => remove_folder(&path)?,
                false => fs::remove_file(&path).map_err(Error::io(&path))?,
            }
        }
    }
    Ok(())
}

/// A name beside `path` that nobody else gives a file: what a killed program left under it is removed.
pub(crate) fn hidden(path: &Path, extension: &str) -> Result<PathBuf> {
    let name = path
        .file_name()
        .ok_or_else(|| Error::file(path, says::no_path_of_file()))?;
    Ok(path.with_file_name(format!(".{}.corral.{extension}", name.to_string_lossy())))
}

/// Whether it is such a name of something in a run directory.
fn is_half_done(name: &str) -> bool {
    let bare = name.strip_suffix(".tmp").or_else(|| name.strip_suffix(".old"));
    let Some(bare) = bare.and_then(|name| name.strip_prefix('.')) else {
        return false;
    };
    // as workers of before called it
    let known = [
        run_dir::CONFIG,
        run_dir::WORKER,
        run_dir::BEST,
        run_dir::PREDICTIONS,
        pairs::FOLDER,
        samples::FOLDER,
    ];
    bare.ends_with(".corral") || known.contains(&bare) || run_dir::checkpoint_step(bare).is_some()
}

fn remove_folder(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::io(path)(e)),
        _ => Ok(()),
    }
}

/// Removes what a killed program left in a folder.
fn empty_folder(path: &Path) -> Result<()> {
    for entry in fs::read_dir(path).map_err(Error::io(path))? {
        let inner = entry.map_err(Error::io(path))?.path();
        match inner.symlink_metadata().is_ok_and(|found| found.is_dir()) {
            true => remove_folder(&inner)?,
            false => fs::remove_file(&inner).map_err(Error::io(&inner))?,
        }
    }
    Ok(())
}

fn sync_folder(path: &Path) -> Result<()> {
    for entry in fs::read_dir(path).map_err(Error::io(path))? {
        let file = entry.map_err(Error::io(path))?.path();
        File::open(&file).and_then(|f| f.sync_all()).map_err(Error::io(&file))?;
    }
    File::open(path).and_then(|f| f.sync_all()).map_err(Error::io(path))
}

fn sync_parent(path: &Path) -> Result<()> {
    let parent = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(parent).and_then(|f| f.sync_all()).map_err(Error::io(parent))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// A folder of its own, removed at the end of the test.
    pub struct TempDir(PathBuf);

    impl TempDir {
        pub fn new() -> Self {
            static COUNT: AtomicU32 = AtomicU32::new(0);
            let name = format!(
                "corral-{}-{}",
                std::process::id(),
                COUNT.fetch_add(1, Ordering::Relaxed)
            );
            let path = std::env::temp_dir().join(name);
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }
        pub fn path(&self) -> &Path {
            &self.0
        }
    }

    impl Drop for TempDir {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(dir)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_failed_folder_leaves_the_old_one_whole() {
        let dir = TempDir::new();
        let path = dir.path().join("checkpoint-1");
        folder_atomic(&path, |at| write_atomic(&at.join("a"), b"old")).unwrap();
        let failed: Result<()> = folder_atomic(&path, |at| {
            write_atomic(&at.join("a"), b"new")?;
            Err(Error::internal("the disk is full"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(path.join("a")).unwrap(), b"old");
        assert_eq!(names(dir.path()), ["checkpoint-1"]);
    }

    #[test]
    fn two_never_fill_one_folder() {
        let dir = TempDir::new();
        let path = dir.path().join("merged");
        folder_atomic(&path, |at| {
            write_atomic(&at.join("a"), b"first")?;
            let second = folder_atomic(&path, |at| write_atomic(&at.join("a"), b"second"));
            assert!(second.unwrap_err().to_string().contains("merged"));
            Ok(())
        })
        .unwrap();
        assert_eq!(fs::read(path.join("a")).unwrap(), b"first");
        assert_eq!(names(dir.path()), ["merged"]);
    }

    #[test]
    fn what_somebody_else_keeps_beside_it_stays() {
        let dir = TempDir::new();
        let path = dir.path().join("merged");
        for theirs in [".merged.tmp", ".merged.old"] {
            fs::create_dir_all(dir.path().join(theirs)).unwrap();
            fs::write(dir.path().join(theirs).join("a"), "theirs").unwrap();
        }
        for _ in 0..2 {
            folder_atomic(&path, |at| write_atomic(&at.join("a"), b"ours")).unwrap();
        }
        assert_eq!(names(dir.path()), [".merged.old", ".merged.tmp", "merged"]);
        assert_eq!(fs::read(dir.path().join(".merged.old/a")).unwrap(), b"theirs");
    }

    #[test]
    fn what_a_kill_leaves_is_swept() {
        let dir = TempDir::new();
        let half = |name, extension| hidden(&dir.path().join(name), extension).unwrap();
        fs::create_dir_all(half("checkpoint-2", "tmp")).unwrap();
        fs::write(half("checkpoint-2", "tmp").join("a"), "half").unwrap();
        fs::write(half("config.yaml", "tmp"), "half").unwrap();
        fs::create_dir_all(half("checkpoint-1", "old")).unwrap();
        // as a worker of before left it
        fs::create_dir_all(dir.path().join(".checkpoint-3.tmp")).unwrap();
        for theirs in [".notes.tmp", ".checkpoint-mine.old"] {
            fs::write(dir.path().join(theirs), "theirs").unwrap();
        }
        link_atomic(&dir.path().join("checkpoint-best"), "checkpoint-1").unwrap();
        link_atomic(&dir.path().join("checkpoint-best"), "checkpoint-2").unwrap();
        sweep(dir.path()).unwrap();
        assert_eq!(
            names(dir.path()),
            [".checkpoint-mine.old", ".notes.tmp", "checkpoint-best"]
        );
        let target = fs::read_link(dir.path().join("checkpoint-best")).unwrap();
        assert_eq!(target, Path::new("checkpoint-2"));
    }
}
