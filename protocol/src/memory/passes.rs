//! What passes hold, buffer by buffer as the engine has them: of each token what blocks save for the way back and what all of
//! them work in, and of each row that counts what the head works in.

use crate::decoder::{
    BlockRole, BlockSpec, DecoderSpec, ExpertsSpec, MlpSpec, Network, NetworkSpec, PositionSpec, Residual, Scores,
    Shape, SharedSpec,
};

/// Bytes of f32, and of whole numbers.
const WIDE: f64 = 4.0;
/// Vocabulary entries whose logits exist at once.
pub const HEAD_CHUNK: usize = 2048;
/// Numbers that the head keeps of each row.
pub const HEAD_STATS: usize = 5;

/// Numbers in the type that passes compute in, and those of 32 bits whatever that is.
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

    /// With so many bytes to a number of the compute type.
    pub fn bytes(self, each: f64) -> f64 {
        self.compute * each + self.wide * WIDE
    }
}

/// The rank of the low-rank term that trains on a layer; 0 without one.
pub type Ranks<'a> = dyn Fn(BlockRole) -> usize + 'a;

/// What a block saves of a token for the way back. `last`: of all blocks, which has an output of some tokens.
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

/// The same without hidden states: all that a block holds of a pass that has no way back.
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

/// What a router decided of a token: scores, and of each slot expert, weight and places.
fn routed(e: &ExpertsSpec) -> usize {
    let logits = match e.router.scores {
        Scores::SparseMixer { .. } => e.count,
        _ => 0,
    };
    let gate = matches!(e.shared, Some(SharedSpec::Gated(_)));
    logits + e.count + 5 * e.top_k + usize::from(gate)
}

/// Outputs of the low-rank terms that train, of all layers that a token meets.
fn low_rank(block: &BlockSpec, ranks: &Ranks) -> usize {
    let of = |(role, shape)| match (role, shape) {
        // the first stands for all experts
        (BlockRole::Mlp(Network::Expert(1..), _), _) => 0,
        (BlockRole::Mlp(Network::Expert(0), _), Shape::Linear { .. }) => {
            block.mlp.experts().map_or(1, |e| e.top_k) * ranks(role)
        }
        (_, Shape::Linear { .. }) => ranks(role),
        _ => 0,
    };
    // widths make no difference here
    block.modules(1).into_iter().map(of).sum()
}

/// How many of the blocks that train, from the lowest on, are computed again on the way back, so that what the others save of
/// `tokens` tokens fits `memory` bytes; each number of the compute type takes `each`.
pub fn recomputed(decoder: &DecoderSpec, trained: usize, ranks: &Ranks, tokens: f64, each: f64, memory: f64) -> usize {
    let per_token = |block: &BlockSpec| saved(block, decoder.hidden, true, ranks).bytes(each);
    let whole = tokens * widest(decoder, per_token);
    let input = tokens * decoder.hidden as f64 * each;
    let spare = (memory - trained as f64 * input).max(0.0);
    let fit = (spare / (whole - input).max(1.0)) as usize;
    trained - fit.min(trained)
}

/// The largest that any block gives.
pub fn widest(decoder: &DecoderSpec, of: impl Fn(&BlockSpec) -> f64) -> f64 {
    let alike = decoder.blocks.chunk_by(|a, b| a == b);
    let firsts = alike.filter_map(<[BlockSpec]>::first);
    firsts.map(of).fold(0.0, f64::max)
}

/// What every token has in the buffers that live for one block at a time, with those of the embedding and of the residual
/// stream; on the way there, and besides on the way back. `outputs`: the share of tokens that the last block has an output for.
pub fn scratch(decoder: &DecoderSpec, outputs: f64) -> [Numbers; 2] {
    let hidden = decoder.hidden as f64;
    let most = |of: &dyn Fn(&BlockSpec) -> usize| widest(decoder, |block| of(block) as f64);
    let any = |is: fn(&BlockSpec) -> bool| if decoder.blocks.iter().any(is) { hidden } else { 0.0 };
    let network = most(&|block| widest_network(&block.mlp));
    let experts = decoder.blocks.iter().find_map(|block| block.mlp.experts());
    let (there, back) = experts.map_or((Numbers::default(), Numbers::default()), |e| experts_work(e, hidden));
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
    // the gradient that comes from queries lies apart where these are of some tokens
    let from_queries = if outputs < 1.0 { hidden * outputs } else { 0.0 };
    let d_hidden = hidden.max(most(&|block| block.attention.output_width())).max(projected);
    [
        // the stream, its norm, and what a network's last layer reads
        Numbers {
            compute: there.compute + 2.0 * hidden + branches + network + projected + unnormed + latents[0],
            wide: there.wide,
        },
        Numbers {
            compute: back.compute + network.max(from_queries) + d_hidden + heads + latents[1],
            wide: back.wide,
        },
    ]
}

fn widest_network(mlp: &MlpSpec) -> usize {
    match mlp {
        MlpSpec::Dense(network) => network.width,
        MlpSpec::Experts(e) => e.expert.width.max(e.shared_network().map_or(0, |n| n.width)),
    }
}

/// What experts work in. The tokens of the one that meets most are taken to be half as many again as its even share.
fn experts_work(e: &ExpertsSpec, hidden: f64) -> (Numbers, Numbers) {
    let load = (1.5 * e.top_k as f64 / e.count as f64).min(1.0);
    // one whose bias is weighed has its output once more
    let outputs = if e.expert.bias { 1.0 } else { 0.0 };
    let there = Numbers {
        compute: load * hidden,
        wide: e.count as f64,
    };
    let back = Numbers {
        compute: load * hidden * (2.0 + outputs) + e.count as f64,
        wide: e.top_k as f64 + load,
    };
    (there, back)
}

/// What latents are worked out in, there and back.
fn latents(decoder: &DecoderSpec) -> [f64; 2] {
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
    [parts + rank, rank]
}

/// What the head works in of each row that counts: hidden states before and after the last norm, what is known of the row, logits of a
/// chunk, and for the way back the derivative by the hidden state. `each`: bytes of the type that it computes in.
pub fn rows(decoder: &DecoderSpec, each: f64) -> [f64; 2] {
    let (hidden, width) = (decoder.hidden, decoder.embedding.width);
    let state = hidden.max(width);
    let chunk = HEAD_CHUNK.min(decoder.embedding.vocabulary);
    let rounded = if each < WIDE { width as f64 * each } else { 0.0 };
    let projected = |of: usize| if decoder.projects() { of as f64 * each } else { 0.0 };
    let there = (hidden + state + HEAD_STATS + chunk) as f64 * WIDE + rounded + projected(hidden + width);
    // with the derivative of the loss
    let back = (state + 1) as f64 * WIDE + projected(hidden);
    [there, back]
}

/// Bytes of a plan on the device: of a token its id and its position, of a row what predicts it, its target, and the token and
/// position that the last block has an output for.
pub fn plan(tokens: f64, rows: f64) -> f64 {
    (2.0 * tokens + 4.0 * rows) * WIDE
}

/// Bytes of the tables of angles for rows of so many tokens, one table for each rule.
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
