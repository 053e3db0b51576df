//! The backward pass over a whole model, from one derivative per row to the gradients of all parameters.
use super::LossGrads;
use crate::error::Result;
use crate::model::balance::BalanceGrads;
use crate::model::context::PassContext;
use crate::model::decoder::Decoder;
use crate::model::value::ValueHead;
use crate::model::workspace::{Kept, RowBuffers, Workspace};
use crate::model::{Keep, Model, Pass};
use crate::ops::{Buf, View, Write, act, gather, head, optimizer, scale};
use crate::plan::PlanIndices;

impl Model {
    pub(super) fn backward_here(
        &mut self,
        plan: &PlanIndices,
        loss: LossGrads,
        kept: &Kept,
        grads: &mut [Buf],
    ) -> Result<()> {
        let Self {
            engine,
            decoder,
            trained,
            value_head,
            workspace,
        } = self;
        let balance = match &kept.balance {
            Some(balance) => Some(BalanceGrads {
                by_expert: balance.d_probability(engine, loss.d_aux_loss)?,
                occurrences: &plan.occurrences,
            }),
            None => None,
        };
        let pass = PassContext {
            engine,
            decoder: decoder.spec(),
            params: &trained.params,
            positions: &decoder.positions,
            plan,
            pass: Pass::Policy,
            dropout_seed: kept.dropout_seed,
            balance,
        };
        let dx = &mut workspace.hidden_states;
        let from_rows = RowsBackward {
            pass: &pass,
            decoder,
            loss,
        };
        from_rows.run(&mut workspace.rows, value_head.as_mut(), dx, grads)?;
        let embed = &decoder.weights.embed;
        let Workspace { saved, scratch, .. } = workspace;
        for (index, layer) in decoder
            .weights
            .layers
            .iter()
            .enumerate()
            .skip(trained.first_block)
            .rev()
        {
            let mut place = index;
            if index < kept.recomputed {
                place = decoder.layers();
                let (below, spare) = saved.split_at_mut(place);
                // the input is recomputed from in place: it is not needed after
                let x = &mut below[index].x;
                layer.forward(pass.block(index), Keep::ForBackward, x, &mut spare[0], scratch, None)?;
            }
            let input_grad = index > trained.first_block || embed.trained().is_some();
            layer.backward(pass.block(index), dx, &mut saved[place], scratch, grads, input_grad)?;
        }
        match embed.trained() {
            None => Ok(()),
            Some(id) => engine.run(gather::ScatterAdd {
                rows: dx.view(),
                ids: plan.ids(),
                factors: None,
                out: grads[id].view_mut(),
                count: plan.tokens(),
                width: decoder.hidden(),
            }),
        }
    }
}

/// From the derivatives by what each row gave to the gradient of the last block's output.
struct RowsBackward<'a> {
    pass: &'a PassContext<'a>,
    decoder: &'a Decoder,
    loss: LossGrads<'a>,
}

impl RowsBackward<'_> {
    fn run(
        &self,
        buffers: &mut RowBuffers,
        value_head: Option<&mut ValueHead>,
        dx: &mut Buf,
        grads: &mut [Buf],
    ) -> Result<()> {
        let Self { pass, decoder, loss } = *self;
        let (engine, rows, width) = (pass.engine, pass.plan.rows, decoder.hidden());
        let norm = pass.norm(&decoder.weights.norm, decoder.final_norm()?, rows, width);
        engine.run(optimizer::Fill {
            x: dx.view_mut(),
            value: 0.0,
            len: pass.plan.outputs() * width,
        })?;
        let from_values = match value_head {
            Some(head) if !loss.d_value.is_empty() => Some(head.backward(pass, loss.d_value, grads)?),
            _ => None,
        };
        let d_logp = Buf::from_vec(loss.d_logp.to_vec(), engine.device())?;
        let head = decoder.weights.head();
        let RowBuffers {
            x,
            normed,
            unit,
            stats,
            logits,
        } = buffers;
        // the gradient of the norm's output, as far as it did not go through the norm in the forward pass
        let d_normed = match head.trained() {
            Some(id) => {
                engine.run(head::HeadBackward {
                    h: normed.head_input().view(),
                    w: head.operand(pass.params),
                    stats: stats.view(),
                    targets: pass.plan.targets(),
                    coefficients: d_logp.view(),
                    rows,
                    dims: head::Dims {
                        width,
                        vocab: decoder.vocabulary(),
                    },
                    dh: unit.fit(rows * width)?.view_mut(),
                    dw: grads[id].view_mut(),
                    logits: logits.view_mut(),
                })?;
                if let Some(gradient) = from_values {
                    engine.run(act::Add {
                        x: unit.view_mut(),
                        y: gradient.view(),
                        len: rows * width,
                    })?;
                }
                Some(&*unit)
            }
            None => {
                if norm.weight.trained().is_some() {
                    engine.run(scale::ScaleRows {
                        y: unit.view_mut(),
                        factors: d_logp.view(),
                        rows,
                        width,
                    })?;
                    norm.weight_grad(x, unit.view(), grads)?;
                }
                self.add_to_outputs(&normed.exact, Some(d_logp.view()), dx)?;
                from_values
            }
        };
        let Some(d_normed) = d_normed else {
            return Ok(());
        };
        norm.weight_grad(x, d_normed.view(), grads)?;
        norm.input_grad(x, d_normed.view(), &mut normed.exact, Write::Overwrite)?;
        self.add_to_outputs(&normed.exact, None, dx)
    }

    /// Adds each row's gradient, times its factor, to that of the output that predicts it.
    fn add_to_outputs(&self, rows: &Buf, factors: Option<View>, dx: &mut Buf) -> Result<()> {
        self.pass.engine.run(gather::ScatterAdd {
            rows: rows.view(),
            ids: self.pass.plan.predictors(),
            factors,
            out: dx.view_mut(),
            count: self.pass.plan.rows,
            width: self.decoder.hidden(),
        })
    }
}
