//! Attaches what a run trains to a loaded model: adapters, the value head, buffers.

use super::load::{Loaded, head_source, targets};
use super::training_pass;
use crate::batch;
use crate::error::Result;
use crate::events::EventLog;
use crate::model::{
    Adapter, Cayley, ForwardOptions, HeadSource, Init, LoraConfig, Model, OftConfig, OftForm, Pissa, Targets,
    Trainable, no_dora_to_follow, no_rotations_to_follow,
};
use crate::peft;
use crate::plan::Extent;
use crate::tensors::HOST;
use crate::weights::Weights;
use protocol::config::{LoraInit, LoraSpec, Method, ReferenceSpec, RunSpec, Start, Tuning};
use protocol::decoder::{BlockRole, HeadAsked, HeadTable, Network, Role, Scores};
use protocol::{Said, says};
use std::path::{Path, PathBuf};

/// Reads an adapter from its folder: its weights, or its shapes alone.
type Read<'a> = dyn Fn(&Path) -> Result<Adapter> + 'a;

/// What a session needs to know of a model that was made ready to train.
pub struct Attached {
    /// Paths of the adapters that are part of the base model and are not trained.
    pub frozen_paths: Vec<String>,
    /// The weight of the router's auxiliary loss; `None` where the loss has no such term.
    pub router_loss: Option<f64>,
}

/// Adapters that are part of the base model and are not trained, in the order in which they are applied.
#[derive(Default)]
pub struct FrozenChain {
    pub paths: Vec<String>,
    pub adapters: Vec<Adapter>,
}

/// Attaches the adapters and the value head, and reserves the buffers that training and evaluation need.
///
/// # Errors
/// An adapter or a value head that is damaged or does not fit the model; targets that name no layer; not enough memory.
pub fn attach(spec: &RunSpec, loaded: &mut Loaded, events: &mut EventLog) -> Result<Attached> {
    let read = |path: &Path| Ok(peft::read(path, &HOST)?.adapter);
    let trainable = trainable(spec, &loaded.weights, &read)?;
    let frozen = frozen_adapters(spec, &loaded.weights, &read)?;
    loaded.model.attach(frozen.adapters, trainable)?;
    if matches!(spec.method, Method::Reward(_))
        && spec.tuning != Tuning::Full
        && let Some(note) = unused_head_note(&loaded.model)
    {
        events.notice(note)?;
    }
    if spec.method.stage().has_value_head() {
        let dropout = match &spec.method {
            Method::Reward(reward) => reward.head_dropout,
            _ => 0.0,
        };
        let source = head_source(&loaded.weights, &HOST)?;
        let source = source.unwrap_or(HeadSource::Fresh { seed: spec.seed });
        loaded.model.add_value_head(source, dropout, true)?;
    }
    if let Tuning::Lora(lora) = &spec.tuning {
        loaded.model.params_mut().set_b_rate(lora.b_rate);
    }
    let config = loaded.model.config();
    let router = config.decoder.experts().map(|experts| experts.router.scores);
    if let Some(Scores::SparseMixer { .. }) = router {
        events.notice(says::mixes_as_in_evaluation(config.family.architecture))?;
    }
    let is_new_lora = matches!(spec.tuning, Tuning::Lora(_)) && continued_adapter(spec, &loaded.weights).is_none();
    if let Tuning::Lora(lora) = &spec.tuning
        && is_new_lora
        && let Some(head) = skipped_head(lora, &loaded.model)
    {
        events.notice(says::head_takes_no_adapter(head))?;
    }
    if is_new_lora && adapts_experts(&loaded.model) {
        events.notice(says::experts_in_peft())?;
    }
    let router_loss = router_loss(spec, &loaded.model, events)?;
    if let ReferenceSpec::Following { .. } = spec.method.reference() {
        loaded.model.keep_synced_reference()?;
    }
    let extent = Extent::with_router_loss(router_loss);
    if let Some(rows) = loaded.train.held()
        && let Some(plan) = batch::largest(rows, spec.batch.train, extent)?
    {
        loaded.model.reserve(&plan, training_pass(spec))?;
    }
    if let Some(plan) = batch::largest(&loaded.eval, spec.batch.eval, extent)? {
        loaded.model.reserve(&plan, ForwardOptions::policy())?;
    }
    Ok(Attached {
        frozen_paths: frozen.paths,
        router_loss,
    })
}

/// Whether the trained adapter has modules on single experts' layers.
fn adapts_experts(model: &Model) -> bool {
    let names = &model.config().family.weights;
    let of_expert = |name: &str| {
        let path = name.split_once(".lora_").map_or(name, |(path, _)| path);
        matches!(
            names.role(path),
            Some(Role::Block(_, BlockRole::Mlp(Network::Expert(_), _)))
        )
    };
    model.params().iter().any(|param| of_expert(&param.name))
}

/// The name of the output head if `lora_target: all` would cover it in LLaMA-Factory but a new adapter here does not.
fn skipped_head(lora: &LoraSpec, model: &Model) -> Option<String> {
    let config = model.config();
    let module = config.family.weights.head;
    let all = targets(&lora.target) == Targets::All && HeadAsked::of(&[], module) == HeadAsked::ByAll;
    let is_expected = all && config.decoder.head.table == HeadTable::Own && lora.expanded.is_none();
    let has_adapter = |path: &str| model.params().iter().any(|param| param.name.starts_with(path));
    (is_expected && !has_adapter(&format!("{module}.lora_")))
        .then(|| module.rsplit('.').next().unwrap_or(module).to_owned())
}

/// A note for reward models whose language-model head has trained parameters: scores come from the value head, so
/// nothing reaches them.
fn unused_head_note(model: &Model) -> Option<Said> {
    let head = model.config().family.weights.head;
    let of_head = |name: &str| name.strip_prefix(head).is_some_and(|rest| rest.starts_with('.'));
    let on_head = model.params().iter().filter(|param| of_head(&param.name)).count();
    let name = head.rsplit('.').next().unwrap_or(head);
    match on_head {
        0 => None,
        all if all == model.params().iter().len() => Some(says::only_head_unasked(name)),
        _ => Some(says::head_unasked(name)),
    }
}

/// The weight of the router's auxiliary loss: that of the run's config, else that of the model's. `None` where the
/// model has no experts, and in stages that train a value head.
fn router_loss(spec: &RunSpec, model: &Model, events: &mut EventLog) -> Result<Option<f64>> {
    let config = model.config();
    if config.decoder.experts().is_none() {
        if spec.router_loss.is_some() {
            events.notice(says::no_experts())?;
        }
        return Ok(None);
    }
    let family = config.family;
    if family.router_loss.is_none() {
        if spec.router_loss.is_some() {
            events.notice(says::no_router_loss(family.architecture))?;
        }
        return Ok(None);
    }
    let scores = spec.method.stage().has_value_head();
    Ok(spec.router_loss.or(config.router_loss).filter(|_| !scores))
}

/// What the run trains. If it continues an adapter, that is the last one of the chain, read by `read`.
pub fn trainable(spec: &RunSpec, weights: &Weights, read: &Read) -> Result<Trainable> {
    let keep_reference = *spec.method.reference() == ReferenceSpec::Start { precompute: false };
    if let Some(path) = continued_adapter(spec, weights) {
        let adapter = read(&path)?;
        let dropout = match &spec.tuning {
            Tuning::Lora(lora) => lora.dropout,
            _ => 0.0,
        };
        return Ok(Trainable::Continue { adapter, dropout });
    }
    let lora = match &spec.tuning {
        Tuning::Full => return Ok(Trainable::Full { keep_reference }),
        Tuning::Freeze(part) => {
            let part = part.clone();
            return Ok(Trainable::Freeze { part, keep_reference });
        }
        Tuning::Oft(oft) => {
            return Ok(Trainable::NewRotations(OftConfig {
                // PEFT's defaults
                form: OftForm {
                    blocks: oft.blocks,
                    shared: false,
                    cayley: Cayley::Series { terms: 5, even: false },
                },
                targets: targets(&oft.target),
                additional: oft.additional.clone(),
            }));
        }
        Tuning::Lora(lora) => lora,
    };
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

/// The folder of the adapter that the run continues to train, if it does.
pub fn continued_adapter(spec: &RunSpec, weights: &Weights) -> Option<PathBuf> {
    let fresh = match (&spec.tuning, &spec.model.start) {
        (Tuning::Full | Tuning::Freeze(_), _) => true,
        (_, Start::Adapters { fresh, .. }) => *fresh,
        // `model_name_or_path` may itself name an adapter
        _ => false,
    };
    match fresh {
        true => None,
        false => weights.adapters.last().cloned(),
    }
}

/// Checks that a synced reference can follow an adapter that the run continues to train.
///
/// # Errors
/// The adapter is a DoRA one, or has rotations (OFT), which no reference is synced with.
pub fn check_synced_reference(spec: &RunSpec, adapter: &Adapter) -> Result<()> {
    if !matches!(spec.method.reference(), ReferenceSpec::Following { .. }) {
        return Ok(());
    }
    match adapter.modules.values().any(|pair| pair.magnitude.is_some()) {
        true => Err(no_dora_to_follow()),
        false if !adapter.rotations.is_empty() => Err(no_rotations_to_follow()),
        false => Ok(()),
    }
}

/// The adapters of the run's base model that are not trained, read by `read`.
pub fn frozen_adapters(spec: &RunSpec, weights: &Weights, read: &Read) -> Result<FrozenChain> {
    let all = &weights.adapters;
    let count = all.len() - usize::from(continued_adapter(spec, weights).is_some());
    let mut frozen = FrozenChain::default();
    for path in &all[..count] {
        frozen.paths.push(path.to_string_lossy().into_owned());
        frozen.adapters.push(read(path)?);
    }
    Ok(frozen)
}
