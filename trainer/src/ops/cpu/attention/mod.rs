//! Attention on the CPU: blocks of queries against all their keys, one task per segment and head.
mod blocks;
mod factor;
mod few;
mod scores;

use super::super::attention::Shape;
use super::matmul::FEW;
use super::parallel::{self, Shared};
use super::{Float, simd};
use crate::plan::Segment;
use blocks::{BLOCK, Block, Head, Heads, KeySums, fit};
use factor::Factor;
use few::few_rows;
pub use scores::Form;
use scores::SavedRow;
use std::cell::RefCell;
use std::ops::Range;

/// Blocks per forward task: enough work to be worth handing out.
const BLOCKS: usize = 2;
#[derive(Clone, Copy)]
pub struct Keys<'a, F> {
    pub k: &'a [F],
    pub v: &'a [F],
}

#[derive(Clone, Copy)]
pub struct Saved<'a, F> {
    pub o: &'a [F],
    pub lse: &'a [f32],
    pub d_o: &'a [F],
}

/// What a thread computes in.
#[derive(Default)]
struct Scratch {
    /// scores of a block, and their gradients
    p: Vec<f32>,
    ds: Vec<f32>,
    /// the same as factors of a product
    narrow: [Vec<half::bf16>; 2],
    /// sums that wait to be rounded: by query, and by key for keys and values
    queries: Vec<f32>,
    keys: [Vec<f32>; 2],
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

fn work(groups: &[Vec<Segment>], shape: Shape) -> usize {
    let pairs: usize = groups
        .iter()
        .flatten()
        .map(|s| s.len * (s.len + s.context.iter().map(ExactSizeIterator::len).sum::<usize>()))
        .sum();
    pairs * shape.heads * shape.head_dim / 4
}

impl Shape {
    /// of queries and keys
    fn key_heads(&self) -> Heads {
        self.of_width(self.head_dim)
    }

    /// of outputs and values
    fn value_heads(&self) -> Heads {
        self.of_width(self.value_dim)
    }

    fn of_width(&self, dim: usize) -> Heads {
        Heads {
            count: self.heads,
            kv: self.kv_heads,
            dim,
        }
    }
}

pub fn forward<F: Factor>(form: Form, groups: &[Vec<Segment>], q: &[F], keys: Keys<F>, o: &mut [F], lse: &mut [f32]) {
    let shape = form.shape;
    check(shape, groups);
    check_lengths(shape.key_heads(), shape.tokens, groups, &[q], &[keys.k]);
    check_lengths(shape.value_heads(), shape.tokens, groups, &[o], &[keys.v]);
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
        SCRATCH.with_borrow_mut(|scratch| {
            let Scratch {
                p: scores,
                narrow: [narrow, _],
                queries,
                ..
            } = scratch;
            for start in (first..segment.len.min(first + BLOCK * BLOCKS)).step_by(BLOCK) {
                let block = &Block::new(segment, start, shape.span);
                let keyed = Head::new(shape.key_heads(), block, index);
                let valued = Head::new(shape.value_heads(), block, index);
                let of_head = form.scores(index);
                let scores = fit(scores, block.rows * block.columns());
                // SAFETY: every (token, head) belongs to one task.
                let lse = unsafe { lse.slice(index * shape.tokens + block.query(), block.rows) };
                if block.rows <= FEW {
                    // SAFETY: as above; the rows of one head of `o` are this task's alone.
                    let rows = (0..block.rows).map(|r| unsafe { o.slice(valued.row(r).start, shape.value_dim) });
                    few_rows([&keyed, &valued], &of_head, q, keys, scores, rows, lse);
                    continue;
                }
                // SAFETY: `check` proved queries and keys in bounds.
                unsafe { keyed.scores(q, keys.k, scores) };
                for ((r, lse), row) in lse.iter_mut().enumerate().zip(scores.chunks_exact_mut(block.columns())) {
                    *lse = of_head.softmax(row, block, r);
                }
                // SAFETY: as above; `o`'s rows of this head are this task's alone.
                unsafe { valued.to_queries(F::factors(scores, narrow), keys.v, o, 1.0, queries) };
            }
        });
    });
}

pub fn backward<F: Factor>(
    form: Form,
    groups: &[Vec<Segment>],
    q: &[F],
    keys: Keys<F>,
    saved: Saved<F>,
    [dq, dk, dv]: [&mut [F]; 3],
) {
    let shape = form.shape;
    check(shape, groups);
    check_lengths(shape.key_heads(), shape.tokens, groups, &[q, dq], &[keys.k, dk]);
    let outputs: [&[F]; 2] = [saved.o, saved.d_o];
    check_lengths(shape.value_heads(), shape.tokens, groups, &outputs, &[keys.v, dv]);
    assert!(saved.lse.len() >= shape.tokens * shape.heads);
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
            starts.map(move |start| (index, Block::new(segment, start, shape.span)))
        });
        SCRATCH.with_borrow_mut(|scratch| {
            let Scratch {
                p,
                ds,
                narrow,
                queries,
                keys: waiting,
            } = scratch;
            let [of_keys, of_values] =
                [shape.key_heads(), shape.value_heads()].map(|heads| KeysOf { group, heads, head: kv });
            let sums = [of_keys.sums(dk, &mut waiting[0]), of_values.sums(dv, &mut waiting[1])];
            for (index, block) in blocks {
                let (block, columns) = (&block, block.columns());
                let of_head = form.scores(index);
                let keyed = Head::new(shape.key_heads(), block, index);
                let valued = Head::new(shape.value_heads(), block, index);
                let (p, ds) = (fit(p, block.rows * columns), fit(ds, block.rows * columns));
                // SAFETY: `check` proved queries and keys in bounds.
                unsafe {
                    keyed.scores(q, keys.k, p);
                    valued.scores(saved.d_o, keys.v, ds);
                }
                let rows = p.chunks_exact_mut(columns).zip(ds.chunks_exact_mut(columns));
                for (r, (p, ds)) in rows.enumerate() {
                    let row = SavedRow {
                        lse: saved.lse[index * shape.tokens + block.query() + r],
                        o: &saved.o[valued.row(r)],
                        d_o: &saved.d_o[valued.row(r)],
                    };
                    of_head.grads(p, ds, block, r, row);
                }
                let [of_p, of_ds] = &mut *narrow;
                let (p, ds) = (F::factors(p, of_p), F::factors(ds, of_ds));
                // SAFETY: as above; these slices of dq, dk and dv are this task's.
                unsafe {
                    valued.to_keys(p, saved.d_o, sums[1], 1.0);
                    keyed.to_keys(ds, q, sums[0], shape.scale);
                    keyed.to_queries(ds, keys.k, dq, shape.scale, queries);
                }
            }
            of_keys.store(&waiting[0], dk);
            of_values.store(&waiting[1], dv);
        });
    });
}

/// The keys that a group's segments see, of one kv head. What is summed over queries waits in f32 until all are through.
struct KeysOf<'a> {
    group: &'a [Segment],
    heads: Heads,
    head: usize,
}

impl KeysOf<'_> {
    /// Where to sum: in `out` itself, or in zeroed scratch.
    fn sums<F: Factor>(&self, out: Shared<F>, waiting: &mut Vec<f32>) -> KeySums {
        let dim = self.heads.dim;
        // SAFETY: `check` found each key of each head in bounds, and there is one.
        let place = unsafe { out.ptr().add(self.head * dim) };
        match F::as_f32(place) {
            Some(first) => KeySums {
                first: Shared::from_ptr(first),
                start: 0,
                width: self.heads.k_width(),
            },
            None => {
                let all = self.span();
                waiting.clear();
                waiting.resize(all.len() * dim, 0.0);
                KeySums {
                    first: Shared::new(waiting),
                    start: all.start,
                    width: dim,
                }
            }
        }
    }

    /// Adds what waited to `out`.
    fn store<F: Factor>(&self, waiting: &[f32], out: Shared<F>) {
        let dim = self.heads.dim;
        if F::as_f32(out.ptr()).is_some() {
            return;
        }
        let start = self.span().start;
        let mut stored = vec![false; waiting.len() / dim];
        for key in self.ranges().flatten() {
            let place = key - start;
            if !std::mem::replace(&mut stored[place], true) {
                let at = key * self.heads.k_width() + self.head * dim;
                // SAFETY: a group's keys are its task's alone, for one kv head.
                add_row(&waiting[place * dim..(place + 1) * dim], unsafe { out.slice(at, dim) });
            }
        }
    }

    /// From the first of them to the last.
    fn span(&self) -> Range<usize> {
        let start = self.ranges().map(|range| range.start).min().unwrap_or(0);
        start..self.ranges().map(|range| range.end).max().unwrap_or(start)
    }

    fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        self.group.iter().flat_map(|segment| {
            let own = segment.key..segment.key + segment.len;
            segment.context.iter().cloned().chain([own])
        })
    }
}

simd! {
fn add_row<F: Float>(sums: &[f32], out: &mut [F]) {
    for (out, sum) in out.iter_mut().zip(sums) {
        *out = F::rounded(out.widened() + sum);
    }
}
}

/// Panics unless heads divide and the segments name no query that there is not.
fn check(shape: Shape, groups: &[Vec<Segment>]) {
    assert!(
        shape.heads.is_multiple_of(shape.kv_heads),
        "attention: heads do not divide into kv heads"
    );
    let mut segments = groups.iter().flatten();
    assert!(
        segments.all(|segment| segment.query + segment.len <= shape.tokens),
        "attention: a segment passes the last query"
    );
}

/// Panics unless `queries` hold all tokens, and `keys` all keys the segments name.
fn check_lengths<F>(heads: Heads, tokens: usize, groups: &[Vec<Segment>], queries: &[&[F]], keys: &[&[F]]) {
    assert!(
        queries.iter().all(|q| q.len() >= tokens * heads.q_width()),
        "attention: queries too short"
    );
    for segment in groups.iter().flatten() {
        let own = segment.key + segment.len;
        let last = segment.context.iter().map(|r| r.end).fold(own, usize::max);
        let values = last * heads.k_width();
        assert!(
            keys.iter().all(|k| k.len() >= values),
            "attention: a segment passes the last key"
        );
    }
}
