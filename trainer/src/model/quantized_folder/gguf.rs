//! The tensors of a GGUF file by transformers' names.
use crate::error::{Error, Result};
use crate::model::weights::Frozen;
use crate::quant::gguf::{Blocks, Coding};
use crate::quant::gguf_file::{Entry, GgufFile};
use crate::quant::gguf_names::{Names, Part, Place, is_held_plain, values_beside};
use crate::quant::{Packed, Parsed};
use crate::tensors;
use candle_core::{DType, Device, Tensor};
use half::{bf16, f16};
use protocol::decoder::{BlockRole, DecoderSpec, ModuleSpec, Network, NormWeight, Projection, Role, Shape, WeightMap};
use protocol::{Said, says};
use std::collections::BTreeSet;
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
        let place = self.place(name)?;
        let entry = self.file.tensors.get(&place.tensor)?;
        match place.part {
            // put together from numbers
            Part::Heads { .. } => None,
            _ => Coding::of(entry.kind).map(Coding::name),
        }
    }

    /// Refuses a file with tensors that this decoder does not compute with.
    pub fn all_is_read(&self) -> Result<()> {
        let mut read = BTreeSet::new();
        for module in self.names.decoder.modules() {
            for name in names_of(&module, self.names.map) {
                let Some(place) = self.place(&name) else { continue };
                if let Part::Heads { .. } = place.part {
                    read.insert(values_beside(&place.tensor));
                }
                read.insert(place.tensor);
            }
        }
        let layers = self.names.decoder.blocks.len();
        let ahead = |name: &str| {
            let block = name.strip_prefix("blk.").and_then(|rest| rest.split_once('.'));
            block
                .and_then(|(block, _)| block.parse::<usize>().ok())
                .is_some_and(|block| block >= layers)
        };
        let mut all: Vec<_> = self.file.tensors.keys().collect();
        all.sort();
        // some files have the latents' halves apart beside the whole
        let known = |name: &str| read.contains(name) || name.starts_with("rope_") || is_held_plain(name) || ahead(name);
        let stranger = all.into_iter().find(|name| !known(name));
        match stranger {
            None => Ok(()),
            Some(name) => {
                let why = says::gguf_tensor(name, self.names.architecture);
                Err(Error::file(self.file.path(), why))
            }
        }
    }

    /// Whether there is such a tensor, of this shape where it is not a module that holds several. Weights that checkpoints
    /// have turned lie here as layers have them.
    pub fn check(&self, name: &str, shape: &[usize]) -> Result<()> {
        if let Some(parts) = self.of_stack(name) {
            return parts.iter().try_for_each(|part| self.entry(part).map(drop));
        }
        if let Some(whole) = self.of_heads(name) {
            return self.entry(&whole).map(drop);
        }
        let held = |fused: &protocol::decoder::Fused| name.contains(fused.module);
        let turned: Vec<usize> = shape.iter().rev().copied().collect();
        match self.names.map.fused.iter().any(held) {
            true => self.entry(name).map(drop),
            false if self.names.map.transposed && self.checked(name, &turned).is_ok() => Ok(()),
            false => self.checked(name, shape).map(drop),
        }
    }

    /// The tensor of all heads, where checkpoints have one of each by its number.
    fn of_heads(&self, name: &str) -> Option<String> {
        let (path, kind) = name.rsplit_once('.')?;
        let (path, number) = path.rsplit_once('.')?;
        let norms = [BlockRole::QueryNorm, BlockRole::KeyNorm];
        let of_norms = matches!(self.names.map.role(path), Some(Role::Block(_, role)) if norms.contains(&role));
        (of_norms && number.parse::<usize>().is_ok()).then(|| format!("{path}.{kind}"))
    }

    /// Layers of the first expert, where checkpoints have a tensor of this name for those of all.
    fn of_stack(&self, name: &str) -> Option<Vec<String>> {
        let map = self.names.map;
        let (block, rest) = map.in_block(name)?;
        let stacked = map.stacked?;
        let all = [Projection::Gate, Projection::Up, Projection::Down];
        let parts = all.into_iter().filter_map(|projection| {
            let tensor = stacked.tensor(projection);
            let kind = match rest {
                _ if rest == stacked.named.weight(tensor) => "weight",
                _ if rest == stacked.named.bias(tensor) => "bias",
                _ => return None,
            };
            let role = BlockRole::Mlp(Network::Expert(0), projection);
            Some(format!("{}.{kind}", map.path(Role::Block(block, role))))
        });
        let parts: Vec<String> = parts.collect();
        (!parts.is_empty()).then_some(parts)
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
            (Part::ExpertRows { count, of, .. }, Some(first)) => {
                *first = of;
                wanted.insert(0, count);
            }
            (Part::Heads { heads, keys, .. }, _) => wanted = vec![heads, shape.last().copied().unwrap_or(0), keys],
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
        if let (Part::Heads { heads, keys, values }, &[_, rank]) = (place.part, shape) {
            let place = &place;
            return self.heads(name, Found { entry, place }, [heads, keys, values, rank], device);
        }
        let frozen =
            read(self.file, name, Found { entry, place: &place }, shape, device).map_err(|e| self.unread(name, e))?;
        match (place.one_more, frozen.plain()?) {
            (true, Some(tensor)) => Frozen::new((tensor.to_dtype(DType::F32)? - 1.0)?),
            _ => Ok(frozen),
        }
    }
}

/// A tensor of the file, and where in it a checkpoint's numbers are.
#[derive(Clone, Copy)]
struct Found<'a> {
    entry: &'a Entry,
    place: &'a Place,
}

impl GgufWeights<'_> {
    /// Keys' and values' rows of each head, which llama.cpp keeps apart, the former turned: `[heads, rank, keys]` and
    /// `[heads, values, rank]`. Turned numbers do not stay packed: they are held in f32 where they were.
    fn heads(
        &self,
        name: &str,
        found: Found,
        [heads, keys, values, rank]: [usize; 4],
        device: &Device,
    ) -> Result<Frozen> {
        let Found { entry, place } = found;
        let whole = Place {
            part: Part::Whole,
            ..place.clone()
        };
        let beside = values_beside(&place.tensor);
        let other = self.file.tensors.get(&beside);
        let other = other.ok_or_else(|| Error::file(self.file.path(), says::no_tensor(&beside)))?;
        if other.shape != [heads, values, rank] {
            let wanted = format!("{:?}", [heads, values, rank]);
            return Err(self.bad(name, says::other_shape(format!("{:?}", other.shape), wanted)));
        }
        let part = |entry: &Entry, shape: [usize; 3]| {
            let rows = [shape[0] * shape[1], shape[2]];
            let found = Found { entry, place: &whole };
            let read = read(self.file, name, found, &rows, device);
            let tensor = match read.map_err(|e| self.unread(name, e))? {
                Frozen::Packed(packed, _) => Tensor::from_vec(packed.to_vec(), &shape, device)?,
                frozen => match frozen.plain()? {
                    Some(tensor) => tensor.reshape(&shape)?,
                    None => return Err(Error::internal("a tensor of a file lies on a card")),
                },
            };
            Ok::<_, Error>(tensor)
        };
        let of_keys = part(entry, [heads, rank, keys])?.transpose(1, 2)?;
        let of_values = part(other, [heads, values, rank])?;
        let dtype = match of_keys.dtype() == of_values.dtype() {
            true => of_keys.dtype(),
            false => DType::F32,
        };
        let joined = Tensor::cat(&[of_keys.to_dtype(dtype)?, of_values.to_dtype(dtype)?], 1)?;
        Frozen::new(joined.reshape((heads * (keys + values), rank))?.contiguous()?)
    }

    fn unread(&self, name: &str, why: Unread) -> Error {
        match why {
            Unread::Format(why) => self.bad(name, why),
            Unread::Other(error) => error,
        }
    }
}

/// What checkpoints call the tensors of a module.
fn names_of(module: &ModuleSpec, map: &WeightMap) -> Vec<String> {
    let path = map.path(module.role);
    let named = |there: [bool; 2]| {
        let kinds = ["weight", "bias"].into_iter().zip(there).filter(|(_, there)| *there);
        kinds.map(|(kind, _)| format!("{path}.{kind}")).collect()
    };
    match module.shape {
        Shape::Table { .. } => named([true, false]),
        Shape::Bias { .. } => vec![map.vector(module.role)],
        Shape::Norm { weight, bias, .. } => named([weight != NormWeight::None, bias]),
        Shape::Linear { bias, .. } => named([true, bias]),
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
    name: &str,
    Found { entry, place }: Found,
    shape: &[usize],
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
        Part::ExpertRows { index, first, of, .. } => index * of + first,
        Part::Heads { .. } => return Err(Error::internal("two tensors are read as one").into()),
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
            let blocks = Blocks::new(coding, bytes(count / values * size)?, rows, columns)?;
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
