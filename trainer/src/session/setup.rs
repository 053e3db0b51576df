//! From a checked config to a session: model, data, reference, optimizer, and where a checkpoint left off.

use super::{Session, Speed};
use crate::batch::{self, Order, hex};
use crate::checkpoint::{self, State};
use crate::data::{self, Encoder, Examples, Template, Thinking, Tokenizer};
use crate::error::{Error, Result};
use crate::events::EventLog;
use crate::folder::Origin;
use crate::generate::SamplingOptions;
use crate::model::{
    Adapter, HeadSource, Init, Keep, LoadOptions, Loftq, LoraConfig, Model, ModelConfig, OnTheFly, Pass, Pissa,
    Targets, Trainable,
};
use crate::optim::Optimizer;
use crate::ppo::Judge;
use crate::quant::bnb4::Kind;
use crate::reference::{self, Reference, Scorer, Store};
use crate::schedule::Watch;
use crate::weights::{Hub, Weights};
use crate::{files, folder, info, machine, peft, stop, tensors};
use candle_core::Device;
use protocol::config::{
    Against, Compute, FourBit, LoraInit, Method, Quantize, Resume, RewardModel, RunSpec, Schedule, Start, Tuning,
};
use protocol::event::{Phase, Started, TrainEvent};
use protocol::run_dir;
use sha2::{Digest, Sha256};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A model and its data, before what is trained is attached.
struct Loaded {
    weights: Weights,
    model: Model,
    device: Device,
    encoder: Encoder,
    train: Examples,
    eval: Examples,
}

impl<'a> Session<'a> {
    /// Loads model and data, computes what must be known before training, and goes to where a checkpoint left off.
    /// `None`: asked to stop on the way.
    pub fn open(spec: RunSpec, events: &'a mut EventLog, hub: &Hub) -> Result<Option<Self>> {
        let dir = PathBuf::from(&spec.output_dir);
        let resume = resume_point(&spec)?;
        let (device, device_name) = machine::device(spec.device)?;
        say_compute(&spec, &device, events)?;
        let Some(mut loaded) = load(&spec, device, events, hub)? else {
            return Ok(None);
        };
        let trainable = trainable(&spec, &mut loaded)?;
        let precomputes = spec.method.against().precomputes();
        let frozen = frozen_adapters(&spec, &loaded)?;
        loaded.model.attach(frozen.1, trainable)?;
        let head_dropout = match &spec.method {
            Method::Reward(reward) => Some(reward.head_dropout),
            Method::Ppo(_) => Some(0.0),
            _ => None,
        };
        if let Some(dropout) = head_dropout {
            let source = head_source(&loaded.weights, &loaded.device)?;
            let source = source.unwrap_or(HeadSource::Fresh { seed: spec.seed });
            loaded.model.add_value_head(source, dropout, true)?;
        }
        if let Tuning::Lora(lora) = &spec.tuning {
            loaded.model.params_mut().set_b_rate(lora.b_rate);
        }
        loaded
            .model
            .set_collisions(matches!(&spec.method, Method::Preference(p) if p.weighting));
        set_router_loss(&spec, &mut loaded.model, events)?;
        if let Against::Following { .. } = spec.method.against() {
            loaded.model.follow()?;
        }
        if let Some(bytes) = spec.activation_memory {
            loaded.model.set_activation_budget(bytes);
        }
        if let Some(plan) = batch::largest(&loaded.eval, spec.batch.eval, loaded.model.extent()) {
            loaded.model.reserve(&plan, Keep::Nothing)?;
        }
        if let Some(plan) = batch::largest(&loaded.train, spec.batch.train, loaded.model.extent()) {
            loaded.model.reserve(&plan, Keep::ForBackward)?;
        }
        let reference = match reference(&spec, &mut loaded, events, hub, precomputes)? {
            Some(reference) => reference,
            None => return Ok(None),
        };
        let judge = judge(&spec, &loaded, hub)?;
        let Loaded {
            weights,
            mut model,
            device,
            encoder,
            train,
            eval,
        } = loaded;
        let mut optimizer = Optimizer::new(&spec.optim, spec.seed, model.params())?;
        let data = fingerprint(&train, &spec);
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
                    return Err(Error::file(
                        checkpoint,
                        "was made with other training rows, another order or another batch size: resume with the \
                         config it was made with, or start a new run from its weights",
                    ));
                }
                let updates = state.updates.unwrap_or(state.step);
                checkpoint::restore(checkpoint, updates, &mut model, &mut optimizer, &device)?;
                state
            }
        };
        let mut batch = spec.batch;
        if let Method::Ppo(ppo) = &spec.method {
            batch.accumulation *= ppo.buffer;
        }
        let order = Order::new(train.len(), batch, spec.data.shuffle.then_some(spec.seed));
        let total_steps = spec.length.steps(train.len(), batch);
        let origin = Origin {
            base: weights.base_name.clone(),
            // weights of the model itself are saved with the adapters in them
            adapters: if let Tuning::Lora(_) = spec.tuning {
                frozen.0
            } else {
                vec![]
            },
            template: encoder.template().name().map(str::to_owned),
            quantize: weights.quantize,
            expects: matches!(spec.method, Method::Ppo(_)),
        };
        if resume.is_none() {
            clear(&dir)?;
        }
        events.emit(TrainEvent::Started(Started {
            total_steps,
            resumed_from: state.step,
            epochs: order.epochs(total_steps),
            train_rows: train.len() as u64,
            eval_rows: eval.len() as u64,
            trainable_params: model.params().count() as u64,
            all_params: all_params(&weights.base, &model),
            device: device_name,
            compute: "f32".into(),
            stored: stored(&model)?,
            threads: rayon::current_num_threads() as u64,
        }))?;
        let mut session = Self {
            spec,
            model,
            reference,
            optimizer,
            judge,
            train,
            eval,
            order,
            total_steps,
            last_step: [("grad_norm", 0.0), ("learning_rate", 0.0)],
            speed: Speed::start(),
            events,
            origin,
            base: weights.base,
            encoder,
            evaluated: None,
            state,
        };
        session.announce()?;
        Ok(Some(session))
    }
}

/// The checkpoint to go on from.
fn resume_point(spec: &RunSpec) -> Result<Option<PathBuf>> {
    match &spec.resume {
        Resume::No => Ok(None),
        Resume::Newest => Ok(checkpoint::newest(Path::new(&spec.output_dir)).map(|(_, path)| path)),
        Resume::From(path) => {
            let folder = PathBuf::from(path);
            match folder.is_dir() {
                true => Ok(Some(folder.canonicalize().map_err(Error::io(&folder))?)),
                false => Err(Error::invalid(format!(
                    "resume_from_checkpoint: {path} is no folder; name one checkpoint, or `true` for the newest"
                ))),
            }
        }
    }
}

/// Takes away what an earlier run left, before the first step of a new one: its checkpoints would pass for this one's.
fn clear(dir: &Path) -> Result<()> {
    for (_, path) in checkpoint::list(dir) {
        files::retire(&path)?;
    }
    files::retire(&dir.join(run_dir::MERGED))?;
    let best = dir.join(run_dir::BEST);
    match best.symlink_metadata() {
        Ok(_) => std::fs::remove_file(&best).map_err(Error::io(&best)),
        Err(_) => Ok(()),
    }
}

/// The weight asked for, else the one the model's own config asks for.
fn set_router_loss(spec: &RunSpec, model: &mut Model, events: &mut EventLog) -> Result<()> {
    let experts = model.config().experts.as_ref();
    if spec.router_loss.is_some() && experts.is_none() {
        events.notice("moe_aux_loss_coef changes nothing: the model has no experts to route to")?;
    }
    let weight = spec.router_loss.or_else(|| experts?.aux_loss);
    let scored = matches!(spec.method, Method::Reward(_) | Method::Ppo(_));
    model.set_router_loss(weight.filter(|_| !scored));
    Ok(())
}

fn say_compute(spec: &RunSpec, device: &Device, events: &mut EventLog) -> Result<()> {
    let asked = match spec.compute {
        Compute::F32 => return Ok(()),
        Compute::Bf16 => "bf16",
        Compute::F16 => "fp16",
    };
    let place = if device.is_cpu() { "the CPU" } else { "this device" };
    events.notice(format!(
        "{asked}: computing in f32 on {place}; weights stay in the type they are stored in"
    ))
}

fn load(spec: &RunSpec, device: Device, events: &mut EventLog, hub: &Hub) -> Result<Option<Loaded>> {
    let chain = match &spec.model.start {
        Start::Adapters { chain, .. } => chain.as_slice(),
        _ => &[],
    };
    events.phase(Phase::Loading, 0, 2)?;
    let mut weights = Weights::find(&spec.model.path, chain, hub)?;
    weights.quantize = spec
        .model
        .quantize
        .or(weights.quantize.filter(|_| weights.loftq.is_some()));
    if weights.adapters.is_empty() {
        weights.loftq = fresh_loftq(&spec.tuning);
    }
    let encoder = encoder(
        &weights,
        spec.data.template.as_deref(),
        matches!(spec.method, Method::Pretrain { .. }),
    )?;
    let mut told = Instant::now();
    let mut failed = Ok(());
    let data = data::load_with(&spec.data, (&spec.method).into(), spec.seed, &encoder, |done, total| {
        if told.elapsed().as_millis() >= 500 {
            told = Instant::now();
            failed = events.phase(Phase::Tokenizing, done, total);
        }
        match stop::asked().is_some() || failed.is_err() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    })?;
    failed?;
    let Some(data) = data else { return Ok(None) };
    for report in data.reports {
        events.emit(TrainEvent::Data(report))?;
    }
    events.phase(Phase::Tokenizing, 1, 1)?;
    let info = info::read(&weights.base)?;
    check_ids(&data.train, info.dims.vocab, &encoder)?;
    check_ids(&data.eval, info.dims.vocab, &encoder)?;
    if spec.data.cutoff_len as u64 > info.context {
        events.notice(format!(
            "cutoff_len {} is more than the {} tokens the model was made for",
            spec.data.cutoff_len, info.context
        ))?;
    }
    events.phase(Phase::Loading, 1, 2)?;
    let options = options(&weights, &device);
    let model = match spec.model.start {
        Start::Scratch => {
            let config = ModelConfig::of_folder(&weights.base)?;
            Model::random(config, spec.seed, &options)?
        }
        _ => Model::load(&weights.base, &options)?,
    };
    if let Some((formats, bytes)) = model.quantized() {
        let (formats, bytes) = (formats.join(", "), bytes >> 20);
        let asked = spec.model.quantize.is_some_and(|_| info.quantized.is_some());
        let kept = if asked {
            "; quantization_bit changes nothing about it"
        } else {
            ""
        };
        events.notice(format!(
            "the linear layers stay quantized ({formats}, {bytes} MiB) and are dequantized to f32 as they are used{kept}"
        ))?;
    }
    events.phase(Phase::Loading, 2, 2)?;
    Ok(Some(Loaded {
        weights,
        model,
        device,
        encoder,
        train: data.train,
        eval: data.eval,
    }))
}

/// How weights are quantized for a new LoftQ adapter.
fn fresh_loftq(tuning: &Tuning) -> Option<Loftq> {
    let Tuning::Lora(lora) = tuning else { return None };
    let LoraInit::Loftq { iterations } = lora.init else {
        return None;
    };
    Some(Loftq {
        iterations,
        rank: lora.rank,
        targets: targets(&lora.target),
        fresh: true,
    })
}

fn targets(names: &[String]) -> Targets {
    match names.is_empty() {
        true => Targets::All,
        false => Targets::Named(names.to_vec()),
    }
}

/// The template asked for, else the one the weights were trained with, else the model's own. Plain text needs none.
pub fn encoder(weights: &Weights, asked: Option<&str>, plain: bool) -> Result<Encoder> {
    let tokenizer = Tokenizer::from_dir(&weights.base)?;
    let template = match asked.or(weights.template.as_deref()) {
        None if plain && tokenizer.chat_template().is_none() => Template::named("default")?,
        name => Template::choose(name, &tokenizer)?,
    };
    Ok(Encoder::new(tokenizer, template, Thinking::default())?)
}

/// Token ids that the model has no embedding for: the template added tokens, or the tokenizer is another model's.
fn check_ids(examples: &Examples, vocab: u64, encoder: &Encoder) -> Result<()> {
    let largest = match examples {
        Examples::Pairs(rows) | Examples::Ranked(rows) => rows
            .iter()
            .flat_map(|p| [&p.prompt, &p.chosen, &p.rejected])
            .flatten()
            .max(),
        // mismatched replies are other rows' replies
        Examples::Labelled(rows) => rows.iter().flat_map(|r| [&r.prompt, &r.reply]).flatten().max(),
        Examples::Prompts(rows) => rows.iter().flatten().max(),
        Examples::Sequences(rows) => rows.iter().flat_map(|s| &s.tokens).max(),
    };
    match largest {
        Some(&id) if u64::from(id) >= vocab => {
            let token = encoder.tokenizer().token(id).unwrap_or_default();
            Err(Error::invalid(format!(
                "the model knows {vocab} tokens, but the data holds id {id} ({token}): choose a template whose special \
                 tokens the model has, or the tokenizer that belongs to it"
            )))
        }
        _ => Ok(()),
    }
}

/// What is trained. For an adapter that goes on, the last of the chain.
fn trainable(spec: &RunSpec, loaded: &mut Loaded) -> Result<Trainable> {
    let keep_reference = *spec.method.against() == Against::Start { precompute: false };
    let lora = match &spec.tuning {
        Tuning::Full => return Ok(Trainable::Full { keep_reference }),
        Tuning::Freeze(part) => {
            let part = part.clone();
            return Ok(Trainable::Freeze { part, keep_reference });
        }
        Tuning::Lora(lora) => lora,
    };
    if let Some(path) = continued(spec, loaded) {
        let adapter = peft::read(&path, &loaded.device)?.adapter;
        let dropout = lora.dropout;
        return Ok(Trainable::Continue { adapter, dropout });
    }
    Ok(Trainable::NewAdapter(LoraConfig {
        rank: lora.rank,
        alpha: lora.alpha,
        rank_stabilized: lora.rank_stabilized,
        dropout: lora.dropout,
        targets: targets(&lora.target),
        expanded: lora.expanded,
        dora: lora.dora,
        init: match lora.init {
            LoraInit::Zero => Init::Zero,
            LoraInit::Pissa { iterations, convert } => Init::Pissa(Pissa { iterations, convert }),
            LoraInit::Loftq { iterations } => Init::Loftq { iterations },
        },
        additional: lora.additional.clone(),
        seed: spec.seed,
    }))
}

/// The adapter that goes on training, if one does.
fn continued(spec: &RunSpec, loaded: &Loaded) -> Option<PathBuf> {
    let fresh = match (&spec.tuning, &spec.model.start) {
        (Tuning::Full | Tuning::Freeze(_), _) => true,
        (_, Start::Adapters { fresh, .. }) => *fresh,
        // `model_name_or_path` may itself name an adapter
        _ => false,
    };
    match fresh {
        true => None,
        false => loaded.weights.adapters.last().cloned(),
    }
}

/// Adapters that are part of what the run starts from and stay as they are: their paths, and themselves.
fn frozen_adapters(spec: &RunSpec, loaded: &Loaded) -> Result<(Vec<String>, Vec<Adapter>)> {
    let all = &loaded.weights.adapters;
    let count = all.len() - usize::from(continued(spec, loaded).is_some());
    let read = |path: &PathBuf| {
        let adapter = peft::read(path, &loaded.device)?.adapter;
        Ok((path.to_string_lossy().into_owned(), adapter))
    };
    let read: Result<Vec<_>> = all[..count].iter().map(read).collect();
    let (paths, adapters): (Vec<_>, Vec<_>) = read?.into_iter().unzip();
    Ok((paths, adapters))
}

/// The reference of the method. `None`: asked to stop on the way.
fn reference(
    spec: &RunSpec,
    loaded: &mut Loaded,
    events: &mut EventLog,
    hub: &Hub,
    precompute: bool,
) -> Result<Option<Reference>> {
    let mut other = match spec.method.against() {
        Against::Nothing => return Ok(Some(Reference::None)),
        Against::Start { .. } | Against::Following { .. } => None,
        Against::Model {
            path,
            adapters,
            quantize,
            ..
        } => {
            let mut weights = Weights::find(path.as_ref().unwrap_or(&spec.model.path), adapters, hub)?;
            let as_policy = spec.model.quantize.filter(|_| path.is_none());
            let as_trained = weights.quantize.filter(|_| weights.loftq.is_some());
            weights.quantize = quantize.or(as_policy).or(as_trained);
            Some((load_frozen(&weights, &loaded.device)?, weights))
        }
    };
    if !precompute {
        return Ok(Some(match other {
            None => Reference::Start { forwards: 0 },
            Some((model, _)) => Reference::Model {
                model: Box::new(model),
                forwards: 0,
            },
        }));
    }
    let folders = |w: &Weights| [std::slice::from_ref(&w.base), &w.adapters].concat();
    let made = match (&other, &spec.model.start) {
        (None, Start::Scratch) => format!("random weights of seed {}", spec.seed),
        (None, _) if loaded.weights.loftq.as_ref().is_some_and(|loftq| loftq.fresh) => {
            format!("{:?}", loaded.weights.loftq)
        }
        _ => String::new(),
    };
    let store = Store::new(
        &reference::cache_dir(),
        &folders(other.as_ref().map_or(&loaded.weights, |(_, w)| w)),
        &made,
    )?
    .packed(other.as_ref().map_or(loaded.weights.quantize, |(_, w)| w.quantize));
    // before the first step the policy is the reference
    let scorer = Scorer {
        model: other.as_mut().map_or(&mut loaded.model, |(m, _)| m),
        pass: Pass::Policy,
        batch: spec.batch.eval,
        progress: &mut |done, total| events.phase(Phase::Reference, done, total),
    };
    let found = reference::precompute(&store, &loaded.train, &loaded.eval, scorer)?;
    if let Some(found) = &found {
        let rows = loaded.train.len() + loaded.eval.len();
        events.notice(match found.forwards() {
            0 => format!("reference log-probs of {rows} rows read from the store: no reference forward"),
            n => format!("reference log-probs of {rows} rows computed and stored: {n} reference forwards"),
        })?;
    }
    Ok(found)
}

/// The value head saved with the weights, if one is.
fn head_source(weights: &Weights, device: &Device) -> Result<Option<HeadSource>> {
    let read = |path: PathBuf| Ok(HeadSource::Saved(tensors::read(&path, device)?));
    weights.value_head().map(read).transpose()
}

/// PPO's reward model, and how its replies are written.
fn judge(spec: &RunSpec, loaded: &Loaded, hub: &Hub) -> Result<Option<Judge>> {
    let Method::Ppo(ppo) = &spec.method else {
        return Ok(None);
    };
    let weights = match &ppo.reward_model {
        RewardModel::Adapter(adapter) => Weights::find(&spec.model.path, std::slice::from_ref(adapter), hub)?,
        RewardModel::Model { path, adapters } => Weights::find(path, adapters, hub)?,
    };
    let writing = &ppo.writing;
    Ok(Some(Judge {
        reward_model: load_scorer(&weights, &loaded.device)?,
        sampling: SamplingOptions {
            temperature: writing.temperature,
            top_p: Some(writing.top_p),
            top_k: Some(writing.top_k),
            repetition_penalty: writing.repetition_penalty as f32,
            max_new_tokens: writing.max_new_tokens,
            ..SamplingOptions::default()
        },
        stop: loaded.encoder.stop_ids(),
    }))
}

/// A reward model: nothing of it is trained, and each reply gets a score.
pub fn load_scorer(weights: &Weights, device: &Device) -> Result<Model> {
    let mut model = load_frozen(weights, device)?;
    let source = head_source(weights, device)?.ok_or_else(|| {
        let last = weights.adapters.last().unwrap_or(&weights.base);
        Error::file(
            last,
            format!(
                "is no reward model: there is no {} (`stage: rm` makes one)",
                folder::VALUE_HEAD
            ),
        )
    })?;
    model.add_value_head(source, 0.0, false)?;
    Ok(model)
}

fn options(weights: &Weights, device: &Device) -> LoadOptions {
    let quantize = weights.quantize.map(|quantize| match quantize {
        Quantize::EightBit => OnTheFly::Int8,
        Quantize::FourBit { code, double } => OnTheFly::FourBit {
            kind: match code {
                FourBit::Nf4 => Kind::Nf4,
                FourBit::Fp4 => Kind::Fp4,
            },
            double,
        },
    });
    LoadOptions {
        device: device.clone(),
        quantize,
        loftq: weights.loftq.clone(),
    }
}

/// A model with its adapters on, of which nothing is trained.
pub fn load_frozen(weights: &Weights, device: &Device) -> Result<Model> {
    let mut model = Model::load(&weights.base, &options(weights, device))?;
    let read = |path: &PathBuf| Ok(peft::read(path, device)?.adapter);
    let adapters: Result<Vec<_>> = weights.adapters.iter().map(read).collect();
    model.attach(adapters?, Trainable::Nothing)?;
    Ok(model)
}

/// What the order of rows depends on.
fn fingerprint(train: &Examples, spec: &RunSpec) -> String {
    let mut hash = Sha256::new();
    batch::row_hashes(train).iter().for_each(|row| hash.update(row));
    hash.update(format!(
        "{} {} {} {}",
        spec.batch.train, spec.batch.accumulation, spec.data.shuffle, spec.seed
    ));
    hex(&hash.finalize()[..16])
}

/// Parameters of the model in all, the trained adapter's included.
fn all_params(base: &Path, model: &Model) -> u64 {
    let trained = model.params().count() as u64;
    let stored = info::read(base).map_or(0, |i| i.params);
    match model.adapter() {
        Ok(Some(_)) => stored + trained,
        _ => stored.max(trained),
    }
}

/// Type the weights are stored in, told by the smallest there is.
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
