//! The head in both types against sums in f64: more entries than one chunk, targets at its edges, and rows of every kind.

use super::indices;
use super::sums::{draw, held, near, poisoned, types, wide};
use crate::common::engine;
use candle_core::DType;
use trainer::ops::head::{
    CHUNK, Dims, Form, Head, HeadBackward, HeadCollisions, HeadEntropies, LIKELIEST, STATS, scratch_len,
};

const ROWS: usize = 5;
const DIMS: Dims = Dims {
    width: 27,
    vocab: CHUNK + 301,
};

/// The first and the last entry of both chunks, and one between.
const TARGETS: [u32; ROWS] = [0, CHUNK as u32 - 1, CHUNK as u32, CHUNK as u32 + 300, 77];

struct Given {
    dtype: DType,
    h: Vec<f32>,
    w: Vec<f32>,
    /// `[rows, vocabulary]`
    logits: Vec<Vec<f64>>,
    normalisers: Vec<f64>,
}

impl Given {
    fn new(dtype: DType) -> Self {
        let Dims { width, vocab } = DIMS;
        let (h, mut w) = (draw(dtype, ROWS * width, 1), draw(dtype, vocab * width, 2));
        // the largest of some rows stands in the last chunk: what was summed of those before is then scaled anew
        w[(vocab - 1) * width..].iter_mut().for_each(|w| *w *= 4.0);
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
        let logits: Vec<Vec<f64>> = h
            .chunks_exact(width)
            .map(|h| w.chunks_exact(width).map(|w| dot(h, w)).collect())
            .collect();
        let last = |logits: &&Vec<f64>| logits[..CHUNK].iter().all(|x| *x < largest(&logits[CHUNK..]));
        let moved = logits.iter().filter(last).count();
        assert!(
            (1..ROWS).contains(&moved),
            "{moved} rows have their largest in the last chunk"
        );
        let normaliser = |logits: &Vec<f64>| {
            let top = largest(logits);
            top + logits.iter().map(|x| (x - top).exp()).sum::<f64>().ln()
        };
        Self {
            normalisers: logits.iter().map(normaliser).collect(),
            dtype,
            h,
            w,
            logits,
        }
    }

    /// of each row, in the order of the statistics
    fn stats(&self) -> Vec<f64> {
        let rows = || self.logits.iter().zip(&self.normalisers);
        let logps = rows()
            .zip(TARGETS)
            .map(|((logits, n), target)| logits[target as usize] - n);
        let means = rows().map(|(logits, _)| logits.iter().sum::<f64>() / DIMS.vocab as f64);
        let likeliest = rows().map(|(logits, n)| largest(logits) - n);
        let entropies = rows().map(|(logits, n)| -logits.iter().map(|x| (x - n).exp() * (x - n)).sum::<f64>());
        logps
            .chain(means)
            .chain(self.normalisers.iter().copied())
            .chain(likeliest)
            .chain(entropies)
            .collect()
    }

    /// `coefficient * (1 at the target - p)` of a row
    fn logit_grads(&self, row: usize, coefficient: f64) -> Vec<f64> {
        let p = self.logits[row].iter().map(|x| (x - self.normalisers[row]).exp());
        p.enumerate()
            .map(|(v, p)| coefficient * (f64::from(u8::from(v == TARGETS[row] as usize)) - p))
            .collect()
    }

    /// Their product with the head, of all rows.
    fn to_hidden(&self, coefficients: &[f64]) -> Vec<f64> {
        let of_row = |(row, &coefficient)| {
            let mut sums = vec![0.0; DIMS.width];
            for (grad, w) in self
                .logit_grads(row, coefficient)
                .iter()
                .zip(self.w.chunks_exact(DIMS.width))
            {
                sums.iter_mut().zip(w).for_each(|(sum, &w)| *sum += grad * f64::from(w));
            }
            sums
        };
        coefficients.iter().enumerate().flat_map(of_row).collect()
    }

    fn sums_bound(&self) -> f64 {
        match self.dtype {
            DType::F32 => 1e-5,
            _ => 2.0 / 256.0,
        }
    }
}

fn largest(logits: &[f64]) -> f64 {
    logits.iter().copied().fold(f64::MIN, f64::max)
}

#[test]
fn log_probs_their_unit_gradients_and_a_trained_heads() {
    for dtype in types() {
        let given = Given::new(dtype);
        let (h, w) = (held(dtype, &given.h), held(dtype, &given.w));
        let targets = indices(&TARGETS);
        let mut logits = poisoned(DType::F32, scratch_len(ROWS, DIMS.vocab));
        for unit_grad in [false, true] {
            let mut stats = poisoned(DType::F32, STATS * ROWS);
            let mut unit = poisoned(DType::F32, ROWS * DIMS.width);
            engine()
                .run(Head {
                    h: h.view(),
                    w: w.view().into(),
                    targets: targets.view(),
                    rows: ROWS,
                    dims: DIMS,
                    form: Form::plain(),
                    stats: stats.view_mut(),
                    unit: unit.view_mut(),
                    logits: logits.view_mut(),
                    unit_grad,
                })
                .unwrap();
            near(&format!("{dtype:?} stats"), &stats, &given.stats(), 1e-5);
            if unit_grad {
                let want = given.to_hidden(&[1.0; ROWS]);
                near(&format!("{dtype:?} unit"), &unit, &want, given.sums_bound());
            }
        }
        let coefficients = draw(DType::F32, ROWS, 3);
        let stats: Vec<f32> = given.stats().iter().map(|&x| x as f32).collect();
        let before = draw(DType::F32, DIMS.vocab * DIMS.width, 4);
        let mut dh = poisoned(DType::F32, ROWS * DIMS.width);
        let mut dw = held(DType::F32, &before);
        engine()
            .run(HeadBackward {
                h: h.view(),
                w: w.view().into(),
                stats: held(DType::F32, &stats).view(),
                targets: targets.view(),
                coefficients: held(DType::F32, &coefficients).view(),
                rows: ROWS,
                dims: DIMS,
                form: Form::plain(),
                dh: dh.view_mut(),
                dw: Some(dw.view_mut()),
                dbias: None,
                low_rank: None,
                logits: logits.view_mut(),
            })
            .unwrap();
        let coefficients = wide(&coefficients);
        near(
            &format!("{dtype:?} dh"),
            &dh,
            &given.to_hidden(&coefficients),
            given.sums_bound(),
        );
        let mut want = wide(&before);
        for (row, &coefficient) in coefficients.iter().enumerate() {
            let h = &given.h[row * DIMS.width..(row + 1) * DIMS.width];
            for (grad, dw) in given
                .logit_grads(row, coefficient)
                .iter()
                .zip(want.chunks_exact_mut(DIMS.width))
            {
                dw.iter_mut().zip(h).for_each(|(dw, &h)| *dw += grad * f64::from(h));
            }
        }
        near(&format!("{dtype:?} dw"), &dw, &want, given.sums_bound());
    }
}

#[test]
fn collisions_and_entropies() {
    for dtype in types() {
        let given = Given::new(dtype);
        let (h, w) = (held(dtype, &given.h), held(dtype, &given.w));
        let mut logits = poisoned(DType::F32, scratch_len(ROWS, DIMS.vocab));
        let stats: Vec<f32> = given.stats().iter().map(|&x| x as f32).collect();
        let mut sums = poisoned(DType::F32, ROWS);
        engine()
            .run(HeadCollisions {
                h: h.view(),
                w: w.view().into(),
                stats: held(DType::F32, &stats).view(),
                rows: ROWS,
                dims: DIMS,
                form: Form::plain(),
                sums: sums.view_mut(),
                logits: logits.view_mut(),
            })
            .unwrap();
        let rows = || given.logits.iter().zip(&given.normalisers);
        let want: Vec<f64> = rows()
            .map(|(logits, n)| logits.iter().map(|x| (2.0 * (x - n)).exp()).sum::<f64>().ln())
            .collect();
        near(&format!("{dtype:?} collisions"), &sums, &want, 1e-5);
        let mut entropies = poisoned(DType::F32, ROWS);
        let mut top = poisoned(DType::F32, ROWS * LIKELIEST);
        engine()
            .run(HeadEntropies {
                h: h.view(),
                w: w.view().into(),
                rows: ROWS,
                dims: DIMS,
                form: Form::plain(),
                entropies: entropies.view_mut(),
                top: top.view_mut(),
                logits: logits.view_mut(),
            })
            .unwrap();
        let entropy = |(logits, _): (&Vec<f64>, &f64)| {
            let mut logits = logits.clone();
            logits.sort_by(|a, b| b.total_cmp(a));
            let powers: Vec<f64> = logits[..LIKELIEST].iter().map(|x| (x - logits[0]).exp()).collect();
            let sum: f64 = powers.iter().sum();
            -powers.iter().map(|p| p / sum * (p / sum).ln()).sum::<f64>()
        };
        let want: Vec<f64> = rows().map(entropy).collect();
        near(&format!("{dtype:?} entropies"), &entropies, &want, 1e-5);
    }
}
