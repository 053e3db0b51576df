//! Held-out pairs one by one, kept beside an evaluation's means: nobody asked for them, so a full disk stops no run.

use super::Session;
use crate::error::{Error, Result};
use crate::pairs::Recording;
use protocol::says;

impl Session<'_> {
    /// `None`: nothing is kept.
    pub(super) fn begin_recording(&mut self) -> Result<Option<Recording>> {
        let Some(pairs) = &mut self.pairs else { return Ok(None) };
        let begun = pairs.begin(&self.eval, &self.encoder);
        self.unless_unwritable(begun)
    }

    pub(super) fn end_recording(&mut self, step: u64, recording: Option<Recording>) -> Result<()> {
        let (Some(pairs), Some(recording)) = (&mut self.pairs, recording) else {
            return Ok(());
        };
        let added = pairs.add(step, recording);
        self.unless_unwritable(added).map(drop)
    }

    /// Where the folder can't be written that is said once, and nothing more is kept.
    fn unless_unwritable<T>(&mut self, done: Result<T>) -> Result<Option<T>> {
        match done {
            Err(Error::Io { path, source }) => {
                self.pairs = None;
                self.events
                    .notice(says::pairs_not_kept(path.display().to_string(), source))?;
                Ok(None)
            }
            done => done.map(Some),
        }
    }
}
