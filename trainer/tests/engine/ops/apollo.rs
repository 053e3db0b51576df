//! APOLLO's factors and its update, against the paper's formulas in f64.

use super::optimizers::{F32, whole, whole_of};
use super::sums::{TYPES, draw, held, near, poisoned, rounded, wide, widened};
use crate::common::engine;
use trainer::ops::optimizer::{ApolloStep, ApolloUpdate, ChannelFactors, Channels};

const SIZES: [(usize, usize); 4] = [(1, 5), (37, 33), (4, 2_100), (130, 64)];
const CHANNELS: [Channels; 3] = [Channels::Rows, Channels::Columns, Channels::Whole];

fn channel(channels: Channels, at: usize, columns: usize) -> usize {
    match channels {
        Channels::Rows => at / columns,
        Channels::Columns => at % columns,
        Channels::Whole => 0,
    }
}

#[test]
fn factors_are_quotients_of_lengths() {
    const SCALE: f32 = 0.5;
    for (rows, columns) in SIZES {
        for (channels, dtype) in CHANNELS.into_iter().flat_map(|of| TYPES.map(|dtype| (of, dtype))) {
            let (direction, low) = (draw(dtype, rows * columns, 1), draw(dtype, rows * columns, 2));
            let count = channels.count(rows, columns);
            let mut got = poisoned(F32, count);
            engine()
                .run(ChannelFactors {
                    direction: held(dtype, &direction).view(),
                    low: held(dtype, &low).view(),
                    grad_scale: SCALE,
                    factors: got.view_mut(),
                    rows,
                    columns,
                    channels,
                })
                .unwrap();
            let mut sums = vec![(0f64, 0f64); count];
            for (at, (direction, low)) in wide(&direction).into_iter().zip(wide(&low)).enumerate() {
                let (of_direction, of_low) = &mut sums[channel(channels, at, columns)];
                *of_direction += direction * direction;
                *of_low += (low * f64::from(SCALE)).powi(2);
            }
            let want: Vec<f64> = sums.iter().map(|(a, b)| a.sqrt() / (b.sqrt() + 1e-8)).collect();
            near(&format!("{rows} {columns} {channels:?} {dtype:?}"), &got, &want, 2e-6);
        }
    }
}

#[test]
fn the_update_grows_by_one_percent_a_step() {
    for (rows, columns) in SIZES {
        for (channels, dtype) in CHANNELS.into_iter().flat_map(|of| TYPES.map(|dtype| (of, dtype))) {
            let len = rows * columns;
            let start = draw(dtype, len, 1);
            let (mut value, mut length) = (whole_of(dtype, &start), whole(&[0.0]));
            let (mut want, mut before) = (wide(&start), 0.0);
            // the second is limited, the third is not
            for (t, size) in [1.0, 3.0, 0.1].into_iter().enumerate() {
                let grad: Vec<f32> = draw(dtype, len, 10 + t as u64)
                    .iter()
                    .map(|g| rounded(dtype, g * size))
                    .collect();
                let factors = draw(F32, channels.count(rows, columns), 20 + t as u64);
                let step = ApolloStep {
                    grad_scale: 0.5,
                    front: 2.0,
                    rate: 0.02,
                    behind: 0.7,
                    limited: t > 0,
                };
                engine()
                    .run(ApolloUpdate {
                        value: value.view_mut(),
                        grad: whole_of(dtype, &grad).view(),
                        factors: whole(&factors).view(),
                        length: length.view_mut(),
                        step,
                        rows,
                        columns,
                        channels,
                    })
                    .unwrap();
                let update: Vec<f64> = wide(&grad)
                    .iter()
                    .enumerate()
                    .map(|(at, g)| g * f64::from(factors[channel(channels, at, columns)]))
                    .collect();
                let own = update.iter().map(|u| u * u).sum::<f64>().sqrt();
                let limiter = match t {
                    0 => 1.0,
                    _ => (own / (before + 1e-8)).max(1.01) / 1.01,
                };
                before = own / limiter;
                want.iter_mut()
                    .zip(&update)
                    .for_each(|(value, u)| *value -= 0.02 / limiter * 0.7 * u);
            }
            let what = format!("{rows} {columns} {channels:?} {dtype:?}");
            near(&what, &held(F32, &widened(&length)), &[before], 2e-6);
            // each of the three steps rounds the update and the values
            let bound = if dtype == F32 { 2e-6 } else { 4.0 / 256.0 };
            near(&what, &held(F32, &widened(&value)), &want, bound);
        }
    }
}
