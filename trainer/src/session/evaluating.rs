//! An evaluation of a run: held-out rows, sample prompts, and what follows from the metrics (early stopping, plateaus).

use super::{LastEvaluation, Session, TOLD_EVERY, finite};
use crate::checkpoint::Patience;
use crate::error::{Error, Result};
use crate::evaluate::{EvalSet, evaluate};
use crate::events::Progress;
use crate::pairs::Recording;
use crate::stage::{self, Training, ppo};
use protocol::config::Schedule;
use protocol::event::{Phase, TrainEvent};
use protocol::says;
use std::collections::BTreeMap;
use std::time::Instant;

impl Session<'_> {
    /// Evaluates, answers the sample prompts, and writes the event: nothing is written where it is asked to stop on the way.
    pub fn evaluate(&mut self) -> Result<()> {
        let started = Instant::now();
        let step = self.state.step;
        let mut values = BTreeMap::new();
        let (mut metric, mut recorded) = (None, None);
        if !self.eval.is_empty() {
            let mut recording = self.begin_recording()?;
            values = self.score(recording.as_mut())?;
            metric = Some(self.best_metric(&values)?);
            recorded = recording;
        }
        let loss = values.get("eval_loss").copied().unwrap_or(f64::NAN);
        values.extend(self.sample()?);
        let rule = &self.spec.best;
        if let (Some(metric), true, true) = (metric, step > 0, rule.patience.is_some()) {
            self.state.patience = Some(Patience::see(self.state.patience.take(), rule, metric));
        }
        let metrics = finite(values, step)?;
        self.end_recording(step, recorded)?;
        let epoch = self.feed.epochs(step);
        self.events.emit(TrainEvent::Eval { step, epoch, metrics })?;
        self.last_evaluation = metric.map(|metric| LastEvaluation { step, metric });
        self.state.evaluated = Some(step);
        // a plateau counts evaluations of the cadence: not the one before training, nor those of checkpoints alone
        if step > 0
            && self.is_due(self.spec.cadence.eval)
            && let (Some(watch), Schedule::ReduceOnPlateau(rule)) = (&mut self.state.plateau, &self.spec.optim.schedule)
        {
            watch.see(rule, loss);
        }
        self.speed.exclude(started.elapsed());
        Ok(())
    }

    /// The value of the metric that decides which checkpoint is the best (`metric_for_best_model`), among an
    /// evaluation's.
    ///
    /// # Errors
    /// The evaluation has no such metric.
    fn best_metric(&self, values: &BTreeMap<String, f64>) -> Result<f64> {
        let metric = &self.spec.best.metric;
        match values.get(metric) {
            Some(&value) => Ok(value),
            None if metric == "eval_loss" => Ok(f64::NAN),
            None => {
                let names: Vec<_> = values.keys().map(String::as_str).collect();
                Err(Error::invalid(says::no_such_metric(metric, names.join(", "))))
            }
        }
    }

    /// What the held-out rows come to.
    fn score(&mut self, recording: Option<&mut Recording>) -> Result<BTreeMap<String, f64>> {
        let total = self.eval.len() as u64;
        let held = EvalSet {
            dataset: &self.eval,
            method: &self.spec.method,
            batch: self.spec.batch.eval,
            running: self.state.running,
            router_loss: self.router_loss,
        };
        let events = &mut *self.events;
        let mut progress = Progress::every(TOLD_EVERY, Phase::Evaluating);
        let tick = |done| progress.at(events, done as u64, total);
        match stage::of(&self.spec.method) {
            Training::OnReplies(spec) => {
                let Some(judge) = &mut self.judge else {
                    return Err(Error::internal("stage ppo without a reward model"));
                };
                let held = ppo::PpoEvalSet {
                    dataset: &self.eval,
                    spec,
                    seed: self.spec.seed,
                    batch: self.spec.batch.eval,
                };
                ppo::evaluate(&held, judge, &mut self.model, &mut self.reference, tick)
            }
            Training::OnRows(_) => evaluate(&held, &mut self.model, &mut self.reference, recording, tick),
        }
    }
}
