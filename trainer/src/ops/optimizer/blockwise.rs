//! 8-bit states: blocks of 256 values by their largest magnitude, each value the nearest of 256 dynamic ones.
//!
//! *8-bit Optimizers via Block-wise Quantization*, arXiv 2110.02861; the table is bitsandbytes' `create_dynamic_map`.
use crate::error::Result;
use crate::ops::Device;
use crate::ops::{Buf, ViewMut};
use crate::quant::bnb4::{dynamic_map, nearest};
use rayon::prelude::*;
use std::sync::OnceLock;

/// Values that share a scale.
pub const BLOCK: usize = 256;

/// A tensor in 8 bits.
#[derive(Debug)]
pub struct Quantized {
    /// u8
    pub codes: Buf,
    /// The largest magnitude of each block.
    pub absmax: Buf,
    signed: bool,
}

/// One that an operation changes.
pub struct QuantizedMut<'a> {
    pub(super) codes: ViewMut<'a>,
    pub(super) absmax: ViewMut<'a>,
    signed: bool,
}

impl Quantized {
    /// `len` zeros; `signed` tells whether values may be negative.
    pub fn zeros(len: usize, signed: bool, device: &Device) -> Result<Self> {
        Ok(Self {
            codes: Buf::from_vec(vec![0u8; len], device)?,
            absmax: Buf::zeros(len.div_ceil(BLOCK), device)?,
            signed,
        })
    }

    pub fn view_mut(&mut self) -> QuantizedMut<'_> {
        QuantizedMut {
            codes: self.codes.view_mut(),
            absmax: self.absmax.view_mut(),
            signed: self.signed,
        }
    }
}

/// One block of a [`Quantized`].
pub(super) struct Block<'a> {
    codes: &'a mut [u8],
    absmax: &'a mut f32,
    table: &'static [f32; 256],
}

pub(super) fn blocks_mut(q: QuantizedMut<'_>) -> Result<impl IndexedParallelIterator<Item = Block<'_>>> {
    let table = table(q.signed);
    let blocks = q.codes.get::<u8>()?.par_chunks_mut(BLOCK);
    Ok(blocks
        .zip(q.absmax.f32()?.par_iter_mut())
        .map(move |(codes, absmax)| Block { codes, absmax, table }))
}

impl Block<'_> {
    pub(super) fn decode(&self, out: &mut [f32]) {
        for (x, &code) in out.iter_mut().zip(&*self.codes) {
            *x = self.table[code as usize] * *self.absmax;
        }
    }

    pub(super) fn encode(&mut self, values: &[f32]) {
        *self.absmax = values.iter().fold(0.0, |most: f32, x| most.max(x.abs()));
        let inverse = 1.0 / self.absmax.max(1e-38);
        for (code, x) in self.codes.iter_mut().zip(values) {
            *code = nearest(self.table, x * inverse);
        }
    }
}

/// The 256 values in rising order: 0, 1 and, by decade `10^-6` to `10^0`, the middles of 1, 2, 4 … 64 equal parts of
/// `[0.1, 1]`, of both signs; unsigned, of 2, 4 … 128 parts.
fn table(signed: bool) -> &'static [f32; 256] {
    static TABLES: [OnceLock<Box<[f32; 256]>>; 2] = [const { OnceLock::new() }; 2];
    TABLES[usize::from(signed)].get_or_init(|| dynamic_map(signed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coded(values: &[f32], signed: bool) -> (Quantized, Vec<f32>) {
        let mut q = Quantized::zeros(values.len(), signed, &Device::cpu()).unwrap();
        let mut out = vec![0.0; values.len()];
        blocks_mut(q.view_mut())
            .unwrap()
            .zip(values.par_chunks(BLOCK))
            .zip(out.par_chunks_mut(BLOCK))
            .for_each(|((mut block, values), out)| {
                block.encode(values);
                block.decode(out);
            });
        (q, out)
    }

    #[test]
    fn worked_by_hand() {
        for signed in [true, false] {
            let t = table(signed);
            assert!(t.is_sorted() && t[255] == 1.0);
        }
        let near = |a: f32, b: f64| (f64::from(a) - b).abs() <= 1e-6 * b.abs();
        // the smallest decade has one middle of either sign; the second largest value is the last of 64 middles
        assert!(near(table(true)[128], 0.55e-6) && near(table(true)[254], 1.0 - 0.9 / 128.0));
        assert_eq!(table(true)[127], 0.0);
        // of two parts
        assert_eq!(table(false)[0], 0.0);
        assert!(near(table(false)[1], 0.325e-6) && near(table(false)[2], 0.775e-6));
        // block maxima 2 and 0: 2 is 1 x 2, -2 the nearest to -1, and zeros stay zeros
        let mut values = vec![0.0; BLOCK + 1];
        values[..3].copy_from_slice(&[2.0, -2.0, 1e-9]);
        let (q, back) = coded(&values, true);
        assert_eq!(q.absmax.to_vec(2).unwrap(), [2.0, 0.0]);
        assert_eq!(back[0], 2.0);
        assert!(near(back[1], -2.0 * (1.0 - 0.9 / 128.0)));
        assert_eq!(back[2..], vec![0.0; BLOCK - 1]);
    }

    /// Off by at most half a part of the largest decade.
    #[test]
    fn the_error_is_bounded() {
        let values: Vec<f32> = (0..10_000)
            .map(|i| ((i * 7919) % 10_007) as f32 / 10_007.0 - 0.5)
            .collect();
        let (q, back) = coded(&values, true);
        let absmax = q.absmax.to_vec(values.len().div_ceil(BLOCK)).unwrap();
        for (i, (x, y)) in values.iter().zip(&back).enumerate() {
            let bound = absmax[i / BLOCK] * 0.9 / 128.0 * 1.001;
            assert!((x - y).abs() <= bound, "{x} became {y}");
        }
    }

    /// What bitsandbytes' kernel made of the same values (`tests/golden/blockwise.py`).
    #[test]
    fn as_bitsandbytes_has_it() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/blockwise.json");
        let want: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let floats = |v: &serde_json::Value| -> Vec<f32> { serde_json::from_value(v.clone()).unwrap() };
        for (name, signed) in [("signed", true), ("unsigned", false)] {
            let want = &want[name];
            for (ours, theirs) in table(signed).iter().zip(floats(&want["table"])) {
                assert!(
                    (ours - theirs).abs() <= 2.5e-7 * theirs.abs(),
                    "{name}: {ours}, expected {theirs}"
                );
            }
            let (q, back) = coded(&floats(&want["values"]), signed);
            let absmax = floats(&want["absmax"]);
            assert_eq!(q.absmax.to_vec(absmax.len()).unwrap(), absmax);
            assert_eq!(
                q.codes.values::<u8>(back.len()).unwrap(),
                serde_json::from_value::<Vec<u8>>(want["codes"].clone()).unwrap()
            );
            for (ours, theirs) in back.iter().zip(floats(&want["back"])) {
                assert!((ours - theirs).abs() <= 4e-7 * theirs.abs());
            }
        }
    }
}
