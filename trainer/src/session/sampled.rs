//! Prompts that are answered beside an evaluation. Keeping the answers fails no run: a full disk only ends them.

use super::Session;
use crate::error::{Error, Result};
use crate::samples::{self, SamplesFolder, Writer};
use crate::stop;
use protocol::config::Samples;
use protocol::event::Phase;
use protocol::samples::{Answered, Summary};
use protocol::says;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// How often it is told how far the answers are.
const TOLD_EVERY: Duration = Duration::from_secs(2);

/// What a run answers.
pub(super) struct Sampling {
    pub(super) spec: Samples,
    pub(super) folder: SamplesFolder,
}

impl Session<'_> {
    /// Finds the prompts, and what was written to them up to the step that the run goes on from.
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
        if let Some(folder) = self.unless_full(folder)? {
            self.sampling = Some(Sampling { spec, folder });
        }
        Ok(())
    }

    /// Answers the prompts: what they come to as metrics. `None`: asked to stop on the way, and nothing was written.
    pub(super) fn sample(&mut self) -> Result<Option<Vec<(String, f64)>>> {
        let Some(sampling) = &mut self.sampling else {
            return Ok(Some(vec![]));
        };
        let (started, mut told) = (Instant::now(), Instant::now());
        let total = sampling.folder.asked.len() as u64;
        let events = &mut *self.events;
        let mut writer = Writer {
            model: &mut self.model,
            encoder: &self.encoder,
            samples: &sampling.spec,
            seed: self.spec.seed,
        };
        let replies = samples::answer(&mut writer, &sampling.folder.asked, |done| {
            if stop::asked().is_some() {
                return Ok(ControlFlow::Break(()));
            }
            if told.elapsed() >= TOLD_EVERY {
                told = Instant::now();
                events.phase(Phase::Sampling, done as u64, total)?;
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let Some(replies) = replies else { return Ok(None) };
        let summary = Summary::of(&replies);
        let answered = Answered {
            step: self.state.step,
            seconds: started.elapsed().as_secs_f64(),
            summary,
        };
        let added = sampling.folder.add(&answered, &replies);
        self.unless_full(added)?;
        Ok(Some(summary.metrics().into()))
    }

    /// Where the folder can't be written that is said once, and nothing more is answered.
    fn unless_full<T>(&mut self, done: Result<T>) -> Result<Option<T>> {
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
