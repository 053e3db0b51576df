//! How far a row's probabilities are spread out: the chance that two draws agree, and the entropy of the likeliest tokens.
use super::super::cpu::chunk::{Chunk, Hidden};
use super::super::cpu::parallel::Rows;
use super::super::cpu::{self, parallel, simd};
use super::super::{Operand, Operation, View, ViewMut};
use super::{CHUNK, Dims, Form, card};
use crate::error::Result;
use crate::ops::cuda::Card;

/// `sums[rows] = ln sum_v p(v)^2`, from the same hidden states and head as `stats`: the chance that two draws agree.
pub struct HeadCollisions<'a> {
    pub h: View<'a>,
    pub w: Operand<'a>,
    pub stats: View<'a>,
    pub rows: usize,
    pub dims: Dims,
    pub form: Form<'a>,
    pub sums: ViewMut<'a>,
    pub logits: ViewMut<'a>,
}

impl Operation for HeadCollisions<'_> {
    fn cpu(self) -> Result<()> {
        let Dims { width, vocab } = self.dims;
        let (h, open, stats) = (Hidden::of(self.h)?, self.w.open(), self.stats.f32()?);
        let (w, sums, logits) = (open.values()?, self.sums.f32()?, self.logits.f32()?);
        let n = self.rows;
        sums[..n].fill(0.0);
        for first in (0..vocab).step_by(CHUNK) {
            let columns = CHUNK.min(vocab - first);
            let logits = &mut logits[..n * columns];
            let chunk = Chunk {
                w,
                first,
                rows: n,
                columns,
                width,
            };
            self.form.products(&chunk, h, logits)?;
            if let Some(form) = self.form.of_chunk(&chunk)? {
                form.apply(logits, columns);
            }
            parallel::rows2(
                Rows::of(logits, columns),
                Rows::of(&mut sums[..n], 1),
                |row, logits, sums| {
                    for (i, (logits, sum)) in logits.chunks_exact_mut(columns).zip(sums).enumerate() {
                        *sum += squares_row(logits, stats[2 * n + row + i]);
                    }
                },
            );
        }
        sums[..n].iter_mut().for_each(|sum| *sum = sum.ln());
        Ok(())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card::collisions(self, card)
    }
}

simd! {
/// `sum of softmax^2` over a chunk, which is left changed
fn squares_row(logits: &mut [f32], normaliser: f32) -> f32 {
    cpu::exp_in_place(logits, 2.0, 2.0 * normaliser)
}
}

/// How many of the likeliest tokens [`HeadEntropies`] looks at.
pub const LIKELIEST: usize = 20;

/// `entropies[rows]` of the [`LIKELIEST`] likeliest tokens among themselves, from the same hidden states and head; `top` is
/// scratch of that many values a row.
pub struct HeadEntropies<'a> {
    pub h: View<'a>,
    pub w: Operand<'a>,
    pub rows: usize,
    pub dims: Dims,
    pub form: Form<'a>,
    pub entropies: ViewMut<'a>,
    pub top: ViewMut<'a>,
    pub logits: ViewMut<'a>,
}

impl Operation for HeadEntropies<'_> {
    fn cpu(self) -> Result<()> {
        let Dims { width, vocab } = self.dims;
        let (h, open) = (Hidden::of(self.h)?, self.w.open());
        let (w, entropies, top, logits) = (
            open.values()?,
            self.entropies.f32()?,
            self.top.f32()?,
            self.logits.f32()?,
        );
        let n = self.rows;
        let top = &mut top[..n * LIKELIEST];
        top.fill(f32::NEG_INFINITY);
        for first in (0..vocab).step_by(CHUNK) {
            let columns = CHUNK.min(vocab - first);
            let logits = &mut logits[..n * columns];
            let chunk = Chunk {
                w,
                first,
                rows: n,
                columns,
                width,
            };
            self.form.products(&chunk, h, logits)?;
            if let Some(form) = self.form.of_chunk(&chunk)? {
                form.apply(logits, columns);
            }
            parallel::rows2(Rows::of(logits, columns), Rows::of(top, LIKELIEST), |_, logits, top| {
                for (logits, top) in logits.chunks_exact(columns).zip(top.chunks_exact_mut(LIKELIEST)) {
                    logits.iter().for_each(|&logit| climb(top, logit));
                }
            });
        }
        for (entropy, top) in entropies[..n].iter_mut().zip(top.chunks_exact(LIKELIEST)) {
            *entropy = entropy_of(top);
        }
        Ok(())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card::entropies(self, card)
    }
}

/// Puts a logit in its place among the largest so far, which stand largest first.
fn climb(top: &mut [f32], logit: f32) {
    let mut place = LIKELIEST;
    while place > 0 && logit > top[place - 1] {
        place -= 1;
        if place + 1 < LIKELIEST {
            top[place + 1] = top[place];
        }
    }
    if let Some(free) = top.get_mut(place) {
        *free = logit;
    }
}

/// `-sum p ln p` with `p` the softmax of these logits alone, largest first; a small vocabulary leaves places empty.
fn entropy_of(top: &[f32]) -> f32 {
    let above = |x: f32| f64::from(x) - f64::from(top[0]);
    let there = || top.iter().copied().filter(|x| x.is_finite());
    let sum: f64 = there().map(|x| above(x).exp()).sum();
    let mean: f64 = there().map(|x| above(x).exp() / sum * above(x)).sum();
    (sum.ln() - mean) as f32
}
