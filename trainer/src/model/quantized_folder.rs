//! The weights of a linear layer as a folder stores them: plain, quantized by its `quantization_config`, or GGUF's.
mod bnb;
mod compressed;
mod gguf;
pub mod mxfp4;

use super::store::Store;
use super::tensor_file::Raw;
use super::weights::Frozen;
use crate::error::{Error, Result};
use crate::quant::aqlm::{self, Aqlm};
use crate::quant::bnb4::{Bnb4, Kind};
use crate::quant::floats::Minifloat;
use crate::quant::folder::{Folder, Group};
use crate::quant::gptq::{self, Form, Stored};
use crate::quant::grouped::Grouped;
use crate::quant::int8::Int8;
use crate::quant::{Packed, Parsed, Widths, awq, eetq, hqq};
use crate::tensors;
use candle_core::{DType, Device};
pub use gguf::GgufWeights;
use half::{bf16, f16};
use protocol::config::{FourBit, Quantize};
use protocol::{Said, says};
use safetensors::Dtype;
use std::sync::Arc;

/// What to quantize while loading: the linear layers of the blocks, not the embedding or the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnTheFly {
    /// bitsandbytes'
    FourBit {
        kind: Kind,
        double: bool,
    },
    Int8,
    Hqq {
        bits: u32,
    },
    Eetq,
}

impl From<Quantize> for OnTheFly {
    fn from(quantize: Quantize) -> Self {
        match quantize {
            Quantize::EightBit => Self::Int8,
            Quantize::Hqq { bits } => Self::Hqq { bits: bits as u32 },
            Quantize::Eetq => Self::Eetq,
            Quantize::FourBit { code, double } => Self::FourBit {
                kind: match code {
                    FourBit::Nf4 => Kind::Nf4,
                    FourBit::Fp4 => Kind::Fp4,
                },
                double,
            },
        }
    }
}

impl OnTheFly {
    /// Quantizes a plain weight; one that is quantized already stays as it is.
    pub fn apply(self, weight: Frozen, path: &str, columns: usize) -> Result<Frozen> {
        let (Frozen::F32(tensor) | Frozen::BF16(tensor) | Frozen::F16(tensor)) = &weight else {
            return Ok(weight);
        };
        let values = tensor.flatten_all()?.to_dtype(DType::F32)?.to_vec1::<f32>()?;
        let packed = self.pack(&values, columns);
        let packed = packed.map_err(|why| Error::invalid(says::of_tensor(path, why)))?;
        Ok(Frozen::Packed(Arc::new(packed), weight.dtype()))
    }

    /// # Errors
    /// The matrix is no whole number of the method's groups.
    pub fn pack(self, values: &[f32], columns: usize) -> Parsed<Packed> {
        Ok(match self {
            Self::FourBit { kind, double } => Packed::Bnb4(Bnb4::quantize(values, kind, double)),
            Self::Int8 => Packed::Int8(Int8::quantize(values, columns)),
            Self::Hqq { bits } => Packed::Grouped(hqq::quantize(values, columns, bits)?),
            Self::Eetq => Packed::Grouped(eetq::quantize(values, columns)?),
        })
    }
}

/// Where and as what numbers are kept.
pub struct Kept<'a> {
    pub device: &'a Device,
    /// The model's type.
    pub dtype: DType,
}

/// One layer's weight of a quantized folder; layers it left alone are plain.
pub fn linear(store: &Store, folder: &Folder, path: &str, widths: Widths, kept: Kept) -> Result<Frozen> {
    let layer = Layer { store, path, widths };
    match packed(&layer, folder)? {
        Some((packed, own)) => Ok(Frozen::Packed(Arc::new(packed), own.unwrap_or(kept.dtype))),
        None => Frozen::new(store.read(&layer.name("weight"), &[widths.output, widths.input], kept.device)?),
    }
}

/// What a layer is packed as; `None` where it is plain. With the type the weight had before, where it is said.
fn packed(layer: &Layer, folder: &Folder) -> Result<Option<(Packed, Option<DType>)>> {
    let grouped = match folder {
        Folder::Bnb => return bnb::read(layer),
        Folder::Gptq { form, each } if layer.has("qweight") => Some(gptq_layer(layer, *form, *each)?),
        Folder::Awq { group } if layer.has("qweight") => {
            let (qweight, qzeros) = (layer.words("qweight")?, layer.words("qzeros")?);
            let stored = awq::Stored {
                qweight: &qweight,
                qzeros: &qzeros,
                scales: &layer.floats("scales")?,
            };
            Some(layer.sound(awq::read(stored, layer.widths, group.size(layer.widths.input)))?)
        }
        Folder::Gptq { .. } | Folder::Awq { .. } => None,
        Folder::Compressed(config) => compressed::read(layer, config)?,
        Folder::Fp8 { tile } => compressed::fp8(layer, *tile)?,
        Folder::Hqq if layer.has("W_q") => Some(hqq_layer(layer)?),
        Folder::Eetq if layer.has("weight_scales") => Some(eetq_layer(layer)?),
        // experts alone, which are no layers
        Folder::Hqq | Folder::Eetq | Folder::Mxfp4 => None,
        Folder::Aqlm(form) => return aqlm_layer(layer, *form),
    };
    Ok(grouped.map(|grouped| (Packed::Grouped(grouped), None)))
}

fn gptq_layer(layer: &Layer, form: Form, each: bool) -> Result<Grouped> {
    let g_idx = match layer.has("g_idx") {
        true => layer.words("g_idx")?,
        false => vec![],
    };
    let (qweight, qzeros, scales) = (layer.words("qweight")?, layer.words("qzeros")?, layer.floats("scales")?);
    let Widths { input, output } = layer.widths;
    let form = match each {
        false => form,
        // as many bits as there are words for, as many groups as there are scales
        true => Form {
            bits: (qweight.len() * 32 / (input * output).max(1)) as u32,
            group: Group::Of(input / (scales.len() / output.max(1)).max(1)),
            ..form
        },
    };
    if !gptq::BITS.contains(&form.bits) {
        return Err(layer.bad(says::unsupported("bits", form.bits, "2, 3, 4, 8")));
    }
    let stored = Stored {
        qweight: &qweight,
        qzeros: &qzeros,
        scales: &scales,
        g_idx: &g_idx,
    };
    layer.sound(gptq::read(&stored, layer.widths, form))
}

fn hqq_layer(layer: &Layer) -> Result<Grouped> {
    let form = hqq::Form {
        bits: layer.number("nbits")?,
        group: layer.number("group_size")? as usize,
        columns: layer.number("axis")? == 0,
    };
    // seen as floats in some folders (`view_as_float`): the bytes are the same
    let codes = layer.raw("W_q")?;
    let stored = hqq::Stored {
        bytes: &codes.bytes,
        scales: layer.floats("scale")?,
        zeros: layer.floats("zero")?,
    };
    layer.sound(hqq::read(stored, form, layer.widths))
}

fn eetq_layer(layer: &Layer) -> Result<Grouped> {
    let name = if layer.has("qweight") { "qweight" } else { "weight" };
    let codes = layer.raw(name)?;
    if codes.dtype != Dtype::I8 {
        return Err(layer.other_kind(name, codes.dtype, "I8"));
    }
    layer.sound(eetq::read(&codes.bytes, layer.floats("weight_scales")?, layer.widths))
}

fn aqlm_layer(layer: &Layer, form: aqlm::Form) -> Result<Option<(Packed, Option<DType>)>> {
    if !layer.has("codes") {
        return Ok(None);
    }
    let codes = layer.raw("codes")?;
    // signed numbers whose bits are the code's
    let mask = u16::MAX >> (16 - form.bits);
    let codes: Vec<u16> = match codes.dtype {
        Dtype::I8 | Dtype::U8 => codes.bytes.iter().map(|&code| u16::from(code) & mask).collect(),
        Dtype::I16 => {
            let pairs = codes.bytes.as_chunks::<2>().0.iter();
            pairs.map(|code| u16::from_le_bytes(*code) & mask).collect()
        }
        other => return Err(layer.other_kind("codes", other, "I8, I16")),
    };
    let books = layer.floats("codebooks")?;
    let made = Aqlm::new(codes, books, layer.floats("scales")?, form, layer.widths);
    Ok(Some((Packed::Aqlm(layer.sound(made)?), None)))
}

/// The tensors of one layer.
struct Layer<'a> {
    store: &'a Store,
    path: &'a str,
    widths: Widths,
}

impl Layer<'_> {
    fn name(&self, part: &str) -> String {
        format!("{}.{part}", self.path)
    }

    fn has(&self, part: &str) -> bool {
        self.store.has(&self.name(part))
    }

    fn bad(&self, why: Said) -> Error {
        self.store.bad(self.path, why)
    }

    /// What was read, or what is wrong with this layer.
    fn sound<T>(&self, parsed: Parsed<T>) -> Result<T> {
        parsed.map_err(|why| self.bad(why))
    }

    fn raw(&self, part: &str) -> Result<Raw> {
        self.store.raw(&self.name(part))
    }

    /// A whole number above or at 0 that a tensor holds.
    fn number(&self, part: &str) -> Result<u32> {
        let raw = self.raw(part)?;
        let number = match (raw.dtype, &raw.bytes[..]) {
            (Dtype::I32, [a, b, c, d]) => u32::try_from(i32::from_le_bytes([*a, *b, *c, *d])).ok(),
            (Dtype::I64, [a, b, c, d, 0, 0, 0, 0]) => Some(u32::from_le_bytes([*a, *b, *c, *d])),
            (Dtype::U8, [byte]) => Some(u32::from(*byte)),
            _ => None,
        };
        number.ok_or_else(|| self.other_kind(part, raw.dtype, "I32"))
    }

    fn words(&self, part: &str) -> Result<Vec<u32>> {
        let Raw { dtype, bytes, .. } = self.raw(part)?;
        if dtype != Dtype::I32 && dtype != Dtype::U32 {
            return Err(self.other_kind(part, dtype, "I32"));
        }
        let (chunks, _) = bytes.as_chunks::<4>();
        Ok(chunks.iter().map(|b| u32::from_le_bytes(*b)).collect())
    }

    fn floats(&self, part: &str) -> Result<Vec<f32>> {
        let raw = self.raw(part)?;
        let (fours, twos) = (raw.bytes.as_chunks::<4>().0, raw.bytes.as_chunks::<2>().0);
        let values: Vec<f32> = match raw.dtype {
            Dtype::F32 => fours.iter().map(|b| f32::from_le_bytes(*b)).collect(),
            Dtype::F16 => twos.iter().map(|b| f16::from_le_bytes(*b).to_f32()).collect(),
            Dtype::BF16 => twos.iter().map(|b| bf16::from_le_bytes(*b).to_f32()).collect(),
            Dtype::F8_E4M3 => raw.bytes.iter().map(|b| Minifloat::E4M3.value(*b)).collect(),
            other => return Err(self.other_kind(part, other, "F32, F16, BF16, F8_E4M3")),
        };
        let name = self.name(part);
        match (values.iter().all(|value| value.is_finite()), self.store.file_of(&name)) {
            (false, Some(file)) => Err(tensors::not_finite(file, &name)),
            _ => Ok(values),
        }
    }

    fn other_kind(&self, part: &str, found: Dtype, wanted: &str) -> Error {
        let name = self.name(part);
        self.store.bad(&name, says::other_kind(format!("{found:?}"), wanted))
    }
}
