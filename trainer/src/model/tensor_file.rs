//! One safetensors file: its header is checked when it is opened, its tensors are read one at a time into the memory they will
//! live in.
use crate::error::{Error, Result};
use crate::quant::kept;
use crate::{files, tensors};
use candle_core::{Device, Tensor};
use half::{bf16, f16};
use protocol::decoder::Rows;
use protocol::{Said, says};
use safetensors::tensor::Metadata;
use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// A safetensors header larger than this is refused unread.
const MOST_HEADER: u64 = 100 << 20;

/// How the names of tensors end that are no weights.
const CONSTANTS: [&str; 5] = [
    ".attn.bias",
    ".attn.masked_bias",
    ".attention.bias",
    ".attention.masked_bias",
    ".rotary_emb.inv_freq",
];

/// One safetensors file, opened: its header is checked, its tensors are read on demand.
pub struct TensorFile {
    path: PathBuf,
    file: File,
    /// where tensor data starts
    data: u64,
    metadata: Metadata,
}

impl TensorFile {
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn open(path: &Path) -> Result<Self> {
        let bad = |message: Said| Error::file(path, message);
        let file = files::open(path)?;
        let size = file.metadata().map_err(Error::io(path))?.len();
        let mut length = [0u8; 8];
        file.read_exact_at(&mut length, 0)
            .map_err(|_| bad(says::too_short_safetensors()))?;
        let header = u64::from_le_bytes(length);
        if header > MOST_HEADER || header + 8 > size {
            return Err(bad(says::cut_safetensors(header, size)));
        }
        let mut bytes = vec![0u8; header as usize];
        file.read_exact_at(&mut bytes, 8).map_err(Error::io(path))?;
        let metadata: Metadata = serde_json::from_slice(&bytes).map_err(|e| bad(says::bad_safetensors_header(e)))?;
        let data = header + 8;
        let expected = data + metadata.data_len() as u64;
        if expected != size {
            return Err(bad(says::other_length(size, expected)));
        }
        Ok(Self {
            path: path.to_path_buf(),
            file,
            data,
            metadata,
        })
    }

    pub fn names(&self) -> impl Iterator<Item = String> {
        self.metadata.tensors().into_keys()
    }

    /// How many numbers of each type there are, in lower case (`bf16`), but for masks and frequencies that old folders keep.
    pub fn counts(&self) -> impl Iterator<Item = (String, u64)> {
        let weights = self.metadata.tensors().into_iter();
        let weights = weights.filter(|(name, _)| !CONSTANTS.iter().any(|end| name.ends_with(end)));
        weights.map(|(_, info)| {
            let count = info.shape.iter().fold(1u64, |n, side| n.saturating_mul(*side as u64));
            (format!("{:?}", info.dtype).to_lowercase(), count)
        })
    }

    /// The shape of a tensor, where there is one.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        Some(&self.metadata.info(name)?.shape)
    }

    /// How many bytes a tensor takes, where there is one.
    pub fn length(&self, name: &str) -> Option<u64> {
        let (start, end) = self.metadata.info(name)?.data_offsets;
        Some((end - start) as u64)
    }

    /// The bytes of one tensor of any type.
    pub fn raw(&self, name: &str) -> Result<Raw> {
        let (start, end) = self.info(name)?.data_offsets;
        self.bytes(name, start, end)
    }

    /// Those of one row of its first axis.
    pub fn raw_row(&self, name: &str, row: usize) -> Result<Raw> {
        let info = self.info(name)?;
        let (start, end) = info.data_offsets;
        let rows = info.shape.first().copied().unwrap_or(1).max(1);
        let size = (end - start) / rows;
        match row < rows {
            true => self.bytes(name, start + row * size, start + (row + 1) * size),
            false => Err(Error::file(&self.path, says::of_tensor(name, says::past_the_end()))),
        }
    }

    fn bytes(&self, name: &str, start: usize, end: usize) -> Result<Raw> {
        let info = self.info(name)?;
        let mut bytes = vec![0; end - start];
        self.file
            .read_exact_at(&mut bytes, self.data + start as u64)
            .map_err(Error::io(&self.path))?;
        Ok(Raw {
            dtype: info.dtype,
            shape: info.shape.clone(),
            bytes,
        })
    }

    fn info(&self, name: &str) -> Result<&safetensors::tensor::TensorInfo> {
        let info = self.metadata.info(name);
        info.ok_or_else(|| Error::file(&self.path, says::no_tensor(name)))
    }

    /// Whether a tensor's type is one that can be read.
    pub fn readable(&self, name: &str) -> Result<()> {
        match self.info(name)?.dtype {
            safetensors::Dtype::F32 | safetensors::Dtype::BF16 | safetensors::Dtype::F16 => Ok(()),
            other => Err(self.unreadable(name, other)),
        }
    }

    fn unreadable(&self, name: &str, dtype: safetensors::Dtype) -> Error {
        Error::file(&self.path, says::tensor_kind(name, format!("{dtype:?}")))
    }

    /// The names and shapes of all tensors.
    pub fn shapes(&self) -> impl Iterator<Item = (String, Vec<usize>)> {
        let tensors = self.metadata.tensors().into_iter();
        tensors.map(|(name, info)| (name, info.shape.clone()))
    }

    /// Bytes that all tensors take once they are read as a quantized folder's, whose codes have so many bits.
    pub fn kept_bytes(&self, bits: u64) -> u64 {
        let tensors = self.metadata.tensors().into_iter();
        let of = tensors.map(|(name, info)| kept::bytes(&name, info.dtype, &info.shape, bits));
        of.fold(0, u64::saturating_add)
    }

    /// Reads one tensor in its stored dtype.
    pub fn read(&self, name: &str, device: &Device) -> Result<Tensor> {
        self.read_rows(name, None, device)
    }

    /// Reads some of the rows of a tensor, or all.
    pub fn read_rows(&self, name: &str, rows: Option<Rows>, device: &Device) -> Result<Tensor> {
        let info = self.info(name)?;
        let (start, end) = info.data_offsets;
        let mut shape = info.shape.clone();
        let mut spans = vec![(start, end - start)];
        if let (Some(rows), Some(all)) = (rows, shape.first_mut()) {
            let row = (end - start) / (*all).max(1);
            spans = rows
                .starts()
                .map(|first| (start + first * row, rows.run * row))
                .collect();
            *all = rows.count();
        }
        let shape = shape.as_slice();
        let bytes = Values {
            file: self,
            name,
            spans,
            count: shape.iter().product(),
        };
        let tensor = match info.dtype {
            safetensors::Dtype::F32 => Tensor::from_vec(bytes.read::<f32>()?, shape, device)?,
            safetensors::Dtype::BF16 => Tensor::from_vec(bytes.read::<bf16>()?, shape, device)?,
            safetensors::Dtype::F16 => Tensor::from_vec(bytes.read::<f16>()?, shape, device)?,
            other => return Err(self.unreadable(name, other)),
        };
        Ok(tensor)
    }
}

/// A tensor as it is stored.
pub struct Raw {
    pub dtype: safetensors::Dtype,
    pub shape: Vec<usize>,
    pub bytes: Vec<u8>,
}

/// The numbers of one tensor, or of some of its rows.
struct Values<'a> {
    file: &'a TensorFile,
    name: &'a str,
    /// where bytes of it begin in the file's data, and how many they are
    spans: Vec<(usize, usize)>,
    count: usize,
}

/// A number as safetensors stores it: little-endian.
trait Stored: Clone + Default {
    const SIZE: usize;
    fn from_le(bytes: &[u8]) -> Self;
    fn finite(&self) -> bool;
}

macro_rules! stored {
    ($($ty:ty: $size:literal),*) => {$(
        impl Stored for $ty {
            const SIZE: usize = $size;
            fn from_le(bytes: &[u8]) -> Self {
                let mut array = [0u8; $size];
                array.copy_from_slice(bytes);
                <$ty>::from_le_bytes(array)
            }
            fn finite(&self) -> bool {
                self.is_finite()
            }
        }
    )*};
}
stored!(f32: 4, bf16: 2, f16: 2);

impl Values<'_> {
    /// Through a small buffer, so that only the result is ever whole in memory.
    fn read<T: Stored>(&self) -> Result<Vec<T>> {
        let bytes: usize = self.spans.iter().map(|(_, bytes)| bytes).sum();
        if self.count.checked_mul(T::SIZE) != Some(bytes) {
            return Err(Error::file(&self.file.path, says::shape_and_bytes()));
        }
        let mut values = Vec::with_capacity(self.count);
        let mut buffer = vec![0u8; bytes.min(1 << 20)];
        for &(start, bytes) in &self.spans {
            let mut at = 0;
            while at < bytes {
                let part = &mut buffer[..(bytes - at).min(1 << 20)];
                self.file
                    .file
                    .read_exact_at(part, self.file.data + (start + at) as u64)
                    .map_err(Error::io(&self.file.path))?;
                let before = values.len();
                values.extend(part.chunks_exact(T::SIZE).map(T::from_le));
                if !values[before..].iter().all(T::finite) {
                    return Err(tensors::not_finite(&self.file.path, self.name));
                }
                at += part.len();
            }
        }
        Ok(values)
    }
}

/// Every tensor of one safetensors file, by name, in its stored dtype.
pub fn read_all(path: &Path, device: &Device) -> Result<HashMap<String, Tensor>> {
    let file = TensorFile::open(path)?;
    file.names()
        .map(|name| Ok((name.clone(), file.read(&name, device)?)))
        .collect()
}
