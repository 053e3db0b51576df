//! The backward pass over a whole model, from one coefficient per row to the gradients of all parameters.
use super::{Kept, LossGrads};
use crate::error::Result;
use crate::model::balance::BalanceGrads;
use crate::model::block::Env;
use crate::model::norm::norm_of;
use crate::model::weights::Weights;
use crate::model::{Keep, Model, Pass};
use crate::ops::norm;
use crate::ops::{Buf, Write, act, gather, head, optimizer, scale};
use crate::plan::Plan;

impl Model {
    pub(super) fn backward_here(&mut self, plan: &Plan, loss: LossGrads, kept: &Kept, grads: &mut [Buf]) -> Result<()> {
        let d_value = loss.d_value;
        let (rows, hidden) = (plan.rows.len(), self.config.decoder.hidden);
        let indices = &kept.indices;
        let d_logp = Buf::from_vec(loss.d_logp.to_vec(), self.engine.device())?;
        let Weights {
            embed, layers, norm, ..
        } = &self.weights;
        let balance = match &kept.balance {
            Some(balance) => Some(BalanceGrads {
                by_expert: balance.d_probability(&self.engine, loss.d_aux_loss)?,
                occurrences: &indices.occurrences,
            }),
            None => None,
        };
        let env = Env {
            engine: &self.engine,
            decoder: &self.config.decoder,
            params: &self.params,
            rotary: &self.rotary,
            plan: indices,
            pass: Pass::Policy,
            dropout_seed: kept.dropout_seed,
            balance,
        };
        let dx = &mut self.residual;
        self.engine.run(optimizer::Fill {
            x: dx.view_mut(),
            value: 0.0,
            len: indices.outputs() * hidden,
        })?;
        let buffers = &mut self.rows;
        let last = norm_of(&self.config.decoder.norm, rows, hidden);
        let from_values = match &mut self.value_head {
            Some(head) if !d_value.is_empty() => {
                Some(head.backward(env.engine, env.params, d_value, hidden, kept.dropout_seed, grads)?)
            }
            _ => None,
        };
        if let Some(id) = self.weights.head().trained() {
            let dims = head::Dims {
                width: hidden,
                vocab: self.config.vocabulary(),
            };
            let d_normed = buffers.unit.fit(rows * hidden)?;
            let head = self.weights.head().operand(env.params);
            self.engine.run(head::HeadBackward {
                h: buffers.normed.view(),
                w: head,
                stats: buffers.stats.view(),
                targets: indices.targets.view(),
                coefficients: d_logp.view(),
                rows,
                dims,
                dh: d_normed.view_mut(),
                dw: grads[id].view_mut(),
                logits: buffers.logits.view_mut(),
            })?;
            if let Some(gradient) = from_values {
                self.engine.run(act::Add {
                    x: d_normed.view_mut(),
                    y: gradient.view(),
                    len: rows * hidden,
                })?;
            }
            if let Some(id) = norm.trained() {
                self.engine.run(norm::RmsNormWeightGrad {
                    x: buffers.x.view(),
                    dy: d_normed.view(),
                    dw: grads[id].view_mut(),
                    norm: last,
                })?;
            }
            self.engine.run(norm::RmsNormBackward {
                x: buffers.x.view(),
                w: norm.buf(env.params).view(),
                dy: d_normed.view(),
                dx: buffers.normed.view_mut(),
                norm: last,
                write: Write::Overwrite,
            })?;
            self.engine.run(gather::ScatterAdd {
                rows: buffers.normed.view(),
                ids: indices.predictors.view(),
                factors: None,
                out: dx.view_mut(),
                count: rows,
                width: hidden,
            })?;
        } else {
            if let Some(id) = norm.trained() {
                self.engine.run(scale::ScaleRows {
                    y: buffers.unit.view_mut(),
                    factors: d_logp.view(),
                    rows,
                    width: hidden,
                })?;
                self.engine.run(norm::RmsNormWeightGrad {
                    x: buffers.x.view(),
                    dy: buffers.unit.view(),
                    dw: grads[id].view_mut(),
                    norm: last,
                })?;
            }
            self.engine.run(gather::ScatterAdd {
                rows: buffers.normed.view(),
                ids: indices.predictors.view(),
                factors: Some(d_logp.view()),
                out: dx.view_mut(),
                count: rows,
                width: hidden,
            })?;
            if let Some(gradient) = from_values {
                if let Some(id) = norm.trained() {
                    self.engine.run(norm::RmsNormWeightGrad {
                        x: buffers.x.view(),
                        dy: gradient.view(),
                        dw: grads[id].view_mut(),
                        norm: last,
                    })?;
                }
                self.engine.run(norm::RmsNormBackward {
                    x: buffers.x.view(),
                    w: norm.buf(env.params).view(),
                    dy: gradient.view(),
                    dx: buffers.normed.view_mut(),
                    norm: last,
                    write: Write::Overwrite,
                })?;
                self.engine.run(gather::ScatterAdd {
                    rows: buffers.normed.view(),
                    ids: indices.predictors.view(),
                    factors: None,
                    out: dx.view_mut(),
                    count: rows,
                    width: hidden,
                })?;
            }
        }

        let spare = self.config.layers();
        for (index, layer) in layers.iter().enumerate().skip(self.lowest).rev() {
            let mut place = index;
            if index < kept.recomputed {
                place = spare;
                let (below, top) = self.saved.split_at_mut(spare);
                // the input is recomputed from in place: it is not needed after
                let x = &mut below[index].x;
                layer.forward(
                    &env,
                    (index, Keep::ForBackward),
                    x,
                    &mut top[0],
                    &mut self.scratch,
                    None,
                )?;
            }
            let input_grad = index > self.lowest || embed.trained().is_some();
            let saved = &mut self.saved[place];
            layer.backward(&env, index, dx, saved, &mut self.scratch, (&mut *grads, input_grad))?;
        }
        if let Some(id) = embed.trained() {
            self.engine.run(gather::ScatterAdd {
                rows: dx.view(),
                ids: indices.ids.view(),
                factors: None,
                out: grads[id].view_mut(),
                count: indices.tokens(),
                width: hidden,
            })?;
        }
        Ok(())
    }
}
