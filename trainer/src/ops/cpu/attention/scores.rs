//! What becomes of products of queries and keys before the softmax: scale, soft-cap, and a bias of the distance.
use super::super::super::attention::{Alibi, Shape};
use super::super::{Float, dot, exp, exp_in_place, max, simd, tanh};
use super::blocks::Block;
use crate::error::Result;
use half::bf16;
use protocol::decoder::Span;

/// Attention of one shape, with the slopes of its heads where they have any.
#[derive(Clone, Copy)]
pub struct Form<'a> {
    pub shape: Shape,
    slopes: Option<&'a [f32]>,
    rounded: bool,
}

impl<'a> Form<'a> {
    pub fn of(shape: Shape, alibi: Option<Alibi<'a>>) -> Result<Self> {
        let slopes = alibi.map(|alibi| alibi.slopes.f32()).transpose()?;
        Ok(Self {
            shape,
            slopes: slopes.map(|slopes| &slopes[..shape.heads]),
            rounded: alibi.is_some_and(|alibi| alibi.rounded),
        })
    }

    pub fn scores(&self, head: usize) -> Scores {
        Scores {
            span: self.shape.span,
            scale: self.shape.scale,
            soft_cap: self.shape.soft_cap,
            slope: self.slopes.map(|slopes| slopes[head]),
            rounded: self.rounded,
        }
    }
}

/// From products to scores, for one head.
#[derive(Clone, Copy)]
pub struct Scores {
    span: Span,
    scale: f32,
    soft_cap: Option<f32>,
    slope: Option<f32>,
    rounded: bool,
}

/// What the forward pass left of a row, and the gradient of its output.
#[derive(Clone, Copy)]
pub struct SavedRow<'a, F> {
    pub lse: f32,
    pub o: &'a [F],
    pub d_o: &'a [F],
}

/// A row's query, and the first of its columns, counted through all that its segment sees.
#[derive(Clone, Copy)]
pub struct Place {
    pub own: usize,
    pub first: usize,
}

impl Scores {
    /// Softmax of the scores that row `r` of a block sees, from its products; returns the log of the normaliser.
    pub fn softmax(&self, row: &mut [f32], block: &Block, r: usize) -> f32 {
        let (low, high) = block.visible(r, self.span);
        if self.are_products() {
            return softmax_row(row, low, high, self.scale);
        }
        score_row(&mut row[low..high], self, block.place(r, low));
        softmax_row(row, low, high, 1.0)
    }

    /// From products and dP of row `r`: `p = exp(s - lse)`, `ds = p (dP - o . do)` by the scaled product, zero where nothing is
    /// seen.
    pub fn grads<F: Float>(&self, p: &mut [f32], ds: &mut [f32], block: &Block, r: usize, saved: SavedRow<F>) {
        let (low, high) = block.visible(r, self.span);
        for row in [&mut *p, &mut *ds] {
            row[..low].fill(0.0);
            row[high..].fill(0.0);
        }
        let (p, ds) = (&mut p[low..high], &mut ds[low..high]);
        match self.are_products() {
            true => grad_row(p, ds, self.scale, saved),
            false => shaped_grad_row(p, ds, self, block.place(r, low), saved),
        }
    }

    /// Whether a score is its product times the scale.
    fn are_products(&self) -> bool {
        self.soft_cap.is_none() && self.slope.is_none()
    }

    /// A score, and its derivative by the scaled product.
    #[inline(always)]
    fn of(&self, product: f32, own: usize, column: usize) -> (f32, f32) {
        let x = product * self.scale;
        let (x, derivative) = match self.soft_cap {
            None => (x, 1.0),
            Some(cap) => {
                let t = tanh(x / cap);
                (cap * t, 1.0 - t * t)
            }
        };
        (x + self.bias(own, column), derivative)
    }

    #[inline(always)]
    fn bias(&self, own: usize, column: usize) -> f32 {
        let Some(slope) = self.slope else { return 0.0 };
        if !self.rounded {
            return slope * -((own - column) as f32);
        }
        let place = |column: usize| {
            let column = bf16::from_f32(column as f32).to_f32();
            bf16::from_f32(slope * column).to_f32()
        };
        (place(column) - place(own)) * self.scale
    }
}

simd! {
/// Products become scores.
fn score_row(row: &mut [f32], scores: &Scores, place: Place) {
    for (i, x) in row.iter_mut().enumerate() {
        *x = scores.of(*x, place.own, place.first + i).0;
    }
}
}

simd! {
fn shaped_grad_row<F: Float>(p: &mut [f32], ds: &mut [f32], scores: &Scores, place: Place, saved: SavedRow<F>) {
    let delta = dot(saved.o, saved.d_o);
    for (i, (p, ds)) in p.iter_mut().zip(ds).enumerate() {
        let (score, derivative) = scores.of(*p, place.own, place.first + i);
        *p = exp(score - saved.lse);
        *ds = *p * (*ds - delta) * derivative;
    }
}
}

simd! {
fn grad_row<F: Float>(p: &mut [f32], ds: &mut [f32], scale: f32, saved: SavedRow<F>) {
    let (delta, lse) = (dot(saved.o, saved.d_o), saved.lse);
    for i in 0..p.len() {
        p[i] = exp(p[i].mul_add(scale, -lse));
        ds[i] = p[i] * (ds[i] - delta);
    }
}
}

simd! {
/// Softmax of the visible columns, `low..high`, times `scale`, zero elsewhere; returns the log of the normaliser.
fn softmax_row(row: &mut [f32], low: usize, high: usize, scale: f32) -> f32 {
    row[..low].fill(0.0);
    row[high..].fill(0.0);
    let seen = &mut row[low..high];
    let shift = max(seen) * scale;
    let sum = exp_in_place(seen, scale, shift);
    super::super::scale(seen, 1.0 / sum);
    shift + sum.ln()
}
}
