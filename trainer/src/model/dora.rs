//! DoRA: the low-rank change moves a row's direction, a trained number per row says its length.
//!
//! *DoRA: Weight-Decomposed Low-Rank Adaptation*, arXiv 2402.09353, equation 5, with the norm taken as a constant in the
//! gradient (its section 4.3), as PEFT computes it: `y = m / |V| * V x + bias`, `V = W + scale B A`, `|V|` per row.
//! Under dropout the low-rank term and the correction `(m / |V| - 1) W x` see the same masked input, `W x` the whole one.
use super::linear::{BackwardInputs, InputGrad, LayerAdapter, Linear, LinearBuffers, LinearContext, Lora, Outputs};
use super::params::Params;
use crate::error::{Error, Result};
use crate::ops::dora::RowLengths;
use crate::ops::matmul::{self, Dims};
use crate::ops::{Buf, Engine, View, Write, act, scale};
use protocol::says;

/// The lengths of one layer that are trained, and what follows from them.
#[derive(Debug)]
pub struct Dora {
    /// id of the trained lengths, `[output]`
    magnitude: usize,
    /// squared norms of the frozen weight's rows, in f64
    squares: Buf,
    now: Lengths,
}

/// What follows from the parameters as they are now, `[output]` each.
#[derive(Debug)]
struct Lengths {
    /// `|V|`
    norms: Buf,
    /// `m / |V|`, and that less 1
    gain: Buf,
    excess: Buf,
}

impl Dora {
    /// For lengths that are parameter `magnitude`; [`Linear::refresh`] is due before the first pass.
    pub fn new(engine: &Engine, magnitude: usize, linear: &Linear, params: &Params) -> Result<Self> {
        let frozen = linear.frozen(params, engine)?;
        let squares = squares(&frozen.to_vec(linear.output * linear.input)?, linear.input);
        let empty = || Buf::zeros(linear.output, engine.device());
        Ok(Self {
            magnitude,
            squares: Buf::from_vec(squares, engine.device())?,
            now: Lengths {
                norms: empty()?,
                gain: empty()?,
                excess: empty()?,
            },
        })
    }

    pub fn magnitude(&self) -> usize {
        self.magnitude
    }

    /// `m / |row|` for the rows of a layer's whole matrix.
    pub fn gains_over(&self, merged: &Buf, params: &Params, linear: &Linear) -> Result<Vec<f32>> {
        let magnitude = params.0[self.magnitude].value.view().widened()?;
        gains(&magnitude, merged, linear.input)
    }
}

/// `m / |row|`, row by row.
pub fn gains(magnitude: &[f32], merged: &Buf, input: usize) -> Result<Vec<f32>> {
    let norms = squares(&merged.to_vec(magnitude.len() * input)?, input);
    let gain = |(&m, &square): (&f32, &f64)| (f64::from(m) / square.sqrt()) as f32;
    let gains: Vec<f32> = magnitude.iter().zip(&norms).map(gain).collect();
    match gains.iter().all(|g| g.is_finite()) {
        true => Ok(gains),
        false => Err(Error::invalid(says::dora_rows_of_zeros())),
    }
}

/// Squared norms of rows, in f64.
pub fn squares(values: &[f32], width: usize) -> Vec<f64> {
    let square = |row: &[f32]| row.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
    values.chunks_exact(width).map(square).collect()
}

impl Linear {
    /// Works out `|V|` and the gains anew, after the parameters changed. Nothing without trained lengths.
    pub(super) fn refresh_dora(&mut self, ctx: &mut LinearContext) -> Result<()> {
        let Some((lora, dora)) = self.adapter.lora().and_then(|lora| Some((lora, lora.dora.as_ref()?))) else {
            return Ok(());
        };
        let lengths = self.lengths(lora, dora, ctx)?;
        if let LayerAdapter::Lora(Lora { dora: Some(dora), .. }) = &mut self.adapter {
            dora.now = lengths;
        }
        Ok(())
    }

    fn lengths(&self, lora: &Lora, dora: &Dora, ctx: &mut LinearContext) -> Result<Lengths> {
        let (rank, output) = (lora.rank, self.output);
        let term = lora.factors(ctx.params);
        let device = term.a.device().clone();
        let mut across = Buf::zeros(rank * output, &device)?;
        // in f32, whatever parameters and the layer's own buffers hold
        let (mut a, mut b) = (
            Buf::zeros(rank * self.input, &device)?,
            Buf::zeros(output * rank, &device)?,
        );
        for (from, to, len) in [(term.a, &mut a, rank * self.input), (term.b, &mut b, output * rank)] {
            ctx.engine.run(act::Copy {
                from: from.view(),
                to: to.view_mut(),
                len,
            })?;
        }
        let mut exact = LinearContext {
            tokens: rank,
            buffers: &mut LinearBuffers::new(&ctx.engine.exact())?,
            ..*ctx
        };
        self.frozen_forward(a.view(), &mut across.view_mut(), &mut exact)?;
        let dims = |tokens, input, output| Dims { tokens, input, output };
        let mut gram = Buf::zeros(rank * rank, &device)?;
        ctx.engine.run(matmul::LinearForward {
            x: a.view(),
            w: a.view().into(),
            y: gram.view_mut(),
            dims: dims(rank, self.input, rank),
            write: Write::Overwrite,
            alpha: 1.0,
        })?;
        let mut bend = Buf::zeros(output * rank, &device)?;
        ctx.engine.run(matmul::LinearForward {
            x: b.view(),
            w: gram.view().into(),
            y: bend.view_mut(),
            dims: dims(output, rank, rank),
            write: Write::Overwrite,
            alpha: 1.0,
        })?;
        let buf = || Buf::zeros(output, &device);
        let mut lengths = Lengths {
            norms: buf()?,
            gain: buf()?,
            excess: buf()?,
        };
        ctx.engine.run(RowLengths {
            squares: dora.squares.view(),
            b: b.view(),
            a_w: across.view(),
            b_gram: bend.view(),
            magnitude: ctx.params.0[dora.magnitude].seen().view(),
            norms: lengths.norms.view_mut(),
            gain: lengths.gain.view_mut(),
            excess: lengths.excess.view_mut(),
            scale: term.scale,
            rank,
            output,
        })?;
        Ok(lengths)
    }

    /// `y`, the frozen layer's output, becomes the policy's (without bias).
    pub(super) fn dora_forward(
        &self,
        lora: &Lora,
        dora: &Dora,
        x: View,
        out: &mut Outputs,
        ctx: &mut LinearContext,
    ) -> Result<()> {
        let (engine, tokens, len) = (ctx.engine, ctx.tokens, ctx.tokens * self.output);
        let Some(dropout) = lora.dropout(ctx) else {
            self.lora_forward(lora, x, out, ctx)?;
            return self.scale_outputs(&dora.now.gain, &mut out.y, ctx);
        };
        let (mut dropped, mut part) = (ctx.buffers.dropped.take(), ctx.buffers.dora_part.take());
        engine.run(act::Drop {
            x,
            y: dropped.fit(tokens * self.input)?.view_mut(),
            len: tokens * self.input,
            dropout,
            write: Write::Overwrite,
        })?;
        self.frozen_forward(dropped.view(), &mut part.fit(len)?.view_mut(), ctx)?;
        self.scale_outputs(&dora.now.excess, &mut part.view_mut(), ctx)?;
        engine.run(act::Add {
            x: out.y.view_mut(),
            y: part.view(),
            len,
        })?;
        let term = lora.factors(ctx.params);
        engine.run(matmul::LinearForward {
            x: dropped.view(),
            w: term.a.view().into(),
            y: out.lora_hidden.view_mut(),
            dims: self.down_dims(tokens, term.rank),
            write: Write::Overwrite,
            alpha: 1.0,
        })?;
        engine.run(matmul::LinearForward {
            x: out.lora_hidden.view(),
            w: term.b.view().into(),
            y: part.view_mut(),
            dims: self.up_dims(tokens, term.rank),
            write: Write::Overwrite,
            alpha: term.scale,
        })?;
        self.scale_outputs(&dora.now.gain, &mut part.view_mut(), ctx)?;
        engine.run(act::Add {
            x: out.y.view_mut(),
            y: part.view(),
            len,
        })?;
        (ctx.buffers.dropped, ctx.buffers.dora_part) = (dropped, part);
        Ok(())
    }

    pub(super) fn dora_backward(
        &self,
        lora: &Lora,
        dora: &Dora,
        given: BackwardInputs,
        mut dx: Option<InputGrad>,
        grads: &mut [Buf],
        ctx: &mut LinearContext,
    ) -> Result<()> {
        let (engine, tokens) = (ctx.engine, ctx.tokens);
        let (len, wide) = (tokens * self.output, tokens * self.input);
        let dropout = lora.dropout(ctx);
        let (mut dropped, mut part) = (ctx.buffers.dropped.take(), ctx.buffers.dora_part.take());
        // V x', computed again rather than kept
        let seen = match dropout {
            None => given.x,
            Some(dropout) => {
                engine.run(act::Drop {
                    x: given.x,
                    y: dropped.fit(wide)?.view_mut(),
                    len: wide,
                    dropout,
                    write: Write::Overwrite,
                })?;
                dropped.view()
            }
        };
        self.frozen_forward(seen, &mut part.fit(len)?.view_mut(), ctx)?;
        let term = lora.factors(ctx.params);
        engine.run(matmul::LinearForward {
            x: given.lora_hidden,
            w: term.b.view().into(),
            y: part.view_mut(),
            dims: self.up_dims(tokens, term.rank),
            write: Write::Accumulate,
            alpha: term.scale,
        })?;
        engine.run(scale::ColumnDots {
            a: given.dy,
            b: part.view(),
            norms: dora.now.norms.view(),
            out: grads[dora.magnitude].view_mut(),
            tokens,
            width: self.output,
        })?;

        if let (Some(dropout), Some(to)) = (dropout, &mut dx) {
            self.frozen_backward(given.dy, to.lend(), ctx)?;
            self.scaled_copy(given.dy, &dora.now.excess, &mut part, ctx)?;
            self.frozen_backward(part.view(), InputGrad::overwrite(&mut dropped), ctx)?;
            engine.run(act::Drop {
                x: dropped.view(),
                y: to.dx.view_mut(),
                len: wide,
                dropout,
                write: Write::Accumulate,
            })?;
        }
        ctx.buffers.dropped = dropped;
        self.scaled_copy(given.dy, &dora.now.gain, &mut part, ctx)?;
        if let (None, Some(to)) = (dropout, &mut dx) {
            self.frozen_backward(part.view(), to.lend(), ctx)?;
        }
        let of_term = BackwardInputs {
            dy: part.view(),
            ..given
        };
        self.lora_backward(lora, of_term, dx, grads, ctx)?;
        ctx.buffers.dora_part = part;
        Ok(())
    }

    /// `to = dy * factors`, a factor per output.
    fn scaled_copy(&self, dy: View, factors: &Buf, to: &mut Buf, ctx: &LinearContext) -> Result<()> {
        ctx.engine.run(act::Copy {
            from: dy,
            to: to.view_mut(),
            len: ctx.tokens * self.output,
        })?;
        self.scale_outputs(factors, &mut to.view_mut(), ctx)
    }
}
