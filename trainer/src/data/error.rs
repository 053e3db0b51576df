//! Errors between a data file and its tokens; each names the file or setting, the place and the remedy.

use std::path::{Path, PathBuf};

use crate::error::Error;
use protocol::event::BadRow;
use protocol::named_file::Unread;
use protocol::said::Arg;
use protocol::{Said, says};

/// Result of everything in [`crate::data`].
pub type Result<T> = std::result::Result<T, DataError>;

/// A data set, tokenizer or template that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    #[error("can't write {}: {source}", path.display())]
    Write {
        path: PathBuf,
        /// The setting that names the folder.
        key: &'static str,
        source: std::io::Error,
    },
    #[error("can't read {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    /// A file that can't be understood, with the line where that begins.
    #[error("{}: {problem}", path.display())]
    File { path: PathBuf, problem: Said },
    /// A name that `dataset_info.json` doesn't have.
    #[error("{0}")]
    UnknownDataset(Said),
    /// An entry of `dataset_info.json` that can't be used.
    #[error("data set `{name}`: {problem}")]
    Dataset { name: String, problem: Said },
    #[error("{}", no_usable_row(name, *total, bad))]
    NoUsableRow {
        name: String,
        total: usize,
        /// The first few.
        bad: Vec<BadRow>,
    },
    #[error("tokenizer in {}: {problem}", path.display())]
    Tokenizer { path: PathBuf, problem: Said },
    /// A template that is not there, or can't be used.
    #[error("{0}")]
    Template(Said),
    /// Who waits and is told how far it is gave this error: that it is asked to stop, or one of their own.
    #[error(transparent)]
    Interrupted(Box<Error>),
    /// Nobody takes the rows any more: who reads them ends.
    #[error("{}", says::broken_off())]
    BrokenOff,
    /// One row or conversation that can't be encoded.
    #[error("{0}")]
    Row(Said),
}

impl DataError {
    pub(crate) fn interrupted(error: Error) -> Self {
        Self::Interrupted(Box::new(error))
    }

    pub(crate) fn read(path: &Path, source: std::io::Error) -> Self {
        Self::Read {
            path: path.to_owned(),
            source,
        }
    }

    /// Why a file that a person named is not read.
    pub(crate) fn unread(path: &Path, why: Unread) -> Self {
        match why {
            Unread::Io(error) => Self::read(path, error),
            Unread::Unfit(said) => Self::file(path, said),
        }
    }

    pub(crate) fn write(path: &Path, key: &'static str, source: std::io::Error) -> Self {
        Self::Write {
            path: path.to_owned(),
            key,
            source,
        }
    }

    pub(crate) fn file(path: &Path, problem: Said) -> Self {
        Self::File {
            path: path.to_owned(),
            problem,
        }
    }

    pub(crate) fn row(why: Said) -> Self {
        Self::Row(why)
    }

    pub(crate) fn dataset(name: &str, problem: Said) -> Self {
        Self::Dataset {
            name: name.to_owned(),
            problem,
        }
    }

    pub(crate) fn template(name: impl Into<Arg>, problem: Said) -> Self {
        Self::Template(says::of_template(name, problem))
    }
}

impl DataError {
    /// The error with its code.
    pub fn said(&self) -> Said {
        match self {
            Self::Write { path, key, source } => says::not_kept(path, source, *key),
            Self::Read { path, source } => says::not_read(path, source),
            Self::File { path, problem } => says::file(path, problem),
            Self::UnknownDataset(said) | Self::Row(said) | Self::Template(said) => said.clone(),
            Self::Interrupted(error) => error.said(),
            Self::BrokenOff => says::broken_off(),
            Self::Dataset { name, problem } => says::of_dataset(name, problem),
            Self::NoUsableRow { name, total, bad } => no_usable_row(name, *total, bad),
            Self::Tokenizer { path, problem } => says::of_tokenizer(path, problem),
        }
    }
}

fn no_usable_row(name: &str, total: usize, bad: &[BadRow]) -> Said {
    let more = (bad.len() > 3).then(|| Said::plain("…"));
    let first = bad
        .iter()
        .take(3)
        .map(|row| says::at_row(row.row, row.said()))
        .chain(more);
    let rows = first.reduce(says::row_and_more);
    says::no_usable_row(name, total, rows.unwrap_or_default())
}
