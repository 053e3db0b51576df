//! The lock of a data directory: one server works on it, since two would start each run twice.

use crate::serve::ServeError;
use crate::state::DataDir;
use protocol::says;
use std::fs::{File, TryLockError};
use std::io::{self, Seek, Write};
use std::time::Duration;

/// How often a lock that is held is asked for again, and after how long each time: two seconds in all. A server that was
/// killed while it started a worker still holds it through that child, which has every file open until it becomes the worker.
const AGAIN: usize = 100;
const PAUSE: Duration = Duration::from_millis(20);

/// A data directory that is ours alone. The kernel gives it back however we end.
pub struct Lock {
    file: File,
    /// The folder itself, too: the file can be deleted and made anew while the first is still held. Where a file system
    /// locks no folders, the file's lock is all there is.
    _folder: Option<File>,
}

impl Lock {
    /// Takes it, or says who has it.
    ///
    /// # Errors
    /// [`ServeError::Busy`] when another server has it.
    pub fn take(data_dir: &DataDir) -> Result<Self, ServeError> {
        let path = data_dir.lock();
        let open = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let unusable = |error| ServeError::DataDir(data_dir.root().into(), error);
        let file = open.map_err(unusable)?;
        let folder = File::open(data_dir.root()).map_err(unusable)?;
        if held(&file).map_err(unusable)? {
            let who = match std::fs::read_to_string(&path).unwrap_or_default() {
                url if url.is_empty() => says::held_by_unnamed(),
                url => says::held_by_board(url),
            };
            return Err(ServeError::Busy(data_dir.root().into(), who));
        }
        let _folder = match held(&folder) {
            Ok(false) => Some(folder),
            Ok(true) => {
                return Err(ServeError::Busy(data_dir.root().into(), says::lock_file_removed()));
            }
            Err(_) => None,
        };
        Ok(Self { file, _folder })
    }

    /// As [`Lock::take`], asking again for a moment where somebody has it.
    ///
    /// # Errors
    /// As [`Lock::take`].
    pub fn wait(data_dir: &DataDir) -> Result<Self, ServeError> {
        for _ in 0..AGAIN {
            match Self::take(data_dir) {
                Err(ServeError::Busy(..)) => std::thread::sleep(PAUSE),
                taken => return taken,
            }
        }
        Self::take(data_dir)
    }

    /// Writes where the board is, for whoever finds the lock held; nothing, for none.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn tell(&self, url: &str) -> io::Result<()> {
        let mut file = &self.file;
        file.set_len(0)?;
        // what was told before has left it further on
        file.rewind()?;
        file.write_all(url.as_bytes())
    }
}

/// Whether another holds the lock of a file; else it is ours as long as the file is open.
fn held(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(name: &str) -> DataDir {
        let folder = format!("corral-lock-{name}-{}", std::process::id());
        DataDir::open(&std::env::temp_dir().join(folder)).unwrap()
    }

    #[test]
    fn a_lock_that_comes_free_in_a_moment_is_waited_for() {
        let data_dir = opened("moment");
        let first = Lock::take(&data_dir).unwrap();
        first.tell("http://localhost:7859").unwrap();
        first.tell("http://localhost:7860").unwrap();
        assert_eq!(
            std::fs::read_to_string(data_dir.lock()).unwrap(),
            "http://localhost:7860"
        );
        let who = Lock::take(&data_dir).err().unwrap().to_string();
        assert!(who.contains("http://localhost:7860"), "{who}");

        // a server that was killed, and its last child a moment later
        let (file, child) = (
            first.file.try_clone().unwrap(),
            first._folder.as_ref().unwrap().try_clone().unwrap(),
        );
        drop(first);
        assert!(Lock::take(&data_dir).is_err());
        let ends = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(300));
            drop((file, child));
        });
        Lock::wait(&data_dir).unwrap();
        ends.join().unwrap();
        std::fs::remove_dir_all(data_dir.root()).unwrap();
    }

    #[test]
    fn a_lock_file_that_was_removed_is_no_way_in() {
        let data_dir = opened("removed");
        let _first = Lock::take(&data_dir).unwrap();
        std::fs::remove_file(data_dir.lock()).unwrap();
        assert!(matches!(Lock::take(&data_dir), Err(ServeError::Busy(..))));
        std::fs::remove_dir_all(data_dir.root()).unwrap();
    }
}
