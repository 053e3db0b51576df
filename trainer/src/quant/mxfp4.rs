//! GPT-OSS's experts as published: `NAME_blocks` `[experts, rows, columns / 32, 16]`, two codes of four bits (E2M1) a byte, the first in
//! the lower half, and `NAME_scales` `[experts, rows, columns / 32]`, powers of two (E8M0). `w = 2^(scale - 127) value[code]`.
//!
//! They stay packed, in ggml's blocks of the same numbers: the scale, then bytes whose lower halves are the first 16 codes. Rows are
//! outputs, though the plain tensor has them as columns. Source: transformers' `integrations/mxfp4.py`; OCP Microscaling 1.0.
use super::Parsed;
use super::gguf::{Blocks, Coding};
use protocol::says;

/// Codes that share a scale, and the bytes they take.
pub const GROUP: usize = 32;
pub const BYTES: usize = GROUP / 2;

/// The largest scale whose every value is a number in f32: `6 * 2^(252 - 127)`.
const LARGEST: u8 = 252;

/// What one expert's matrix has.
pub struct Shape {
    pub rows: usize,
    pub columns: usize,
}

/// Some rows of one expert's matrix, from the blocks and scales of all of its rows.
///
/// # Errors
/// There are other numbers of them than rows and columns ask for, or a scale is no number.
pub fn read(blocks: &[u8], scales: &[u8], rows: &[usize], of: Shape) -> Parsed<Blocks> {
    let Shape { rows: of, columns } = of;
    if !columns.is_multiple_of(GROUP) {
        return Err(says::uneven_blocks(columns, "mxfp4", GROUP));
    }
    let groups = columns / GROUP;
    if scales.len() != of * groups || blocks.len() != of * groups * BYTES {
        return Err(says::bytes_of_rows(blocks.len() + scales.len(), of, columns, "mxfp4"));
    }
    if scales.iter().any(|&scale| scale > LARGEST) {
        return Err(says::codes_not_finite());
    }
    let mut bytes = Vec::with_capacity(rows.len() * groups * (1 + BYTES));
    for &row in rows {
        for group in row * groups..(row + 1) * groups {
            let own = &blocks[group * BYTES..][..BYTES];
            let code = |i: usize| own[i / 2] >> (4 * (i % 2)) & 15;
            bytes.push(scales[group]);
            bytes.extend((0..BYTES).map(|i| code(i) | code(i + BYTES) << 4));
        }
    }
    Blocks::new(Coding::Mxfp4, bytes, rows.len(), columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_scales_by_hand() {
        // two rows; the second has codes 0 1 2 … 15 twice over, its scale is 2^(128 - 127)
        let row: Vec<u8> = (0..16).map(|i| ((2 * i) % 16) | (((2 * i + 1) % 16) << 4)).collect();
        let blocks = [vec![0x22; 16], row].concat();
        let read = read(&blocks, &[127, 128], &[1, 0], Shape { rows: 2, columns: 32 }).unwrap();
        let mut got = vec![0.0; 64];
        read.unpack(0, &mut got);
        let half = [0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0];
        let minus: Vec<f32> = half.iter().map(|v| -v).collect();
        assert_eq!(got[..16], [&half[..], &minus].concat());
        assert_eq!(got[16..32], got[..16]);
        assert_eq!(got[32..], [1.0; 32]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let error = |blocks: usize, scale, columns| {
            read(&vec![0; blocks], &[scale], &[0], Shape { rows: 1, columns }).unwrap_err()
        };
        assert!(error(16, 127, 24).contains("blocks of 32"));
        assert!(error(15, 127, 32).contains("16 bytes"));
        assert!(error(16, 255, 32).contains("NaN"));
    }
}
