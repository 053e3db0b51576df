//! A linear layer: a stored weight, perhaps a bias, and low-rank terms on top, frozen or trained.
use super::params::Params;
use super::weights::{Vector, Weight};
use super::{LoraPair, Pass};
use crate::error::{Error, Result};
use crate::ops::Buf;
use crate::ops::act::{self, Dropout};
use crate::ops::matmul::{self, Dims, Write};
use candle_core::Device;

/// A frozen low-rank term, `scale * B A`.
#[derive(Debug)]
pub struct Term {
    a: Buf,
    b: Buf,
    rank: usize,
    scale: f32,
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

/// `y = W x + bias + sum of terms`.
#[derive(Debug)]
pub struct Linear {
    /// module path, `model.layers.0.self_attn.q_proj`
    pub path: String,
    pub input: usize,
    pub output: usize,
    pub weight: Weight,
    pub bias: Option<Vector>,
    /// adapters the run starts from, in both passes
    pub terms: Vec<Term>,
    /// policy only
    pub trained: Option<TrainedTerm>,
    /// reference only: what `trained` started as
    pub start: Option<Term>,
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
}

impl Term {
    pub fn new(path: &str, pair: &LoraPair, scale: f64, (input, output): (usize, usize)) -> Result<Self> {
        let rank = rank_of(path, pair, (input, output))?;
        Ok(Self {
            a: Buf::copy_of(&pair.a)?,
            b: Buf::copy_of(&pair.b)?,
            rank,
            scale: scale as f32,
        })
    }
}

/// The rank of a module's matrices, checked against the layer they go on.
pub fn rank_of(path: &str, pair: &LoraPair, (input, output): (usize, usize)) -> Result<usize> {
    match (pair.a.dims(), pair.b.dims()) {
        (&[rank, i], &[o, r]) if rank == r && rank > 0 && i == input && o == output => Ok(rank),
        (a, b) => Err(Error::invalid(format!(
            "the adapter's matrices for `{path}` are {a:?} and {b:?}; the layer is {output} x {input}: is it an adapter of another model?"
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
            terms: vec![],
            trained: None,
            start: None,
        }
    }

    fn dims(&self, tokens: usize) -> Dims {
        Dims {
            tokens,
            input: self.input,
            output: self.output,
        }
    }

    fn frozen_terms(&self, pass: Pass) -> impl Iterator<Item = &Term> {
        self.terms
            .iter()
            .chain(self.start.as_ref().filter(|_| pass == Pass::Reference))
    }

    fn dropout(&self, term: &TrainedTerm, seed: Option<u64>) -> Option<Dropout> {
        let seed = seed.filter(|_| term.dropout > 0.0)?;
        Some(Dropout {
            probability: term.dropout,
            seed,
            stream: term.stream,
        })
    }

    /// `y = layer(x)`; `low` keeps `A x` of the trained term for the backward pass.
    pub fn forward(&self, x: &Buf, y: &mut Buf, low: &mut Buf, work: &mut Work) -> Result<()> {
        let n = work.tokens;
        matmul::forward(x, self.weight.operand(work.params), y, self.dims(n), Write::Set(1.0))?;
        if let Some(bias) = &self.bias {
            matmul::add_bias(bias.buf(work.params), y, n, self.output)?;
        }
        for term in self.frozen_terms(work.pass) {
            let (down, up) = self.low_dims(n, term.rank);
            matmul::forward(x, term.a.tensor(), work.low.fit(n * term.rank)?, down, Write::Set(1.0))?;
            matmul::forward(work.low, term.b.tensor(), y, up, Write::Add(term.scale))?;
        }
        if let Some(term) = self.trained.filter(|_| work.pass == Pass::Policy) {
            let (down, up) = self.low_dims(n, term.rank);
            let (a, b) = (&work.params.0[term.a].value, &work.params.0[term.b].value);
            let x = match self.dropout(&term, work.dropout_seed) {
                Some(dropout) => {
                    act::dropout(x, work.dropped.fit(n * self.input)?, n * self.input, dropout)?;
                    &*work.dropped
                }
                None => x,
            };
            matmul::forward(x, a.tensor(), low.fit(n * term.rank)?, down, Write::Set(1.0))?;
            matmul::forward(low, b.tensor(), y, up, Write::Add(term.scale))?;
        }
        Ok(())
    }

    fn low_dims(&self, tokens: usize, rank: usize) -> (Dims, Dims) {
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
        (x, low, dy): (&Buf, &Buf, &Buf),
        dx: Option<(&mut Buf, Onto)>,
        grads: &mut [Buf],
        work: &mut Work,
    ) -> Result<()> {
        let n = work.tokens;
        if let Some(id) = self.weight.trained() {
            matmul::weight_grad(dy, x, &mut grads[id], self.dims(n), 1.0)?;
        }
        if let Some(id) = self.bias.as_ref().and_then(Vector::trained) {
            matmul::bias_grad(dy, &mut grads[id], n, self.output)?;
        }
        let mut dx = dx;
        if let Some((dx, onto)) = &mut dx {
            let write = if *onto == Onto::Set {
                Write::Set(1.0)
            } else {
                Write::Add(1.0)
            };
            matmul::input_grad(dy, self.weight.operand(work.params), dx, self.dims(n), write)?;
            for term in self.frozen_terms(Pass::Policy) {
                let (down, up) = self.low_dims(n, term.rank);
                matmul::input_grad(
                    dy,
                    term.b.tensor(),
                    work.low.fit(n * term.rank)?,
                    up,
                    Write::Set(term.scale),
                )?;
                matmul::input_grad(work.low, term.a.tensor(), dx, down, Write::Add(1.0))?;
            }
        }
        if let Some(term) = self.trained {
            let (down, up) = self.low_dims(n, term.rank);
            let (a, b) = (&work.params.0[term.a].value, &work.params.0[term.b].value);
            matmul::weight_grad(dy, low, &mut grads[term.b], up, term.scale)?;
            let d_low = work.low.fit(n * term.rank)?;
            matmul::input_grad(dy, b.tensor(), d_low, up, Write::Set(term.scale))?;
            match self.dropout(&term, work.dropout_seed) {
                None => {
                    matmul::weight_grad(d_low, x, &mut grads[term.a], down, 1.0)?;
                    if let Some((dx, _)) = dx {
                        matmul::input_grad(d_low, a.tensor(), dx, down, Write::Add(1.0))?;
                    }
                }
                Some(dropout) => {
                    let len = n * self.input;
                    let dropped = work.dropped.fit(len)?;
                    act::dropout(x, dropped, len, dropout)?;
                    matmul::weight_grad(d_low, dropped, &mut grads[term.a], down, 1.0)?;
                    if let Some((dx, _)) = dx {
                        matmul::input_grad(d_low, a.tensor(), dropped, down, Write::Set(1.0))?;
                        act::dropout_backward_add(dropped, dx, len, dropout)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// `W + sum of scale B A` in f32, `[output, input]` flat: the policy's weight with every term folded in.
    pub fn merged(&self, params: &Params, device: &Device) -> Result<Buf> {
        let mut merged = self.weight.to_buf(params, device)?;
        let mut fold = |a: &Buf, b: &Buf, rank, scale| {
            // B A = (B^T)^T A: the shape of a weight gradient over `rank` "tokens"
            let b = Buf::copy_of(&b.tensor().reshape((self.output, rank))?.t()?)?;
            matmul::weight_grad(&b, a, &mut merged, self.dims(rank), scale)
        };
        for term in &self.terms {
            fold(&term.a, &term.b, term.rank, term.scale)?;
        }
        if let Some(term) = self.trained {
            fold(&params.0[term.a].value, &params.0[term.b].value, term.rank, term.scale)?;
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
