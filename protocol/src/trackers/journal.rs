//! LevelDB's log format in the variant of W&B and SwanLab: a header of seven bytes, then blocks of 32 KiB with records, whole or
//! in pieces. The checksum over a piece's kind and bytes is zlib's CRC-32 (LevelDB's own is CRC-32C).

/// Bytes of a block.
const BLOCK: usize = 32 << 10;
/// Bytes before a piece: checksum (4 bytes), length (2), kind; little-endian.
const HEADER: usize = 7;

/// Which part of a record a piece is.
#[derive(Clone, Copy)]
enum Piece {
    Full = 1,
    First,
    Middle,
    Last,
}

/// A log that is being written. Keeps the position, since records are split where blocks end.
#[derive(Debug, Default)]
pub struct Journal {
    at: usize,
}

impl Journal {
    /// Writes the header of a file: the program's name, magic number and version.
    pub fn begin(&mut self, name: [u8; 4], magic: u16, version: u8, out: &mut Vec<u8>) {
        out.extend(name);
        out.extend(magic.to_le_bytes());
        out.push(version);
        self.at = HEADER;
    }

    /// Appends a record.
    pub fn append(&mut self, mut data: &[u8], out: &mut Vec<u8>) {
        let mut first = true;
        loop {
            let left = BLOCK - self.at % BLOCK;
            if left < HEADER {
                // too short for a header: padded with zeros
                out.resize(out.len() + left, 0);
                self.at += left;
                continue;
            }
            let (piece, rest) = data.split_at(data.len().min(left - HEADER));
            let kind = match (first, rest.is_empty()) {
                (true, true) => Piece::Full,
                (true, false) => Piece::First,
                (false, false) => Piece::Middle,
                (false, true) => Piece::Last,
            };
            self.put(kind, piece, out);
            if rest.is_empty() {
                return;
            }
            (data, first) = (rest, false);
        }
    }

    fn put(&mut self, kind: Piece, piece: &[u8], out: &mut Vec<u8>) {
        out.extend(checksum(kind as u8, piece).to_le_bytes());
        // fits: a piece is shorter than a block
        out.extend((piece.len() as u16).to_le_bytes());
        out.push(kind as u8);
        out.extend(piece);
        self.at += HEADER + piece.len();
    }
}

fn checksum(kind: u8, piece: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(&[kind]);
    sum.update(piece);
    sum.finalize()
}

/// The records of a whole file; `None`: it is damaged.
pub fn records(file: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut found: Vec<Vec<u8>> = vec![];
    let mut open = false;
    for (number, block) in file.chunks(BLOCK).enumerate() {
        let mut rest = if number == 0 { block.get(HEADER..)? } else { block };
        while rest.len() >= HEADER {
            let (head, behind) = rest.split_at(HEADER);
            let kind = *head.last()?;
            let sum = u32::from_le_bytes(*head.first_chunk()?);
            let length = usize::from(u16::from_le_bytes(*head.get(4..)?.first_chunk()?));
            let (piece, behind) = behind.split_at_checked(length)?;
            if checksum(kind, piece) != sum || (kind == Piece::Full as u8 || kind == Piece::First as u8) == open {
                return None;
            }
            match open {
                true => found.last_mut()?.extend(piece),
                false => found.push(piece.to_vec()),
            }
            open = kind == Piece::First as u8 || kind == Piece::Middle as u8;
            rest = behind;
        }
        if rest.iter().any(|byte| *byte != 0) {
            return None;
        }
    }
    (!open).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_every_length_lie_in_blocks_and_come_back() {
        let (mut journal, mut file) = (Journal::default(), vec![]);
        journal.begin(*b":W&B", 0xBEE1, 0, &mut file);
        // to the end of a block, a byte beside it, over several; and where no head fits
        let lengths = [
            0,
            5,
            BLOCK - 3 * HEADER - 5,
            BLOCK - HEADER - 3,
            1,
            BLOCK - HEADER,
            3 * BLOCK,
            BLOCK - 3 * HEADER - 4,
            9,
        ];
        let all: Vec<Vec<u8>> = lengths.iter().map(|n| (0..*n).map(|i| i as u8).collect()).collect();
        for data in &all {
            journal.append(data, &mut file);
        }
        assert_eq!(journal.at, file.len());
        assert_eq!(records(&file).as_deref(), Some(&all[..]));
        for at in HEADER..HEADER + 30 {
            let mut broken = file.clone();
            broken[at] ^= 1;
            assert_ne!(records(&broken).as_deref(), Some(&all[..]), "byte {at}");
        }
    }

    #[test]
    fn a_piece_is_what_wandbs_own_writer_makes() {
        // zlib.crc32(b"abc", zlib.crc32(b"\x01"))
        let (mut journal, mut file) = (Journal::default(), vec![]);
        journal.append(b"abc", &mut file);
        assert_eq!(
            file,
            [0x539d20a9u32.to_le_bytes().as_slice(), &[3, 0, 1], b"abc"].concat()
        );
    }
}
