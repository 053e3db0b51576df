//! What is trained, put on a loaded model.

use super::load::{Loaded, head_source, targets};
use crate::batch;
use crate::error::Result;
use crate::events::EventLog;
use crate::model::{
    Adapter, Cayley, HeadSource, Init, Keep, LoraConfig, Model, OftConfig, OftForm, Pissa, Trainable,
    no_dora_to_follow, no_rotations_to_follow,
};
use crate::peft;
use crate::weights::Weights;
use protocol::config::{Against, LoraInit, Method, RunSpec, Start, TokenWeights, Tuning};
use protocol::says;
use std::path::{Path, PathBuf};

/// Reads an adapter's folder, whole or its shapes alone.
type Read<'a> = dyn Fn(&Path) -> Result<Adapter> + 'a;

/// Puts on the adapters, the value head and the buffers that training needs. Gives the adapters that stay as they are.
pub fn attach(spec: &RunSpec, loaded: &mut Loaded, events: &mut EventLog) -> Result<Vec<String>> {
    let engine = loaded.engine.clone();
    let read = |path: &Path| Ok(peft::read(path, engine.device())?.adapter);
    let trainable = trainable(spec, &loaded.weights, &read)?;
    let (paths, frozen) = frozen_adapters(spec, &loaded.weights, &read)?;
    loaded.model.attach(frozen, trainable)?;
    let head_dropout = match &spec.method {
        Method::Reward(reward) => Some(reward.head_dropout),
        Method::Ppo(_) => Some(0.0),
        _ => None,
    };
    if let Some(dropout) = head_dropout {
        let source = head_source(&loaded.weights, loaded.engine.device())?;
        let source = source.unwrap_or(HeadSource::Fresh { seed: spec.seed });
        loaded.model.add_value_head(source, dropout, true)?;
    }
    if let Tuning::Lora(lora) = &spec.tuning {
        loaded.model.params_mut().set_b_rate(lora.b_rate);
    }
    loaded
        .model
        .set_collisions(matches!(&spec.method, Method::Preference(p) if p.weighting));
    let weights = match spec.method {
        Method::Supervised { weights, .. } => weights,
        _ => TokenWeights::Even,
    };
    loaded
        .model
        .set_entropies(matches!(weights, TokenWeights::Entropy { .. }));
    set_router_loss(spec, &mut loaded.model, events)?;
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
    Ok(paths)
}

/// The weight asked for, else the one the model's own config asks for.
fn set_router_loss(spec: &RunSpec, model: &mut Model, events: &mut EventLog) -> Result<()> {
    let experts = model.config().experts.as_ref();
    if spec.router_loss.is_some() && experts.is_none() {
        events.notice(says::no_experts())?;
    }
    let weight = spec.router_loss.or_else(|| experts?.aux_loss);
    let scored = matches!(spec.method, Method::Reward(_) | Method::Ppo(_));
    model.set_router_loss(weight.filter(|_| !scored));
    Ok(())
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
