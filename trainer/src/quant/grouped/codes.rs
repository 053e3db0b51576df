//! Codes of 1 to 8 bits in one run of bytes: code `i` lies in bits `i * bits` and on, the lowest first.
use rayon::prelude::*;

/// Codes that one thread packs at a time: a whole number of bytes for any number of bits.
const PART: usize = 1 << 13;

#[derive(Debug)]
pub struct Codes {
    pub(in crate::quant) bits: u32,
    pub(in crate::quant) bytes: Vec<u8>,
}

impl Codes {
    /// Codes of a matrix whose rows have `columns`; `code` tells the one at (row, column).
    pub fn pack(bits: u32, len: usize, columns: usize, code: &(dyn Fn(usize, usize) -> u8 + Sync)) -> Self {
        let (width, mask) = (bits as usize, u8::MAX >> (8 - bits));
        let mut bytes = vec![0u8; (len * width).div_ceil(8)];
        bytes
            .par_chunks_mut(PART / 8 * width)
            .enumerate()
            .for_each(|(part, bytes)| {
                let first = part * PART;
                let (mut row, mut column) = (first / columns, first % columns);
                for (i, bytes) in bytes.chunks_mut(width).enumerate() {
                    let mut word = 0u64;
                    for k in 0..8.min(len - first - 8 * i) {
                        word |= u64::from(code(row, column) & mask) << (k * width);
                        column += 1;
                        if column == columns {
                            (row, column) = (row + 1, 0);
                        }
                    }
                    bytes.copy_from_slice(&word.to_le_bytes()[..bytes.len()]);
                }
            });
        Self { bits, bytes }
    }

    /// The code at this place.
    #[inline(always)]
    pub fn get(&self, at: usize) -> u8 {
        let bit = at * self.bits as usize;
        let (byte, shift) = (bit / 8, bit as u32 % 8);
        let mut word = u16::from(self.bytes[byte]);
        if shift + self.bits > 8 {
            word |= u16::from(self.bytes[byte + 1]) << 8;
        }
        (word >> shift) as u8 & (u8::MAX >> (8 - self.bits))
    }

    /// `out = codes[start..start + out.len()]`
    #[inline(always)]
    pub fn read(&self, start: usize, out: &mut [u8]) {
        match self.bits {
            1 => self.wide::<1>(start, out),
            2 => self.wide::<2>(start, out),
            3 => self.wide::<3>(start, out),
            4 => self.wide::<4>(start, out),
            5 => self.wide::<5>(start, out),
            6 => self.wide::<6>(start, out),
            7 => self.wide::<7>(start, out),
            _ => out.copy_from_slice(&self.bytes[start..start + out.len()]),
        }
    }

    /// Eight codes lie in `B` whole bytes.
    #[inline(always)]
    fn wide<const B: usize>(&self, start: usize, out: &mut [u8]) {
        let before = (start.next_multiple_of(8) - start).min(out.len());
        let (head, rest) = out.split_at_mut(before);
        for (i, out) in head.iter_mut().enumerate() {
            *out = self.get(start + i);
        }
        let (eights, tail) = rest.as_chunks_mut::<8>();
        let count = 8 * eights.len();
        if !eights.is_empty() {
            let bytes = &self.bytes[(start + before) / 8 * B..];
            for (out, bytes) in eights.iter_mut().zip(bytes.as_chunks::<B>().0) {
                let mut word = [0u8; 8];
                word[..B].copy_from_slice(bytes);
                let word = u64::from_le_bytes(word);
                *out = std::array::from_fn(|k| (word >> (k * B)) as u8 & (u8::MAX >> (8 - B)));
            }
        }
        for (i, out) in tail.iter_mut().enumerate() {
            *out = self.get(start + before + count + i);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_read_from_any_place() {
        let code = |row: usize, column: usize| (row * 37 + column * 11) as u8;
        for bits in 1..=8 {
            let (rows, columns) = (7, 13);
            let packed = Codes::pack(bits, rows * columns, columns, &code);
            assert_eq!(packed.bytes.len(), (rows * columns * bits as usize).div_ceil(8));
            let want: Vec<u8> = (0..rows * columns)
                .map(|i| code(i / columns, i % columns) & (255 >> (8 - bits)))
                .collect();
            for (start, &code) in want.iter().enumerate() {
                assert_eq!(packed.get(start), code, "{bits} bits");
                let mut got = vec![0; rows * columns - start];
                packed.read(start, &mut got);
                assert_eq!(got, want[start..], "{bits} bits from {start}");
            }
        }
        // more than one thread packs, the last part no whole byte
        let many = Codes::pack(3, 3 * PART + 5, 1000, &code);
        let mut got = vec![0; 3 * PART + 5];
        many.read(0, &mut got);
        assert!(got.iter().enumerate().all(|(i, &q)| q == code(i / 1000, i % 1000) & 7));
    }
}
