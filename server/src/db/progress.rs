//! What a run's events add up to: a pure fold, kept beside the run so that its row never needs the points.

use protocol::api::RunState;
use protocol::event::{Event, Metrics, Origin, Outcome, Phase, Started, TrainEvent};
use protocol::fold::{Fold, Rewind};
use protocol::health::{self, Health};
use protocol::metric;
use protocol::worked::Pause;
use protocol::{MetricValue, Said};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Points of a sparkline, at most.
const MAX_SPARK_POINTS: usize = 40;

/// The newest state that the events so far describe.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    pub step: u64,
    /// Whose run it is, where it is no worker's of ours.
    pub origin: Option<Origin>,
    /// Facts of the newest worker.
    pub facts: Option<Started>,
    /// When the first worker began.
    pub first: Option<i64>,
    /// When the newest worker began, and its newest event since.
    pub life: Option<(i64, i64)>,
    /// The step that it goes on after; not known of one that began before that was kept.
    pub from_step: Option<u64>,
    /// Between workers.
    pub pauses: Vec<Pause>,
    /// Seconds of the workers before it.
    pub before: f64,
    /// Newest value of each metric, with its step.
    pub latest: BTreeMap<String, (u64, MetricValue)>,
    pub baseline: Metrics,
    pub spark: Spark,
    pub eval: Option<(u64, Metrics)>,
    /// How the newest worker said it ended.
    pub finished: Option<(Outcome, Finished)>,
    /// What is found in its curves.
    #[serde(deserialize_with = "if_known")]
    pub health: Option<Found>,
}

/// Findings that another version wrote in a way of its own are none: they are looked for anew.
fn if_known<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Found>, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// What was found, and by which version of the rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    pub rules: u32,
    /// Of the newest steps.
    pub seconds_per_step: Option<f64>,
    pub health: Health,
}

/// What the last event of a worker says; rows stored before sentences had codes hold the sentence alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Finished {
    Said(Said),
    Sentence(String),
}

impl Finished {
    pub fn said(&self) -> Said {
        match self {
            Self::Said(said) => said.clone(),
            Self::Sentence(sentence) => Said::plain(sentence),
        }
    }
}

impl Fold for Progress {
    fn forget(&mut self, rewind: Rewind) {
        self.latest.retain(|_, (step, _)| !rewind.forgets(*step));
        self.eval = self.eval.take().filter(|(step, _)| !rewind.forgets(*step));
        if rewind.forgets(0) {
            self.baseline.clear();
        }
        self.spark.forget(rewind);
    }

    fn see(&mut self, event: &Event) {
        match &event.body {
            TrainEvent::Origin(origin) => {
                self.begin(event.time, origin.resumed_from);
                self.origin = Some(origin.clone());
            }
            TrainEvent::Started(facts) => {
                self.begin(event.time, facts.resumed_from);
                self.facts = Some(facts.clone());
            }
            TrainEvent::Step { step, metrics, .. } => {
                self.step = *step;
                self.update_latest(*step, metrics);
                self.spark.push(*step, metrics);
            }
            TrainEvent::Eval { step, metrics, .. } => {
                if *step == 0 && self.baseline.is_empty() {
                    self.baseline = metrics.clone();
                }
                self.update_latest(*step, metrics);
                self.eval = Some((*step, metrics.clone()));
            }
            TrainEvent::Finished {
                outcome, step, said, ..
            } => {
                self.step = *step;
                self.finished = Some((*outcome, Finished::Said(said.clone())));
            }
            TrainEvent::Phase { .. } | TrainEvent::Notice(_) | TrainEvent::Data(_) | TrainEvent::Checkpoint { .. } => {}
        }
        match &mut self.life {
            Some((_, last)) if !opens(&event.body) => *last = event.time.max(*last),
            _ => {}
        }
    }
}

impl Progress {
    /// A worker, or a script, is up and goes on after `step`.
    fn begin(&mut self, time: i64, step: u64) {
        self.before = self.seconds();
        let last = self.life.map(|(_, last)| last);
        self.pauses
            .extend(last.filter(|last| *last < time).map(|from| Pause { from, to: time }));
        self.life = Some((time, time));
        self.first.get_or_insert(time);
        self.finished = None;
        self.step = step;
        self.from_step = Some(step);
    }

    /// Steps in all, where that is known.
    pub fn total_steps(&self) -> Option<u64> {
        let of_origin = || self.origin.as_ref()?.total_steps;
        self.facts.as_ref().map(|facts| facts.total_steps).or_else(of_origin)
    }

    fn update_latest(&mut self, step: u64, metrics: &Metrics) {
        self.latest
            .extend(metrics.iter().map(|(name, value)| (name.clone(), (step, *value))));
    }

    /// What today's rules found; nothing where other ones looked, or none.
    pub fn found(&self) -> Option<&Found> {
        self.health.as_ref().filter(|found| found.rules == health::RULES)
    }

    pub fn health(&self) -> Option<&Health> {
        self.found().map(|found| &found.health)
    }

    /// Newest value of each metric.
    pub fn metrics(&self) -> Metrics {
        self.latest
            .iter()
            .map(|(name, (_, value))| (name.clone(), *value))
            .collect()
    }

    /// Seconds from each worker's start to its last event, added up.
    pub fn seconds(&self) -> f64 {
        self.before + self.life.map_or(0.0, |(from, to)| (to - from).max(0) as f64 / 1e3)
    }

    /// Seconds of a step since the newest worker goes: how fast those before it were says nothing of this one.
    pub fn pace(&self) -> Option<f64> {
        let (from, to) = self.life?;
        let steps = self.step.checked_sub(self.from_step?).filter(|steps| *steps > 0)?;
        (to > from).then(|| (to - from) as f64 / 1e3 / steps as f64)
    }

    /// The state the events alone tell; a worker that ended without a word is its supervisor's to judge.
    pub fn state(&self) -> RunState {
        match &self.finished {
            Some((outcome, _)) => (*outcome).into(),
            None if self.facts.is_some() || self.origin.is_some() => RunState::Running,
            None => RunState::Starting,
        }
    }
}

/// Whether a worker tells of this before it says that it is up: where another one went before, it belongs to neither's time.
fn opens(event: &TrainEvent) -> bool {
    let phase = |phase: &Phase| matches!(phase, Phase::Loading | Phase::Tokenizing | Phase::Reference);
    match event {
        TrainEvent::Notice(_) | TrainEvent::Data(_) => true,
        TrainEvent::Phase { phase: of, .. } => phase(of),
        _ => false,
    }
}

/// A thinned series for the table: every `stride`-th value, and the newest.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Spark {
    pub metric: String,
    stride: u64,
    seen: u64,
    points: Vec<(u64, f64)>,
    last: Option<(u64, f64)>,
}

impl Spark {
    fn push(&mut self, step: u64, metrics: &Metrics) {
        if self.metric.is_empty() {
            let Some(drawn) = metric::spark(|name| metrics.contains_key(name)) else {
                return;
            };
            self.metric = drawn.name.into();
            self.stride = 1;
        }
        let Some(value) = metrics.get(&self.metric) else { return };
        self.last = Some((step, value.get()));
        if self.seen.is_multiple_of(self.stride) {
            self.points.push((step, value.get()));
        }
        self.seen += 1;
        if self.points.len() >= MAX_SPARK_POINTS {
            let mut nth = 0;
            self.points.retain(|_| {
                nth += 1;
                nth % 2 == 1
            });
            self.stride *= 2;
        }
    }

    fn forget(&mut self, rewind: Rewind) {
        if rewind.forgets(0) {
            *self = Self::default();
        }
        self.points.retain(|(step, _)| !rewind.forgets(*step));
        self.seen = self.points.len() as u64 * self.stride;
        self.last = self.points.last().copied();
    }

    pub fn values(&self) -> Vec<f64> {
        let newest = self.last.filter(|last| self.points.last() != Some(last));
        self.points.iter().copied().chain(newest).map(|(_, v)| v).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(seq: u64, step: u64, value: f64) -> Event {
        let metrics = [("loss".to_owned(), MetricValue::new(value).unwrap())].into();
        let body = TrainEvent::Step {
            step,
            epoch: 0.0,
            metrics,
        };
        Event {
            seq,
            time: seq as i64 * 1000,
            body,
        }
    }

    fn started(seq: u64, resumed_from: u64) -> Event {
        let body = TrainEvent::Started(Started {
            total_steps: 10,
            resumed_from,
            ..Started::default()
        });
        Event {
            seq,
            time: seq as i64 * 1000,
            body,
        }
    }

    #[test]
    fn a_resumed_run_goes_on_where_its_checkpoint_stands() {
        let mut p = Progress::default();
        p.apply(&started(1, 0));
        (1..=6).for_each(|s| p.apply(&step(1 + s, s, s as f64)));
        assert_eq!((p.step, p.state()), (6, RunState::Running));
        assert_eq!(p.seconds(), 6.0);
        assert_eq!(p.pace(), Some(1.0));
        // killed; twenty seconds later another worker loads, and goes on after step 4
        p.apply(&Event {
            seq: 27,
            time: 27_000,
            body: TrainEvent::Phase {
                phase: Phase::Loading,
                done: 0,
                total: 2,
            },
        });
        assert_eq!(p.seconds(), 6.0);
        p.apply(&started(28, 4));
        assert_eq!((p.step, p.pace()), (4, None));
        p.apply(&step(30, 5, 50.0));
        assert_eq!((p.seconds(), p.pace()), (8.0, Some(2.0)));
        // what was stored before that step was kept
        let mut old = serde_json::to_value(&p).unwrap();
        old.as_object_mut().unwrap().remove("from_step").unwrap();
        assert_eq!(serde_json::from_value::<Progress>(old).unwrap().pace(), None);
        assert_eq!(
            p.pauses,
            [Pause {
                from: 7_000,
                to: 28_000
            }]
        );
        assert_eq!(p.spark.values(), [1.0, 2.0, 3.0, 4.0, 50.0]);
    }

    #[test]
    fn a_sparkline_stays_small_and_ends_with_the_newest_value() {
        let mut p = Progress::default();
        for s in 1..=10_000 {
            p.apply(&step(s, s, s as f64));
            assert!(p.spark.values().len() <= MAX_SPARK_POINTS);
            assert_eq!(p.spark.values().last(), Some(&(s as f64)));
        }
        assert!(p.spark.values().len() >= MAX_SPARK_POINTS / 2);
        assert!(p.spark.values().is_sorted());
    }
}
