//! Every operation against candle's autograd on its naive composition.

mod activations;
mod adafactor;
mod apollo;
mod attention_cases;
mod attention_sums;
mod clamped;
mod elements;
mod factors;
mod head_forms;
mod head_sums;
mod heads;
mod norms;
mod optimizers;
mod packed;
mod products;
mod refused;
mod rotations;
mod routers;
mod routing;
mod rows;
mod segments;
mod sums;

use crate::common::attention::{Scores, rope as naive_rope};
use crate::common::{engine, noise, relative_error, var};
use candle_core::{DType, Device, Tensor};
use trainer::ops::matmul::Dims;
use trainer::ops::optimizer::AdamStep;
use trainer::ops::{Buf, IndexArrays, Write, act, attention, gather, head, matmul, optimizer, rope};
use trainer::plan::Segment;

const CPU: Device = Device::Cpu;
const TOLERANCE: f64 = 5e-6;

fn buf(values: &[f32]) -> Buf {
    Buf::from_vec(values.to_vec(), engine().device()).unwrap()
}

fn indices(values: &[u32]) -> Buf {
    Buf::from_vec(values.to_vec(), engine().device()).unwrap()
}

fn zeros(len: usize) -> Buf {
    Buf::zeros(len, engine().device()).unwrap()
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
fn rope_turns_and_turns_back() {
    let (heads, half, positions) = (3, 10, [0u32, 5, 1, 40]);
    // whole heads, and a part of wider ones
    for (head_dim, first, interleaved, magnitude) in [(20, 0, false, 1.0), (33, 0, true, 1.3), (27, 7, false, 0.7)] {
        let rotation = rope::Rotation {
            frequencies: (0..half).map(|i| 0.8f32.powi(i)).collect(),
            magnitude,
            interleaved,
        };
        let turned = rope::Turned { heads, head_dim, first };
        let x = noise(4 * heads * head_dim, 1, 1.0);
        let table = rope::Table::new(std::slice::from_ref(&rotation), 64, engine().device()).unwrap();
        let v = var(x.clone(), (4, heads, head_dim));
        let want = naive_rope(&v, &positions, &rotation, first).unwrap();
        let grads = along(&want, &x).backward().unwrap();
        let mut y = buf(&x);
        engine()
            .run(rope::Rope {
                x: y.view_mut(),
                table: &table,
                turns: indices(&positions).view(),
                tokens: positions.len(),
                turned,
                turn: rope::Turn::Forward,
            })
            .unwrap();
        close("rope", &y, &want);
        let mut dx = buf(&x);
        engine()
            .run(rope::Rope {
                x: dx.view_mut(),
                table: &table,
                turns: indices(&positions).view(),
                tokens: positions.len(),
                turned,
                turn: rope::Turn::Backward,
            })
            .unwrap();
        close("rope backward", &dx, grads.get(&v).unwrap());
    }
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
