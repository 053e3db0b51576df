//! Operations over bf16 against the same over f32, from values that both hold exactly.

use crate::common::{engine, noise, relative_error};
use candle_core::{DType, Device, Tensor};
use half::{bf16, f16};
use protocol::decoder::Span;
use trainer::ops::activation::{Activation, Gated, GatedBackward};
use trainer::ops::matmul::{self, Dims};
use trainer::ops::{Buf, Engine, IndexArrays, Write, attention, head, norm};
use trainer::plan::Segment;

/// Of a result that is rounded to bf16 a few times on its way: each rounding is off by 2^-9 at most.
const ROUNDED: f64 = 1.0 / 256.0;
/// Of sums in f32 over factors that were rounded to bf16 once.
const SUMMED: f64 = 1.0 / 256.0;

fn exact(count: usize, seed: u64) -> Vec<bf16> {
    noise(count, seed, 1.0).into_iter().map(bf16::from_f32).collect()
}

/// Buffers of one type, and what was computed in them.
struct Side {
    engine: Engine,
    dtype: DType,
}

impl Side {
    fn buf(&self, values: &[bf16]) -> Buf {
        let device = self.engine.device();
        match self.dtype {
            DType::BF16 => Buf::from_vec(values.to_vec(), device).unwrap(),
            DType::F16 => Buf::from_vec(values.iter().map(|v| f16::from_f32(v.to_f32())).collect(), device).unwrap(),
            _ => Buf::from_vec(values.iter().map(|v| v.to_f32()).collect(), device).unwrap(),
        }
    }

    fn zeros(&self, len: usize) -> Buf {
        self.buf(&vec![bf16::ZERO; len])
    }

    fn f32s(&self, len: usize) -> Buf {
        Buf::zeros(len, self.engine.device()).unwrap()
    }
}

/// Computes in both types and compares all that comes of it; f32 statistics among it too.
fn compare(what: &str, bound: f64, compute: impl Fn(&Side) -> Vec<Buf>) {
    let side = |dtype| Side {
        engine: engine(),
        dtype,
    };
    let wanted = compute(&side(DType::F32));
    // f16 on cards alone
    let types = [Some(DType::BF16), engine().device().is_card().then_some(DType::F16)];
    for dtype in types.into_iter().flatten() {
        compare_with(what, bound, &wanted, &compute(&side(dtype)));
    }
}

fn compare_with(what: &str, bound: f64, wanted: &[Buf], got: &[Buf]) {
    let tensor = |buf: &Buf| -> Tensor { buf.tensor(buf.capacity()).unwrap().to_dtype(DType::F32).unwrap() };
    for (i, (got, want)) in got.iter().zip(wanted).enumerate() {
        let error = relative_error(&tensor(got), &tensor(want));
        assert!(
            error > 0.0 || got.dtype() == DType::F32,
            "{what} {i}: nothing was rounded"
        );
        assert!(error < bound, "{what} {i}: {error:e}");
    }
}

#[test]
fn linear_layers() {
    for (tokens, input, output) in [(2, 33, 70), (37, 100, 65), (150, 1100, 24)] {
        let dims = Dims { tokens, input, output };
        let (x, w, dy) = (
            exact(tokens * input, 1),
            exact(output * input, 2),
            exact(tokens * output, 3),
        );
        // a weight as the type of activations, in f32 and in f16
        for stored in [DType::BF16, DType::F32, DType::F16] {
            let w = Tensor::from_vec(w.clone(), (output, input), &Device::Cpu).unwrap();
            let w = Buf::as_stored(&w.to_dtype(stored).unwrap(), engine().device()).unwrap();
            compare(&format!("linear {dims:?}, {stored:?}"), ROUNDED, |side| {
                let (x, dy) = (side.buf(&x), side.buf(&dy));
                let (mut y, mut dx, mut dw) = (
                    side.buf(&exact(tokens * output, 4)),
                    side.zeros(tokens * input),
                    side.f32s(output * input),
                );
                let forward = matmul::LinearForward {
                    x: x.view(),
                    w: w.view().into(),
                    y: y.view_mut(),
                    dims,
                    write: Write::Accumulate,
                    alpha: 0.5,
                };
                side.engine.run(forward).unwrap();
                let input_grad = matmul::LinearInputGrad {
                    dy: dy.view(),
                    w: w.view().into(),
                    dx: dx.view_mut(),
                    dims,
                    write: Write::Overwrite,
                    alpha: 1.0,
                };
                side.engine.run(input_grad).unwrap();
                let weight_grad = matmul::LinearWeightGrad {
                    dy: dy.view(),
                    x: x.view(),
                    dw: dw.view_mut(),
                    dims,
                    alpha: 2.0,
                };
                side.engine.run(weight_grad).unwrap();
                vec![y, dx, dw]
            });
        }
    }
}

#[test]
fn rows_and_elements() {
    let (rows, width) = (70, 130);
    let (x, dy) = (exact(rows * width, 1), exact(rows * width, 2));
    let w = noise(width, 3, 1.0);
    let dims = norm::Norm {
        kind: norm::Kind::Rms,
        rows,
        width,
        epsilon: 1e-5,
        weights: 1,
    };
    compare("norm", ROUNDED, |side| {
        let (x, dy) = (side.buf(&x), side.buf(&dy));
        let w = Buf::from_vec(w.clone(), side.engine.device()).unwrap();
        let (mut y, mut dx, mut dw) = (side.zeros(rows * width), side.zeros(rows * width), side.f32s(width));
        let forward = norm::Normalize {
            x: x.view(),
            gain: norm::Gain::Plain(w.view()),
            bias: None,
            y: y.view_mut(),
            norm: dims,
        };
        side.engine.run(forward).unwrap();
        let backward = norm::NormalizeBackward {
            x: x.view(),
            gain: norm::Gain::Plain(w.view()),
            dy: dy.view(),
            dx: dx.view_mut(),
            norm: dims,
            write: Write::Overwrite,
        };
        side.engine.run(backward).unwrap();
        let weight_grad = norm::GainGrad {
            x: x.view(),
            dy: dy.view(),
            dw: dw.view_mut(),
            norm: dims,
        };
        side.engine.run(weight_grad).unwrap();
        vec![y, dx, dw]
    });
    compare("swiglu", ROUNDED, |side| {
        let (mut gate, mut up, dy, mut y) = (side.buf(&x), side.buf(&dy), side.buf(&x), side.zeros(rows * width));
        let len = rows * width;
        let forward = Gated {
            gate: gate.view(),
            up: up.view(),
            y: y.view_mut(),
            len,
            activation: Activation::Silu,
        };
        side.engine.run(forward).unwrap();
        let backward = GatedBackward {
            gate: gate.view_mut(),
            up: up.view_mut(),
            dy: dy.view(),
            len,
            activation: Activation::Silu,
        };
        side.engine.run(backward).unwrap();
        vec![y, gate, up]
    });
}

/// A prompt that two replies share and a text of its own, so long that queries come in several blocks.
#[test]
fn attention_forward_and_backward() {
    let (heads, kv_heads, head_dim) = (4, 2, 24);
    let segment = |query: usize, len: usize, context: Vec<std::ops::Range<usize>>| Segment {
        query,
        key: query,
        len,
        context,
    };
    let shared = vec![
        segment(0, 150, vec![]),
        segment(150, 90, vec![0..150]),
        segment(240, 3, vec![0..150]),
    ];
    let alone = vec![segment(243, 40, vec![])];
    let tokens = 283;
    let (q, k) = (
        exact(tokens * heads * head_dim, 1),
        exact(tokens * kv_heads * head_dim, 2),
    );
    let (v, d_o) = (
        exact(tokens * kv_heads * head_dim, 3),
        exact(tokens * heads * head_dim, 4),
    );
    for window in [None, Some(64)] {
        let shape = attention::Shape {
            heads,
            kv_heads,
            head_dim,
            value_dim: head_dim,
            scale: 1.0 / (head_dim as f32).sqrt(),
            tokens,
            span: Span::windowed(window),
            soft_cap: None,
        };
        // probabilities and their gradients are rounded once more on the way
        compare(&format!("attention, {window:?}"), 2.0 * ROUNDED, |side| {
            let mut arrays = IndexArrays::default();
            let segments = attention::SegmentRanges::lay_out(&[shared.clone(), alone.clone()], &mut arrays);
            let sent = arrays.send(&side.engine).unwrap();
            let segments = segments.of(&sent);
            let [q, k, v, d_o] = [&q, &k, &v, &d_o].map(|values| side.buf(values));
            let (mut o, mut lse) = (side.zeros(q.capacity()), side.f32s(tokens * heads));
            let forward = attention::Attention {
                shape,
                alibi: None,
                segments,
                q: q.view(),
                k: k.view(),
                v: v.view(),
                o: o.view_mut(),
                lse: lse.view_mut(),
            };
            side.engine.run(forward).unwrap();
            let (mut dq, mut dk, mut dv) = (
                side.zeros(q.capacity()),
                side.zeros(k.capacity()),
                side.zeros(v.capacity()),
            );
            let backward = attention::AttentionBackward {
                shape,
                alibi: None,
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
            };
            side.engine.run(backward).unwrap();
            vec![o, lse, dq, dk, dv]
        });
    }
}

#[test]
fn the_head_and_its_gradients() {
    let (rows, width, vocab) = (40, 48, 2500);
    let dims = head::Dims { width, vocab };
    let (h, w) = (exact(rows * width, 1), exact(vocab * width, 2));
    let targets: Vec<u32> = (0..rows as u32).map(|row| row * 61 % vocab as u32).collect();
    compare("head", SUMMED, |side| {
        let device = side.engine.device();
        let (h, w) = (side.buf(&h), side.buf(&w));
        let targets = Buf::from_vec(targets.clone(), device).unwrap();
        let coefficients = Buf::from_vec(noise(rows, 3, 1.0), device).unwrap();
        let [mut stats, mut unit, mut dh] = [head::STATS * rows, rows * width, rows * width].map(|len| side.f32s(len));
        let (mut logits, mut dw) = (side.f32s(head::scratch_len(rows, vocab)), side.f32s(vocab * width));
        let forward = head::Head {
            h: h.view(),
            w: w.view().into(),
            targets: targets.view(),
            rows,
            dims,
            form: head::Form::plain(),
            stats: stats.view_mut(),
            unit: unit.view_mut(),
            logits: logits.view_mut(),
            unit_grad: true,
        };
        side.engine.run(forward).unwrap();
        let backward = head::HeadBackward {
            h: h.view(),
            w: w.view().into(),
            stats: stats.view(),
            targets: targets.view(),
            coefficients: coefficients.view(),
            rows,
            dims,
            form: head::Form::plain(),
            dh: dh.view_mut(),
            dw: Some(dw.view_mut()),
            dbias: None,
            low_rank: None,
            logits: logits.view_mut(),
        };
        side.engine.run(backward).unwrap();
        vec![stats, unit, dh, dw]
    });
}

/// Weights of another type are rounded block by block; what is summed over blocks is rounded once, as over weights in bf16.
#[test]
fn an_input_gradient_over_many_weights_is_rounded_once() {
    let dims = Dims {
        tokens: 5,
        input: 1024,
        output: 4100,
    };
    let (w, dy) = (exact(dims.output * dims.input, 1), exact(dims.tokens * dims.output, 2));
    let engine = Engine::cpu();
    let dy = Buf::from_vec(dy, engine.device()).unwrap();
    let stored = Tensor::from_vec(w, (dims.output, dims.input), &Device::Cpu).unwrap();
    for write in [Write::Overwrite, Write::Accumulate] {
        let gradient = |w: &Tensor| {
            let mut dx = Buf::from_vec(exact(dims.tokens * dims.input, 3), engine.device()).unwrap();
            engine
                .run(matmul::LinearInputGrad {
                    dy: dy.view(),
                    w: w.into(),
                    dx: dx.view_mut(),
                    dims,
                    write,
                    alpha: 0.5,
                })
                .unwrap();
            dx.values::<bf16>(dims.tokens * dims.input).unwrap()
        };
        let (whole, blocks) = (gradient(&stored), gradient(&stored.to_dtype(DType::F32).unwrap()));
        // sums of another order differ in f32, and so now and then in the last bit
        let apart = whole.iter().zip(&blocks).filter(|(a, b)| a != b).count();
        assert!(
            apart < whole.len() / 100,
            "{write:?}: {apart} of {} differ",
            whole.len()
        );
    }
}
