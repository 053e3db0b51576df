//! The way back through a linear layer: gradients of what trains, and of its input.
use super::{Linear, TrainedTerm, Work};
use crate::error::Result;
use crate::model::weights::Vector;
use crate::ops::{Buf, View, Write, act, matmul, scale};

impl Linear {
    /// From `dy`, adds to the gradients of what trains and writes `dx` where it is asked for.
    pub fn backward(
        &self,
        (x, low, dy): (View, View, View),
        dx: Option<(&mut Buf, Write)>,
        grads: &mut [Buf],
        work: &mut Work,
    ) -> Result<()> {
        let n = work.tokens;
        if let Some(id) = self.weight.trained() {
            work.engine.run(matmul::LinearWeightGrad {
                dy,
                x,
                dw: grads[id].view_mut(),
                dims: self.dims(n),
                alpha: 1.0,
            })?;
        }
        if let Some(id) = self.bias.as_ref().and_then(Vector::trained) {
            work.engine.run(matmul::BiasGrad {
                dy,
                db: grads[id].view_mut(),
                tokens: n,
                width: self.output,
            })?;
        }
        if let (Some(term), Some(dora)) = (&self.trained, &self.dora) {
            return self.dora_backward((dora, term), (x, low, dy), dx, grads, work);
        }
        if let Some(oft) = &self.oft {
            return self.oft_backward(oft, (x, dy), dx, grads, work);
        }
        let mut dx = dx;
        if let Some((dx, write)) = &mut dx {
            self.frozen_backward(dy, dx, *write, work)?;
        }
        match &self.trained {
            Some(term) => self.trained_backward(term, (x, low, dy), dx.map(|(dx, _)| dx), grads, work),
            None => Ok(()),
        }
    }

    /// `dx` from `dy` through what is frozen.
    pub(in crate::model) fn frozen_backward(
        &self,
        dy: View,
        dx: &mut Buf,
        write: Write,
        work: &mut Work,
    ) -> Result<()> {
        let n = work.tokens;
        let weight = self.weight.operand(work.params);
        let by_weight = match &self.gain {
            None => dy,
            Some(gain) => {
                let len = n * self.output;
                let scaled = work.scaled[0].fit(len)?;
                work.engine.run(act::Copy {
                    from: dy,
                    to: scaled.view_mut(),
                    len,
                })?;
                work.engine.run(scale::ScaleColumns {
                    y: scaled.view_mut(),
                    factors: gain.view(),
                    tokens: n,
                    width: self.output,
                })?;
                scaled.view()
            }
        };
        match self.rotations.is_empty() {
            true => work.engine.run(matmul::LinearInputGrad {
                dy: by_weight,
                w: weight,
                dx: dx.view_mut(),
                dims: self.dims(n),
                write,
                alpha: 1.0,
            })?,
            false => {
                let by_input = work.rotated[1].fit(n * self.input)?;
                work.engine.run(matmul::LinearInputGrad {
                    dy: by_weight,
                    w: weight,
                    dx: by_input.view_mut(),
                    dims: self.dims(n),
                    write: Write::Overwrite,
                    alpha: 1.0,
                })?;
                self.frozen_turn_back(dx, write, work)?;
            }
        }
        for term in self.frozen_terms() {
            let (down, up) = self.low_dims(n, term.rank);
            work.engine.run(matmul::LinearInputGrad {
                dy,
                w: term.b.view().into(),
                dx: work.low.fit(n * term.rank)?.view_mut(),
                dims: up,
                write: Write::Overwrite,
                alpha: term.scale,
            })?;
            work.engine.run(matmul::LinearInputGrad {
                dy: work.low.view(),
                w: term.a.view().into(),
                dx: dx.view_mut(),
                dims: down,
                write: Write::Accumulate,
                alpha: 1.0,
            })?;
        }
        Ok(())
    }

    /// Gradients of A and B, and `dx` through them added to what is there.
    pub(in crate::model) fn trained_backward(
        &self,
        term: &TrainedTerm,
        (x, low, dy): (View, View, View),
        dx: Option<&mut Buf>,
        grads: &mut [Buf],
        work: &mut Work,
    ) -> Result<()> {
        let n = work.tokens;
        let (down, up) = self.low_dims(n, term.rank);
        let (a, b) = (&work.params.0[term.a].value, &work.params.0[term.b].value);
        work.engine.run(matmul::LinearWeightGrad {
            dy,
            x: low,
            dw: grads[term.b].view_mut(),
            dims: up,
            alpha: term.scale,
        })?;
        let d_low = work.low.fit(n * term.rank)?;
        work.engine.run(matmul::LinearInputGrad {
            dy,
            w: b.view().into(),
            dx: d_low.view_mut(),
            dims: up,
            write: Write::Overwrite,
            alpha: term.scale,
        })?;
        match self.dropout(term, work.dropout_seed) {
            None => {
                work.engine.run(matmul::LinearWeightGrad {
                    dy: d_low.view(),
                    x,
                    dw: grads[term.a].view_mut(),
                    dims: down,
                    alpha: 1.0,
                })?;
                if let Some(dx) = dx {
                    work.engine.run(matmul::LinearInputGrad {
                        dy: d_low.view(),
                        w: a.view().into(),
                        dx: dx.view_mut(),
                        dims: down,
                        write: Write::Accumulate,
                        alpha: 1.0,
                    })?;
                }
            }
            Some(dropout) => {
                let len = n * self.input;
                let dropped = work.dropped.fit(len)?;
                work.engine.run(act::Drop {
                    x,
                    y: dropped.view_mut(),
                    len,
                    dropout,
                    write: Write::Overwrite,
                })?;
                work.engine.run(matmul::LinearWeightGrad {
                    dy: d_low.view(),
                    x: dropped.view(),
                    dw: grads[term.a].view_mut(),
                    dims: down,
                    alpha: 1.0,
                })?;
                if let Some(dx) = dx {
                    work.engine.run(matmul::LinearInputGrad {
                        dy: d_low.view(),
                        w: a.view().into(),
                        dx: dropped.view_mut(),
                        dims: down,
                        write: Write::Overwrite,
                        alpha: 1.0,
                    })?;
                    work.engine.run(act::Drop {
                        x: dropped.view(),
                        y: dx.view_mut(),
                        len,
                        dropout,
                        write: Write::Accumulate,
                    })?;
                }
            }
        }
        Ok(())
    }
}
