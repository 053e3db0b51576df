//! What can go wrong between a data file and its tokens, each naming the thing, the place and the mend.

use std::path::{Path, PathBuf};

use protocol::event::BadRow;
use protocol::{Said, says};

/// Result of everything in [`crate::data`].
pub type Result<T> = std::result::Result<T, DataError>;

/// A data set, tokenizer or template that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    #[error("can't read {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    /// A file that is not what its name says, with the line where it stops making sense.
    #[error("{}: {problem}", path.display())]
    File { path: PathBuf, problem: Said },
    /// A name that `dataset_info.json` doesn't have.
    #[error("{0}")]
    UnknownDataset(Said),
    /// An entry of `dataset_info.json` that can't be followed.
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
    #[error("template {name}: {problem}")]
    Template { name: String, problem: Said },
    /// One row or conversation that can't be encoded.
    #[error("{0}")]
    Row(Said),
}

impl DataError {
    pub(crate) fn read(path: &Path, source: std::io::Error) -> Self {
        Self::Read {
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn file(path: &Path, problem: impl Into<Said>) -> Self {
        Self::File {
            path: path.to_owned(),
            problem: problem.into(),
        }
    }

    pub(crate) fn row(why: impl Into<Said>) -> Self {
        Self::Row(why.into())
    }

    pub(crate) fn dataset(name: &str, problem: impl Into<Said>) -> Self {
        Self::Dataset {
            name: name.to_owned(),
            problem: problem.into(),
        }
    }

    pub(crate) fn template(name: &str, problem: impl Into<Said>) -> Self {
        Self::Template {
            name: name.to_owned(),
            problem: problem.into(),
        }
    }
}

impl DataError {
    /// The error with its code.
    pub fn said(&self) -> Said {
        match self {
            Self::Read { path, source } => says::not_read(path, source),
            Self::File { path, problem } => says::file(path, problem),
            Self::UnknownDataset(said) | Self::Row(said) => said.clone(),
            Self::Dataset { name, problem } => says::of_dataset(name, problem),
            Self::NoUsableRow { .. } => self.to_string().into(),
            Self::Tokenizer { path, problem } => says::of_tokenizer(path, problem),
            Self::Template { name, problem } => says::of_template(name, problem),
        }
    }
}

fn no_usable_row(name: &str, total: usize, bad: &[BadRow]) -> String {
    let mut text = format!("data set `{name}` has no usable row among its {total}");
    for row in bad.iter().take(3) {
        text.push_str(&format!("; row {}: {}", row.row, row.reason));
    }
    if bad.len() > 3 {
        text.push_str("; …");
    }
    text
}
