//! Activations of feed-forward networks and their gradients against f64, of odd numbers of values and far out too.

use super::sums::{bound, draw, held, near, poisoned, rounded, types};
use super::{along, buf, close, zeros};
use crate::common::parts;
use crate::common::{engine, noise, var};
use candle_core::DType;
use protocol::decoder::Activation as Described;
use trainer::ops::activation::{Activate, ActivateBackward, Activation, Gated, GatedBackward};

/// Numbers of values: one, less than a vector of a card, a few of them, and more than one round of a grid.
const LENGTHS: [usize; 4] = [1, 7, 300, 40_003];

const ALL: [(Activation, Described); 5] = [
    (Activation::Silu, Described::Silu),
    (Activation::Gelu, Described::Gelu),
    (Activation::GeluTanh, Described::GeluTanh),
    (Activation::Relu, Described::Relu),
    (Activation::ReluSquared, Described::ReluSquared),
];

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The error function by its power series; past 5 it is 1 to eleven places.
fn erf(x: f64) -> f64 {
    if x.abs() > 5.0 {
        return x.signum();
    }
    let (mut term, mut sum) = (x, x);
    for n in 1..150 {
        term *= -x * x / f64::from(n);
        sum += term / f64::from(2 * n + 1);
    }
    sum * 2.0 / std::f64::consts::PI.sqrt()
}

/// Value and derivative.
fn wanted(activation: Activation, x: f64) -> (f64, f64) {
    let tau = std::f64::consts::TAU;
    match activation {
        Activation::Silu => (x * logistic(x), logistic(x) * (1.0 + x * (1.0 - logistic(x)))),
        Activation::Gelu => {
            let below = (1.0 + erf(x / 2f64.sqrt())) / 2.0;
            (x * below, below + x * (-x * x / 2.0).exp() / tau.sqrt())
        }
        Activation::GeluTanh => {
            let root = (4.0 / tau).sqrt();
            let t = (root * (x + 0.044715 * x.powi(3))).tanh();
            let slope = root * (1.0 + 3.0 * 0.044715 * x * x);
            (x / 2.0 * (1.0 + t), (1.0 + t) / 2.0 + x / 2.0 * (1.0 - t * t) * slope)
        }
        Activation::Relu => (x.max(0.0), f64::from(u8::from(x > 0.0))),
        Activation::ReluSquared => (x.max(0.0).powi(2), 2.0 * x.max(0.0)),
    }
}

#[test]
fn activations_and_their_gradients() {
    for (activation, _) in ALL {
        for dtype in types() {
            for len in LENGTHS {
                let what = format!("{activation:?} {dtype:?} {len}");
                // far out too, where the exponential saturates
                let x: Vec<f32> = draw(dtype, len, 1).iter().map(|x| rounded(dtype, x * 30.0)).collect();
                let (up, dy) = (draw(dtype, len, 2), draw(dtype, len, 3));
                let of = |f: &dyn Fn(f64, f64, f64, f64) -> f64| -> Vec<f64> {
                    let at = |i: usize| {
                        let (value, slope) = wanted(activation, f64::from(x[i]));
                        f(value, slope, f64::from(up[i]), f64::from(dy[i]))
                    };
                    (0..len).map(at).collect()
                };

                let held_dy = held(dtype, &dy);
                let (mut bx, mut y) = (held(dtype, &x), poisoned(dtype, len));
                let forward = Activate {
                    x: bx.view(),
                    y: y.view_mut(),
                    len,
                    activation,
                };
                engine().run(forward).unwrap();
                near(&what, &y, &of(&|value, _, _, _| value), bound(dtype));
                let backward = ActivateBackward {
                    x: bx.view_mut(),
                    dy: held_dy.view(),
                    len,
                    activation,
                };
                engine().run(backward).unwrap();
                near(&what, &bx, &of(&|_, slope, _, d| slope * d), bound(dtype));

                let (mut bg, mut bu, mut y) = (held(dtype, &x), held(dtype, &up), poisoned(dtype, len));
                let forward = Gated {
                    gate: bg.view(),
                    up: bu.view(),
                    y: y.view_mut(),
                    len,
                    activation,
                };
                engine().run(forward).unwrap();
                near(&what, &y, &of(&|value, _, u, _| value * u), bound(dtype));
                let backward = GatedBackward {
                    gate: bg.view_mut(),
                    up: bu.view_mut(),
                    dy: held_dy.view(),
                    len,
                    activation,
                };
                engine().run(backward).unwrap();
                near(&what, &bu, &of(&|value, _, _, d| value * d), bound(dtype));
                near(&what, &bg, &of(&|_, slope, u, d| slope * u * d), bound(dtype));
            }
        }
    }
}

#[test]
fn gated_activations_agree_with_autograd() {
    let n = 4_003;
    let (gate, up, dy) = (noise(n, 1, 4.0), noise(n, 2, 1.0), noise(n, 3, 1.0));
    for (activation, described) in ALL {
        let (vg, vu) = (var(gate.clone(), n), var(up.clone(), n));
        let y = (parts::activated(described, &vg).unwrap() * vu.as_tensor()).unwrap();
        let grads = along(&y, &dy).backward().unwrap();
        let (mut g, mut u, mut out, bdy) = (buf(&gate), buf(&up), zeros(n), buf(&dy));
        let forward = Gated {
            gate: g.view(),
            up: u.view(),
            y: out.view_mut(),
            len: n,
            activation,
        };
        engine().run(forward).unwrap();
        close(&format!("{activation:?}"), &out, &y);
        let backward = GatedBackward {
            gate: g.view_mut(),
            up: u.view_mut(),
            dy: bdy.view(),
            len: n,
            activation,
        };
        engine().run(backward).unwrap();
        close(&format!("{activation:?} d gate"), &g, grads.get(&vg).unwrap());
        close(&format!("{activation:?} d up"), &u, grads.get(&vu).unwrap());
    }
}

/// Near 0 and where the last places of the tail count.
#[test]
fn gelu_keeps_its_tail() {
    let x = [-6.0f32, -4.0, -2.5, -1.0, -1e-3, 0.0, 1e-3, 0.5, 3.0];
    let (bx, mut y) = (buf(&x), zeros(x.len()));
    let forward = Activate {
        x: bx.view(),
        y: y.view_mut(),
        len: x.len(),
        activation: Activation::Gelu,
    };
    engine().run(forward).unwrap();
    for (got, x) in y.to_vec(x.len()).unwrap().into_iter().zip(x) {
        let (want, _) = wanted(Activation::Gelu, f64::from(x));
        let off = (f64::from(got) - want).abs();
        assert!(off <= 2e-7 * f64::from(x.abs()), "{x}: {got}, not {want}");
    }
    assert_eq!(y.dtype(), DType::F32);
}
