//! One decoder block, forward and backward: the same code for every family in the table.
use super::config::ModelConfig;
use super::linear::{Linear, Onto, Work};
use super::params::Params;
use super::weights::{Layer, Vector};
use super::{Keep, Pass};
use crate::error::Result;
use crate::ops::norm::{self, Norm};
use crate::ops::rope::{self, Table, Turn};
use crate::ops::{Buf, act, attention, optimizer};
use crate::plan::Segment;
use candle_core::Device;

/// What all blocks of one pass share.
pub struct Env<'a> {
    pub config: &'a ModelConfig,
    pub params: &'a Params,
    pub table: &'a Table,
    pub positions: &'a [u32],
    pub groups: &'a [Vec<Segment>],
    pub pass: Pass,
    pub dropout_seed: Option<u64>,
}

impl Env<'_> {
    fn tokens(&self) -> usize {
        self.positions.len()
    }

    fn norm(&self, rows: usize, width: usize) -> Norm {
        Norm {
            rows,
            width,
            epsilon: self.config.rms_norm_eps as f32,
        }
    }
}

/// What a block's forward pass leaves for its backward pass; grown on first use, then reused.
pub struct Saved {
    /// input and the residual stream after attention; `[tokens, hidden]`
    pub x: Buf,
    mid: Buf,
    /// before the per-head norm, where there is one
    raw_q: Buf,
    raw_k: Buf,
    q: Buf,
    k: Buf,
    v: Buf,
    o: Buf,
    lse: Buf,
    gate: Buf,
    up: Buf,
    /// `A x` of the trained term of each linear, in the order of [`Layer::linears`]
    low: [Buf; 7],
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
            gate: buf()?,
            up: buf()?,
            low: [buf()?, buf()?, buf()?, buf()?, buf()?, buf()?, buf()?],
        })
    }

    /// Makes room for `tokens` tokens.
    pub fn reserve(&mut self, config: &ModelConfig, tokens: usize, linears: [&Linear; 7]) -> Result<()> {
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
            (&mut self.gate, n * c.intermediate_size),
            (&mut self.up, n * c.intermediate_size),
        ] {
            buf.fit(len)?;
        }
        for (low, linear) in self.low.iter_mut().zip(linears) {
            low.fit(n * linear.trained.map_or(0, |term| term.rank))?;
        }
        Ok(())
    }

    /// Bytes one block saves for `tokens` tokens.
    pub fn bytes(config: &ModelConfig, tokens: usize, rank: usize) -> u64 {
        let c = config;
        let heads = if c.qk_norm { c.q_width() + c.kv_width() } else { 0 };
        let per_token = 2 * c.hidden_size
            + 2 * c.q_width()
            + 2 * c.kv_width()
            + heads
            + c.heads
            + 2 * c.intermediate_size
            + 7 * rank;
        4 * (tokens * per_token) as u64
    }
}

/// Buffers that live for one block at a time.
pub struct Scratch {
    normed: Buf,
    act: Buf,
    wide: Buf,
    hidden: Buf,
    dq: Buf,
    dk: Buf,
    dv: Buf,
    low: Buf,
    dropped: Buf,
}

impl Scratch {
    pub fn new(device: &Device) -> Result<Self> {
        let buf = || Buf::zeros(0, device);
        Ok(Self {
            normed: buf()?,
            act: buf()?,
            wide: buf()?,
            hidden: buf()?,
            dq: buf()?,
            dk: buf()?,
            dv: buf()?,
            low: buf()?,
            dropped: buf()?,
        })
    }
}

impl Scratch {
    /// Makes room for `tokens` tokens.
    pub fn reserve(&mut self, config: &ModelConfig, tokens: usize, keep: Keep) -> Result<()> {
        let (c, n) = (config, tokens);
        self.normed.fit(n * c.hidden_size)?;
        self.act.fit(n * c.intermediate_size)?;
        if keep == Keep::ForBackward {
            self.wide.fit(n * c.intermediate_size)?;
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
    k: Buf,
    v: Buf,
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

impl Layer {
    /// `x` becomes the block's output. `index` is the layer's; a `cache` takes the new keys and values and is attended to.
    pub fn forward(
        &self,
        env: &Env,
        (index, keep): (usize, Keep),
        x: &mut Buf,
        saved: &mut Saved,
        scratch: &mut Scratch,
        cache: Option<&mut Cache>,
    ) -> Result<()> {
        let (c, n, p) = (env.config, env.tokens(), env.params);
        let (hidden, q_width, kv_width) = (c.hidden_size, c.q_width(), c.kv_width());
        let Saved {
            x: input,
            mid,
            raw_q,
            raw_k,
            q,
            k,
            v,
            o,
            lse,
            gate,
            up,
            low,
        } = saved;
        let Scratch {
            normed,
            act: activated,
            low: work_low,
            dropped,
            ..
        } = scratch;
        let [low_q, low_k, low_v, low_o, low_gate, low_up, low_down] = low;
        let mut work = Work {
            tokens: n,
            pass: env.pass,
            dropout_seed: env.dropout_seed,
            params: p,
            low: work_low,
            dropped,
        };
        if keep == Keep::ForBackward {
            act::copy(x, input.fit(n * hidden)?, n * hidden)?;
        }

        norm::forward(x, self.input_norm.buf(p), normed.fit(n * hidden)?, env.norm(n, hidden))?;
        self.v.forward(normed, v.fit(n * kv_width)?, low_v, &mut work)?;
        match (&self.q_norm, &self.k_norm) {
            (Some(q_norm), Some(k_norm)) => {
                self.q.forward(normed, raw_q.fit(n * q_width)?, low_q, &mut work)?;
                self.k.forward(normed, raw_k.fit(n * kv_width)?, low_k, &mut work)?;
                let per_head = |heads| env.norm(n * heads, c.head_dim);
                norm::forward(raw_q, q_norm.buf(p), q.fit(n * q_width)?, per_head(c.heads))?;
                norm::forward(raw_k, k_norm.buf(p), k.fit(n * kv_width)?, per_head(c.kv_heads))?;
            }
            _ => {
                self.q.forward(normed, q.fit(n * q_width)?, low_q, &mut work)?;
                self.k.forward(normed, k.fit(n * kv_width)?, low_k, &mut work)?;
            }
        }
        rope::rotate(q, env.table, env.positions, c.heads, Turn::Forward)?;
        rope::rotate(k, env.table, env.positions, c.kv_heads, Turn::Forward)?;
        let shape = shape(env, index);
        let (o, lse) = (o.fit(n * q_width)?, lse.fit(n * c.heads)?);
        match cache {
            None => attention::forward(shape, env.groups, (q, k, v), o, lse)?,
            Some(cache) => {
                act::copy_at(k, &mut cache.k, cache.len * kv_width, n * kv_width)?;
                act::copy_at(v, &mut cache.v, cache.len * kv_width, n * kv_width)?;
                cache.len += n;
                attention::forward(shape, env.groups, (q, &cache.k, &cache.v), o, lse)?;
            }
        }
        self.o.forward(o, normed, low_o, &mut work)?;
        act::add(x, normed, n * hidden)?;

        if keep == Keep::ForBackward {
            act::copy(x, mid.fit(n * hidden)?, n * hidden)?;
        }
        let wide = n * c.intermediate_size;
        norm::forward(x, self.post_norm.buf(p), normed, env.norm(n, hidden))?;
        self.gate.forward(normed, gate.fit(wide)?, low_gate, &mut work)?;
        self.up.forward(normed, up.fit(wide)?, low_up, &mut work)?;
        act::swiglu(gate, up, activated.fit(wide)?, wide)?;
        self.down.forward(activated, normed, low_down, &mut work)?;
        act::add(x, normed, n * hidden)
    }

    /// `dx`, the gradient of the block's output, becomes that of its input (left half done when `input_grad` is false:
    /// nothing below trains). Overwrites parts of `saved`.
    pub fn backward(
        &self,
        env: &Env,
        index: usize,
        dx: &mut Buf,
        saved: &mut Saved,
        scratch: &mut Scratch,
        (grads, input_grad): (&mut [Buf], bool),
    ) -> Result<()> {
        let (c, n, p) = (env.config, env.tokens(), env.params);
        let (hidden, q_width, kv_width) = (c.hidden_size, c.q_width(), c.kv_width());
        let Saved {
            x,
            mid,
            raw_q,
            raw_k,
            q,
            k,
            v,
            o,
            lse,
            gate,
            up,
            low,
        } = saved;
        let Scratch {
            normed,
            act: activated,
            wide: d_wide,
            hidden: d_hidden,
            dq,
            dk,
            dv,
            low: work_low,
            dropped,
        } = scratch;
        let [low_q, low_k, low_v, low_o, low_gate, low_up, low_down] = low;
        let mut work = Work {
            tokens: n,
            pass: env.pass,
            dropout_seed: env.dropout_seed,
            params: p,
            low: work_low,
            dropped,
        };
        let whole = env.norm(n, hidden);
        normed.fit(n * hidden)?;
        d_hidden.fit(n * hidden.max(q_width))?;

        // x_out = mid + down(swiglu(gate(h), up(h))), h = norm(mid)
        let wide = n * c.intermediate_size;
        act::swiglu(gate, up, activated.fit(wide)?, wide)?;
        let d_act = Some((d_wide.fit(wide)?, Onto::Set));
        self.down.backward((activated, low_down, dx), d_act, grads, &mut work)?;
        act::swiglu_backward(gate, up, d_wide, wide)?;
        norm::forward(mid, self.post_norm.buf(p), normed, whole)?;
        self.gate
            .backward((normed, low_gate, gate), Some((d_hidden, Onto::Set)), grads, &mut work)?;
        self.up
            .backward((normed, low_up, up), Some((d_hidden, Onto::Add)), grads, &mut work)?;
        norm_grad(&self.post_norm, mid, d_hidden, grads, whole)?;
        norm::backward_add(mid, self.post_norm.buf(p), d_hidden, dx, whole)?;

        // mid = x + o(attention(q, k, v))
        self.o
            .backward((o, low_o, dx), Some((d_hidden, Onto::Set)), grads, &mut work)?;
        let kept = attention::Saved { q, k, v, o, lse };
        let (dq, dk, dv) = (dq.fit(n * q_width)?, dk.fit(n * kv_width)?, dv.fit(n * kv_width)?);
        optimizer::fill(dk, 0.0, n * kv_width)?;
        optimizer::fill(dv, 0.0, n * kv_width)?;
        attention::backward(shape(env, index), env.groups, kept, d_hidden, [dq, dk, dv])?;
        rope::rotate(dq, env.table, env.positions, c.heads, Turn::Backward)?;
        rope::rotate(dk, env.table, env.positions, c.kv_heads, Turn::Backward)?;
        let (mut dq, mut dk) = (dq, dk);
        if let (Some(q_norm), Some(k_norm)) = (&self.q_norm, &self.k_norm) {
            let per_head = |heads| env.norm(n * heads, c.head_dim);
            norm_grad(q_norm, raw_q, dq, grads, per_head(c.heads))?;
            norm_grad(k_norm, raw_k, dk, grads, per_head(c.kv_heads))?;
            // q and k are no longer needed: their buffers take the gradients of raw_q and raw_k
            norm::backward(raw_q, q_norm.buf(p), dq, q, per_head(c.heads))?;
            norm::backward(raw_k, k_norm.buf(p), dk, k, per_head(c.kv_heads))?;
            (dq, dk) = (q, k);
        }

        // q, k, v = linears of norm(x)
        norm::forward(x, self.input_norm.buf(p), normed, whole)?;
        let needed = input_grad || self.input_norm.trained().is_some();
        for (linear, low, dy, onto) in [
            (&self.q, &*low_q, &*dq, Onto::Set),
            (&self.k, &*low_k, &*dk, Onto::Add),
            (&self.v, &*low_v, &*dv, Onto::Add),
        ] {
            let out = needed.then_some((&mut *d_hidden, onto));
            linear.backward((normed, low, dy), out, grads, &mut work)?;
        }
        norm_grad(&self.input_norm, x, d_hidden, grads, whole)?;
        if input_grad {
            norm::backward_add(x, self.input_norm.buf(p), d_hidden, dx, whole)?;
        }
        Ok(())
    }
}

/// Adds to the gradient of a norm's weight where it trains.
fn norm_grad(weight: &Vector, x: &Buf, dy: &Buf, grads: &mut [Buf], norm: Norm) -> Result<()> {
    match weight.trained() {
        Some(id) => norm::weight_grad(x, dy, &mut grads[id], norm),
        None => Ok(()),
    }
}

fn shape(env: &Env, index: usize) -> attention::Shape {
    let c = env.config;
    attention::Shape {
        heads: c.heads,
        kv_heads: c.kv_heads,
        head_dim: c.head_dim,
        tokens: env.tokens(),
        window: c.windows[index],
    }
}
