//! Queries and keys on their way from a linear layer to attention, and back.
use super::context::{BlockContext, PassContext};
use super::linear::{Linear, LinearContext, Outputs};
use super::norm::{NormContext, NormVectors};
use crate::error::Result;
use crate::ops::rope::{self, Table, Turn, Turned};
use crate::ops::{Buf, Write, act, clip, scale};
use crate::plan::Queries;
use protocol::decoder::{AttentionSpec, NormedOver};

/// What gives queries or keys: a linear layer; norm, clip and rotation in their order; and what queries are multiplied with.
pub struct RotaryProjection<'a> {
    pub linear: &'a Linear,
    pub norm: Option<&'a NormVectors>,
    pub spec: &'a AttentionSpec,
    /// how far they turn, where they do
    pub table: Option<&'a Table>,
    /// `[positions]`, a factor of each
    pub temperature: Option<&'a Buf>,
    /// the tokens they are of
    pub of: Queries<'a>,
}

/// What the forward pass leaves for the backward pass.
pub struct RotarySaved<'a> {
    /// the linear's output, where norm or clip stand behind it
    pub raw: &'a mut Buf,
    pub out: &'a mut Buf,
    pub lora_hidden: &'a mut Buf,
}

impl<'a> RotaryProjection<'a> {
    /// Of keys.
    pub fn keys(block: &BlockContext<'a>, linear: &'a Linear, norm: Option<&'a NormVectors>) -> Self {
        Self {
            linear,
            norm,
            spec: &block.spec.attention,
            table: block.pass.positions.rotary(block.index),
            temperature: None,
            of: block.pass.plan.all(),
        }
    }

    pub fn queries(block: &BlockContext<'a>, linear: &'a Linear, norm: Option<&'a NormVectors>) -> Self {
        Self {
            temperature: block.pass.positions.temperature(block.index),
            of: block.outputs(),
            ..Self::keys(block, linear, norm)
        }
    }

    fn heads(&self) -> usize {
        self.linear.output / self.spec.head_dim
    }

    fn len(&self) -> usize {
        self.of.count * self.linear.output
    }

    fn keeps_raw(&self) -> bool {
        self.spec.qk_norm.is_some() || self.spec.clip.is_some()
    }

    fn normed_last(&self) -> bool {
        self.spec.qk_norm.as_ref().is_some_and(|qk| qk.after_rotary)
    }

    fn norm<'b>(&'b self, pass: &'b PassContext) -> Option<NormContext<'b>> {
        let (weight, qk) = self.norm.zip(self.spec.qk_norm.as_ref())?;
        let (vectors, width) = match qk.over {
            NormedOver::OneHead | NormedOver::EachHead => (self.heads(), self.spec.head_dim),
            NormedOver::Width => (1, self.linear.output),
        };
        let mut context = pass.norm(weight, &qk.norm, self.of.count * vectors, width);
        if qk.over == NormedOver::EachHead {
            context.norm.weights = self.heads();
        }
        Some(context)
    }

    pub fn forward(&self, pass: &PassContext, x: &Buf, saved: RotarySaved, ctx: &mut LinearContext) -> Result<()> {
        let RotarySaved { raw, out, lora_hidden } = saved;
        out.fit(self.len())?;
        let first = match self.keeps_raw() {
            true => raw.fit(self.len())?,
            false => &mut *out,
        };
        let outputs = Outputs {
            y: first.view_mut(),
            lora_hidden: lora_hidden.fit(self.linear.lora_hidden_len(self.of.count))?.view_mut(),
        };
        self.linear.forward(x.view(), outputs, ctx)?;
        match self.norm(pass) {
            Some(norm) if self.normed_last() => {
                self.turn(pass, raw, Turn::Forward)?;
                norm.forward(raw, out)?;
            }
            Some(norm) => {
                norm.forward(raw, out)?;
                self.clip(pass, out)?;
                self.turn(pass, out, Turn::Forward)?;
            }
            None => {
                if self.keeps_raw() {
                    self.clip(pass, raw)?;
                    pass.engine.run(act::Copy {
                        from: raw.view(),
                        to: out.view_mut(),
                        len: self.len(),
                    })?;
                }
                self.turn(pass, out, Turn::Forward)?;
            }
        }
        self.warm(pass, out)
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
        self.warm(pass, dy)?;
        let norm = self.norm(pass);
        if !self.normed_last() {
            self.turn(pass, dy, Turn::Backward)?;
            match &norm {
                None => self.clip_backward(pass, raw, dy)?,
                Some(norm) if self.spec.clip.is_some() => {
                    norm.forward(raw, out)?;
                    self.clip(pass, out)?;
                    self.clip_backward(pass, out, dy)?;
                }
                Some(_) => {}
            }
        }
        let Some(norm) = norm else { return Ok(dy) };
        norm.weight_grad(raw, dy.view(), grads)?;
        norm.input_grad(raw, dy.view(), out, Write::Overwrite)?;
        if self.normed_last() {
            self.turn(pass, out, Turn::Backward)?;
        }
        Ok(out)
    }

    fn turn(&self, pass: &PassContext, x: &mut Buf, turn: Turn) -> Result<()> {
        let Some(table) = self.table else { return Ok(()) };
        pass.engine.run(rope::Rope {
            x: x.view_mut(),
            table,
            turns: self.of.turns,
            tokens: self.of.count,
            turned: Turned {
                heads: self.heads(),
                head_dim: self.spec.head_dim,
                first: self.spec.before_rotary(),
            },
            turn,
        })
    }

    /// Of values and gradients alike.
    fn warm(&self, pass: &PassContext, x: &mut Buf) -> Result<()> {
        let Some(factors) = self.temperature else { return Ok(()) };
        pass.engine.run(scale::ScaleByPosition {
            y: x.view_mut(),
            factors: factors.view(),
            positions: self.of.positions,
            tokens: self.of.count,
            width: self.linear.output,
        })
    }

    fn clip(&self, pass: &PassContext, x: &mut Buf) -> Result<()> {
        let Some(limit) = self.spec.clip else { return Ok(()) };
        pass.engine.run(clip::Clip {
            x: x.view_mut(),
            limit: limit as f32,
            len: self.len(),
        })
    }

    fn clip_backward(&self, pass: &PassContext, clipped: &Buf, dy: &mut Buf) -> Result<()> {
        let Some(limit) = self.spec.clip else { return Ok(()) };
        pass.engine.run(clip::ClipBackward {
            y: clipped.view(),
            dy: dy.view_mut(),
            limit: limit as f32,
            len: self.len(),
        })
    }
}
