//! A linear layer: a stored weight, perhaps a bias, low-rank terms on top and rotations below, frozen or trained.
use super::dora::Dora;
use super::oft::{Oft, Rotation};
use super::params::Params;
use super::weights::{Vector, Weight};
use super::{LoraPair, Pass};
use crate::error::{Error, Result};
use crate::ops::act::{self, Dropout};
use crate::ops::matmul::{self, Dims, Write};
use crate::ops::{Buf, View, ViewMut, run, scale};
use candle_core::Device;
use protocol::says;
use std::sync::Arc;

/// A frozen low-rank term, `scale * B A`.
#[derive(Debug)]
pub struct Term {
    pub a: Arc<Buf>,
    pub b: Arc<Buf>,
    pub rank: usize,
    pub scale: f32,
}

/// What the trained term started as, for the reference: `gain * (layer + term)` with `gain` folded into the term.
#[derive(Debug)]
pub struct Start {
    pub term: Term,
    /// DoRA: a factor per output
    pub gain: Option<Arc<Buf>>,
}

/// The low-rank term being trained.
#[derive(Debug, Clone, Copy)]
pub struct TrainedTerm {
    pub a: usize,
    pub b: usize,
    pub rank: usize,
    pub scale: f32,
    pub dropout: f32,
    /// tells this layer's dropout mask from the others'
    pub stream: u64,
}

/// `y = gain * W x + sum of terms + bias`, and with a trained DoRA term a factor on all but the bias. Frozen rotations turn
/// what `W` sees, a trained one what the whole layer sees.
#[derive(Debug)]
pub struct Linear {
    /// module path, `model.layers.0.self_attn.q_proj`
    pub path: String,
    pub input: usize,
    pub output: usize,
    pub weight: Weight,
    pub bias: Option<Vector>,
    /// factor per output that frozen DoRA adapters put on the weight
    pub gain: Option<Arc<Buf>>,
    /// adapters the run starts from, in both passes
    pub terms: Vec<Term>,
    /// rotations among them, of the weight's input; the newest comes last and is met first
    pub rotations: Vec<Rotation>,
    /// LoftQ: what quantization took off the weight, until a new adapter begins with it
    pub residual: Option<LoraPair>,
    /// PiSSA: what the trained term stood for at first, taken off the weight in both passes
    pub principal: Option<Term>,
    /// policy only
    pub trained: Option<TrainedTerm>,
    /// lengths of the trained term, with DoRA
    pub dora: Option<Dora>,
    /// reference only
    pub start: Option<Start>,
    /// the trained rotation: policy only
    pub oft: Option<Oft>,
    /// what that one was at the start: reference only
    pub oft_start: Option<Rotation>,
}

/// Buffers a linear layer works in, and what it needs to know of the pass.
pub struct Work<'a> {
    pub tokens: usize,
    pub pass: Pass,
    pub dropout_seed: Option<u64>,
    pub params: &'a Params,
    /// `[tokens, rank]`
    pub low: &'a mut Buf,
    /// `[tokens, input]`, where dropout is on
    pub dropped: &'a mut Buf,
    /// `[tokens, output]` each, where there are gains
    pub scaled: &'a mut [Buf; 2],
    /// `[tokens, input]` each, where there are rotations
    pub rotated: &'a mut [Buf; 3],
}

impl Term {
    pub fn new(path: &str, pair: &LoraPair, scale: f64, (input, output): (usize, usize)) -> Result<Self> {
        let rank = rank_of(path, pair, (input, output))?;
        Ok(Self {
            a: Arc::new(Buf::copy_of(&pair.a)?),
            b: Arc::new(Buf::copy_of(&pair.b)?),
            rank,
            scale: scale as f32,
        })
    }

    /// The same matrices with another factor.
    pub fn scaled(&self, scale: f32) -> Self {
        Self {
            a: Arc::clone(&self.a),
            b: Arc::clone(&self.b),
            rank: self.rank,
            scale,
        }
    }
}

/// The rank of a module's matrices, checked against the layer they go on.
pub fn rank_of(path: &str, pair: &LoraPair, (input, output): (usize, usize)) -> Result<usize> {
    let lengths = pair.magnitude.as_ref().map_or(output, |m| m.elem_count());
    match (pair.a.dims(), pair.b.dims()) {
        (&[rank, i], &[o, r]) if rank == r && rank > 0 && i == input && o == output && lengths == output => Ok(rank),
        (a, b) => Err(Error::invalid(says::adapter_shapes(
            path,
            format!("{a:?}"),
            format!("{b:?}"),
            output,
            input,
        ))),
    }
}

impl Linear {
    pub fn new(path: String, (input, output): (usize, usize), weight: Weight, bias: Option<Vector>) -> Self {
        Self {
            path,
            input,
            output,
            weight,
            bias,
            gain: None,
            terms: vec![],
            rotations: vec![],
            residual: None,
            principal: None,
            trained: None,
            dora: None,
            start: None,
            oft: None,
            oft_start: None,
        }
    }

    /// Whether it is its stored weight and nothing else.
    pub fn is_plain(&self) -> bool {
        let frozen = self.terms.is_empty() && self.rotations.is_empty() && self.gain.is_none();
        frozen && self.trained.is_none() && self.oft.is_none()
    }

    /// Whether anything in it trains.
    pub fn trains(&self) -> bool {
        let bias = self.bias.as_ref().and_then(Vector::trained);
        self.trained.is_some() || self.oft.is_some() || self.weight.trained().or(bias).is_some()
    }

    pub(super) fn dims(&self, tokens: usize) -> Dims {
        Dims {
            tokens,
            input: self.input,
            output: self.output,
        }
    }

    pub(super) fn frozen_terms(&self) -> impl Iterator<Item = &Term> {
        self.terms.iter().chain(&self.principal)
    }

    pub(super) fn dropout(&self, term: &TrainedTerm, seed: Option<u64>) -> Option<Dropout> {
        let seed = seed.filter(|_| term.dropout > 0.0)?;
        Some(Dropout {
            probability: term.dropout,
            seed,
            stream: term.stream,
        })
    }

    /// What is frozen of it, without the bias: `y = gain * W x + terms`.
    pub(super) fn frozen_forward(&self, x: View, y: &mut ViewMut, work: &mut Work) -> Result<()> {
        let n = work.tokens;
        let params = work.params;
        let seen = self.frozen_turn(x, work)?.map_or(x, Buf::view);
        run(matmul::LinearForward {
            x: seen.view(),
            w: self.weight.operand(params),
            y: y.view_mut(),
            dims: self.dims(n),
            write: Write::Set(1.0),
        })?;
        if let Some(gain) = &self.gain {
            run(scale::ScaleColumns {
                y: y.view_mut(),
                factors: gain.view(),
                tokens: n,
                width: self.output,
            })?;
        }
        for term in self.frozen_terms() {
            self.add_term(term, x, y, work)?;
        }
        Ok(())
    }

    fn add_term(&self, term: &Term, x: View, y: &mut ViewMut, work: &mut Work) -> Result<()> {
        let n = work.tokens;
        let (down, up) = self.low_dims(n, term.rank);
        run(matmul::LinearForward {
            x: x.view(),
            w: term.a.view().into(),
            y: work.low.fit(n * term.rank)?.view_mut(),
            dims: down,
            write: Write::Set(1.0),
        })?;
        run(matmul::LinearForward {
            x: work.low.view(),
            w: term.b.view().into(),
            y: y.view_mut(),
            dims: up,
            write: Write::Add(term.scale),
        })
    }

    /// The numbers that [`Linear::forward`] keeps of so many tokens in `low`.
    pub fn low_len(&self, tokens: usize) -> usize {
        tokens * self.trained.map_or(0, |term| term.rank)
    }

    /// `y = layer(x)`; `low` keeps `A x` of the trained term for the backward pass.
    pub fn forward(&self, x: View, mut y: ViewMut, mut low: ViewMut, work: &mut Work) -> Result<()> {
        let (y, low) = (&mut y, &mut low);
        let n = work.tokens;
        let rotation = match work.pass {
            Pass::Policy => self.oft.as_ref().map(|oft| &oft.now),
            Pass::Reference => self.oft_start.as_ref(),
        };
        match rotation {
            Some(rotation) => self.oft_forward(rotation, x, y, work)?,
            None => self.frozen_forward(x, y, work)?,
        }
        match (work.pass, &self.start, &self.trained) {
            (Pass::Reference, Some(start), _) => {
                if let Some(gain) = &start.gain {
                    run(scale::ScaleColumns {
                        y: y.view_mut(),
                        factors: gain.view(),
                        tokens: n,
                        width: self.output,
                    })?;
                }
                self.add_term(&start.term, x, y, work)?;
            }
            (Pass::Policy, _, Some(term)) => match &self.dora {
                Some(dora) => self.dora_forward(dora, term, (x, y), low, work)?,
                None => self.trained_forward(term, (x, y), low, work)?,
            },
            _ => {}
        }
        match &self.bias {
            Some(bias) => run(matmul::AddBias {
                bias: bias.buf(work.params).view(),
                y: y.view_mut(),
                tokens: n,
                width: self.output,
            }),
            None => Ok(()),
        }
    }

    /// `y += scale B A dropout(x)`
    pub(super) fn trained_forward(
        &self,
        term: &TrainedTerm,
        (x, y): (View, &mut ViewMut),
        low: &mut ViewMut,
        work: &mut Work,
    ) -> Result<()> {
        let n = work.tokens;
        let (down, up) = self.low_dims(n, term.rank);
        let (a, b) = (&work.params.0[term.a].value, &work.params.0[term.b].value);
        let x = match self.dropout(term, work.dropout_seed) {
            Some(dropout) => {
                let len = n * self.input;
                run(act::Drop {
                    x: x.view(),
                    y: work.dropped.fit(len)?.view_mut(),
                    len,
                    dropout,
                    accumulate: false,
                })?;
                work.dropped.view()
            }
            None => x,
        };
        run(matmul::LinearForward {
            x: x.view(),
            w: a.view().into(),
            y: low.view_mut(),
            dims: down,
            write: Write::Set(1.0),
        })?;
        run(matmul::LinearForward {
            x: low.view(),
            w: b.view().into(),
            y: y.view_mut(),
            dims: up,
            write: Write::Add(term.scale),
        })
    }

    pub(super) fn low_dims(&self, tokens: usize, rank: usize) -> (Dims, Dims) {
        (
            Dims {
                tokens,
                input: self.input,
                output: rank,
            },
            Dims {
                tokens,
                input: rank,
                output: self.output,
            },
        )
    }

    /// From `dy`, adds to the gradients of what trains and writes `dx` where it is asked for.
    pub fn backward(
        &self,
        (x, low, dy): (View, View, View),
        dx: Option<(&mut Buf, Onto)>,
        grads: &mut [Buf],
        work: &mut Work,
    ) -> Result<()> {
        let n = work.tokens;
        if let Some(id) = self.weight.trained() {
            run(matmul::LinearWeightGrad {
                dy: dy.view(),
                x: x.view(),
                dw: grads[id].view_mut(),
                dims: self.dims(n),
                alpha: 1.0,
            })?;
        }
        if let Some(id) = self.bias.as_ref().and_then(Vector::trained) {
            run(matmul::BiasGrad {
                dy: dy.view(),
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
        if let Some((dx, onto)) = &mut dx {
            self.frozen_backward(dy, dx, *onto, work)?;
        }
        match &self.trained {
            Some(term) => self.trained_backward(term, (x, low, dy), dx.map(|(dx, _)| dx), grads, work),
            None => Ok(()),
        }
    }

    /// `dx` from `dy` through what is frozen.
    pub(super) fn frozen_backward(&self, dy: View, dx: &mut Buf, onto: Onto, work: &mut Work) -> Result<()> {
        let n = work.tokens;
        let write = if onto == Onto::Set {
            Write::Set(1.0)
        } else {
            Write::Add(1.0)
        };
        let weight = self.weight.operand(work.params);
        let by_weight = match &self.gain {
            None => dy,
            Some(gain) => {
                let len = n * self.output;
                let scaled = work.scaled[0].fit(len)?;
                run(act::Copy {
                    from: dy.view(),
                    to: scaled.view_mut(),
                    len,
                })?;
                run(scale::ScaleColumns {
                    y: scaled.view_mut(),
                    factors: gain.view(),
                    tokens: n,
                    width: self.output,
                })?;
                scaled.view()
            }
        };
        match self.rotations.is_empty() {
            true => run(matmul::LinearInputGrad {
                dy: by_weight.view(),
                w: weight,
                dx: dx.view_mut(),
                dims: self.dims(n),
                write,
            })?,
            false => {
                let by_input = work.rotated[1].fit(n * self.input)?;
                run(matmul::LinearInputGrad {
                    dy: by_weight.view(),
                    w: weight,
                    dx: by_input.view_mut(),
                    dims: self.dims(n),
                    write: Write::Set(1.0),
                })?;
                self.frozen_turn_back(dx, onto, work)?;
            }
        }
        for term in self.frozen_terms() {
            let (down, up) = self.low_dims(n, term.rank);
            run(matmul::LinearInputGrad {
                dy: dy.view(),
                w: term.b.view().into(),
                dx: work.low.fit(n * term.rank)?.view_mut(),
                dims: up,
                write: Write::Set(term.scale),
            })?;
            run(matmul::LinearInputGrad {
                dy: work.low.view(),
                w: term.a.view().into(),
                dx: dx.view_mut(),
                dims: down,
                write: Write::Add(1.0),
            })?;
        }
        Ok(())
    }

    /// Gradients of A and B, and `dx` through them added to what is there.
    pub(super) fn trained_backward(
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
        run(matmul::LinearWeightGrad {
            dy: dy.view(),
            x: low.view(),
            dw: grads[term.b].view_mut(),
            dims: up,
            alpha: term.scale,
        })?;
        let d_low = work.low.fit(n * term.rank)?;
        run(matmul::LinearInputGrad {
            dy: dy.view(),
            w: b.view().into(),
            dx: d_low.view_mut(),
            dims: up,
            write: Write::Set(term.scale),
        })?;
        match self.dropout(term, work.dropout_seed) {
            None => {
                run(matmul::LinearWeightGrad {
                    dy: d_low.view(),
                    x: x.view(),
                    dw: grads[term.a].view_mut(),
                    dims: down,
                    alpha: 1.0,
                })?;
                if let Some(dx) = dx {
                    run(matmul::LinearInputGrad {
                        dy: d_low.view(),
                        w: a.view().into(),
                        dx: dx.view_mut(),
                        dims: down,
                        write: Write::Add(1.0),
                    })?;
                }
            }
            Some(dropout) => {
                let len = n * self.input;
                let dropped = work.dropped.fit(len)?;
                run(act::Drop {
                    x: x.view(),
                    y: dropped.view_mut(),
                    len,
                    dropout,
                    accumulate: false,
                })?;
                run(matmul::LinearWeightGrad {
                    dy: d_low.view(),
                    x: dropped.view(),
                    dw: grads[term.a].view_mut(),
                    dims: down,
                    alpha: 1.0,
                })?;
                if let Some(dx) = dx {
                    run(matmul::LinearInputGrad {
                        dy: d_low.view(),
                        w: a.view().into(),
                        dx: dropped.view_mut(),
                        dims: down,
                        write: Write::Set(1.0),
                    })?;
                    run(act::Drop {
                        x: dropped.view(),
                        y: dx.view_mut(),
                        len,
                        dropout,
                        accumulate: true,
                    })?;
                }
            }
        }
        Ok(())
    }

    /// What is frozen of it as one matrix in f32, `[output, input]` flat.
    pub fn frozen(&self, params: &Params, device: &Device) -> Result<Buf> {
        let mut frozen = self.weight.to_buf(params, device)?;
        for rotation in &self.rotations {
            rotation.fold(&mut frozen, (self.output, self.input))?;
        }
        if let Some(gain) = &self.gain {
            run(scale::ScaleRows {
                y: frozen.view_mut(),
                factors: &gain.to_vec(self.output)?,
                width: self.input,
            })?;
        }
        for term in self.frozen_terms() {
            self.fold((&term.a, &term.b), term.rank, term.scale, &mut frozen)?;
        }
        Ok(frozen)
    }

    /// `onto += scale B A`
    pub(super) fn fold(&self, (a, b): (&Buf, &Buf), rank: usize, scale: f32, onto: &mut Buf) -> Result<()> {
        // B A = (B^T)^T A: the shape of a weight gradient over `rank` "tokens"
        let b = Buf::copy_of(&b.tensor((self.output, rank))?.t()?)?;
        run(matmul::LinearWeightGrad {
            dy: b.view(),
            x: a.view(),
            dw: onto.view_mut(),
            dims: self.dims(rank),
            alpha: scale,
        })
    }

    /// The policy's weight with every term folded in, in f32, `[output, input]` flat.
    pub fn merged(&self, params: &Params, device: &Device) -> Result<Buf> {
        let mut merged = self.frozen(params, device)?;
        if let Some(oft) = &self.oft {
            // as the numbers are now, whether or not a pass has been since
            let above = params.0[oft.id].value()?;
            oft.with(self, &above)?.fold(&mut merged, (self.output, self.input))?;
        }
        if let Some(term) = self.trained {
            let value = |id: usize| &params.0[id].value;
            self.fold((value(term.a), value(term.b)), term.rank, term.scale, &mut merged)?;
            if let Some(dora) = &self.dora {
                let gains = dora.gains_over(&merged, params, (self.output, self.input))?;
                run(scale::ScaleRows {
                    y: merged.view_mut(),
                    factors: &gains,
                    width: self.input,
                })?;
            }
        }
        Ok(merged)
    }
}

/// Whether a gradient replaces what a buffer holds or adds to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onto {
    Set,
    Add,
}
