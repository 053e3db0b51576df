//! The weights of a linear layer as a folder stores them: plain, quantized by its `quantization_config`, or GGUF's.
use super::store::Store;
use super::tensor_file::Raw;
use super::weights::Frozen;
use crate::error::{Error, Result};
use crate::quant::bnb4::{Bnb4, Kind, Scales};
use crate::quant::folder::Folder;
use crate::quant::gguf::{Blocks, Coding};
use crate::quant::gguf_file::{Entry, GgufFile};
use crate::quant::gptq::Stored;
use crate::quant::int8::Int8;
use crate::quant::{Packed, Parsed, awq, gptq};
use crate::tensors;
use candle_core::{DType, Device, Tensor};
use half::{bf16, f16};
use protocol::{Said, says};
use safetensors::Dtype;
use serde_json::Value;
use std::sync::Arc;

/// What to quantize while loading, as bitsandbytes does: the linear layers of the blocks, not the embedding or the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnTheFly {
    FourBit { kind: Kind, double: bool },
    Int8,
}

impl OnTheFly {
    /// Quantizes a plain weight; one that is quantized already stays as it is.
    pub fn apply(self, weight: Frozen, columns: usize) -> Result<Frozen> {
        let (Frozen::F32(tensor) | Frozen::BF16(tensor) | Frozen::F16(tensor)) = &weight else {
            return Ok(weight);
        };
        let values = tensor.flatten_all()?.to_dtype(DType::F32)?.to_vec1::<f32>()?;
        Ok(Frozen::Packed(Arc::new(self.pack(&values, columns)), weight.dtype()))
    }

    pub fn pack(self, values: &[f32], columns: usize) -> Packed {
        match self {
            Self::FourBit { kind, double } => Packed::Bnb4(Bnb4::quantize(values, kind, double)),
            Self::Int8 => Packed::Int8(Int8::quantize(values, columns)),
        }
    }
}

/// One layer's weight of a quantized folder; layers it left alone are plain. `dtype`: the model's.
pub fn linear(
    store: &Store,
    folder: Folder,
    path: &str,
    (input, output): (usize, usize),
    (device, dtype): (&Device, DType),
) -> Result<Frozen> {
    let name = format!("{path}.weight");
    let made = match folder {
        Folder::Bnb => bnb(store, &name, (input, output))?.map(|made| (made.0, made.1.unwrap_or(dtype))),
        Folder::Gptq { .. } | Folder::Awq { .. } if !store.has(&format!("{path}.qweight")) => None,
        Folder::Gptq { group, first_format } => {
            let words = |part: &str| words(store, &format!("{path}.{part}"));
            let g_idx = match store.has(&format!("{path}.g_idx")) {
                true => words("g_idx")?,
                false => vec![],
            };
            let (qweight, qzeros) = (words("qweight")?, words("qzeros")?);
            let scales = floats(store, &format!("{path}.scales"))?;
            let stored = Stored {
                qweight: &qweight,
                qzeros: &qzeros,
                scales: &scales,
                g_idx: &g_idx,
            };
            let read = gptq::read(&stored, (input, output), group.size(input), first_format);
            Some((Packed::Grouped(read.map_err(|e| store.bad(path, e))?), dtype))
        }
        Folder::Awq { group } => {
            let words = |part: &str| words(store, &format!("{path}.{part}"));
            let scales = floats(store, &format!("{path}.scales"))?;
            let parts = (&words("qweight")?[..], &words("qzeros")?[..], &scales[..]);
            let read = awq::read(parts, (input, output), group.size(input));
            Some((Packed::Grouped(read.map_err(|e| store.bad(path, e))?), dtype))
        }
    };
    match made {
        Some((packed, dtype)) => Ok(Frozen::Packed(Arc::new(packed), dtype)),
        None => Frozen::new(store.read(&name, &[output, input], device)?),
    }
}

/// bitsandbytes' tensors of one layer; `None` where it is plain. With the type the weight had before, where it is said.
fn bnb(store: &Store, name: &str, (input, output): (usize, usize)) -> Result<Option<(Packed, Option<DType>)>> {
    let bad = |why: Said| store.bad(name, why);
    for (kind, key) in [(Kind::Nf4, "nf4"), (Kind::Fp4, "fp4")] {
        let state = format!("{name}.quant_state.bitsandbytes__{key}");
        if !store.has(&state) {
            continue;
        }
        let state: Value =
            serde_json::from_slice(&store.raw(&state)?.bytes).map_err(|e| bad(says::bad_quant_state(e)))?;
        let shape: Vec<u64> = state["shape"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_u64)
            .collect();
        if shape != [output as u64, input as u64] {
            return Err(bad(says::other_shape(
                format!("{shape:?}"),
                format!("[{output}, {input}]"),
            )));
        }
        let size = |key: &str| state[key].as_u64().map(|n| n as usize);
        let dtype = state["dtype"].as_str().unwrap_or("float32");
        let code = floats(store, &format!("{name}.quant_map"))?;
        let code =
            <&[f32; 16]>::try_from(&code[..]).map_err(|_| bad(says::other_count("quant_map", code.len(), 16_u64)))?;
        let absmax = store.raw(&format!("{name}.absmax"))?;
        let scales = match absmax.dtype {
            Dtype::U8 => {
                let map = floats(store, &format!("{name}.nested_quant_map"))?;
                let map = <[f32; 256]>::try_from(&map[..])
                    .map_err(|_| bad(says::other_count("nested_quant_map", map.len(), 256_u64)))?;
                Scales::Nested {
                    codes: absmax.bytes,
                    map: Box::new(map),
                    absmax: floats(store, &format!("{name}.nested_absmax"))?,
                    block: size("nested_blocksize").unwrap_or(0),
                    offset: state["nested_offset"].as_f64().unwrap_or(0.0) as f32,
                }
            }
            _ => Scales::Plain(floats(store, &format!("{name}.absmax"))?),
        };
        // packed bytes may be stored under another type (`bnb_4bit_quant_storage`)
        let codes = store.raw(name)?.bytes;
        let block = size("blocksize").unwrap_or(0);
        let packed = Bnb4::new((codes, output * input), (code, kind), (scales, block)).map_err(bad)?;
        let dtype = match dtype {
            "bfloat16" => DType::BF16,
            "float16" => DType::F16,
            _ => DType::F32,
        };
        return Ok(Some((Packed::Bnb4(packed), Some(dtype))));
    }
    let scales = format!("{}.SCB", name.trim_end_matches(".weight"));
    if store.has(&scales) {
        let codes = store.raw(name)?;
        if codes.dtype != Dtype::I8 || codes.shape != [output, input] {
            return Err(bad(says::other_kind(
                format!("{:?} {:?}", codes.dtype, codes.shape),
                format!("I8 [{output}, {input}]"),
            )));
        }
        let codes = codes.bytes.iter().map(|&b| b as i8).collect();
        let packed = Int8::new(codes, floats(store, &scales)?, input).map_err(bad)?;
        return Ok(Some((Packed::Int8(packed), None)));
    }
    Ok(None)
}

fn words(store: &Store, name: &str) -> Result<Vec<u32>> {
    let Raw { dtype, bytes, .. } = store.raw(name)?;
    if dtype != Dtype::I32 && dtype != Dtype::U32 {
        return Err(store.bad(name, says::other_kind(format!("{dtype:?}"), "I32")));
    }
    let (chunks, _) = bytes.as_chunks::<4>();
    Ok(chunks.iter().map(|b| u32::from_le_bytes(*b)).collect())
}

fn floats(store: &Store, name: &str) -> Result<Vec<f32>> {
    let raw = store.raw(name)?;
    let (fours, twos) = (raw.bytes.as_chunks::<4>().0, raw.bytes.as_chunks::<2>().0);
    let values: Vec<f32> = match raw.dtype {
        Dtype::F32 => fours.iter().map(|b| f32::from_le_bytes(*b)).collect(),
        Dtype::F16 => twos.iter().map(|b| f16::from_le_bytes(*b).to_f32()).collect(),
        Dtype::BF16 => twos.iter().map(|b| bf16::from_le_bytes(*b).to_f32()).collect(),
        other => return Err(store.bad(name, says::other_kind(format!("{other:?}"), "F32, F16, BF16"))),
    };
    match (values.iter().all(|value| value.is_finite()), store.file_of(name)) {
        (false, Some(file)) => Err(tensors::not_finite(file, name)),
        _ => Ok(values),
    }
}

/// The entry of a GGUF file for a tensor of this shape, by transformers' name.
pub fn entry<'a>(file: &'a GgufFile, name: &str, shape: &[usize]) -> Result<&'a Entry> {
    let bad = |why: Said| Error::file(file.path(), says::of_tensor(name, why));
    let entry = file.name_of(name).and_then(|theirs| file.tensors.get(&theirs));
    let entry = entry.ok_or_else(|| bad(says::no_such_tensor()))?;
    if entry.shape != shape {
        return Err(bad(says::other_shape(
            format!("{:?}", entry.shape),
            format!("{shape:?}"),
        )));
    }
    Ok(entry)
}

/// A tensor of a GGUF file by transformers' name. Llama's q and k lie there with the two halves of each head's rotation
/// side by side (llama.cpp's `permute`); their rows are put back, whole blocks at a time.
pub fn gguf(file: &GgufFile, name: &str, shape: &[usize], heads: Option<usize>, device: &Device) -> Result<Frozen> {
    let entry = entry(file, name, shape)?;
    let bad = |why: Said| Error::file(file.path(), says::of_tensor(name, why));
    read(file, (name, entry), shape, heads, device).map_err(|e| match e {
        Unread::Format(why) => bad(why),
        Unread::Other(error) => error,
    })
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
    heads: Option<usize>,
    device: &Device,
) -> std::result::Result<Frozen, Unread> {
    let count: usize = shape.iter().product();
    let rows = if shape.len() == 2 { shape[0] } else { 1 };
    let bytes = |size: usize| -> Parsed<Vec<u8>> {
        let bytes = file.read(entry, size)?;
        let architecture = file.architecture() == "llama";
        Ok(match heads.filter(|_| architecture) {
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
            let blocks = Blocks::new(coding, bytes(count / values * size)?, (rows, count / rows.max(1)))?;
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
