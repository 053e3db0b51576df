//! Queries, keys and values out of latents: *DeepSeek-V2*, arXiv 2405.04434, section 2.1.
//!
//! `[c; r] = down h`, and of each head `[k; v] = up norm(c)`; its key is `[k; turned r]` with one `r` for all heads. A query is
//! `up norm(down h)`, or one linear layer of `h`, and its last dimensions turn.
use super::context::{BlockContext, PassContext};
use super::heads::{HeadBuffers, KeyValueGrads, LoraHidden, QueryGrads, SavedHeads};
use super::linear::{BackwardInputs, InputGrad, Linear, LinearContext, Outputs};
use super::norm::{NormContext, NormVectors};
use super::rotary_projection::{RotaryProjection, RotarySaved};
use crate::error::{Error, Result};
use crate::ops::columns::{Columns, CopyColumns, SumColumns};
use crate::ops::rope::{Rope, Turn, Turned};
use crate::ops::{Buf, Engine, Write};
use protocol::decoder::{AttentionSpec, LatentSpec};

#[derive(Debug)]
pub struct Latent {
    pub q_down: Option<Down>,
    pub q: Linear,
    pub kv_down: Linear,
    pub kv_norm: NormVectors,
    pub kv_up: Linear,
}

/// To a latent, and its norm.
#[derive(Debug)]
pub struct Down {
    pub linear: Linear,
    pub norm: NormVectors,
}

/// What the way through latents works in, and their gradients.
pub struct LatentScratch {
    /// `[tokens, rank + turned]`, latents with the part of keys that turns
    low: Buf,
    /// `[tokens, heads * (whole + value)]`, keys as far as they do not turn, and values
    both: Buf,
    normed: Buf,
    d_normed: Buf,
}

impl LatentScratch {
    pub fn new(engine: &Engine) -> Result<Self> {
        let buf = || engine.buffer();
        Ok(Self {
            low: buf()?,
            both: buf()?,
            normed: buf()?,
            d_normed: buf()?,
        })
    }

    /// Makes room for `tokens` tokens of a block.
    pub fn reserve(&mut self, spec: &AttentionSpec, tokens: usize) -> Result<()> {
        let Some(latent) = &spec.latent else { return Ok(()) };
        let widths = Widths::of(spec, latent);
        let widest = latent.rank.max(latent.query_rank.unwrap_or(0));
        self.low.fit(tokens * widths.low())?;
        self.both.fit(tokens * widths.both())?;
        self.normed.fit(tokens * widest)?;
        self.d_normed.fit(tokens * widest)?;
        Ok(())
    }
}

/// How wide the parts of latents and heads are.
#[derive(Clone, Copy)]
struct Widths {
    heads: usize,
    rank: usize,
    /// dimensions of a key that turn, and those that do not
    turned: usize,
    whole: usize,
    value: usize,
}

impl Widths {
    fn of(spec: &AttentionSpec, latent: &LatentSpec) -> Self {
        let whole = spec.before_rotary();
        Self {
            heads: spec.heads,
            rank: latent.rank,
            turned: spec.head_dim - whole,
            whole,
            value: spec.value_dim,
        }
    }

    fn low(self) -> usize {
        self.rank + self.turned
    }

    fn both(self) -> usize {
        self.heads * (self.whole + self.value)
    }

    // the columns of each part, in rows of one token or of one token and head
    fn of_latent(self) -> Columns {
        Columns {
            first: 0,
            of: self.low(),
        }
    }

    fn of_shared(self) -> Columns {
        Columns {
            first: self.rank,
            of: self.low(),
        }
    }

    fn of_head(self, first: usize) -> Columns {
        Columns {
            first,
            of: self.whole + self.value,
        }
    }

    fn of_key(self, first: usize) -> Columns {
        Columns {
            first,
            of: self.whole + self.turned,
        }
    }

    fn alone(width: usize) -> Columns {
        Columns { first: 0, of: width }
    }
}

impl Latent {
    fn spec<'a>(&self, block: &'a BlockContext) -> Result<(&'a LatentSpec, Widths)> {
        let spec = &block.spec.attention;
        let latent = spec.latent.as_ref();
        let latent = latent.ok_or_else(|| Error::internal("latents that the description does not know"))?;
        Ok((latent, Widths::of(spec, latent)))
    }

    /// The norm of keys' and values' latent.
    fn norm<'a>(&'a self, pass: &'a PassContext, latent: &LatentSpec) -> NormContext<'a> {
        pass.norm(&self.kv_norm, &latent.norm, pass.plan.tokens(), latent.rank)
    }

    /// Turns the part of keys that all heads share, within the latents' rows.
    fn turn(&self, block: &BlockContext, low: &mut Buf, widths: Widths, turn: Turn) -> Result<()> {
        let pass = block.pass;
        let Some(table) = pass.positions.rotary(block.index) else {
            return Ok(());
        };
        pass.engine.run(Rope {
            x: low.view_mut(),
            table,
            turns: pass.plan.all().turns,
            tokens: pass.plan.tokens(),
            turned: Turned {
                heads: 1,
                head_dim: widths.low(),
                first: widths.rank,
            },
            turn,
        })
    }

    pub(super) fn keys_and_values(
        &self,
        block: &BlockContext,
        h: &Buf,
        saved: &mut SavedHeads,
        scratch: &mut LatentScratch,
        ctx: &mut LinearContext,
    ) -> Result<()> {
        let (latent, widths) = self.spec(block)?;
        let (pass, tokens) = (block.pass, block.pass.plan.tokens());
        let LatentScratch { low, both, normed, .. } = scratch;
        let LoraHidden {
            value, key_value_down, ..
        } = &mut saved.lora_hidden;
        let out = Outputs {
            y: low.fit(tokens * widths.low())?.view_mut(),
            lora_hidden: key_value_down.fit(self.kv_down.lora_hidden_len(tokens))?.view_mut(),
        };
        self.kv_down.forward(h.view(), out, ctx)?;
        pass.engine.run(CopyColumns {
            from: low.view(),
            from_columns: widths.of_latent(),
            to: saved.raw_k.fit(tokens * widths.rank)?.view_mut(),
            to_columns: Widths::alone(widths.rank),
            rows: tokens,
            width: widths.rank,
            repeat: 1,
        })?;
        self.turn(block, low, widths, Turn::Forward)?;
        self.norm(pass, latent).forward(&saved.raw_k, normed)?;
        let out = Outputs {
            y: both.fit(tokens * widths.both())?.view_mut(),
            lora_hidden: value.fit(self.kv_up.lora_hidden_len(tokens))?.view_mut(),
        };
        self.kv_up.forward(normed.view(), out, ctx)?;
        let rows = tokens * widths.heads;
        saved.k.fit(rows * (widths.whole + widths.turned))?;
        saved.v.fit(rows * widths.value)?;
        let whole = CopyColumns {
            from: both.view(),
            from_columns: widths.of_head(0),
            to: saved.k.view_mut(),
            to_columns: widths.of_key(0),
            rows,
            width: widths.whole,
            repeat: 1,
        };
        pass.engine.run(whole)?;
        let shared = CopyColumns {
            from: low.view(),
            from_columns: widths.of_shared(),
            to: saved.k.view_mut(),
            to_columns: widths.of_key(widths.whole),
            rows,
            width: widths.turned,
            repeat: widths.heads,
        };
        pass.engine.run(shared)?;
        let values = CopyColumns {
            from: both.view(),
            from_columns: widths.of_head(widths.whole),
            to: saved.v.view_mut(),
            to_columns: Widths::alone(widths.value),
            rows,
            width: widths.value,
            repeat: 1,
        };
        pass.engine.run(values)
    }

    pub(super) fn queries(
        &self,
        block: &BlockContext,
        h: &Buf,
        saved: &mut SavedHeads,
        scratch: &mut LatentScratch,
        ctx: &mut LinearContext,
    ) -> Result<()> {
        let count = block.outputs().count;
        let from = match &self.q_down {
            None => h,
            Some(down) => {
                let hidden = &mut saved.lora_hidden.query_down;
                let out = Outputs {
                    y: saved.raw_q.fit(count * down.linear.output)?.view_mut(),
                    lora_hidden: hidden.fit(down.linear.lora_hidden_len(count))?.view_mut(),
                };
                down.linear.forward(h.view(), out, ctx)?;
                self.norm_of_queries(block, down)?
                    .forward(&saved.raw_q, &mut scratch.normed)?;
                &scratch.normed
            }
        };
        let of_queries = RotarySaved {
            raw: &mut scratch.d_normed,
            out: &mut saved.q,
            lora_hidden: &mut saved.lora_hidden.query,
        };
        RotaryProjection::queries(block, &self.q, None).forward(block.pass, from, of_queries, ctx)
    }

    fn norm_of_queries<'a>(&self, block: &BlockContext<'a>, down: &'a Down) -> Result<NormContext<'a>> {
        let latent = block.spec.attention.latent.as_ref();
        let latent = latent.ok_or_else(|| Error::internal("latents that the description does not know"))?;
        let count = block.outputs().count;
        Ok(block.pass.norm(&down.norm, &latent.norm, count, down.linear.output))
    }

    pub(super) fn keys_and_values_backward(
        &self,
        block: &BlockContext,
        h: &Buf,
        given: KeyValueGrads,
        buffers: HeadBuffers,
        grads: &mut [Buf],
        ctx: &mut LinearContext,
    ) -> Result<()> {
        let HeadBuffers { saved, scratch } = buffers;
        let (latent, widths) = self.spec(block)?;
        let (pass, tokens) = (block.pass, block.pass.plan.tokens());
        let LatentScratch {
            low,
            both,
            normed,
            d_normed,
        } = scratch;
        both.fit(tokens * widths.both())?;
        low.fit(tokens * widths.low())?;
        for (from, from_columns, to_columns, width) in [
            (&*given.dk, widths.of_key(0), widths.of_head(0), widths.whole),
            (
                &*given.dv,
                Widths::alone(widths.value),
                widths.of_head(widths.whole),
                widths.value,
            ),
        ] {
            pass.engine.run(CopyColumns {
                from: from.view(),
                from_columns,
                to: both.view_mut(),
                to_columns,
                rows: tokens * widths.heads,
                width,
                repeat: 1,
            })?;
        }
        pass.engine.run(SumColumns {
            from: given.dk.view(),
            from_columns: widths.of_key(widths.whole),
            to: low.view_mut(),
            to_columns: widths.of_shared(),
            rows: tokens,
            width: widths.turned,
            each: widths.heads,
        })?;
        self.turn(block, low, widths, Turn::Backward)?;
        let norm = self.norm(pass, latent);
        norm.forward(&saved.raw_k, normed)?;
        let of_up = BackwardInputs {
            x: normed.view(),
            lora_hidden: saved.lora_hidden.value.view(),
            dy: both.view(),
        };
        d_normed.fit(tokens * widths.rank)?;
        self.kv_up
            .backward(of_up, Some(InputGrad::overwrite(d_normed)), grads, ctx)?;
        norm.weight_grad(&saved.raw_k, d_normed.view(), grads)?;
        norm.input_grad(&saved.raw_k, d_normed.view(), normed, Write::Overwrite)?;
        pass.engine.run(CopyColumns {
            from: normed.view(),
            from_columns: Widths::alone(widths.rank),
            to: low.view_mut(),
            to_columns: widths.of_latent(),
            rows: tokens,
            width: widths.rank,
            repeat: 1,
        })?;
        let of_down = BackwardInputs {
            x: h.view(),
            lora_hidden: saved.lora_hidden.key_value_down.view(),
            dy: low.view(),
        };
        self.kv_down
            .backward(of_down, given.dh.map(InputGrad::overwrite), grads, ctx)
    }

    pub(super) fn queries_backward(
        &self,
        block: &BlockContext,
        h: &Buf,
        given: QueryGrads,
        buffers: HeadBuffers,
        grads: &mut [Buf],
        ctx: &mut LinearContext,
    ) -> Result<()> {
        let QueryGrads { dq, dh } = given;
        let HeadBuffers { saved, scratch } = buffers;
        let LatentScratch { normed, d_normed, .. } = scratch;
        let queries = RotaryProjection::queries(block, &self.q, None);
        let dq = queries.backward(block.pass, &saved.raw_q, &mut saved.q, dq, grads)?;
        let lora_hidden = saved.lora_hidden.query.view();
        let Some(down) = &self.q_down else {
            let of_query = BackwardInputs {
                x: h.view(),
                lora_hidden,
                dy: dq.view(),
            };
            return self.q.backward(of_query, dh, grads, ctx);
        };
        let norm = self.norm_of_queries(block, down)?;
        norm.forward(&saved.raw_q, normed)?;
        d_normed.fit(block.outputs().count * down.linear.output)?;
        let of_query = BackwardInputs {
            x: normed.view(),
            lora_hidden,
            dy: dq.view(),
        };
        self.q
            .backward(of_query, Some(InputGrad::overwrite(d_normed)), grads, ctx)?;
        norm.weight_grad(&saved.raw_q, d_normed.view(), grads)?;
        norm.input_grad(&saved.raw_q, d_normed.view(), normed, Write::Overwrite)?;
        let of_down = BackwardInputs {
            x: h.view(),
            lora_hidden: saved.lora_hidden.query_down.view(),
            dy: normed.view(),
        };
        down.linear.backward(of_down, dh, grads, ctx)
    }
}
