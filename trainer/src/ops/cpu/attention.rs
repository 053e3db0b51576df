//! Attention on the CPU: blocks of queries against all their keys, one task per segment and head.
use super::super::attention::Shape;
use super::matmul::{FEW, Strides, gemm};
use super::parallel::{self, Shared};
use super::{axpy, dot, exp, exp_in_place, max, simd};
use crate::plan::Segment;
use std::cell::RefCell;
use std::ops::Range;

/// Queries per block.
const BLOCK: usize = 128;
/// Blocks per forward task: enough work to be worth handing out.
const BLOCKS: usize = 2;
/// A block meets the keys among its own queries in steps of this many, each with the queries that see them: half of what
/// the causal mask hides is never computed.
const STEP: usize = 64;

#[derive(Clone, Copy)]
pub struct Keys<'a> {
    pub k: &'a [f32],
    pub v: &'a [f32],
}

#[derive(Clone, Copy)]
pub struct Saved<'a> {
    pub o: &'a [f32],
    pub lse: &'a [f32],
    pub d_o: &'a [f32],
}

thread_local! {
    static SCRATCH: RefCell<[Vec<f32>; 2]> = const { RefCell::new([Vec::new(), Vec::new()]) };
}

/// Some queries of one segment and the keys they see.
struct Block<'a> {
    segment: &'a Segment,
    /// first query of the block within the segment
    start: usize,
    rows: usize,
    /// keys in the context ranges
    context: usize,
    /// keys before the window of the first query: none of the block's queries sees them
    hidden: usize,
}

/// `len` keys from `key` on, in the columns from `column` on, and the block's queries from `row` on that see them.
struct Stretch {
    row: usize,
    column: usize,
    key: usize,
    len: usize,
}

impl<'a> Block<'a> {
    fn new(segment: &'a Segment, start: usize, window: Option<usize>) -> Self {
        let context = segment.context.iter().map(ExactSizeIterator::len).sum();
        Self {
            segment,
            start,
            rows: BLOCK.min(segment.len - start),
            context,
            hidden: window.map_or(0, |w| (context + start + 1).saturating_sub(w)),
        }
    }

    fn columns(&self) -> usize {
        self.context + self.start + self.rows - self.hidden
    }

    fn query(&self) -> usize {
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
    fn visible(&self, r: usize, window: Option<usize>) -> (usize, usize) {
        let end = self.context + self.start + r + 1;
        let low = window.map_or(0, |w| end.saturating_sub(w));
        (low - self.hidden, end - self.hidden)
    }
}

/// One head of a block: where its queries and keys lie, and the three products over them. A matrix of scores is
/// `[rows, columns]`; of it only what some query sees is read or written.
struct Head<'a> {
    block: Block<'a>,
    dim: usize,
    q_width: usize,
    k_width: usize,
    /// this head's place in the block's first query, and in each key
    query: usize,
    key: usize,
}

impl<'a> Head<'a> {
    fn new(shape: Shape, block: Block<'a>, head: usize) -> Self {
        let (dim, q_width) = (shape.head_dim, shape.heads * shape.head_dim);
        Self {
            query: block.query() * q_width + head * dim,
            key: head / (shape.heads / shape.kv_heads) * dim,
            block,
            dim,
            q_width,
            k_width: shape.kv_heads * dim,
        }
    }

    /// where row `r` of this head lies among the queries
    fn row(&self, r: usize) -> Range<usize> {
        let at = self.query + r * self.q_width;
        at..at + self.dim
    }

    /// Each stretch with the place of its first score, first query and first key.
    fn places(&self) -> impl Iterator<Item = (Stretch, [usize; 3])> {
        self.block.stretches().map(|s| {
            let score = s.row * self.block.columns() + s.column;
            let at = [score, self.row(s.row).start, s.key * self.k_width + self.key];
            (s, at)
        })
    }

    fn strides(&self) -> [Strides; 3] {
        [self.block.columns(), self.q_width, self.k_width].map(Strides::rows)
    }

    /// `scores = x y^T`
    ///
    /// # Safety
    /// `check` holds of `x` as queries and of `y` as keys; `scores` holds rows x columns.
    unsafe fn scores(&self, x: &[f32], y: &[f32], scores: &mut [f32]) {
        let [wide, q, k] = self.strides();
        for (s, [score, query, key]) in self.places() {
            let dims = (self.block.rows - s.row, s.len, self.dim);
            // SAFETY: the caller's promise.
            unsafe {
                let out = (scores.as_mut_ptr().add(score), wide);
                let (x, y) = (x.as_ptr().add(query), y.as_ptr().add(key));
                gemm(dims, out, (x, q), (y, k.transposed()), false, 1.0, 1);
            }
        }
    }

    /// `out = scale scores y`, by query
    ///
    /// # Safety
    /// As of [`Self::scores`]; this head of the block's queries in `out` is nobody else's.
    unsafe fn to_queries(&self, scores: &[f32], y: &[f32], out: Shared, scale: f32) {
        let [wide, q, k] = self.strides();
        for (s, [score, query, key]) in self.places() {
            let dims = (self.block.rows - s.row, self.dim, s.len);
            // SAFETY: the caller's promise.
            unsafe {
                let out = (out.ptr().add(query), q);
                let (scores, y) = (scores.as_ptr().add(score), y.as_ptr().add(key));
                gemm(dims, out, (scores, wide), (y, k), s.column > 0, scale, 1);
            }
        }
    }

    /// `out += scale scores^T x`, by key
    ///
    /// # Safety
    /// As of [`Self::scores`]; this head of the keys in `out` is nobody else's.
    unsafe fn to_keys(&self, scores: &[f32], x: &[f32], out: Shared, scale: f32) {
        let [wide, q, k] = self.strides();
        for (s, [score, query, key]) in self.places() {
            let dims = (s.len, self.dim, self.block.rows - s.row);
            // SAFETY: the caller's promise.
            unsafe {
                let out = (out.ptr().add(key), k);
                let (scores, x) = (scores.as_ptr().add(score), x.as_ptr().add(query));
                gemm(dims, out, (scores, wide.transposed()), (x, q), true, scale, 1);
            }
        }
    }
}

fn work(groups: &[Vec<Segment>], shape: Shape) -> usize {
    let pairs: usize = groups
        .iter()
        .flatten()
        .map(|s| s.len * (s.len + s.context.iter().map(ExactSizeIterator::len).sum::<usize>()))
        .sum();
    pairs * shape.heads * shape.head_dim / 4
}

fn score_scale(shape: Shape) -> f32 {
    1.0 / (shape.head_dim as f32).sqrt()
}

pub fn forward(shape: Shape, groups: &[Vec<Segment>], q: &[f32], keys: Keys, o: &mut [f32], lse: &mut [f32]) {
    check(shape, groups, &[q, o], &[keys.k, keys.v]);
    assert!(lse.len() >= shape.tokens * shape.heads);
    let mut tasks = Vec::new();
    for segment in groups.iter().flatten() {
        for head in 0..shape.heads {
            tasks.extend(
                (0..segment.len)
                    .step_by(BLOCK * BLOCKS)
                    .map(|start| (segment, head, start)),
            );
        }
    }
    let (o, lse) = (Shared::new(o), Shared::new(lse));
    parallel::tasks(tasks.len(), work(groups, shape), |task| {
        let (segment, index, first) = tasks[task];
        SCRATCH.with_borrow_mut(|[scores, _]| {
            for start in (first..segment.len.min(first + BLOCK * BLOCKS)).step_by(BLOCK) {
                let head = Head::new(shape, Block::new(segment, start, shape.window), index);
                let block = &head.block;
                let scores = fit(scores, block.rows * block.columns());
                // SAFETY: every (token, head) belongs to one task.
                let lse = unsafe { lse.slice(index * shape.tokens + block.query(), block.rows) };
                if block.rows <= FEW {
                    // SAFETY: as above; the rows of one head of `o` are this task's alone.
                    let rows = (0..block.rows).map(|r| unsafe { o.slice(head.row(r).start, head.dim) });
                    few_rows(&head, shape, q, keys, scores, rows, lse);
                    continue;
                }
                // SAFETY: `check` proved queries and keys in bounds.
                unsafe { head.scores(q, keys.k, scores) };
                for ((r, lse), row) in lse.iter_mut().enumerate().zip(scores.chunks_exact_mut(block.columns())) {
                    *lse = softmax_row(row, block.visible(r, shape.window), score_scale(shape));
                }
                // SAFETY: as above; `o`'s rows of this head are this task's alone.
                unsafe { head.to_queries(scores, keys.v, o, 1.0) };
            }
        });
    });
}

/// Decoding: a few queries, each a handful of dot products.
fn few_rows<'a>(
    head: &Head,
    shape: Shape,
    q: &[f32],
    keys: Keys,
    scores: &mut [f32],
    outputs: impl Iterator<Item = &'a mut [f32]>,
    lse: &mut [f32],
) {
    let (block, width) = (&head.block, head.k_width);
    let rows = scores.chunks_exact_mut(block.columns());
    for (((r, out), lse), row) in outputs.enumerate().zip(lse).zip(rows) {
        for (s, [_, _, key]) in head.places() {
            let scores = &mut row[s.column..s.column + s.len];
            few_scores(&q[head.row(r)], &keys.k[key..], width, scores);
        }
        *lse = softmax_row(row, block.visible(r, shape.window), score_scale(shape));
        out.fill(0.0);
        for (s, [_, _, key]) in head.places() {
            few_values(&row[s.column..s.column + s.len], &keys.v[key..], width, out);
        }
    }
}

simd! {
fn few_scores(q: &[f32], k: &[f32], width: usize, scores: &mut [f32]) {
    for (i, score) in scores.iter_mut().enumerate() {
        *score = dot(q, &k[i * width..i * width + q.len()]);
    }
}
}

simd! {
fn few_values(p: &[f32], v: &[f32], width: usize, out: &mut [f32]) {
    for (i, &p) in p.iter().enumerate() {
        let n = out.len();
        axpy(p, &v[i * width..i * width + n], out);
    }
}
}

simd! {
/// Softmax of the visible columns times `scale`, zero elsewhere; returns the log of the normaliser.
fn softmax_row(row: &mut [f32], visible: (usize, usize), scale: f32) -> f32 {
    let (low, high) = visible;
    row[..low].fill(0.0);
    row[high..].fill(0.0);
    let seen = &mut row[low..high];
    let shift = max(seen) * scale;
    let sum = exp_in_place(seen, scale, shift);
    super::scale(seen, 1.0 / sum);
    shift + sum.ln()
}
}

pub fn backward(
    shape: Shape,
    groups: &[Vec<Segment>],
    q: &[f32],
    keys: Keys,
    saved: Saved,
    [dq, dk, dv]: [&mut [f32]; 3],
) {
    check(shape, groups, &[q, saved.o, saved.d_o, dq], &[keys.k, keys.v, dk, dv]);
    assert!(saved.lse.len() >= shape.tokens * shape.heads);
    let scale = score_scale(shape);
    let per_kv = shape.heads / shape.kv_heads;
    let tasks: Vec<_> = groups
        .iter()
        .flat_map(|group| (0..shape.kv_heads).map(move |kv| (group, kv)))
        .collect();
    let (dq, dk, dv) = (Shared::new(dq), Shared::new(dk), Shared::new(dv));
    parallel::tasks(tasks.len(), work(groups, shape), |task| {
        // Keys are shared within a group only, so a task owns its group's slice of dk and dv for one kv head.
        let (group, kv) = tasks[task];
        let heads = kv * per_kv..(kv + 1) * per_kv;
        let segments = heads.flat_map(|index| group.iter().map(move |segment| (index, segment)));
        let blocks = segments.flat_map(|(index, segment)| {
            let starts = (0..segment.len).step_by(BLOCK);
            starts.map(move |start| (index, Block::new(segment, start, shape.window)))
        });
        SCRATCH.with_borrow_mut(|[p, ds]| {
            for (index, block) in blocks {
                let head = Head::new(shape, block, index);
                let (block, columns) = (&head.block, head.block.columns());
                let (p, ds) = (fit(p, block.rows * columns), fit(ds, block.rows * columns));
                // SAFETY: `check` proved queries and keys in bounds.
                unsafe {
                    head.scores(q, keys.k, p);
                    head.scores(saved.d_o, keys.v, ds);
                }
                let rows = p.chunks_exact_mut(columns).zip(ds.chunks_exact_mut(columns));
                for (r, (p, ds)) in rows.enumerate() {
                    let lse = saved.lse[index * shape.tokens + block.query() + r];
                    let (o, d_o) = (&saved.o[head.row(r)], &saved.d_o[head.row(r)]);
                    score_grad_row(p, ds, block.visible(r, shape.window), scale, lse, o, d_o);
                }
                // SAFETY: as above; these slices of dq, dk and dv are this task's.
                unsafe {
                    head.to_keys(p, saved.d_o, dv, 1.0);
                    head.to_keys(ds, q, dk, scale);
                    head.to_queries(ds, keys.k, dq, scale);
                }
            }
        });
    });
}

simd! {
/// From raw scores and dP: `p = exp(scale s - lse)`, `ds = p (dP - o . do)`, zero where nothing is seen.
fn score_grad_row(
    p: &mut [f32], ds: &mut [f32], visible: (usize, usize), scale: f32, lse: f32, o: &[f32], d_o: &[f32],
) {
    let (low, high) = visible;
    for row in [&mut *p, &mut *ds] {
        row[..low].fill(0.0);
        row[high..].fill(0.0);
    }
    let delta = dot(o, d_o);
    let (p, ds) = (&mut p[low..high], &mut ds[low..high]);
    for i in 0..p.len() {
        p[i] = exp(p[i].mul_add(scale, -lse));
        ds[i] = p[i] * (ds[i] - delta);
    }
}
}

/// Panics unless `queries` hold all tokens, and `keys` all keys the segments name.
fn check(shape: Shape, groups: &[Vec<Segment>], queries: &[&[f32]], keys: &[&[f32]]) {
    assert!(
        shape.heads.is_multiple_of(shape.kv_heads),
        "attention: heads do not divide into kv heads"
    );
    let values = shape.tokens * shape.heads * shape.head_dim;
    assert!(
        queries.iter().all(|q| q.len() >= values),
        "attention: queries too short"
    );
    for segment in groups.iter().flatten() {
        assert!(
            segment.query + segment.len <= shape.tokens,
            "attention: a segment passes the last query"
        );
        let own = segment.key + segment.len;
        let last = segment.context.iter().map(|r| r.end).fold(own, usize::max);
        let values = last * shape.kv_heads * shape.head_dim;
        assert!(
            keys.iter().all(|k| k.len() >= values),
            "attention: a segment passes the last key"
        );
    }
}

fn fit(scratch: &mut Vec<f32>, len: usize) -> &mut [f32] {
    if scratch.len() < len {
        scratch.resize(len, 0.0);
    }
    &mut scratch[..len]
}
