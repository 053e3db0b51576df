//! Rows picked by index, added where they came from, and moved together and apart in place.

use super::indices;
use super::sums::{bound, draw, held, near, poisoned, same, types, wide};
use crate::common::{engine, ids};
use candle_core::DType;
use trainer::ops::gather;

/// Odd, of whole words, and wider than a block of threads takes at once.
const WIDTHS: [usize; 3] = [7, 64, 2_100];

#[test]
fn rows_are_looked_up_in_every_type() {
    for width in WIDTHS {
        let picked = ids(30, 1, 11);
        for stored in [DType::F32, DType::BF16, DType::F16] {
            let table = draw(stored, 11 * width, 2);
            for dtype in types() {
                let mut y = poisoned(dtype, 30 * width);
                engine()
                    .run(gather::Gather {
                        table: held(stored, &table).view().into(),
                        ids: indices(&picked).view(),
                        y: y.view_mut(),
                        count: 30,
                        width,
                    })
                    .unwrap();
                let rows = picked.iter().flat_map(|&id| &table[id as usize * width..][..width]);
                let want: Vec<f32> = rows.map(|&x| super::sums::rounded(dtype, x)).collect();
                same(&format!("{stored:?} {dtype:?} {width}"), &y, &want);
            }
        }
    }
}

#[test]
fn rows_of_a_table_are_added_from_a_first_one_on() {
    for width in WIDTHS {
        let picked = ids(30, 1, 9);
        for stored in [DType::F32, DType::BF16, DType::F16] {
            let table = draw(stored, 11 * width, 2);
            for dtype in types() {
                let before = draw(dtype, 30 * width, 3);
                let mut x = held(dtype, &before);
                engine()
                    .run(gather::AddRows {
                        table: held(stored, &table).view().into(),
                        first: 2,
                        ids: indices(&picked).view(),
                        x: x.view_mut(),
                        count: 30,
                        width,
                    })
                    .unwrap();
                let rows = picked
                    .iter()
                    .flat_map(|&id| &table[(2 + id as usize) * width..][..width]);
                let sums = before.iter().zip(rows).map(|(a, b)| super::sums::rounded(dtype, a + b));
                same(&format!("{stored:?} {dtype:?} {width}"), &x, &sums.collect::<Vec<_>>());
            }
        }
    }
}

/// Several rows may share a place, far apart too.
#[test]
fn rows_are_added_in_order_where_they_share_a_place() {
    for (count, places, width) in [(1, 1, 7), (90, 11, 64), (601, 40, 19)] {
        let to = ids(count, 1, places);
        let factors = draw(DType::F32, count, 2);
        for dtype in types() {
            let rows = draw(dtype, count * width, 3);
            for sums in types() {
                let before = draw(sums, places * width, 4);
                for factors in [None, Some(&factors)] {
                    let mut out = held(sums, &before);
                    let by = factors.map(|factors| held(DType::F32, factors));
                    engine()
                        .run(gather::ScatterAdd {
                            rows: held(dtype, &rows).view(),
                            ids: indices(&to).view(),
                            factors: by.as_ref().map(|by| by.view()),
                            out: out.view_mut(),
                            count,
                            width,
                        })
                        .unwrap();
                    // in the order of the rows, each sum rounded: the same bits on every device
                    let mut want = before.clone();
                    for (i, &id) in to.iter().enumerate() {
                        for c in 0..width {
                            let place = &mut want[id as usize * width + c];
                            let factor = factors.map_or(1.0, |factors| factors[i]);
                            *place = super::sums::rounded(sums, factor.mul_add(rows[i * width + c], *place));
                        }
                    }
                    same(&format!("{dtype:?} to {sums:?}, {count}"), &out, &want);
                }
            }
        }
    }
}

#[test]
fn values_are_placed() {
    let order: Vec<u32> = (0..300u32).map(|i| i * 8 % 301).collect();
    let values = draw(DType::F32, 300, 1);
    let mut out = held(DType::F32, &draw(DType::F32, 301, 2));
    let mut want = draw(DType::F32, 301, 2);
    engine()
        .run(gather::Place {
            values: held(DType::F32, &values).view(),
            ids: indices(&order).view(),
            out: out.view_mut(),
            count: 300,
        })
        .unwrap();
    for (&id, &value) in order.iter().zip(&values) {
        want[id as usize] = value;
    }
    same("place", &out, &want);
}

#[test]
fn rows_move_together_and_apart_in_place() {
    let rising = |rows: usize, every: usize| (0..rows as u32).filter(move |i| *i as usize % every == 1 % every);
    let late: Vec<u32> = (40..75).collect();
    let few: Vec<u32> = vec![3, 4, 50];
    for (rows, kept) in [
        (9, rising(9, 2).collect::<Vec<_>>()),
        (75, late),
        (64, few),
        (70, rising(70, 1).collect()),
        (20, vec![]),
    ] {
        for width in WIDTHS {
            for dtype in types() {
                let before = draw(dtype, rows * width, 1);
                let mut x = held(dtype, &before);
                engine()
                    .run(gather::Compact {
                        x: x.view_mut(),
                        ids: indices(&kept).view(),
                        count: kept.len(),
                        width,
                    })
                    .unwrap();
                let mut want = before.clone();
                for (i, &id) in kept.iter().enumerate() {
                    let id = id as usize;
                    want.copy_within(id * width..(id + 1) * width, i * width);
                }
                let what = format!("{} of {rows}, {width}, {dtype:?}", kept.len());
                same(&what, &x, &want);
                engine()
                    .run(gather::Spread {
                        x: x.view_mut(),
                        ids: indices(&kept).view(),
                        count: kept.len(),
                        rows,
                        width,
                    })
                    .unwrap();
                let mut want = vec![0.0; rows * width];
                for &id in &kept {
                    let row = id as usize * width..(id as usize + 1) * width;
                    want[row.clone()].copy_from_slice(&before[row]);
                }
                same(&what, &x, &want);
            }
        }
    }
}

#[test]
fn a_bias_and_its_gradient() {
    use trainer::ops::matmul::{AddBias, BiasGrad};
    for (tokens, width) in [(1, 5), (37, 33), (300, 64), (3, 2_100)] {
        for dtype in types() {
            let (bias, y) = (draw(DType::F32, width, 1), draw(dtype, tokens * width, 2));
            let mut sum = held(dtype, &y);
            engine()
                .run(AddBias {
                    bias: held(DType::F32, &bias).view(),
                    y: sum.view_mut(),
                    tokens,
                    width,
                })
                .unwrap();
            let want: Vec<f32> = y
                .iter()
                .enumerate()
                .map(|(i, y)| super::sums::rounded(dtype, y + bias[i % width]))
                .collect();
            same(&format!("bias {tokens} {width} {dtype:?}"), &sum, &want);
            let mut db = held(DType::F32, &bias);
            engine()
                .run(BiasGrad {
                    dy: held(dtype, &y).view(),
                    db: db.part_mut(0, width),
                    tokens,
                    width,
                })
                .unwrap();
            let mut want = wide(&bias);
            for (i, y) in y.iter().enumerate() {
                want[i % width] += f64::from(*y);
            }
            near(
                &format!("its gradient {tokens} {width} {dtype:?}"),
                &db,
                &want,
                2.0 * bound(DType::F32),
            );
        }
    }
}
