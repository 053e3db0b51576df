//! What the loop holds: built once from a checked config, before the first step.

mod attach_trainable;
mod evaluating;
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
use crate::exact::Exact;
use crate::feed::Feed;
use crate::folder::{Origin, Source, Words};
use crate::model::{ForwardOptions, Keep, Model, Noise};
use crate::optim::Optimizer;
use crate::pairs::PairsFolder;
use crate::reference::Reference;
use crate::stage::ppo::Judge;
use crate::{files, loss, schedule, stage};
use protocol::config::{Against, Every, RunSpec, Tuning};
use protocol::event::{MetricValue, Metrics, TrainEvent};
use protocol::{run_dir, says};
use sampled::Sampling;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often it is told how far an evaluation is, or a prediction.
const TOLD_EVERY: Duration = Duration::from_secs(2);

/// A run in this process.
pub struct Session<'a> {
    pub spec: RunSpec,
    pub model: Model,
    pub reference: Reference,
    pub optimizer: Optimizer,
    /// The weight of the router's auxiliary loss in what is trained and evaluated by, where it counts.
    pub router_loss: Option<f64>,
    /// PPO's.
    pub judge: Option<Judge>,
    pub feed: Feed,
    pub eval: Dataset,
    /// What is kept of held-out pairs one by one, where there are any.
    pairs: Option<PairsFolder>,
    /// Prompts that are answered beside evaluations.
    sampling: Option<Sampling>,
    /// What `do_predict` answers when training is over.
    to_predict: Option<Dataset>,
    pub state: State,
    pub total_steps: u64,
    /// `grad_norm` and `learning_rate` of the step made last.
    pub last_step: Vec<(&'static str, f64)>,
    pub speed: Speed,
    events: &'a mut EventLog,
    origin: Origin,
    base: PathBuf,
    words: Words,
    encoder: Arc<Encoder>,
    /// Step of the last evaluation, and its value of the metric that tells the best checkpoint.
    evaluated: Option<(u64, f64)>,
}

/// What is to be done after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    pub log: bool,
    pub eval: bool,
    pub save: bool,
}

impl<'a> Session<'a> {
    /// A checkpoint that was completed right before a kill is told of now.
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
        Path::new(&self.spec.output_dir)
    }

    pub fn learning_rate(&self, step: u64) -> f64 {
        match &self.state.plateau {
            Some(watch) => watch.lr.0,
            None => {
                let optim = &self.spec.optim;
                optim.learning_rate * schedule::factor(&optim.schedule, self.total_steps, step)
            }
        }
    }

    /// Notes how the step that was just counted went; `skipped`: the updates that were skipped before it.
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

    /// The policy's pass over a micro-batch of the step being made.
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

    /// The policy's share in the synced reference, when the step made last is one after which it is synced.
    pub fn reference_sync_due(&self) -> Option<f64> {
        match *self.spec.method.against() {
            Against::Following { mixup, steps } if self.state.step.is_multiple_of(steps) => Some(mixup),
            _ => None,
        }
    }

    /// What follows the step made last. A checkpoint is evaluated when it is made, so that the best one is known; the
    /// last step is always logged, evaluated and kept.
    pub fn due(&self) -> Due {
        let (step, cadence) = (self.state.step, self.spec.cadence);
        let last = step == self.total_steps;
        let on = |every| self.falls_on(every);
        let save = step > 0 && (last || on(cadence.save));
        let evaluates = on(cadence.eval) || (save && cadence.eval != Every::Never);
        Due {
            log: on(cadence.log) || last || (step == 1 && cadence.log_first),
            eval: self.looks_at_itself() && (last || (evaluates && self.waited())),
            save,
        }
    }

    /// Whether there are rows to be scored on, or prompts to answer.
    fn looks_at_itself(&self) -> bool {
        !self.eval.is_empty() || self.sampling.is_some()
    }

    fn falls_on(&self, every: Every) -> bool {
        match every {
            Every::Never => false,
            Every::Steps(n) => self.state.step.is_multiple_of(n),
            // a session's cadence has none: see `Cadence::of`
            Every::Share(_) => false,
            Every::Epoch => self.feed.ends_epoch(self.state.step),
        }
    }

    /// Whether `eval_delay` is over.
    fn waited(&self) -> bool {
        let step = self.state.step;
        let passed = match self.spec.cadence.eval {
            Every::Epoch => self.feed.epochs(step),
            _ => step as f64,
        };
        passed >= self.spec.cadence.eval_delay
    }

    /// Whether early stopping has seen enough evaluations without a better one.
    pub fn patience_is_spent(&self) -> bool {
        let stale = self.state.patience.as_ref().map_or(0, |patience| patience.stale);
        self.spec.best.patience.is_some_and(|most| stale >= most)
    }

    /// Says that training ends before its last step.
    pub fn emit_early_end(&mut self) -> Result<()> {
        let stale = self.state.patience.as_ref().map_or(0, |patience| patience.stale);
        let (step, total) = (self.state.step, self.total_steps);
        let metric = &self.spec.best.metric;
        self.events.notice(says::ends_early(step, total, stale, metric))
    }

    /// Whether an evaluation belongs to this very step that was not made before: the one before training, or one that
    /// a stop cut off.
    pub fn evaluation_due_now(&self) -> bool {
        let due = (self.state.step == 0 && self.waited()) || self.due().eval;
        due && self.looks_at_itself() && self.state.evaluated != Some(self.state.step)
    }

    /// Writes the open window's means as a step event.
    pub fn log(&mut self) -> Result<()> {
        let step = self.state.step;
        let mut values = self.state.window.take();
        loss::add_margins(&mut values, "");
        values.extend(self.last_step.iter().map(|(name, value)| ((*name).to_owned(), *value)));
        values.insert("tokens_per_second".into(), self.speed.take());
        values.insert("num_tokens".into(), self.state.tokens as f64);
        if self.spec.count_tokens {
            values.insert("num_input_tokens_seen".into(), self.state.tokens as f64);
        }
        if let Some(bytes) = self.model.engine().device().peak_memory()? {
            values.insert("memory".into(), bytes as f64);
        }
        let metrics = finite(values, step)?;
        let epoch = self.feed.epochs(step);
        self.events.emit(TrainEvent::Step { step, epoch, metrics })
    }

    /// Makes a checkpoint of this step, points `checkpoint-best`, and lets old ones go.
    pub fn save(&mut self) -> Result<()> {
        let step = self.state.step;
        let told = self.evaluated.filter(|(at, _)| *at == step).map(|(_, value)| value);
        let rule = &self.spec.best;
        let beats = |value| self.state.best.as_ref().is_none_or(|b| rule.better(value, b.value.0));
        let best = told.is_some_and(beats);
        if let (true, Some(value)) = (best, told) {
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
            only_model: self.spec.cadence.save_only_model,
        };
        let name = checkpoint::save(self.dir(), &snapshot)?;
        self.link_best(&name, best)?;
        self.events.emit(TrainEvent::Checkpoint { step, path: name, best })?;
        if let Some(limit) = self.spec.cadence.save_total_limit {
            checkpoint::prune(self.dir(), limit, self.state.best.as_ref().map(|b| b.step))?;
        }
        self.speed.leave_out(started.elapsed());
        Ok(())
    }

    /// `checkpoint-best` names the best one; as long as none was evaluated, the newest.
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

/// A pass of the policy that a backward pass follows, as far as it is the same for all micro-batches.
fn training_pass(spec: &RunSpec) -> ForwardOptions {
    ForwardOptions {
        keep: Keep::ForBackward,
        activation_memory: spec.activation_memory,
        ..stage::scoring(&spec.method)
    }
}

/// Metrics of finite values; one that is not finite means divergence.
fn finite(values: impl IntoIterator<Item = (String, f64)>, step: u64) -> Result<Metrics> {
    let check = |(name, value)| {
        MetricValue::new(value)
            .map(|v| (name, v))
            .ok_or(Error::Diverged { step })
    };
    values.into_iter().map(check).collect()
}
