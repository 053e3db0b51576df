//! Queries and keys on their way from a linear layer to attention, and back.
use super::block::Env;
use super::linear::{Linear, LinearContext, Outputs};
use super::weights::Vector;
use crate::error::Result;
use crate::ops::norm::{self, Norm};
use crate::ops::rope::{self, Turn};
use crate::ops::{Buf, Engine, Write};
use crate::plan::Queries;

/// What gives queries or keys: a linear layer, its per-head norm where there is one, and the rotation.
pub struct RotaryProjection<'a> {
    pub linear: &'a Linear,
    pub norm: Option<&'a Vector>,
    pub of: &'a Queries,
}

/// What the forward pass leaves for the backward pass.
pub struct RotarySaved<'a> {
    /// the linear's output, where there is a norm behind it
    pub raw: &'a mut Buf,
    pub out: &'a mut Buf,
    pub lora_hidden: &'a mut Buf,
}

impl RotaryProjection<'_> {
    fn heads(&self, env: &Env) -> usize {
        self.linear.output / env.config.head_dim
    }

    fn per_head(&self, env: &Env) -> Norm {
        env.norm(self.of.count * self.heads(env), env.config.head_dim)
    }

    pub fn forward(&self, env: &Env, x: &Buf, saved: RotarySaved, ctx: &mut LinearContext) -> Result<()> {
        let len = self.of.count * self.linear.output;
        let RotarySaved { raw, out, lora_hidden } = saved;
        out.fit(len)?;
        let lora_hidden = lora_hidden.fit(self.linear.lora_hidden_len(self.of.count))?;
        match self.norm {
            None => {
                let out = Outputs {
                    y: out.view_mut(),
                    lora_hidden: lora_hidden.view_mut(),
                };
                self.linear.forward(x.view(), out, ctx)?;
            }
            Some(norm) => {
                let before_norm = Outputs {
                    y: raw.fit(len)?.view_mut(),
                    lora_hidden: lora_hidden.view_mut(),
                };
                self.linear.forward(x.view(), before_norm, ctx)?;
                env.engine.run(norm::RmsNorm {
                    x: raw.view(),
                    w: norm.buf(env.params).view(),
                    y: out.view_mut(),
                    norm: self.per_head(env),
                })?;
            }
        }
        env.engine.run(rope::Rope {
            x: out.view_mut(),
            table: env.table,
            positions: self.of.positions.view(),
            tokens: self.of.count,
            heads: self.heads(env),
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
            table: env.table,
            positions: self.of.positions.view(),
            tokens: self.of.count,
            heads: self.heads(env),
            turn: Turn::Backward,
        })?;
        let Some(norm) = self.norm else {
            return Ok(dy);
        };
        norm_grad(env.engine, norm, raw, dy, grads, self.per_head(env))?;
        env.engine.run(norm::RmsNormBackward {
            x: raw.view(),
            w: norm.buf(env.params).view(),
            dy: dy.view(),
            dx: out.view_mut(),
            norm: self.per_head(env),
            write: Write::Overwrite,
        })?;
        Ok(out)
    }
}

/// Adds to the gradient of a norm's weight where it trains.
pub fn norm_grad(engine: &Engine, weight: &Vector, x: &Buf, dy: &Buf, grads: &mut [Buf], norm: Norm) -> Result<()> {
    match weight.trained() {
        Some(id) => engine.run(norm::RmsNormWeightGrad {
            x: x.view(),
            dy: dy.view(),
            dw: grads[id].view_mut(),
            norm,
        }),
        None => Ok(()),
    }
}
