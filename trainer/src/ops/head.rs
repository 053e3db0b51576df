//! The language-model head: log-probability of each target without a `[rows, vocabulary]` matrix.
//!
//! One online-softmax pass over chunks of the vocabulary (*Online normalizer calculation for softmax*, arXiv 1805.02867).
//! Every loss here depends on log-probabilities alone, and `d logp / d h = W[target] - E_softmax[W]` needs nothing the pass
//! does not see, so it is gathered on the way and the backward pass of a frozen head is a multiplication by the loss's
//! coefficient. A head that trains needs its softmax again: it keeps the normaliser and recomputes.
mod card;
mod form;
mod logits;
mod spread;

pub use form::{Form, LowRankGrads, LowRankTerm};
pub use logits::HeadLogits;
pub use spread::{HeadCollisions, HeadEntropies, LIKELIEST};

use super::cpu::chunk::{Chunk, Hidden};
use super::cpu::matmul::widen;
use super::cpu::parallel::Rows;
use super::cpu::{self, ExpSums, by_float, parallel, simd};
use super::{Buf, Device, Operand, Operation, View, ViewMut, Write};
use crate::error::Result;
use crate::ops::cuda::Card;
use protocol::memory;

/// Vocabulary entries per pass: logits of one chunk stay in cache.
pub const CHUNK: usize = memory::HEAD_CHUNK;

/// `[rows, width]` hidden states against a `[vocab, width]` head.
#[derive(Clone, Copy, Debug)]
pub struct Dims {
    pub width: usize,
    pub vocab: usize,
}

/// The five numbers of each row, `[5, rows]`: log-probability of the target, mean logit, log of the normaliser,
/// log-probability of the likeliest token, entropy of all tokens in nats.
pub const STATS: usize = memory::HEAD_STATS;

/// The running softmax of one row.
#[derive(Clone, Copy)]
struct Running {
    max: f32,
    sum: f32,
    /// sum of `(logit - max) exp(logit - max)`
    moment: f32,
    target: f32,
    total: f64,
}

impl Running {
    /// Puts what was summed on the scale of a maximum that is no less, and gives the factor.
    #[inline(always)]
    fn rescale(&mut self, max: f32) -> f32 {
        let factor = cpu::exp(self.max - max);
        // of nothing yet, whose maximum is infinitely far below
        if self.sum > 0.0 {
            self.moment = (self.max - max).mul_add(self.sum, self.moment) * factor;
        }
        self.sum *= factor;
        self.max = max;
        factor
    }

    #[inline(always)]
    fn add(&mut self, chunk: ExpSums) {
        self.sum += chunk.sum;
        self.moment += chunk.moment;
    }
}

/// Fills `stats[5, rows]`, and with `unit_grad` also `unit[rows, width] = d logp / d h`, which heads with a low-rank term have
/// not: what trains in one needs the softmax again.
pub struct Head<'a> {
    pub h: View<'a>,
    pub w: Operand<'a>,
    /// `[rows]`
    pub targets: View<'a>,
    pub rows: usize,
    pub dims: Dims,
    pub form: Form<'a>,
    pub stats: ViewMut<'a>,
    pub unit: ViewMut<'a>,
    pub logits: ViewMut<'a>,
    pub unit_grad: bool,
}

impl Operation for Head<'_> {
    fn cpu(self) -> Result<()> {
        let Dims { width, vocab } = self.dims;
        let (h, open, targets) = (Hidden::of(self.h)?, self.w.open(), self.targets.u32()?);
        let (w, stats, unit, logits) = (open.values()?, self.stats.f32()?, self.unit.f32()?, self.logits.f32()?);
        let n = self.rows;
        self.form.has_unit_grad(self.unit_grad)?;
        let start = Running {
            max: f32::NEG_INFINITY,
            sum: 0.0,
            moment: 0.0,
            target: 0.0,
            total: 0.0,
        };
        let mut running = vec![start; n];
        if self.unit_grad {
            unit[..n * width].fill(0.0);
        }
        for first in (0..vocab).step_by(CHUNK) {
            let columns = CHUNK.min(vocab - first);
            let chunk = Chunk {
                w,
                first,
                rows: n,
                columns,
                width,
            };
            self.form.products(&chunk, h, &mut logits[..n * columns])?;
            let form = self.form.of_chunk(&chunk)?;
            if let Some(form) = &form {
                form.apply(&mut logits[..n * columns], columns);
            }
            let each = Rows::of(&mut logits[..n * columns], columns);
            let target = |row: usize| (targets[row] as usize).wrapping_sub(first);
            if self.unit_grad {
                let unit = Rows::of(&mut unit[..n * width], width);
                parallel::rows3(each, Rows::of(&mut running, 1), unit, |row, logits, running, unit| {
                    let each = logits
                        .chunks_exact_mut(columns)
                        .zip(running)
                        .zip(unit.chunks_exact_mut(width));
                    for (i, ((logits, running), unit)) in each.enumerate() {
                        let factors = form.as_ref().map(|form| form.factors(logits));
                        chunk_row_grad(logits, running, target(row + i), unit);
                        if let Some(factors) = factors {
                            form::times(logits, &factors);
                        }
                    }
                });
            } else {
                parallel::rows2(each, Rows::of(&mut running, 1), |row, logits, running| {
                    for (i, (logits, running)) in logits.chunks_exact_mut(columns).zip(running).enumerate() {
                        chunk_row(logits, running, target(row + i));
                    }
                });
            }
            if self.unit_grad {
                chunk.times_weights(h, logits, unit, Write::Accumulate);
            }
        }
        for (i, r) in running.iter().enumerate() {
            let normaliser = r.max + r.sum.ln();
            stats[i] = r.target - normaliser;
            stats[n + i] = (r.total / vocab as f64) as f32;
            stats[2 * n + i] = normaliser;
            stats[3 * n + i] = r.max - normaliser;
            stats[4 * n + i] = r.sum.ln() - r.moment / r.sum;
        }
        if self.unit_grad {
            parallel::rows1(&mut unit[..n * width], width, |row, unit| {
                let mut target = vec![0f32; width];
                for (i, unit) in unit.chunks_exact_mut(width).enumerate() {
                    let running = running[row + i];
                    widen(w, targets[row + i] as usize * width, &mut target);
                    if !self.form.is_plain() {
                        let factor = self.form.of_target(running.target, &target);
                        cpu::scale(&mut target, factor);
                    }
                    finish_row(unit, &target, 1.0 / running.sum);
                }
            });
        }
        Ok(())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card::forward(self, card)
    }
}

simd! {
fn chunk_row(logits: &[f32], running: &mut Running, target: usize) {
    if let Some(&logit) = logits.get(target) {
        running.target = logit;
    }
    running.total += f64::from(cpu::sum(logits));
    let max = cpu::max(logits).max(running.max);
    running.rescale(max);
    running.add(cpu::exp_sums(logits, max));
}
}

simd! {
/// As [`chunk_row`], leaving `exp(logit - max)` in `logits` and `unit` on the same scale.
fn chunk_row_grad(logits: &mut [f32], running: &mut Running, target: usize, unit: &mut [f32]) {
    if let Some(&logit) = logits.get(target) {
        running.target = logit;
    }
    running.total += f64::from(cpu::sum(logits));
    let max = cpu::max(logits).max(running.max);
    let factor = running.rescale(max);
    running.add(cpu::exp_sums_in_place(logits, max));
    if factor != 1.0 {
        cpu::scale(unit, factor);
    }
}
}

simd! {
fn finish_row(unit: &mut [f32], target: &[f32], inverse: f32) {
    for i in 0..unit.len() {
        unit[i] = target[i] - unit[i] * inverse;
    }
}
}

/// Scratch for one chunk of logits.
pub fn scratch_len(rows: usize, vocab: usize) -> usize {
    rows * CHUNK.min(vocab)
}

/// For a head that trains: sets `dh[rows, width]` and adds to `dw[vocab, width]`, `dbias[vocab]` and the gradients of a low-rank
/// term where these are asked for, from the loss's coefficient per row.
pub struct HeadBackward<'a> {
    pub h: View<'a>,
    pub w: Operand<'a>,
    pub stats: View<'a>,
    /// `[rows]`
    pub targets: View<'a>,
    /// `[rows]`
    pub coefficients: View<'a>,
    pub rows: usize,
    pub dims: Dims,
    pub form: Form<'a>,
    pub dh: ViewMut<'a>,
    pub dw: Option<ViewMut<'a>>,
    pub dbias: Option<ViewMut<'a>>,
    /// of the form's low-rank term; what goes on from its input side to `dh` is not in there
    pub low_rank: Option<LowRankGrads<'a>>,
    pub logits: ViewMut<'a>,
}

impl Operation for HeadBackward<'_> {
    fn cpu(self) -> Result<()> {
        let Dims { width, vocab } = self.dims;
        let (h, open, stats) = (Hidden::of(self.h)?, self.w.open(), self.stats.f32()?);
        let (w, dh, logits) = (open.values()?, self.dh.f32()?, self.logits.f32()?);
        let mut dw = self.dw;
        let mut low_rank = self.form.low_rank.zip(self.low_rank);
        let mut dbias = self.dbias.map(ViewMut::f32).transpose()?;
        let n = self.rows;
        let (targets, coefficients) = (self.targets.u32()?, self.coefficients.f32()?);
        for first in (0..vocab).step_by(CHUNK) {
            let columns = CHUNK.min(vocab - first);
            let grads = &mut logits[..n * columns];
            let chunk = Chunk {
                w,
                first,
                rows: n,
                columns,
                width,
            };
            self.form.products(&chunk, h, grads)?;
            let form = self.form.of_chunk(&chunk)?;
            if let Some(form) = &form {
                form.apply(grads, columns);
            }
            parallel::rows1(grads, columns, |row, grads| {
                for (i, grads) in grads.chunks_exact_mut(columns).enumerate() {
                    let coefficient = coefficients[row + i];
                    let slopes = form.as_ref().map(|form| form.slopes(grads));
                    logit_grad_row(grads, stats[2 * n + row + i], coefficient);
                    let target = (targets[row + i] as usize).wrapping_sub(first);
                    if let Some(grad) = grads.get_mut(target) {
                        *grad += coefficient;
                    }
                    if let Some(slopes) = slopes {
                        form::times(grads, &slopes);
                    }
                }
            });
            if let Some(dbias) = &mut dbias {
                let dbias = &mut dbias[first..first + columns];
                grads.chunks_exact(columns).for_each(|grads| form::plus(dbias, grads));
            }
            let inverse = form.and_then(|form| form.inverse);
            if let Some(inverse) = &inverse {
                grads
                    .chunks_exact_mut(columns)
                    .for_each(|grads| form::times(grads, inverse));
            }
            let write = if first > 0 { Write::Accumulate } else { Write::Overwrite };
            chunk.times_weights(h, grads, dh, write);
            if let Some((term, to)) = &mut low_rank {
                let (b, hidden) = (Operand::View(term.b).open(), Hidden::of(term.hidden)?);
                let of_term = term.of_chunk(&chunk, b.values()?);
                of_term.times_weights(hidden, grads, to.hidden.view_mut().f32()?, write);
                of_term.add_weight_grads(hidden, grads, to.b.view_mut())?;
            }
            match (&mut dw, inverse) {
                (None, _) => {}
                (Some(dw), None) => chunk.add_weight_grads(h, grads, dw.view_mut())?,
                (Some(dw), Some(inverse)) => {
                    let mut part = Buf::zeros(columns * width, &Device::cpu())?;
                    Chunk { first: 0, ..chunk }.add_weight_grads(h, grads, part.view_mut())?;
                    by_float!(dw.dtype(), F => {
                        let dw = dw.part(first * width, columns * width)?.get::<F>()?;
                        form::through_lengths(w, &inverse, part.view().f32()?, dw, first);
                        Ok(())
                    })?;
                }
            }
        }
        Ok(())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card::backward(self, card)
    }
}

simd! {
/// logits to `-coefficient * softmax`
fn logit_grad_row(logits: &mut [f32], normaliser: f32, coefficient: f32) {
    for x in logits {
        *x = -coefficient * cpu::exp(*x - normaliser);
    }
}
}
