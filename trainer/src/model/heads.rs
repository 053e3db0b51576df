//! What gives a block's queries, keys and values: a linear layer for each, or latents.
use super::context::BlockContext;
use super::latent::{Down, Latent, LatentScratch};
use super::linear::{BackwardInputs, InputGrad, Linear, LinearContext, Outputs};
use super::modules::{Lent, LentMut, Module};
use super::norm::NormVectors;
use super::rotary_projection::{RotaryProjection, RotarySaved};
use crate::error::Result;
use crate::ops::{Buf, Engine, Write, clip};
use protocol::decoder::{AttentionSpec, BlockRole};

#[derive(Debug)]
pub enum HeadWeights {
    Apart(Apart),
    Latent(Latent),
}

/// A linear layer for each.
#[derive(Debug)]
pub struct Apart {
    pub q: Linear,
    pub k: Linear,
    pub v: Linear,
    pub q_norm: Option<NormVectors>,
    pub k_norm: Option<NormVectors>,
}

/// The walk over their modules, norms first; once for `&` and once for `&mut`.
macro_rules! walk {
    ($modules:ident, $lent:ident $(, $mutable:ident)?) => {
        impl HeadWeights {
            pub fn $modules(&$($mutable)? self) -> Vec<(BlockRole, $lent<'_>)> {
                let (norms, linears) = match self {
                    Self::Apart(Apart { q, k, v, q_norm, k_norm }) => (
                        [
                            q_norm.into_iter().next().map(|norm| (BlockRole::QueryNorm, norm)),
                            k_norm.into_iter().next().map(|norm| (BlockRole::KeyNorm, norm)),
                        ],
                        [Some((BlockRole::Query, q)), Some((BlockRole::Key, k)), Some((BlockRole::Value, v)), None],
                    ),
                    Self::Latent(Latent { q_down, q, kv_down, kv_norm, kv_up }) => {
                        let (norm, down, query) = match q_down {
                            None => (None, None, BlockRole::Query),
                            Some(Down { linear, norm }) => (Some(norm), Some(linear), BlockRole::QueryUp),
                        };
                        (
                            [
                                norm.map(|norm| (BlockRole::QueryDownNorm, norm)),
                                Some((BlockRole::KeyValueDownNorm, kv_norm)),
                            ],
                            [
                                down.map(|down| (BlockRole::QueryDown, down)),
                                Some((query, q)),
                                Some((BlockRole::KeyValueDown, kv_down)),
                                Some((BlockRole::KeyValueUp, kv_up)),
                            ],
                        )
                    }
                };
                // a norm without numbers is no module
                let norms = norms.into_iter().flatten().filter(|(_, norm)| !norm.is_empty());
                let norms = norms.map(|(role, norm)| (role, Module::Norm(norm)));
                let linears = linears.into_iter().flatten().map(|(role, linear)| (role, Module::Linear(linear)));
                norms.chain(linears).collect()
            }
        }
    };
}
walk!(modules, Lent);
walk!(modules_mut, LentMut, mut);

/// What the forward pass leaves for the backward pass.
pub struct SavedHeads {
    /// Queries and keys, or latents, as they were before a norm or a clip: `AttentionSpec::raw_widths` numbers a token.
    pub raw_q: Buf,
    pub raw_k: Buf,
    pub q: Buf,
    pub k: Buf,
    pub v: Buf,
    pub lora_hidden: LoraHidden,
}

/// `A x` of the terms that train.
pub struct LoraHidden {
    pub query: Buf,
    pub key: Buf,
    pub value: Buf,
    pub query_down: Buf,
    pub key_value_down: Buf,
}

/// The gradients of keys and values, and where that of what they come from goes.
pub struct KeyValueGrads<'a> {
    pub dk: &'a mut Buf,
    pub dv: &'a mut Buf,
    /// overwritten, where it is asked for
    pub dh: Option<&'a mut Buf>,
}

/// The gradients of queries, and where that of their `h` goes.
pub struct QueryGrads<'a> {
    pub dq: &'a mut Buf,
    pub dh: Option<InputGrad<'a>>,
}

/// What a pass has saved of heads, and what the way through latents works in.
pub struct HeadBuffers<'a> {
    pub saved: &'a mut SavedHeads,
    pub scratch: &'a mut LatentScratch,
}

impl SavedHeads {
    pub fn new(engine: &Engine) -> Result<Self> {
        let buf = || engine.buffer();
        Ok(Self {
            raw_q: buf()?,
            raw_k: buf()?,
            q: buf()?,
            k: buf()?,
            v: buf()?,
            lora_hidden: LoraHidden {
                query: buf()?,
                key: buf()?,
                value: buf()?,
                query_down: buf()?,
                key_value_down: buf()?,
            },
        })
    }

    /// Makes room for `tokens` tokens.
    pub fn reserve(&mut self, spec: &AttentionSpec, tokens: usize, weights: &HeadWeights) -> Result<()> {
        let [raw_q, raw_k] = spec.raw_widths();
        for (buf, width) in [
            (&mut self.raw_q, raw_q),
            (&mut self.raw_k, raw_k),
            (&mut self.q, spec.query_width()),
            (&mut self.k, spec.key_width()),
            (&mut self.v, spec.value_width()),
        ] {
            buf.fit(tokens * width)?;
        }
        for (buf, linear) in self.lora_hidden.of(weights) {
            buf.fit(linear.lora_hidden_len(tokens))?;
        }
        Ok(())
    }
}

impl LoraHidden {
    /// Each with its layer.
    fn of<'a>(&'a mut self, weights: &'a HeadWeights) -> Vec<(&'a mut Buf, &'a Linear)> {
        let Self {
            query,
            key,
            value,
            query_down,
            key_value_down,
        } = self;
        match weights {
            HeadWeights::Apart(Apart { q, k, v, .. }) => vec![(query, q), (key, k), (value, v)],
            HeadWeights::Latent(latent) => {
                let down = latent.q_down.as_ref().map(|down| (query_down, &down.linear));
                let others = [
                    (query, &latent.q),
                    (key_value_down, &latent.kv_down),
                    (value, &latent.kv_up),
                ];
                others.into_iter().chain(down).collect()
            }
        }
    }
}

impl HeadWeights {
    /// `saved.k` and `saved.v` of all tokens, from `h`.
    pub fn keys_and_values(
        &self,
        block: &BlockContext,
        h: &Buf,
        saved: &mut SavedHeads,
        scratch: &mut LatentScratch,
        ctx: &mut LinearContext,
    ) -> Result<()> {
        match self {
            Self::Apart(apart) => apart.keys_and_values(block, h, saved, ctx),
            Self::Latent(latent) => latent.keys_and_values(block, h, saved, scratch, ctx),
        }
    }

    /// `saved.q` of the tokens that the block has an output for, from their `h`.
    pub fn queries(
        &self,
        block: &BlockContext,
        h: &Buf,
        saved: &mut SavedHeads,
        scratch: &mut LatentScratch,
        ctx: &mut LinearContext,
    ) -> Result<()> {
        match self {
            Self::Apart(apart) => apart.queries(block, h, saved, ctx),
            Self::Latent(latent) => latent.queries(block, h, saved, scratch, ctx),
        }
    }

    /// Adds to the gradients of what trains. Overwrites the gradients it is given, and parts of `saved`.
    pub fn keys_and_values_backward(
        &self,
        block: &BlockContext,
        h: &Buf,
        given: KeyValueGrads,
        buffers: HeadBuffers,
        grads: &mut [Buf],
        ctx: &mut LinearContext,
    ) -> Result<()> {
        match self {
            Self::Apart(apart) => apart.keys_and_values_backward(block, h, given, buffers.saved, grads, ctx),
            Self::Latent(latent) => latent.keys_and_values_backward(block, h, given, buffers, grads, ctx),
        }
    }

    /// The same from the gradient of queries.
    pub fn queries_backward(
        &self,
        block: &BlockContext,
        h: &Buf,
        given: QueryGrads,
        buffers: HeadBuffers,
        grads: &mut [Buf],
        ctx: &mut LinearContext,
    ) -> Result<()> {
        match self {
            Self::Apart(apart) => apart.queries_backward(block, h, given, buffers.saved, grads, ctx),
            Self::Latent(latent) => latent.queries_backward(block, h, given, buffers, grads, ctx),
        }
    }
}

impl Apart {
    fn keys_and_values(
        &self,
        block: &BlockContext,
        h: &Buf,
        saved: &mut SavedHeads,
        ctx: &mut LinearContext,
    ) -> Result<()> {
        let (pass, spec) = (block.pass, &block.spec.attention);
        let len = pass.plan.tokens() * spec.value_width();
        let SavedHeads {
            raw_k,
            k,
            v,
            lora_hidden: LoraHidden { key, value, .. },
            ..
        } = saved;
        let out = Outputs {
            y: v.fit(len)?.view_mut(),
            lora_hidden: value.fit(self.v.lora_hidden_len(pass.plan.tokens()))?.view_mut(),
        };
        self.v.forward(h.view(), out, ctx)?;
        if let Some(limit) = spec.clip {
            pass.engine.run(clip::Clip {
                x: v.view_mut(),
                limit: limit as f32,
                len,
            })?;
        }
        let of_keys = RotarySaved {
            raw: raw_k,
            out: k,
            lora_hidden: key,
        };
        RotaryProjection::keys(block, &self.k, self.k_norm.as_ref()).forward(pass, h, of_keys, ctx)
    }

    fn queries(&self, block: &BlockContext, h: &Buf, saved: &mut SavedHeads, ctx: &mut LinearContext) -> Result<()> {
        let of_queries = RotarySaved {
            raw: &mut saved.raw_q,
            out: &mut saved.q,
            lora_hidden: &mut saved.lora_hidden.query,
        };
        RotaryProjection::queries(block, &self.q, self.q_norm.as_ref()).forward(block.pass, h, of_queries, ctx)
    }

    fn keys_and_values_backward(
        &self,
        block: &BlockContext,
        h: &Buf,
        given: KeyValueGrads,
        saved: &mut SavedHeads,
        grads: &mut [Buf],
        ctx: &mut LinearContext,
    ) -> Result<()> {
        let (pass, spec) = (block.pass, &block.spec.attention);
        let KeyValueGrads { dk, dv, mut dh } = given;
        let keys = RotaryProjection::keys(block, &self.k, self.k_norm.as_ref());
        let dk = keys.backward(pass, &saved.raw_k, &mut saved.k, dk, grads)?;
        if let Some(limit) = spec.clip {
            pass.engine.run(clip::ClipBackward {
                y: saved.v.view(),
                dy: dv.view_mut(),
                limit: limit as f32,
                len: pass.plan.tokens() * spec.value_width(),
            })?;
        }
        let hidden = &saved.lora_hidden;
        for (linear, lora_hidden, dy, write) in [
            (&self.k, &hidden.key, dk, Write::Overwrite),
            (&self.v, &hidden.value, &*dv, Write::Accumulate),
        ] {
            let of_linear = BackwardInputs {
                x: h.view(),
                lora_hidden: lora_hidden.view(),
                dy: dy.view(),
            };
            let to = dh.as_mut().map(|dh| InputGrad {
                dx: dh.view_mut(),
                write,
            });
            linear.backward(of_linear, to, grads, ctx)?;
        }
        Ok(())
    }

    fn queries_backward(
        &self,
        block: &BlockContext,
        h: &Buf,
        given: QueryGrads,
        saved: &mut SavedHeads,
        grads: &mut [Buf],
        ctx: &mut LinearContext,
    ) -> Result<()> {
        let QueryGrads { dq, dh } = given;
        let queries = RotaryProjection::queries(block, &self.q, self.q_norm.as_ref());
        let dq = queries.backward(block.pass, &saved.raw_q, &mut saved.q, dq, grads)?;
        let of_queries = BackwardInputs {
            x: h.view(),
            lora_hidden: saved.lora_hidden.query.view(),
            dy: dq.view(),
        };
        self.q.backward(of_queries, dh, grads, ctx)
    }
}
