//! Attention of a few queries, as in decoding.
use super::super::{Float, axpy, dot, simd};
use super::Keys;
use super::blocks::{Head, round_row};
use super::factor::Factor;
use super::scores::Scores;

/// Decoding: a few queries, each a handful of dot products.
pub fn few_rows<'a, F: Factor>(
    [keyed, valued]: [&Head; 2],
    of_head: &Scores,
    q: &[F],
    keys: Keys<F>,
    scores: &mut [f32],
    outputs: impl Iterator<Item = &'a mut [F]>,
    lse: &mut [f32],
) {
    let block = keyed.block;
    let rows = scores.chunks_exact_mut(block.columns());
    let mut sums = vec![0f32; valued.heads.dim];
    for (((r, out), lse), row) in outputs.enumerate().zip(lse).zip(rows) {
        for (s, [_, _, key]) in keyed.places() {
            let scores = &mut row[s.column..s.column + s.len];
            few_scores(&q[keyed.row(r)], &keys.k[key..], keyed.heads.k_width(), scores);
        }
        *lse = of_head.softmax(row, block, r);
        sums.fill(0.0);
        for (s, [_, _, key]) in valued.places() {
            let p = &row[s.column..s.column + s.len];
            few_values(p, &keys.v[key..], valued.heads.k_width(), &mut sums);
        }
        round_row(&sums, out);
    }
}

simd! {
fn few_scores<F: Float>(q: &[F], k: &[F], width: usize, scores: &mut [f32]) {
    for (i, score) in scores.iter_mut().enumerate() {
        *score = dot(q, &k[i * width..i * width + q.len()]);
    }
}
}

simd! {
fn few_values<F: Float>(p: &[f32], v: &[F], width: usize, out: &mut [f32]) {
    for (i, &p) in p.iter().enumerate() {
        let n = out.len();
        axpy(p, &v[i * width..i * width + n], out);
    }
}
}
