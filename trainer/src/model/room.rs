//! The buffers of a block: what its forward pass leaves for its backward pass, what both work in, and the cache of decoding.
use super::config::ModelConfig;
use super::linear::{LinearBuffers, LinearContext};
use super::mlp;
use super::params::Params;
use super::weights::Layer;
use super::{Keep, Pass};
use crate::error::Result;
use crate::ops::{Buf, Engine};
use candle_core::Device;

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
    pub fn reserve(&mut self, config: &ModelConfig, tokens: usize, layer: &Layer) -> Result<()> {
        let (c, n) = (config, tokens);
        let raw = if c.qk_norm { n } else { 0 };
        for (buf, len) in [
            (&mut self.x, n * c.hidden_size),
            (&mut self.mid, n * c.hidden_size),
            (&mut self.raw_q, raw * c.q_width()),
            (&mut self.raw_k, raw * c.kv_width()),
            (&mut self.q, n * c.q_width()),
            (&mut self.k, n * c.kv_width()),
            (&mut self.v, n * c.kv_width()),
            (&mut self.o, n * c.q_width()),
            (&mut self.lse, n * c.heads),
        ] {
            buf.fit(len)?;
        }
        for (low, linear) in self.low.iter_mut().zip([&layer.q, &layer.k, &layer.v, &layer.o]) {
            low.fit(linear.lora_hidden_len(n))?;
        }
        self.mlp.reserve(n, &layer.mlp)
    }

    /// Bytes one block saves for `tokens` tokens.
    pub fn bytes(config: &ModelConfig, tokens: usize, rank: usize) -> u64 {
        let c = config;
        let heads = if c.qk_norm { c.q_width() + c.kv_width() } else { 0 };
        let per_token =
            2 * c.hidden_size + 2 * c.q_width() + 2 * c.kv_width() + heads + c.heads + 4 * rank + mlp_numbers(c, rank);
        4 * (tokens * per_token) as u64
    }
}

/// Numbers per token that the wider kind of MLP saves.
fn mlp_numbers(config: &ModelConfig, rank: usize) -> usize {
    let network = |width: usize| 2 * width + 3 * rank;
    let experts = config.experts.as_ref().filter(|experts| experts.layers.contains(&true));
    let of_experts = experts.map(|experts| {
        let shared = experts.shared.map_or(0, |width| network(width) + rank);
        experts.rule.top_k * network(experts.width) + shared + experts.rule.experts + rank
    });
    let dense = match experts {
        Some(experts) if !experts.layers.contains(&false) => 0,
        _ => network(config.intermediate_size),
    };
    of_experts.unwrap_or(0).max(dense)
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
    pub fn reserve(&mut self, config: &ModelConfig, tokens: usize, keep: Keep, layers: &[Layer]) -> Result<()> {
        let (c, n) = (config, tokens);
        self.normed.fit(n * c.hidden_size)?;
        let widest = layers.iter().map(|layer| layer.mlp.widest()).max().unwrap_or(0);
        self.mlp.network.activated.fit(n * widest)?;
        if keep == Keep::ForBackward {
            self.mlp.network.d_activated.fit(n * widest)?;
            self.hidden.fit(n * c.hidden_size.max(c.q_width()))?;
            self.dq.fit(n * c.q_width())?;
            self.dk.fit(n * c.kv_width())?;
            self.dv.fit(n * c.kv_width())?;
        }
        Ok(())
    }
}

/// Keys and values of one block for tokens seen so far, `[capacity, kv_width]` each.
pub struct Cache {
    pub(super) k: Buf,
    pub(super) v: Buf,
    pub len: usize,
}

impl Cache {
    pub fn new(config: &ModelConfig, capacity: usize, device: &Device) -> Result<Self> {
        let len = capacity * config.kv_width();
        Ok(Self {
            k: Buf::zeros(len, device)?,
            v: Buf::zeros(len, device)?,
            len: 0,
        })
    }

    pub fn has_room(&self, config: &ModelConfig, tokens: usize) -> bool {
        (self.len + tokens) * config.kv_width() <= self.k.capacity()
    }
}
