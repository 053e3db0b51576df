//! What is trained, put on a loaded model.

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
use protocol::config::{Against, LoraInit, LoraSpec, Method, RunSpec, Start, Tuning};
use protocol::decoder::{BlockRole, HeadAsked, HeadTable, Network, Role, Scores};
use protocol::{Said, says};
use std::path::{Path, PathBuf};

/// Reads an adapter's folder, whole or its shapes alone.
type Read<'a> = dyn Fn(&Path) -> Result<Adapter> + 'a;

/// What was found while a model was made ready to train.
pub struct Attached {
    /// paths of the adapters that stay as they are
    pub frozen: Vec<String>,
    /// the weight of the router's auxiliary loss, where it counts
    pub router_loss: Option<f64>,
}

/// Puts on the adapters, the value head and the buffers that training needs.
pub fn attach(spec: &RunSpec, loaded: &mut Loaded, events: &mut EventLog) -> Result<Attached> {
    let read = |path: &Path| Ok(peft::read(path, &HOST)?.adapter);
    let trainable = trainable(spec, &loaded.weights, &read)?;
    let (paths, frozen) = frozen_adapters(spec, &loaded.weights, &read)?;
    loaded.model.attach(frozen, trainable)?;
    if matches!(spec.method, Method::Reward(_))
        && spec.tuning != Tuning::Full
        && let Some(note) = head_unasked(&loaded.model)
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
    let new = matches!(spec.tuning, Tuning::Lora(_)) && continued(spec, &loaded.weights).is_none();
    if let Tuning::Lora(lora) = &spec.tuning
        && new
        && let Some(head) = head_left_out(lora, &loaded.model)
    {
        events.notice(says::head_takes_no_adapter(head))?;
    }
    if new && adapts_experts(&loaded.model) {
        events.notice(says::experts_in_peft())?;
    }
    let router_loss = router_loss(spec, &loaded.model, events)?;
    if let Against::Following { .. } = spec.method.against() {
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
        frozen: paths,
        router_loss,
    })
}

/// Whether an adapter trains on layers of single experts.
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

/// The head, where LLaMA-Factory's `all` takes it for one of the layers and what a new adapter is does not go on heads.
fn head_left_out(lora: &LoraSpec, model: &Model) -> Option<String> {
    let config = model.config();
    let module = config.family.weights.head;
    let all = targets(&lora.target) == Targets::All && HeadAsked::of(&[], module) == HeadAsked::ByAll;
    let left = all && config.decoder.head.table == HeadTable::Own && lora.expanded.is_none();
    let taken = |path: &str| model.params().iter().any(|param| param.name.starts_with(path));
    (left && !taken(&format!("{module}.lora_"))).then(|| module.rsplit('.').next().unwrap_or(module).to_owned())
}

/// What to say where replies are scored and something is to train on the head, which is asked for nothing then.
fn head_unasked(model: &Model) -> Option<Said> {
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

/// The weight of the router's auxiliary loss: the one asked for, else the one the model's own config asks for. `None` where
/// there are no experts, and in stages that score replies.
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

/// What is trained. For an adapter that goes on, the last of the chain.
pub fn trainable(spec: &RunSpec, weights: &Weights, read: &Read) -> Result<Trainable> {
    let keep_reference = *spec.method.against() == Against::Start { precompute: false };
    if let Some(path) = continued(spec, weights) {
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
                // as PEFT makes rotations unless told otherwise
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

/// The adapter that goes on training, if one does.
pub fn continued(spec: &RunSpec, weights: &Weights) -> Option<PathBuf> {
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

/// Whether a reference can follow an adapter that goes on training.
pub fn can_follow(spec: &RunSpec, adapter: &Adapter) -> Result<()> {
    if !matches!(spec.method.against(), Against::Following { .. }) {
        return Ok(());
    }
    match adapter.modules.values().any(|pair| pair.magnitude.is_some()) {
        true => Err(no_dora_to_follow()),
        false if !adapter.rotations.is_empty() => Err(no_rotations_to_follow()),
        false => Ok(()),
    }
}

/// Adapters that are part of what the run starts from and stay as they are: their paths, and themselves.
pub fn frozen_adapters(spec: &RunSpec, weights: &Weights, read: &Read) -> Result<(Vec<String>, Vec<Adapter>)> {
    let all = &weights.adapters;
    let count = all.len() - usize::from(continued(spec, weights).is_some());
    let read = |path: &PathBuf| Ok((path.to_string_lossy().into_owned(), read(path)?));
    let read: Result<Vec<_>> = all[..count].iter().map(read).collect();
    Ok(read?.into_iter().unzip())
}
