//! Attention on the CPU: blocks of queries against all their keys, one task per segment and head.
use super::super::attention::Shape;
use super::matmul::{FEW, Strides, gemm};
use super::parallel::{self, Shared};
use super::{axpy, dot, exp, exp_in_place, max, simd};
use crate::plan::Segment;
use std::cell::RefCell;

/// Queries per block.
const BLOCK: usize = 128;
/// Blocks per forward task: enough work to be worth handing out.
const BLOCKS: usize = 2;

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

/// Some queries of one segment and the keys before and among them.
struct Block<'a> {
    segment: &'a Segment,
    /// first query of the block within the segment
    start: usize,
    rows: usize,
    /// keys in the context ranges
    context: usize,
}

impl<'a> Block<'a> {
    fn new(segment: &'a Segment, start: usize) -> Self {
        let context = segment.context.iter().map(ExactSizeIterator::len).sum();
        Self {
            segment,
            start,
            rows: BLOCK.min(segment.len - start),
            context,
        }
    }

    fn columns(&self) -> usize {
        self.context + self.start + self.rows
    }

    fn query(&self) -> usize {
        self.segment.query + self.start
    }

    /// `(first column, first key, keys)` of each stretch of keys
    fn ranges(&self) -> impl Iterator<Item = (usize, usize, usize)> + use<'a> {
        let own = (self.segment.key, self.start + self.rows);
        let mut column = 0;
        self.segment
            .context
            .iter()
            .map(|r| (r.start, r.len()))
            .chain(std::iter::once(own))
            .map(move |(key, len)| {
                column += len;
                (column - len, key, len)
            })
    }

    /// columns row `r` sees
    fn visible(&self, r: usize, window: Option<usize>) -> (usize, usize) {
        let end = self.context + self.start + r + 1;
        (window.map_or(0, |w| end.saturating_sub(w)), end)
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

pub fn forward(shape: Shape, groups: &[Vec<Segment>], q: &[f32], keys: Keys, o: &mut [f32], lse: &mut [f32]) {
    let Shape {
        heads,
        kv_heads,
        head_dim,
        tokens,
        window,
    } = shape;
    let (q_width, k_width) = (heads * head_dim, kv_heads * head_dim);
    let scale = 1.0 / (head_dim as f32).sqrt();
    check(shape, groups, q, keys);
    assert!(o.len() >= tokens * q_width && lse.len() >= tokens * heads);
    let mut tasks = Vec::new();
    for segment in groups.iter().flatten() {
        for head in 0..heads {
            tasks.extend(
                (0..segment.len)
                    .step_by(BLOCK * BLOCKS)
                    .map(|start| (segment, head, start)),
            );
        }
    }
    let (o, lse) = (Shared::new(o), Shared::new(lse));
    parallel::tasks(tasks.len(), work(groups, shape), |task| {
        let (segment, head, first) = tasks[task];
        let kv = head / (heads / kv_heads) * head_dim;
        SCRATCH.with_borrow_mut(|[scores, _]| {
            for start in (first..segment.len.min(first + BLOCK * BLOCKS)).step_by(BLOCK) {
                let block = Block::new(segment, start);
                let (rows, columns) = (block.rows, block.columns());
                let scores = fit(scores, rows * columns);
                // SAFETY: every (token, head) belongs to one task.
                let block_lse = unsafe { lse.slice(head * tokens + block.query(), rows) };
                let q_at = block.query() * q_width + head * head_dim;
                if rows <= FEW {
                    // SAFETY: as above; the rows of one head of `o` are this task's alone.
                    let rows = (0..rows).map(|r| unsafe { o.slice(q_at + r * q_width, head_dim) });
                    few_rows(
                        &block,
                        &q[q_at..],
                        (q_width, k_width, kv),
                        keys,
                        scores,
                        rows,
                        block_lse,
                        (scale, window),
                    );
                    continue;
                }
                for (column, key, len) in block.ranges() {
                    // SAFETY: `check` proved queries and keys in bounds; scores hold rows x columns.
                    unsafe {
                        gemm(
                            (rows, len, head_dim),
                            (scores.as_mut_ptr().add(column), Strides::rows(columns)),
                            (q.as_ptr().add(q_at), Strides::rows(q_width)),
                            (
                                keys.k.as_ptr().add(key * k_width + kv),
                                Strides::rows(k_width).transposed(),
                            ),
                            false,
                            1.0,
                            1,
                        );
                    }
                }
                for (r, lse) in block_lse.iter_mut().enumerate() {
                    let row = &mut scores[r * columns..(r + 1) * columns];
                    *lse = softmax_row(row, block.visible(r, window), scale);
                }
                for (column, key, len) in block.ranges() {
                    // SAFETY: as above; `o`'s rows of this head are this task's alone.
                    unsafe {
                        gemm(
                            (rows, head_dim, len),
                            (o.ptr().add(q_at), Strides::rows(q_width)),
                            (scores.as_ptr().add(column), Strides::rows(columns)),
                            (keys.v.as_ptr().add(key * k_width + kv), Strides::rows(k_width)),
                            column > 0,
                            1.0,
                            1,
                        );
                    }
                }
            }
        });
    });
}

/// Decoding: a few queries, each a handful of dot products.
#[allow(clippy::too_many_arguments)]
fn few_rows<'a>(
    block: &Block,
    q: &[f32],
    (q_width, k_width, kv): (usize, usize, usize),
    keys: Keys,
    scores: &mut [f32],
    outputs: impl Iterator<Item = &'a mut [f32]>,
    lse: &mut [f32],
    (scale, window): (f32, Option<usize>),
) {
    let columns = block.columns();
    for ((r, out), lse) in outputs.enumerate().zip(lse) {
        let q = &q[r * q_width..r * q_width + out.len()];
        let row = &mut scores[r * columns..(r + 1) * columns];
        for (column, key, len) in block.ranges() {
            few_scores(
                q,
                &keys.k[key * k_width + kv..],
                k_width,
                &mut row[column..column + len],
            );
        }
        *lse = softmax_row(row, block.visible(r, window), scale);
        out.fill(0.0);
        for (column, key, len) in block.ranges() {
            few_values(&row[column..column + len], &keys.v[key * k_width + kv..], k_width, out);
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
    let Shape {
        heads,
        kv_heads,
        head_dim,
        tokens,
        window,
    } = shape;
    let (q_width, k_width) = (heads * head_dim, kv_heads * head_dim);
    let scale = 1.0 / (head_dim as f32).sqrt();
    check(shape, groups, q, keys);
    assert!(saved.o.len() >= tokens * q_width && saved.d_o.len() >= tokens * q_width);
    assert!(saved.lse.len() >= tokens * heads && dq.len() >= tokens * q_width);
    assert!(dk.len() >= tokens * k_width && dv.len() >= tokens * k_width);
    let tasks: Vec<_> = groups
        .iter()
        .flat_map(|group| (0..kv_heads).map(move |kv| (group, kv)))
        .collect();
    let (dq, dk, dv) = (Shared::new(dq), Shared::new(dk), Shared::new(dv));
    parallel::tasks(tasks.len(), work(groups, shape), |task| {
        // Keys are shared within a group only, so a task owns its group's slice of dk and dv for one kv head.
        let (group, kv_head) = tasks[task];
        let kv = kv_head * head_dim;
        for segment in group {
            for token in segment.key..segment.key + segment.len {
                // SAFETY: see above.
                unsafe {
                    dk.slice(token * k_width + kv, head_dim).fill(0.0);
                    dv.slice(token * k_width + kv, head_dim).fill(0.0);
                }
            }
        }
        SCRATCH.with_borrow_mut(|[p, ds]| {
            let per_kv = heads / kv_heads;
            for head in kv_head * per_kv..(kv_head + 1) * per_kv {
                for segment in group {
                    for start in (0..segment.len).step_by(BLOCK) {
                        let block = Block::new(segment, start);
                        let (rows, columns) = (block.rows, block.columns());
                        let (p, ds) = (fit(p, rows * columns), fit(ds, rows * columns));
                        let q_at = block.query() * q_width + head * head_dim;
                        let (q_rows, wide) = (Strides::rows(q_width), Strides::rows(columns));
                        let k_rows = Strides::rows(k_width);
                        // SAFETY (all products below): `check` and the assertions proved every range in bounds; writes
                        // go to this task's scratch and its own slices of dq, dk, dv.
                        let (q_ptr, do_ptr) = unsafe { (q.as_ptr().add(q_at), saved.d_o.as_ptr().add(q_at)) };
                        for (column, key, len) in block.ranges() {
                            let at = key * k_width + kv;
                            unsafe {
                                let k = (keys.k.as_ptr().add(at), k_rows.transposed());
                                let v = (keys.v.as_ptr().add(at), k_rows.transposed());
                                let (p, ds) = (p.as_mut_ptr().add(column), ds.as_mut_ptr().add(column));
                                gemm((rows, len, head_dim), (p, wide), (q_ptr, q_rows), k, false, 1.0, 1);
                                gemm((rows, len, head_dim), (ds, wide), (do_ptr, q_rows), v, false, 1.0, 1);
                            }
                        }
                        for r in 0..rows {
                            let at = q_at + r * q_width..q_at + r * q_width + head_dim;
                            let lse = saved.lse[head * tokens + block.query() + r];
                            let row = r * columns..(r + 1) * columns;
                            let (o, d_o) = (&saved.o[at.clone()], &saved.d_o[at]);
                            let (p, ds) = (&mut p[row.clone()], &mut ds[row]);
                            score_grad_row(p, ds, block.visible(r, window), scale, lse, o, d_o);
                        }
                        for (column, key, len) in block.ranges() {
                            let at = key * k_width + kv;
                            unsafe {
                                let k = (keys.k.as_ptr().add(at), k_rows);
                                let p = (p.as_ptr().add(column), wide.transposed());
                                let ds = (ds.as_ptr().add(column), wide);
                                let ds_t = (ds.0, wide.transposed());
                                let dv = (dv.ptr().add(at), k_rows);
                                let dk = (dk.ptr().add(at), k_rows);
                                let dq = (dq.ptr().add(q_at), q_rows);
                                gemm((len, head_dim, rows), dv, p, (do_ptr, q_rows), true, 1.0, 1);
                                gemm((len, head_dim, rows), dk, ds_t, (q_ptr, q_rows), true, scale, 1);
                                gemm((rows, head_dim, len), dq, ds, k, column > 0, scale, 1);
                            }
                        }
                    }
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

fn check(shape: Shape, groups: &[Vec<Segment>], q: &[f32], keys: Keys) {
    let k_width = shape.kv_heads * shape.head_dim;
    assert!(
        shape.heads.is_multiple_of(shape.kv_heads),
        "attention: heads do not divide into kv heads"
    );
    assert!(
        q.len() >= shape.tokens * shape.heads * shape.head_dim,
        "attention: queries too short"
    );
    for segment in groups.iter().flatten() {
        assert!(
            segment.query + segment.len <= shape.tokens,
            "attention: a segment passes the last query"
        );
        let own = segment.key + segment.len;
        let last = segment.context.iter().map(|r| r.end).fold(own, usize::max) * k_width;
        assert!(
            keys.k.len() >= last && keys.v.len() >= last,
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
