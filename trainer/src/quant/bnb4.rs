//! bitsandbytes' 4-bit blocks: NF4 and FP4, with or without double quantization.
//!
//! A matrix is one flat run, row-major, cut into blocks of 64 (a power of two). Each value is one of the 16 of a code
//! times the largest magnitude of its block: `w = code[q] * absmax[block]` (QLoRA, arXiv 2305.14314, section 3). Byte `i`
//! holds value `2 i` in its upper half. With double quantization the `absmax` are themselves bytes of a 256-entry map in
//! blocks of 256: `absmax[b] = map[c[b]] * nested[b / 256] + offset`. Values are the exact f32 product, forward and
//! backward. (bitsandbytes 0.50 takes it so in the forward pass of a run in f32, but rounds it to the type the model had
//! before, `quant_state.dtype`, in the backward pass; up to 0.48 in both.)
//! Source: bitsandbytes 0.50, `backends/default/ops.py`, `functional.py` (`QuantState`, `quantize_4bit`).
mod codes;

pub use codes::{FP4, Kind, NF4, dynamic_map, nearest};

use super::{Parsed, absmax};
use crate::ops::cpu::simd;
use protocol::says;
use rayon::prelude::*;

/// Values of a block that share a scale, where bitsandbytes chooses.
pub const BLOCK: usize = 64;
/// Scales of a block that share one, under double quantization.
pub const NESTED_BLOCK: usize = 256;

/// The scales of the blocks.
#[derive(Debug)]
pub enum Scales {
    Plain(Vec<f32>),
    Nested {
        codes: Vec<u8>,
        map: Box<[f32; 256]>,
        absmax: Vec<f32>,
        block: usize,
        offset: f32,
    },
}

impl Scales {
    #[inline(always)]
    fn get(&self, block: usize) -> f32 {
        match self {
            Self::Plain(absmax) => absmax[block],
            Self::Nested {
                codes,
                map,
                absmax,
                block: size,
                offset,
            } => map[codes[block] as usize] * absmax[block / size] + offset,
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Plain(absmax) => absmax.len(),
            Self::Nested { codes, .. } => codes.len(),
        }
    }
}

/// How the nearest value of a code is found: by how many of the bounds between neighbours, ascending, lie below.
struct Nearest {
    bounds: [f32; 15],
    /// what the values are numbered by, ascending
    order: [u8; 16],
}

/// Values that one thread packs: whole blocks.
const PART: usize = 1024 * BLOCK;

simd! {
/// Codes, two values a byte, and the scales of `values`. An odd last value is followed by a 0, as in bitsandbytes.
fn pack(values: &[f32], nearest: &Nearest, codes: &mut [u8], scales: &mut [f32]) {
    let blocks = values.chunks(BLOCK).zip(codes.chunks_mut(BLOCK / 2)).zip(scales);
    for ((values, codes), scale) in blocks {
        *scale = absmax(values);
        let inverse = 1.0 / scale.max(1e-38);
        let mut scaled = [0f32; BLOCK];
        for (scaled, value) in scaled.iter_mut().zip(values) {
            *scaled = (value * inverse).clamp(-1.0, 1.0);
        }
        let mut below = [0u32; BLOCK];
        for bound in nearest.bounds {
            for (below, value) in below.iter_mut().zip(&scaled) {
                *below += u32::from(*value > bound);
            }
        }
        for (code, pair) in codes.iter_mut().zip(below.chunks_exact(2)) {
            *code = nearest.order[pair[0] as usize & 15] << 4 | nearest.order[pair[1] as usize & 15];
        }
    }
}
}

/// A matrix in 4-bit blocks.
#[derive(Debug)]
pub struct Bnb4 {
    pub(super) codes: Vec<u8>,
    pub(super) scales: Scales,
    len: usize,
    pub(super) block: usize,
    kind: Kind,
    /// both values of a byte
    pairs: Box<[[f32; 2]; 256]>,
}

/// What a checkpoint stores of a matrix.
pub struct Stored<'a> {
    /// Two values a byte.
    pub codes: Vec<u8>,
    /// How many values there are.
    pub len: usize,
    /// The code itself (`quant_map`), in checkpoints the same for all of a kind.
    pub code: &'a [f32; 16],
    pub kind: Kind,
    /// One for each block.
    pub scales: Scales,
    /// Values of a block.
    pub block: usize,
}

impl Bnb4 {
    /// # Errors
    /// The parts do not fit each other.
    pub fn new(stored: Stored) -> Parsed<Self> {
        let Stored {
            codes,
            len,
            code,
            kind,
            scales,
            block,
        } = stored;
        if block < 2 || !block.is_power_of_two() {
            return Err(says::packed_block(block));
        }
        if codes.len() != len.div_ceil(2) {
            return Err(says::packed_bytes(codes.len(), 2 * codes.len(), len));
        }
        if scales.len() != len.div_ceil(block) {
            return Err(says::block_scales(scales.len(), len.div_ceil(block), block));
        }
        if let Scales::Nested {
            codes, absmax, block, ..
        } = &scales
            && (*block == 0 || absmax.len() != codes.len().div_ceil(*block))
        {
            return Err(says::nested_scales(absmax.len(), codes.len()));
        }
        let mut pairs = Box::new([[0f32; 2]; 256]);
        for (byte, pair) in pairs.iter_mut().enumerate() {
            *pair = [code[byte >> 4], code[byte & 15]];
        }
        Ok(Self {
            codes,
            scales,
            len,
            block,
            kind,
            pairs,
        })
    }

    /// Quantizes as bitsandbytes does: the nearest of the code for `w / absmax` of its block (a tie goes down), and with
    /// `double` the scales less their mean to 8 bits.
    #[expect(clippy::expect_used, reason = "the parts were made for each other above")]
    pub fn quantize(values: &[f32], kind: Kind, double: bool) -> Self {
        let code = kind.code();
        let mut order: [u8; 16] = std::array::from_fn(|i| i as u8);
        order.sort_by(|&a, &b| code[usize::from(a)].total_cmp(&code[usize::from(b)]));
        let value = |i: usize| code[usize::from(order[i])];
        let nearest = Nearest {
            bounds: std::array::from_fn(|i| (value(i) + value(i + 1)) / 2.0),
            order,
        };
        let mut codes = vec![0u8; values.len().div_ceil(2)];
        let mut scales = vec![0f32; values.len().div_ceil(BLOCK)];
        values
            .par_chunks(PART)
            .zip(codes.par_chunks_mut(PART / 2))
            .zip(scales.par_chunks_mut(PART / BLOCK))
            .for_each(|((values, codes), scales)| pack(values, &nearest, codes, scales));
        let scales = if double { nested(&scales) } else { Scales::Plain(scales) };
        let made = Self::new(Stored {
            codes,
            len: values.len(),
            code,
            kind,
            scales,
            block: BLOCK,
        });
        made.expect("a quantizer's parts fit")
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn bytes(&self) -> usize {
        let scales = match &self.scales {
            Scales::Plain(absmax) => 4 * absmax.len(),
            Scales::Nested { codes, absmax, .. } => codes.len() + 4 * absmax.len() + 1024,
        };
        self.codes.len() + scales + 2048
    }

    pub fn name(&self) -> &'static str {
        match self.kind {
            Kind::Nf4 => "nf4",
            Kind::Fp4 => "fp4",
        }
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// The code that it was packed with.
    pub(super) fn code(&self) -> [f32; 16] {
        std::array::from_fn(|q| self.pairs[q][1])
    }

    /// The packed values, the first of two in the upper half.
    pub fn codes(&self) -> &[u8] {
        &self.codes
    }

    /// The scale of a block.
    pub fn scale(&self, block: usize) -> f32 {
        self.scales.get(block)
    }

    /// `out = values[start..start + out.len()]`
    pub fn unpack(&self, start: usize, out: &mut [f32]) {
        assert!(start + out.len() <= self.len, "a run past the matrix");
        unpack(self, start, out);
    }
}

simd! {
fn unpack(w: &Bnb4, start: usize, out: &mut [f32]) {
    let mut at = start;
    let mut rest = out;
    while !rest.is_empty() {
        let block = at / w.block;
        let count = ((block + 1) * w.block - at).min(rest.len());
        let (mut run, after) = rest.split_at_mut(count);
        rest = after;
        let scale = w.scales.get(block);
        if at % 2 == 1 {
            run[0] = w.pairs[w.codes[at / 2] as usize][1] * scale;
            run = &mut run[1..];
            at += 1;
        }
        let bytes = &w.codes[at / 2..(at + run.len()).div_ceil(2)];
        at += run.len();
        let (pairs, last) = run.as_chunks_mut::<2>();
        for (out, &byte) in pairs.iter_mut().zip(bytes) {
            let [a, b] = w.pairs[byte as usize];
            *out = [a * scale, b * scale];
        }
        if let ([last], Some(&byte)) = (last, bytes.last()) {
            *last = w.pairs[byte as usize][0] * scale;
        }
    }
}
}

/// Double quantization: the scales less their mean, to 8 bits of the dynamic map in blocks of 256.
fn nested(scales: &[f32]) -> Scales {
    let offset = (scales.iter().map(|&s| f64::from(s)).sum::<f64>() / scales.len().max(1) as f64) as f32;
    let map = dynamic_map(true);
    let mut codes = Vec::with_capacity(scales.len());
    let mut absmaxes = Vec::with_capacity(scales.len().div_ceil(NESTED_BLOCK));
    for block in scales.chunks(NESTED_BLOCK) {
        let centred: Vec<f32> = block.iter().map(|s| s - offset).collect();
        let most = absmax(&centred);
        absmaxes.push(most);
        let inverse = 1.0 / most.max(1e-38);
        codes.extend(centred.iter().map(|s| nearest(&map, s * inverse)));
    }
    Scales::Nested {
        codes,
        map,
        absmax: absmaxes,
        block: NESTED_BLOCK,
        offset,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quant::tests::normal;

    /// Half of the widest gap between neighbours of a code.
    fn half_gap(code: &[f32; 16]) -> f32 {
        let mut sorted = *code;
        sorted.sort_by(f32::total_cmp);
        sorted.windows(2).map(|w| (w[1] - w[0]) / 2.0).fold(0.0, f32::max)
    }

    #[test]
    fn a_value_is_off_by_half_a_gap_of_the_code_at_most() {
        for kind in [Kind::Nf4, Kind::Fp4] {
            for len in [1, 63, 64, 65, 1000, 4096] {
                let values = normal(len, 7);
                let packed = Bnb4::quantize(&values, kind, false);
                let mut back = vec![0.0; len];
                packed.unpack(0, &mut back);
                for (i, (w, got)) in values.iter().zip(&back).enumerate() {
                    let bound = half_gap(kind.code()) * packed.scale(i / BLOCK) * (1.0 + 1e-6);
                    assert!((w - got).abs() <= bound, "{kind:?} {len}: {w} became {got}");
                }
                // a second time changes nothing: every value is its own nearest
                let again = Bnb4::quantize(&back, kind, false);
                let mut twice = vec![0.0; len];
                again.unpack(0, &mut twice);
                assert_eq!(back, twice, "{kind:?} {len}");
            }
        }
    }

    #[test]
    fn double_quantization_moves_a_scale_by_half_a_gap_of_its_map_at_most() {
        let values = normal(64 * 600, 3);
        let (plain, double) = (
            Bnb4::quantize(&values, Kind::Nf4, false),
            Bnb4::quantize(&values, Kind::Nf4, true),
        );
        let map = dynamic_map(true);
        let gap = map.windows(2).map(|w| (w[1] - w[0]) / 2.0).fold(0.0, f32::max);
        let Scales::Nested { absmax, .. } = &double.scales else {
            panic!("asked for")
        };
        for block in 0..600 {
            let (a, b) = (plain.scale(block), double.scale(block));
            assert!(
                (a - b).abs() <= gap * absmax[block / NESTED_BLOCK] * 1.0001,
                "{a} became {b}"
            );
        }
        assert!(double.bytes() < 4096 + values.len() / 2 + values.len() / 60);
    }

    #[test]
    fn any_run_is_a_part_of_the_whole() {
        let packed = Bnb4::quantize(&normal(1001, 5), Kind::Nf4, true);
        let mut whole = vec![0.0; 1001];
        packed.unpack(0, &mut whole);
        for (start, len) in [
            (0, 1),
            (1, 1),
            (1, 64),
            (63, 3),
            (64, 64),
            (65, 800),
            (1000, 1),
            (7, 994),
        ] {
            let mut part = vec![0.0; len];
            packed.unpack(start, &mut part);
            assert_eq!(part, whole[start..start + len], "{start} {len}");
        }
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let scales = |n| Scales::Plain(vec![1.0; n]);
        let make = |bytes, len, n, block| {
            Bnb4::new(Stored {
                codes: vec![0; bytes],
                len,
                code: &NF4,
                kind: Kind::Nf4,
                scales: scales(n),
                block,
            })
        };
        assert!(make(64, 128, 2, 64).is_ok());
        assert!(make(63, 128, 2, 64).unwrap_err().contains("63 bytes"));
        assert!(make(64, 128, 3, 64).unwrap_err().contains("3 scales for 2 blocks"));
        assert!(make(64, 128, 2, 60).unwrap_err().contains("power of two"));
    }
}
