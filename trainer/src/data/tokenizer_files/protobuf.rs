//! The wire format of protocol buffers, as far as reading needs it (protobuf.dev/programming-guides/encoding).

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Float(f32),
    /// 64 bits, which nothing here reads.
    Other,
}

/// The fields of a message, one after the other; the place of what can't be read ends them.
pub struct Message<'a> {
    rest: &'a [u8],
    length: usize,
}

/// Where a message is broken: how many of its bytes could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken(pub usize);

impl<'a> Message<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            length: bytes.len(),
        }
    }

    fn number(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            value |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn field(&mut self) -> Option<(u64, Field<'a>)> {
        let key = self.number()?;
        let field = match key & 7 {
            0 => Field::Number(self.number()?),
            1 => self.bytes(8).map(|_| Field::Other)?,
            2 => {
                let count = usize::try_from(self.number()?).ok()?;
                Field::Bytes(self.bytes(count)?)
            }
            5 => Field::Float(f32::from_le_bytes(self.bytes(4)?.try_into().ok()?)),
            _ => return None,
        };
        Some((key >> 3, field))
    }
}

impl<'a> Iterator for Message<'a> {
    type Item = Result<(u64, Field<'a>), Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let at = self.length - self.rest.len();
        let field = self.field();
        if field.is_none() {
            self.rest = &[];
        }
        Some(field.ok_or(Broken(at)))
    }
}
