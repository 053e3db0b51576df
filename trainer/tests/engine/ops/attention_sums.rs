//! Attention in both types against sums in f64: every way in which segments lie, and every width of a head that a device has
//! a path of its own for.

use super::attention_cases::{Form, Layout, PLAIN, segment};
use super::sums::{draw, held, near, poisoned, types, wide, widened};
use crate::common::engine;
use candle_core::DType;
use protocol::decoder::{AlibiSpec, Span};
use trainer::ops::attention::{Alibi, Attention, AttentionBackward, SegmentRanges, Shape, Sinks, SinksBackward};
use trainer::ops::{Buf, IndexArrays};

/// Heads of these widths, two to a key's.
fn shape(layout: &Layout, [head_dim, value_dim]: [usize; 2], form: Form) -> Shape {
    Shape {
        heads: 4,
        kv_heads: 2,
        head_dim,
        value_dim,
        scale: 0.9 / (head_dim as f32).sqrt(),
        tokens: layout.queries(),
        span: form.span,
        soft_cap: form.soft_cap,
    }
}

struct Inputs {
    q: Vec<f64>,
    k: Vec<f64>,
    v: Vec<f64>,
    d_o: Vec<f64>,
    /// of each head, where there are some
    sinks: Vec<f64>,
}

struct Sums {
    o: Vec<f64>,
    lse: Vec<f64>,
    dq: Vec<f64>,
    dk: Vec<f64>,
    dv: Vec<f64>,
    d_sinks: Vec<f64>,
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(out: &mut [f64], factor: f64, row: &[f64]) {
    out.iter_mut().zip(row).for_each(|(out, x)| *out += factor * x);
}

fn sums(shape: Shape, form: Form, layout: &Layout, inputs: &Inputs) -> Sums {
    let Inputs { q, k, v, d_o, sinks } = inputs;
    let slopes = form.slopes(shape.heads);
    let scale = f64::from(shape.scale);
    let zeros = |of: &[f64]| vec![0.0; of.len()];
    let mut sums = Sums {
        o: zeros(d_o),
        lse: vec![0.0; shape.heads * shape.tokens],
        dq: zeros(q),
        dk: zeros(k),
        dv: zeros(v),
        d_sinks: vec![0.0; sinks.len()],
    };
    let place =
        |row: usize, heads: usize, head: usize, dim: usize| (row * heads + head) * dim..(row * heads + head + 1) * dim;
    for segment in layout.groups.iter().flatten() {
        let own = segment.key..segment.key + segment.len;
        let keys: Vec<usize> = segment.context.iter().cloned().chain([own]).flatten().collect();
        for (row, head) in (0..segment.len).flat_map(|row| (0..shape.heads).map(move |head| (row, head))) {
            let end = keys.len() - segment.len + row + 1;
            let first = form.span.first_seen(end - 1);
            let seen = &keys[first..end];
            let slope = slopes.get(head).map_or(0.0, |slope| f64::from(*slope));
            let kv_head = head / (shape.heads / shape.kv_heads);
            let of_q = place(segment.query + row, shape.heads, head, shape.head_dim);
            let of_o = place(segment.query + row, shape.heads, head, shape.value_dim);
            let of_k = |key: usize| place(key, shape.kv_heads, kv_head, shape.head_dim);
            let of_v = |key: usize| place(key, shape.kv_heads, kv_head, shape.value_dim);
            let score = |(column, &key): (usize, &usize)| {
                let product = dot(&q[of_q.clone()], &k[of_k(key)]);
                form.score(product, scale, slope, end - 1, first + column)
            };
            let scores: Vec<(f64, f64)> = seen.iter().enumerate().map(score).collect();
            let all = || scores.iter().map(|(score, _)| *score).chain(sinks.get(head).copied());
            let top = all().fold(f64::MIN, f64::max);
            let lse = top + all().map(|score| (score - top).exp()).sum::<f64>().ln();
            sums.lse[head * shape.tokens + segment.query + row] = lse;
            for (&key, (score, _)) in seen.iter().zip(&scores) {
                add(&mut sums.o[of_o.clone()], (score - lse).exp(), &v[of_v(key)]);
            }
            let delta = dot(&sums.o[of_o.clone()], &d_o[of_o.clone()]);
            if let Some(sink) = sinks.get(head) {
                sums.d_sinks[head] -= (sink - lse).exp() * delta;
            }
            for (&key, (score, derivative)) in seen.iter().zip(&scores) {
                let p = (score - lse).exp();
                let d_score = derivative * p * (dot(&d_o[of_o.clone()], &v[of_v(key)]) - delta);
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
fn check(dtype: DType, layout: &Layout, widths: [usize; 2], form: Form) {
    let shape = shape(layout, widths, form);
    let (to_queries, to_keys) = (shape.tokens * shape.heads, layout.keys * shape.kv_heads);
    let [q, k] = [(to_queries, 1), (to_keys, 2)].map(|(rows, seed)| draw(dtype, rows * shape.head_dim, seed));
    let [v, d_o] = [(to_keys, 3), (to_queries, 4)].map(|(rows, seed)| draw(dtype, rows * shape.value_dim, seed));
    let sinks = draw(DType::F32, if form.sinks { shape.heads } else { 0 }, 5);
    let inputs = Inputs {
        q: wide(&q),
        k: wide(&k),
        v: wide(&v),
        d_o: wide(&d_o),
        sinks: wide(&sinks),
    };
    let want = sums(shape, form, layout, &inputs);
    let mut arrays = IndexArrays::default();
    let ranges = SegmentRanges::lay_out(&layout.groups, &mut arrays);
    let sent = arrays.send(&engine()).unwrap();
    let segments = ranges.of(&sent);
    let [q, k, v, d_o] = [&q, &k, &v, &d_o].map(|values| held(dtype, values));
    let [slopes, sinks] = [&form.slopes(shape.heads), &sinks].map(|values| held(DType::F32, values));
    let alibi = form.alibi.map(|alibi| Alibi {
        slopes: slopes.view(),
        rounded: alibi == AlibiSpec::Rounded,
    });
    let mut o = poisoned(dtype, want.o.len());
    let mut lse = poisoned(DType::F32, want.lse.len());
    engine()
        .run(Attention {
            shape,
            alibi,
            segments,
            q: q.view(),
            k: k.view(),
            v: v.view(),
            o: o.view_mut(),
            lse: lse.view_mut(),
        })
        .unwrap();
    let mut d_sinks = held(DType::F32, &vec![0.0; want.d_sinks.len()]);
    if form.sinks {
        let of_sinks = Sinks {
            shape,
            sinks: sinks.view(),
            o: o.view_mut(),
            lse: lse.view_mut(),
        };
        engine().run(of_sinks).unwrap();
        let backward = SinksBackward {
            shape,
            sinks: sinks.view(),
            o: o.view(),
            lse: lse.view(),
            d_o: d_o.view(),
            d_sinks: d_sinks.view_mut(),
        };
        engine().run(backward).unwrap();
    }
    let mut dq = poisoned(dtype, want.dq.len());
    let [mut dk, mut dv] = [&want.dk, &want.dv].map(|want| held(dtype, &vec![0.0; want.len()]));
    engine()
        .run(AttentionBackward {
            shape,
            alibi,
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
    let name = format!("{dtype:?}, heads of {widths:?}, {form:?}");
    near(&format!("lse, {name}"), &lse, &want.lse, 1e-5);
    near(&format!("d_sinks, {name}"), &d_sinks, &want.d_sinks, of_all);
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
    for dtype in types() {
        for window in [None, Some(50)] {
            check(dtype, &Layout::packed(), [16, 16], Form::windowed(window));
        }
        check(dtype, &Layout::packed(), [10, 14], PLAIN);
    }
}

#[test]
fn the_last_layers_queries() {
    for dtype in types() {
        for window in [None, Some(7)] {
            check(dtype, &Layout::last_layer(), [24, 24], Form::windowed(window));
        }
    }
}

#[test]
fn decoding_behind_a_cache() {
    for dtype in types() {
        for len in [1, 5, 20] {
            check(dtype, &Layout::decoding(150, len), [32, 32], PLAIN);
        }
        check(dtype, &Layout::decoding(150, 1), [32, 24], Form::windowed(Some(33)));
    }
}

/// Odd multiples of 8, a wider key than value as in latent attention, and the widest.
#[test]
fn heads_of_every_width() {
    let layout = Layout {
        groups: vec![vec![segment(0, 0, 40, vec![]), segment(40, 40, 13, vec![0..40])]],
        keys: 53,
    };
    for dtype in types() {
        for widths in [
            [64, 64],
            [80, 80],
            [96, 96],
            [128, 128],
            [192, 128],
            [256, 256],
            [42, 42],
        ] {
            check(dtype, &layout, widths, PLAIN);
        }
    }
}

/// Every form by itself and all together, in every way in which segments lie and on every path a device has.
#[test]
fn scores_of_every_form() {
    let forms = [
        Form {
            soft_cap: Some(0.8),
            ..PLAIN
        },
        Form {
            alibi: Some(AlibiSpec::Plain),
            ..PLAIN
        },
        Form {
            alibi: Some(AlibiSpec::Rounded),
            span: Span::Window(50),
            ..PLAIN
        },
        Form {
            span: Span::Chunk(33),
            ..PLAIN
        },
        Form {
            sinks: true,
            span: Span::Window(20),
            ..PLAIN
        },
        Form {
            span: Span::Chunk(40),
            soft_cap: Some(1.5),
            alibi: Some(AlibiSpec::Plain),
            sinks: true,
        },
    ];
    for dtype in types() {
        for form in forms {
            check(dtype, &Layout::packed(), [16, 16], form);
            check(dtype, &Layout::last_layer(), [12, 24], form);
            check(dtype, &Layout::decoding(75, 1), [16, 16], form);
        }
        for widths in [[128, 128], [192, 128]] {
            check(dtype, &Layout::packed(), widths, forms[5]);
        }
    }
}
