//! Sample prompts, answered at each evaluation. A full disk ends only them, not the run.

use super::{Session, TOLD_EVERY};
use crate::error::{Error, Result};
use crate::events::Progress;
use crate::samples::{self, SamplesFolder, Writer};
use protocol::config::Samples;
use protocol::event::Phase;
use protocol::samples::{Answered, Summary};
use protocol::says;
use std::time::Instant;

/// The sample prompts of a run, and where their answers are kept.
pub(super) struct Sampling {
    pub(super) spec: Samples,
    pub(super) folder: SamplesFolder,
}

impl Session<'_> {
    /// Finds the prompts, and their answers up to the step that the run resumes from.
    pub(super) fn open_samples(&mut self) -> Result<()> {
        let step = self.state.step;
        let Some(spec) = self.spec.samples.clone() else {
            return samples::forget_past(&self.dir().join(protocol::samples::FOLDER), step);
        };
        let room = self.model.config().max_positions;
        let asked = samples::asked(&self.spec, &self.eval, &self.encoder, room)?;
        let held_out = asked.len() - spec.own.len();
        if held_out < spec.held_out {
            self.events.notice(says::samples_fewer(held_out, spec.held_out))?;
        }
        if asked.is_empty() {
            return Ok(());
        }
        let folder = SamplesFolder::open(self.dir(), asked, &spec, step);
        if let Some(folder) = self.kept_or_notice(folder)? {
            self.sampling = Some(Sampling { spec, folder });
        }
        Ok(())
    }

    /// Answers the prompts: what they come to as metrics. Nothing is written where it is asked to stop on the way.
    pub(super) fn sample(&mut self) -> Result<Vec<(String, f64)>> {
        let Some(sampling) = &mut self.sampling else {
            return Ok(vec![]);
        };
        let started = Instant::now();
        let total = sampling.folder.asked.len() as u64;
        let events = &mut *self.events;
        let mut writer = Writer {
            model: &mut self.model,
            encoder: &self.encoder,
            samples: &sampling.spec,
            seed: self.spec.seed,
        };
        let mut progress = Progress::every(TOLD_EVERY, Phase::Sampling);
        let replies = samples::answer(&mut writer, &sampling.folder.asked, |done| {
            progress.at(events, done as u64, total)
        })?;
        let summary = Summary::of(&replies);
        let answered = Answered {
            step: self.state.step,
            seconds: started.elapsed().as_secs_f64(),
            summary,
        };
        let added = sampling.folder.add(&answered, &replies);
        self.kept_or_notice(added)?;
        Ok(summary.metrics().into())
    }

    /// `None` if writing failed, after a notice: no prompts are answered from then on.
    fn kept_or_notice<T>(&mut self, done: Result<T>) -> Result<Option<T>> {
        match done {
            Err(Error::Io { path, source }) => {
                self.sampling = None;
                self.events
                    .notice(says::samples_not_kept(path.display().to_string(), source))?;
                Ok(None)
            }
            done => done.map(Some),
        }
    }
}
