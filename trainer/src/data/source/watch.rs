//! Who waits while files are read: told how far the reading is, which ends where they give an error.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::Seek;

use super::super::error::{DataError, Result};
use crate::error;

/// Told of bytes that were read, of how many.
type Tell<'a> = dyn FnMut(u64, u64) -> error::Result<()> + 'a;

/// Who waits while files are read.
#[derive(Default)]
pub(in crate::data) struct Watch<'a> {
    tell: Option<RefCell<&'a mut Tell<'a>>>,
    /// Bytes of the files of the data set at hand.
    total: Cell<u64>,
    /// Of those that are read.
    before: Cell<u64>,
    /// The one being read: its handle tells where in it the reader stands.
    file: RefCell<Option<File>>,
    /// Its bytes that are read, where a handle doesn't tell.
    within: Cell<u64>,
}

impl<'a> Watch<'a> {
    /// Nobody waits.
    pub(in crate::data) fn none() -> Self {
        Self::default()
    }

    pub(in crate::data) fn new(tell: &'a mut Tell<'a>) -> Self {
        Self {
            tell: Some(RefCell::new(tell)),
            ..Self::default()
        }
    }

    /// Files of so many bytes are read from their beginning.
    pub(super) fn begin(&self, total: u64) {
        self.total.set(total);
        self.before.set(0);
        self.within.set(0);
    }

    /// The next file is read.
    pub(super) fn enter(&self, file: &File) {
        self.file.replace(file.try_clone().ok());
        self.within.set(0);
    }

    /// The file being read is read up to here.
    pub(super) fn at(&self, bytes: u64) {
        self.file.replace(None);
        self.within.set(bytes);
    }

    /// The file being read, of so many bytes, is done.
    pub(super) fn leave(&self, bytes: u64) {
        self.before.set(self.before.get() + bytes);
        self.at(0);
    }

    /// Tells how far it is.
    ///
    /// # Errors
    /// Who waits gave one.
    pub(in crate::data) fn tick(&self) -> Result<()> {
        let Some(tell) = &self.tell else { return Ok(()) };
        let within = match self.file.borrow_mut().as_mut().map(Seek::stream_position) {
            Some(Ok(at)) => at,
            _ => self.within.get(),
        };
        let total = self.total.get();
        let done = (self.before.get() + within).min(total);
        tell.borrow_mut()(done, total).map_err(DataError::interrupted)
    }
}
