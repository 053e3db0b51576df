//! A low-rank term that trains. *LoRA: Low-Rank Adaptation of Large Language Models*, arXiv 2106.09685.
use super::adapter::InPass;
use super::{BackwardInputs, InputGrad, Linear, LinearContext, Lora, Outputs};
use crate::error::Result;
use crate::model::Pass;
use crate::model::head::HeadTerm;
use crate::model::params::Params;
use crate::ops::act::{self, Dropout};
use crate::ops::{Buf, View, Write, matmul};

impl Lora {
    /// The dropout on its input, where the pass has any.
    pub fn dropout(&self, ctx: &LinearContext) -> Option<Dropout> {
        self.dropout_of(ctx.dropout_seed)
    }

    /// The same of a pass with this seed.
    pub fn dropout_of(&self, seed: Option<u64>) -> Option<Dropout> {
        let seed = seed.filter(|_| self.dropout > 0.0)?;
        Some(Dropout {
            probability: self.dropout,
            seed,
            stream: self.stream,
        })
    }
}

impl Linear {
    /// The low-rank term of a layer that has none but this one in a pass.
    pub(in crate::model) fn term_in<'a>(&'a self, pass: Pass, params: &'a Params) -> Option<HeadTerm<'a>> {
        match self.adapter.in_pass(pass) {
            InPass::Lora(lora) => Some(HeadTerm {
                factors: lora.factors(params),
                lora: Some(lora),
            }),
            InPass::LoraAtStart(start) => Some(HeadTerm {
                factors: start.term.factors(),
                lora: None,
            }),
            InPass::Nothing | InPass::Rotation(_) => None,
        }
    }

    /// `y += scale B A dropout(x)`
    pub(in crate::model) fn lora_forward(
        &self,
        lora: &Lora,
        x: View,
        out: &mut Outputs,
        ctx: &mut LinearContext,
    ) -> Result<()> {
        let x = match lora.dropout(ctx) {
            Some(dropout) => {
                let len = ctx.tokens * self.input;
                ctx.engine.run(act::Drop {
                    x,
                    y: ctx.buffers.dropped.fit(len)?.view_mut(),
                    len,
                    dropout,
                    write: Write::Overwrite,
                })?;
                ctx.buffers.dropped.view()
            }
            None => x,
        };
        let term = lora.factors(ctx.params);
        ctx.engine.run(matmul::LinearForward {
            x,
            w: term.a.view().into(),
            y: out.lora_hidden.view_mut(),
            dims: self.down_dims(ctx.tokens, term.rank),
            write: Write::Overwrite,
            alpha: 1.0,
        })?;
        ctx.engine.run(matmul::LinearForward {
            x: out.lora_hidden.view(),
            w: term.b.view().into(),
            y: out.y.view_mut(),
            dims: self.up_dims(ctx.tokens, term.rank),
            write: Write::Accumulate,
            alpha: term.scale,
        })
    }

    /// Gradients of A and B, and `dx` through them added to what is there.
    pub(in crate::model) fn lora_backward(
        &self,
        lora: &Lora,
        given: BackwardInputs,
        dx: Option<InputGrad>,
        grads: &mut [Buf],
        ctx: &mut LinearContext,
    ) -> Result<()> {
        let (engine, tokens) = (ctx.engine, ctx.tokens);
        let term = lora.factors(ctx.params);
        let (down, up) = (self.down_dims(tokens, term.rank), self.up_dims(tokens, term.rank));
        engine.run(matmul::LinearWeightGrad {
            dy: given.dy,
            x: given.lora_hidden,
            dw: grads[lora.b].view_mut(),
            dims: up,
            alpha: term.scale,
        })?;
        let d_hidden = ctx.buffers.low_rank.fit(tokens * term.rank)?;
        engine.run(matmul::LinearInputGrad {
            dy: given.dy,
            w: term.b.view().into(),
            dx: d_hidden.view_mut(),
            dims: up,
            write: Write::Overwrite,
            alpha: term.scale,
        })?;
        let d_hidden = &ctx.buffers.low_rank;
        let Some(dropout) = lora.dropout(ctx) else {
            engine.run(matmul::LinearWeightGrad {
                dy: d_hidden.view(),
                x: given.x,
                dw: grads[lora.a].view_mut(),
                dims: down,
                alpha: 1.0,
            })?;
            return match dx {
                None => Ok(()),
                Some(InputGrad { dx, .. }) => engine.run(matmul::LinearInputGrad {
                    dy: d_hidden.view(),
                    w: term.a.view().into(),
                    dx,
                    dims: down,
                    write: Write::Accumulate,
                    alpha: 1.0,
                }),
            };
        };
        let len = tokens * self.input;
        let dropped = ctx.buffers.dropped.fit(len)?;
        engine.run(act::Drop {
            x: given.x,
            y: dropped.view_mut(),
            len,
            dropout,
            write: Write::Overwrite,
        })?;
        engine.run(matmul::LinearWeightGrad {
            dy: d_hidden.view(),
            x: dropped.view(),
            dw: grads[lora.a].view_mut(),
            dims: down,
            alpha: 1.0,
        })?;
        let Some(InputGrad { dx, .. }) = dx else {
            return Ok(());
        };
        engine.run(matmul::LinearInputGrad {
            dy: d_hidden.view(),
            w: term.a.view().into(),
            dx: dropped.view_mut(),
            dims: down,
            write: Write::Overwrite,
            alpha: 1.0,
        })?;
        engine.run(act::Drop {
            x: dropped.view(),
            y: dx,
            len,
            dropout,
            write: Write::Accumulate,
        })
    }
}
