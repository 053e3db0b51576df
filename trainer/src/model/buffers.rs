//! The buffers of a block: what its forward pass leaves for its backward pass, what both work in, and the cache of decoding.
use super::attention::{AttentionScratch, SavedAttention};
use super::linear::{LinearBuffers, LinearContext};
use super::mlp::{MlpScratch, SavedMlp};
use super::params::Params;
use super::rotary_projection::keeps_raw;
use super::weights::Layer;
use super::{Keep, Pass};
use crate::error::Result;
use crate::ops::{Buf, Engine};
use protocol::decoder::{AttentionSpec, BlockSpec, DecoderSpec, MlpSpec};

/// What a block's forward pass leaves for its backward pass; grown on first use, then reused.
pub struct SavedBlock {
    /// input and the residual stream after attention; `[tokens, hidden]`
    pub x: Buf,
    pub mid: Buf,
    pub attention: SavedAttention,
    pub mlp: SavedMlp,
}

impl SavedBlock {
    pub fn new(engine: &Engine) -> Result<Self> {
        let buf = || engine.buffer();
        Ok(Self {
            x: buf()?,
            mid: buf()?,
            attention: SavedAttention::new(engine)?,
            mlp: SavedMlp::new(engine)?,
        })
    }

    /// Makes room for `tokens` tokens.
    pub fn reserve(&mut self, decoder: &DecoderSpec, index: usize, tokens: usize, layer: &Layer) -> Result<()> {
        self.x.fit(tokens * decoder.hidden)?;
        self.mid.fit(tokens * decoder.hidden)?;
        self.attention
            .reserve(&decoder.blocks[index].attention, tokens, layer)?;
        self.mlp.reserve(tokens, &layer.mlp)
    }

    /// How many numbers the block which saves most does for `tokens` tokens.
    pub fn numbers(decoder: &DecoderSpec, tokens: usize, rank: usize) -> u64 {
        let numbers = |block| 2 * decoder.hidden + block_numbers(block, rank);
        let per_token = decoder.blocks.iter().map(numbers).max().unwrap_or(0);
        (tokens * per_token) as u64
    }
}

/// Numbers per token that a block saves beside its two hidden states.
fn block_numbers(block: &BlockSpec, rank: usize) -> usize {
    let a = &block.attention;
    let raw = match keeps_raw(a) {
        true => a.query_width() + a.key_width(),
        false => 0,
    };
    let attention = a.query_width() + a.key_width() + a.value_width() + a.output_width() + raw + a.heads + 4 * rank;
    let network = |width: usize| 2 * width + 3 * rank;
    attention
        + match &block.mlp {
            MlpSpec::Dense(dense) => network(dense.width),
            MlpSpec::Experts(experts) => {
                let shared = experts.shared_network();
                let shared = shared.map_or(0, |shared| network(shared.width) + rank);
                experts.top_k * network(experts.expert.width) + shared + experts.count + rank
            }
        }
}

/// Buffers that live for one block at a time.
pub struct Scratch {
    pub(super) normed: Buf,
    pub(super) mlp: MlpScratch,
    pub(super) d_hidden: Buf,
    pub(super) attention: AttentionScratch,
    pub(super) linear: LinearBuffers,
}

impl Scratch {
    pub fn new(engine: &Engine) -> Result<Self> {
        let buf = || engine.buffer();
        Ok(Self {
            normed: buf()?,
            mlp: MlpScratch::new(engine)?,
            d_hidden: buf()?,
            attention: AttentionScratch::new(engine)?,
            linear: LinearBuffers::new(engine)?,
        })
    }

    /// What a linear layer works with outside of a pass.
    pub fn context<'a>(&'a mut self, engine: &'a Engine, params: &'a Params) -> LinearContext<'a> {
        LinearContext {
            engine,
            params,
            pass: Pass::Policy,
            dropout_seed: None,
            tokens: 0,
            buffers: &mut self.linear,
        }
    }

    /// Makes room for `tokens` tokens.
    pub fn reserve(&mut self, decoder: &DecoderSpec, tokens: usize, keep: Keep, layers: &[Layer]) -> Result<()> {
        let (n, hidden) = (tokens, decoder.hidden);
        self.normed.fit(n * hidden)?;
        let widest = layers.iter().map(|layer| layer.mlp.widest()).max().unwrap_or(0);
        self.mlp.network.activated.fit(n * widest)?;
        if keep == Keep::ForBackward {
            self.mlp.network.d_activated.fit(n * widest)?;
            for block in &decoder.blocks {
                self.d_hidden.fit(n * hidden.max(block.attention.output_width()))?;
                self.attention.reserve(&block.attention, n)?;
            }
        }
        Ok(())
    }
}

/// Keys and values of one block for tokens seen so far, `[capacity, width]` each.
pub struct Cache {
    pub(super) k: Buf,
    pub(super) v: Buf,
    pub len: usize,
    capacity: usize,
}

impl Cache {
    pub fn new(spec: &AttentionSpec, capacity: usize, engine: &Engine) -> Result<Self> {
        let (mut k, mut v) = (engine.buffer()?, engine.buffer()?);
        k.fit(capacity * spec.key_width())?;
        v.fit(capacity * spec.value_width())?;
        Ok(Self { k, v, len: 0, capacity })
    }

    pub fn clear(&mut self) {
        self.len = 0;
    }

    pub fn has_room(&self, tokens: usize) -> bool {
        self.len + tokens <= self.capacity
    }
}
