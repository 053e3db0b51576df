//! What queries and keys go through beside their linear layers: factors by position, bounds, and parts of heads that are taken
//! apart and put together.

use super::indices;
use super::sums::{TYPES, bound, draw, held, near, poisoned, rounded, same};
use crate::common::engine;
use candle_core::DType;
use trainer::ops::clip::{Clip, ClipBackward};
use trainer::ops::columns::{Columns, CopyColumns, SumColumns};
use trainer::ops::scale::ScaleByPosition;

#[test]
fn rows_are_scaled_by_position() {
    let positions = [3u32, 0, 1, 3];
    for (dtype, width) in TYPES.into_iter().flat_map(|dtype| [(dtype, 5), (dtype, 64)]) {
        let (y, factors) = (draw(dtype, 4 * width, 1), draw(DType::F32, 4, 2));
        let (mut scaled, by, at) = (held(dtype, &y), held(DType::F32, &factors), indices(&positions));
        let operation = ScaleByPosition {
            y: scaled.view_mut(),
            factors: by.view(),
            positions: at.view(),
            tokens: 4,
            width,
        };
        engine().run(operation).unwrap();
        let factor = |i: usize| factors[positions[i / width] as usize];
        let want: Vec<f32> = y
            .iter()
            .enumerate()
            .map(|(i, y)| rounded(dtype, y * factor(i)))
            .collect();
        same(&format!("{width} {dtype:?}"), &scaled, &want);
    }
}

/// The bound is one that bf16 does not hold: what lies on it is then what was rounded to it.
#[test]
fn values_are_kept_within_bounds() {
    let limit = 0.7f32;
    for dtype in TYPES {
        let (x, dy) = (draw(dtype, 1_003, 1), draw(dtype, 1_003, 2));
        let mut clipped = held(dtype, &x);
        let clip = Clip {
            x: clipped.view_mut(),
            limit,
            len: x.len(),
        };
        engine().run(clip).unwrap();
        let want: Vec<f32> = x.iter().map(|x| rounded(dtype, x.clamp(-limit, limit))).collect();
        assert!(want.iter().any(|x| *x == rounded(dtype, limit)) && want.iter().any(|x| x.abs() < limit));
        same(&format!("clipped, {dtype:?}"), &clipped, &want);
        let mut dx = held(dtype, &dy);
        let backward = ClipBackward {
            y: clipped.view(),
            dy: dx.view_mut(),
            limit,
            len: x.len(),
        };
        engine().run(backward).unwrap();
        let inside = |x: f32| x.abs() < rounded(dtype, limit);
        let want: Vec<f32> = want
            .iter()
            .zip(&dy)
            .map(|(x, dy)| if inside(*x) { *dy } else { 0.0 })
            .collect();
        same(&format!("its gradient, {dtype:?}"), &dx, &want);
    }
}

#[test]
fn columns_are_copied_and_summed() {
    let (rows, repeat, width) = (6, 3, 5);
    let (narrow, wide) = (Columns { first: 2, of: 8 }, Columns { first: 4, of: 9 });
    for dtype in TYPES {
        let (from, before) = (
            draw(dtype, rows / repeat * narrow.of, 1),
            draw(dtype, rows * wide.of, 2),
        );
        let (source, mut to) = (held(dtype, &from), held(dtype, &before));
        let copy = CopyColumns {
            from: source.view(),
            from_columns: narrow,
            to: to.view_mut(),
            to_columns: wide,
            rows,
            width,
            repeat,
        };
        engine().run(copy).unwrap();
        let mut want = before.clone();
        for (row, j) in (0..rows).flat_map(|row| (0..width).map(move |j| (row, j))) {
            want[row * wide.of + wide.first + j] = from[row / repeat * narrow.of + narrow.first + j];
        }
        same(&format!("copied, {dtype:?}"), &to, &want);

        let (source, mut sums) = (held(dtype, &before), poisoned(dtype, rows / repeat * width));
        let sum = SumColumns {
            from: source.view(),
            from_columns: wide,
            to: sums.view_mut(),
            to_columns: Columns { first: 0, of: width },
            rows: rows / repeat,
            width,
            each: repeat,
        };
        engine().run(sum).unwrap();
        let mut want = vec![0.0; rows / repeat * width];
        for (row, j) in (0..rows).flat_map(|row| (0..width).map(move |j| (row, j))) {
            want[row / repeat * width + j] += f64::from(before[row * wide.of + wide.first + j]);
        }
        near(&format!("summed, {dtype:?}"), &sums, &want, bound(dtype));
    }
}
