//! What a head does beside its product: a low-rank term, row lengths, a bias, a scale and a cap of the logits, and the way back
//! through them.
use super::super::cpu::chunk::{Chunk, Hidden};
use super::super::cpu::matmul::widened;
use super::super::cpu::{self, parallel, simd};
use super::super::{Operand, Values, View, ViewMut, Write};
use crate::error::{Error, Result};

/// `logit = cap(scale * (w h / |w| + b p + bias))`, each part where it is there.
#[derive(Clone, Copy)]
pub struct Form<'a> {
    /// rows of the table are divided by their length
    pub normalized: bool,
    /// with no table that is divided by its lengths
    pub low_rank: Option<LowRankTerm<'a>>,
    /// `[vocab]`
    pub bias: Option<View<'a>>,
    pub scale: f32,
    /// `c` of `c tanh(x / c)`
    pub soft_cap: Option<f32>,
}

/// `b p` of each row: the output side of a low-rank term, and what its input side makes of the row.
#[derive(Clone, Copy)]
pub struct LowRankTerm<'a> {
    /// `[rows, rank]`, with the term's factor, in the type of the hidden states
    pub hidden: View<'a>,
    /// `[vocab, rank]`
    pub b: View<'a>,
    pub rank: usize,
}

impl LowRankTerm<'_> {
    /// The same entries of the vocabulary, of `b`.
    pub(super) fn of_chunk<'b>(&self, chunk: &Chunk, b: Values<'b>) -> Chunk<'b> {
        Chunk {
            w: b,
            first: chunk.first,
            rows: chunk.rows,
            columns: chunk.columns,
            width: self.rank,
        }
    }
}

/// The gradients of a low-rank term.
pub struct LowRankGrads<'a> {
    /// `[rows, rank]`, by what its input side gives; set
    pub hidden: ViewMut<'a>,
    /// `[vocab, rank]`; added to
    pub b: ViewMut<'a>,
}

/// Of a row that is shorter, this is taken: torch's `normalize`.
const SHORTEST: f32 = 1e-12;

impl Form<'_> {
    /// The product alone.
    pub fn plain() -> Self {
        Self {
            normalized: false,
            low_rank: None,
            bias: None,
            scale: 1.0,
            soft_cap: None,
        }
    }

    /// Whether its products are the logits.
    pub fn is_plain(&self) -> bool {
        !self.normalized && self.bias.is_none() && self.scale == 1.0 && self.soft_cap.is_none()
    }

    /// # Errors
    /// A unit gradient is asked for, and there is none.
    pub(super) fn has_unit_grad(&self, asked: bool) -> Result<()> {
        match asked && self.low_rank.is_some() {
            true => Err(Error::internal("a head with a low-rank term has no unit gradient")),
            false => Ok(()),
        }
    }

    /// The products of a chunk, before their form: `logits[rows, columns] = h w^T + p b^T`.
    pub(super) fn products(&self, chunk: &Chunk, h: Hidden, logits: &mut [f32]) -> Result<()> {
        chunk.logits(h, logits, Write::Overwrite);
        if let Some(term) = &self.low_rank {
            let b = Operand::View(term.b).open();
            let hidden = Hidden::of(term.hidden)?;
            term.of_chunk(chunk, b.values()?)
                .logits(hidden, logits, Write::Accumulate);
        }
        Ok(())
    }

    /// The same over the entries of a chunk; `None` where its products are the logits.
    pub(super) fn of_chunk(&self, chunk: &Chunk) -> Result<Option<OfChunk<'_>>> {
        if self.is_plain() {
            return Ok(None);
        }
        let range = chunk.first..chunk.first + chunk.columns;
        let bias = self.bias.map(View::f32).transpose()?;
        Ok(Some(OfChunk {
            inverse: self.normalized.then(|| inverse_lengths(chunk)),
            bias: bias.map(|bias| &bias[range]),
            scale: self.scale,
            soft_cap: self.soft_cap,
        }))
    }

    /// What the target's row is multiplied with on the way back.
    pub(super) fn of_target(&self, logit: f32, row: &[f32]) -> f32 {
        let inverse = if self.normalized { inverse_length(row) } else { 1.0 };
        slope(logit, self.scale, self.soft_cap) * inverse
    }
}

fn inverse_length(row: &[f32]) -> f32 {
    1.0 / cpu::dot(row, row).sqrt().max(SHORTEST)
}

fn inverse_lengths(chunk: &Chunk) -> Vec<f32> {
    let mut inverse = vec![0.0; chunk.columns];
    widened(chunk.w, chunk.first, chunk.columns, chunk.width, |at, w| {
        let out = &mut inverse[at..at + w.len() / chunk.width];
        lengths_block(w, out, chunk.width);
    });
    inverse
}

simd! {
fn lengths_block(w: &[f32], out: &mut [f32], width: usize) {
    for (out, row) in out.iter_mut().zip(w.chunks_exact(width)) {
        *out = inverse_length(row);
    }
}
}

/// The derivative of a logit by `product / |w| + bias`.
#[inline(always)]
fn slope(logit: f32, scale: f32, soft_cap: Option<f32>) -> f32 {
    match soft_cap {
        None => scale,
        Some(cap) => scale * (1.0 - (logit / cap) * (logit / cap)),
    }
}

/// A form over some entries of the vocabulary.
pub(super) struct OfChunk<'a> {
    /// one over the length of each row
    pub inverse: Option<Vec<f32>>,
    bias: Option<&'a [f32]>,
    scale: f32,
    soft_cap: Option<f32>,
}

impl OfChunk<'_> {
    /// Makes logits of products, rows of `columns`.
    pub fn apply(&self, logits: &mut [f32], columns: usize) {
        parallel::rows1(logits, columns, |_, logits| {
            for row in logits.chunks_exact_mut(columns) {
                self.apply_row(row);
            }
        });
    }

    fn apply_row(&self, row: &mut [f32]) {
        if let Some(inverse) = &self.inverse {
            times(row, inverse);
        }
        if let Some(bias) = self.bias {
            plus(row, bias);
        }
        if self.scale != 1.0 {
            scaled(row, self.scale);
        }
        if let Some(cap) = self.soft_cap {
            capped(row, cap);
        }
    }

    /// Of a row of logits, what the way back multiplies the gradient of each with, up to its row's length.
    pub fn slopes(&self, logits: &[f32]) -> Vec<f32> {
        let mut slopes = vec![self.scale; logits.len()];
        if let Some(cap) = self.soft_cap {
            slopes_row(logits, &mut slopes, self.scale, cap);
        }
        slopes
    }

    /// The same with the length of its row.
    pub fn factors(&self, logits: &[f32]) -> Vec<f32> {
        let mut factors = self.slopes(logits);
        if let Some(inverse) = &self.inverse {
            times(&mut factors, inverse);
        }
        factors
    }
}

simd! {
pub(super) fn times(row: &mut [f32], factors: &[f32]) {
    for (x, factor) in row.iter_mut().zip(factors) {
        *x *= factor;
    }
}
}

simd! {
pub(super) fn plus(row: &mut [f32], more: &[f32]) {
    for (x, more) in row.iter_mut().zip(more) {
        *x += more;
    }
}
}

simd! {
fn scaled(row: &mut [f32], factor: f32) {
    cpu::scale(row, factor);
}
}

simd! {
fn capped(row: &mut [f32], cap: f32) {
    for x in row {
        *x = cap * cpu::tanh(*x / cap);
    }
}
}

simd! {
fn slopes_row(logits: &[f32], slopes: &mut [f32], scale: f32, cap: f32) {
    for (out, logit) in slopes.iter_mut().zip(logits) {
        *out = slope(*logit, scale, Some(cap));
    }
}
}

/// Adds a chunk's part to the gradient of the rows that were divided by their lengths: `d - u (u d)` with `u` the row as it
/// was used and `d` what the rows would have, had they not been divided.
pub(super) fn through_lengths<F: cpu::Float>(w: Values, inverse: &[f32], part: &[f32], dw: &mut [F], first: usize) {
    let width = part.len() / inverse.len().max(1);
    widened(w, first, inverse.len(), width, |at, w| {
        let len = w.len();
        let (part, inverse) = (&part[at * width..], &inverse[at..]);
        parallel::rows1(&mut dw[at * width..][..len], width, |row, dw| {
            lengths_grad(&w[row * width..], &part[row * width..], &inverse[row..], dw, width);
        });
    });
}

simd! {
fn lengths_grad<F: cpu::Float>(w: &[f32], part: &[f32], inverse: &[f32], dw: &mut [F], width: usize) {
    let rows = w.chunks_exact(width).zip(part.chunks_exact(width)).zip(inverse);
    for (((w, part), inverse), dw) in rows.zip(dw.chunks_exact_mut(width)) {
        let along = cpu::dot(w, part) * inverse * inverse;
        for i in 0..width {
            dw[i] = F::rounded(dw[i].widened() + (part[i] - w[i] * along));
        }
    }
}
}
