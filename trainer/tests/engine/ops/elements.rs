//! Element by element: sigmoid, sums, copies, dropout's mask and noise, of odd numbers of values and from odd places.

use super::sums::{draw, held, near, poisoned, rounded, same, types, wide, widened};
use crate::common::engine;
use candle_core::DType;
use trainer::ops::{Write, act, noise};

/// Numbers of values: one, less than a vector of a card, a few of them, and more than one round of a grid.
const LENGTHS: [usize; 4] = [1, 7, 300, 40_003];

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[test]
fn a_sigmoid_and_its_gradient() {
    for len in LENGTHS {
        let (x, dy) = (draw(DType::F32, len, 1), draw(DType::F32, len, 2));
        let mut y = poisoned(DType::F32, len);
        engine()
            .run(act::Sigmoid {
                x: held(DType::F32, &x).view(),
                y: y.view_mut(),
                len,
            })
            .unwrap();
        let opened: Vec<f64> = wide(&x).into_iter().map(logistic).collect();
        near("sigmoid", &y, &opened, 2e-6);
        let mut dx = poisoned(DType::F32, len);
        engine()
            .run(act::SigmoidBackward {
                y: y.view(),
                dy: held(DType::F32, &dy).view(),
                dx: dx.view_mut(),
                len,
            })
            .unwrap();
        let slopes = opened.iter().zip(wide(&dy)).map(|(y, d)| d * y * (1.0 - y));
        near("its gradient", &dx, &slopes.collect::<Vec<_>>(), 2e-6);
    }
}

#[test]
fn sums_and_copies_round_once() {
    for dtype in types() {
        for len in LENGTHS {
            let (a, b) = (draw(dtype, len, 1), draw(dtype, len, 2));
            let mut x = held(dtype, &a);
            engine()
                .run(act::Add {
                    x: x.view_mut(),
                    y: held(dtype, &b).view(),
                    len,
                })
                .unwrap();
            let sums: Vec<f32> = a.iter().zip(&b).map(|(a, b)| rounded(dtype, a + b)).collect();
            same(&format!("add {dtype:?} {len}"), &x, &sums);
            for to in types() {
                let mut y = poisoned(to, len);
                engine()
                    .run(act::Copy {
                        from: held(dtype, &a).view(),
                        to: y.view_mut(),
                        len,
                    })
                    .unwrap();
                let want: Vec<f32> = a.iter().map(|&a| rounded(to, a)).collect();
                same(&format!("copy {dtype:?} {to:?} {len}"), &y, &want);
            }
        }
    }
}

/// Where a view begins changes nothing, though a card reads aligned memory in larger words.
#[test]
fn views_from_any_place() {
    for dtype in types() {
        let (a, b) = (draw(dtype, 200, 1), draw(dtype, 200, 2));
        for (at, from) in [(0, 1), (2, 4), (4, 12), (3, 8), (8, 16), (5, 5)] {
            let mut x = held(dtype, &a);
            engine()
                .run(act::Add {
                    x: x.part_mut(at, 100),
                    y: held(dtype, &b).part(from, 100),
                    len: 100,
                })
                .unwrap();
            let mut want = a.clone();
            for i in 0..100 {
                want[at + i] = rounded(dtype, a[at + i] + b[from + i]);
            }
            same(&format!("{dtype:?} {at} {from}"), &x, &want);
        }
    }
}

/// SplitMix64 after its counter, as its authors print it.
fn split_mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

#[test]
fn dropout_has_the_same_mask_on_every_device() {
    let dropout = act::Dropout {
        probability: 0.3,
        seed: 77,
        stream: 5,
    };
    let key = split_mix(77 ^ split_mix(5 + GOLDEN));
    let draws = |i: u64| split_mix(key.wrapping_add(i.wrapping_mul(GOLDEN))) >> 32;
    let kept = |i: usize| draws(i as u64) as f64 >= (f64::from(0.3f32) * 4294967296.0).floor();
    for dtype in types() {
        for len in LENGTHS {
            let (x, before) = (draw(dtype, len, 1), draw(dtype, len, 2));
            let scale = 1.0 / (1.0 - 0.3f32);
            let dropped: Vec<f32> = (0..len).map(|i| if kept(i) { x[i] * scale } else { 0.0 }).collect();
            for write in [Write::Overwrite, Write::Accumulate] {
                let (mut y, want): (_, Vec<f32>) = match write {
                    Write::Overwrite => (poisoned(dtype, len), dropped.clone()),
                    Write::Accumulate => (
                        held(dtype, &before),
                        before.iter().zip(&dropped).map(|(a, b)| a + b).collect(),
                    ),
                };
                engine()
                    .run(act::Drop {
                        x: held(dtype, &x).view(),
                        y: y.view_mut(),
                        len,
                        dropout,
                        write,
                    })
                    .unwrap();
                let want: Vec<f32> = want.iter().map(|&x| rounded(dtype, x)).collect();
                same(&format!("{dtype:?} {len} {write:?}"), &y, &want);
            }
        }
    }
}

#[test]
fn noise_is_the_same_on_every_device() {
    let key = split_mix(9 ^ 0xA5A5_5A5A_0F0F_F0F0);
    for dtype in types() {
        for at in [0..1, 5..300, 16..40_000] {
            let before = draw(dtype, at.end, 1);
            let mut x = held(dtype, &before);
            engine()
                .run(noise::AddNoise {
                    x: x.view_mut(),
                    at: at.clone(),
                    magnitude: 0.25,
                    seed: 9,
                })
                .unwrap();
            let want: Vec<f32> = (0..at.end)
                .map(|i| {
                    let bits = split_mix(key.wrapping_add((i as u64).wrapping_mul(GOLDEN)));
                    let share = (bits >> 40) as f32 / (1u32 << 24) as f32;
                    match at.contains(&i) {
                        true => rounded(dtype, before[i] + (2.0 * share - 1.0) * 0.25),
                        false => before[i],
                    }
                })
                .collect();
            same(&format!("{dtype:?} {at:?}"), &x, &want);
            assert!(at.len() < 100 || widened(&x)[..at.end] != before);
        }
    }
}
