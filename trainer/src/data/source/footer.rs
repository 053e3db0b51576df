//! The schema in a parquet file's footer (in Thrift's compact protocol), checked before the library builds it: a schema
//! that is nested too deeply would overflow the stack.

use std::fs::File;
use std::os::unix::fs::FileExt;

use protocol::{Said, says};

/// The end of a file: the footer's length and the magic.
const TAIL: u64 = 8;
/// Footers longer than this are refused.
const MAX_FOOTER: u64 = 256 << 20;
/// How deep structs, lists and maps may be nested in one element of a schema.
const MAX_DEPTH: usize = 16;

/// How deep the columns of a file of `size` bytes are nested.
///
/// # Errors
/// It has no footer, or one that is broken before the schema ends.
pub(super) fn nesting(file: &File, size: u64) -> Result<usize, Said> {
    let tail_at = size.checked_sub(TAIL).ok_or_else(says::footer_misplaced)?;
    let mut tail = [0; TAIL as usize];
    file.read_exact_at(&mut tail, tail_at)
        .map_err(|e| Said::plain(e.to_string()))?;
    let (length, magic) = tail.split_at(4);
    if magic != b"PAR1" {
        return Err(says::table_cut_off());
    }
    let length = u64::from(length.first_chunk().copied().map_or(0, u32::from_le_bytes));
    let at = tail_at
        .checked_sub(length)
        .filter(|_| length <= MAX_FOOTER)
        .ok_or_else(says::footer_misplaced)?;
    let mut footer = vec![0; usize::try_from(length).unwrap_or(0)];
    file.read_exact_at(&mut footer, at)
        .map_err(|e| Said::plain(e.to_string()))?;
    let mut reader = Compact { rest: &footer };
    reader.schema().ok_or_else(says::footer_broken)
}

/// Reads Thrift's compact protocol.
struct Compact<'a> {
    rest: &'a [u8],
}

/// The header of a list: how many elements it has, and their type.
struct ListHead {
    size: u64,
    kind: u8,
}

/// The header of a struct's field: its id and its type.
struct FieldHead {
    id: i16,
    kind: u8,
}

mod kind {
    pub const STOP: u8 = 0;
    pub const TRUE: u8 = 1;
    pub const FALSE: u8 = 2;
    pub const BYTE: u8 = 3;
    pub const I16: u8 = 4;
    pub const I32: u8 = 5;
    pub const I64: u8 = 6;
    pub const DOUBLE: u8 = 7;
    pub const BINARY: u8 = 8;
    pub const LIST: u8 = 9;
    pub const SET: u8 = 10;
    pub const MAP: u8 = 11;
    pub const STRUCT: u8 = 12;
}

impl Compact<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn bytes(&mut self, n: u64) -> Option<()> {
        self.rest = self.rest.get(usize::try_from(n).ok()?..)?;
        Some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn zigzag(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// The next field of a struct whose last field was `before`; kind `STOP` ends the struct.
    fn field(&mut self, before: i16) -> Option<FieldHead> {
        let head = self.byte()?;
        let kind = head & 0x0F;
        let id = match head >> 4 {
            _ if kind == kind::STOP => 0,
            0 => i16::try_from(self.zigzag()?).ok()?,
            step => before.checked_add(i16::from(step))?,
        };
        Some(FieldHead { id, kind })
    }

    fn list(&mut self) -> Option<ListHead> {
        let head = self.byte()?;
        let size = match head >> 4 {
            15 => self.varint()?,
            size => u64::from(size),
        };
        Some(ListHead {
            size,
            kind: head & 0x0F,
        })
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        match kind {
            kind::TRUE | kind::FALSE => Some(()),
            kind::BYTE => self.bytes(1),
            kind::I16 | kind::I32 | kind::I64 => self.varint().map(|_| ()),
            kind::DOUBLE => self.bytes(8),
            kind::BINARY => {
                let length = self.varint()?;
                self.bytes(length)
            }
            kind::LIST | kind::SET if depth < MAX_DEPTH => {
                let ListHead { size, kind } = self.list()?;
                (0..size).try_for_each(|_| self.element(kind, depth + 1))
            }
            kind::MAP if depth < MAX_DEPTH => {
                let size = self.varint()?;
                let kinds = if size > 0 { self.byte()? } else { 0 };
                (0..size).try_for_each(|_| {
                    self.element(kinds >> 4, depth + 1)?;
                    self.element(kinds & 0x0F, depth + 1)
                })
            }
            kind::STRUCT if depth < MAX_DEPTH => {
                let mut before = 0;
                loop {
                    let field = self.field(before)?;
                    if field.kind == kind::STOP {
                        return Some(());
                    }
                    self.skip(field.kind, depth + 1)?;
                    before = field.id;
                }
            }
            _ => None,
        }
    }

    /// Skips an element of a list or map, where booleans are bytes.
    fn element(&mut self, kind: u8, depth: usize) -> Option<()> {
        match kind {
            kind::TRUE | kind::FALSE => self.bytes(1),
            kind => self.skip(kind, depth),
        }
    }

    /// The depth of the schema's tree (field 2 of the footer, a list from the root on); of several schemas, that of the
    /// deepest.
    fn schema(&mut self) -> Option<usize> {
        const SCHEMA: i16 = 2;
        let (mut before, mut deepest) = (0, None);
        loop {
            let field = self.field(before)?;
            match field.id {
                _ if field.kind == kind::STOP => return deepest,
                SCHEMA if field.kind == kind::LIST => deepest = deepest.max(Some(self.tree()?)),
                _ => self.skip(field.kind, 0)?,
            }
            before = field.id;
        }
    }

    fn tree(&mut self) -> Option<usize> {
        const CHILDREN: i16 = 5;
        let ListHead { size, .. } = self.list()?;
        // how many children each open group still expects
        let mut open: Vec<i64> = Vec::new();
        let mut deepest = 0;
        for _ in 0..size {
            let (mut before, mut children) = (0, 0);
            loop {
                let field = self.field(before)?;
                match field.id {
                    _ if field.kind == kind::STOP => break,
                    CHILDREN => children = self.zigzag()?,
                    _ => self.skip(field.kind, 0)?,
                }
                before = field.id;
            }
            while open.last() == Some(&0) {
                open.pop();
            }
            if let Some(left) = open.last_mut() {
                *left -= 1;
            }
            if children > 0 {
                open.push(children);
            }
            deepest = deepest.max(open.len());
        }
        Some(deepest)
    }
}
