//! The largest micro-batches of a run, and the memory of passes over them, apart from weights and what is trained.

use super::card::{self, OVERHEAD, Transient};
use super::passes::{self, Numbers, inside, recomputed, saved, scratch, widest};
use super::share::{Share, rank_on};
use super::{F32, HALF, Lasting, Lengths, Room, Spread};
use crate::api::ModelDims;
use crate::config::{Compute, Method, ReferenceSpec, RunSpec, ValSize};
use crate::decoder::{BlockRole, BlockSpec, HeadTable, Role};

/// The share of a card's free memory that can be used: its driver allocates in larger pieces.
const COUNTED_ON: f64 = 0.95;

/// Tokens of the buffers shared by blocks whose activations are not kept.
struct Places {
    /// of blocks that are recomputed in the backward pass
    again: f64,
    /// of passes without a backward pass
    reads: f64,
}

impl Places {
    /// Of both, which share one buffer.
    fn made_again(&self) -> f64 {
        self.again.max(self.reads)
    }
}

/// Whether there are passes without a backward pass, over evaluation's micro-batches.
fn evaluates(spec: &RunSpec) -> bool {
    let held_out = spec.data.val_size != ValSize::None || !spec.data.eval_dataset.is_empty();
    held_out || spec.method.reference().precomputes()
}

/// The largest micro-batches of a run, and the memory of passes over them.
pub struct Run<'a> {
    dims: &'a ModelDims,
    spec: &'a RunSpec,
    share: &'a Share,
    train: Batch,
    eval: Batch,
    /// tokens of the longest row
    longest: u64,
    /// bytes of a number of the type that passes compute in
    each: f64,
    on_card: bool,
}

#[derive(Clone, Copy)]
struct Batch {
    tokens: f64,
    rows: f64,
}

impl<'a> Run<'a> {
    pub fn new(dims: &'a ModelDims, spec: &'a RunSpec, share: &'a Share, lengths: &Lengths, room: Room) -> Self {
        let written = match &spec.method {
            Method::Ppo(ppo) => Some(ppo.sampling.max_new_tokens as u64),
            _ => None,
        };
        let batch = |size: usize| {
            let size = size.min((lengths.rows as usize).max(1));
            let batches = (lengths.rows as f64 / size as f64).max(1.0);
            let of = |spread: &Spread| match room {
                Room::Host { .. } => spread.largest(size, batches),
                Room::Card { .. } => spread.together(size),
            };
            // replies are written in the run: all of their tokens count, and they may be as long as allowed
            match written.map(|tokens| size as f64 * tokens as f64) {
                Some(replies) => Batch {
                    tokens: of(&lengths.computed) + replies,
                    rows: replies,
                },
                None => Batch {
                    tokens: of(&lengths.computed),
                    rows: of(&lengths.counted),
                },
            }
        };
        let longest = lengths.computed.longest.first().copied().unwrap_or(0);
        let longest = longest.min(spec.data.cutoff_len as u64) + written.unwrap_or(0);
        Self {
            dims,
            spec,
            share,
            train: batch(spec.batch.train),
            eval: match evaluates(spec) {
                true => batch(spec.batch.eval),
                false => Batch { tokens: 0.0, rows: 0.0 },
            },
            longest,
            on_card: matches!(room, Room::Card { .. }),
            each: match (spec.compute, room) {
                (Compute::Bf16 | Compute::PureBf16, _) | (Compute::F16, Room::Card { .. }) => HALF,
                (Compute::F32 | Compute::F16, _) => F32,
            },
        }
    }

    /// Bytes of buffers that stay, apart from saved activations.
    pub fn beside(&self) -> f64 {
        let decoder = &self.dims.decoder;
        let Self { train, eval, each, .. } = *self;
        let tokens = train.tokens.max(eval.tokens);
        let workspace = scratch(decoder, train.rows / train.tokens.max(1.0)).bytes(each);
        let work = self.share.work as f64 * each;
        let of_row = passes::rows(decoder, each);
        tokens * workspace.forward
            + train.tokens * (workspace.backward + work)
            + train.rows.max(eval.rows) * of_row.forward
            + train.rows * of_row.backward
            + passes::plan(tokens, train.rows.max(eval.rows))
            + passes::positions(decoder, self.reach())
            + self.other_models()
    }

    /// Tokens of the longest row, or of the longest prompt with the reply written to it.
    fn reach(&self) -> u64 {
        let samples = self.spec.samples.as_ref().map_or(0, |of| of.max_new_tokens);
        let predicted = self.spec.predict.map_or(0, |of| of.sampling.max_new_tokens);
        self.longest + samples.max(predicted) as u64
    }

    /// Bytes of the workspace of other models (reference, reward model): each has its own buffers, for passes without a backward
    /// pass.
    fn other_models(&self) -> f64 {
        let Self { train, eval, each, .. } = *self;
        let decoder = &self.dims.decoder;
        let tokens = train.tokens.max(eval.tokens);
        let workspace = scratch(decoder, 1.0).forward.bytes(each);
        let block = widest(decoder, |block| saved(block, decoder.hidden, true, &|_| 0).bytes(each));
        let of_row = passes::rows(decoder, each).forward;
        let of_model =
            |rows: f64| tokens * (workspace + block) + rows * of_row + passes::positions(decoder, self.longest);
        let reference = match self.spec.method.reference() {
            ReferenceSpec::Model { .. } => of_model(train.rows.max(eval.rows)),
            _ => 0.0,
        };
        let judge = match self.spec.method {
            // one score for each reply
            Method::Ppo(_) => {
                let evaluated = if evaluates(self.spec) { self.spec.batch.eval } else { 0 };
                of_model(self.spec.batch.train.max(evaluated) as f64)
            }
            _ => 0.0,
        };
        reference + judge
    }

    /// Bytes that are needed while replies are written.
    pub fn writing(&self) -> f64 {
        let answers = self.spec.samples.is_some() || self.spec.predict.is_some();
        let writes = matches!(self.spec.method, Method::Ppo(_)) || answers;
        match writes {
            true => card::writing(self.dims, self.spec, self.reach() as f64, self.each, self.on_card),
            false => 0.0,
        }
    }

    /// Bytes that saved activations may take: on the host half of the machine's memory, on a card what is left of it.
    pub fn budget(&self, lasting: &Lasting, room: Room) -> f64 {
        if let Some(asked) = self.spec.activation_memory {
            return asked as f64;
        }
        let free = match room {
            Room::Host { total } => return total as f64 / 2.0,
            Room::Card { free } => free as f64 * COUNTED_ON,
        };
        let lasting = lasting.weights + lasting.training + lasting.reference;
        let all_else = OVERHEAD as f64 + lasting + self.beside() + self.transient();
        let left = (free - all_else).max(0.0);
        match self.recomputed(left) {
            0 => left,
            _ => (left - self.tokens_of_places().made_again() * self.widest()).max(0.0),
        }
    }

    /// How many blocks save activations.
    fn trained(&self) -> usize {
        (self.share.layers as usize).min(self.dims.decoder.blocks.len())
    }

    /// How many of them are recomputed.
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
            reads: match self.spec.method.reference().needed() {
                true => eval.max(tokens),
                false => eval,
            },
        }
    }

    /// Bytes of saved activations over all blocks.
    pub fn saved(&self, budget: f64) -> f64 {
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
        // the last block needs a separate buffer for its output where it keeps no state between attention and MLP
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

    /// Whether the head's weight trains.
    fn head_trains(&self) -> bool {
        let names = &self.dims.family.weights;
        let table = match self.dims.decoder.head.table {
            HeadTable::Tied => names.name(Role::Embedding),
            HeadTable::Own => names.name(Role::Head),
        };
        let mut trained = self.share.own.iter().chain(&self.share.added);
        trained.any(|t| t.blocks == 0 && t.name == table)
    }

    /// Bytes that single operations on a card need while they run.
    pub fn transient(&self) -> f64 {
        let of = |batch: Batch, has_backward| {
            let of_batch = Transient {
                tokens: batch.tokens,
                rows: batch.rows,
                each: self.each,
                head_trains: self.head_trains(),
                has_backward,
            };
            of_batch.most(self.dims, self.spec)
        };
        of(self.train, true).max(of(self.eval, false)).max(self.writing())
    }
}
