//! How far a file may grow when it is read: a small file that holds endlessly much is made to do harm.

use std::path::Path;

use protocol::says;

use super::super::error::{DataError, Result};

/// One row is no longer than this, in whatever file.
pub(super) const MAX_ROW: usize = 64 << 20;
/// Any file may grow to this.
const FREE: u64 = 1 << 30;
/// A larger one to so many times its size: texts pack to a tenth, those that repeat themselves to a hundredth.
const TIMES: u64 = 200;

/// What is left of what a file may grow to.
#[derive(Debug, Clone, Copy)]
pub(in crate::data) struct Budget {
    left: u64,
    most: u64,
}

impl Budget {
    /// Of a file of so many bytes.
    pub(super) fn of(bytes: u64) -> Self {
        Self::new(FREE.max(bytes.saturating_mul(TIMES)))
    }

    pub(in crate::data) fn new(most: u64) -> Self {
        Self { left: most, most }
    }

    /// Takes `bytes`; whether there was room for them.
    pub(super) fn take(&mut self, bytes: u64) -> bool {
        let left = self.left.checked_sub(bytes);
        self.left = left.unwrap_or(0);
        left.is_some()
    }

    /// The error of a file that grows further.
    pub(super) fn spent(&self, path: &Path) -> DataError {
        DataError::file(path, says::grows_too_far(self.most >> 20))
    }

    /// As [`take`](Self::take), with the error where there is no room.
    pub(super) fn pay(&mut self, path: &Path, bytes: u64) -> Result<()> {
        match self.take(bytes) {
            true => Ok(()),
            false => Err(self.spent(path)),
        }
    }
}
