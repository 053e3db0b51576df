//! The trainer's one error type: every message names the thing, the place and the mend.
use crate::data::DataError;
use protocol::memory::gigabytes;
use protocol::{Said, says};
use std::path::{Path, PathBuf};

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file that could not be read or written.
    #[error("{}", self.said())]
    Io { path: PathBuf, source: std::io::Error },
    /// A file whose content cannot be used; `why` says also what would do.
    #[error("{}", self.said())]
    File { path: PathBuf, why: Said },
    /// A request that cannot be met; the text says what to change.
    #[error("{0}")]
    Invalid(Said),
    /// Loss, gradients or a metric stopped being finite; the step was not made.
    #[error("{}", self.said())]
    Diverged { step: u64 },
    /// A data set, tokenizer or template.
    #[error(transparent)]
    Data(DataError),
    /// A signal asked for an end (`stop.rs`). Nothing failed: what it comes to is decided where the work was begun.
    #[error("{}", says::asked_to_stop())]
    Stopped,
    /// A card has no room for what is asked of it; all in bytes.
    #[error("{}", self.said())]
    CardMemory { wanted: usize, free: usize, total: usize },
    /// A card, or a library that drives it, failed: in its own words.
    #[error("the card failed: {0}")]
    Card(String),
    /// A failure inside the tensor library, out of memory for one.
    #[error("{}", crate::tensors::root(.0))]
    Tensor(#[from] candle_core::Error),
}

impl Error {
    pub fn io(path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.as_ref().to_path_buf();
        move |source| Self::Io { path, source }
    }

    pub fn file(path: impl AsRef<Path>, why: Said) -> Self {
        Self::File {
            path: path.as_ref().to_path_buf(),
            why,
        }
    }

    /// What can't happen but by a fault of ours.
    pub fn internal(why: impl Into<String>) -> Self {
        Self::Invalid(says::internal_error(why.into()))
    }

    pub fn invalid(said: Said) -> Self {
        Self::Invalid(said)
    }

    /// Whether the machine or the network failed rather than what was asked for: the same may go well the next time.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Io { source, .. } | Self::Data(DataError::Read { source, .. }) => !of_the_path(source),
            Self::Invalid(said) => ["download_failed", "no_downloader"].contains(&said.code.as_str()),
            _ => false,
        }
    }

    /// The file for which the disk has no room.
    pub fn full_disk(&self) -> Option<&Path> {
        match self {
            Self::Io { path, source } | Self::Data(DataError::Write { path, source, .. }) if disk_is_full(source) => {
                Some(path)
            }
            _ => None,
        }
    }

    /// The error as a run's last event tells it: what the board can say in other languages has a code.
    pub fn said(&self) -> Said {
        match self {
            Self::Diverged { step } => says::diverged(*step),
            Self::Io { path, source } => match disk_is_full(source) {
                true => says::disk_is_full(path),
                false => says::file(path, source),
            },
            Self::File { path, why } => says::file(path, why),
            Self::Invalid(said) => said.clone(),
            Self::Data(error) => error.said(),
            Self::Stopped => says::asked_to_stop(),
            Self::Tensor(_) => says::tensors_failed(self.to_string()),
            Self::CardMemory { wanted, free, total } => {
                let [wanted, free, total] = [wanted, free, total].map(|bytes| gigabytes(*bytes as u64));
                says::card_full(wanted, free, total)
            }
            Self::Card(_) => says::internal_error(self.to_string()),
        }
    }
}

impl From<DataError> for Error {
    fn from(error: DataError) -> Self {
        match error {
            DataError::Interrupted(error) => *error,
            error => Self::Data(error),
        }
    }
}

/// Whether the path itself is what can't be read.
fn of_the_path(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::*;
    matches!(
        error.kind(),
        NotFound
            | PermissionDenied
            | IsADirectory
            | NotADirectory
            | InvalidFilename
            | InvalidInput
            | InvalidData
            | UnexpectedEof
    ) || error.raw_os_error() == Some(libc::ELOOP)
}

fn disk_is_full(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_not_what_was_asked_for() {
        let of_system = |code| Error::io("a")(std::io::Error::from_raw_os_error(code));
        for (error, passes) in [
            (of_system(libc::EIO), true),
            (of_system(libc::EMFILE), true),
            (of_system(libc::ESTALE), true),
            (of_system(libc::ENOENT), false),
            (of_system(libc::EACCES), false),
            (of_system(libc::EISDIR), false),
            (of_system(libc::ELOOP), false),
            (Error::invalid(says::download_failed("m")), true),
            (Error::invalid(says::no_downloader("m", "corral", "gone")), true),
            (Error::invalid(says::no_model_folder("m")), false),
            (Error::file("a", Said::plain("no")), false),
        ] {
            assert_eq!(error.may_pass(), passes, "{error}");
        }
    }

    #[test]
    fn a_full_disk_is_told_whatever_was_written() {
        let failed = |code| std::io::Error::from_raw_os_error(code);
        let write = |code| Error::from(DataError::write(Path::new("a"), "tokenized_path", failed(code)));
        for (error, path) in [
            (Error::io("a")(failed(libc::ENOSPC)), Some(Path::new("a"))),
            (Error::io("a")(failed(libc::EIO)), None),
            (write(libc::EDQUOT), Some(Path::new("a"))),
            (write(libc::EACCES), None),
        ] {
            assert_eq!(error.full_disk(), path, "{error}");
        }
    }
}
