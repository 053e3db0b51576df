//! The buffers of a block: what its forward pass leaves for its backward pass, what both work in, and the cache of decoding.
use super::linear::{LinearBuffers, LinearContext};
use super::mlp;
use super::params::Params;
use super::weights::Layer;
use super::{Keep, Pass};
use crate::error::Result;
use crate::ops::{Buf, Engine};
use candle_core::Device;
use protocol::decoder::{AttentionSpec, BlockSpec, DecoderSpec, MlpSpec};

/// What a block's forward pass leaves for its backward pass; grown on first use, then reused.
pub struct Saved {
    /// input and the residual stream after attention; `[tokens, hidden]`
    pub x: Buf,
    pub(super) mid: Buf,
    /// before the per-head norm, where there is one
    pub(super) raw_q: Buf,
    pub(super) raw_k: Buf,
    pub(super) q: Buf,
    pub(super) k: Buf,
    pub(super) v: Buf,
    pub(super) o: Buf,
    pub(super) lse: Buf,
    /// `A x` of the trained terms of q, k, v, o
    pub(super) low: [Buf; 4],
    pub mlp: mlp::Saved,
}

impl Saved {
    pub fn new(device: &Device) -> Result<Self> {
        let buf = || Buf::zeros(0, device);
        Ok(Self {
            x: buf()?,
            mid: buf()?,
            raw_q: buf()?,
            raw_k: buf()?,
            q: buf()?,
            k: buf()?,
            v: buf()?,
            o: buf()?,
            lse: buf()?,
            low: [buf()?, buf()?, buf()?, buf()?],
            mlp: mlp::Saved::new(device)?,
        })
    }

    /// Makes room for `tokens` tokens.
    pub fn reserve(&mut self, decoder: &DecoderSpec, index: usize, tokens: usize, layer: &Layer) -> Result<()> {
        let (n, hidden, a) = (tokens, decoder.hidden, &decoder.blocks[index].attention);
        let raw = if a.qk_norm.is_some() { n } else { 0 };
        for (buf, len) in [
            (&mut self.x, n * hidden),
            (&mut self.mid, n * hidden),
            (&mut self.raw_q, raw * a.query_width()),
            (&mut self.raw_k, raw * a.key_width()),
            (&mut self.q, n * a.query_width()),
            (&mut self.k, n * a.key_width()),
            (&mut self.v, n * a.value_width()),
            (&mut self.o, n * a.output_width()),
            (&mut self.lse, n * a.heads),
        ] {
            buf.fit(len)?;
        }
        for (low, linear) in self.low.iter_mut().zip([&layer.q, &layer.k, &layer.v, &layer.o]) {
            low.fit(linear.lora_hidden_len(n))?;
        }
        self.mlp.reserve(n, &layer.mlp)
    }

    /// Bytes that the block which saves most does for `tokens` tokens.
    pub fn bytes(decoder: &DecoderSpec, tokens: usize, rank: usize) -> u64 {
        let numbers = |block| 2 * decoder.hidden + block_numbers(block, rank);
        let per_token = decoder.blocks.iter().map(numbers).max().unwrap_or(0);
        4 * (tokens * per_token) as u64
    }
}

/// Numbers per token that a block saves beside its two hidden states.
fn block_numbers(block: &BlockSpec, rank: usize) -> usize {
    let a = &block.attention;
    let raw = match a.qk_norm {
        Some(_) => a.query_width() + a.key_width(),
        None => 0,
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
    pub(super) mlp: mlp::Scratch,
    pub(super) hidden: Buf,
    pub(super) dq: Buf,
    pub(super) dk: Buf,
    pub(super) dv: Buf,
    pub(super) linear: LinearBuffers,
}

impl Scratch {
    pub fn new(device: &Device) -> Result<Self> {
        let buf = || Buf::zeros(0, device);
        Ok(Self {
            normed: buf()?,
            mlp: mlp::Scratch::new(device)?,
            hidden: buf()?,
            dq: buf()?,
            dk: buf()?,
            dv: buf()?,
            linear: LinearBuffers::new(device)?,
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
}

impl Scratch {
    /// Makes room for `tokens` tokens.
    pub fn reserve(&mut self, decoder: &DecoderSpec, tokens: usize, keep: Keep, layers: &[Layer]) -> Result<()> {
        let (n, hidden) = (tokens, decoder.hidden);
        let most = |of: fn(&AttentionSpec) -> usize| {
            let widths = decoder.blocks.iter().map(|block| of(&block.attention));
            widths.max().unwrap_or(0)
        };
        self.normed.fit(n * hidden)?;
        let widest = layers.iter().map(|layer| layer.mlp.widest()).max().unwrap_or(0);
        self.mlp.network.activated.fit(n * widest)?;
        if keep == Keep::ForBackward {
            self.mlp.network.d_activated.fit(n * widest)?;
            self.hidden.fit(n * hidden.max(most(AttentionSpec::output_width)))?;
            self.dq.fit(n * most(AttentionSpec::query_width))?;
            self.dk.fit(n * most(AttentionSpec::key_width))?;
            self.dv.fit(n * most(AttentionSpec::value_width))?;
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
    pub fn new(spec: &AttentionSpec, capacity: usize, device: &Device) -> Result<Self> {
        Ok(Self {
            k: Buf::zeros(capacity * spec.key_width(), device)?,
            v: Buf::zeros(capacity * spec.value_width(), device)?,
            len: 0,
            capacity,
        })
    }

    pub fn has_room(&self, tokens: usize) -> bool {
        self.len + tokens <= self.capacity
    }
}
