//! What the tests against sums in f64 share: buffers of either element type, with what nobody may touch behind their values.

use crate::common::{engine, noise};
use candle_core::DType;
use half::{bf16, f16};
use trainer::ops::Buf;

/// Of what trains.
pub const TYPES: [DType; 2] = [DType::F32, DType::BF16];

/// Of activations: f16 on cards alone.
pub fn types() -> Vec<DType> {
    let mut types = TYPES.to_vec();
    if engine().device().is_card() {
        types.push(DType::F16);
    }
    types
}

/// Values behind those that an operation is told of.
const REST: usize = 9;

/// How far off a result may be that is rounded once to this type: of its own size and of what is usual beside it.
pub fn bound(dtype: DType) -> f64 {
    match dtype {
        DType::F32 => 2e-6,
        _ => 1.0 / 256.0,
    }
}

/// Values of a type as they are after rounding to it.
pub fn draw(dtype: DType, count: usize, seed: u64) -> Vec<f32> {
    noise(count, seed, 1.0).iter().map(|&x| rounded(dtype, x)).collect()
}

pub fn rounded(dtype: DType, value: f32) -> f32 {
    match dtype {
        DType::BF16 => bf16::from_f32(value).to_f32(),
        DType::F16 => f16::from_f32(value).to_f32(),
        _ => value,
    }
}

/// A buffer of these values, and NaN behind them: a result is NaN where one of those was read.
pub fn held(dtype: DType, values: &[f32]) -> Buf {
    let mut values = values.to_vec();
    values.extend([f32::NAN; REST]);
    let engine = engine();
    let device = engine.device();
    match dtype {
        DType::BF16 => Buf::from_vec(values.iter().map(|&x| bf16::from_f32(x)).collect::<Vec<_>>(), device),
        DType::F16 => Buf::from_vec(values.iter().map(|&x| f16::from_f32(x)).collect::<Vec<_>>(), device),
        _ => Buf::from_vec(values, device),
    }
    .unwrap()
}

/// A buffer that must be written whole: NaN all over.
pub fn poisoned(dtype: DType, len: usize) -> Buf {
    held(dtype, &vec![f32::NAN; len])
}

/// Its values in f32, the rest too.
pub fn widened(buf: &Buf) -> Vec<f32> {
    let len = buf.capacity();
    match buf.dtype() {
        DType::BF16 => buf.values::<bf16>(len).unwrap().iter().map(|x| x.to_f32()).collect(),
        DType::F16 => buf.values::<f16>(len).unwrap().iter().map(|x| x.to_f32()).collect(),
        _ => buf.to_vec(len).unwrap(),
    }
}

/// Each value is what is wanted within `bound`, and those behind them are as they were.
pub fn near(what: &str, got: &Buf, want: &[f64], bound: f64) {
    let got = widened(got);
    let usual = (want.iter().map(|x| x * x).sum::<f64>() / want.len().max(1) as f64).sqrt();
    assert_eq!(got.len(), want.len() + REST, "{what}");
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let off = (f64::from(*got) - want).abs();
        assert!(
            off <= bound * (want.abs() + usual),
            "{what}: value {i} is {got}, not {want}"
        );
    }
    assert!(
        got[want.len()..].iter().all(|x| x.is_nan()),
        "{what}: written past the end"
    );
}

/// As [`near`], to the bit.
pub fn same(what: &str, got: &Buf, want: &[f32]) {
    let got = widened(got);
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        assert_eq!(got.to_bits(), want.to_bits(), "{what}: value {i} is {got}, not {want}");
    }
    assert!(
        got[want.len()..].iter().all(|x| x.is_nan()),
        "{what}: written past the end"
    );
}

pub fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&x| f64::from(x)).collect()
}
