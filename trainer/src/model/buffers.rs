//! The buffers of a block: what its forward pass leaves for its backward pass, what both work in, and the cache of decoding.
use super::attention::{AttentionScratch, SavedAttention};
use super::linear::{LinearBuffers, LinearContext};
use super::mlp::{MlpScratch, SavedMlp};
use super::params::Params;
use super::weights::Layer;
use super::{Keep, Pass};
use crate::error::Result;
use crate::ops::{Buf, Engine};
use protocol::decoder::{AttentionSpec, DecoderSpec, Residual};

/// What a block's forward pass leaves for its backward pass; grown on first use, then reused.
pub struct SavedBlock {
    /// the input, `[tokens, hidden]`
    pub x: Buf,
    /// what the MLP's norm reads, where it is not the input: the residual stream after attention
    pub mid: Buf,
    /// what the norms read that come after attention and MLP, where there are such
    pub from_attention: Buf,
    pub from_mlp: Buf,
    pub attention: SavedAttention,
    pub mlp: SavedMlp,
}

impl SavedBlock {
    pub fn new(engine: &Engine) -> Result<Self> {
        let buf = || engine.buffer();
        Ok(Self {
            x: buf()?,
            mid: buf()?,
            from_attention: buf()?,
            from_mlp: buf()?,
            attention: SavedAttention::new(engine)?,
            mlp: SavedMlp::new(engine)?,
        })
    }

    /// Whether there is room for any tokens yet.
    pub fn has_room(&self) -> bool {
        self.x.capacity() > 0
    }

    /// Makes room for `tokens` tokens.
    pub fn reserve(&mut self, decoder: &DecoderSpec, index: usize, tokens: usize, layer: &Layer) -> Result<()> {
        let (block, len) = (&decoder.blocks[index], tokens * decoder.hidden);
        self.x.fit(len)?;
        // the last block has an output for some tokens, which are put together then
        if block.residual != Residual::Parallel || index + 1 == decoder.blocks.len() {
            self.mid.fit(len)?;
        }
        if block.norms.after_attention.is_some() {
            self.from_attention.fit(len)?;
        }
        if block.norms.after_mlp.is_some() {
            self.from_mlp.fit(len)?;
        }
        self.attention.reserve(&block.attention, tokens, layer)?;
        self.mlp.reserve(tokens, &layer.mlp)
    }
}

/// Buffers that live for one block at a time.
pub struct Scratch {
    pub(super) normed: Buf,
    /// what a branch gives before it is added, or the gradient of that, where it isn't just added
    pub(super) branch: Buf,
    /// of parallel blocks: the MLP's input, or the gradient that comes from it
    pub(super) of_mlp: Buf,
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
            branch: buf()?,
            of_mlp: buf()?,
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
        if decoder.blocks.iter().any(|block| !block.is_just_added()) {
            self.branch.fit(n * hidden)?;
        }
        if decoder.blocks.iter().any(|block| block.residual == Residual::Parallel) {
            self.of_mlp.fit(n * hidden)?;
        }
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
