//! The first half of a block: queries, keys and values of its normed input, attention, and the projection of what it gives.
use super::buffers::Cache;
use super::context::BlockContext;
use super::heads::{HeadBuffers, KeyValueGrads, QueryGrads, SavedHeads};
use super::latent::LatentScratch;
use super::linear::{BackwardInputs, InputGrad, LinearBuffers, Outputs};
use super::weights::Layer;
use crate::error::{Error, Result};
use crate::ops::attention::{Attention, AttentionBackward, Shape, Sinks, SinksBackward};
use crate::ops::{Buf, Engine, act, gather, optimizer};
use protocol::decoder::AttentionSpec;

/// Whether all that a description asks for is computed here.
pub fn check(spec: &AttentionSpec) -> Result<()> {
    let normed = spec.qk_norm.as_ref();
    let known = normed.is_none_or(|qk| !(qk.after_rotary && spec.clip.is_some()))
        && (spec.latent.is_none() || spec.qk_norm.is_none() && spec.clip.is_none());
    match known {
        true => Ok(()),
        false => Err(Error::internal(format!(
            "attention of this kind is not computed: {spec:?}"
        ))),
    }
}

/// What the forward pass leaves for the backward pass.
pub struct SavedAttention {
    heads: SavedHeads,
    o: Buf,
    lse: Buf,
    /// `A x` of the term of the last layer, where it trains
    lora_hidden: Buf,
}

/// Gradients that live for one block, and what latents are worked out in.
pub struct AttentionScratch {
    dq: Buf,
    dk: Buf,
    dv: Buf,
    latent: LatentScratch,
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
        Ok(Self {
            heads: SavedHeads::new(engine)?,
            o: engine.buffer()?,
            lse: Buf::zeros(0, engine.device())?,
            lora_hidden: engine.buffer()?,
        })
    }

    /// Makes room for `tokens` tokens.
    pub fn reserve(&mut self, spec: &AttentionSpec, tokens: usize, layer: &Layer) -> Result<()> {
        self.heads.reserve(spec, tokens, &layer.heads)?;
        self.o.fit(tokens * spec.output_width())?;
        self.lse.fit(tokens * spec.heads)?;
        self.lora_hidden.fit(layer.o.lora_hidden_len(tokens))?;
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
            latent: LatentScratch::new(engine)?,
        })
    }

    /// Makes room for `tokens` tokens of a block.
    pub fn reserve(&mut self, spec: &AttentionSpec, tokens: usize) -> Result<()> {
        self.dq.fit(tokens * spec.query_width())?;
        self.dk.fit(tokens * spec.key_width())?;
        self.dv.fit(tokens * spec.value_width())?;
        self.latent.reserve(spec, tokens)
    }
}

/// What a forward pass through attention works in.
pub struct AttentionWork<'a> {
    pub scratch: &'a mut AttentionScratch,
    pub buffers: &'a mut LinearBuffers,
}

impl Layer {
    /// `h` becomes the half's output, of the tokens that the block has one for.
    pub(super) fn attention_forward(
        &self,
        block: BlockContext,
        h: &mut Buf,
        saved: &mut SavedAttention,
        work: AttentionWork,
        cache: Option<&mut Cache>,
    ) -> Result<()> {
        let AttentionWork { scratch, buffers } = work;
        let BlockContext { pass, spec, .. } = block;
        let (tokens, hidden, spec) = (pass.plan.tokens(), pass.decoder.hidden, &spec.attention);
        let outputs = block.outputs();
        let SavedAttention {
            heads,
            o,
            lse,
            lora_hidden,
        } = saved;
        let mut ctx = pass.linear(tokens, buffers);
        self.heads
            .keys_and_values(&block, h, heads, &mut scratch.latent, &mut ctx)?;
        if let Some(some) = block.output_tokens() {
            pass.engine.run(gather::Compact {
                x: h.view_mut(),
                ids: some,
                count: outputs.count,
                width: hidden,
            })?;
            ctx.tokens = outputs.count;
        }
        self.heads.queries(&block, h, heads, &mut scratch.latent, &mut ctx)?;
        let (k, v) = match cache {
            None => (&heads.k, &heads.v),
            Some(cache) => {
                cache.append(pass.engine, spec, &heads.k, &heads.v, tokens)?;
                (&cache.k, &cache.v)
            }
        };
        pass.engine.run(Attention {
            shape: shape(spec, outputs.count),
            alibi: pass.positions.alibi(block.index),
            segments: outputs.segments,
            q: heads.q.view(),
            k: k.view(),
            v: v.view(),
            o: o.fit(outputs.count * spec.output_width())?.view_mut(),
            lse: lse.fit(outputs.count * spec.heads)?.view_mut(),
        })?;
        if let Some(sinks) = &self.sinks {
            pass.engine.run(Sinks {
                shape: shape(spec, outputs.count),
                sinks: sinks.buf(pass.params).view(),
                o: o.view_mut(),
                lse: lse.view_mut(),
            })?;
        }
        let out = Outputs {
            y: h.view_mut(),
            lora_hidden: lora_hidden.fit(self.o.lora_hidden_len(outputs.count))?.view_mut(),
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
        let heads = &mut saved.heads;
        let mut ctx = pass.linear(outputs.count, buffers);
        let of_output = BackwardInputs {
            x: saved.o.view(),
            lora_hidden: saved.lora_hidden.view(),
            dy: dy.view(),
        };
        self.o
            .backward(of_output, Some(InputGrad::overwrite(dh)), grads, &mut ctx)?;

        if let Some(sinks) = &self.sinks
            && let Some(id) = sinks.trained()
        {
            pass.engine.run(SinksBackward {
                shape: shape(spec, outputs.count),
                sinks: sinks.buf(pass.params).view(),
                o: saved.o.view(),
                lse: saved.lse.view(),
                d_o: dh.view(),
                d_sinks: grads[id].view_mut(),
            })?;
        }
        let AttentionScratch { dq, dk, dv, latent } = scratch;
        dq.fit(outputs.count * spec.query_width())?;
        for (x, len) in [
            (&mut *dk, tokens * spec.key_width()),
            (&mut *dv, tokens * spec.value_width()),
        ] {
            pass.engine.run(optimizer::Fill {
                x: x.fit(len)?.view_mut(),
                value: 0.0,
                len,
            })?;
        }
        pass.engine.run(AttentionBackward {
            shape: shape(spec, outputs.count),
            alibi: pass.positions.alibi(block.index),
            segments: outputs.segments,
            q: heads.q.view(),
            k: heads.k.view(),
            v: heads.v.view(),
            o: saved.o.view(),
            lse: saved.lse.view(),
            d_o: dh.view(),
            dq: dq.view_mut(),
            dk: dk.view_mut(),
            dv: dv.view_mut(),
        })?;

        ctx.tokens = tokens;
        let given = KeyValueGrads {
            dk,
            dv,
            dh: input_grad.then_some(&mut *dh),
        };
        let of_keys = HeadBuffers {
            saved: &mut *heads,
            scratch: &mut *latent,
        };
        self.heads
            .keys_and_values_backward(&block, h, given, of_keys, grads, &mut ctx)?;
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
        let of_queries = HeadBuffers {
            saved: heads,
            scratch: latent,
        };
        let Some(some) = some else {
            let given = QueryGrads {
                dq,
                dh: input_grad.then(|| InputGrad::accumulate(dh)),
            };
            return self
                .heads
                .queries_backward(&block, h, given, of_queries, grads, &mut ctx);
        };
        from_queries.fit(outputs.count * hidden)?;
        let given = QueryGrads {
            dq,
            dh: input_grad.then(|| InputGrad::overwrite(from_queries)),
        };
        self.heads
            .queries_backward(&block, h, given, of_queries, grads, &mut ctx)?;
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
