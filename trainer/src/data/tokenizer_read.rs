//! Reads the files of a tokenizer; errors and panics of the `tokenizers` crate become errors that name the file.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use protocol::{Said, says};
use serde_json::Value;

use super::error::{DataError, Result};

/// Files larger than this are not tokenizers.
const MAX_FILE: u64 = 256 << 20;

/// A JSON file of the folder; `Null` if there is none.
pub(super) fn json(dir: &Path, name: &str) -> Result<Value> {
    let path = dir.join(name);
    match read(&path)? {
        None => Ok(Value::Null),
        Some(bytes) => serde_json::from_slice(&bytes).map_err(|e| DataError::file(&path, says::not_json(e))),
    }
}

pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match std::fs::metadata(path) {
        Ok(meta) if meta.len() > MAX_FILE => {
            return Err(DataError::file(path, says::tokenizer_file_too_large()));
        }
        // a named pipe would block
        Ok(meta) if !meta.is_file() => return Err(DataError::file(path, says::no_regular_file())),
        Ok(_) => {}
        // nothing lies beside a GGUF file that stands for a folder
        Err(e)
            if matches!(
                e.kind(),
                std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(None);
        }
        Err(e) => return Err(DataError::read(path, e)),
    }
    std::fs::read(path).map(Some).map_err(|e| DataError::read(path, e))
}

/// Runs the crate on a file, and turns a panic into an error: the crate indexes and unwraps on what the file says.
pub(super) fn guarded<T>(path: &Path, doing: &str, work: impl FnOnce() -> tokenizers::Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work))
        .map_err(|_| fail(path, says::tokenizer_broken(doing)))?
        .map_err(|e| fail(path, says::file(doing, e.to_string())))
}

pub(super) fn fail(path: &Path, problem: Said) -> DataError {
    DataError::Tokenizer {
        path: path.to_owned(),
        problem,
    }
}
