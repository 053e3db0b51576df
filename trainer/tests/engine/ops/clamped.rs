//! GPT-OSS's gate against its formula in f64, within and past its limits, of odd numbers of values.

use super::sums::{TYPES, bound, draw, held, near, poisoned, rounded, wide};
use crate::common::engine;
use trainer::ops::clamped::{Clamp, ClampedGate, ClampedGateBackward};

const CLAMP: Clamp = Clamp {
    limit: 2.0,
    slope: 1.702,
};

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The formula, and its derivatives by gate and up.
fn formula(gate: f64, up: f64) -> [f64; 3] {
    let (limit, slope) = (f64::from(CLAMP.limit), f64::from(CLAMP.slope));
    let (g, u) = (gate.min(limit), up.clamp(-limit, limit));
    let s = logistic(slope * g);
    let by_gate = if gate > limit {
        0.0
    } else {
        s + slope * g * s * (1.0 - s)
    };
    let by_up = if up.abs() > limit { 0.0 } else { g * s };
    [(u + 1.0) * g * s, (u + 1.0) * by_gate, by_up]
}

#[test]
fn the_gate_and_its_gradients() {
    for dtype in TYPES {
        for len in [1, 7, 300, 40_003] {
            let far = |seed| -> Vec<f32> {
                let mut values: Vec<f32> = draw(dtype, len, seed).iter().map(|x| rounded(dtype, x * 3.0)).collect();
                // the limits themselves are within
                values.iter_mut().step_by(5).for_each(|x| *x = CLAMP.limit);
                values.iter_mut().skip(1).step_by(11).for_each(|x| *x = -CLAMP.limit);
                values
            };
            let (gate, up, dy) = (far(1), far(2), draw(dtype, len, 3));
            let (mut bg, mut bu, mut y) = (held(dtype, &gate), held(dtype, &up), poisoned(dtype, len));
            engine()
                .run(ClampedGate {
                    gate: bg.view(),
                    up: bu.view(),
                    y: y.view_mut(),
                    len,
                    clamp: CLAMP,
                })
                .unwrap();
            let of = |i: usize| -> Vec<f64> {
                let each = wide(&gate).into_iter().zip(wide(&up)).zip(wide(&dy));
                each.map(|((g, u), d)| formula(g, u)[i] * if i == 0 { 1.0 } else { d })
                    .collect()
            };
            let what = format!("{dtype:?} {len}");
            near(&what, &y, &of(0), bound(dtype));
            engine()
                .run(ClampedGateBackward {
                    gate: bg.view_mut(),
                    up: bu.view_mut(),
                    dy: held(dtype, &dy).view(),
                    len,
                    clamp: CLAMP,
                })
                .unwrap();
            near(&what, &bg, &of(1), bound(dtype));
            near(&what, &bu, &of(2), bound(dtype));
        }
    }
}
