//! Matrices in GGUF's blocks: each row is a whole number of blocks, as llama.cpp writes them.
use super::{Parsed, k_quants as k};
use crate::ops::cpu::simd;
use protocol::says;

/// How the blocks of a matrix are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q8_0,
    Q2K,
    Q3K,
    Q4K,
    Q5K,
    Q6K,
    Iq4Nl,
    Iq4Xs,
    Mxfp4,
}

/// ggml's number, the coding, its name, values and bytes of a block.
const CODINGS: &[(u32, Coding, &str, usize, usize)] = &[
    (2, Coding::Q4_0, "q4_0", 32, 18),
    (3, Coding::Q4_1, "q4_1", 32, 20),
    (6, Coding::Q5_0, "q5_0", 32, 22),
    (7, Coding::Q5_1, "q5_1", 32, 24),
    (8, Coding::Q8_0, "q8_0", 32, 34),
    (10, Coding::Q2K, "q2_k", 256, 84),
    (11, Coding::Q3K, "q3_k", 256, 110),
    (12, Coding::Q4K, "q4_k", 256, 144),
    (13, Coding::Q5K, "q5_k", 256, 176),
    (14, Coding::Q6K, "q6_k", 256, 210),
    (20, Coding::Iq4Nl, "iq4_nl", 32, 18),
    (23, Coding::Iq4Xs, "iq4_xs", 256, 136),
    (39, Coding::Mxfp4, "mxfp4", 32, 17),
];

impl Coding {
    /// By ggml's number of the type.
    pub fn of(number: u32) -> Option<Self> {
        CODINGS.iter().find(|row| row.0 == number).map(|row| row.1)
    }

    pub fn name(self) -> &'static str {
        self.row().2
    }

    /// Values and bytes of a block.
    pub fn block(self) -> (usize, usize) {
        (self.row().3, self.row().4)
    }

    fn row(self) -> &'static (u32, Coding, &'static str, usize, usize) {
        &CODINGS[self as usize]
    }

    /// The names of all, for messages.
    pub fn supported() -> String {
        let names: Vec<_> = CODINGS.iter().map(|row| row.2).collect();
        format!("f32, f16, bf16, {}", names.join(", "))
    }
}

/// A matrix of blocks.
#[derive(Debug)]
pub struct Blocks {
    coding: Coding,
    pub(super) bytes: Vec<u8>,
    len: usize,
}

impl Blocks {
    /// `bytes`: the rows of a matrix of `rows` by `columns`, block after block.
    pub fn new(coding: Coding, bytes: Vec<u8>, rows: usize, columns: usize) -> Parsed<Self> {
        let (values, size) = coding.block();
        if !columns.is_multiple_of(values) {
            return Err(says::uneven_blocks(columns, coding.name(), values));
        }
        if bytes.len() != rows * (columns / values) * size {
            return Err(says::bytes_of_rows(bytes.len(), rows, columns, coding.name()));
        }
        Ok(Self {
            coding,
            bytes,
            len: rows * columns,
        })
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    pub fn name(&self) -> &'static str {
        self.coding.name()
    }

    pub(super) fn coding(&self) -> Coding {
        self.coding
    }

    /// `out = values[start..start + out.len()]`
    pub fn unpack(&self, start: usize, out: &mut [f32]) {
        let (values, size) = self.coding.block();
        let (skip, mut at) = (start % values, start / values);
        let mut out = out;
        let mut block = [0f32; 256];
        if skip > 0 {
            let count = (values - skip).min(out.len());
            decode(self.coding, &self.bytes[at * size..][..size], &mut block[..values]);
            let (head, rest) = out.split_at_mut(count);
            head.copy_from_slice(&block[skip..skip + count]);
            (out, at) = (rest, at + 1);
        }
        let whole = out.len() / values;
        let (body, tail) = out.split_at_mut(whole * values);
        decode(self.coding, &self.bytes[at * size..][..whole * size], body);
        if !tail.is_empty() {
            decode(
                self.coding,
                &self.bytes[(at + whole) * size..][..size],
                &mut block[..values],
            );
            tail.copy_from_slice(&block[..tail.len()]);
        }
    }
}

simd! {
/// Whole blocks.
fn decode(coding: Coding, bytes: &[u8], out: &mut [f32]) {
    let (values, size) = coding.block();
    let blocks = bytes.chunks_exact(size).zip(out.chunks_exact_mut(values));
    match coding {
        Coding::Q4_0 => blocks.for_each(|(block, out)| k::q4_0(block, out)),
        Coding::Q4_1 => blocks.for_each(|(block, out)| k::q4_1(block, out)),
        Coding::Q5_0 => blocks.for_each(|(block, out)| k::q5_0(block, out)),
        Coding::Q5_1 => blocks.for_each(|(block, out)| k::q5_1(block, out)),
        Coding::Q8_0 => blocks.for_each(|(block, out)| k::q8_0(block, out)),
        Coding::Q2K => blocks.for_each(|(block, out)| k::q2_k(block, out)),
        Coding::Q3K => blocks.for_each(|(block, out)| k::q3_k(block, out)),
        Coding::Q4K => blocks.for_each(|(block, out)| k::q4_k(block, out)),
        Coding::Q5K => blocks.for_each(|(block, out)| k::q5_k(block, out)),
        Coding::Q6K => blocks.for_each(|(block, out)| k::q6_k(block, out)),
        Coding::Iq4Nl => blocks.for_each(|(block, out)| k::iq4_nl(block, out)),
        Coding::Iq4Xs => blocks.for_each(|(block, out)| k::iq4_xs(block, out)),
        Coding::Mxfp4 => blocks.for_each(|(block, out)| k::mxfp4(block, out)),
    }
}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_codings() {
        for (i, row) in CODINGS.iter().enumerate() {
            assert_eq!(row.1 as usize, i);
            assert_eq!(Coding::of(row.0), Some(row.1));
        }
        assert_eq!(Coding::of(16), None);
    }

    #[test]
    fn a_block_of_q4_0_by_hand() {
        // d = 0.5; byte i holds q = i below and 15 - i above
        let mut bytes = vec![0, 0x38];
        bytes.extend((0..16).map(|i| i | (15 - i) << 4));
        let blocks = Blocks::new(Coding::Q4_0, bytes, 1, 32).unwrap();
        let mut out = vec![0.0; 32];
        blocks.unpack(0, &mut out);
        for i in 0..16 {
            assert_eq!(out[i], 0.5 * (i as f32 - 8.0));
            assert_eq!(out[i + 16], 0.5 * (7.0 - i as f32));
        }
        for (start, len) in [(0, 5), (3, 20), (31, 1), (16, 16)] {
            let mut part = vec![0.0; len];
            blocks.unpack(start, &mut part);
            assert_eq!(part, out[start..start + len]);
        }
    }

    #[test]
    fn rows_that_are_no_whole_blocks_are_refused() {
        let error = |columns, bytes| Blocks::new(Coding::Q4K, vec![0; bytes], 2, columns).unwrap_err();
        assert!(error(128, 144).contains("blocks of 256"));
        assert!(error(256, 287).contains("287 bytes"));
    }
}
