//! GGUF files, written tensor by tensor: metadata and the list of tensors stand first, data follows, aligned.
//!
//! Source: ggml's `docs/gguf.md`; version 3.
use super::kinds::Kind;
use crate::error::{Error, Result};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

const VERSION: u32 = 3;
const ALIGNMENT: usize = 32;

/// A value of the metadata.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    U32(u32),
    F32(f32),
    Bool(bool),
    Text(String),
    Texts(Vec<String>),
    F32s(Vec<f32>),
    I32s(Vec<i32>),
    Bools(Vec<bool>),
}

/// Keys with their values, in the order that they are written in.
pub type Metadata = Vec<(String, Value)>;

/// A tensor that will be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub name: String,
    /// Rows first.
    pub shape: Vec<usize>,
    pub kind: Kind,
}

impl Planned {
    pub fn bytes(&self) -> usize {
        let (values, bytes) = self.kind.block();
        self.shape.iter().product::<usize>() / values * bytes
    }
}

/// A file in the making. Data is given in the order in which tensors were planned.
pub struct Writer {
    file: BufWriter<File>,
    path: PathBuf,
    /// bytes of each tensor, the last first
    ahead: Vec<usize>,
    /// of the tensor whose turn it is
    given: usize,
}

impl Writer {
    pub fn create(path: &Path, metadata: &Metadata, tensors: &[Planned]) -> Result<Self> {
        let mut head = b"GGUF".to_vec();
        head.extend(VERSION.to_le_bytes());
        head.extend((tensors.len() as u64).to_le_bytes());
        head.extend((metadata.len() as u64).to_le_bytes());
        for (key, value) in metadata {
            text(key, &mut head);
            value.write(&mut head);
        }
        let mut offset = 0;
        for tensor in tensors {
            text(&tensor.name, &mut head);
            head.extend((tensor.shape.len() as u32).to_le_bytes());
            // ggml counts axes from the last on
            tensor
                .shape
                .iter()
                .rev()
                .for_each(|side| head.extend((*side as u64).to_le_bytes()));
            head.extend(tensor.kind.number().to_le_bytes());
            head.extend((offset as u64).to_le_bytes());
            offset += tensor.bytes().next_multiple_of(ALIGNMENT);
        }
        head.resize(head.len().next_multiple_of(ALIGNMENT), 0);
        let mut file = BufWriter::with_capacity(1 << 20, File::create(path).map_err(Error::io(path))?);
        file.write_all(&head).map_err(Error::io(path))?;
        Ok(Self {
            file,
            path: path.to_owned(),
            ahead: tensors.iter().rev().map(Planned::bytes).collect(),
            given: 0,
        })
    }

    /// The next bytes of the tensor whose turn it is.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let whole = self.ahead.last().copied().unwrap_or(0);
        self.given += bytes.len();
        if self.given > whole {
            return Err(Error::internal("a tensor has more numbers than were planned"));
        }
        self.file.write_all(bytes).map_err(Error::io(&self.path))?;
        if self.given == whole {
            let padding = vec![0; whole.next_multiple_of(ALIGNMENT) - whole];
            self.file.write_all(&padding).map_err(Error::io(&self.path))?;
            self.ahead.pop();
            self.given = 0;
        }
        Ok(())
    }

    /// Makes what is written so far readable.
    pub fn flush(&mut self) -> Result<()> {
        self.file.flush().map_err(Error::io(&self.path))
    }

    pub fn finish(mut self) -> Result<()> {
        if !self.ahead.is_empty() {
            return Err(Error::internal("a tensor that was planned is not written"));
        }
        self.flush()?;
        self.file.get_ref().sync_all().map_err(Error::io(&self.path))
    }
}

fn text(text: &str, out: &mut Vec<u8>) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

fn list<T>(kind: u32, items: &[T], out: &mut Vec<u8>, mut item: impl FnMut(&T, &mut Vec<u8>)) {
    const LIST: u32 = 9;
    out.extend(LIST.to_le_bytes());
    out.extend(kind.to_le_bytes());
    out.extend((items.len() as u64).to_le_bytes());
    items.iter().for_each(|one| item(one, out));
}

impl Value {
    /// ggml's number of its type, then itself.
    fn write(&self, out: &mut Vec<u8>) {
        const U32: u32 = 4;
        const I32: u32 = 5;
        const F32: u32 = 6;
        const BOOL: u32 = 7;
        const TEXT: u32 = 8;
        match self {
            Self::U32(number) => out.extend([U32, *number].iter().flat_map(|n| n.to_le_bytes())),
            Self::F32(number) => {
                out.extend(F32.to_le_bytes());
                out.extend(number.to_le_bytes());
            }
            Self::Bool(flag) => {
                out.extend(BOOL.to_le_bytes());
                out.push(u8::from(*flag));
            }
            Self::Text(own) => {
                out.extend(TEXT.to_le_bytes());
                text(own, out);
            }
            Self::Texts(texts) => list(TEXT, texts, out, |own, out| text(own, out)),
            Self::F32s(numbers) => list(F32, numbers, out, |number, out| out.extend(number.to_le_bytes())),
            Self::I32s(numbers) => list(I32, numbers, out, |number, out| out.extend(number.to_le_bytes())),
            Self::Bools(flags) => list(BOOL, flags, out, |flag, out| out.push(u8::from(*flag))),
        }
    }
}
