//! The first half of a block: queries, keys and values of its normed input, attention, and the projection of what it gives.
use super::buffers::Cache;
use super::context::BlockContext;
use super::linear::{BackwardInputs, InputGrad, LinearBuffers, Outputs};
use super::rotary_projection::{RotaryProjection, RotarySaved, keeps_raw};
use super::weights::Layer;
use crate::error::{Error, Result};
use crate::ops::attention::{Attention, AttentionBackward, Shape};
use crate::ops::{Buf, Engine, Write, act, clip, gather, optimizer};
use protocol::decoder::AttentionSpec;

/// Whether all that a description asks for is computed here.
pub fn check(spec: &AttentionSpec) -> Result<()> {
    let normed = spec.qk_norm.as_ref();
    let known =
        normed.is_none_or(|qk| !(qk.after_rotary && spec.clip.is_some())) && !spec.sinks && spec.latent.is_none();
    match known {
        true => Ok(()),
        false => Err(Error::internal(format!(
            "attention of this kind is not computed: {spec:?}"
        ))),
    }
}

/// What the forward pass leaves for the backward pass.
pub struct SavedAttention {
    /// before the per-head norm, where there is one
    raw_q: Buf,
    raw_k: Buf,
    q: Buf,
    k: Buf,
    v: Buf,
    o: Buf,
    lse: Buf,
    /// `A x` of the terms that train, of q, k, v, o
    lora_hidden: [Buf; 4],
}

/// Gradients that live for one block.
pub struct AttentionScratch {
    dq: Buf,
    dk: Buf,
    dv: Buf,
}

/// What the backward pass reads and writes beside what is saved.
pub struct AttentionGrads<'a> {
    /// the input, which is used up
    pub h: &'a mut Buf,
    /// the gradient of the output
    pub dy: &'a Buf,
    /// the gradient of `h`, where it is asked for; overwritten in any case
    pub dh: &'a mut Buf,
    pub input_grad: bool,
    /// `[tokens, hidden]`, to work in
    pub from_queries: &'a mut Buf,
}

impl SavedAttention {
    pub fn new(engine: &Engine) -> Result<Self> {
        let buf = || engine.buffer();
        Ok(Self {
            raw_q: buf()?,
            raw_k: buf()?,
            q: buf()?,
            k: buf()?,
            v: buf()?,
            o: buf()?,
            lse: Buf::zeros(0, engine.device())?,
            lora_hidden: [buf()?, buf()?, buf()?, buf()?],
        })
    }

    /// Makes room for `tokens` tokens.
    pub fn reserve(&mut self, spec: &AttentionSpec, tokens: usize, layer: &Layer) -> Result<()> {
        let raw = if keeps_raw(spec) { tokens } else { 0 };
        for (buf, len) in [
            (&mut self.raw_q, raw * spec.query_width()),
            (&mut self.raw_k, raw * spec.key_width()),
            (&mut self.q, tokens * spec.query_width()),
            (&mut self.k, tokens * spec.key_width()),
            (&mut self.v, tokens * spec.value_width()),
            (&mut self.o, tokens * spec.output_width()),
            (&mut self.lse, tokens * spec.heads),
        ] {
            buf.fit(len)?;
        }
        let linears = [&layer.q, &layer.k, &layer.v, &layer.o];
        for (buf, linear) in self.lora_hidden.iter_mut().zip(linears) {
            buf.fit(linear.lora_hidden_len(tokens))?;
        }
        Ok(())
    }
}

impl AttentionScratch {
    pub fn new(engine: &Engine) -> Result<Self> {
        let buf = || engine.buffer();
        Ok(Self {
            dq: buf()?,
            dk: buf()?,
            dv: buf()?,
        })
    }

    /// Makes room for `tokens` tokens of a block.
    pub fn reserve(&mut self, spec: &AttentionSpec, tokens: usize) -> Result<()> {
        self.dq.fit(tokens * spec.query_width())?;
        self.dk.fit(tokens * spec.key_width())?;
        self.dv.fit(tokens * spec.value_width())?;
        Ok(())
    }
}

impl Layer {
    /// `h` becomes the half's output, of the tokens that the block has one for.
    pub(super) fn attention_forward(
        &self,
        block: BlockContext,
        h: &mut Buf,
        saved: &mut SavedAttention,
        buffers: &mut LinearBuffers,
        cache: Option<&mut Cache>,
    ) -> Result<()> {
        let BlockContext { pass, spec, .. } = block;
        let (tokens, hidden, spec) = (pass.plan.tokens(), pass.decoder.hidden, &spec.attention);
        let outputs = block.outputs();
        let SavedAttention {
            raw_q,
            raw_k,
            q,
            k,
            v,
            o,
            lse,
            lora_hidden: [low_q, low_k, low_v, low_o],
        } = saved;
        let mut ctx = pass.linear(tokens, buffers);
        let out = Outputs {
            y: v.fit(tokens * spec.value_width())?.view_mut(),
            lora_hidden: low_v.fit(self.v.lora_hidden_len(tokens))?.view_mut(),
        };
        self.v.forward(h.view(), out, &mut ctx)?;
        if let Some(limit) = spec.clip {
            pass.engine.run(clip::Clip {
                x: v.view_mut(),
                limit: limit as f32,
                len: tokens * spec.value_width(),
            })?;
        }
        let of_keys = RotarySaved {
            raw: raw_k,
            out: &mut *k,
            lora_hidden: low_k,
        };
        RotaryProjection::keys(&block, &self.k, self.k_norm.as_ref()).forward(pass, h, of_keys, &mut ctx)?;
        if let Some(some) = block.output_tokens() {
            pass.engine.run(gather::Compact {
                x: h.view_mut(),
                ids: some,
                count: outputs.count,
                width: hidden,
            })?;
            ctx.tokens = outputs.count;
        }
        let of_queries = RotarySaved {
            raw: raw_q,
            out: &mut *q,
            lora_hidden: low_q,
        };
        RotaryProjection::queries(&block, &self.q, self.q_norm.as_ref()).forward(pass, h, of_queries, &mut ctx)?;
        let (k, v) = match cache {
            None => (&*k, &*v),
            Some(cache) => {
                cache.append(pass.engine, spec, k, v, tokens)?;
                (&cache.k, &cache.v)
            }
        };
        pass.engine.run(Attention {
            shape: shape(spec, outputs.count),
            alibi: pass.positions.alibi(block.index),
            segments: outputs.segments,
            q: q.view(),
            k: k.view(),
            v: v.view(),
            o: o.fit(outputs.count * spec.output_width())?.view_mut(),
            lse: lse.fit(outputs.count * spec.heads)?.view_mut(),
        })?;
        let out = Outputs {
            y: h.view_mut(),
            lora_hidden: low_o.fit(self.o.lora_hidden_len(outputs.count))?.view_mut(),
        };
        self.o.forward(o.view(), out, &mut ctx)
    }

    /// Adds to the gradients of what trains in this half. Overwrites parts of `saved`.
    pub(super) fn attention_backward(
        &self,
        block: BlockContext,
        given: AttentionGrads,
        saved: &mut SavedAttention,
        scratch: &mut AttentionScratch,
        buffers: &mut LinearBuffers,
        grads: &mut [Buf],
    ) -> Result<()> {
        let BlockContext { pass, spec, .. } = block;
        let (tokens, hidden, spec) = (pass.plan.tokens(), pass.decoder.hidden, &spec.attention);
        let outputs = block.outputs();
        let AttentionGrads {
            h,
            dy,
            dh,
            input_grad,
            from_queries,
        } = given;
        let [low_q, low_k, low_v, low_o] = &saved.lora_hidden;
        let mut ctx = pass.linear(outputs.count, buffers);
        let of_output = BackwardInputs {
            x: saved.o.view(),
            lora_hidden: low_o.view(),
            dy: dy.view(),
        };
        self.o
            .backward(of_output, Some(InputGrad::overwrite(dh)), grads, &mut ctx)?;

        let dq = scratch.dq.fit(outputs.count * spec.query_width())?;
        let dk = scratch.dk.fit(tokens * spec.key_width())?;
        let dv = scratch.dv.fit(tokens * spec.value_width())?;
        for (x, width) in [(&mut *dk, spec.key_width()), (&mut *dv, spec.value_width())] {
            pass.engine.run(optimizer::Fill {
                x: x.view_mut(),
                value: 0.0,
                len: tokens * width,
            })?;
        }
        pass.engine.run(AttentionBackward {
            shape: shape(spec, outputs.count),
            alibi: pass.positions.alibi(block.index),
            segments: outputs.segments,
            q: saved.q.view(),
            k: saved.k.view(),
            v: saved.v.view(),
            o: saved.o.view(),
            lse: saved.lse.view(),
            d_o: dh.view(),
            dq: dq.view_mut(),
            dk: dk.view_mut(),
            dv: dv.view_mut(),
        })?;
        let queries = RotaryProjection::queries(&block, &self.q, self.q_norm.as_ref());
        let dq = queries.backward(pass, &saved.raw_q, &mut saved.q, dq, grads)?;
        let keys = RotaryProjection::keys(&block, &self.k, self.k_norm.as_ref());
        let dk = keys.backward(pass, &saved.raw_k, &mut saved.k, dk, grads)?;

        if let Some(limit) = spec.clip {
            pass.engine.run(clip::ClipBackward {
                y: saved.v.view(),
                dy: dv.view_mut(),
                limit: limit as f32,
                len: tokens * spec.value_width(),
            })?;
        }
        ctx.tokens = tokens;
        for (linear, lora_hidden, dy, write) in [
            (&self.k, low_k, dk, Write::Overwrite),
            (&self.v, low_v, &*dv, Write::Accumulate),
        ] {
            let of_linear = BackwardInputs {
                x: h.view(),
                lora_hidden: lora_hidden.view(),
                dy: dy.view(),
            };
            let to = input_grad.then(|| InputGrad {
                dx: dh.view_mut(),
                write,
            });
            linear.backward(of_linear, to, grads, &mut ctx)?;
        }
        let some = block.output_tokens();
        if let Some(some) = some {
            pass.engine.run(gather::Compact {
                x: h.view_mut(),
                ids: some,
                count: outputs.count,
                width: hidden,
            })?;
            ctx.tokens = outputs.count;
        }
        let of_queries = BackwardInputs {
            x: h.view(),
            lora_hidden: low_q.view(),
            dy: dq.view(),
        };
        let Some(some) = some else {
            let to = input_grad.then(|| InputGrad::accumulate(dh));
            return self.q.backward(of_queries, to, grads, &mut ctx);
        };
        from_queries.fit(outputs.count * hidden)?;
        let to = input_grad.then(|| InputGrad::overwrite(from_queries));
        self.q.backward(of_queries, to, grads, &mut ctx)?;
        match input_grad {
            false => Ok(()),
            true => pass.engine.run(gather::ScatterAdd {
                rows: from_queries.view(),
                ids: some,
                factors: None,
                out: dh.view_mut(),
                count: outputs.count,
                width: hidden,
            }),
        }
    }
}

fn shape(spec: &AttentionSpec, tokens: usize) -> Shape {
    Shape {
        heads: spec.heads,
        kv_heads: spec.kv_heads,
        head_dim: spec.head_dim,
        value_dim: spec.value_dim,
        scale: spec.scale as f32,
        tokens,
        span: spec.span,
        soft_cap: spec.soft_cap.map(|cap| cap as f32),
    }
}

impl Cache {
    /// Takes in the keys and values of so many tokens.
    fn append(&mut self, engine: &Engine, spec: &AttentionSpec, k: &Buf, v: &Buf, tokens: usize) -> Result<()> {
        for (from, to, width) in [(k, &mut self.k, spec.key_width()), (v, &mut self.v, spec.value_width())] {
            engine.run(act::Copy {
                from: from.view(),
                to: to.part_mut(self.len * width, tokens * width),
                len: tokens * width,
            })?;
        }
        self.len += tokens;
        Ok(())
    }
}
