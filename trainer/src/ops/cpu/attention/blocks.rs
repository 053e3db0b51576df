//! Attention cut into blocks: which keys a block of queries sees, and the three products of one head over them.
use super::super::matmul::{Dims, Strided, Strides};
use super::super::parallel::Shared;
use super::super::{Float, simd};
use super::factor::Factor;
use super::scores::Place;
use crate::plan::Segment;
use protocol::decoder::Span;
use std::ops::Range;

/// Queries per block.
pub const BLOCK: usize = 128;
/// A block meets the keys among its own queries in steps of this many, each with the queries that see them: half of what
/// the causal mask hides is never computed.
const STEP: usize = 64;

/// Some queries of one segment and the keys they see.
pub struct Block<'a> {
    segment: &'a Segment,
    /// first query of the block within the segment
    start: usize,
    pub rows: usize,
    /// keys in the context ranges
    context: usize,
    /// keys before the span of the first query: none of the block's queries sees them
    hidden: usize,
}

/// `len` keys from `key` on, in the columns from `column` on, and the block's queries from `row` on that see them.
pub struct Stretch {
    row: usize,
    pub column: usize,
    key: usize,
    pub len: usize,
}

impl<'a> Block<'a> {
    pub fn new(segment: &'a Segment, start: usize, span: Span) -> Self {
        let context = segment.context.iter().map(ExactSizeIterator::len).sum();
        Self {
            segment,
            start,
            rows: BLOCK.min(segment.len - start),
            context,
            hidden: span.first_seen(context + start),
        }
    }

    pub fn columns(&self) -> usize {
        self.context + self.start + self.rows - self.hidden
    }

    pub fn query(&self) -> usize {
        self.segment.query + self.start
    }

    /// In the order of their columns; the first one is all queries'.
    fn stretches(&self) -> impl Iterator<Item = Stretch> + use<'a> {
        let Self {
            segment,
            start,
            rows,
            hidden,
            ..
        } = *self;
        let context = segment.context.iter().map(|r| (0, r.start, r.len()));
        let own = std::iter::once((0, segment.key, start + rows.min(STEP)));
        let steps = (STEP..rows)
            .step_by(STEP)
            .map(move |row| (row, segment.key + start + row, STEP.min(rows - row)));
        let mut seen = 0;
        context.chain(own).chain(steps).filter_map(move |(row, key, len)| {
            let skipped = hidden.saturating_sub(seen).min(len);
            let first = seen + skipped;
            seen += len;
            (skipped < len).then(|| Stretch {
                row,
                column: first - hidden,
                key: key + skipped,
                len: len - skipped,
            })
        })
    }

    /// columns row `r` sees
    pub fn visible(&self, r: usize, span: Span) -> (usize, usize) {
        let own = self.context + self.start + r;
        (span.first_seen(own) - self.hidden, own + 1 - self.hidden)
    }

    /// Row `r`'s query and the column `low` of those it sees, counted through all that the segment sees.
    pub fn place(&self, r: usize, low: usize) -> Place {
        Place {
            own: self.context + self.start + r,
            first: self.hidden + low,
        }
    }
}

/// Heads of one width: those of queries and keys, or those of outputs and values.
#[derive(Clone, Copy)]
pub struct Heads {
    /// to a query
    pub count: usize,
    /// to a key
    pub kv: usize,
    pub dim: usize,
}

impl Heads {
    pub fn q_width(self) -> usize {
        self.count * self.dim
    }

    pub fn k_width(self) -> usize {
        self.kv * self.dim
    }
}

/// One head of a block: where its queries and keys lie, and the three products over them. A matrix of scores is
/// `[rows, columns]`; of it only what some query sees is read or written.
pub struct Head<'a> {
    pub block: &'a Block<'a>,
    pub heads: Heads,
    /// this head's place in the block's first query, and in each key
    query: usize,
    key: usize,
}

impl<'a> Head<'a> {
    pub fn new(heads: Heads, block: &'a Block<'a>, head: usize) -> Self {
        Self {
            query: block.query() * heads.q_width() + head * heads.dim,
            key: head / (heads.count / heads.kv) * heads.dim,
            block,
            heads,
        }
    }

    /// where row `r` of this head lies among the queries
    pub fn row(&self, r: usize) -> Range<usize> {
        let at = self.query + r * self.heads.q_width();
        at..at + self.heads.dim
    }

    /// Each stretch with the place of its first score, first query and first key.
    pub fn places(&self) -> impl Iterator<Item = (Stretch, [usize; 3])> {
        self.block.stretches().map(|s| {
            let score = s.row * self.block.columns() + s.column;
            let at = [score, self.row(s.row).start, s.key * self.heads.k_width() + self.key];
            (s, at)
        })
    }

    fn strides(&self) -> [Strides; 3] {
        [self.block.columns(), self.heads.q_width(), self.heads.k_width()].map(Strides::rows)
    }

    /// `scores = x y^T`
    ///
    /// # Safety
    /// `check` holds of `x` as queries and of `y` as keys; `scores` holds rows x columns.
    pub unsafe fn scores<F: Factor>(&self, x: &[F], y: &[F], scores: &mut [f32]) {
        let [wide, q, k] = self.strides();
        for (s, [score, query, key]) in self.places() {
            let dims = Dims {
                rows: self.block.rows - s.row,
                columns: s.len,
                terms: self.heads.dim,
            };
            // SAFETY: the caller's promise.
            unsafe {
                let out = strided(scores.as_mut_ptr().add(score), wide);
                let x = strided(x.as_ptr().add(query), q);
                let y = strided(y.as_ptr().add(key), k.transposed());
                F::gemm(dims, out, x, y, false, 1.0);
            }
        }
    }

    /// `out = scale scores y`, by query; `sums` is scratch.
    ///
    /// # Safety
    /// As of [`Self::scores`]; this head of the block's queries in `out` is nobody else's.
    pub unsafe fn to_queries<F: Factor>(&self, scores: &[F], y: &[F], out: Shared<F>, scale: f32, sums: &mut Vec<f32>) {
        let [wide, q, k] = self.strides();
        // SAFETY: the caller's promise.
        let place = unsafe { out.ptr().add(self.query) };
        // sums of several parts wait in f32
        let (sum, strides) = match F::as_f32(place) {
            Some(place) => (place, q),
            None => (
                fit(sums, self.block.rows * self.heads.dim).as_mut_ptr(),
                Strides::rows(self.heads.dim),
            ),
        };
        for (s, [score, _, key]) in self.places() {
            let dims = Dims {
                rows: self.block.rows - s.row,
                columns: self.heads.dim,
                terms: s.len,
            };
            // SAFETY: the caller's promise.
            unsafe {
                let out = strided(sum.add(s.row * strides.row), strides);
                let scores = strided(scores.as_ptr().add(score), wide);
                let y = strided(y.as_ptr().add(key), k);
                F::gemm(dims, out, scores, y, s.column > 0, scale);
            }
        }
        if F::as_f32(place).is_none() {
            for (row, sums) in sums.chunks_exact(self.heads.dim).take(self.block.rows).enumerate() {
                // SAFETY: the caller's promise.
                round_row(sums, unsafe { out.slice(self.row(row).start, self.heads.dim) });
            }
        }
    }

    /// `out += scale scores^T x`, by key; `out` is laid out as keys are, or holds this head of them alone.
    ///
    /// # Safety
    /// As of [`Self::scores`]; this head of the keys in `out` is nobody else's.
    pub unsafe fn to_keys<F: Factor>(&self, scores: &[F], x: &[F], out: KeySums, scale: f32) {
        let [wide, q, _] = self.strides();
        for (s, [score, query, _]) in self.places() {
            let dims = Dims {
                rows: s.len,
                columns: self.heads.dim,
                terms: self.block.rows - s.row,
            };
            // SAFETY: the caller's promise.
            unsafe {
                let out = Strided::rows(out.first.ptr().add((s.key - out.start) * out.width), out.width);
                let scores = strided(scores.as_ptr().add(score), wide.transposed());
                let x = strided(x.as_ptr().add(query), q);
                F::gemm(dims, out, scores, x, true, scale);
            }
        }
    }
}

fn strided<P>(values: P, strides: Strides) -> Strided<P> {
    Strided { values, strides }
}

/// Where sums by key go: one head of the key at `start`, and how far it is to the next key's.
#[derive(Clone, Copy)]
pub struct KeySums {
    pub first: Shared,
    pub start: usize,
    pub width: usize,
}

simd! {
pub fn round_row<F: Float>(sums: &[f32], out: &mut [F]) {
    for (out, sum) in out.iter_mut().zip(sums) {
        *out = F::rounded(*sum);
    }
}
}

pub fn fit(scratch: &mut Vec<f32>, len: usize) -> &mut [f32] {
    if scratch.len() < len {
        scratch.resize(len, 0.0);
    }
    &mut scratch[..len]
}
