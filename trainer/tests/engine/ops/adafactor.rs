//! Adafactor's update of a matrix and of a vector, against the paper's formulas in f64.

use super::optimizers::{F32, LENGTHS, whole, whole_of};
use super::sums::{TYPES, draw, held, near, rounded, wide, widened};
use crate::common::engine;
use trainer::ops::Buf;
use trainer::ops::optimizer::{self, AdafactorStep};

fn all(what: &str, got: &Buf, want: &[f64], bound: f64) {
    near(what, &held(F32, &widened(got)), want, bound);
}

const ADAFACTOR: AdafactorStep = AdafactorStep {
    beta2: 0.6,
    epsilon: 1e-30,
    clip: 1.0,
    lr: 0.02,
    keep: 0.999,
    grad_scale: 0.5,
};

/// The learning rate over what an update is too large by.
fn rate(update: &[f64]) -> f64 {
    let rms = (update.iter().map(|u| u * u).sum::<f64>() / update.len() as f64).sqrt();
    ADAFACTOR.lr / rms.max(ADAFACTOR.clip)
}

#[test]
fn adafactor_of_a_matrix() {
    let c = ADAFACTOR;
    let sizes = [(1, 5), (37, 33), (5, 2_100), (400, 64)];
    for ((height, width), dtype) in sizes.into_iter().flat_map(|size| TYPES.map(|dtype| (size, dtype))) {
        let start = draw(dtype, height * width, 1);
        let (mut value, mut rows, mut columns) = (
            whole_of(dtype, &start),
            whole(&vec![0.0; height]),
            whole(&vec![0.0; width]),
        );
        let (mut want, mut r, mut s) = (wide(&start), vec![0.0; height], vec![0.0; width]);
        for t in 0..3 {
            // the last step is so large that it is clipped
            let size = [1.0, 0.3, 9.0][t];
            let grad: Vec<f32> = draw(dtype, height * width, 10 + t as u64)
                .iter()
                .map(|g| rounded(dtype, g * size))
                .collect();
            engine()
                .run(optimizer::AdafactorMatrix {
                    step: c,
                    value: value.view_mut(),
                    rows: rows.view_mut(),
                    columns: columns.view_mut(),
                    grad: whole_of(dtype, &grad).view(),
                })
                .unwrap();
            let grad: Vec<f64> = grad.iter().map(|&g| f64::from(g * c.grad_scale)).collect();
            let square = |i: usize| grad[i] * grad[i] + c.epsilon;
            for (row, r) in r.iter_mut().enumerate() {
                let mean = (0..width).map(|j| square(row * width + j)).sum::<f64>() / width as f64;
                *r = c.beta2 * *r + (1.0 - c.beta2) * mean;
            }
            for (column, s) in s.iter_mut().enumerate() {
                let mean = (0..height).map(|i| square(i * width + column)).sum::<f64>() / height as f64;
                *s = c.beta2 * *s + (1.0 - c.beta2) * mean;
            }
            let mean = r.iter().sum::<f64>() / height as f64;
            let second = |i: usize| r[i / width] * s[i % width] / mean;
            let update: Vec<f64> = (0..grad.len()).map(|i| grad[i] / second(i).sqrt()).collect();
            let rate = rate(&update);
            for (p, u) in want.iter_mut().zip(&update) {
                *p = *p * f64::from(c.keep) - rate * u;
            }
        }
        let what = format!("{height} {width}");
        all(&what, &rows, &r, 2e-6);
        all(&what, &columns, &s, 2e-6);
        // each of the three steps rounds the values
        let bound = if dtype == F32 { 2e-6 } else { 3.0 / 256.0 };
        all(&what, &value, &want, bound);
    }
}

#[test]
fn adafactor_of_a_vector() {
    let c = ADAFACTOR;
    for len in LENGTHS {
        let start = draw(F32, len, 1);
        let (mut value, mut second) = (whole(&start), whole(&vec![0.0; len]));
        let (mut want, mut s) = (wide(&start), vec![0.0; len]);
        for t in 0..3 {
            let size = [1.0, 0.3, 9.0][t];
            let grad: Vec<f32> = draw(F32, len, 10 + t as u64).iter().map(|g| g * size).collect();
            engine()
                .run(optimizer::AdafactorVector {
                    step: c,
                    value: value.view_mut(),
                    second: second.view_mut(),
                    grad: whole(&grad).view(),
                })
                .unwrap();
            let grad: Vec<f64> = grad.iter().map(|&g| f64::from(g * c.grad_scale)).collect();
            for (s, g) in s.iter_mut().zip(&grad) {
                *s = c.beta2 * *s + (1.0 - c.beta2) * (g * g + c.epsilon);
            }
            let update: Vec<f64> = grad.iter().zip(&s).map(|(g, s)| g / s.sqrt()).collect();
            let rate = rate(&update);
            for (p, u) in want.iter_mut().zip(&update) {
                *p = *p * f64::from(c.keep) - rate * u;
            }
        }
        all("second moments", &second, &s, 2e-6);
        all("values", &value, &want, 2e-6);
    }
}
