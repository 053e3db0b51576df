//! What the rules need to know of a run: a fold over its events in bounded memory. Each event costs the same however long the
//! run is.

use super::curve::{Curve, Point, median};
use crate::Said;
use crate::event::{Event, Metrics, Outcome, TrainEvent};
use crate::fold::{Fold, Rewind};
use crate::metric::{eval_name, held_out};
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, BufRead};

/// Training metrics whose curves are kept, by their names in events.
const TRAINING_CURVES: &[&str] = &[
    "loss",
    "grad_norm",
    "rewards/accuracies",
    "accuracy",
    "tokens_per_second",
    "tokens/responses_len_mean",
];
/// Evaluation metrics whose curves are kept, by their bare names.
const EVALUATION_CURVES: &[&str] = &[
    "loss",
    "logps/chosen",
    "preference/accuracies",
    "preference/margins",
    "accuracy",
    "reward",
    "completions/mean_length",
    "completions/clipped_ratio",
    "completions/repetition",
];
/// How many of the newest gradient norms and speeds are kept one by one.
pub const RECENT: usize = 24;
/// Spikes and checkpoints that are kept, at most.
const MAX_KEPT: usize = 16;

/// A step whose gradient norm was far larger than those before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spike {
    pub step: u64,
    pub norm: f64,
    /// The median norm of the steps before it.
    pub usual: f64,
}

/// Spikes of the gradient norm.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Spikes {
    recent: VecDeque<f64>,
    /// The largest, [`MAX_KEPT`] at most.
    pub spikes: Vec<Spike>,
    pub count: u64,
    /// The step of the first.
    pub first: Option<u64>,
}

/// A spike is this many times the median of the steps before it. Norms of good runs stay within two or three times; PaLM's
/// authors (arXiv 2204.02311, 5.1) report spikes of the loss where they left that range.
const SPIKE_FACTOR: f64 = 10.0;

impl Spikes {
    fn push(&mut self, step: u64, norm: f64) {
        let usual = match self.recent.len() {
            RECENT => median(self.recent.iter().copied().collect()),
            _ => None,
        };
        if let Some(usual) = usual.filter(|usual| *usual > 0.0 && norm > SPIKE_FACTOR * usual) {
            self.count += 1;
            self.first.get_or_insert(step);
            self.spikes.push(Spike { step, norm, usual });
            if self.spikes.len() > MAX_KEPT {
                self.spikes.sort_by(|a, b| b.norm.total_cmp(&a.norm));
                self.spikes.truncate(MAX_KEPT);
            }
        }
        remember(&mut self.recent, RECENT, norm);
    }

    fn forget(&mut self, rewind: Rewind) {
        self.spikes.retain(|spike| !rewind.forgets(spike.step));
        self.first = self.first.filter(|first| !rewind.forgets(*first));
        self.count = self.spikes.len() as u64;
        self.recent.clear();
    }
}

/// Since when every training pair is right.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Perfect {
    /// The step at which the current streak of perfect logs began, and its length.
    streak: Option<(u64, u64)>,
    /// The step at which the first streak began that was long enough.
    pub since: Option<u64>,
}

/// This many perfect logs in a row are not luck: with micro-batches of a few pairs, runs that still get one pair in twenty wrong
/// often have three in a row, and hardly ever eight.
const PERFECT_LOGS: u64 = 8;

impl Perfect {
    fn push(&mut self, step: u64, accuracy: f64) {
        if accuracy < 1.0 {
            self.streak = None;
            return;
        }
        let (from, count) = self.streak.map_or((step, 1), |(from, count)| (from, count + 1));
        self.streak = Some((from, count));
        if count >= PERFECT_LOGS {
            self.since.get_or_insert(from);
        }
    }

    fn forget(&mut self, rewind: Rewind) {
        self.streak = None;
        self.since = self.since.filter(|since| !rewind.forgets(*since));
    }
}

/// An evaluation's loss and, where pairs are held out, the share in which the chosen reply is preferred.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evaluation {
    pub step: u64,
    pub loss: f64,
    pub accuracy: Option<f64>,
}

/// Usable rows of a data set, and how many of them were cut to `cutoff_len`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rows {
    pub usable: u64,
    pub cut: u64,
}

/// How a run's worker ended.
#[derive(Debug, Clone, PartialEq)]
pub struct End {
    pub outcome: Outcome,
    pub said: Said,
}

/// What the rules look at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vitals {
    /// Whether a worker of Corral runs it, and not another program.
    pub ours: bool,
    pub total_steps: Option<u64>,
    pub eval_rows: u64,
    pub all_params: u64,
    pub step: u64,
    /// Time of the newest event, in milliseconds since the Unix epoch.
    pub heard: i64,
    curves: BTreeMap<&'static str, Curve>,
    evaluated: BTreeMap<&'static str, Curve>,
    pub spikes: Spikes,
    pub perfect: Perfect,
    /// Newest speeds, tokens per second.
    pub speeds: VecDeque<Point>,
    /// The newest logged steps with their times, in milliseconds since the Unix epoch.
    times: VecDeque<(u64, i64)>,
    pub lowest: Option<Evaluation>,
    pub newest: Option<Evaluation>,
    pub evaluations: u64,
    /// By data set.
    pub rows: BTreeMap<String, Rows>,
    /// Tokens that the model was made for, where it is known.
    pub context: Option<u64>,
    /// The newest checkpoints and the best one: step and folder.
    checkpoints: VecDeque<(u64, String)>,
    best: Option<(u64, String)>,
    pub end: Option<End>,
}

fn remember<T>(list: &mut VecDeque<T>, most: usize, item: T) {
    if list.len() == most {
        list.pop_front();
    }
    list.push_back(item);
}

impl Fold for Vitals {
    fn forget(&mut self, rewind: Rewind) {
        let curves = self.curves.values_mut().chain(self.evaluated.values_mut());
        curves.for_each(|curve| curve.forget(rewind));
        self.spikes.forget(rewind);
        self.perfect.forget(rewind);
        self.speeds.retain(|speed| !rewind.forgets(speed.step));
        self.times.clear();
        for seen in [&mut self.lowest, &mut self.newest] {
            *seen = seen.filter(|evaluation| !rewind.forgets(evaluation.step));
        }
        self.evaluations = self.evaluated.get("loss").map_or(0, |curve| {
            curve.count() - u64::from(curve.first.is_some_and(|first| first.step == 0))
        });
        self.checkpoints.retain(|(of, _)| !rewind.forgets(*of));
        self.best = self.best.take().filter(|(of, _)| !rewind.forgets(*of));
    }

    fn see(&mut self, event: &Event) {
        self.heard = event.time.max(self.heard);
        match &event.body {
            TrainEvent::Started(started) => {
                self.ours = true;
                self.total_steps = Some(started.total_steps);
                self.eval_rows = started.eval_rows;
                self.all_params = started.all_params;
                self.context = started.context;
                (self.step, self.end) = (started.resumed_from, None);
            }
            TrainEvent::Origin(origin) => {
                self.total_steps = origin.total_steps;
                (self.step, self.end) = (origin.resumed_from, None);
            }
            TrainEvent::Data(report) => {
                let (usable, cut) = (report.usable, report.cut);
                self.rows.insert(report.dataset.clone(), Rows { usable, cut });
            }
            TrainEvent::Step { step, metrics, .. } => self.step(*step, event.time, metrics),
            TrainEvent::Eval { step, metrics, .. } => self.evaluate(*step, metrics),
            TrainEvent::Checkpoint { step, path, best } => {
                remember(&mut self.checkpoints, MAX_KEPT, (*step, path.clone()));
                if *best {
                    self.best = Some((*step, path.clone()));
                }
            }
            TrainEvent::Finished {
                outcome, step, said, ..
            } => {
                // the last step may not have been logged
                self.step = self.step.max(*step);
                self.end = Some(End {
                    outcome: *outcome,
                    said: said.clone(),
                });
            }
            TrainEvent::Phase { .. } | TrainEvent::Notice(_) => {}
        }
    }
}

impl Vitals {
    /// Takes in the next line of `events.jsonl`. A line that is no event, such as a torn one, is ignored.
    pub fn apply_line(&mut self, line: &[u8]) {
        if let Ok(event) = serde_json::from_slice::<Event>(line) {
            self.apply(&event);
        }
    }

    fn step(&mut self, step: u64, time: i64, metrics: &Metrics) {
        self.step = step;
        remember(&mut self.times, RECENT, (step, time));
        let value = |name: &str| metrics.get(name).map(|value| value.get());
        for name in TRAINING_CURVES {
            if let Some(value) = value(name) {
                self.curves.entry(name).or_default().push(Point { step, value });
            }
        }
        if let Some(norm) = value("grad_norm") {
            self.spikes.push(step, norm);
        }
        if let Some(accuracy) = value("rewards/accuracies").or(value("accuracy")) {
            self.perfect.push(step, accuracy);
        }
        if let Some(value) = value("tokens_per_second") {
            remember(&mut self.speeds, RECENT, Point { step, value });
        }
    }

    fn evaluate(&mut self, step: u64, metrics: &Metrics) {
        // only a reward model's `accuracy` is of pairs; in other stages it is of tokens
        let of_pairs = held_out(metrics, "rewards/rejected").is_some();
        let counts = |name: &str| name != "accuracy" || of_pairs;
        for name in EVALUATION_CURVES.iter().filter(|name| counts(name)) {
            if let Some(value) = held_out(metrics, name) {
                self.evaluated.entry(name).or_default().push(Point { step, value });
            }
        }
        // scores of replies that `do_predict` writes come as an evaluation, but are none
        if step == 0 || metrics.keys().all(|name| name.starts_with("predict_")) {
            return;
        }
        self.evaluations += 1;
        let accuracy =
            held_out(metrics, "preference/accuracies").or_else(|| held_out(metrics, "accuracy").filter(|_| of_pairs));
        let Some(loss) = held_out(metrics, "loss") else { return };
        let here = Evaluation { step, loss, accuracy };
        self.newest = Some(here);
        self.lowest = self.lowest.filter(|lowest| lowest.loss <= loss).or(Some(here));
    }

    /// Reads a whole `events.jsonl`.
    ///
    /// # Errors
    /// An I/O error.
    pub fn read(mut events: impl BufRead) -> io::Result<Self> {
        let (mut vitals, mut line) = (Self::default(), vec![]);
        while events.read_until(b'\n', &mut line)? > 0 {
            vitals.apply_line(&line);
            line.clear();
        }
        Ok(vitals)
    }

    /// The curve of a training metric; `None`: it was never logged.
    pub fn curve(&self, name: &str) -> Option<&Curve> {
        self.curves.get(name).filter(|curve| curve.count() > 0)
    }

    /// The curve of an evaluation metric, by its bare name.
    pub fn evaluated(&self, name: &str) -> Option<&Curve> {
        self.evaluated.get(name).filter(|curve| curve.count() > 0)
    }

    /// An evaluation metric before training, and its newest value; `None` until there are both.
    pub fn before_and_after(&self, name: &str) -> Option<(f64, Point)> {
        let curve = self.evaluated(name)?;
        let (first, newest) = (curve.first?, curve.newest?);
        (first.step == 0 && newest.step > 0).then_some((first.value, newest))
    }

    /// The name of the metric's chart: that of evaluations where it was evaluated, else its bare name.
    pub fn shown_as(&self, name: &str) -> String {
        match self.evaluated(name) {
            Some(_) => eval_name(name),
            None => name.to_owned(),
        }
    }

    /// The folder of the checkpoint written at this step, if it is still there: among the `limit` newest, or the best one.
    pub fn checkpoint_at(&self, step: u64, limit: usize) -> Option<&str> {
        let all = self.checkpoints.iter().rev().take(limit).chain(&self.best);
        all.filter(|(of, _)| *of == step).map(|(_, path)| path.as_str()).next()
    }

    /// Seconds per step, over the newest logged steps.
    pub fn seconds_per_step(&self) -> Option<f64> {
        let ((first, from), (last, to)) = (self.times.front()?, self.times.back()?);
        (last > first).then(|| (to - from) as f64 / 1000.0 / (last - first) as f64)
    }

    /// The share of its steps that a run has made; 1 where it completed, or is over and its number of steps is not known.
    pub fn share(&self) -> f64 {
        match (self.total_steps, &self.end) {
            (_, Some(end)) if end.outcome == Outcome::Completed => 1.0,
            (Some(total), _) => self.step as f64 / total.max(1) as f64,
            (None, Some(_)) => 1.0,
            (None, None) => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::{Measured, find};

    /// What rules look at is their own matter, what a metric is called is not.
    #[test]
    fn each_curve_is_of_a_metric_that_is_measured_there() {
        for (names, never) in [
            (TRAINING_CURVES, Measured::HeldOut),
            (EVALUATION_CURVES, Measured::Training),
        ] {
            for name in names {
                assert!(find(name).is_some_and(|metric| metric.measured != never), "{name}");
            }
        }
    }
}
