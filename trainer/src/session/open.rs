//! Builds a session from a checked config: model, data, reference, optimizer, and the state of the checkpoint it
//! resumes.

use super::load::{self, Loaded};
use super::rows::Train;
use super::{Session, Speed, attach_trainable, reference_and_reward, training_pass};
use crate::batch::{self, Order, hex};
use crate::checkpoint::{self, State};
use crate::data::{self, Dataset};
use crate::error::{Error, Result};
use crate::events::EventLog;
use crate::feed::{Feed, Held, Streamed};
use crate::folder::Origin;
use crate::model::Model;
use crate::ops::Engine;
use crate::ops::cuda::{self, Chosen};
use crate::optim::Optimizer;
use crate::pairs::{PairsFolder, Purpose};
use crate::reference::Reference;
use crate::schedule::Watch;
use crate::stage::ppo::{Judge, Readers, longest_prompts};
use crate::tensors::HOST;
use crate::weights::Hub;
use crate::{files, info, predict, stage};
use candle_core::DType;
use protocol::config::{BatchSpec, Compute, DeviceChoice, Method, PlacedRun, Resume, RunSpec, Schedule, Tuning};
use protocol::decoder::RopeScaling;
use protocol::event::{Started, TrainEvent};
use protocol::memory::Lengths;
use protocol::{Said, memory, pairs, run_dir, samples, says};
use sha2::{Digest, Sha256};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

impl<'a> Session<'a> {
    /// Loads model and data, computes what must be known before training, and goes to where a checkpoint left off.
    pub fn open(run: PlacedRun, events: &'a mut EventLog, hub: &Hub) -> Result<Self> {
        let (spec, dir) = (run.spec, PathBuf::from(run.output_dir));
        let resume = resume_point(&spec, Some(&dir))?;
        let engine = Engine::on(spec.device, spec.compute)?;
        for note in [device_note(&spec), compute_note(spec.device, spec.compute)]
            .into_iter()
            .flatten()
        {
            events.notice(note)?;
        }
        let free = engine.device().usable_memory()?;
        let mut loaded = load::load(&spec, &dir, resume.as_deref(), engine, events, hub)?;
        let spec = RunSpec {
            activation_memory: spec.activation_memory.or(activation_memory(&spec, &loaded, free)?),
            ..spec
        };
        let attached = attach_trainable::attach(&spec, &mut loaded, events)?;
        let mut reference = reference_and_reward::reference(&spec, &mut loaded, events, hub)?;
        let mut judge = reference_and_reward::judge(&spec, &loaded, hub)?;
        if let Some(judge) = &mut judge {
            reserve_for_replies(&spec, &mut loaded, &mut reference, judge)?;
        }
        let Loaded {
            weights,
            mut model,
            engine,
            encoder,
            train,
            eval,
            vocabulary,
        } = loaded;
        let mut optimizer = Optimizer::new(&engine, &spec.optim, spec.seed, model.params())?;
        let data = fingerprint(&train, &spec)?;
        let state = match &resume {
            None => State {
                data,
                plateau: matches!(spec.optim.schedule, Schedule::ReduceOnPlateau(_))
                    .then(|| Watch::new(spec.optim.learning_rate)),
                ..State::default()
            },
            Some(checkpoint) => {
                let state = checkpoint::state(checkpoint)?;
                if state.data != data {
                    return Err(Error::file(checkpoint, says::other_rows()));
                }
                let updates = state.updates.unwrap_or(state.step);
                checkpoint::restore(checkpoint, updates, &mut model, &mut optimizer, &HOST)?;
                state
            }
        };
        let scaled = engine.compute() == DType::F16;
        let state = State {
            loss_scale: scaled.then(|| state.loss_scale.unwrap_or_default()),
            ..state
        };
        let mut steps = spec.batch;
        if let Method::Ppo(ppo) = &spec.method {
            steps.accumulation *= ppo.buffer;
        }
        let total_steps = spec.length.steps(train.held().map_or(0, Dataset::len), steps);
        let feed = match train {
            Train::Held(rows) => Feed::Held(held(rows, &spec, steps)?),
            Train::Streamed(stream) => Feed::Streamed(Box::new(Streamed {
                stream: *stream,
                batch: steps,
                total_steps,
                vocabulary,
                encoder: encoder.clone(),
                began: state.stream.as_ref().map_or(0, |stream| stream.began),
            })),
        };
        let spec = RunSpec {
            cadence: spec.cadence.of(total_steps),
            ..spec
        };
        let origin = Origin {
            base: weights.base_name.clone(),
            // full weights are saved with the frozen adapters merged into them
            adapters: if let Tuning::Lora(_) | Tuning::Oft(_) = spec.tuning {
                attached.frozen_paths
            } else {
                vec![]
            },
            wording: encoder.wording(),
            moment: Some(encoder.now()),
            quantize: weights.quantize,
            // a folder of full weights has it in its own config
            rope: weights
                .rope
                .filter(|_| matches!(spec.tuning, Tuning::Lora(_) | Tuning::Oft(_))),
            expects: matches!(spec.method, Method::Ppo(_)),
        };
        if resume.is_none() {
            clear(&dir)?;
        }
        let purpose = Purpose {
            about: stage::about_pairs(&spec.method),
            cutoff: spec.data.cutoff_len,
            step: state.step,
        };
        let pairs = PairsFolder::open(&dir, &eval, purpose)?;
        events.emit(TrainEvent::Started(Started {
            total_steps,
            resumed_from: state.step,
            epochs: match &feed {
                Feed::Held(held) => held.order.epochs(total_steps),
                Feed::Streamed(_) => 1.0,
            },
            train_rows: feed.rows().unwrap_or(0),
            eval_rows: eval.len() as u64,
            trainable_params: model.params().count() as u64,
            all_params: all_params(&weights.base, &model),
            device: engine.name(),
            compute: engine.compute().as_str().into(),
            stored: stored(&model)?,
            threads: rayon::current_num_threads() as u64,
            context: Some(
                weights
                    .rope
                    .map_or(model.config().max_positions as u64, RopeScaling::reach),
            ),
        }))?;
        let mut session = Self {
            spec,
            dir,
            model,
            reference,
            optimizer,
            router_loss: attached.router_loss,
            judge,
            feed,
            eval,
            pairs,
            sampling: None,
            to_predict: None,
            total_steps,
            last_step: vec![("grad_norm", 0.0), ("learning_rate", 0.0)],
            speed: Speed::start(),
            events,
            origin,
            words: weights.words(),
            base: weights.base,
            encoder,
            last_evaluation: None,
            state,
        };
        session.open_samples()?;
        session.open_predictions()?;
        session.emit_late_checkpoint()?;
        Ok(session)
    }
}

/// Reserves memory for the replies that PPO generates to the prompts of both splits.
fn reserve_for_replies(
    spec: &RunSpec,
    loaded: &mut Loaded,
    reference: &mut Reference,
    judge: &mut Judge,
) -> Result<()> {
    let mut readers = Readers {
        model: &mut loaded.model,
        reference,
        judge,
    };
    if let Some(train) = loaded.train.held() {
        let prompts = longest_prompts(train, spec.batch.train)?;
        readers.reserve(prompts, Some(training_pass(spec)))?;
    }
    readers.reserve(longest_prompts(&loaded.eval, spec.batch.eval)?, None)
}

/// The memory in bytes that saved activations may take on a card that had `free` bytes before the run: what the rest of
/// the run leaves. `None` on the CPU.
fn activation_memory(spec: &RunSpec, loaded: &Loaded, free: u64) -> Result<Option<u64>> {
    if !loaded.engine.device().is_card() {
        return Ok(None);
    }
    let dims = info::read(&loaded.weights.base)?.dims;
    let free = free + memory::CARD_OVERHEAD;
    let lengths = match loaded.train.held() {
        Some(rows) => batch::lengths(rows)?,
        None => Lengths::at_cutoff(spec, 1),
    };
    Ok(Some(memory::for_activations(&dims, spec, &lengths, free)))
}

/// The checkpoint that the run resumes from, if any; `dir`: where it writes, if that is known.
///
/// # Errors
/// The config names a folder that is not there.
pub(crate) fn resume_point(spec: &RunSpec, dir: Option<&Path>) -> Result<Option<PathBuf>> {
    match &spec.resume {
        Resume::No => Ok(None),
        Resume::Newest => Ok(dir.and_then(checkpoint::newest).map(|(_, path)| path)),
        Resume::From(path) => {
            let folder = PathBuf::from(path);
            match folder.is_dir() {
                true => Ok(Some(folder.canonicalize().map_err(Error::io(&folder))?)),
                false => Err(Error::invalid(says::no_checkpoint_folder(path))),
            }
        }
    }
}

/// Removes an earlier run's files before the first step of a new one, whose checkpoints they would pass for.
fn clear(dir: &Path) -> Result<()> {
    for (_, path) in checkpoint::list(dir) {
        files::retire(&path)?;
    }
    files::retire(&dir.join(run_dir::MERGED))?;
    files::retire(&dir.join(pairs::FOLDER))?;
    files::retire(&dir.join(samples::FOLDER))?;
    for name in [run_dir::PREDICTIONS, predict::RESULTS, predict::ALL_RESULTS] {
        let path = dir.join(name);
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(Error::io(&path)(e)),
            _ => {}
        }
    }
    let best = dir.join(run_dir::BEST);
    match best.symlink_metadata() {
        // a folder instead of a link: the run was copied by a tool that follows links
        Ok(found) if found.is_dir() => files::retire(&best),
        Ok(_) => std::fs::remove_file(&best).map_err(Error::io(&best)),
        Err(_) => Ok(()),
    }
}

/// A notice if there is a card that the run does not use, with the reason.
pub fn device_note(spec: &RunSpec) -> Option<Said> {
    match cuda::choose(spec.device) {
        Ok(Chosen::Cpu(why)) => why,
        Ok(Chosen::Card(_)) | Err(_) => None,
    }
}

/// A notice if the device that `choice` means does not compute in the data type that was asked for.
pub fn compute_note(choice: DeviceChoice, compute: Compute) -> Option<Said> {
    match compute {
        Compute::F32 | Compute::Bf16 | Compute::PureBf16 => None,
        Compute::F16 => match cuda::choose(choice) {
            Ok(Chosen::Cpu(_)) => Some(says::computes_in_f32("fp16")),
            Ok(Chosen::Card(_)) | Err(_) => None,
        },
    }
}

/// Rows that are all read, in the order that the config asks for.
fn held(rows: Dataset, spec: &RunSpec, batch: BatchSpec) -> Result<Held> {
    let lengths: Option<data::Result<_>> = spec
        .data
        .by_length
        .then(|| (0..rows.len()).map(|row| rows.tokens(row)).collect());
    let seed = spec.data.order_seed.unwrap_or(spec.seed);
    let order = Order::new(rows.len(), batch, spec.data.shuffle.then_some(seed)).by_length(lengths.transpose()?);
    Ok(Held { rows, order })
}

/// A hash of what the rows of each step depend on, so that a run resumes on the same rows. Of a stream's rows, the
/// stream's own position in the checkpoint checks them.
fn fingerprint(train: &Train, spec: &RunSpec) -> Result<String> {
    let mut hash = Sha256::new();
    match train {
        Train::Streamed(_) => hash.update("streamed "),
        Train::Held(rows) => {
            for row in 0..rows.len() {
                hash.update(rows.hash(row)?);
            }
        }
    }
    hash.update(format!(
        "{} {} {} {}",
        spec.batch.train,
        spec.batch.accumulation,
        spec.data.shuffle,
        spec.data.order_seed.unwrap_or(spec.seed)
    ));
    if spec.data.by_length {
        hash.update(" by length");
    }
    Ok(hex(&hash.finalize()[..16]))
}

/// How many parameters the model has, the trained adapter's included.
fn all_params(base: &Path, model: &Model) -> u64 {
    let trained = model.params().count() as u64;
    let stored = info::read(base).map_or(0, |i| i.params);
    match model.adapter() {
        Ok(Some(_)) => stored + trained,
        _ => stored.max(trained),
    }
}

/// The data type that the weights are stored in; of several, the smallest.
fn stored(model: &Model) -> Result<String> {
    if let Some((formats, _)) = model.quantized() {
        return Ok(formats.join(", "));
    }
    let names = model.weight_names();
    let Some(norm) = names.iter().find(|n| n.ends_with("norm.weight")) else {
        return Ok("f32".into());
    };
    Ok(model.merged_weight(norm)?.dtype().as_str().to_owned())
}
