//! Forecasting what a run will take: time, by the work of its tokens and the speed of similar runs on this machine, and disk.

use super::lengths::Measures;
use super::probe::Probes;
use super::sampling::{SampledRuns, SamplesOf};
use crate::db::{Db, RunRow};
use crate::off_thread::off_thread;
use crate::state::DataDir;
use crate::system;
use protocol::RunSpec;
use protocol::api::{Forecast, MemoryEstimate, RunState};
use protocol::config::{DeviceChoice, Every, Method, ReferenceSpec, Tuning, steps_per_epoch};
use protocol::cuda::Cuda;
use protocol::event::Started;
use protocol::method::PrefLoss;
use std::mem::{Discriminant, discriminant};
use std::sync::Arc;

/// How many of the newest runs are looked at for their speed.
const MAX_RUNS: u32 = 200;
/// A run of fewer seconds says more about loading than about training.
const MIN_SECONDS: f64 = 1.0;
/// With fewer steps, what stands before and between them (the first evaluation, warming up) is most of the time.
const MIN_STEPS: u64 = 5;
/// How many times larger or smaller a model may be for its speed to say something.
const MAX_SIZE_RATIO: f64 = 8.0;
/// Natural logarithm of the factor by which models of about one size differ.
const SIMILAR_SIZE: f64 = 0.1;
/// The same within which their parameters are counted in other ways, and the model is one.
const SAME_SIZE: f64 = 1e-3;
/// How many runs are asked for how fast they wrote samples, the nearest in size first.
const MAX_SAMPLED: usize = 12;
/// The share of training's memory (parameters, gradients, two moments) that a checkpoint holds: all but the gradients.
const CHECKPOINT_SHARE: f64 = 3.0 / 4.0;
/// The share of the same that the parameters alone are.
const WEIGHTS_SHARE: f64 = 1.0 / 4.0;

/// A run that was timed here, or a few steps of one ([`super::probe`]), whose name is empty.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Timed {
    pub name: String,
    /// Work of one trained token: parameters times passes over them.
    pub work: f64,
    /// Of the model, without an adapter's.
    pub params: f64,
    pub kind: TrainingKind,
    pub on_cpu: bool,
    /// Work of all its tokens, those of evaluations included.
    pub total_work: f64,
    pub seconds: f64,
    /// Of what it wrote to its sample prompts; none of a probe, and of a run without any.
    pub samples: Option<SamplesOf>,
}

/// The kind of a run's training: stage, losses, what is trained.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TrainingKind {
    stage: Discriminant<Method>,
    losses: Vec<PrefLoss>,
    tuning: Discriminant<Tuning>,
}

impl TrainingKind {
    pub fn of(spec: &RunSpec) -> Self {
        let losses = match &spec.method {
            Method::Preference(preference) => preference.parts.iter().map(|part| part.loss).collect(),
            _ => vec![],
        };
        Self {
            stage: discriminant(&spec.method),
            losses,
            tuning: discriminant(&spec.tuning),
        }
    }
}

impl Timed {
    /// Any run, for tests of what hangs together with runs.
    #[cfg(test)]
    pub fn of_test() -> Self {
        tests::run("any", 1e9, 3.0, 1.0)
    }

    /// Whether it had the same model and the same kind of training.
    fn is_like(&self, other: &Self) -> bool {
        self.far(other) < SAME_SIZE && self.kind == other.kind
    }

    /// How many times larger or smaller its model is, as a logarithm.
    fn far(&self, other: &Self) -> f64 {
        (self.params / other.params).ln().abs()
    }
}

/// Rows that are trained on, and that evaluations read.
#[derive(Debug, Clone, Copy)]
pub struct Rows {
    pub train: usize,
    pub held_out: usize,
}

/// Forecasts runs by what was timed here. Cheap to clone.
#[derive(Clone)]
pub struct Forecasts {
    pub db: Db,
    pub data_dir: DataDir,
    pub cuda: Arc<Cuda>,
    pub probes: Probes,
    pub sampled: SampledRuns,
}

impl Forecasts {
    /// What is known of a run's cost: time where a run like it was timed here, disk where its memory is known.
    pub async fn forecast(&self, spec: &RunSpec, measures: &Measures, rows: Rows, total: u64) -> Forecast {
        let data = self.data_dir.clone();
        let free = off_thread(move || system::disk_free(data.root())).await;
        let free = free.ok().and_then(Result::ok).unwrap_or(0);
        let disk = measures
            .memory
            .map_or(0, |memory| disk(spec, &memory, rows.train, total));
        let mut forecast = Forecast {
            disk,
            free,
            ..Forecast::default()
        };
        let (Some(params), Some(mean)) = (measures.params, measures.mean_tokens) else {
            return forecast;
        };
        let trained = (rows_of_step(spec, rows.train) as u64 * total) as f64 * mean;
        let asked = Timed {
            name: String::new(),
            work: work(spec, params as f64),
            params: params as f64,
            kind: TrainingKind::of(spec),
            on_cpu: spec.device == DeviceChoice::Cpu || self.cuda.usable().next().is_none(),
            total_work: work(spec, params as f64) * trained + evaluation_work(spec, params as f64, rows, total) * mean,
            seconds: 0.0,
            samples: None,
        };
        // replies of its own are what PPO's time goes into
        if matches!(spec.method, Method::Ppo(_)) || trained <= 0.0 {
            return forecast;
        }
        let Ok(known) = self.db.newest_ended(MAX_RUNS).await else {
            return forecast;
        };
        // a run that is as much alike says more than steps do: it also evaluated
        let timed: Vec<Timed> = known.iter().filter_map(timed).chain(self.probes.timed()).collect();
        if let Some(samples) = &spec.samples {
            let cost = samples.cost(&spec.cadence, total, steps_per_epoch(rows.train, spec.batch));
            let second = self.seconds_per_token(&timed, &asked).await;
            forecast.sampling = second.map(|second| second * cost.total() as f64);
        }
        if let Some((like, seconds)) = forecast_by(&timed, &asked) {
            // what it spent on samples of its own says nothing about training
            let own = self.sampled.of(like).await.map_or(0.0, |own| own.seconds);
            let training = seconds * (1.0 - own / like.seconds).max(0.0);
            forecast.seconds = Some(training + forecast.sampling.unwrap_or(0.0));
            forecast.like = like.name.clone();
            forecast.rough = !like.is_like(&asked);
        }
        forecast
    }

    /// Seconds in which this machine writes a token, by the run nearest in size that wrote any.
    async fn seconds_per_token(&self, timed: &[Timed], asked: &Timed) -> Option<f64> {
        for run in nearest(timed, asked).take(MAX_SAMPLED) {
            if let Some(told) = self.sampled.of(run).await {
                return Some(told.per_token() * asked.params / run.params);
            }
        }
        None
    }
}

/// Runs of this machine's same device, the nearest in size first; of several, the newest.
fn nearest<'a>(timed: &'a [Timed], asked: &Timed) -> impl Iterator<Item = &'a Timed> + use<'a> {
    let size = |run: &Timed| (run.far(asked) / SIMILAR_SIZE).floor();
    let mut near: Vec<_> = timed
        .iter()
        .filter(|run| run.samples.is_some() && run.on_cpu == asked.on_cpu && run.far(asked) <= MAX_SIZE_RATIO.ln())
        .collect();
    near.sort_by(|one, other| size(one).total_cmp(&size(other)));
    near.into_iter()
}

/// Rows of a step, of which a small data set has no more than it has.
fn rows_of_step(spec: &RunSpec, rows: usize) -> usize {
    let steps = steps_per_epoch(rows, spec.batch).max(1);
    rows.div_ceil(usize::try_from(steps).unwrap_or(usize::MAX))
}

/// The forecast in seconds by the newest timed run of the same model and kind; without one, by that whose model is nearest in size;
/// of several, the one of most similar work, then the newest.
fn forecast_by<'a>(timed: &'a [Timed], asked: &Timed) -> Option<(&'a Timed, f64)> {
    let near = timed
        .iter()
        .filter(|run| run.on_cpu == asked.on_cpu && run.far(asked) <= MAX_SIZE_RATIO.ln());
    let passes = |run: &Timed| run.work / run.params;
    let cost = |run: &Timed| {
        let work = (passes(run) / passes(asked)).ln().abs();
        (!run.is_like(asked), (run.far(asked) / SIMILAR_SIZE).floor(), work)
    };
    let like = near.min_by(|one, other| cost(one).partial_cmp(&cost(other)).unwrap_or(std::cmp::Ordering::Equal))?;
    Some((like, asked.total_work / like.total_work * like.seconds))
}

/// How a run that has ended was timed.
fn timed(row: &RunRow) -> Option<Timed> {
    let run = &row.summary;
    let over = matches!(run.state, RunState::Completed | RunState::Stopped);
    if !over || run.origin.is_some() || run.seconds < MIN_SECONDS || run.step < MIN_STEPS {
        return None;
    }
    let facts = row.progress.facts.as_ref()?;
    let spec = protocol::config::check(&run.config).spec.ok()?;
    let params = params(&spec, facts);
    let tokens = run.latest.get("num_tokens")?.get();
    let rows = Rows {
        train: facts.train_rows as usize,
        held_out: facts.eval_rows as usize,
    };
    let read = rows_of_step(&spec, rows.train) as f64 * run.step as f64;
    let of_row = if read > 0.0 { tokens / read } else { 0.0 };
    Some(Timed {
        name: run.name.clone(),
        work: work(&spec, params),
        params,
        kind: TrainingKind::of(&spec),
        on_cpu: facts.device == "cpu",
        total_work: work(&spec, params) * tokens + evaluation_work(&spec, params, rows, run.step) * of_row,
        seconds: run.seconds,
        samples: spec.samples.as_ref().map(|_| SamplesOf {
            id: run.id.clone(),
            seq: run.seq,
            directory: row.directory.clone(),
        }),
    })
}

/// Of the model itself, whatever an adapter brings: what is known before a run starts.
pub(super) fn params(spec: &RunSpec, facts: &Started) -> f64 {
    let brought = match spec.tuning {
        Tuning::Lora(_) | Tuning::Oft(_) => facts.trainable_params,
        Tuning::Full | Tuning::Freeze(_) => 0,
    };
    facts.all_params.saturating_sub(brought) as f64
}

/// What evaluations cost in `total` steps, for each token of a held-out row: forward alone, once more where a reference reads it too.
fn evaluation_work(spec: &RunSpec, params: f64, rows: Rows, total: u64) -> f64 {
    let times = spec.cadence.evaluations(total, steps_per_epoch(rows.train, spec.batch));
    params * (1.0 + reference_passes(spec)) * rows.held_out as f64 * times as f64
}

/// Passes of a reference over each token.
fn reference_passes(spec: &RunSpec) -> f64 {
    match spec.method.reference() {
        ReferenceSpec::Nothing => 0.0,
        against => f64::from(u8::from(!against.precomputes())),
    }
}

/// What a token costs, in multiplications for each of the model's parameters: forward and back, once more where every weight has a
/// gradient, once more where a reference reads it too.
pub(super) fn work(spec: &RunSpec, params: f64) -> f64 {
    let whole = matches!(spec.tuning, Tuning::Full);
    params * (2.0 + f64::from(u8::from(whole)) + reference_passes(spec))
}

/// Bytes of the checkpoints that are there at once, and of the final one.
fn disk(spec: &RunSpec, memory: &MemoryEstimate, rows: usize, total: u64) -> u64 {
    let written = match spec.cadence.of(total).save {
        Every::Never | Every::Share(_) => 0,
        Every::Steps(steps) => total / steps.max(1),
        Every::Epoch => total / steps_per_epoch(rows, spec.batch).max(1),
    };
    // the one a limit makes room for is written first
    let most = spec.plain.save_total_limit.map_or(u64::MAX, |limit| limit + 1);
    let share = if spec.plain.save_only_model {
        WEIGHTS_SHARE
    } else {
        CHECKPOINT_SHARE
    };
    ((written.min(most) + 1) as f64 * share * memory.training as f64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(stage: &str) -> TrainingKind {
        let text = format!("stage: {stage}\nmodel_name_or_path: m\ndataset: d\noutput_dir: o\nfinetuning_type: lora\n");
        let config = protocol::RunConfig::parse(&text).config;
        TrainingKind::of(&protocol::config::check(&config).spec.unwrap())
    }

    pub fn run(name: &str, params: f64, passes: f64, seconds: f64) -> Timed {
        Timed {
            kind: kind("dpo"),
            name: name.into(),
            work: params * passes,
            params,
            on_cpu: true,
            total_work: params * passes * 1000.0,
            seconds,
            samples: Some(SamplesOf {
                id: name.into(),
                seq: 1,
                directory: name.into(),
            }),
        }
    }

    #[test]
    fn the_nearest_in_size_tells_the_time() {
        let known = [
            run("tiny", 1e6, 3.0, 1.0),
            run("alike", 1e9, 3.0, 100.0),
            run("full", 1e9, 4.0, 90.0),
        ];
        let asked = |params: f64, passes: f64| Timed {
            total_work: params * passes * 5000.0,
            ..run("", params, passes, 0.0)
        };
        let told =
            |asked: &Timed| forecast_by(&known, asked).map(|(like, seconds)| (like.name.clone(), seconds.round()));
        assert_eq!(told(&asked(1e9, 3.0)), Some(("alike".into(), 500.0)));
        // twice the size, twice the time
        assert_eq!(told(&asked(2e9, 3.0)), Some(("alike".into(), 1000.0)));
        assert_eq!(told(&asked(1e9, 4.0)), Some(("full".into(), 450.0)));
        // nothing like it was timed
        assert_eq!(told(&asked(3e7, 3.0)), None);
        let on_card = Timed {
            on_cpu: false,
            ..asked(1e9, 3.0)
        };
        assert_eq!(told(&on_card), None);
    }

    #[test]
    fn the_same_model_and_kind_tell_the_time_before_newer_ones_of_other_kinds() {
        let kto = Timed {
            kind: kind("kto"),
            ..run("kto", 1e9, 3.0, 20.0)
        };
        let known = [kto, run("newer", 1e9, 2.0, 50.0), run("older", 1e9, 3.0, 70.0)];
        let asked = run("", 1e9, 3.0, 0.0);
        // what they read a reference for is in their work
        let like = forecast_by(&known, &asked).map(|(like, _)| (like.name.as_str(), like.is_like(&asked)));
        assert_eq!(like, Some(("older", true)));
        let like = forecast_by(&known[..1], &asked).map(|(like, _)| (like.name.as_str(), like.is_like(&asked)));
        assert_eq!(like, Some(("kto", false)));
    }

    #[test]
    fn a_run_that_evaluates_takes_longer_by_what_it_reads() {
        let known = [run("alike", 1e9, 2.0, 100.0)];
        let asked = run("", 1e9, 2.0, 0.0);
        let evaluating = Timed {
            total_work: asked.total_work * 1.5,
            ..asked.clone()
        };
        let seconds = |asked: &Timed| forecast_by(&known, asked).map(|(_, seconds)| seconds);
        assert_eq!((seconds(&asked), seconds(&evaluating)), (Some(100.0), Some(150.0)));
    }

    #[test]
    fn runs_of_the_size_are_asked_for_their_samples_before_others() {
        let known = [
            run("tiny", 1e8, 3.0, 1.0),
            run("half", 5e8, 3.0, 1.0),
            run("alike", 1e9, 2.0, 1.0),
            Timed {
                samples: None,
                ..run("probe", 1e9, 2.0, 1.0)
            },
        ];
        let asked = run("", 1e9, 3.0, 0.0);
        let names = |asked: &Timed| nearest(&known, asked).map(|run| run.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&asked), ["alike", "half"]);
        let on_card = Timed { on_cpu: false, ..asked };
        assert_eq!(names(&on_card), [""; 0]);
    }
}
