//! The way back through a linear layer: gradients of what trains, and of its input.
use super::{Factors, LayerAdapter, Linear, LinearContext};
use crate::error::Result;
use crate::model::weights::Vector;
use crate::ops::{Buf, View, ViewMut, Write, act, matmul};

/// What a layer's backward pass reads.
#[derive(Clone, Copy)]
pub struct BackwardInputs<'a> {
    /// the layer's input
    pub x: View<'a>,
    /// what its forward pass left
    pub lora_hidden: View<'a>,
    /// the gradient of its output
    pub dy: View<'a>,
}

/// Where the gradient of a layer's input goes.
pub struct InputGrad<'a> {
    pub dx: ViewMut<'a>,
    pub write: Write,
}

impl<'a> InputGrad<'a> {
    pub fn overwrite(dx: &'a mut Buf) -> Self {
        Self {
            dx: dx.view_mut(),
            write: Write::Overwrite,
        }
    }

    pub fn accumulate(dx: &'a mut Buf) -> Self {
        Self {
            dx: dx.view_mut(),
            write: Write::Accumulate,
        }
    }

    /// Lends the place on, for less long.
    pub(in crate::model) fn lend(&mut self) -> InputGrad<'_> {
        InputGrad {
            dx: self.dx.view_mut(),
            write: self.write,
        }
    }
}

impl Linear {
    /// Adds to the gradients of what trains, and writes `dx` where it is asked for. Of the policy alone.
    pub fn backward(
        &self,
        given: BackwardInputs,
        mut dx: Option<InputGrad>,
        grads: &mut [Buf],
        ctx: &mut LinearContext,
    ) -> Result<()> {
        if let Some(id) = self.weight.trained() {
            ctx.engine.run(matmul::LinearWeightGrad {
                dy: given.dy,
                x: given.x,
                dw: grads[id].view_mut(),
                dims: self.dims(ctx.tokens),
                alpha: 1.0,
            })?;
        }
        if let Some(id) = self.bias.as_ref().and_then(Vector::trained) {
            ctx.engine.run(matmul::BiasGrad {
                dy: given.dy,
                db: grads[id].view_mut(),
                tokens: ctx.tokens,
                width: self.output,
            })?;
        }
        match &self.adapter {
            LayerAdapter::Oft(oft) => self.oft_backward(oft, given, dx, grads, ctx),
            LayerAdapter::Lora(lora) => match &lora.dora {
                Some(dora) => self.dora_backward(lora, dora, given, dx, grads, ctx),
                None => {
                    if let Some(dx) = &mut dx {
                        self.frozen_backward(given.dy, dx.lend(), ctx)?;
                    }
                    self.lora_backward(lora, given, dx, grads, ctx)
                }
            },
            LayerAdapter::None | LayerAdapter::AtStart(_) => match dx {
                Some(dx) => self.frozen_backward(given.dy, dx, ctx),
                None => Ok(()),
            },
        }
    }

    /// `dx` from `dy` through what is frozen.
    pub(in crate::model) fn frozen_backward(&self, dy: View, mut to: InputGrad, ctx: &mut LinearContext) -> Result<()> {
        let (engine, params, tokens) = (ctx.engine, ctx.params, ctx.tokens);
        let frozen = &self.frozen_adapters;
        let mut by_weight = ctx.buffers.scaled_dy.take();
        if let Some(gain) = &frozen.gain {
            let len = tokens * self.output;
            engine.run(act::Copy {
                from: dy,
                to: by_weight.fit(len)?.view_mut(),
                len,
            })?;
            self.scale_outputs(gain, &mut by_weight.view_mut(), ctx)?;
        }
        let product = matmul::LinearInputGrad {
            dy: match &frozen.gain {
                Some(_) => by_weight.view(),
                None => dy,
            },
            w: self.weight.operand(params),
            dx: to.dx.view_mut(),
            dims: self.dims(tokens),
            write: to.write,
            alpha: 1.0,
        };
        match frozen.rotations.is_empty() {
            true => engine.run(product)?,
            false => {
                let turned = ctx.buffers.frozen_turned[0].fit(tokens * self.input)?;
                engine.run(matmul::LinearInputGrad {
                    dx: turned.view_mut(),
                    write: Write::Overwrite,
                    ..product
                })?;
                self.frozen_turn_back(to.lend(), ctx)?;
            }
        }
        ctx.buffers.scaled_dy = by_weight;
        for term in &frozen.terms {
            let Factors { a, b, rank, scale } = term.factors();
            let d_hidden = ctx.buffers.low_rank.fit(tokens * rank)?;
            engine.run(matmul::LinearInputGrad {
                dy,
                w: b.view().into(),
                dx: d_hidden.view_mut(),
                dims: self.up_dims(tokens, rank),
                write: Write::Overwrite,
                alpha: scale,
            })?;
            engine.run(matmul::LinearInputGrad {
                dy: d_hidden.view(),
                w: a.view().into(),
                dx: to.dx.view_mut(),
                dims: self.down_dims(tokens, rank),
                write: Write::Accumulate,
                alpha: 1.0,
            })?;
        }
        Ok(())
    }
}
