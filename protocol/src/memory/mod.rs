//! The peak memory of a run, estimated before it starts: plain arithmetic, the same in the browser and on the server.
//!
//! It follows the engine buffer by buffer (`buffers.rs`, `attention.rs`, `feed_forward.rs` and `workspace.rs` of
//! `trainer/src/model`): weights in their stored type, what training adds to each trained number, what the largest micro-batch
//! saves, and one block's workspace. The model's shapes come from the description of its decoder. On a card everything that is
//! allocated counts; on the host only pages that a pass has written to.

mod advice;
mod card;
#[cfg(test)]
mod guide;
mod lengths;
mod linears;
mod passes;
mod run;
mod share;
mod weights;

pub use advice::{Shortage, advice, gigabytes};
pub use card::OVERHEAD as CARD_OVERHEAD;
pub use lengths::{Lengths, Spread};
pub use linears::{layer_names, parameters};
pub use passes::{HEAD_CHUNK, HEAD_STATS, recomputed};

use crate::api::{MemoryEstimate, ModelDims};
use crate::config::{Compute, Method, Quantize, ReferenceSpec, RunSpec, Tuning};
use crate::optimizer_states;
use card::OVERHEAD;
use linears::largest_tensor;
use passes::{saved, scratch, widest};
use run::Run;
use share::{Share, share};
use weights::{as_stored, stored};

/// Bytes of an f32: everything but stored weights, activations of runs in 16 bits, and with `pure_bf16` what trains.
const F32: f64 = 4.0;
/// Bytes of a bf16 or f16.
const HALF: f64 = 2.0;
/// Bytes of the program itself, with tokenizer and templates loaded.
const PROGRAM: f64 = 22.0 * (1 << 20) as f64;

/// Bytes besides weights and activations for a model that is only used, not trained: key-value caches, and what the device's
/// libraries take.
const READING: f64 = (1u64 << 30) as f64;

/// Where a run computes, and the memory there in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// The machine's memory, in all.
    Host { total: u64 },
    /// A card's memory that is free before the run begins.
    Card { free: u64 },
}

impl Room {
    /// Bytes that may be used.
    pub fn bytes(self) -> u64 {
        match self {
            Self::Host { total } => total,
            Self::Card { free } => free,
        }
    }
}

/// Bytes that must be free on a card for a model that is only used, not trained, in f32 and in passes of `tokens` tokens.
pub fn to_read(dims: &ModelDims, quantize: Option<Quantize>, tokens: u64) -> u64 {
    let decoder = &dims.decoder;
    let workspace = scratch(decoder, 1.0).forward;
    let block = workspace.bytes(F32) + widest(decoder, |block| saved(block, decoder.hidden, true, &|_| 0).bytes(F32));
    let counted = (3 * decoder.hidden + HEAD_CHUNK) as f64 * F32;
    // a weight of another type is converted as a whole
    let largest = largest_tensor(dims) as f64 * F32;
    let kept = stored(dims, quantize, dims.stored, Room::Card { free: 0 });
    (kept + largest + tokens as f64 * (block + counted) + READING) as u64
}

/// Peak memory of a run, in bytes.
pub fn estimate(dims: &ModelDims, spec: &RunSpec, lengths: &Lengths, room: Room) -> MemoryEstimate {
    let share = share(dims, spec);
    let lasting = Lasting::of(dims, spec, &share, room);
    let run = Run::new(dims, spec, &share, lengths, room);
    let saved = run.saved(run.budget(&lasting, room));
    let (transient, other) = match room {
        Room::Host { .. } => (run.writing(), PROGRAM + saving(dims, spec)),
        Room::Card { .. } => (run.transient(), OVERHEAD as f64),
    };
    MemoryEstimate {
        weights: lasting.weights as u64,
        training: lasting.training as u64,
        reference: lasting.reference as u64,
        activations: (saved + run.beside() + transient) as u64,
        other: other as u64,
        at_cutoff: 0,
        available: room.bytes(),
    }
}

/// Bytes of a card that the saved activations of a run may take: what everything else leaves of the memory that was `free`
/// before the run began.
pub fn for_activations(dims: &ModelDims, spec: &RunSpec, lengths: &Lengths, free: u64) -> u64 {
    let (share, room) = (share(dims, spec), Room::Card { free });
    let run = Run::new(dims, spec, &share, lengths, room);
    run.budget(&Lasting::of(dims, spec, &share, room), room) as u64
}

/// Bytes for writing a checkpoint tensor by tensor: two copies of the largest, as it is and as it is stored.
fn saving(d: &ModelDims, spec: &RunSpec) -> f64 {
    match spec.tuning {
        Tuning::Full | Tuning::Freeze(_) => 2.0 * largest_tensor(d) as f64 * each_trained(spec),
        Tuning::Lora(_) | Tuning::Oft(_) => 0.0,
    }
}

/// Bytes of a number that is trained.
fn each_trained(spec: &RunSpec) -> f64 {
    match spec.compute {
        Compute::PureBf16 => HALF,
        Compute::F32 | Compute::Bf16 | Compute::F16 => F32,
    }
}

/// Bytes that are in use throughout a run.
struct Lasting {
    weights: f64,
    training: f64,
    /// the reference, and PPO's reward model, which is taken to be as large as the model that is trained
    reference: f64,
}

impl Lasting {
    fn of(d: &ModelDims, spec: &RunSpec, share: &Share, room: Room) -> Self {
        let lies = card::kept(d, spec.compute);
        let loaded = |quantize| stored(d, quantize, lies, room);
        let trained = [share.own.as_slice(), share.added.as_slice()].concat();
        let values = optimizer_states::values(&trained, each_trained(spec));
        // trained weights count below, as values in the type they are trained in
        let kept = as_stored(&share.own, lies);
        let weights = (loaded(spec.model.quantize) - kept).max(0.0) + share.frozen as f64 * F32;
        let training = 2.0 * values + optimizer_states::bytes(&spec.optim.optimizer, &trained, each_trained(spec));
        let reference = match spec.method.reference() {
            ReferenceSpec::Nothing | ReferenceSpec::Start { precompute: true } if share.added.is_empty() => 0.0,
            // taken to be as large as the model that is trained
            ReferenceSpec::Model {
                path: None, quantize, ..
            } => loaded(quantize.or(spec.model.quantize)),
            ReferenceSpec::Model { quantize, .. } => loaded(*quantize),
            ReferenceSpec::Following { .. } => values,
            _ => kept,
        };
        let judge = match &spec.method {
            Method::Ppo(ppo) => loaded(ppo.reward_quantize.or(spec.model.quantize)),
            _ => 0.0,
        };
        Self {
            weights,
            training,
            reference: reference + judge,
        }
    }
}
