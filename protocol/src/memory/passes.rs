//! Memory of forward and backward passes, buffer by buffer as the engine has them: what blocks save of each token for the
//! backward pass, the workspace of blocks per token, and the workspace of the head per row that counts in the loss.

use crate::decoder::{
    BlockRole, BlockSpec, DecoderSpec, ExpertsSpec, MlpSpec, Network, NetworkSpec, PositionSpec, Residual, Scores,
    Shape, SharedSpec,
};

/// Bytes of an f32 or a 32-bit integer.
const WIDE: f64 = 4.0;
/// Vocabulary entries whose logits are computed at a time.
pub const HEAD_CHUNK: usize = 2048;
/// Numbers that the head keeps for each row.
pub const HEAD_STATS: usize = 5;

/// How many numbers are in the type that passes compute in, and how many are always of 32 bits.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Numbers {
    pub compute: f64,
    pub wide: f64,
}

impl Numbers {
    fn new(compute: usize, wide: usize) -> Self {
        Self {
            compute: compute as f64,
            wide: wide as f64,
        }
    }

    /// Bytes of all of them, at `each` bytes a number of the compute type.
    pub fn bytes(self, each: f64) -> f64 {
        self.compute * each + self.wide * WIDE
    }
}

/// An amount for the forward pass, and what the backward pass needs in addition.
#[derive(Debug, Clone, Copy, Default)]
pub struct ByPass<T> {
    pub forward: T,
    pub backward: T,
}

impl ByPass<Numbers> {
    /// Bytes of both, at `each` bytes a number of the compute type.
    pub fn bytes(self, each: f64) -> ByPass<f64> {
        ByPass {
            forward: self.forward.bytes(each),
            backward: self.backward.bytes(each),
        }
    }
}

/// The rank of the low-rank term that trains on a layer; 0 without one.
pub type Ranks<'a> = dyn Fn(BlockRole) -> usize + 'a;

/// What a block saves per token for the backward pass. `last`: it is the last block, which computes outputs for some tokens only.
pub fn saved(block: &BlockSpec, hidden: usize, last: bool, ranks: &Ranks) -> Numbers {
    let after = [&block.norms.after_attention, &block.norms.after_mlp];
    let middle = block.residual != Residual::Parallel || last;
    let states = 1 + usize::from(middle) + after.into_iter().flatten().count();
    let inner = inside(block, ranks);
    Numbers {
        compute: inner.compute + (states * hidden) as f64,
        ..inner
    }
}

/// The same without hidden states: all that a block holds in a pass without a backward pass.
pub fn inside(block: &BlockSpec, ranks: &Ranks) -> Numbers {
    let a = &block.attention;
    let heads = a.query_width() + a.key_width() + a.value_width() + a.output_width();
    let raw: usize = a.raw_widths().iter().sum();
    let (saved, routed) = match &block.mlp {
        MlpSpec::Dense(network) => (network.saved_width(), 0),
        MlpSpec::Experts(e) => {
            let shared = e.shared_network().map_or(0, NetworkSpec::saved_width);
            (e.top_k * e.expert.saved_width() + shared, routed(e))
        }
    };
    Numbers::new(heads + raw + saved + low_rank(block, ranks), a.heads + routed)
}

/// Numbers per token of a router's decision: scores, and for each chosen expert its index, weight and positions.
fn routed(e: &ExpertsSpec) -> usize {
    let logits = match e.router.scores {
        Scores::SparseMixer { .. } => e.count,
        _ => 0,
    };
    let gate = matches!(e.shared, Some(SharedSpec::Gated(_)));
    logits + e.count + 5 * e.top_k + usize::from(gate)
}

/// Numbers per token that the trained low-rank terms output, over all layers that a token goes through.
fn low_rank(block: &BlockSpec, ranks: &Ranks) -> usize {
    let of = |(role, shape)| match (role, shape) {
        // the first expert stands for all
        (BlockRole::Mlp(Network::Expert(1..), _), _) => 0,
        (BlockRole::Mlp(Network::Expert(0), _), Shape::Linear { .. }) => {
            block.mlp.experts().map_or(1, |e| e.top_k) * ranks(role)
        }
        (_, Shape::Linear { .. }) => ranks(role),
        _ => 0,
    };
    // ranks do not depend on the width
    block.modules(1).into_iter().map(of).sum()
}

/// How many of the `trained` blocks are recomputed in the backward pass, counted from the lowest, so that what the others save
/// for `tokens` tokens fits into `memory` bytes, at `each` bytes a number of the compute type.
pub fn recomputed(decoder: &DecoderSpec, trained: usize, ranks: &Ranks, tokens: f64, each: f64, memory: f64) -> usize {
    let per_token = |block: &BlockSpec| saved(block, decoder.hidden, true, ranks).bytes(each);
    let whole = tokens * widest(decoder, per_token);
    let input = tokens * decoder.hidden as f64 * each;
    let spare = (memory - trained as f64 * input).max(0.0);
    let fit = (spare / (whole - input).max(1.0)) as usize;
    trained - fit.min(trained)
}

/// The largest value of `of` over all blocks.
pub fn widest(decoder: &DecoderSpec, of: impl Fn(&BlockSpec) -> f64) -> f64 {
    let alike = decoder.blocks.chunk_by(|a, b| a == b);
    let firsts = alike.filter_map(<[BlockSpec]>::first);
    firsts.map(of).fold(0.0, f64::max)
}

/// Workspace per token: buffers that blocks use one after the other, those of the embedding, and the residual stream.
/// `outputs`: the share of tokens that the last block computes an output for.
pub fn scratch(decoder: &DecoderSpec, outputs: f64) -> ByPass<Numbers> {
    let hidden = decoder.hidden as f64;
    let most = |of: &dyn Fn(&BlockSpec) -> usize| widest(decoder, |block| of(block) as f64);
    let any = |is: fn(&BlockSpec) -> bool| if decoder.blocks.iter().any(is) { hidden } else { 0.0 };
    let network = most(&|block| widest_network(&block.mlp));
    let experts = decoder.blocks.iter().find_map(|block| block.mlp.experts());
    let of_experts = experts.map_or(ByPass::default(), |e| experts_work(e, hidden));
    let embedding = &decoder.embedding;
    let projected = if decoder.projects() {
        embedding.width as f64
    } else {
        0.0
    };
    let unnormed = if embedding.norm.is_some() { hidden } else { 0.0 };
    let branches = any(|block| !block.is_just_added()) + any(|block| block.residual == Residual::Parallel);
    let latents = latents(decoder);
    let heads = most(&|block| block.attention.query_width())
        + most(&|block| block.attention.key_width())
        + most(&|block| block.attention.value_width());
    // the gradient from queries has its own buffer where only some tokens have queries
    let from_queries = if outputs < 1.0 { hidden * outputs } else { 0.0 };
    let d_hidden = hidden.max(most(&|block| block.attention.output_width())).max(projected);
    let ByPass { forward, backward } = of_experts;
    ByPass {
        // the residual stream, its norm, and the input of an MLP's last layer
        forward: Numbers {
            compute: forward.compute + 2.0 * hidden + branches + network + projected + unnormed + latents.forward,
            wide: forward.wide,
        },
        backward: Numbers {
            compute: backward.compute + network.max(from_queries) + d_hidden + heads + latents.backward,
            wide: backward.wide,
        },
    }
}

fn widest_network(mlp: &MlpSpec) -> usize {
    match mlp {
        MlpSpec::Dense(network) => network.width,
        MlpSpec::Experts(e) => e.expert.width.max(e.shared_network().map_or(0, |n| n.width)),
    }
}

/// Workspace of experts per token. The busiest expert is taken to get one and a half times its even share of the tokens.
fn experts_work(e: &ExpertsSpec, hidden: f64) -> ByPass<Numbers> {
    let load = (1.5 * e.top_k as f64 / e.count as f64).min(1.0);
    // an expert with biases needs its output once more
    let outputs = if e.expert.bias { 1.0 } else { 0.0 };
    let forward = Numbers {
        compute: load * hidden,
        wide: e.count as f64,
    };
    let backward = Numbers {
        compute: load * hidden * (2.0 + outputs) + e.count as f64,
        wide: e.top_k as f64 + load,
    };
    ByPass { forward, backward }
}

/// Numbers per token of the workspace for latent attention.
fn latents(decoder: &DecoderSpec) -> ByPass<f64> {
    let most = |of: &dyn Fn(&BlockSpec) -> usize| widest(decoder, |block| of(block) as f64);
    let rank = most(&|block| {
        let latent = block.attention.latent.as_ref();
        latent.map_or(0, |latent| latent.rank.max(latent.query_rank.unwrap_or(0)))
    });
    let parts = most(&|block| {
        let a = &block.attention;
        let whole = a.before_rotary();
        let low = |rank: usize| rank + a.head_dim - whole + a.heads * (whole + a.value_dim);
        a.latent.as_ref().map_or(0, |latent| low(latent.rank))
    });
    ByPass {
        forward: parts + rank,
        backward: rank,
    }
}

/// Bytes of the head's workspace for each row that counts in the loss: hidden states before and after the last norm, statistics
/// of the row, the logits of a chunk, and for the backward pass the gradient of the hidden state. `each`: bytes of a number of
/// the compute type.
pub fn rows(decoder: &DecoderSpec, each: f64) -> ByPass<f64> {
    let (hidden, width) = (decoder.hidden, decoder.embedding.width);
    let state = hidden.max(width);
    let chunk = HEAD_CHUNK.min(decoder.embedding.vocabulary);
    let rounded = if each < WIDE { width as f64 * each } else { 0.0 };
    let projected = |of: usize| if decoder.projects() { of as f64 * each } else { 0.0 };
    let forward = (hidden + state + HEAD_STATS + chunk) as f64 * WIDE + rounded + projected(hidden + width);
    // and the derivative of the loss
    let backward = (state + 1) as f64 * WIDE + projected(hidden);
    ByPass { forward, backward }
}

/// Bytes of the indices of a pass on the device: for each token its id and position; for each row the output that predicts it,
/// its target, and the token and position that the last block computes the output for.
pub fn plan(tokens: f64, rows: f64) -> f64 {
    (2.0 * tokens + 4.0 * rows) * WIDE
}

/// Bytes of the tables of rotary angles for rows of up to `longest` tokens, one table for each distinct rotary embedding.
pub fn positions(decoder: &DecoderSpec, longest: u64) -> f64 {
    let mut rules = vec![];
    let mut numbers = 0;
    for block in &decoder.blocks {
        if let PositionSpec::Rotary(rule) = &block.attention.position
            && !rules.contains(&rule)
        {
            rules.push(rule);
            numbers += rule.dims;
        }
    }
    (longest.max(1).next_power_of_two() as usize * numbers) as f64 * WIDE
}
