//! Queries and keys on their way from a linear layer to attention, and back.
use super::block::Env;
use super::linear::{Linear, LinearContext, Outputs};
use super::norm::{norm_grad, norm_of};
use super::weights::Vector;
use crate::error::Result;
use crate::ops::norm::{self, Norm};
use crate::ops::rope::{self, Table, Turn};
use crate::ops::{Buf, Write};
use crate::plan::Queries;
use protocol::decoder::{AttentionSpec, QkNorm};

/// What gives queries or keys: a linear layer, its per-head norm where there is one, and the rotation.
pub struct RotaryProjection<'a> {
    linear: &'a Linear,
    norm: Option<&'a Vector>,
    spec: &'a AttentionSpec,
    table: &'a Table,
    of: &'a Queries,
}

/// What the forward pass leaves for the backward pass.
pub struct RotarySaved<'a> {
    /// the linear's output, where there is a norm behind it
    pub raw: &'a mut Buf,
    pub out: &'a mut Buf,
    pub lora_hidden: &'a mut Buf,
}

impl<'a> RotaryProjection<'a> {
    /// Of a layer of the block with this index, and the norm behind it.
    pub fn new(env: &'a Env, index: usize, (linear, norm): (&'a Linear, Option<&'a Vector>), of: &'a Queries) -> Self {
        Self {
            linear,
            norm,
            spec: &env.decoder.blocks[index].attention,
            table: env.rotary.of_block(index),
            of,
        }
    }
}

impl RotaryProjection<'_> {
    fn heads(&self) -> usize {
        self.linear.output / self.spec.head_dim
    }

    fn per_head(&self, spec: &QkNorm) -> Norm {
        let QkNorm::PerHead(spec) = spec;
        norm_of(spec, self.of.count * self.heads(), self.spec.head_dim)
    }

    pub fn forward(&self, env: &Env, x: &Buf, saved: RotarySaved, ctx: &mut LinearContext) -> Result<()> {
        let len = self.of.count * self.linear.output;
        let RotarySaved { raw, out, lora_hidden } = saved;
        out.fit(len)?;
        let lora_hidden = lora_hidden.fit(self.linear.lora_hidden_len(self.of.count))?;
        match self.norm.zip(self.spec.qk_norm.as_ref()) {
            None => {
                let out = Outputs {
                    y: out.view_mut(),
                    lora_hidden: lora_hidden.view_mut(),
                };
                self.linear.forward(x.view(), out, ctx)?;
            }
            Some((norm, spec)) => {
                let before_norm = Outputs {
                    y: raw.fit(len)?.view_mut(),
                    lora_hidden: lora_hidden.view_mut(),
                };
                self.linear.forward(x.view(), before_norm, ctx)?;
                env.engine.run(norm::RmsNorm {
                    x: raw.view(),
                    w: norm.buf(env.params).view(),
                    y: out.view_mut(),
                    norm: self.per_head(spec),
                })?;
            }
        }
        env.engine.run(rope::Rope {
            x: out.view_mut(),
            table: self.table,
            positions: self.of.positions.view(),
            tokens: self.of.count,
            heads: self.heads(),
            turn: Turn::Forward,
        })
    }

    /// The gradient of the linear's output from `dy`, the gradient of `out`; one of the two buffers holds it.
    pub fn backward<'b>(
        &self,
        env: &Env,
        raw: &Buf,
        out: &'b mut Buf,
        dy: &'b mut Buf,
        grads: &mut [Buf],
    ) -> Result<&'b Buf> {
        env.engine.run(rope::Rope {
            x: dy.view_mut(),
            table: self.table,
            positions: self.of.positions.view(),
            tokens: self.of.count,
            heads: self.heads(),
            turn: Turn::Backward,
        })?;
        let Some((norm, spec)) = self.norm.zip(self.spec.qk_norm.as_ref()) else {
            return Ok(dy);
        };
        norm_grad(env.engine, norm, raw, dy, grads, self.per_head(spec))?;
        env.engine.run(norm::RmsNormBackward {
            x: raw.view(),
            w: norm.buf(env.params).view(),
            dy: dy.view(),
            dx: out.view_mut(),
            norm: self.per_head(spec),
            write: Write::Overwrite,
        })?;
        Ok(out)
    }
}
