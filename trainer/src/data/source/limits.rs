//! Limits of how much a file may decompress to: a small file with a huge content (a zip bomb) is refused.

use std::path::Path;

use protocol::says;

use super::super::error::{DataError, Result};

/// A row longer than this is refused.
pub(super) const MAX_ROW: usize = 64 << 20;
/// Any file may decompress to this.
const FREE: u64 = 1 << 30;
/// A larger one may to so many times its size: texts compress to a tenth, repetitive ones to a hundredth.
const TIMES: u64 = 200;

/// How many bytes a file may still give.
#[derive(Debug, Clone, Copy)]
pub(in crate::data) struct Budget {
    left: u64,
    most: u64,
}

impl Budget {
    /// For a file of so many bytes.
    pub(super) fn of(bytes: u64) -> Self {
        Self::new(FREE.max(bytes.saturating_mul(TIMES)))
    }

    pub(in crate::data) fn new(most: u64) -> Self {
        Self { left: most, most }
    }

    /// Takes `bytes` off the budget; false if there are not as many left.
    pub(super) fn take(&mut self, bytes: u64) -> bool {
        let left = self.left.checked_sub(bytes);
        self.left = left.unwrap_or(0);
        left.is_some()
    }

    /// The error of a file past its limit.
    pub(super) fn spent(&self, path: &Path) -> DataError {
        DataError::file(path, says::grows_too_far(self.most >> 20))
    }

    /// As [`take`](Self::take), with an error if there are not as many left.
    pub(super) fn pay(&mut self, path: &Path, bytes: u64) -> Result<()> {
        match self.take(bytes) {
            true => Ok(()),
            false => Err(self.spent(path)),
        }
    }
}
