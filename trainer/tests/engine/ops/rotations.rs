//! Cayley's map and its way back: rotations that turn nothing longer, their transposes, gradients by differences.

use super::optimizers::{F32, whole, whole_of};
use super::sums::{TYPES, draw, held, near, poisoned, rounded, wide, widened};
use crate::common::engine;
use candle_core::DType;
use trainer::ops::cayley::{Cayley, Dims, Rotations, RotationsBackward, above_diagonal};

const SIZES: [Dims; 4] = [
    Dims { stored: 3, size: 2 },
    Dims { stored: 2, size: 7 },
    Dims { stored: 1, size: 20 },
    Dims { stored: 2, size: 33 },
];
const MAPS: [Cayley; 4] = [
    Cayley::Exact,
    Cayley::Series { terms: 1, even: false },
    Cayley::Series { terms: 5, even: false },
    Cayley::Series { terms: 3, even: true },
];

fn numbers(dtype: DType, dims: Dims) -> Vec<f32> {
    let size = (dims.size as f32).sqrt() * 2.0;
    let all = draw(F32, dims.stored * above_diagonal(dims.size), 1);
    all.iter().map(|x| rounded(dtype, x / size)).collect()
}

/// `R` of each matrix in f64, by powers or by Newton's way to an inverse.
fn rotations(above: &[f64], Dims { stored, size }: Dims, map: Cayley) -> Vec<f64> {
    let product = |a: &[f64], b: &[f64]| -> Vec<f64> {
        let entry = |at: usize| {
            (0..size)
                .map(|k| a[at / size * size + k] * b[k * size + at % size])
                .sum()
        };
        (0..size * size).map(entry).collect()
    };
    let identity: Vec<f64> = (0..size * size)
        .map(|at| if at / size == at % size { 1.0 } else { 0.0 })
        .collect();
    let of = |above: &[f64]| -> Vec<f64> {
        let (mut q, mut next) = (vec![0.0; size * size], above.iter());
        for i in 0..size {
            for j in i + 1..size {
                q[i * size + j] = *next.next().unwrap();
                q[j * size + i] = -q[i * size + j];
            }
        }
        let plus =
            |a: &[f64], b: &[f64], factor: f64| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a + factor * b).collect() };
        match map {
            Cayley::Exact => {
                let sum = plus(&identity, &q, 1.0);
                // X <- X (2 - A X) from the transpose over the norms
                let most: f64 = sum.iter().map(|x| x * x).sum();
                let mut inverse: Vec<f64> = (0..size * size)
                    .map(|at| sum[at % size * size + at / size] / most)
                    .collect();
                for _ in 0..60 {
                    let twice: Vec<f64> = identity.iter().map(|x| 2.0 * x).collect();
                    inverse = product(&inverse, &plus(&twice, &product(&sum, &inverse), -1.0));
                }
                product(&plus(&identity, &q, -1.0), &inverse)
            }
            Cayley::Series { terms, even } => {
                let powers = match (terms, even) {
                    (1, _) => 0,
                    (terms, true) => terms - 1,
                    (terms, false) => terms.max(4) - 1,
                };
                let (mut sum, mut power) = (identity.clone(), identity.clone());
                for n in 1..=powers {
                    power = product(&power, &q);
                    sum = plus(&sum, &power, if n == powers && !even { 1.0 } else { 2.0 });
                }
                sum
            }
        }
    };
    above.chunks_exact(above.len() / stored).flat_map(of).collect()
}

#[test]
fn rotations_follow_from_their_numbers() {
    for (dims, dtype) in SIZES.into_iter().flat_map(|dims| TYPES.map(|dtype| (dims, dtype))) {
        for map in MAPS {
            let (above, len) = (numbers(dtype, dims), dims.stored * dims.size * dims.size);
            let (mut matrices, mut back) = (poisoned(F32, len), poisoned(F32, len));
            engine()
                .run(Rotations {
                    above: whole_of(dtype, &above).view(),
                    matrices: matrices.view_mut(),
                    back: back.view_mut(),
                    dims,
                    map,
                })
                .unwrap();
            let want = rotations(&wide(&above), dims, map);
            let what = format!("{dims:?} {map:?} {dtype:?}");
            near(&what, &matrices, &want, 2e-7);
            let (square, size) = (dims.size * dims.size, dims.size);
            let turned = |at: usize| want[at / square * square + at % size * size + at % square / size];
            near(&what, &back, &(0..len).map(turned).collect::<Vec<_>>(), 2e-7);
        }
    }
}

#[test]
fn gradients_of_the_numbers_are_slopes() {
    const STEP: f64 = 1e-5;
    for (dims, dtype) in SIZES[..3].iter().flat_map(|dims| TYPES.map(|dtype| (*dims, dtype))) {
        for map in MAPS {
            let (above, len) = (numbers(dtype, dims), dims.stored * dims.size * dims.size);
            let by_matrix = draw(F32, len, 2);
            let before = draw(dtype, above.len(), 3);
            let mut got = whole_of(dtype, &before);
            engine()
                .run(RotationsBackward {
                    above: whole_of(dtype, &above).view(),
                    by_matrix: whole(&by_matrix).view(),
                    d_above: got.view_mut(),
                    dims,
                    map,
                })
                .unwrap();
            let value = |above: &[f64]| -> f64 {
                let rotations = rotations(above, dims, map);
                rotations.iter().zip(wide(&by_matrix)).map(|(r, d)| r * d).sum()
            };
            let want: Vec<f64> = (0..above.len())
                .map(|at| {
                    let moved = |by: f64| {
                        let mut above = wide(&above);
                        above[at] += by;
                        value(&above)
                    };
                    f64::from(before[at]) + (moved(STEP) - moved(-STEP)) / (2.0 * STEP)
                })
                .collect();
            let bound = if dtype == F32 { 2e-6 } else { 1.0 / 256.0 };
            near(
                &format!("{dims:?} {map:?} {dtype:?}"),
                &held(F32, &widened(&got)),
                &want,
                bound,
            );
        }
    }
}
