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
mod share;
mod weights;

pub use advice::{Shortage, advice, gigabytes};
pub use card::OVERHEAD as CARD_OVERHEAD;
pub use lengths::{Lengths, Spread};
pub use linears::{layer_names, parameters};
pub use passes::{HEAD_CHUNK, HEAD_STATS, recomputed};

use crate::api::{MemoryEstimate, ModelDims};
use crate::config::{Against, Compute, Method, Quantize, RunSpec, Tuning, ValSize};
use crate::decoder::{BlockRole, BlockSpec, HeadTable, Role};
use crate::states;
use card::{OVERHEAD, Transient};
use linears::largest_tensor;
use passes::{Numbers, inside, saved, scratch, widest};
use share::{Share, rank_on, share};
use weights::{as_stored, stored};

/// Bytes of an f32, which everything is but stored weights, the activations of a run in 16 bits and, where it is a pure one,
/// what trains.
const F32: f64 = 4.0;
/// Of bf16 and f16.
const HALF: f64 = 2.0;
/// The share of a card's free memory that is counted on: its driver hands memory out in larger pieces.
const COUNTED_ON: f64 = 0.95;
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
    let kept = stored(dims, quantize, dims.weight_bytes, Room::Card { free: 0 });
    (kept + largest + tokens as f64 * (block + counted) + READING) as u64
}

/// Peak memory of a run, in bytes.
pub fn estimate(dims: &ModelDims, spec: &RunSpec, lengths: &Lengths, room: Room) -> MemoryEstimate {
    let share = share(dims, spec);
    let lasting = Lasting::of(dims, spec, &share, room);
    let run = Run::new(dims, spec, &share, lengths, room);
    let saved = run.saved(run.budget(&lasting, room));
    let (transient, other) = match room {
        Room::Host { .. } => (0.0, PROGRAM + saving(dims, spec)),
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
        // matrices are rounded as they are read
        let weight_bytes = match spec.compute {
            Compute::PureBf16 => d.weight_bytes.min(2),
            _ => d.weight_bytes,
        };
        let loaded = |quantize| stored(d, quantize, weight_bytes, room);
        let trained = [share.own.as_slice(), share.added.as_slice()].concat();
        let values = states::values(&trained, each_trained(spec));
        // the weights it starts from, which an adapter leaves where they are
        let kept = as_stored(&share.own, weight_bytes);
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

/// Tokens of the places where blocks work whose activations are not kept.
struct Places {
    /// made again on the way back
    again: f64,
    /// of passes that have none
    reads: f64,
}

impl Places {
    /// Of both, which share one.
    fn made_again(&self) -> f64 {
        self.again.max(self.reads)
    }
}

/// Whether passes are made that keep nothing, over micro-batches of evaluation.
fn evaluates(spec: &RunSpec) -> bool {
    let held_out = spec.data.val_size != ValSize::None || !spec.data.eval_dataset.is_empty();
    held_out || spec.method.against().precomputes()
}

/// The largest micro-batches of a run, and what its passes over them hold.
struct Run<'a> {
    dims: &'a ModelDims,
    spec: &'a RunSpec,
    share: &'a Share,
    train: Batch,
    eval: Batch,
    /// of one row
    longest: u64,
    /// bytes of a number of the type that passes compute in
    each: f64,
}

#[derive(Clone, Copy)]
struct Batch {
    tokens: f64,
    rows: f64,
}

impl<'a> Run<'a> {
    fn new(dims: &'a ModelDims, spec: &'a RunSpec, share: &'a Share, lengths: &Lengths, room: Room) -> Self {
        let batch = |size: usize| {
            let size = size.min((lengths.rows as usize).max(1));
            let batches = (lengths.rows as f64 / size as f64).max(1.0);
            let of = |spread: &Spread| match room {
                Room::Host { .. } => spread.largest(size, batches),
                Room::Card { .. } => spread.together(size),
            };
            Batch {
                tokens: of(&lengths.computed),
                rows: of(&lengths.counted),
            }
        };
        let longest = lengths.computed.longest.first().copied().unwrap_or(0);
        Self {
            dims,
            spec,
            share,
            train: batch(spec.batch.train),
            eval: match evaluates(spec) {
                true => batch(spec.batch.eval),
                false => Batch { tokens: 0.0, rows: 0.0 },
            },
            longest: longest.min(spec.data.cutoff_len as u64),
            each: match (spec.compute, room) {
                (Compute::Bf16 | Compute::PureBf16, _) | (Compute::F16, Room::Card { .. }) => HALF,
                (Compute::F32 | Compute::F16, _) => F32,
            },
        }
    }

    /// In buffers that stay, beside saved activations.
    fn beside(&self) -> f64 {
        let decoder = &self.dims.decoder;
        let Self { train, eval, each, .. } = *self;
        let tokens = train.tokens.max(eval.tokens);
        let [there, back] = scratch(decoder, train.rows / train.tokens.max(1.0)).map(|numbers| numbers.bytes(each));
        let work = self.share.work as f64 * each;
        let [of_row, of_row_back] = passes::rows(decoder, each);
        tokens * there
            + train.tokens * (back + work)
            + train.rows.max(eval.rows) * of_row
            + train.rows * of_row_back
            + passes::plan(tokens, train.rows)
            + passes::positions(decoder, self.longest)
    }

    /// Bytes that saved activations may take: on the host half of what the machine has, on a card what is left of it.
    fn budget(&self, lasting: &Lasting, room: Room) -> f64 {
        if let Some(asked) = self.spec.activation_memory {
            return asked as f64;
        }
        let free = match room {
            Room::Host { total } => return total as f64 / 2.0,
            Room::Card { free } => free as f64 * COUNTED_ON,
        };
        let lasting = lasting.weights + lasting.training + lasting.reference;
        let all_else = OVERHEAD as f64 + lasting + self.beside() + self.transient();
        let left = match self.spec.method {
            // replies are written with caches of their own
            Method::Ppo(_) => (free - all_else).max(0.0) / 2.0,
            _ => (free - all_else).max(0.0),
        };
        match self.recomputed(left) {
            0 => left,
            _ => (left - self.tokens_of_places().made_again() * self.widest()).max(0.0),
        }
    }

    /// Blocks that save something.
    fn trained(&self) -> usize {
        (self.share.layers as usize).min(self.dims.decoder.blocks.len())
    }

    /// How many of them are computed again.
    fn recomputed(&self, budget: f64) -> usize {
        let most = |_: BlockRole| self.share.rank;
        recomputed(
            &self.dims.decoder,
            self.trained(),
            &most,
            self.train.tokens,
            self.each,
            budget,
        )
    }

    /// Bytes that the widest block saves of a token.
    fn widest(&self) -> f64 {
        let (decoder, ranks) = (&self.dims.decoder, |role: BlockRole| {
            rank_on(self.dims, self.spec, role)
        });
        widest(decoder, |block| {
            saved(block, decoder.hidden, false, &ranks).bytes(self.each)
        })
    }

    fn tokens_of_places(&self) -> Places {
        let (tokens, eval) = (self.train.tokens, self.eval.tokens);
        Places {
            again: tokens,
            reads: match self.spec.method.against().needed() {
                true => eval.max(tokens),
                false => eval,
            },
        }
    }

    /// By blocks.
    fn saved(&self, budget: f64) -> f64 {
        let (decoder, each) = (&self.dims.decoder, self.each);
        let (hidden, blocks) = (decoder.hidden, &decoder.blocks);
        let ranks = |role: BlockRole| rank_on(self.dims, self.spec, role);
        let (tokens, eval) = (self.train.tokens, self.eval.tokens);
        let first = blocks.len() - self.trained();
        let recomputed = self.recomputed(budget);
        let of_blocks = |some: &[BlockSpec], of: &dyn Fn(&BlockSpec) -> Numbers| -> f64 {
            let alike = some.chunk_by(|a, b| a == b);
            let alike = alike.filter_map(|all| Some(all.len() as f64 * of(all.first()?).bytes(each)));
            alike.sum()
        };
        let whole = |block: &BlockSpec| saved(block, hidden, false, &ranks);
        // the last one's output is put together apart where it has no state between its parts
        let last = blocks.last().map_or(0.0, |block| {
            saved(block, hidden, true, &ranks).bytes(each) - whole(block).bytes(each)
        });
        let kept = tokens * (of_blocks(&blocks[first + recomputed..], &whole) + last);
        let places = self.tokens_of_places();
        let beside = match (recomputed, first) {
            (0, 0) => (eval - tokens).max(0.0) * self.widest(),
            (0, _) => {
                let below = blocks.first().map_or(0.0, |block| inside(block, &ranks).bytes(each));
                tokens * below + places.reads * self.widest()
            }
            _ => places.made_again() * self.widest(),
        };
        kept + tokens * (recomputed * hidden) as f64 * each + beside
    }

    /// Whether the table that logits come from trains.
    fn head_trains(&self) -> bool {
        let names = &self.dims.family.weights;
        let table = match self.dims.decoder.head.table {
            HeadTable::Tied => names.name(Role::Embedding),
            HeadTable::Own => names.name(Role::Head),
        };
        let mut trained = self.share.own.iter().chain(&self.share.added);
        trained.any(|t| t.blocks == 0 && t.name == table)
    }

    /// For as long as an operation on a card runs.
    fn transient(&self) -> f64 {
        let of = |batch: Batch| Transient {
            tokens: batch.tokens,
            rows: batch.rows,
            each: self.each,
            head_trains: self.head_trains(),
        };
        of(self.train).most(self.dims, self.spec)
    }
}
