//! bitsandbytes' 8-bit weights (LLM.int8, arXiv 2208.07339): one scale a row, `w = q * scb[row] / 127`.
//!
//! `q = round(w * 127 / max |row|)`, to even on a tie. The paper also rounds the *activations* to 8 bits and computes
//! columns whose activations pass 6.0 apart; that saves time on a card and makes the forward pass differ from the
//! weight its backward pass uses. Here the weight alone is 8-bit: forward and backward use its exact f32 value, so the
//! threshold has nothing to decide. bitsandbytes itself trains so where there is no int8 product to win by, on CPUs
//! (`MatMul8bitFp`). Source: bitsandbytes 0.50, `int8_vectorwise_quant`, `int8_vectorwise_dequant`.
use super::{Parsed, absmax};
use crate::ops::cpu::simd;
use protocol::says;
use rayon::prelude::*;

/// 1 / 127 as bitsandbytes writes it.
const INVERSE: f32 = 7.874_015_7e-3;

/// A matrix of 8-bit rows.
#[derive(Debug)]
pub struct Int8 {
    /// `[rows, columns]`
    pub(super) codes: Vec<i8>,
    /// the largest magnitude of each row (`SCB`)
    pub(super) scales: Vec<f32>,
    pub(super) columns: usize,
}

impl Int8 {
    pub fn new(codes: Vec<i8>, scales: Vec<f32>, columns: usize) -> Parsed<Self> {
        if codes.len() != scales.len() * columns {
            return Err(says::row_scales(scales.len(), codes.len() / columns.max(1)));
        }
        Ok(Self { codes, scales, columns })
    }

    pub fn quantize(values: &[f32], columns: usize) -> Self {
        let scales: Vec<f32> = values.par_chunks_exact(columns).map(absmax).collect();
        let mut codes = vec![0i8; values.len() / columns * columns];
        let rows = codes.par_chunks_mut(columns).zip(values.par_chunks_exact(columns));
        rows.zip(&scales).for_each(|((codes, values), &most)| {
            let factor = if most > 0.0 { 127.0 / most } else { 0.0 };
            for (code, w) in codes.iter_mut().zip(values) {
                *code = (w * factor).round_ties_even() as i8;
            }
        });
        Self { codes, scales, columns }
    }

    pub fn len(&self) -> usize {
        self.codes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    pub fn bytes(&self) -> usize {
        self.codes.len() + 4 * self.scales.len()
    }

    /// `out = values[start..start + out.len()]`
    pub fn unpack(&self, start: usize, out: &mut [f32]) {
        unpack(
            &self.codes[start..start + out.len()],
            &self.scales,
            start,
            self.columns,
            out,
        );
    }
}

simd! {
fn unpack(codes: &[i8], scales: &[f32], start: usize, columns: usize, out: &mut [f32]) {
    let mut at = 0;
    while at < out.len() {
        let row = (start + at) / columns;
        let end = ((row + 1) * columns - start).min(out.len());
        let scale = scales[row];
        for (out, &q) in out[at..end].iter_mut().zip(&codes[at..end]) {
            *out = f32::from(q) * scale * INVERSE;
        }
        at = end;
    }
}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quant::tests::normal;

    #[test]
    fn a_value_is_off_by_a_254th_of_its_row_at_most() {
        let mut values = normal(7 * 100, 1);
        values[200..300].fill(0.0); // a row of nothing stays nothing
        let packed = Int8::quantize(&values, 100);
        let mut back = vec![0.0; 700];
        packed.unpack(0, &mut back);
        for (i, (w, got)) in values.iter().zip(&back).enumerate() {
            assert!(
                (w - got).abs() <= packed.scales[i / 100] / 254.0 * 1.00001,
                "{w} became {got}"
            );
        }
        assert!(back[200..300].iter().all(|&x| x == 0.0));
        let mut part = vec![0.0; 250];
        packed.unpack(55, &mut part);
        assert_eq!(part, back[55..305]);
        assert_eq!(Int8::quantize(&back, 100).codes, packed.codes);
    }

    #[test]
    fn scales_for_other_rows_are_refused() {
        assert!(
            Int8::new(vec![0; 12], vec![1.0; 4], 4)
                .unwrap_err()
                .contains("4 scales (SCB) for 3 rows")
        );
    }
}
