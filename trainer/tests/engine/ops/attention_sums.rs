//! Attention in both types against sums in f64: every way in which segments lie, and every width of a head that a device has
//! a path of its own for.

use super::sums::{TYPES, draw, held, near, poisoned, wide, widened};
use crate::common::engine;
use candle_core::DType;
use std::ops::Range;
use trainer::ops::attention::{Attention, AttentionBackward, SegmentRanges, Shape};
use trainer::ops::{Buf, IndexArrays};
use trainer::plan::Segment;

/// A plan, and how many keys there are.
struct Layout {
    groups: Vec<Vec<Segment>>,
    keys: usize,
}

fn segment(query: usize, key: usize, len: usize, context: Vec<Range<usize>>) -> Segment {
    Segment {
        query,
        key,
        len,
        context,
    }
}

impl Layout {
    /// A prompt with a long, a short and an empty reply, nothing, and a sequence of its own.
    fn packed() -> Self {
        let own = |at, len, context| segment(at, at, len, context);
        let shared = vec![
            own(0, 70, vec![]),
            own(70, 45, vec![0..70]),
            own(115, 3, vec![0..70]),
            own(118, 0, vec![0..70]),
        ];
        Self {
            groups: vec![vec![], shared, vec![own(118, 37, vec![])]],
            keys: 155,
        }
    }

    /// Segments without their first queries, whose keys have become context.
    fn last_layer() -> Self {
        let group = vec![
            segment(0, 30, 20, vec![0..30]),
            segment(20, 60, 40, vec![0..50, 50..60]),
            segment(60, 101, 1, vec![0..50, 100..101]),
        ];
        Self {
            groups: vec![group],
            keys: 102,
        }
    }

    /// So many queries behind a cache, in which there is room for more.
    fn decoding(seen: usize, len: usize) -> Self {
        Self {
            groups: vec![vec![segment(0, seen, len, vec![0..seen])]],
            keys: seen + len + 13,
        }
    }

    fn queries(&self) -> usize {
        let ends = self.groups.iter().flatten().map(|segment| segment.query + segment.len);
        ends.max().unwrap()
    }
}

/// Heads of these widths, two to a key's.
fn shape(layout: &Layout, [head_dim, value_dim]: [usize; 2], window: Option<usize>) -> Shape {
    Shape {
        heads: 4,
        kv_heads: 2,
        head_dim,
        value_dim,
        scale: 0.9 / (head_dim as f32).sqrt(),
        tokens: layout.queries(),
        window,
    }
}

struct Inputs {
    q: Vec<f64>,
    k: Vec<f64>,
    v: Vec<f64>,
    d_o: Vec<f64>,
}

struct Sums {
    o: Vec<f64>,
    lse: Vec<f64>,
    dq: Vec<f64>,
    dk: Vec<f64>,
    dv: Vec<f64>,
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(out: &mut [f64], factor: f64, row: &[f64]) {
    out.iter_mut().zip(row).for_each(|(out, x)| *out += factor * x);
}

fn sums(shape: Shape, layout: &Layout, inputs: &Inputs) -> Sums {
    let Inputs { q, k, v, d_o } = inputs;
    let zeros = |of: &[f64]| vec![0.0; of.len()];
    let mut sums = Sums {
        o: zeros(d_o),
        lse: vec![0.0; shape.heads * shape.tokens],
        dq: zeros(q),
        dk: zeros(k),
        dv: zeros(v),
    };
    let place =
        |row: usize, heads: usize, head: usize, dim: usize| (row * heads + head) * dim..(row * heads + head + 1) * dim;
    for segment in layout.groups.iter().flatten() {
        let own = segment.key..segment.key + segment.len;
        let keys: Vec<usize> = segment.context.iter().cloned().chain([own]).flatten().collect();
        for (row, head) in (0..segment.len).flat_map(|row| (0..shape.heads).map(move |head| (row, head))) {
            let end = keys.len() - segment.len + row + 1;
            let seen = &keys[shape.window.map_or(0, |window| end.saturating_sub(window))..end];
            let kv_head = head / (shape.heads / shape.kv_heads);
            let of_q = place(segment.query + row, shape.heads, head, shape.head_dim);
            let of_o = place(segment.query + row, shape.heads, head, shape.value_dim);
            let of_k = |key: usize| place(key, shape.kv_heads, kv_head, shape.head_dim);
            let of_v = |key: usize| place(key, shape.kv_heads, kv_head, shape.value_dim);
            let score = |&key: &usize| f64::from(shape.scale) * dot(&q[of_q.clone()], &k[of_k(key)]);
            let scores: Vec<f64> = seen.iter().map(score).collect();
            let top = scores.iter().copied().fold(f64::MIN, f64::max);
            let lse = top + scores.iter().map(|score| (score - top).exp()).sum::<f64>().ln();
            sums.lse[head * shape.tokens + segment.query + row] = lse;
            for (&key, score) in seen.iter().zip(&scores) {
                add(&mut sums.o[of_o.clone()], (score - lse).exp(), &v[of_v(key)]);
            }
            let delta = dot(&sums.o[of_o.clone()], &d_o[of_o.clone()]);
            for (&key, score) in seen.iter().zip(&scores) {
                let p = (score - lse).exp();
                let d_score = f64::from(shape.scale) * p * (dot(&d_o[of_o.clone()], &v[of_v(key)]) - delta);
                add(&mut sums.dq[of_q.clone()], d_score, &k[of_k(key)]);
                add(&mut sums.dk[of_k(key)], d_score, &q[of_q.clone()]);
                add(&mut sums.dv[of_v(key)], p, &d_o[of_o.clone()]);
            }
        }
    }
    sums
}

/// `|got - want| / |want|`
fn apart(got: &Buf, want: &[f64]) -> f64 {
    let squares = |values: &mut dyn Iterator<Item = f64>| values.map(|x| x * x).sum::<f64>();
    let differences = &mut widened(got)
        .into_iter()
        .zip(want)
        .map(|(got, want)| f64::from(got) - want);
    (squares(differences) / squares(&mut want.iter().copied())).sqrt()
}

/// Forward and backward in this type, from values that it holds exactly.
fn check(dtype: DType, layout: &Layout, widths: [usize; 2], window: Option<usize>) {
    let shape = shape(layout, widths, window);
    let (to_queries, to_keys) = (shape.tokens * shape.heads, layout.keys * shape.kv_heads);
    let [q, k] = [(to_queries, 1), (to_keys, 2)].map(|(rows, seed)| draw(dtype, rows * shape.head_dim, seed));
    let [v, d_o] = [(to_keys, 3), (to_queries, 4)].map(|(rows, seed)| draw(dtype, rows * shape.value_dim, seed));
    let inputs = Inputs {
        q: wide(&q),
        k: wide(&k),
        v: wide(&v),
        d_o: wide(&d_o),
    };
    let want = sums(shape, layout, &inputs);
    let mut arrays = IndexArrays::default();
    let ranges = SegmentRanges::lay_out(&layout.groups, &mut arrays);
    let sent = arrays.send(&engine()).unwrap();
    let segments = ranges.of(&sent);
    let [q, k, v, d_o] = [&q, &k, &v, &d_o].map(|values| held(dtype, values));
    let mut o = poisoned(dtype, want.o.len());
    let mut lse = poisoned(DType::F32, want.lse.len());
    engine()
        .run(Attention {
            shape,
            segments,
            q: q.view(),
            k: k.view(),
            v: v.view(),
            o: o.view_mut(),
            lse: lse.view_mut(),
        })
        .unwrap();
    let mut dq = poisoned(dtype, want.dq.len());
    let [mut dk, mut dv] = [&want.dk, &want.dv].map(|want| held(dtype, &vec![0.0; want.len()]));
    engine()
        .run(AttentionBackward {
            shape,
            segments,
            q: q.view(),
            k: k.view(),
            v: v.view(),
            o: o.view(),
            lse: lse.view(),
            d_o: d_o.view(),
            dq: dq.view_mut(),
            dk: dk.view_mut(),
            dv: dv.view_mut(),
        })
        .unwrap();
    // In bf16 probabilities and their gradients are rounded as factors, and so are the outputs that gradients begin with: what
    // comes of it is off by that of what was summed, which may be more than the sum is.
    let (bound, of_all) = match dtype {
        DType::F32 => (1e-5, 1e-5),
        _ => (1.0 / 16.0, 2.0 / 256.0),
    };
    let name = format!("{dtype:?}, heads of {widths:?}, window {window:?}");
    near(&format!("lse, {name}"), &lse, &want.lse, 1e-5);
    let results: [(&str, &Buf, &[f64]); 4] = [
        ("o", &o, &want.o),
        ("dq", &dq, &want.dq),
        ("dk", &dk, &want.dk),
        ("dv", &dv, &want.dv),
    ];
    for (what, got, want) in results {
        near(&format!("{what}, {name}"), got, want, bound);
        let off = apart(got, want);
        assert!(off < of_all, "{what}, {name}: {off:e}");
    }
}

#[test]
fn packed_sequences_and_shared_prompts() {
    for dtype in TYPES {
        for window in [None, Some(50)] {
            check(dtype, &Layout::packed(), [16, 16], window);
        }
        check(dtype, &Layout::packed(), [10, 14], None);
    }
}

#[test]
fn the_last_layers_queries() {
    for dtype in TYPES {
        for window in [None, Some(7)] {
            check(dtype, &Layout::last_layer(), [24, 24], window);
        }
    }
}

#[test]
fn decoding_behind_a_cache() {
    for dtype in TYPES {
        for len in [1, 5, 20] {
            check(dtype, &Layout::decoding(150, len), [32, 32], None);
        }
        check(dtype, &Layout::decoding(150, 1), [32, 24], Some(33));
    }
}

/// Odd multiples of 8, a wider key than value as in latent attention, and the widest.
#[test]
fn heads_of_every_width() {
    let layout = Layout {
        groups: vec![vec![segment(0, 0, 40, vec![]), segment(40, 40, 13, vec![0..40])]],
        keys: 53,
    };
    for dtype in TYPES {
        for widths in [
            [64, 64],
            [80, 80],
            [96, 96],
            [128, 128],
            [192, 128],
            [256, 256],
            [42, 42],
        ] {
            check(dtype, &layout, widths, None);
        }
    }
}
