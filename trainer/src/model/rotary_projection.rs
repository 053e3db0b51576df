//! Queries and keys on their way from a linear layer to attention, and back.
use super::context::PassContext;
use super::linear::{Linear, LinearContext, Outputs};
use super::norm::NormContext;
use super::weights::Vector;
use crate::error::Result;
use crate::ops::rope::{self, Table, Turn};
use crate::ops::{Buf, Write};
use crate::plan::Queries;
use protocol::decoder::AttentionSpec;

/// What gives queries or keys: a linear layer, its per-head norm where there is one, and the rotation.
pub struct RotaryProjection<'a> {
    /// what gives them, and the norm behind it
    pub linear: &'a Linear,
    pub norm: Option<&'a Vector>,
    pub spec: &'a AttentionSpec,
    /// how far they turn, where they do
    pub table: Option<&'a Table>,
    /// the tokens they are of
    pub of: Queries<'a>,
}

/// What the forward pass leaves for the backward pass.
pub struct RotarySaved<'a> {
    /// the linear's output, where there is a norm behind it
    pub raw: &'a mut Buf,
    pub out: &'a mut Buf,
    pub lora_hidden: &'a mut Buf,
}

impl RotaryProjection<'_> {
    fn heads(&self) -> usize {
        self.linear.output / self.spec.head_dim
    }

    /// The norm of each head, where there is one.
    fn per_head<'a>(&'a self, pass: &'a PassContext) -> Option<NormContext<'a>> {
        let (weight, spec) = self.norm.zip(self.spec.qk_norm.as_ref())?;
        Some(pass.norm(weight, &spec.norm, self.of.count * self.heads(), self.spec.head_dim))
    }

    pub fn forward(&self, pass: &PassContext, x: &Buf, saved: RotarySaved, ctx: &mut LinearContext) -> Result<()> {
        let len = self.of.count * self.linear.output;
        let RotarySaved { raw, out, lora_hidden } = saved;
        out.fit(len)?;
        let lora_hidden = lora_hidden.fit(self.linear.lora_hidden_len(self.of.count))?;
        match self.per_head(pass) {
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
                norm.forward(raw, out)?;
            }
        }
        self.turn(pass, out, Turn::Forward)
    }

    fn turn(&self, pass: &PassContext, x: &mut Buf, turn: Turn) -> Result<()> {
        let Some(table) = self.table else { return Ok(()) };
        pass.engine.run(rope::Rope {
            x: x.view_mut(),
            table,
            positions: self.of.positions,
            tokens: self.of.count,
            heads: self.heads(),
            turn,
        })
    }

    /// The gradient of the linear's output from `dy`, the gradient of `out`; one of the two buffers holds it.
    pub fn backward<'b>(
        &self,
        pass: &PassContext,
        raw: &Buf,
        out: &'b mut Buf,
        dy: &'b mut Buf,
        grads: &mut [Buf],
    ) -> Result<&'b Buf> {
        self.turn(pass, dy, Turn::Backward)?;
        let Some(norm) = self.per_head(pass) else {
            return Ok(dy);
        };
        norm.weight_grad(raw, dy.view(), grads)?;
        norm.input_grad(raw, dy.view(), out, Write::Overwrite)?;
        Ok(out)
    }
}
