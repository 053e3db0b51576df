//! A linear layer: a stored weight, perhaps a bias, low-rank terms on top and rotations below, frozen or trained.
mod backward;
mod fold;

use super::dora::Dora;
use super::oft::{Oft, Rotation};
use super::params::Params;
use super::weights::{Vector, Weight};
use super::{LoraPair, Pass};
use crate::error::{Error, Result};
use crate::ops::act::{self, Dropout};
use crate::ops::matmul::{self, Dims};
use crate::ops::{Buf, Engine, View, ViewMut, Write, scale};
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
    pub engine: &'a Engine,
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
        let engine = work.engine;
        let seen = self.frozen_turn(x, work)?.map_or(x, Buf::view);
        engine.run(matmul::LinearForward {
            x: seen,
            w: self.weight.operand(params),
            y: y.view_mut(),
            dims: self.dims(n),
            write: Write::Overwrite,
            alpha: 1.0,
        })?;
        if let Some(gain) = &self.gain {
            work.engine.run(scale::ScaleColumns {
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
        work.engine.run(matmul::LinearForward {
            x,
            w: term.a.view().into(),
            y: work.low.fit(n * term.rank)?.view_mut(),
            dims: down,
            write: Write::Overwrite,
            alpha: 1.0,
        })?;
        work.engine.run(matmul::LinearForward {
            x: work.low.view(),
            w: term.b.view().into(),
            y: y.view_mut(),
            dims: up,
            write: Write::Accumulate,
            alpha: term.scale,
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
                    work.engine.run(scale::ScaleColumns {
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
            Some(bias) => work.engine.run(matmul::AddBias {
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
                work.engine.run(act::Drop {
                    x,
                    y: work.dropped.fit(len)?.view_mut(),
                    len,
                    dropout,
                    write: Write::Overwrite,
                })?;
                work.dropped.view()
            }
            None => x,
        };
        work.engine.run(matmul::LinearForward {
            x,
            w: a.view().into(),
            y: low.view_mut(),
            dims: down,
            write: Write::Overwrite,
            alpha: 1.0,
        })?;
        work.engine.run(matmul::LinearForward {
            x: low.view(),
            w: b.view().into(),
            y: y.view_mut(),
            dims: up,
            write: Write::Accumulate,
            alpha: term.scale,
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
}
