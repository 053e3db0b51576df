//! Loads the models beside the policy: its reference, and PPO's reward model.

use super::load::{Loaded, load_frozen, load_scorer};
use crate::error::{Error, Result};
use crate::events::EventLog;
use crate::files;
use crate::generate::SamplingOptions;
use crate::model::ForwardOptions;
use crate::reference::{self, LogpCache, Reference, Scorer};
use crate::stage::ppo::Judge;
use crate::weights::{Hub, Weights};
use protocol::config::{Method, Ppo, ReferenceSpec, RewardModel, RunSpec, Start};
use protocol::event::Phase;
use protocol::says;

/// The reference of the method.
pub fn reference(spec: &RunSpec, loaded: &mut Loaded, events: &mut EventLog, hub: &Hub) -> Result<Reference> {
    let mut other = match spec.method.reference() {
        ReferenceSpec::Nothing => return Ok(Reference::None),
        ReferenceSpec::Start { .. } | ReferenceSpec::Following { .. } => None,
        ReferenceSpec::Model {
            path,
            adapters,
            quantize,
            ..
        } => {
            let mut weights = Weights::find(path.as_ref().unwrap_or(&spec.model.path), adapters, hub)?;
            let as_policy = spec.model.quantize.filter(|_| path.is_none());
            let as_trained = weights.quantize.filter(|_| weights.loftq.is_some());
            weights.quantize = quantize.or(as_policy).or(as_trained);
            let base = if path.is_some() {
                BaseModel::Other
            } else {
                BaseModel::Policy
            };
            scale_positions(&mut weights, base, spec, loaded)?;
            Some((load_frozen(&weights, &loaded.engine)?, weights))
        }
    };
    if !spec.method.reference().precomputes() {
        return Ok(match other {
            None => Reference::Start { forwards: 0 },
            Some((model, _)) => Reference::Model {
                model: Box::new(model),
                forwards: 0,
            },
        });
    }
    let folders = |w: &Weights| [std::slice::from_ref(&w.base), &w.adapters].concat();
    let made = match (&other, &spec.model.start) {
        (None, Start::Scratch) => format!("random weights of seed {}", spec.seed),
        (None, _) if loaded.weights.loftq.as_ref().is_some_and(|loftq| loftq.fresh) => {
            format!("{:?}", loaded.weights.loftq)
        }
        _ => String::new(),
    };
    let rope = other.as_ref().map_or(loaded.weights.rope, |(_, weights)| weights.rope);
    let rope = rope.map(|scaling| scaling.entry().to_string()).unwrap_or_default();
    let made = made + &loaded.engine.numerics() + &rope;
    let store = LogpCache::new(
        &files::cache_dir(),
        &folders(other.as_ref().map_or(&loaded.weights, |(_, w)| w)),
        &made,
    )?
    .packed(other.as_ref().map_or(loaded.weights.quantize, |(_, w)| w.quantize));
    // before the first step the policy is the reference
    let scorer = Scorer {
        model: other.as_mut().map_or(&mut loaded.model, |(m, _)| m),
        options: ForwardOptions::policy(),
        batch: spec.batch.eval,
        progress: &mut |done, total| events.phase(Phase::Reference, done, total),
    };
    let Some(train) = loaded.train.held() else {
        return Err(Error::internal("stored log-probs of rows that are streamed"));
    };
    let found = reference::precompute(&store, train, &loaded.eval, scorer)?;
    let rows = train.len() + loaded.eval.len();
    events.notice(match found.forwards() {
        0 => says::reference_read(rows),
        n => says::reference_computed(rows, n),
    })?;
    Ok(found)
}

/// Which base model a model beside the policy has.
enum BaseModel {
    Policy,
    Other,
}

/// Scales the rotary positions (RoPE) of a model beside the policy: on the policy's base model as the policy's, on
/// another as the config asks for it.
fn scale_positions(weights: &mut Weights, base: BaseModel, spec: &RunSpec, loaded: &Loaded) -> Result<()> {
    match base {
        BaseModel::Other => weights.scale_positions(spec.model.rope, Some(spec.data.cutoff_len as u64)),
        BaseModel::Policy => {
            weights.rope = loaded.weights.rope;
            Ok(())
        }
    }
}

/// The weights of PPO's reward model.
pub fn reward_model(spec: &RunSpec, ppo: &Ppo, hub: &Hub) -> Result<Weights> {
    match &ppo.reward_model {
        RewardModel::Adapter(adapter) => Weights::find(&spec.model.path, std::slice::from_ref(adapter), hub),
        RewardModel::Model { path, adapters } => Weights::find(path, adapters, hub),
    }
}

/// PPO's reward model, and how the replies it scores are sampled; `None` for other methods.
pub fn judge(spec: &RunSpec, loaded: &Loaded, hub: &Hub) -> Result<Option<Judge>> {
    let Method::Ppo(ppo) = &spec.method else {
        return Ok(None);
    };
    let mut weights = reward_model(spec, ppo, hub)?;
    weights.quantize = ppo.reward_quantize.or(weights.quantize);
    let base = match ppo.reward_model {
        RewardModel::Adapter(_) => BaseModel::Policy,
        RewardModel::Model { .. } => BaseModel::Other,
    };
    scale_positions(&mut weights, base, spec, loaded)?;
    let sampling = &ppo.sampling;
    Ok(Some(Judge {
        reward_model: load_scorer(&weights, &loaded.engine)?,
        sampling: SamplingOptions {
            temperature: sampling.temperature,
            top_p: Some(sampling.top_p),
            top_k: Some(sampling.top_k),
            repetition_penalty: sampling.repetition_penalty as f32,
            max_new_tokens: sampling.max_new_tokens,
            ..SamplingOptions::default()
        },
        stop: loaded.encoder.stop_ids(),
    }))
}
