//! Loads a run's model and data, before anything is attached or trained.

use crate::data::{Clock, Dataset, Encoder, Moment, Template, Tokenizer, has_slow_tokenizer};
use crate::error::{Error, Result};
use crate::events::EventLog;
use crate::folder::{self, Origin};
use crate::model::{HeadSource, LoadOptions, Loftq, Model, ModelConfig, OnTheFly, Targets, Trainable, saved_head};
use crate::ops::Engine;
use crate::quant::folder::Folder;
use crate::session::compute_note;
use crate::session::rows::{Rows, Train, rows};
use crate::tensors::HOST;
use crate::weights::{Hub, Weights};
use crate::{info, machine, peft};
use candle_core::Device;
use protocol::config::{ALL_LINEAR, DeviceChoice, LoraInit, RunSpec, Start, Tuning, Wording};
use protocol::decoder::RopeScaling;
use protocol::event::Phase;
use protocol::says;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A model and its data, before anything that trains is attached.
pub struct Loaded {
    pub weights: Weights,
    pub model: Model,
    pub engine: Engine,
    pub encoder: Arc<Encoder>,
    pub train: Train,
    pub eval: Dataset,
    /// How many token ids the model has embeddings for.
    pub vocabulary: u64,
}

/// Model and data of the run that writes into `dir`; `resume` is the checkpoint that is gone on from.
pub fn load(
    spec: &RunSpec,
    dir: &Path,
    resume: Option<&Path>,
    engine: Engine,
    events: &mut EventLog,
    hub: &Hub,
) -> Result<Loaded> {
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
    weights.scale_positions(spec.model.rope, Some(spec.data.cutoff_len as u64))?;
    for note in &weights.notes {
        events.notice(note.clone())?;
    }
    if let (Some(scaling), Tuning::Lora(_) | Tuning::Oft(_)) = (weights.rope, &spec.tuning) {
        let entry = scaling.entry().to_string();
        events.notice(says::rope_beside_adapter(scaling.reach(), entry))?;
    }
    let plain = spec.method.stage().reads_plain_text();
    let wording = weights.worded_anew(&spec.data.wording);
    let words = weights.words().tokenizer;
    if wording.fast == Some(false) && !has_slow_tokenizer(&words) {
        events.notice(says::fast_tokenizer_alone(words.display()))?;
    }
    let moment = match resume {
        None => Moment::now(),
        Some(checkpoint) => Origin::read(checkpoint)?
            .and_then(|origin| origin.moment)
            .unwrap_or(Moment::UNRECORDED),
    };
    let encoder = Arc::new(encoder(&weights, &wording, plain)?.with_clock(Clock::Stopped(moment)));
    let Rows { train, eval } = rows(spec, resume, &encoder, events)?;
    events.phase(Phase::Tokenizing, 1, 1)?;
    let info = info::read(&weights.base)?;
    let engine = match engine.refuses(&info.dims.decoder) {
        None => engine,
        Some(why) if spec.device == DeviceChoice::Best => {
            events.notice(says::on_cpu_instead(why))?;
            if let Some(note) = compute_note(DeviceChoice::Cpu, spec.compute) {
                events.notice(note)?;
            }
            machine::give_card_back(dir)?;
            Engine::on(DeviceChoice::Cpu, spec.compute)?
        }
        Some(why) => return Err(Error::invalid(says::cuda_unavailable(why))),
    };
    let vocab = peft::vocabulary(&weights.adapters)?.unwrap_or(info.dims.decoder.embedding.vocabulary as u64);
    for largest in [train.largest_id(), eval.largest_id()] {
        check_id(largest, vocab, &encoder)?;
    }
    let context = weights.rope.map_or(info.context, RopeScaling::reach);
    if spec.data.cutoff_len as u64 > context {
        let cutoff = spec.data.cutoff_len;
        events.notice(says::long_cutoff(cutoff, context))?;
    }
    events.phase(Phase::Loading, 1, 2)?;
    let options = options(&weights, &engine);
    let model = match spec.model.start {
        Start::Scratch => {
            let config = ModelConfig::scaled(&weights.base, weights.rope)?;
            Model::random(config, spec.seed, &options)?
        }
        _ => Model::load(&weights.base, &options)?,
    };
    let ModelConfig { family, decoder, .. } = model.config();
    if let Some(length) = decoder.otherwise_past()
        && spec.data.cutoff_len > length
    {
        events.notice(says::otherwise_past(family.models, length))?;
    }
    for key in model
        .config()
        .quantization
        .as_ref()
        .map(Folder::unused)
        .unwrap_or_default()
    {
        events.notice(says::quantized_activations(*key))?;
    }
    if let Some((formats, bytes)) = model.quantized() {
        let (formats, bytes) = (formats.join(", "), bytes >> 20);
        let asked = spec.model.quantize.is_some_and(|_| info.quantized.is_some());
        events.notice(match asked {
            true => says::stays_quantized_as_it_is(formats, bytes),
            false => says::stays_quantized(formats, bytes),
        })?;
    }
    events.phase(Phase::Loading, 2, 2)?;
    Ok(Loaded {
        weights,
        model,
        engine,
        encoder,
        train,
        eval,
        vocabulary: vocab,
    })
}

/// LoftQ's quantization of the base weights, if the run starts a new LoftQ adapter.
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

/// The modules that an adapter is put on, from the config's list.
pub fn targets(names: &[String]) -> Targets {
    match names {
        [] => Targets::All,
        [all] if all == ALL_LINEAR => Targets::AllLinear,
        names => Targets::Named(names.to_vec()),
    }
}

/// The encoder for these weights: tokenizer and chat template. `plain` is for text that is trained on without a
/// template.
pub fn encoder(weights: &Weights, wording: &Wording, plain: bool) -> Result<Encoder> {
    with_template(tokenizer(weights, wording)?, wording, plain)
}

/// The weights' tokenizer, with their own chat template.
pub fn tokenizer(weights: &Weights, wording: &Wording) -> Result<Tokenizer> {
    let words = weights.words();
    let mut tokenizer = Tokenizer::of_class(&words.tokenizer, wording.fast)?;
    if words.template != words.tokenizer {
        tokenizer.take_template(&words.template)?;
    }
    Ok(tokenizer)
}

/// An encoder of this tokenizer and the template that the config names, else the tokenizer's own; see [`encoder`].
pub fn with_template(tokenizer: Tokenizer, wording: &Wording, plain: bool) -> Result<Encoder> {
    let template = match wording.template.as_deref() {
        None if plain && tokenizer.chat_template().is_none() => Template::named("default")?,
        name => Template::choose(name, &tokenizer)?,
    };
    Ok(Encoder::worded(tokenizer, template, wording)?)
}

/// Checks that the model has an embedding for the largest of some token ids. It has none if the template added the
/// token, or the tokenizer is another model's.
///
/// # Errors
/// The token is not in the vocabulary.
pub fn check_id(largest: Option<u32>, vocab: u64, encoder: &Encoder) -> Result<()> {
    match largest {
        Some(id) if u64::from(id) >= vocab => {
            let token = encoder.tokenizer().token(id).unwrap_or_default();
            Err(Error::invalid(says::unknown_token_in_data(vocab, id, token)))
        }
        _ => Ok(()),
    }
}

/// How the model of these weights is loaded.
fn options(weights: &Weights, engine: &Engine) -> LoadOptions {
    let quantize = weights.quantize.map(OnTheFly::from);
    LoadOptions {
        engine: engine.clone(),
        quantize,
        loftq: weights.loftq.clone(),
        rope: weights.rope,
    }
}

/// A model with its adapters attached, all frozen.
pub fn load_frozen(weights: &Weights, engine: &Engine) -> Result<Model> {
    let mut model = Model::load(&weights.base, &options(weights, engine))?;
    let read = |path: &PathBuf| Ok(peft::read(path, &HOST)?.adapter);
    let adapters: Result<Vec<_>> = weights.adapters.iter().map(read).collect();
    model.attach(adapters?, Trainable::Nothing)?;
    Ok(model)
}

/// A frozen reward model: a model with its adapters and the value head that scores replies.
pub fn load_scorer(weights: &Weights, engine: &Engine) -> Result<Model> {
    let mut model = load_frozen(weights, engine)?;
    let source = scoring_head(weights, &HOST)?;
    model.add_value_head(source, 0.0, false)?;
    Ok(model)
}

/// The value head that makes weights a reward model.
///
/// # Errors
/// The weights have none, or it can't be read.
pub fn scoring_head(weights: &Weights, device: &Device) -> Result<HeadSource> {
    head_source(weights, device)?.ok_or_else(|| {
        let last = weights.adapters.last().unwrap_or(&weights.base);
        Error::file(last, says::no_reward_model(folder::VALUE_HEAD))
    })
}

/// The value head saved beside the weights, if there is one.
pub fn head_source(weights: &Weights, device: &Device) -> Result<Option<HeadSource>> {
    let read = |path: PathBuf| Ok(HeadSource::Saved(saved_head(&path, device)?));
    weights.value_head().map(read).transpose()
}
