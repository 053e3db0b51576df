//! The tensors of a GGUF file by transformers' names.
use crate::error::{Error, Result};
use crate::model::weights::Frozen;
use crate::quant::gguf::{Blocks, Coding};
use crate::quant::gguf_file::{Entry, GgufFile};
use crate::quant::gguf_names::{Names, Part, Place};
use crate::quant::{Packed, Parsed};
use crate::tensors;
use candle_core::{DType, Device, Tensor};
use half::{bf16, f16};
use protocol::decoder::{DecoderSpec, WeightMap};
use protocol::{Said, says};
use std::sync::Arc;

/// A GGUF file as the weights of a model.
#[derive(Debug, Clone, Copy)]
pub struct GgufWeights<'a> {
    pub file: &'a GgufFile,
    pub names: Names<'a>,
}

impl<'a> GgufWeights<'a> {
    pub fn new(file: &'a GgufFile, map: &'a WeightMap, decoder: &'a DecoderSpec) -> Self {
        let architecture = file.architecture();
        let names = Names {
            architecture,
            map,
            decoder,
        };
        Self { file, names }
    }

    /// Where a tensor lies that checkpoints call `name`.
    fn place(&self, name: &str) -> Option<Place> {
        self.names.place(name, &|tensor| self.file.tensors.contains_key(tensor))
    }

    /// The format of a tensor that is quantized.
    pub fn packed(&self, name: &str) -> Option<&'static str> {
        let entry = self.file.tensors.get(&self.place(name)?.tensor)?;
        Coding::of(entry.kind).map(Coding::name)
    }

    /// Whether there is such a tensor, of this shape where it is not a module that holds several. Weights that checkpoints
    /// have turned lie here as layers have them.
    pub fn check(&self, name: &str, shape: &[usize]) -> Result<()> {
        let held = |fused: &protocol::decoder::Fused| name.contains(fused.module);
        let turned: Vec<usize> = shape.iter().rev().copied().collect();
        match self.names.map.fused.iter().any(held) {
            true => self.entry(name).map(drop),
            false if self.names.map.transposed && self.checked(name, &turned).is_ok() => Ok(()),
            false => self.checked(name, shape).map(drop),
        }
    }

    fn entry(&self, name: &str) -> Result<(&'a Entry, Place)> {
        let place = self.place(name);
        let found = place.and_then(|place| Some((self.file.tensors.get(&place.tensor)?, place)));
        found.ok_or_else(|| self.bad(name, says::no_such_tensor()))
    }

    fn checked(&self, name: &str, shape: &[usize]) -> Result<(&'a Entry, Place)> {
        let (entry, place) = self.entry(name)?;
        let mut wanted = shape.to_vec();
        match (place.part, wanted.first_mut()) {
            (Part::Rows { of, .. }, Some(first)) => *first = of,
            (Part::Expert { count, .. }, _) => wanted.insert(0, count),
            _ => {}
        }
        // axes of length 1 may be left out
        let sides = |shape: &[usize]| shape.iter().copied().filter(|&side| side != 1).collect::<Vec<_>>();
        // and a vector's numbers may lie in rows, those of a head in each
        let vector = shape.len() == 1 && place.part == Part::Whole;
        let count = |shape: &[usize]| shape.iter().fold(1usize, |count, &side| count.saturating_mul(side));
        if sides(&entry.shape) != sides(&wanted) && !(vector && count(&entry.shape) == count(&wanted)) {
            let (got, wanted) = (format!("{:?}", entry.shape), format!("{wanted:?}"));
            return Err(self.bad(name, says::other_shape(got, wanted)));
        }
        Ok((entry, place))
    }

    fn bad(&self, name: &str, why: Said) -> Error {
        Error::file(self.file.path(), says::of_tensor(name, why))
    }

    /// The tensor that checkpoints call `name`, as they have it: rows of a head's halves that lie side by side
    /// (llama.cpp's `permute`) are put back, whole blocks at a time, and a norm's weight is less the 1 that was added.
    pub fn read(&self, name: &str, shape: &[usize], device: &Device) -> Result<Frozen> {
        let (entry, place) = self.checked(name, shape)?;
        let frozen = read(self.file, (name, entry), shape, &place, device).map_err(|e| match e {
            Unread::Format(why) => self.bad(name, why),
            Unread::Other(error) => error,
        })?;
        match (place.one_more, frozen.plain()?) {
            (true, Some(tensor)) => Frozen::new((tensor.to_dtype(DType::F32)? - 1.0)?),
            _ => Ok(frozen),
        }
    }
}

enum Unread {
    Format(Said),
    Other(Error),
}

impl From<Said> for Unread {
    fn from(why: Said) -> Self {
        Self::Format(why)
    }
}

impl From<Error> for Unread {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl From<candle_core::Error> for Unread {
    fn from(error: candle_core::Error) -> Self {
        Self::Other(error.into())
    }
}

fn read(
    file: &GgufFile,
    (name, entry): (&str, &Entry),
    shape: &[usize],
    place: &Place,
    device: &Device,
) -> std::result::Result<Frozen, Unread> {
    let count: usize = shape.iter().product();
    // a vector's numbers are rows of one, so that those of a bias are taken as those of its weight
    let (rows, columns) = match *shape {
        [rows, columns] => (rows, columns),
        _ => (count, 1),
    };
    let before = match place.part {
        Part::Whole => 0,
        Part::Rows { first, .. } => first,
        Part::Expert { index, .. } => index * rows,
    };
    let bytes = |size: usize| -> Parsed<Vec<u8>> {
        let bytes = file.read(entry, before * (size / rows.max(1)), size)?;
        Ok(match place.turned {
            Some(heads) => unturned(&bytes, rows, heads),
            None => bytes,
        })
    };
    let tensor = match entry.kind {
        0 => {
            let bytes = bytes(4 * count)?;
            let values = bytes
                .as_chunks::<4>()
                .0
                .iter()
                .map(|b| f32::from_le_bytes(*b))
                .collect();
            Tensor::from_vec::<_, f32>(values, shape, device)?
        }
        1 => {
            let bytes = bytes(2 * count)?;
            let values = bytes
                .as_chunks::<2>()
                .0
                .iter()
                .map(|b| f16::from_le_bytes(*b))
                .collect();
            Tensor::from_vec::<_, f16>(values, shape, device)?
        }
        30 => {
            let bytes = bytes(2 * count)?;
            let values = bytes
                .as_chunks::<2>()
                .0
                .iter()
                .map(|b| bf16::from_le_bytes(*b))
                .collect();
            Tensor::from_vec::<_, bf16>(values, shape, device)?
        }
        kind => {
            let coding = Coding::of(kind).ok_or_else(|| says::ggml_type(kind.to_string(), Coding::supported()))?;
            let (values, size) = coding.block();
            if !columns.is_multiple_of(values) {
                return Err(says::uneven_blocks(columns, coding.name(), values).into());
            }
            let blocks = Blocks::new(coding, bytes(count / values * size)?, (rows, columns))?;
            return Ok(Frozen::Packed(Arc::new(Packed::Gguf(blocks)), DType::F16));
        }
    };
    if !tensors::is_finite(&tensor)? {
        return Err(tensors::not_finite(file.path(), name).into());
    }
    Ok(Frozen::new(tensor)?)
}

/// Rows of `[heads, half, 2]` in the order `[heads, 2, half]`.
fn unturned(bytes: &[u8], rows: usize, heads: usize) -> Vec<u8> {
    let (width, half) = (bytes.len() / rows.max(1), rows / heads.max(1) / 2);
    let mut out = Vec::with_capacity(bytes.len());
    for head in 0..heads {
        for side in 0..2 {
            for i in 0..half {
                let row = head * 2 * half + 2 * i + side;
                out.extend_from_slice(&bytes[row * width..(row + 1) * width]);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_head_are_put_back_in_halves() {
        // one byte a row; two heads of four rows, stored 0 2 1 3 (halves side by side)
        assert_eq!(unturned(&[0, 2, 1, 3, 4, 6, 5, 7], 8, 2), [0, 1, 2, 3, 4, 5, 6, 7]);
    }
}
