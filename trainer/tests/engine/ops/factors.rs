//! Factors per column and row and what they are found by, rotations of blocks of columns, and DoRA's lengths.

use super::sums::{bound, draw, held, near, poisoned, rounded, same, types, wide};
use crate::common::engine;
use candle_core::DType;
use trainer::ops::{Buf, Write, dora, rotate, scale};

const SIZES: [(usize, usize); 4] = [(1, 5), (37, 33), (130, 64), (3, 2_100)];

#[test]
fn all_values_are_scaled() {
    for (rows, width) in SIZES {
        for dtype in types() {
            let (len, x) = (rows * width, draw(dtype, rows * width, 1));
            let mut got = held(dtype, &x);
            engine()
                .run(scale::Scale {
                    x: got.view_mut(),
                    factor: 0.37,
                    len,
                })
                .unwrap();
            let want: Vec<f32> = x.iter().map(|x| rounded(dtype, x * 0.37)).collect();
            same(&format!("{rows} {width} {dtype:?}"), &got, &want);
        }
    }
}

#[test]
fn columns_and_rows_are_scaled() {
    for (rows, width) in SIZES {
        for dtype in types() {
            let y = draw(dtype, rows * width, 1);
            let (by_column, by_row) = (draw(DType::F32, width, 2), draw(DType::F32, rows, 3));
            let what = format!("{rows} {width} {dtype:?}");
            let mut got = held(dtype, &y);
            engine()
                .run(scale::ScaleColumns {
                    y: got.view_mut(),
                    factors: held(DType::F32, &by_column).view(),
                    tokens: rows,
                    width,
                })
                .unwrap();
            let scaled = |factor: &dyn Fn(usize) -> f32| -> Vec<f32> {
                let each = y.iter().enumerate();
                each.map(|(i, y)| rounded(dtype, y * factor(i))).collect()
            };
            same(&what, &got, &scaled(&|i| by_column[i % width]));
            let mut got = held(dtype, &y);
            engine()
                .run(scale::ScaleRows {
                    y: got.view_mut(),
                    factors: held(DType::F32, &by_row).view(),
                    rows,
                    width,
                })
                .unwrap();
            same(&what, &got, &scaled(&|i| by_row[i / width]));
        }
    }
}

#[test]
fn dots_of_columns_and_rows() {
    for (rows, width) in SIZES {
        for dtype in types() {
            let (a, b) = (draw(dtype, rows * width, 1), draw(dtype, rows * width, 2));
            let norms: Vec<f32> = draw(DType::F32, width, 3).iter().map(|x| x.abs() + 0.5).collect();
            let before = draw(DType::F32, width, 4);
            let (mut out, mut dots) = (held(DType::F32, &before), poisoned(DType::F32, rows));
            engine()
                .run(scale::ColumnDots {
                    a: held(dtype, &a).view(),
                    b: held(dtype, &b).view(),
                    norms: held(DType::F32, &norms).view(),
                    out: out.view_mut(),
                    tokens: rows,
                    width,
                })
                .unwrap();
            engine()
                .run(scale::RowDots {
                    a: held(dtype, &a).view(),
                    b: held(dtype, &b).view(),
                    out: dots.view_mut(),
                    rows,
                    width,
                })
                .unwrap();
            let (mut by_column, mut by_row) = (wide(&before), vec![0.0; rows]);
            for (i, (a, b)) in wide(&a).into_iter().zip(wide(&b)).enumerate() {
                by_column[i % width] += a * b / f64::from(norms[i % width]);
                by_row[i / width] += a * b;
            }
            let what = format!("{rows} {width} {dtype:?}");
            near(&what, &out, &by_column, 1e-6);
            near(&what, &dots, &by_row, 1e-6);
        }
    }
}

/// Blocks of columns with a matrix each, two that take turns, and one for all.
#[test]
fn blocks_of_columns_are_turned() {
    for (tokens, width, size, stored) in [(5, 12, 4, 3), (37, 96, 8, 2), (70, 66, 33, 1), (3, 40, 40, 1)] {
        let dims = rotate::Dims {
            tokens,
            width,
            size,
            stored,
        };
        for dtype in types() {
            let (x, dy) = (draw(dtype, tokens * width, 1), draw(dtype, tokens * width, 2));
            let matrices = draw(DType::F32, stored * size * size, 3);
            let mut turned = vec![0.0; tokens * width];
            let mut gradient = vec![0.0; stored * size * size];
            for token in 0..tokens {
                for block in 0..width / size {
                    let (at, matrix) = (token * width + block * size, block % stored * size * size);
                    for k in 0..size {
                        for c in 0..size {
                            turned[at + c] += f64::from(x[at + k]) * f64::from(matrices[matrix + k * size + c]);
                            gradient[matrix + k * size + c] += f64::from(x[at + k]) * f64::from(dy[at + c]);
                        }
                    }
                }
            }
            for write in [Write::Overwrite, Write::Accumulate] {
                let (mut y, before) = match write {
                    Write::Overwrite => (poisoned(dtype, tokens * width), vec![0.0; tokens * width]),
                    Write::Accumulate => (held(dtype, &dy), wide(&dy)),
                };
                engine()
                    .run(rotate::Rotate {
                        x: held(dtype, &x).view(),
                        matrices: held(DType::F32, &matrices).view(),
                        y: y.view_mut(),
                        dims,
                        write,
                    })
                    .unwrap();
                let want: Vec<f64> = turned.iter().zip(before).map(|(a, b)| a + b).collect();
                near(&format!("{dims:?} {dtype:?} {write:?}"), &y, &want, bound(dtype));
            }
            let mut d = poisoned(DType::F32, stored * size * size);
            engine()
                .run(rotate::RotateGradient {
                    x: held(dtype, &x).view(),
                    dy: held(dtype, &dy).view(),
                    d: d.view_mut(),
                    dims,
                })
                .unwrap();
            near(&format!("{dims:?} {dtype:?}"), &d, &gradient, 4e-6);
        }
    }
}

#[test]
fn the_lengths_of_rows_that_a_low_rank_term_moved() {
    for (output, rank) in [(5, 1), (300, 8), (37, 3)] {
        let (w, b, a_w, b_gram) = (
            draw(DType::F32, output, 1),
            draw(DType::F32, output * rank, 2),
            draw(DType::F32, rank * output, 3),
            draw(DType::F32, output * rank, 4),
        );
        let (squares, s) = (wide(&w).iter().map(|w| 40.0 + w * w).collect::<Vec<f64>>(), 0.5f32);
        let magnitude = draw(DType::F32, output, 5);
        let [mut norms, mut gain, mut excess] = [(); 3].map(|()| poisoned(DType::F32, output));
        let engine = engine();
        engine
            .run(dora::RowLengths {
                squares: Buf::from_vec(squares.clone(), engine.device()).unwrap().view(),
                b: held(DType::F32, &b).view(),
                a_w: held(DType::F32, &a_w).view(),
                b_gram: held(DType::F32, &b_gram).view(),
                magnitude: held(DType::F32, &magnitude).view(),
                norms: norms.view_mut(),
                gain: gain.view_mut(),
                excess: excess.view_mut(),
                scale: s,
                rank,
                output,
            })
            .unwrap();
        let s = f64::from(s);
        let lengths: Vec<f64> = (0..output)
            .map(|j| {
                let change = |r: usize| {
                    let (a_w, b_gram) = (f64::from(a_w[r * output + j]), f64::from(b_gram[j * rank + r]));
                    f64::from(b[j * rank + r]) * (2.0 * s * a_w + s * s * b_gram)
                };
                (squares[j] + (0..rank).map(change).sum::<f64>()).sqrt()
            })
            .collect();
        let gains: Vec<f64> = wide(&magnitude).iter().zip(&lengths).map(|(m, n)| m / n).collect();
        near("lengths", &norms, &lengths, 1e-7);
        near("gain", &gain, &gains, 1e-7);
        near(
            "excess",
            &excess,
            &gains.iter().map(|g| g - 1.0).collect::<Vec<_>>(),
            1e-7,
        );
    }
}
