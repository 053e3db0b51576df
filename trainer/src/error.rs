//! The trainer's one error type: every message names the thing, the place and the mend.
use protocol::{Said, says};
use std::path::{Path, PathBuf};

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file that could not be read or written.
    #[error("{}: {}", path.display(), io_reason(source))]
    Io { path: PathBuf, source: std::io::Error },
    /// A file whose content cannot be used; `why` says also what would do.
    #[error("{}: {why}", path.display())]
    File { path: PathBuf, why: Said },
    /// A request that cannot be met; the text says what to change.
    #[error("{0}")]
    Invalid(Said),
    /// Loss, gradients or a metric stopped being finite; the step was not made.
    #[error(
        "diverged at step {step}: the loss or its gradient is no longer a finite number; lower learning_rate, or raise \
         warmup_ratio"
    )]
    Diverged { step: u64 },
    /// A data set, tokenizer or template.
    #[error(transparent)]
    Data(#[from] crate::data::DataError),
    /// A failure inside the tensor library, out of memory for one.
    #[error("{}", crate::tensors::root(.0))]
    Tensor(#[from] candle_core::Error),
}

impl Error {
    pub fn io(path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.as_ref().to_path_buf();
        move |source| Self::Io { path, source }
    }

    pub fn file(path: impl AsRef<Path>, why: impl Into<Said>) -> Self {
        Self::File {
            path: path.as_ref().to_path_buf(),
            why: why.into(),
        }
    }

    pub fn invalid(said: impl Into<Said>) -> Self {
        Self::Invalid(said.into())
    }

    /// The error as a run's last event tells it: what the board can say in other languages has a code.
    pub fn said(&self) -> Said {
        let message = self.to_string();
        match self {
            Self::Diverged { step } => says::diverged(*step),
            Self::Io { path, source } => {
                let path = path.display().to_string();
                match disk_is_full(source) {
                    true => Said::new("disk_full", message).with_args([path]),
                    false => says::file(path, source),
                }
            }
            Self::File { path, why } => says::file(path, why),
            Self::Invalid(said) => said.clone(),
            Self::Data(error) => error.said(),
            Self::Tensor(_) => message.into(),
        }
    }
}

fn io_reason(error: &std::io::Error) -> String {
    match disk_is_full(error) {
        true => "the disk is full; make room, then resume from the last checkpoint".into(),
        false => error.to_string(),
    }
}

fn disk_is_full(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded
    )
}
