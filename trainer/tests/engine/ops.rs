//! Every operation against candle's autograd on its naive composition.

use crate::common::{attention as naive_attention, noise, relative_error, rms_norm, rope as naive_rope, var};
use candle_core::{DType, Device, Tensor};
use trainer::ops::matmul::Dims;
use trainer::ops::optimizer::AdamStep;
use trainer::ops::{Buf, Engine, Write, act, attention, gather, head, matmul, norm, optimizer, rope};
use trainer::plan::Segment;

const CPU: Device = Device::Cpu;
const TOLERANCE: f64 = 5e-6;

/// What the operations run on.
fn engine() -> Engine {
    Engine::cpu()
}

fn buf(values: &[f32]) -> Buf {
    Buf::from_vec(values.to_vec(), &CPU).unwrap()
}

fn indices(values: &[u32]) -> Buf {
    Buf::from_vec(values.to_vec(), &CPU).unwrap()
}

fn zeros(len: usize) -> Buf {
    Buf::zeros(len, &CPU).unwrap()
}

fn close(what: &str, got: &Buf, want: &Tensor) {
    let got = got
        .tensor(got.capacity())
        .unwrap()
        .narrow(0, 0, want.elem_count())
        .unwrap();
    let error = relative_error(&got, &want.flatten_all().unwrap());
    assert!(error < TOLERANCE, "{what}: {error:e}");
}

/// The scalar whose gradient by `y` is `dy`.
fn along(y: &Tensor, dy: &[f32]) -> Tensor {
    let dy = Tensor::from_vec(dy.to_vec(), y.shape(), &CPU).unwrap();
    (y * dy).unwrap().sum_all().unwrap()
}

#[test]
fn rms_norm_forward_and_backward() {
    for (rows, width) in [(3, 37), (70, 512)] {
        let (x, w, dy) = (
            noise(rows * width, 1, 1.0),
            noise(width, 2, 1.0),
            noise(rows * width, 3, 1.0),
        );
        let (vx, vw) = (var(x.clone(), (rows, width)), var(w.clone(), width));
        let y = rms_norm(&vx, &vw, 1e-5).unwrap();
        let grads = along(&y, &dy).backward().unwrap();
        let dims = norm::Norm {
            rows,
            width,
            epsilon: 1e-5,
        };
        let (bx, bw, bdy) = (buf(&x), buf(&w), buf(&dy));
        let (mut out, mut dx, mut dw) = (zeros(rows * width), zeros(rows * width), zeros(width));
        engine()
            .run(norm::RmsNorm {
                x: bx.view(),
                w: bw.view(),
                y: out.view_mut(),
                norm: dims,
            })
            .unwrap();
        close("norm", &out, &y);
        engine()
            .run(norm::RmsNormBackward {
                x: bx.view(),
                w: bw.view(),
                dy: bdy.view(),
                dx: dx.view_mut(),
                norm: dims,
                write: Write::Overwrite,
            })
            .unwrap();
        close("norm dx", &dx, grads.get(&vx).unwrap());
        engine()
            .run(norm::RmsNormBackward {
                x: bx.view(),
                w: bw.view(),
                dy: bdy.view(),
                dx: dx.view_mut(),
                norm: dims,
                write: Write::Accumulate,
            })
            .unwrap();
        close("norm dx twice", &dx, &(grads.get(&vx).unwrap() * 2.0).unwrap());
        engine()
            .run(norm::RmsNormWeightGrad {
                x: bx.view(),
                dy: bdy.view(),
                dw: dw.view_mut(),
                norm: dims,
            })
            .unwrap();
        close("norm dw", &dw, grads.get(&vw).unwrap());
    }
}

#[test]
fn rope_turns_and_turns_back() {
    let (heads, half, positions) = (3, 10, [0u32, 5, 1, 40]);
    let frequencies: Vec<f32> = (0..half).map(|i| 0.8f32.powi(i)).collect();
    let x = noise(4 * heads * 20, 1, 1.0);
    let table = rope::Table::new(&frequencies, 64, &CPU).unwrap();
    let v = var(x.clone(), (4, heads, 20));
    let want = naive_rope(&v, &positions, &frequencies).unwrap();
    let grads = along(&want, &x).backward().unwrap();
    let mut y = buf(&x);
    engine()
        .run(rope::Rope {
            x: y.view_mut(),
            table: &table,
            positions: indices(&positions).view(),
            tokens: positions.len(),
            heads,
            turn: rope::Turn::Forward,
        })
        .unwrap();
    close("rope", &y, &want);
    let mut dx = buf(&x);
    engine()
        .run(rope::Rope {
            x: dx.view_mut(),
            table: &table,
            positions: indices(&positions).view(),
            tokens: positions.len(),
            heads,
            turn: rope::Turn::Backward,
        })
        .unwrap();
    close("rope backward", &dx, grads.get(&v).unwrap());
}

#[test]
fn swiglu_forward_and_backward() {
    let n = 40_003;
    let (gate, up, dy) = (noise(n, 1, 4.0), noise(n, 2, 1.0), noise(n, 3, 1.0));
    let (vg, vu) = (var(gate.clone(), n), var(up.clone(), n));
    let y = (vg.silu().unwrap() * vu.as_tensor()).unwrap();
    let grads = along(&y, &dy).backward().unwrap();
    let (mut g, mut u, mut out) = (buf(&gate), buf(&up), zeros(n));
    engine()
        .run(act::SwiGlu {
            gate: g.view(),
            up: u.view(),
            y: out.view_mut(),
            len: n,
        })
        .unwrap();
    close("swiglu", &out, &y);
    engine()
        .run(act::SwiGluBackward {
            gate: g.view_mut(),
            up: u.view_mut(),
            dy: buf(&dy).view(),
            len: n,
        })
        .unwrap();
    close("swiglu d gate", &g, grads.get(&vg).unwrap());
    close("swiglu d up", &u, grads.get(&vu).unwrap());
}

/// A group that shares a prefix, beside a sequence of its own, against each sequence by itself.
#[test]
fn attention_over_segments_forward_and_backward() {
    let (heads, kv_heads, head_dim) = (4, 2, 12);
    let segment = |query, len, context| Segment {
        query,
        key: query,
        len,
        context,
    };
    for window in [None, Some(50)] {
        let (prefix, first, second, alone) = (70, 90, 3, 66);
        let tokens = prefix + first + second + alone;
        let shared = vec![
            segment(0, prefix, vec![]),
            segment(prefix, first, vec![0..prefix]),
            segment(prefix + first, second, vec![0..prefix]),
        ];
        let groups = [shared, vec![segment(tokens - alone, alone, vec![])]];
        let segments = attention::Segments::new(&engine(), &groups).unwrap();
        let (qw, kw) = (heads * head_dim, kv_heads * head_dim);
        let (q, k, v) = (
            noise(tokens * qw, 1, 1.5),
            noise(tokens * kw, 2, 1.5),
            noise(tokens * kw, 3, 1.0),
        );
        let d_o = noise(tokens * qw, 4, 1.0);
        let (vq, vk, vv) = (
            var(q.clone(), (tokens, heads, head_dim)),
            var(k.clone(), (tokens, kv_heads, head_dim)),
            var(v.clone(), (tokens, kv_heads, head_dim)),
        );
        let rows = |x: &Tensor, ranges: &[(usize, usize)]| {
            let parts: Vec<_> = ranges.iter().map(|&(at, len)| x.narrow(0, at, len).unwrap()).collect();
            Tensor::cat(&parts, 0).unwrap()
        };
        let naive = |ranges: &[(usize, usize)]| {
            naive_attention(&rows(&vq, ranges), &rows(&vk, ranges), &rows(&vv, ranges), window).unwrap()
        };
        let with_first = naive(&[(0, prefix), (prefix, first)]);
        let with_second = naive(&[(0, prefix), (prefix + first, second)])
            .narrow(0, prefix, second)
            .unwrap();
        let o = Tensor::cat(&[with_first, with_second, naive(&[(tokens - alone, alone)])], 0).unwrap();
        let grads = along(&o, &d_o).backward().unwrap();

        let shape = attention::Shape {
            heads,
            kv_heads,
            head_dim,
            tokens,
            window,
        };
        let (q, k, v) = (buf(&q), buf(&k), buf(&v));
        let (mut out, mut lse) = (zeros(tokens * qw), zeros(tokens * heads));
        engine()
            .run(attention::Attention {
                shape,
                segments: &segments,
                q: q.view(),
                k: k.view(),
                v: v.view(),
                o: out.view_mut(),
                lse: lse.view_mut(),
            })
            .unwrap();
        close("attention", &out, &o);
        let (mut dq, mut dk, mut dv) = (zeros(tokens * qw), zeros(tokens * kw), zeros(tokens * kw));
        engine()
            .run(attention::AttentionBackward {
                shape,
                segments: &segments,
                q: q.view(),
                k: k.view(),
                v: v.view(),
                o: out.view(),
                lse: lse.view(),
                d_o: buf(&d_o).view(),
                dq: dq.view_mut(),
                dk: dk.view_mut(),
                dv: dv.view_mut(),
            })
            .unwrap();
        close("attention dq", &dq, grads.get(&vq).unwrap());
        close("attention dk", &dk, grads.get(&vk).unwrap());
        close("attention dv", &dv, grads.get(&vv).unwrap());
    }
}

#[test]
fn products_in_every_stored_dtype() {
    // few tokens take the path of dot products; many weights are widened in blocks; large products are cut into tasks,
    // long sums into parts, and neither sizes nor parts are whole tiles
    let sizes = [
        (1, 70, 300),
        (3, 33, 65),
        (20, 48, 70),
        (9, 1024, 1100),
        (211, 700, 513),
        (1100, 17, 260),
    ];
    for (tokens, input, output) in sizes {
        for dtype in [DType::F32, DType::BF16, DType::F16] {
            let x = noise(tokens * input, 1, 1.0);
            let dy = noise(tokens * output, 2, 1.0);
            let stored = Tensor::from_vec(noise(output * input, 3, 1.0), (output, input), &CPU).unwrap();
            let stored = stored.to_dtype(dtype).unwrap();
            let w = stored.to_dtype(DType::F32).unwrap();
            let tx = Tensor::from_vec(x.clone(), (tokens, input), &CPU).unwrap();
            let tdy = Tensor::from_vec(dy.clone(), (tokens, output), &CPU).unwrap();
            let dims = Dims { tokens, input, output };
            let (x, dy) = (buf(&x), buf(&dy));
            let mut y = zeros(tokens * output);
            let want = tx.matmul(&w.t().unwrap()).unwrap();
            engine()
                .run(matmul::LinearForward {
                    x: x.view(),
                    w: (&stored).into(),
                    y: y.view_mut(),
                    dims,
                    write: Write::Overwrite,
                    alpha: 0.5,
                })
                .unwrap();
            engine()
                .run(matmul::LinearForward {
                    x: x.view(),
                    w: (&stored).into(),
                    y: y.view_mut(),
                    dims,
                    write: Write::Accumulate,
                    alpha: 2.0,
                })
                .unwrap();
            close(&format!("forward {dtype:?}"), &y, &(want * 2.5).unwrap());
            let mut dx = zeros(tokens * input);
            engine()
                .run(matmul::LinearInputGrad {
                    dy: dy.view(),
                    w: (&stored).into(),
                    dx: dx.view_mut(),
                    dims,
                    write: Write::Overwrite,
                    alpha: 1.0,
                })
                .unwrap();
            engine()
                .run(matmul::LinearInputGrad {
                    dy: dy.view(),
                    w: (&stored).into(),
                    dx: dx.view_mut(),
                    dims,
                    write: Write::Accumulate,
                    alpha: 1.0,
                })
                .unwrap();
            close(
                &format!("input grad {dtype:?}"),
                &dx,
                &(tdy.matmul(&w).unwrap() * 2.0).unwrap(),
            );
            let mut dw = zeros(output * input);
            engine()
                .run(matmul::LinearWeightGrad {
                    dy: dy.view(),
                    x: x.view(),
                    dw: dw.view_mut(),
                    dims,
                    alpha: 3.0,
                })
                .unwrap();
            close(
                "weight grad",
                &dw,
                &(tdy.t().unwrap().matmul(&tx).unwrap() * 3.0).unwrap(),
            );
            let mut db = zeros(output);
            engine()
                .run(matmul::BiasGrad {
                    dy: dy.view(),
                    db: db.view_mut(),
                    tokens,
                    width: output,
                })
                .unwrap();
            close("bias grad", &db, &tdy.sum(0).unwrap());
            let bias = noise(output, 4, 1.0);
            let mut y = buf(&dy.to_vec(tokens * output).unwrap());
            engine()
                .run(matmul::AddBias {
                    bias: buf(&bias).view(),
                    y: y.view_mut(),
                    tokens,
                    width: output,
                })
                .unwrap();
            close(
                "bias",
                &y,
                &tdy.broadcast_add(&Tensor::new(bias, &CPU).unwrap()).unwrap(),
            );
        }
    }
}

#[test]
fn head_by_unit_gradient_and_by_recomputation() {
    let (n, width, vocab) = (40, 36, 2500); // two chunks and a rest
    for dtype in [DType::F32, DType::BF16] {
        let h = noise(n * width, 1, 1.0);
        let stored = Tensor::from_vec(noise(vocab * width, 2, 0.7), (vocab, width), &CPU).unwrap();
        let stored = stored.to_dtype(dtype).unwrap();
        let targets = crate::common::ids(n, 3, vocab);
        let rows = indices(&targets);
        let coefficients = noise(n, 4, 1.0);

        let vh = var(h.clone(), (n, width));
        let vw = candle_core::Var::from_tensor(&stored.to_dtype(DType::F32).unwrap()).unwrap();
        let logits = vh.matmul(&vw.t().unwrap()).unwrap();
        let picked = logits
            .gather(&Tensor::new(targets, &CPU).unwrap().unsqueeze(1).unwrap(), 1)
            .unwrap();
        let logps = (picked.squeeze(1).unwrap() - logits.log_sum_exp(1).unwrap()).unwrap();
        let grads = along(&logps, &coefficients).backward().unwrap();

        let dims = head::Dims { width, vocab };
        let h = buf(&h);
        let (mut stats, mut unit) = (zeros(head::STATS * n), zeros(n * width));
        let mut scratch = zeros(head::scratch_len(n, vocab));
        engine()
            .run(head::Head {
                h: h.view(),
                w: (&stored).into(),
                targets: rows.view(),
                rows: n,
                dims,
                stats: stats.view_mut(),
                unit: unit.view_mut(),
                logits: scratch.view_mut(),
                unit_grad: false,
            })
            .unwrap();
        close("logps", &stats, &logps);
        engine()
            .run(head::Head {
                h: h.view(),
                w: (&stored).into(),
                targets: rows.view(),
                rows: n,
                dims,
                stats: stats.view_mut(),
                unit: unit.view_mut(),
                logits: scratch.view_mut(),
                unit_grad: true,
            })
            .unwrap();
        close("logps", &stats, &logps);
        let mut dh = zeros(n * width);
        let places = indices(&(0..n as u32).collect::<Vec<_>>());
        let slopes = buf(&coefficients);
        engine()
            .run(gather::ScatterAdd {
                rows: unit.view(),
                ids: places.view(),
                factors: Some(slopes.view()),
                out: dh.view_mut(),
                count: n,
                width,
            })
            .unwrap();
        close("unit gradient", &dh, grads.get(&vh).unwrap());
        let mut dw = zeros(vocab * width);
        engine()
            .run(head::HeadBackward {
                h: h.view(),
                w: (&stored).into(),
                stats: stats.view(),
                targets: rows.view(),
                coefficients: slopes.view(),
                rows: n,
                dims,
                dh: dh.view_mut(),
                dw: dw.view_mut(),
                logits: scratch.view_mut(),
            })
            .unwrap();
        close("recomputed dh", &dh, grads.get(&vh).unwrap());
        close("recomputed dw", &dw, grads.get(&vw).unwrap());
    }
}

#[test]
fn gather_and_scatter() {
    let table = Tensor::from_vec(noise(5 * 7, 1, 1.0), (5, 7), &CPU).unwrap();
    let ids = [4u32, 0, 4];
    let mut y = zeros(3 * 7);
    engine()
        .run(gather::Gather {
            table: (&table).into(),
            ids: indices(&ids).view(),
            y: y.view_mut(),
            count: 3,
            width: 7,
        })
        .unwrap();
    close(
        "gather",
        &y,
        &table.index_select(&Tensor::new(&ids, &CPU).unwrap(), 0).unwrap(),
    );
    let mut sum = zeros(5 * 7);
    engine()
        .run(gather::ScatterAdd {
            rows: y.view(),
            ids: indices(&ids).view(),
            factors: None,
            out: sum.view_mut(),
            count: 3,
            width: 7,
        })
        .unwrap();
    let factor = Tensor::new(&[[1f32], [0.0], [0.0], [0.0], [2.0]], &CPU).unwrap();
    close("scatter", &sum, &table.broadcast_mul(&factor).unwrap());
}

#[test]
fn dropout_draws_one_mask_forward_and_backward() {
    let n = 50_000;
    let ones = buf(&vec![1.0; n]);
    let dropout = act::Dropout {
        probability: 0.3,
        seed: 9,
        stream: 2,
    };
    let mask = |dropout| {
        let mut y = zeros(n);
        engine()
            .run(act::Drop {
                x: ones.view(),
                y: y.view_mut(),
                len: n,
                dropout,
                write: Write::Overwrite,
            })
            .unwrap();
        y.to_vec(n).unwrap()
    };
    let forward = mask(dropout);
    let mut backward = zeros(n);
    engine()
        .run(act::Drop {
            x: ones.view(),
            y: backward.view_mut(),
            len: n,
            dropout,
            write: Write::Accumulate,
        })
        .unwrap();
    assert_eq!(forward, backward.to_vec(n).unwrap());
    assert!(forward.iter().all(|&x| x == 0.0 || (x - 1.0 / 0.7).abs() < 1e-6));
    let kept = forward.iter().filter(|&&x| x > 0.0).count() as f64 / n as f64;
    assert!((kept - 0.7).abs() < 0.01, "{kept}");
    assert_ne!(forward, mask(act::Dropout { stream: 3, ..dropout }));
    assert_ne!(forward, mask(act::Dropout { seed: 10, ..dropout }));
}

#[test]
fn adamw_follows_the_paper() {
    let (lr, decay, beta1, beta2, epsilon) = (0.01f64, 0.1f64, 0.9f64, 0.999f64, 1e-8f64);
    let start = noise(100, 1, 1.0);
    let (mut value, mut first, mut second) = (buf(&start), zeros(100), zeros(100));
    let mut want: Vec<[f64; 3]> = start.iter().map(|&p| [f64::from(p), 0.0, 0.0]).collect();
    for t in 1..=4 {
        let grad = noise(100, 10 + t as u64, 1.0);
        let (c1, c2) = (1.0 - beta1.powi(t), 1.0 - beta2.powi(t));
        let step = AdamStep {
            beta1: beta1 as f32,
            beta2: beta2 as f32,
            epsilon: epsilon as f32,
            keep: (1.0 - lr * decay) as f32,
            step_size: (lr / c1) as f32,
            root_correction: (1.0 / c2.sqrt()) as f32,
            grad_scale: 0.5,
        };
        engine()
            .run(optimizer::AdamW {
                step,
                value: value.view_mut(),
                first: first.view_mut(),
                second: second.view_mut(),
                grad: buf(&grad).view(),
            })
            .unwrap();
        for ([p, m, v], g) in want.iter_mut().zip(&grad) {
            let g = f64::from(*g) * 0.5;
            *p *= 1.0 - lr * decay;
            *m = beta1 * *m + (1.0 - beta1) * g;
            *v = beta2 * *v + (1.0 - beta2) * g * g;
            *p -= lr * (*m / c1) / ((*v / c2).sqrt() + epsilon);
        }
    }
    let want: Vec<f32> = want.iter().map(|[p, ..]| *p as f32).collect();
    close("adamw", &value, &Tensor::new(want, &CPU).unwrap());
}
