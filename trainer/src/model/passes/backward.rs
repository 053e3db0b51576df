//! The backward pass over a whole model, from one derivative per row to the gradients of all parameters.
use super::{Embedding, LossGrads};
use crate::error::Result;
use crate::model::balance::BalanceGrads;
use crate::model::branch::add;
use crate::model::context::PassContext;
use crate::model::decoder::Decoder;
use crate::model::head::HeadTermBuffers;
use crate::model::linear::LinearBuffers;
use crate::model::value::ValueHead;
use crate::model::weights::Vector;
use crate::model::workspace::{Kept, RowBuffers, Workspace};
use crate::model::{Keep, Model, Pass};
use crate::ops::{Buf, View, Write, gather, head, optimizer, scale};
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
                occurrences: plan.occurrences(),
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
        let linear_buffers = &mut workspace.scratch.linear;
        from_rows.run(&mut workspace.rows, linear_buffers, value_head.as_mut(), dx, grads)?;
        let embedding_trains = decoder.weights.embedding_trains();
        let Workspace {
            saved,
            scratch,
            embedding,
            ..
        } = workspace;
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
            let input_grad = index > trained.first_block || embedding_trains;
            layer.backward(pass.block(index), dx, &mut saved[place], scratch, grads, input_grad)?;
        }
        if !embedding_trains {
            return Ok(());
        }
        let way = Embedding {
            pass: &pass,
            weights: &decoder.weights,
        };
        let spare = [&mut scratch.normed, &mut scratch.d_hidden];
        way.backward(dx, embedding, spare, &mut scratch.linear, grads)
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
        linear_buffers: &mut LinearBuffers,
        value_head: Option<&mut ValueHead>,
        dx: &mut Buf,
        grads: &mut [Buf],
    ) -> Result<()> {
        let Self { pass, decoder, loss } = *self;
        let (engine, rows, weights) = (pass.engine, pass.plan.rows, &decoder.weights);
        let len = rows * decoder.table_width();
        let norm = pass.final_norm(weights);
        engine.run(optimizer::Fill {
            x: dx.view_mut(),
            value: 0.0,
            len: pass.plan.outputs() * decoder.hidden(),
        })?;
        // one transfer for both
        let sent = Buf::from_vec([loss.d_logp, loss.d_value].concat(), engine.device())?;
        let (d_logp, d_value) = (sent.part(0, rows), sent.part(rows, loss.d_value.len()));
        let from_values = match value_head {
            Some(head) if !loss.d_value.is_empty() => Some(head.backward(pass, d_value, grads)?),
            _ => None,
        };
        if weights.head_trains() {
            self.through_head(buffers, d_logp, grads)?;
        } else if weights.project_out.is_some() || norm.trains() {
            engine.run(scale::ScaleRows {
                y: buffers.unit.view_mut(),
                factors: d_logp,
                rows,
                width: decoder.table_width(),
            })?;
        }
        // the gradient of the norm's output, as far as it did not go through the norm in the forward pass
        let d_normed = match weights.head_trains() || weights.project_out.is_some() {
            true => {
                if let Some(gradient) = from_values {
                    add(engine, &mut buffers.unit, gradient, len)?;
                }
                if let Some(linear) = &weights.project_out {
                    let projection = &mut buffers.projection;
                    projection.backward(pass, linear, &mut buffers.unit, linear_buffers, grads)?;
                }
                Some(&buffers.unit)
            }
            false => {
                norm.weight_grad(&buffers.x, &buffers.unit, grads)?;
                self.add_to_outputs(&buffers.normed.exact, Some(d_logp), dx)?;
                from_values
            }
        };
        let Some(d_normed) = d_normed else {
            return Ok(());
        };
        norm.weight_grad(&buffers.x, d_normed, grads)?;
        norm.input_grad(&buffers.x, d_normed, &mut buffers.normed.exact, Write::Overwrite)?;
        self.add_to_outputs(&buffers.normed.exact, None, dx)
    }

    /// Adds to the gradients of a head that trains, and leaves that of its input in the place of the unit gradient.
    fn through_head(&self, buffers: &mut RowBuffers, d_logp: View, grads: &mut [Buf]) -> Result<()> {
        let Self { pass, decoder, .. } = *self;
        let (rows, width, weights) = (pass.plan.rows, decoder.table_width(), &decoder.weights);
        let bias = weights.head_bias.as_ref().and_then(Vector::trained);
        let term = weights.head_term(pass.pass, pass.params);
        let lora = term.and_then(|term| term.lora);
        let mut low_rank = None;
        let HeadTermBuffers { hidden, d_hidden, .. } = &mut buffers.head_term;
        let (mut dw, mut dbias) = (None, None);
        for (id, grad) in grads.iter_mut().enumerate() {
            if Some(id) == weights.head().trained() {
                dw = Some(grad.view_mut());
            } else if Some(id) == bias {
                dbias = Some(grad.view_mut());
            } else if let Some(lora) = lora.filter(|lora| lora.b == id) {
                low_rank = Some(head::LowRankGrads {
                    hidden: d_hidden.exact.fit(rows * lora.rank)?.view_mut(),
                    b: grad.view_mut(),
                });
            }
        }
        pass.engine.run(head::HeadBackward {
            h: buffers.normed.read().view(),
            w: weights.head().operand(pass.params),
            stats: buffers.stats.view(),
            targets: pass.plan.targets(),
            coefficients: d_logp,
            rows,
            dims: head::Dims {
                width,
                vocab: decoder.vocabulary(),
            },
            form: weights.form(&decoder.spec().head, pass.params, term.map(|term| term.of(hidden))),
            dh: buffers.unit.fit(rows * width)?.view_mut(),
            dw,
            dbias,
            low_rank,
            logits: buffers.logits.view_mut(),
        })?;
        let Some((term, lora)) = term.zip(lora) else {
            return Ok(());
        };
        let input = term.input(pass, buffers.normed.read(), width);
        let head_term = &mut buffers.head_term;
        head_term.backward(pass.engine, term, input, &mut buffers.unit, &mut grads[lora.a])
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
