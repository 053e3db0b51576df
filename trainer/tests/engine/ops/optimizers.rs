//! Whole-buffer operations of optimizers and their updates, against the papers' formulas.

use super::sums::{TYPES, draw, poisoned, rounded, same, wide, widened};
use crate::common::engine;
use candle_core::DType;
use half::bf16;
use trainer::ops::optimizer::{self, AdamStep, LionStep, Quantized, SgdStep};
use trainer::ops::scale::Scale;
use trainer::ops::{Buf, read_together};
use trainer::quant::bnb4::{dynamic_map, nearest};

pub const F32: DType = DType::F32;
pub const LENGTHS: [usize; 4] = [1, 7, 300, 40_003];

/// A buffer of exactly these values: an update takes all that a buffer holds.
pub fn whole(values: &[f32]) -> Buf {
    whole_of(F32, values)
}

pub fn whole_of(dtype: DType, values: &[f32]) -> Buf {
    let engine = engine();
    match dtype {
        DType::BF16 => Buf::from_vec(
            values.iter().map(|&x| bf16::from_f32(x)).collect::<Vec<_>>(),
            engine.device(),
        ),
        _ => Buf::from_vec(values.to_vec(), engine.device()),
    }
    .unwrap()
}

#[test]
fn buffers_are_filled_scaled_and_added() {
    for len in LENGTHS {
        for dtype in TYPES {
            let mut x = poisoned(dtype, len);
            engine()
                .run(optimizer::Fill {
                    x: x.view_mut(),
                    value: 0.3,
                    len,
                })
                .unwrap();
            same("fill", &x, &vec![rounded(dtype, 0.3); len]);
        }
        for dtype in TYPES {
            let (a, b) = (draw(dtype, len, 1), draw(F32, len, 2));
            let mut x = whole_of(dtype, &a);
            engine()
                .run(Scale {
                    x: x.view_mut(),
                    factor: 0.7,
                    len,
                })
                .unwrap();
            assert_eq!(
                widened(&x),
                a.iter().map(|x| rounded(dtype, x * 0.7)).collect::<Vec<_>>()
            );
            let mut x = whole_of(dtype, &a);
            engine()
                .run(optimizer::AddScaled {
                    out: x.view_mut(),
                    factor: 0.7,
                    x: whole(&b).view().into(),
                })
                .unwrap();
            let want = a.iter().zip(&b).map(|(a, b)| rounded(dtype, a + 0.7 * b));
            assert_eq!(widened(&x), want.collect::<Vec<_>>());
        }
    }
}

#[test]
fn buffers_are_mixed() {
    for (len, dtype) in LENGTHS.into_iter().flat_map(|len| TYPES.map(|dtype| (len, dtype))) {
        let (a, b) = (draw(dtype, len, 1), draw(dtype, len, 2));
        let mut x = whole_of(dtype, &a);
        engine()
            .run(optimizer::Mix {
                out: x.view_mut(),
                own: 0.4,
                x: whole_of(dtype, &b).view(),
                other: 0.6,
            })
            .unwrap();
        let want = a.iter().zip(&b).map(|(a, b)| rounded(dtype, a * 0.4 + b * 0.6));
        assert_eq!(widened(&x), want.collect::<Vec<_>>());
    }
}

#[test]
fn buffers_of_several_types_are_read_together() {
    let engine = engine();
    let of_f64 = Buf::from_vec(vec![0.1f64, -2.0, 3.0], engine.device()).unwrap();
    let (floats, halves) = (whole(&[1.0, 2.0, 3.0]), whole_of(DType::BF16, &[0.5, 4.0]));
    let indices = Buf::from_vec(vec![7u32, 8, 9], engine.device()).unwrap();
    let views = [
        floats.part(1, 2),
        halves.part(1, 1),
        of_f64.part(1, 2),
        indices.part(0, 0),
        indices.view(),
    ];
    let mut read = read_together(&views).unwrap().into_iter();
    let mut next = || read.next().unwrap();
    assert_eq!(next().values::<f32>().unwrap(), [2.0, 3.0]);
    assert_eq!(next().values::<bf16>().unwrap(), [bf16::from_f32(4.0)]);
    assert_eq!(next().values::<f64>().unwrap(), [-2.0, 3.0]);
    assert_eq!(next().values::<u32>().unwrap(), [0u32; 0]);
    let last = next();
    assert_eq!(last.values::<u32>().unwrap(), [7, 8, 9]);
    assert!(read_together(&[]).unwrap().is_empty());
    // of another type than asked for
    assert!(read_together(&views).unwrap().remove(0).values::<u32>().is_err());
}

/// In f64, and the same bits again.
#[test]
fn squares_are_summed() {
    for len in LENGTHS {
        let engine = engine();
        let values = draw(F32, len, 1);
        let sum = || {
            let mut sum = Buf::from_vec(vec![f64::NAN, 5.0], engine.device()).unwrap();
            engine
                .run(optimizer::SumOfSquares {
                    x: whole(&values).view(),
                    sum: sum.view_mut(),
                })
                .unwrap();
            sum.values::<f64>(2).unwrap()
        };
        let want: f64 = wide(&values).iter().map(|x| x * x).sum();
        let got = sum();
        assert!((got[0] - want).abs() <= 1e-13 * want, "{} not {want}", got[0]);
        assert_eq!(got[1], 5.0);
        assert_eq!(got, sum());
    }
}

#[test]
fn sgd_and_lion() {
    for len in LENGTHS {
        let (start, mut grad) = (draw(F32, len, 1), draw(F32, len, 2));
        if let Some(last) = grad.last_mut() {
            *last = 0.0;
        }
        let mut value = whole(&start);
        let step = SgdStep { keep: 0.99, lr: 0.1 };
        engine()
            .run(optimizer::Sgd {
                step,
                value: value.view_mut(),
                grad: whole(&grad).view(),
            })
            .unwrap();
        let moved = start.iter().zip(&grad).map(|(p, g)| p * step.keep - step.lr * g);
        assert_eq!(value.to_vec(len).unwrap(), moved.collect::<Vec<_>>());

        let step = LION;
        let (mut value, mut momentum) = (whole(&start), whole(&vec![0.0; len]));
        let mut want: Vec<(f32, f32)> = start.iter().map(|&p| (p, 0.0)).collect();
        for _ in 0..3 {
            engine()
                .run(optimizer::Lion {
                    step,
                    value: value.view_mut(),
                    momentum: momentum.view_mut(),
                    grad: whole(&grad).view(),
                })
                .unwrap();
            for ((p, m), g) in want.iter_mut().zip(&grad) {
                lion(p, m, *g);
            }
        }
        let (values, momenta): (Vec<f32>, Vec<f32>) = want.into_iter().unzip();
        assert_eq!(value.to_vec(len).unwrap(), values);
        assert_eq!(momentum.to_vec(len).unwrap(), momenta);
    }
}

const LION: LionStep = LionStep {
    beta1: 0.9,
    beta2: 0.99,
    keep: 0.999,
    lr: 0.01,
    grad_scale: 0.5,
};

fn lion(value: &mut f32, momentum: &mut f32, grad: f32) {
    let g = grad * LION.grad_scale;
    let u = LION.beta1 * *momentum + (1.0 - LION.beta1) * g;
    let sign = if u == 0.0 { 0.0 } else { u.signum() };
    *value = *value * LION.keep - LION.lr * sign;
    *momentum = LION.beta2 * *momentum + (1.0 - LION.beta2) * g;
}

fn adam_step(t: i32) -> AdamStep {
    let (beta1, beta2) = (0.9f64, 0.999f64);
    AdamStep {
        beta1: beta1 as f32,
        beta2: beta2 as f32,
        epsilon: 1e-8,
        keep: 0.999,
        step_size: (0.01 / (1.0 - beta1.powi(t))) as f32,
        root_correction: (1.0 / (1.0 - beta2.powi(t)).sqrt()) as f32,
        grad_scale: 0.5,
    }
}

fn adam(c: &AdamStep, value: &mut f32, first: &mut f32, second: &mut f32, grad: f32) {
    let g = grad * c.grad_scale;
    *first = c.beta1 * *first + (1.0 - c.beta1) * g;
    *second = c.beta2 * *second + (1.0 - c.beta2) * g * g;
    *value = *value * c.keep - c.step_size * *first / (second.sqrt() * c.root_correction + c.epsilon);
}

/// States in 8 bits: values in blocks of 256 by their largest.
struct Coded {
    map: Box<[f32; 256]>,
    codes: Vec<u8>,
    absmax: Vec<f32>,
}

impl Coded {
    fn zeros(len: usize, signed: bool) -> Self {
        Self {
            map: dynamic_map(signed),
            codes: vec![0; len],
            absmax: vec![0.0; len.div_ceil(256)],
        }
    }

    fn decoded(&self) -> Vec<f32> {
        let each = self.codes.iter().enumerate();
        each.map(|(i, &code)| self.map[code as usize] * self.absmax[i / 256])
            .collect()
    }

    fn encode(&mut self, values: &[f32]) {
        for (block, values) in values.chunks(256).enumerate() {
            let most = values.iter().fold(0f32, |most, x| most.max(x.abs()));
            self.absmax[block] = most;
            for (i, x) in values.iter().enumerate() {
                self.codes[block * 256 + i] = nearest(&self.map, x * (1.0 / most.max(1e-38)));
            }
        }
    }

    fn is(&self, got: &Quantized) {
        assert_eq!(got.absmax.to_vec(self.absmax.len()).unwrap(), self.absmax);
        assert_eq!(got.codes.values::<u8>(self.codes.len()).unwrap(), self.codes);
    }
}

/// Codes and values are the same bits on every device.
#[test]
fn states_in_8_bits() {
    let engine = engine();
    for len in [1, 255, 256, 700, 5_000] {
        let start = draw(F32, len, 1);
        let zeros = |signed| Quantized::zeros(len, signed, engine.device()).unwrap();
        let (mut value, mut first, mut second) = (whole(&start), zeros(true), zeros(false));
        let (mut want, mut m, mut v) = (start.clone(), Coded::zeros(len, true), Coded::zeros(len, false));
        let (mut lion_value, mut momentum) = (whole(&start), zeros(true));
        let (mut lion_want, mut lion_m) = (start.clone(), Coded::zeros(len, true));
        for t in 1..=3 {
            // of very different sizes, so that every decade of the map is used
            let grad: Vec<f32> = draw(F32, len, 10 + t as u64)
                .iter()
                .enumerate()
                .map(|(i, g)| g * 10f32.powi(-(i as i32 % 7)))
                .collect();
            engine
                .run(optimizer::AdamWBlockwise {
                    step: adam_step(t),
                    value: value.view_mut(),
                    first: first.view_mut(),
                    second: second.view_mut(),
                    grad: whole(&grad).view(),
                })
                .unwrap();
            engine
                .run(optimizer::LionBlockwise {
                    step: LION,
                    value: lion_value.view_mut(),
                    momentum: momentum.view_mut(),
                    grad: whole(&grad).view(),
                })
                .unwrap();
            let (mut ms, mut vs, mut ls) = (m.decoded(), v.decoded(), lion_m.decoded());
            for i in 0..len {
                adam(&adam_step(t), &mut want[i], &mut ms[i], &mut vs[i], grad[i]);
                lion(&mut lion_want[i], &mut ls[i], grad[i]);
            }
            m.encode(&ms);
            v.encode(&vs);
            lion_m.encode(&ls);
            m.is(&first);
            v.is(&second);
            lion_m.is(&momentum);
        }
        assert_eq!(value.to_vec(len).unwrap(), want);
        assert_eq!(lion_value.to_vec(len).unwrap(), lion_want);
    }
}

/// In f32 whatever values are, and rounded once for each that is stored.
#[test]
fn adamw_has_the_same_bits_on_every_device() {
    for dtype in TYPES {
        for len in LENGTHS {
            let start = draw(dtype, len, 1);
            let zeros = vec![0.0; len];
            let [mut value, mut first, mut second] = [&start, &zeros, &zeros].map(|values| whole_of(dtype, values));
            let (mut want, mut m, mut v) = (start, zeros.clone(), zeros);
            for t in 1..=3 {
                let grad = draw(dtype, len, 10 + t as u64);
                engine()
                    .run(optimizer::AdamW {
                        step: adam_step(t),
                        value: value.view_mut(),
                        first: first.view_mut(),
                        second: second.view_mut(),
                        grad: whole_of(dtype, &grad).view(),
                    })
                    .unwrap();
                for i in 0..len {
                    adam(&adam_step(t), &mut want[i], &mut m[i], &mut v[i], grad[i]);
                    for place in [&mut want[i], &mut m[i], &mut v[i]] {
                        *place = rounded(dtype, *place);
                    }
                }
            }
            assert_eq!(widened(&value), want);
            assert_eq!(widened(&first), m);
            assert_eq!(widened(&second), v);
        }
    }
}
