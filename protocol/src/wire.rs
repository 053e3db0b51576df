//! The wire format of protocol buffers, as far as trackers' files need it: reads and writes fields by number.

/// The raw value of a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    Varint(u64),
    Fixed64([u8; 8]),
    Bytes(&'a [u8]),
    Fixed32([u8; 4]),
}

impl<'a> Value<'a> {
    pub fn bytes(self) -> Option<&'a [u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub fn text(self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }
}

/// The fields of a message, number and value; ends at bytes that are no field.
pub struct Fields<'a>(pub &'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed64(self.chunk()?),
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                let (bytes, rest) = self.0.split_at_checked(length)?;
                self.0 = rest;
                Value::Bytes(bytes)
            }
            5 => Value::Fixed32(self.chunk()?),
            _ => return None,
        };
        Some((key >> 3, value))
    }
}

impl Fields<'_> {
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn chunk<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (chunk, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*chunk)
    }
}

/// A message that is being written.
#[derive(Default)]
pub struct Message(pub Vec<u8>);

impl Message {
    pub fn varint(mut self, field: u64, value: u64) -> Self {
        self.raw(field << 3);
        self.raw(value);
        self
    }

    pub fn double(mut self, field: u64, value: f64) -> Self {
        self.raw(field << 3 | 1);
        self.0.extend(value.to_le_bytes());
        self
    }

    pub fn float(mut self, field: u64, value: f32) -> Self {
        self.raw(field << 3 | 5);
        self.0.extend(value.to_le_bytes());
        self
    }

    pub fn bytes(mut self, field: u64, value: &[u8]) -> Self {
        self.raw(field << 3 | 2);
        self.raw(value.len() as u64);
        self.0.extend(value);
        self
    }

    pub fn message(self, field: u64, value: &Self) -> Self {
        self.bytes(field, &value.0)
    }

    fn raw(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_read_back_and_broken_ones_end_the_message() {
        let message = Message::default()
            .varint(1, u64::MAX)
            .double(2, 1.5)
            .bytes(300, b"text")
            .float(4, -2.0);
        let fields: Vec<_> = Fields(&message.0).collect();
        assert_eq!(
            fields,
            [
                (1, Value::Varint(u64::MAX)),
                (2, Value::Fixed64(1.5f64.to_le_bytes())),
                (300, Value::Bytes(b"text")),
                (4, Value::Fixed32((-2f32).to_le_bytes())),
            ]
        );
        for end in 0..message.0.len() {
            assert!(Fields(&message.0[..end]).count() < 4);
        }
        assert_eq!(Fields(&[0xff; 40]).next(), None);
    }
}
