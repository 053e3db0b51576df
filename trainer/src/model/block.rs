//! One decoder block, forward and backward: the same code for every family in the table.
use super::balance::BalanceGrads;
use super::linear::{BackwardInputs, InputGrad, LinearBuffers, LinearContext, Outputs};
use super::mlp::MlpInputs;
use super::norm::{norm_grad, norm_of};
use super::params::Params;
use super::room::{Cache, Saved, Scratch};
use super::rotary::RotaryTables;
use super::rotary_projection::{RotaryProjection, RotarySaved};
use super::weights::Layer;
use super::{Keep, Pass};
use crate::error::Result;
use crate::ops::norm;
use crate::ops::{Buf, Engine, Write, act, attention, gather, optimizer};
use crate::plan::{DevicePlan, Queries};
use protocol::decoder::{BlockSpec, DecoderSpec, Residual};

/// What all blocks of one pass share.
pub struct Env<'a> {
    pub engine: &'a Engine,
    pub decoder: &'a DecoderSpec,
    pub params: &'a Params,
    pub rotary: &'a RotaryTables,
    pub plan: &'a DevicePlan,
    pub pass: Pass,
    pub dropout_seed: Option<u64>,
    /// of the router's auxiliary loss, in a backward pass that has one
    pub balance: Option<BalanceGrads<'a>>,
}

impl Env<'_> {
    /// The tokens that a layer has an output for, and which they are where that is not all.
    fn queries(&self, index: usize) -> (&Queries, Option<&Buf>) {
        let last = self
            .plan
            .last
            .as_ref()
            .filter(|_| index + 1 == self.decoder.blocks.len());
        match last {
            Some(last) => (&last.queries, Some(&last.tokens)),
            None => (&self.plan.all, None),
        }
    }

    fn linear<'a>(&'a self, tokens: usize, buffers: &'a mut LinearBuffers) -> LinearContext<'a> {
        LinearContext {
            engine: self.engine,
            params: self.params,
            pass: self.pass,
            dropout_seed: self.dropout_seed,
            tokens,
            buffers,
        }
    }

    fn attention(&self, index: usize, tokens: usize) -> attention::Shape {
        let spec = &self.decoder.blocks[index].attention;
        attention::Shape {
            heads: spec.heads,
            kv_heads: spec.kv_heads,
            head_dim: spec.head_dim,
            tokens,
            window: spec.window,
        }
    }
}

impl Layer {
    fn keys<'a>(&'a self, env: &'a Env, index: usize, of: &'a Queries) -> RotaryProjection<'a> {
        RotaryProjection::new(env, index, (&self.k, self.k_norm.as_ref()), of)
    }

    fn queries<'a>(&'a self, env: &'a Env, index: usize, of: &'a Queries) -> RotaryProjection<'a> {
        RotaryProjection::new(env, index, (&self.q, self.q_norm.as_ref()), of)
    }

    /// `x` becomes the block's output, in the last layer that of the tail's tokens alone. `index` is the layer's; a `cache`
    /// takes the new keys and values and is attended to.
    pub fn forward(
        &self,
        env: &Env,
        (index, keep): (usize, Keep),
        x: &mut Buf,
        saved: &mut Saved,
        scratch: &mut Scratch,
        cache: Option<&mut Cache>,
    ) -> Result<()> {
        let (n, p, hidden) = (env.plan.tokens(), env.params, env.decoder.hidden);
        let BlockSpec {
            residual, attention, ..
        } = &env.decoder.blocks[index];
        let Residual::Sequential {
            attention: before,
            mlp: between,
        } = residual;
        let (k_width, v_width) = (attention.key_width(), attention.value_width());
        let (queries, some) = env.queries(index);
        let m = queries.count;
        let s = saved;
        let [low_q, low_k, low_v, low_o] = &mut s.low;
        let normed = scratch.normed.fit(n * hidden)?;
        let mut ctx = env.linear(n, &mut scratch.linear);
        if keep == Keep::ForBackward {
            env.engine.run(act::Copy {
                from: x.view(),
                to: s.x.fit(n * hidden)?.view_mut(),
                len: n * hidden,
            })?;
        }

        env.engine.run(norm::RmsNorm {
            x: x.view(),
            w: self.input_norm.buf(p).view(),
            y: normed.view_mut(),
            norm: norm_of(before, n, hidden),
        })?;
        let out = Outputs {
            y: s.v.fit(n * v_width)?.view_mut(),
            lora_hidden: low_v.fit(self.v.lora_hidden_len(n))?.view_mut(),
        };
        self.v.forward(normed.view(), out, &mut ctx)?;
        let k = RotarySaved {
            raw: &mut s.raw_k,
            out: &mut s.k,
            lora_hidden: low_k,
        };
        self.keys(env, index, &env.plan.all).forward(env, normed, k, &mut ctx)?;
        if let Some(tokens) = some {
            env.engine.run(gather::Compact {
                x: normed.view_mut(),
                ids: tokens.view(),
                count: m,
                width: hidden,
            })?;
            env.engine.run(gather::Compact {
                x: x.view_mut(),
                ids: tokens.view(),
                count: m,
                width: hidden,
            })?;
            ctx.tokens = m;
        }
        let q = RotarySaved {
            raw: &mut s.raw_q,
            out: &mut s.q,
            lora_hidden: low_q,
        };
        self.queries(env, index, queries).forward(env, normed, q, &mut ctx)?;
        let shape = env.attention(index, m);
        let (o, lse) = (s.o.fit(m * attention.output_width())?, s.lse.fit(m * attention.heads)?);
        match cache {
            None => env.engine.run(attention::Attention {
                shape,
                segments: &queries.segments,
                q: s.q.view(),
                k: s.k.view(),
                v: s.v.view(),
                o: o.view_mut(),
                lse: lse.view_mut(),
            })?,
            Some(cache) => {
                env.engine.run(act::Copy {
                    from: s.k.view(),
                    to: cache.k.part_mut(cache.len * k_width, n * k_width),
                    len: n * k_width,
                })?;
                env.engine.run(act::Copy {
                    from: s.v.view(),
                    to: cache.v.part_mut(cache.len * v_width, n * v_width),
                    len: n * v_width,
                })?;
                cache.len += n;
                env.engine.run(attention::Attention {
                    shape,
                    segments: &queries.segments,
                    q: s.q.view(),
                    k: cache.k.view(),
                    v: cache.v.view(),
                    o: o.view_mut(),
                    lse: lse.view_mut(),
                })?;
            }
        }
        let out = Outputs {
            y: normed.view_mut(),
            lora_hidden: low_o.fit(self.o.lora_hidden_len(m))?.view_mut(),
        };
        self.o.forward(o.view(), out, &mut ctx)?;
        env.engine.run(act::Add {
            x: x.view_mut(),
            y: normed.view(),
            len: m * hidden,
        })?;

        if keep == Keep::ForBackward {
            env.engine.run(act::Copy {
                from: x.view(),
                to: s.mid.fit(m * hidden)?.view_mut(),
                len: m * hidden,
            })?;
        }
        env.engine.run(norm::RmsNorm {
            x: x.view(),
            w: self.post_norm.buf(p).view(),
            y: normed.view_mut(),
            norm: norm_of(between, m, hidden),
        })?;
        self.mlp.forward(normed, x, &mut s.mlp, &mut scratch.mlp, &mut ctx)
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
        let (n, p, hidden) = (env.plan.tokens(), env.params, env.decoder.hidden);
        let BlockSpec {
            residual, attention, ..
        } = &env.decoder.blocks[index];
        let Residual::Sequential {
            attention: before,
            mlp: between,
        } = residual;
        let (k_width, v_width) = (attention.key_width(), attention.value_width());
        let (queries, some) = env.queries(index);
        let m = queries.count;
        let s = saved;
        let [low_q, low_k, low_v, low_o] = &s.low;
        let normed = scratch.normed.fit(n * hidden)?;
        let d_hidden = scratch.hidden.fit(n * hidden.max(attention.output_width()))?;
        let mut ctx = env.linear(m, &mut scratch.linear);

        // x_out = mid + mlp(h), h = norm(mid)
        let output = norm_of(between, m, hidden);
        env.engine.run(norm::RmsNorm {
            x: s.mid.view(),
            w: self.post_norm.buf(p).view(),
            y: normed.view_mut(),
            norm: output,
        })?;
        let of_mlp = MlpInputs {
            h: normed,
            dy: dx,
            balance: env.balance.as_ref(),
        };
        self.mlp
            .backward(of_mlp, d_hidden, &mut s.mlp, &mut scratch.mlp, grads, &mut ctx)?;
        norm_grad(env.engine, &self.post_norm, &s.mid, d_hidden, grads, output)?;
        if !input_grad && !self.attention_trains() {
            return Ok(());
        }
        env.engine.run(norm::RmsNormBackward {
            x: s.mid.view(),
            w: self.post_norm.buf(p).view(),
            dy: d_hidden.view(),
            dx: dx.view_mut(),
            norm: output,
            write: Write::Accumulate,
        })?;

        // mid = x + o(attention(q, k, v))
        let of_o = BackwardInputs {
            x: s.o.view(),
            lora_hidden: low_o.view(),
            dy: dx.view(),
        };
        self.o
            .backward(of_o, Some(InputGrad::overwrite(d_hidden)), grads, &mut ctx)?;
        let dq = scratch.dq.fit(m * attention.query_width())?;
        let (dk, dv) = (scratch.dk.fit(n * k_width)?, scratch.dv.fit(n * v_width)?);
        env.engine.run(optimizer::Fill {
            x: dk.view_mut(),
            value: 0.0,
            len: n * k_width,
        })?;
        env.engine.run(optimizer::Fill {
            x: dv.view_mut(),
            value: 0.0,
            len: n * v_width,
        })?;
        let shape = env.attention(index, m);
        env.engine.run(attention::AttentionBackward {
            shape,
            segments: &queries.segments,
            q: s.q.view(),
            k: s.k.view(),
            v: s.v.view(),
            o: s.o.view(),
            lse: s.lse.view(),
            d_o: d_hidden.view(),
            dq: dq.view_mut(),
            dk: dk.view_mut(),
            dv: dv.view_mut(),
        })?;
        let of_q = self.queries(env, index, queries);
        let dq = of_q.backward(env, &s.raw_q, &mut s.q, dq, grads)?;
        let of_k = self.keys(env, index, &env.plan.all);
        let dk = of_k.backward(env, &s.raw_k, &mut s.k, dk, grads)?;

        // q, k, v = linears of norm(x)
        let input = norm_of(before, n, hidden);
        env.engine.run(norm::RmsNorm {
            x: s.x.view(),
            w: self.input_norm.buf(p).view(),
            y: normed.view_mut(),
            norm: input,
        })?;
        let needed = input_grad || self.input_norm.trained().is_some();
        ctx.tokens = n;
        for (linear, lora_hidden, dy, write) in [
            (&self.k, low_k, dk, Write::Overwrite),
            (&self.v, low_v, &*dv, Write::Accumulate),
        ] {
            let given = BackwardInputs {
                x: normed.view(),
                lora_hidden: lora_hidden.view(),
                dy: dy.view(),
            };
            let to = needed.then(|| InputGrad {
                dx: d_hidden.view_mut(),
                write,
            });
            linear.backward(given, to, grads, &mut ctx)?;
        }
        match some {
            None => {
                let given = BackwardInputs {
                    x: normed.view(),
                    lora_hidden: low_q.view(),
                    dy: dq.view(),
                };
                let to = needed.then(|| InputGrad::accumulate(d_hidden));
                self.q.backward(given, to, grads, &mut ctx)?;
            }
            Some(tokens) => {
                env.engine.run(gather::Compact {
                    x: normed.view_mut(),
                    ids: tokens.view(),
                    count: m,
                    width: hidden,
                })?;
                ctx.tokens = m;
                let given = BackwardInputs {
                    x: normed.view(),
                    lora_hidden: low_q.view(),
                    dy: dq.view(),
                };
                let from_q = scratch.mlp.network.d_activated.fit(m * hidden)?;
                let to = needed.then(|| InputGrad::overwrite(from_q));
                self.q.backward(given, to, grads, &mut ctx)?;
                if needed {
                    env.engine.run(gather::ScatterAdd {
                        rows: from_q.view(),
                        ids: tokens.view(),
                        factors: None,
                        out: d_hidden.view_mut(),
                        count: m,
                        width: hidden,
                    })?;
                }
                if input_grad {
                    env.engine.run(gather::Spread {
                        x: dx.view_mut(),
                        ids: tokens.view(),
                        count: m,
                        rows: n,
                        width: hidden,
                    })?;
                }
            }
        }
        norm_grad(env.engine, &self.input_norm, &s.x, d_hidden, grads, input)?;
        if input_grad {
            env.engine.run(norm::RmsNormBackward {
                x: s.x.view(),
                w: self.input_norm.buf(p).view(),
                dy: d_hidden.view(),
                dx: dx.view_mut(),
                norm: input,
                write: Write::Accumulate,
            })?;
        }
        Ok(())
    }
}
