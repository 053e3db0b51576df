//! A run of another program, as it was read: values by step, and the run directory that is made of them.

use super::UNFINISHED_SUFFIX;
use super::names::Meaning;
use crate::runs::board_file::BoardFile;
use protocol::event::{Event, Metrics, Origin, Outcome, Program, TrainEvent};
use protocol::{MetricValue, RunConfig, Said, run_dir, says};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// What was read of one run.
#[derive(Debug, Clone, Default)]
pub struct ForeignRun {
    /// What to call it, where nobody says otherwise.
    pub name: String,
    /// What is known of how it was trained.
    pub config: RunConfig,
    /// Notices of its reader; [`ForeignRun::notes`] has one more where values were left out.
    pub notices: Vec<Said>,
    /// How it ended, as far as its files say.
    pub end: Option<End>,
    /// How many steps it was to have, where its files say.
    pub total_steps: Option<u64>,
    points: BTreeMap<PointKey, Point>,
    /// Values that are no numbers.
    left_out: u64,
    /// What it takes of memory, as [`MAX_WEIGHT`] counts.
    weight: usize,
}

/// How much may be taken in at once: a value counts once, and a step or evaluation, which has room for some, ten times. A step with one
/// value takes a kilobyte until it is written.
pub const MAX_WEIGHT: usize = 16_000_000;
pub const POINT_WEIGHT: usize = 10;

/// Where a run was read.
#[derive(Debug, Clone)]
pub struct Source {
    pub from: Program,
    /// As it is shown.
    pub path: String,
    /// When it was last written, in milliseconds since the Unix epoch.
    pub written: i64,
}

/// How a run ended, and the sentence on it.
#[derive(Debug, Clone)]
pub struct End {
    pub outcome: Outcome,
    pub said: Said,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PointKind {
    Step,
    Eval,
}

/// A step, or the evaluation after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PointKey {
    pub step: u64,
    pub kind: PointKind,
}

impl PointKey {
    pub fn event(self, epoch: f64, metrics: Metrics) -> TrainEvent {
        let step = self.step;
        match self.kind {
            PointKind::Step => TrainEvent::Step { step, epoch, metrics },
            PointKind::Eval => TrainEvent::Eval { step, epoch, metrics },
        }
    }
}

/// The values of a step or an evaluation.
pub struct LoggedPoint<'a> {
    pub key: PointKey,
    /// Milliseconds since the Unix epoch; 0 where nobody says.
    pub time: i64,
    pub epoch: f64,
    pub metrics: &'a Metrics,
}

/// What is known of a step, or of the evaluation after it.
#[derive(Debug, Clone, Default)]
struct Point {
    /// Milliseconds since the Unix epoch; 0 where nobody says.
    time: i64,
    epoch: Option<f64>,
    metrics: Metrics,
}

impl ForeignRun {
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// How much it has of [`MAX_WEIGHT`].
    pub fn weight(&self) -> usize {
        self.weight
    }

    /// Takes a value in, in place of an earlier one of the same step; nothing where that is too much already.
    pub fn put(&mut self, step: u64, time: i64, meaning: Meaning, value: f64) {
        if self.weight > MAX_WEIGHT {
            return;
        }
        let (kind, name) = match meaning {
            Meaning::Step(name) => (PointKind::Step, name),
            Meaning::Eval(name) => (PointKind::Eval, name),
            Meaning::Epoch => {
                self.point(step, PointKind::Step, time).epoch = Some(value);
                return;
            }
            Meaning::StepNumber | Meaning::Nothing => return,
        };
        match MetricValue::new(value) {
            Some(value) => {
                let known = self.point(step, kind, time).metrics.insert(name, value);
                self.weight += usize::from(known.is_none());
            }
            None => self.left_out += 1,
        }
    }

    fn point(&mut self, step: u64, kind: PointKind, time: i64) -> &mut Point {
        let point = self.points.entry(PointKey { step, kind }).or_insert_with(|| {
            self.weight += POINT_WEIGHT;
            Point::default()
        });
        point.time = point.time.max(time);
        point
    }

    /// Notes that its files end at `step` of `of`: the run is complete, or was stopped early, or how it ended is not told.
    pub fn reached(&mut self, step: u64, of: u64, stopped: bool) {
        let (outcome, said) = match step >= of {
            _ if of == 0 => return,
            true => (Outcome::Completed, Said::default()),
            false if stopped => (Outcome::Stopped, says::import_ended_early(step, of)),
            false => (Outcome::Untold, says::import_ends_at(step, of)),
        };
        self.total_steps = Some(of);
        self.end = Some(End { outcome, said });
    }

    /// Forgets the values from this step on: a program that was resumed logs them once more.
    pub fn forget_from(&mut self, step: u64) {
        self.points.retain(|known, _| known.step < step);
    }

    /// Sets when a step was done, where the file that has its values does not say.
    pub fn date(&mut self, step: u64, time: i64) {
        for kind in [PointKind::Step, PointKind::Eval] {
            if let Some(point) = self.points.get_mut(&PointKey { step, kind }) {
                point.time = time;
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.points.values().all(|point| point.metrics.is_empty())
    }

    /// When its first value was logged, where anybody says.
    pub fn begun(&self) -> Option<i64> {
        let times = self.points.values().map(|point| point.time);
        times.filter(|time| *time > 0).min()
    }

    pub fn metrics(&self, key: PointKey) -> Option<&Metrics> {
        self.points.get(&key).map(|point| &point.metrics)
    }

    /// What has values, in the order of steps.
    pub fn points(&self) -> impl Iterator<Item = LoggedPoint<'_>> {
        let mut epoch = 0.0;
        self.points.iter().filter_map(move |(key, point)| {
            epoch = point.epoch.unwrap_or(epoch);
            (!point.metrics.is_empty()).then_some(LoggedPoint {
                key: *key,
                time: point.time,
                epoch,
                metrics: &point.metrics,
            })
        })
    }

    /// All that is to be told beside its values.
    pub fn notes(&self) -> impl Iterator<Item = Said> {
        let left_out = (self.left_out > 0).then(|| says::import_no_numbers(self.left_out));
        self.notices.iter().cloned().chain(left_out)
    }

    /// The lines of its `events.jsonl`. `ended` is when its files were last written.
    fn events(&self, origin: Origin, ended: i64) -> Vec<Event> {
        let begun = self.begun();
        let end = self.end.clone().unwrap_or_else(|| End {
            outcome: Outcome::Untold,
            said: says::import_end_untold(origin.from.name()),
        });
        // a point without a time was logged when the one before it was
        let undated = if begun.is_some() { 0 } else { ended };
        let begun = begun.unwrap_or(ended);
        let mut events = vec![(begun, TrainEvent::Origin(origin))];
        events.extend(self.notes().map(|said| (begun, TrainEvent::Notice(said))));
        let (mut last_step, mut last_time) = (0, begun);
        for point in self.points() {
            last_step = point.key.step;
            last_time = point.time.max(undated).max(last_time);
            events.push((last_time, point.key.event(point.epoch, point.metrics.clone())));
        }
        let End { outcome, said } = end;
        let finished = TrainEvent::Finished {
            outcome,
            step: last_step,
            said,
            reference_forwards: 0,
        };
        events.push((last_time, finished));
        let numbered = events.into_iter().zip(1..);
        numbered.map(|((time, body), seq)| Event { seq, time, body }).collect()
    }

    /// Writes a run directory: whole, or not at all.
    ///
    /// # Errors
    /// When the disk won't take it, or there is one already.
    pub fn write(&self, directory: &Path, source: &Source) -> io::Result<()> {
        let name = directory.file_name().unwrap_or_default().to_string_lossy();
        // hidden, so that no board takes it up before it is whole
        let beside = directory.with_file_name(format!(".{name}{UNFINISHED_SUFFIX}"));
        let origin = Origin {
            from: source.from,
            path: source.path.clone(),
            total_steps: self.total_steps,
            resumed_from: 0,
        };
        let written = self
            .fill(&beside, &name, origin, source.written)
            .and_then(|()| match directory.exists() {
                true => Err(io::ErrorKind::AlreadyExists.into()),
                false => fs::rename(&beside, directory),
            });
        if written.is_err() {
            let _ = fs::remove_dir_all(&beside);
        }
        written
    }

    fn fill(&self, folder: &Path, id: &str, origin: Origin, ended: i64) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut file = io::BufWriter::new(fs::File::create(folder.join(run_dir::EVENTS))?);
        for event in self.events(origin, ended) {
            serde_json::to_writer(&mut file, &event)?;
            file.write_all(b"\n")?;
        }
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        self.describe(folder, id)
    }

    /// Writes what is known of it beside its events.
    pub fn describe(&self, folder: &Path, id: &str) -> io::Result<()> {
        let mut config = self.config.clone();
        config.run_name = Some(self.name.clone());
        fs::write(folder.join(run_dir::CONFIG), config.to_yaml())?;
        let kept = BoardFile {
            id: id.to_owned(),
            name: self.name.clone(),
            ..BoardFile::default()
        };
        fs::write(folder.join(run_dir::BOARD), serde_json::to_vec_pretty(&kept)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_events_in_the_order_of_steps() {
        let mut run = ForeignRun::named("theirs");
        run.put(10, 2000, Meaning::Eval("eval_loss".into()), 0.5);
        run.put(10, 1900, Meaning::Step("loss".into()), 0.25);
        run.put(10, 1900, Meaning::Epoch, 0.75);
        run.put(5, 1000, Meaning::Step("loss".into()), f64::NAN);
        run.put(5, 1000, Meaning::Step("lr".into()), 1.0);
        run.put(20, 3000, Meaning::Step("loss".into()), 9.0);
        // it was started again after step 10
        run.forget_from(11);
        let origin = Origin {
            from: Program::TensorBoard,
            path: "logs".into(),
            total_steps: None,
            resumed_from: 0,
        };
        let events = run.events(origin, 9000);
        let kinds: Vec<_> = events
            .iter()
            .map(|event| match &event.body {
                TrainEvent::Origin(_) => ("origin", 0, event.time),
                TrainEvent::Notice(said) => (
                    if said.code == "import_no_numbers" {
                        "left out"
                    } else {
                        "?"
                    },
                    0,
                    event.time,
                ),
                TrainEvent::Step { step, .. } => ("step", *step, event.time),
                TrainEvent::Eval { step, epoch, .. } => {
                    assert_eq!(*epoch, 0.75);
                    ("eval", *step, event.time)
                }
                TrainEvent::Finished { step, .. } => ("finished", *step, event.time),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(
            kinds,
            [
                ("origin", 0, 1000),
                ("left out", 0, 1000),
                ("step", 5, 1000),
                ("step", 10, 1900),
                ("eval", 10, 2000),
                ("finished", 10, 2000)
            ]
        );
        assert!(events.iter().zip(1..).all(|(event, seq)| event.seq == seq));
    }
}
