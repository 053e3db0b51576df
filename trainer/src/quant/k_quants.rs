//! ggml's blocks, decoded one at a time: bytes in, f32 out. Source: `gguf-py/gguf/quants.py`, `ggml-quants.c`.
//!
//! Simple blocks hold 32 values, super-blocks ("K") 256 in sub-blocks of 16 or 32 with scales of their own. `d`, `dmin`, `m`
//! are f16. In `_0` types `w = d q`, in `_1` types `w = d q + m`, in K types `w = d s q` or `w = d s q - dmin m`,
//! in IQ4 and MXFP4 `w = d table[q]`.
use half::f16;

/// Values of a super-block.
const K: usize = 256;

#[inline(always)]
fn half(bytes: &[u8], at: usize) -> f32 {
    f16::from_le_bytes([bytes[at], bytes[at + 1]]).to_f32()
}

/// `d (q - 8)`; byte `i` holds values `i` and `i + 16`.
#[inline(always)]
pub fn q4_0(block: &[u8], out: &mut [f32]) {
    let d = half(block, 0);
    let (low, high) = out.split_at_mut(16);
    for (i, &q) in block[2..18].iter().enumerate() {
        low[i] = d * (i32::from(q & 15) - 8) as f32;
        high[i] = d * (i32::from(q >> 4) - 8) as f32;
    }
}

#[inline(always)]
pub fn q4_1(block: &[u8], out: &mut [f32]) {
    let (d, m) = (half(block, 0), half(block, 2));
    let (low, high) = out.split_at_mut(16);
    for (i, &q) in block[4..20].iter().enumerate() {
        low[i] = d * f32::from(q & 15) + m;
        high[i] = d * f32::from(q >> 4) + m;
    }
}

/// The fifth bits of 32 values.
#[inline(always)]
fn fifth(block: &[u8], at: usize) -> [u8; 32] {
    let word = u32::from_le_bytes([block[at], block[at + 1], block[at + 2], block[at + 3]]);
    std::array::from_fn(|i| (word >> i & 1) as u8 * 16)
}

#[inline(always)]
pub fn q5_0(block: &[u8], out: &mut [f32]) {
    let (d, high) = (half(block, 0), fifth(block, 2));
    for i in 0..16 {
        let q = block[6 + i];
        out[i] = d * (i32::from(q & 15 | high[i]) - 16) as f32;
        out[i + 16] = d * (i32::from(q >> 4 | high[i + 16]) - 16) as f32;
    }
}

#[inline(always)]
pub fn q5_1(block: &[u8], out: &mut [f32]) {
    let (d, m, high) = (half(block, 0), half(block, 2), fifth(block, 4));
    for i in 0..16 {
        let q = block[8 + i];
        out[i] = d * f32::from(q & 15 | high[i]) + m;
        out[i + 16] = d * f32::from(q >> 4 | high[i + 16]) + m;
    }
}

#[inline(always)]
pub fn q8_0(block: &[u8], out: &mut [f32]) {
    let d = half(block, 0);
    for (out, &q) in out.iter_mut().zip(&block[2..34]) {
        *out = d * f32::from(q as i8);
    }
}

/// 16 sub-blocks of 16: scales and minima of 4 bits, values of 2.
#[inline(always)]
pub fn q2_k(block: &[u8], out: &mut [f32]) {
    let (scales, qs) = (&block[..16], &block[16..80]);
    let (d, dmin) = (half(block, 80), half(block, 82));
    for (sub, out) in out[..K].chunks_exact_mut(16).enumerate() {
        let (dl, ml) = (d * f32::from(scales[sub] & 15), dmin * f32::from(scales[sub] >> 4));
        let (bytes, shift) = (&qs[sub / 8 * 32 + sub % 2 * 16..][..16], sub % 8 / 2 * 2);
        for (out, &q) in out.iter_mut().zip(bytes) {
            *out = dl * f32::from(q >> shift & 3) - ml;
        }
    }
}

/// 16 sub-blocks of 16: scales of 6 bits around 32, values of 2 bits and a third in `mask`, less 4 where that is not set.
#[inline(always)]
pub fn q3_k(block: &[u8], out: &mut [f32]) {
    let (mask, qs, packed) = (&block[..32], &block[32..96], &block[96..108]);
    let d = half(block, 108);
    for (sub, out) in out[..K].chunks_exact_mut(16).enumerate() {
        let low = packed[sub % 8] >> (sub / 8 * 4) & 15;
        let high = packed[8 + sub % 4] >> (sub / 4 * 2) & 3;
        let dl = d * (i32::from(low | high << 4) - 32) as f32;
        let at = sub % 2 * 16;
        let (bytes, shift) = (&qs[sub / 8 * 32 + at..][..16], sub % 8 / 2 * 2);
        for ((out, &q), &m) in out.iter_mut().zip(bytes).zip(&mask[at..]) {
            let third = 4 * (1 - i32::from(m >> (sub / 2) & 1));
            *out = dl * (i32::from(q >> shift & 3) - third) as f32;
        }
    }
}

/// Scale and minimum of each of 8 sub-blocks of 32, 6 bits each in 12 bytes.
#[inline(always)]
fn scale_min(packed: &[u8], sub: usize) -> (f32, f32) {
    let (s, m) = match sub {
        0..4 => (packed[sub] & 63, packed[sub + 4] & 63),
        _ => (
            packed[sub + 4] & 15 | packed[sub - 4] >> 6 << 4,
            packed[sub + 4] >> 4 | packed[sub] >> 6 << 4,
        ),
    };
    (f32::from(s), f32::from(m))
}

#[inline(always)]
pub fn q4_k(block: &[u8], out: &mut [f32]) {
    let (d, dmin) = (half(block, 0), half(block, 2));
    let (packed, qs) = (&block[4..16], &block[16..144]);
    for (pair, out) in out[..K].chunks_exact_mut(64).enumerate() {
        let bytes = &qs[pair * 32..][..32];
        let (low, high) = out.split_at_mut(32);
        let (s, m) = scale_min(packed, 2 * pair);
        let (d1, m1) = (d * s, dmin * m);
        let (s, m) = scale_min(packed, 2 * pair + 1);
        let (d2, m2) = (d * s, dmin * m);
        for i in 0..32 {
            low[i] = d1 * f32::from(bytes[i] & 15) - m1;
            high[i] = d2 * f32::from(bytes[i] >> 4) - m2;
        }
    }
}

#[inline(always)]
pub fn q5_k(block: &[u8], out: &mut [f32]) {
    let (d, dmin) = (half(block, 0), half(block, 2));
    let (packed, fifth, qs) = (&block[4..16], &block[16..48], &block[48..176]);
    for (pair, out) in out[..K].chunks_exact_mut(64).enumerate() {
        let bytes = &qs[pair * 32..][..32];
        let (low, high) = out.split_at_mut(32);
        let (s, m) = scale_min(packed, 2 * pair);
        let (d1, m1) = (d * s, dmin * m);
        let (s, m) = scale_min(packed, 2 * pair + 1);
        let (d2, m2) = (d * s, dmin * m);
        for i in 0..32 {
            let (one, two) = (fifth[i] >> (2 * pair) & 1, fifth[i] >> (2 * pair + 1) & 1);
            low[i] = d1 * f32::from(bytes[i] & 15 | one << 4) - m1;
            high[i] = d2 * f32::from(bytes[i] >> 4 | two << 4) - m2;
        }
    }
}

/// 16 sub-blocks of 16 with scales of 8 bits, values of 6 around 32.
#[inline(always)]
pub fn q6_k(block: &[u8], out: &mut [f32]) {
    let (ql, qh, scales) = (&block[..128], &block[128..192], &block[192..208]);
    let d = half(block, 208);
    for (half, out) in out[..K].chunks_exact_mut(128).enumerate() {
        let (ql, qh) = (&ql[half * 64..][..64], &qh[half * 32..][..32]);
        for (quarter, out) in out.chunks_exact_mut(32).enumerate() {
            let low = &ql[quarter % 2 * 32..][..32];
            let scale = |i: usize| d * f32::from(scales[half * 8 + quarter * 2 + i] as i8);
            let scale = [scale(0), scale(1)];
            for i in 0..32 {
                let q = low[i] >> (quarter / 2 * 4) & 15 | (qh[i] >> (quarter * 2) & 3) << 4;
                out[i] = scale[i / 16] * (i32::from(q) - 32) as f32;
            }
        }
    }
}

/// What the codes of IQ4 are worth before they are scaled.
const IQ4: [i8; 16] = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];
/// Those of MXFP4, E2M1 twice.
const E2M1: [i8; 16] = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

/// `d table[q]`; byte `i` holds values `i` and `i + 16`.
#[inline(always)]
fn by_table(table: &[i8; 16], d: f32, bytes: &[u8], out: &mut [f32]) {
    let (low, high) = out.split_at_mut(16);
    for (i, &q) in bytes.iter().enumerate() {
        low[i] = d * f32::from(table[usize::from(q & 15)]);
        high[i] = d * f32::from(table[usize::from(q >> 4)]);
    }
}

#[inline(always)]
pub fn iq4_nl(block: &[u8], out: &mut [f32]) {
    by_table(&IQ4, half(block, 0), &block[2..18], out);
}

/// 8 sub-blocks of 32 with scales of 6 bits around 32.
#[inline(always)]
pub fn iq4_xs(block: &[u8], out: &mut [f32]) {
    let (d, high) = (half(block, 0), u16::from_le_bytes([block[2], block[3]]));
    for (sub, out) in out[..K].chunks_exact_mut(32).enumerate() {
        let low = i32::from(block[4 + sub / 2] >> (sub % 2 * 4) & 15);
        let scale = low | i32::from(high >> (2 * sub) & 3) << 4;
        by_table(&IQ4, d * (scale - 32) as f32, &block[8 + 16 * sub..][..16], out);
    }
}

/// A power of two, `2^(e - 128)`, for 32 values.
#[inline(always)]
pub fn mxfp4(block: &[u8], out: &mut [f32]) {
    let e = u32::from(block[0]);
    let d = f32::from_bits(if e < 2 { 0x0020_0000 << e } else { (e - 1) << 23 });
    by_table(&E2M1, d, &block[1..17], out);
}
