//! Scores of single held-out pairs, kept at each evaluation. A full disk ends only them, not the run: nobody asked for
//! them.

use super::Session;
use crate::error::{Error, Result};
use crate::pairs::Recording;
use protocol::says;

impl Session<'_> {
    /// Starts to record an evaluation's pairs. `None`: nothing is recorded.
    pub(super) fn begin_recording(&mut self) -> Result<Option<Recording>> {
        let Some(pairs) = &mut self.pairs else { return Ok(None) };
        let begun = pairs.begin(self.state.step, &self.eval, &self.encoder);
        self.recorded_or_notice(begun)
    }

    /// Writes a step's recording.
    pub(super) fn end_recording(&mut self, step: u64, recording: Option<Recording>) -> Result<()> {
        let (Some(pairs), Some(recording)) = (&mut self.pairs, recording) else {
            return Ok(());
        };
        let added = pairs.add(step, recording);
        self.recorded_or_notice(added).map(drop)
    }

    /// `None` if writing failed, after a notice: nothing is recorded from then on.
    fn recorded_or_notice<T>(&mut self, done: Result<T>) -> Result<Option<T>> {
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
