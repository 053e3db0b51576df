//! The peak memory of a run, worked out before it starts: plain arithmetic for browser and server alike.
//!
//! It follows the engine buffer by buffer (`buffers.rs`, `attention.rs`, `feed_forward.rs` and `workspace.rs` of
//! `trainer/src/model`): weights in their stored type, what training adds to each trained number, what the largest micro-batch
//! saves, and one block's workspace. What a model is made of is read from its decoder's description. On a card everything is
//! there that was made room for; on the host only what a pass has written to.

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
use crate::config::{Against, Compute, Method, Quantize, RunSpec, Tuning};
use crate::states;
use card::OVERHEAD;
use linears::largest_tensor;
use passes::{saved, scratch, widest};
use run::Run;
use share::{Share, share};
use weights::{as_stored, stored};

/// Bytes of an f32, which everything is but stored weights, the activations of a run in 16 bits and, where it is a pure one,
/// what trains.
const F32: f64 = 4.0;
/// Of bf16 and f16.
const HALF: f64 = 2.0;
/// The program itself with tokenizer and templates loaded.
const PROGRAM: f64 = 22.0 * (1 << 20) as f64;

/// Beside weights and activations, for a model that is only read: caches of keys and values, and what a device's libraries
/// take.
const READING: f64 = (1u64 << 30) as f64;

/// Where a run computes, and what it may have there, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// The machine's memory, in all.
    Host { total: u64 },
    /// A card's memory, as far as it is free before the run begins.
    Card { free: u64 },
}

impl Room {
    /// Bytes that there are.
    pub fn bytes(self) -> u64 {
        match self {
            Self::Host { total } => total,
            Self::Card { free } => free,
        }
    }
}

/// What a card needs to have free for a model that is only read, in f32 and in passes of `tokens` tokens; in bytes.
pub fn to_read(dims: &ModelDims, quantize: Option<Quantize>, tokens: u64) -> u64 {
    let decoder = &dims.decoder;
    let [there, _] = scratch(decoder, 1.0);
    let block = there.bytes(F32) + widest(decoder, |block| saved(block, decoder.hidden, true, &|_| 0).bytes(F32));
    let counted = (3 * decoder.hidden + HEAD_CHUNK) as f64 * F32;
    // a weight of another type is converted whole
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

/// Bytes of a card that the saved activations of a run may take: what is left when all else has its place, of what was free
/// before the run began.
pub fn for_activations(dims: &ModelDims, spec: &RunSpec, lengths: &Lengths, free: u64) -> u64 {
    let (share, room) = (share(dims, spec), Room::Card { free });
    let run = Run::new(dims, spec, &share, lengths, room);
    run.budget(&Lasting::of(dims, spec, &share, room), room) as u64
}

/// A checkpoint is written tensor by tensor: the largest is there once more, as it is and as it is stored.
fn saving(d: &ModelDims, spec: &RunSpec) -> f64 {
    match spec.tuning {
        Tuning::Full | Tuning::Freeze(_) => 2.0 * largest_tensor(d) as f64 * each_trained(spec),
        Tuning::Lora(_) | Tuning::Oft(_) => 0.0,
    }
}

/// Bytes of a number that trains.
fn each_trained(spec: &RunSpec) -> f64 {
    match spec.compute {
        Compute::PureBf16 => HALF,
        Compute::F32 | Compute::Bf16 | Compute::F16 => F32,
    }
}

/// What is there for as long as a run goes on, in bytes.
struct Lasting {
    weights: f64,
    training: f64,
    /// with PPO's reward model, taken to be as large as the model that trains
    reference: f64,
}

impl Lasting {
    fn of(d: &ModelDims, spec: &RunSpec, share: &Share, room: Room) -> Self {
        let lies = card::kept(d, spec.compute);
        let loaded = |quantize| stored(d, quantize, lies, room);
        let trained = [share.own.as_slice(), share.added.as_slice()].concat();
        let values = states::values(&trained, each_trained(spec));
        // the weights it starts from, which an adapter leaves where they are
        let kept = as_stored(&share.own, lies);
        let weights = (loaded(spec.model.quantize) - kept).max(0.0) + share.frozen as f64 * F32;
        let training = 2.0 * values + states::bytes(&spec.optim.optimizer, &trained, each_trained(spec));
        let reference = match spec.method.against() {
            Against::Nothing | Against::Start { precompute: true } if share.added.is_empty() => 0.0,
            // taken to be as large as the model that trains
            Against::Model {
                path: None, quantize, ..
            } => loaded(quantize.or(spec.model.quantize)),
            Against::Model { quantize, .. } => loaded(*quantize),
            Against::Following { .. } => values,
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
