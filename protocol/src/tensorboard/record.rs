//! Records: a length, its checksum, the bytes, their checksum (`record_writer.h`), all little-endian.

/// Bytes before a record's data.
const HEADER: usize = 12;
/// A longer record, in bytes, is damaged or holds no metrics.
const MAX_RECORD: u64 = 256 << 20;

/// CRC-32C (Castagnoli), reflected, a byte at a time.
const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

/// The checksum as records store it: rotated and offset, so that the checksum of bytes that contain checksums stays meaningful.
pub fn masked_crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| TABLE[usize::from(crc as u8 ^ byte)] ^ crc >> 8;
    let crc = !bytes.iter().fold(!0, step);
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}

/// Appends a record to `out`.
pub fn append(out: &mut Vec<u8>, data: &[u8]) {
    let length = (data.len() as u64).to_le_bytes();
    out.extend(length);
    out.extend(masked_crc(&length).to_le_bytes());
    out.extend(data);
    out.extend(masked_crc(data).to_le_bytes());
}

/// A damaged record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damaged {
    /// Its offset in bytes.
    pub at: usize,
}

/// The records of a file in memory. Ends at a record that is incomplete (its writer is not done), and after an error at one that
/// is damaged, since nothing says where the next one begins.
pub struct Records<'a> {
    rest: &'a [u8],
    /// bytes of the records returned so far
    at: usize,
}

impl<'a> Records<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, at: 0 }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<&'a [u8], Damaged>;

    fn next(&mut self) -> Option<Self::Item> {
        match record(self.rest)? {
            Some((data, rest)) => {
                self.at += self.rest.len() - rest.len();
                self.rest = rest;
                Some(Ok(data))
            }
            None => {
                self.rest = &[];
                Some(Err(Damaged { at: self.at }))
            }
        }
    }
}

/// The data of the first record and the bytes after it; `None`: it is incomplete; `Some(None)`: it is damaged.
fn record(bytes: &[u8]) -> Option<Option<(&[u8], &[u8])>> {
    let (head, rest) = bytes.split_at_checked(HEADER)?;
    let (length, checksum) = head.split_first_chunk::<8>()?;
    let bytes = u64::from_le_bytes(*length);
    if le_u32(checksum)? != masked_crc(length) || bytes > MAX_RECORD {
        return Some(None);
    }
    let (data, rest) = rest.split_at_checked(bytes as usize)?;
    let (checksum, rest) = rest.split_at_checked(4)?;
    Some((le_u32(checksum)? == masked_crc(data)).then_some((data, rest)))
}

fn le_u32(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk::<4>().map(|bytes| u32::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_castagnolis() {
        // "123456789" of the catalogue of CRCs is e3069283
        let unmasked = masked_crc(b"123456789").wrapping_sub(0xa282_ead8).rotate_left(15);
        assert_eq!(unmasked, 0xe306_9283);
    }

    #[test]
    fn records_read_back_and_damage_is_said_where_it_is() {
        let mut file = vec![];
        for data in [&b"one"[..], b"", b"three"] {
            append(&mut file, data);
        }
        let all: Vec<_> = Records::new(&file).map(Result::unwrap).collect();
        assert_eq!(all, [&b"one"[..], b"", b"three"]);
        for end in 0..file.len() {
            let mut records = Records::new(&file[..end]);
            assert!(
                records.by_ref().all(|record| record.is_ok()),
                "a torn file is no damage"
            );
            assert!(records.at <= end);
        }
        for at in 0..file.len() {
            let mut broken = file.clone();
            broken[at] ^= 4;
            assert!(Records::new(&broken).filter_map(Result::ok).count() < 3, "byte {at}");
        }
    }
}
