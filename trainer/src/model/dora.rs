//! DoRA: the low-rank change moves a row's direction, a trained number per row says its length.
//!
//! *DoRA: Weight-Decomposed Low-Rank Adaptation*, arXiv 2402.09353, equation 5, with the norm taken as a constant in the
//! gradient (its section 4.3), as PEFT computes it: `y = m / |V| * V x + bias`, `V = W + scale B A`, `|V|` per row.
//! Under dropout the low-rank term and the correction `(m / |V| - 1) W x` see the same masked input, `W x` the whole one.
use super::linear::{Linear, TrainedTerm, Work};
use super::params::Params;
use crate::error::{Error, Result};
use crate::ops::matmul::{self, Dims};
use crate::ops::{Buf, Engine, View, ViewMut, Write, act, scale};
use protocol::says;

/// The lengths of one layer that are trained, and what follows from them.
#[derive(Debug)]
pub struct Dora {
    /// id of the trained lengths, `[output]`
    magnitude: usize,
    /// squared norms of the frozen weight's rows
    squares: Vec<f64>,
    /// `|V|` per row as the parameters are now
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
            squares,
            norms: empty()?,
            gain: empty()?,
            excess: empty()?,
        })
    }

    pub fn magnitude(&self) -> usize {
        self.magnitude
    }

    /// `m / |row|` for the rows of a whole matrix.
    pub fn gains_over(&self, merged: &Buf, params: &Params, (output, input): (usize, usize)) -> Result<Vec<f32>> {
        gains(&params.0[self.magnitude].value.to_vec(output)?, merged, input)
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
    /// Works out `|V|` and the gains anew, after the parameters changed:
    /// `|W_j + s B_j A|^2 = |W_j|^2 + 2 s B_j (A W^T)_j + s^2 B_j (A A^T) B_j^T`, so that no matrix of the layer's size is
    /// made.
    pub fn refresh(&mut self, work: &mut Work) -> Result<()> {
        self.refresh_oft(work.params)?;
        let (Some(term), Some(mut dora)) = (self.trained, self.dora.take()) else {
            return Ok(());
        };
        let (rank, output) = (term.rank, self.output);
        let (a, b) = (&work.params.0[term.a].value, &work.params.0[term.b].value);
        let device = a.device().clone();
        let mut across = Buf::zeros(rank * output, &device)?;
        work.tokens = rank;
        self.frozen_forward(a.view(), &mut across.view_mut(), work)?;
        let dims = |tokens, input, output| Dims { tokens, input, output };
        let mut gram = Buf::zeros(rank * rank, &device)?;
        work.engine.run(matmul::LinearForward {
            x: a.view(),
            w: a.view().into(),
            y: gram.view_mut(),
            dims: dims(rank, self.input, rank),
            write: Write::Overwrite,
            alpha: 1.0,
        })?;
        let mut bend = Buf::zeros(output * rank, &device)?;
        work.engine.run(matmul::LinearForward {
            x: b.view(),
            w: gram.view().into(),
            y: bend.view_mut(),
            dims: dims(output, rank, rank),
            write: Write::Overwrite,
            alpha: 1.0,
        })?;
        let (across, bend) = (across.to_vec(rank * output)?, bend.to_vec(output * rank)?);
        let b = b.to_vec(output * rank)?;
        let s = f64::from(term.scale);
        let norm = |j: usize| {
            let change: f64 = (0..rank)
                .map(|r| {
                    let at = j * rank + r;
                    f64::from(b[at]) * (2.0 * s * f64::from(across[r * output + j]) + s * s * f64::from(bend[at]))
                })
                .sum();
            (dora.squares[j] + change).max(0.0).sqrt()
        };
        let norms: Vec<f64> = (0..output).map(norm).collect();
        let magnitude = work.params.0[dora.magnitude].value.to_vec(output)?;
        let gain: Vec<f64> = magnitude.iter().zip(&norms).map(|(&m, n)| f64::from(m) / n).collect();
        let buf = |values: &mut dyn Iterator<Item = f64>| Buf::from_vec(values.map(|x| x as f32).collect(), &device);
        dora.norms = buf(&mut norms.iter().copied())?;
        dora.gain = buf(&mut gain.iter().copied())?;
        dora.excess = buf(&mut gain.iter().map(|g| g - 1.0))?;
        self.dora = Some(dora);
        Ok(())
    }

    /// `y`, the frozen layer's output, becomes the policy's (without bias).
    pub(super) fn dora_forward(
        &self,
        dora: &Dora,
        term: &TrainedTerm,
        (x, y): (View, &mut ViewMut),
        low: &mut ViewMut,
        work: &mut Work,
    ) -> Result<()> {
        let (n, len) = (work.tokens, work.tokens * self.output);
        let Some(dropout) = self.dropout(term, work.dropout_seed) else {
            self.trained_forward(term, (x, y), low, work)?;
            return work.engine.run(scale::ScaleColumns {
                y: y.view_mut(),
                factors: dora.gain.view(),
                tokens: n,
                width: self.output,
            });
        };
        let (mut masked, mut part) = (work.dropped.take(), work.scaled[1].take());
        work.engine.run(act::Drop {
            x,
            y: masked.fit(n * self.input)?.view_mut(),
            len: n * self.input,
            dropout,
            write: Write::Overwrite,
        })?;
        self.frozen_forward(masked.view(), &mut part.fit(len)?.view_mut(), work)?;
        work.engine.run(scale::ScaleColumns {
            y: part.view_mut(),
            factors: dora.excess.view(),
            tokens: n,
            width: self.output,
        })?;
        work.engine.run(act::Add {
            x: y.view_mut(),
            y: part.view(),
            len,
        })?;
        let (down, up) = self.low_dims(n, term.rank);
        let (a, b) = (&work.params.0[term.a].value, &work.params.0[term.b].value);
        work.engine.run(matmul::LinearForward {
            x: masked.view(),
            w: a.view().into(),
            y: low.view_mut(),
            dims: down,
            write: Write::Overwrite,
            alpha: 1.0,
        })?;
        work.engine.run(matmul::LinearForward {
            x: low.view(),
            w: b.view().into(),
            y: part.view_mut(),
            dims: up,
            write: Write::Overwrite,
            alpha: term.scale,
        })?;
        work.engine.run(scale::ScaleColumns {
            y: part.view_mut(),
            factors: dora.gain.view(),
            tokens: n,
            width: self.output,
        })?;
        work.engine.run(act::Add {
            x: y.view_mut(),
            y: part.view(),
            len,
        })?;
        (*work.dropped, work.scaled[1]) = (masked, part);
        Ok(())
    }

    pub(super) fn dora_backward(
        &self,
        (dora, term): (&Dora, &TrainedTerm),
        (x, low, dy): (View, View, View),
        mut dx: Option<(&mut Buf, Write)>,
        grads: &mut [Buf],
        work: &mut Work,
    ) -> Result<()> {
        let (n, len, wide) = (work.tokens, work.tokens * self.output, work.tokens * self.input);
        let dropout = self.dropout(term, work.dropout_seed);
        let (mut masked, mut part) = (work.dropped.take(), work.scaled[1].take());
        // V x', computed again rather than kept
        let seen = match dropout {
            None => x,
            Some(dropout) => {
                work.engine.run(act::Drop {
                    x,
                    y: masked.fit(wide)?.view_mut(),
                    len: wide,
                    dropout,
                    write: Write::Overwrite,
                })?;
                masked.view()
            }
        };
        self.frozen_forward(seen, &mut part.fit(len)?.view_mut(), work)?;
        let b = &work.params.0[term.b].value;
        let (_, up) = self.low_dims(n, term.rank);
        work.engine.run(matmul::LinearForward {
            x: low,
            w: b.view().into(),
            y: part.view_mut(),
            dims: up,
            write: Write::Accumulate,
            alpha: term.scale,
        })?;
        work.engine.run(scale::ColumnDots {
            a: dy,
            b: part.view(),
            norms: dora.norms.view(),
            out: grads[dora.magnitude].view_mut(),
            tokens: n,
            width: self.output,
        })?;

        let times = |factors: &Buf, part: &mut Buf| {
            work.engine.run(act::Copy {
                from: dy,
                to: part.view_mut(),
                len,
            })?;
            work.engine.run(scale::ScaleColumns {
                y: part.view_mut(),
                factors: factors.view(),
                tokens: n,
                width: self.output,
            })
        };
        if let (Some(dropout), Some((dx, write))) = (dropout, &mut dx) {
            self.frozen_backward(dy, dx, *write, work)?;
            times(&dora.excess, &mut part)?;
            self.frozen_backward(part.view(), &mut masked, Write::Overwrite, work)?;
            work.engine.run(act::Drop {
                x: masked.view(),
                y: dx.view_mut(),
                len: wide,
                dropout,
                write: Write::Accumulate,
            })?;
        }
        *work.dropped = masked;
        times(&dora.gain, &mut part)?;
        if let (None, Some((dx, write))) = (dropout, &mut dx) {
            self.frozen_backward(part.view(), dx, *write, work)?;
        }
        self.trained_backward(term, (x, low, part.view()), dx.map(|(dx, _)| dx), grads, work)?;
        work.scaled[1] = part;
        Ok(())
    }
}
