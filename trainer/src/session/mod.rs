//! The training loop's state: built once from a checked config, before the first step.

mod attach_trainable;
mod evaluating;
mod found;
mod judge;
mod load;
mod open;
mod predicting;
mod recorded;
mod reference_and_reward;
mod rows;
mod sampled;
mod speed;

pub use judge::{judge, judge_data};
pub use load::{check_id, encoder, load_frozen, load_scorer};
pub(crate) use open::resume_point;
pub use open::{compute_note, device_note};
pub use predicting::predict_alone;
pub use speed::Speed;

use crate::batch::mix;
use crate::checkpoint::{self, Best, Snapshot, State};
use crate::data::{Dataset, Encoder};
use crate::error::{Error, Result};
use crate::events::EventLog;
use crate::exact_json::Exact;
use crate::feed::Feed;
use crate::folder::{Origin, Source, Words};
use crate::model::{ForwardOptions, Keep, Model, Noise};
use crate::optim::Optimizer;
use crate::pairs::PairsFolder;
use crate::reference::Reference;
use crate::stage::ppo::Judge;
use crate::{files, loss, schedule, stage};
use protocol::config::{Every, ReferenceSpec, RunSpec, Tuning};
use protocol::event::{MetricValue, Metrics, TrainEvent};
use protocol::{run_dir, says};
use sampled::Sampling;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often it is told how far an evaluation is, or a prediction.
const TOLD_EVERY: Duration = Duration::from_secs(2);

/// A run: its model, optimizer, data and progress.
pub struct Session<'a> {
    pub spec: RunSpec,
    /// The run directory.
    dir: PathBuf,
    pub model: Model,
    pub reference: Reference,
    pub optimizer: Optimizer,
    /// The weight of the router's auxiliary loss in training and evaluation; `None` where the loss has no such term.
    pub router_loss: Option<f64>,
    /// PPO's reward model, and how replies are sampled.
    pub judge: Option<Judge>,
    pub feed: Feed,
    pub eval: Dataset,
    /// Where scores of single held-out pairs are kept, if there are pairs.
    pairs: Option<PairsFolder>,
    /// Prompts that are answered at each evaluation.
    sampling: Option<Sampling>,
    /// The rows that `do_predict` answers after training.
    to_predict: Option<Dataset>,
    pub state: State,
    pub total_steps: u64,
    /// Values of the last step that are logged as they are (`grad_norm`, `learning_rate` …), not as means.
    pub last_step: Vec<(&'static str, f64)>,
    pub speed: Speed,
    events: &'a mut EventLog,
    origin: Origin,
    base: PathBuf,
    words: Words,
    encoder: Arc<Encoder>,
    last_evaluation: Option<LastEvaluation>,
}

/// An evaluation, as the choice of the best checkpoint needs it.
#[derive(Debug, Clone, Copy)]
struct LastEvaluation {
    step: u64,
    /// The value of `metric_for_best_model`.
    metric: f64,
}

/// What is due after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    pub log: bool,
    pub eval: bool,
    pub save: bool,
}

impl<'a> Session<'a> {
    /// Emits the event of a checkpoint that is complete on disk, but whose run was killed before it emitted one.
    fn emit_late_checkpoint(&mut self) -> Result<()> {
        let step = self.state.step;
        let name = run_dir::checkpoint(step);
        if step == 0 || self.events.knows_checkpoint(step) || !self.dir().join(&name).exists() {
            return Ok(());
        }
        let best = self.state.best.as_ref().is_some_and(|b| b.step == step);
        self.link_best(&name, best)?;
        self.events.emit(TrainEvent::Checkpoint { step, path: name, best })
    }

    fn dir(&self) -> &Path {
        &self.dir
    }

    /// The learning rate of the step after `step` updates.
    pub fn learning_rate(&self, step: u64) -> f64 {
        match &self.state.plateau {
            Some(watch) => watch.lr.0,
            None => {
                let optim = &self.spec.optim;
                optim.learning_rate * schedule::factor(&optim.schedule, self.total_steps, step)
            }
        }
    }

    /// Keeps the last step's values for the log, and says if its update was skipped because gradients overflowed in
    /// fp16. `skipped` is how many updates were skipped before it.
    pub fn end_step(&mut self, grad_norm: Option<f64>, learning_rate: f64, skipped: u64) -> Result<()> {
        self.last_step = vec![("learning_rate", learning_rate)];
        self.last_step.extend(grad_norm.map(|norm| ("grad_norm", norm)));
        let Some(of) = self.state.loss_scale else { return Ok(()) };
        self.last_step
            .extend([("loss_scale", of.scale()), ("skipped_updates", of.skipped() as f64)]);
        match of.skipped() > skipped {
            true => self.events.notice(says::overflowed(self.state.step, of.scale())),
            false => Ok(()),
        }
    }

    /// Options of the policy's forward pass over a micro-batch of the current step.
    pub fn training_pass(&self, micro_batch: usize) -> ForwardOptions {
        ForwardOptions {
            dropout_seed: self.dropout_seed(micro_batch),
            noise: self.noise(micro_batch),
            ..training_pass(&self.spec)
        }
    }

    /// The seed of a micro-batch's dropout mask. Preference stages train without dropout, as TRL and LLaMA-Factory do.
    fn dropout_seed(&self, micro_batch: usize) -> Option<u64> {
        let on = matches!(&self.spec.tuning, Tuning::Lora(lora) if lora.dropout > 0.0);
        (on && self.spec.method.stage().drops_out())
            .then(|| mix(mix(self.spec.seed, self.state.step), micro_batch as u64))
    }

    /// NEFTune's noise of a micro-batch.
    fn noise(&self, micro_batch: usize) -> Option<Noise> {
        let noise = self.spec.method.noise();
        let seed = mix(mix(!self.spec.seed, self.state.step), micro_batch as u64);
        (noise > 0.0).then_some(Noise { alpha: noise, seed })
    }

    /// The policy's weight in the synced reference (TRL's `ref_model_mixup_alpha`), if it is synced after the last
    /// step.
    pub fn reference_sync_due(&self) -> Option<f64> {
        match *self.spec.method.reference() {
            ReferenceSpec::Following { mixup, steps } if self.state.step.is_multiple_of(steps) => Some(mixup),
            _ => None,
        }
    }

    /// What is due after the last step. Each checkpoint is evaluated, so that the best one is known. The run's final
    /// step is always logged, evaluated and saved.
    pub fn due(&self) -> Due {
        let (step, cadence) = (self.state.step, self.spec.cadence);
        let last = step == self.total_steps;
        let on = |every| self.is_due(every);
        let save = step > 0 && (last || on(cadence.save));
        let evaluates = on(cadence.eval) || (save && cadence.eval != Every::Never);
        Due {
            log: on(cadence.log) || last || (step == 1 && self.spec.plain.logging_first_step),
            eval: self.has_evaluation() && (last || (evaluates && self.is_past_eval_delay())),
            save,
        }
    }

    /// Whether the run has something to evaluate on: held-out rows or sample prompts.
    fn has_evaluation(&self) -> bool {
        !self.eval.is_empty() || self.sampling.is_some()
    }

    /// Whether something with this cadence is due after the last step.
    fn is_due(&self, every: Every) -> bool {
        match every {
            Every::Never => false,
            Every::Steps(n) => self.state.step.is_multiple_of(n),
            // `Cadence::of` has made steps of it
            Every::Share(_) => false,
            Every::Epoch => self.feed.ends_epoch(self.state.step),
        }
    }

    /// Whether `eval_delay` is over.
    fn is_past_eval_delay(&self) -> bool {
        let step = self.state.step;
        let passed = match self.spec.cadence.eval {
            Every::Epoch => self.feed.epochs(step),
            _ => step as f64,
        };
        passed >= self.spec.cadence.eval_delay
    }

    /// Whether early stopping ends the run: so many evaluations in a row were no better (`early_stopping_steps`).
    pub fn patience_is_spent(&self) -> bool {
        let stale = self.state.patience.as_ref().map_or(0, |patience| patience.stale);
        self.spec.best.patience.is_some_and(|most| stale >= most)
    }

    /// Emits a notice that early stopping ends training before its last step.
    pub fn emit_early_end(&mut self) -> Result<()> {
        let stale = self.state.patience.as_ref().map_or(0, |patience| patience.stale);
        let (step, total) = (self.state.step, self.total_steps);
        let metric = &self.spec.best.metric;
        self.events.notice(says::ends_early(step, total, stale, metric))
    }

    /// Whether the current step has an evaluation due that was not made: that before training, or, after a resume, one
    /// that a stop cut off.
    pub fn evaluation_due_now(&self) -> bool {
        let due = (self.state.step == 0 && self.is_past_eval_delay()) || self.due().eval;
        due && self.has_evaluation() && self.state.evaluated != Some(self.state.step)
    }

    /// Emits the means since the last log as a step event.
    pub fn log(&mut self) -> Result<()> {
        let step = self.state.step;
        let mut values = self.state.window.take();
        loss::add_margins(&mut values, str::to_owned);
        values.extend(self.last_step.iter().map(|(name, value)| ((*name).to_owned(), *value)));
        values.insert("tokens_per_second".into(), self.speed.take());
        values.insert("num_tokens".into(), self.state.tokens as f64);
        if self.spec.plain.include_num_input_tokens_seen {
            values.insert("num_input_tokens_seen".into(), self.state.tokens as f64);
        }
        if let Some(bytes) = self.model.engine().device().peak_memory()? {
            values.insert("memory".into(), bytes as f64);
        }
        let metrics = finite(values, step)?;
        let epoch = self.feed.epochs(step);
        self.events.emit(TrainEvent::Step { step, epoch, metrics })
    }

    /// Saves a checkpoint of this step, updates the link `checkpoint-best`, and deletes checkpoints past the limit.
    pub fn save(&mut self) -> Result<()> {
        let step = self.state.step;
        let evaluation = self.last_evaluation.filter(|evaluation| evaluation.step == step);
        let metric = evaluation.map(|evaluation| evaluation.metric);
        let rule = &self.spec.best;
        let is_better = |value| self.state.best.as_ref().is_none_or(|b| rule.better(value, b.value.0));
        let best = metric.is_some_and(is_better);
        if let (true, Some(value)) = (best, metric) {
            let value = Exact(value);
            self.state.best = Some(Best { step, value });
        }
        let started = Instant::now();
        self.events.sync()?;
        let dropout = match &self.spec.tuning {
            Tuning::Lora(lora) => lora.dropout,
            Tuning::Full | Tuning::Freeze(_) | Tuning::Oft(_) => 0.0,
        };
        let snapshot = Snapshot {
            source: Source {
                model: &self.model,
                base: &self.base,
                words: &self.words,
                encoder: Some(&self.encoder),
                dtype: None,
            },
            optimizer: &self.optimizer,
            state: &self.state,
            origin: &self.origin,
            lora_dropout: dropout,
            only_model: self.spec.plain.save_only_model,
        };
        let name = checkpoint::save(self.dir(), &snapshot)?;
        self.link_best(&name, best)?;
        self.events.emit(TrainEvent::Checkpoint { step, path: name, best })?;
        if let Some(limit) = self.spec.plain.save_total_limit {
            checkpoint::prune(self.dir(), limit as usize, self.state.best.as_ref().map(|b| b.step))?;
        }
        self.speed.exclude(started.elapsed());
        Ok(())
    }

    /// Points the link `checkpoint-best` at `name` if it is the best one; while none was evaluated, at the newest.
    fn link_best(&self, name: &str, best: bool) -> Result<()> {
        match best || self.state.best.is_none() {
            true => files::link_atomic(&self.dir().join(run_dir::BEST), name),
            false => Ok(()),
        }
    }

    /// What was done is in a checkpoint, though the cadence has none here.
    pub fn save_what_is_done(&mut self) -> Result<()> {
        match self.state.step {
            0 => Ok(()),
            _ => self.save(),
        }
    }
}

/// Options of the policy's forward pass before a backward one, as far as all micro-batches share them.
fn training_pass(spec: &RunSpec) -> ForwardOptions {
    ForwardOptions {
        keep: Keep::ForBackward,
        activation_memory: spec.activation_memory,
        ..stage::scoring(&spec.method)
    }
}

/// Metrics of these values.
///
/// # Errors
/// [`Error::Diverged`] if one is not finite.
fn finite(values: impl IntoIterator<Item = (String, f64)>, step: u64) -> Result<Metrics> {
    let check = |(name, value)| {
        MetricValue::new(value)
            .map(|v| (name, v))
            .ok_or(Error::Diverged { step })
    };
    values.into_iter().map(check).collect()
}
