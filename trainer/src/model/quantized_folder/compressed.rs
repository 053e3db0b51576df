//! compressed-tensors' folders and FP8 with block scales: the tensors of a layer.
use super::Layer;
use crate::error::Result;
use crate::quant::compressed::{self, Codes, Config, Stored, Strategy, Weights, Zeros};
use crate::quant::floats::{Minifloat, power_of_two};
use crate::quant::grouped::Grouped;
use protocol::says;
use safetensors::Dtype;

/// A layer of compressed-tensors; `None` where it is plain.
pub(super) fn read(layer: &Layer, config: &Config) -> Result<Option<Grouped>> {
    let packed = layer.has("weight_packed");
    if !packed && !layer.has("weight_scale") {
        return Ok(None);
    }
    let Some(weights) = config.of(layer.path) else {
        return Err(layer.bad(says::key_lacks("config_groups", layer.path)));
    };
    let codes = layer.raw(if packed { "weight_packed" } else { "weight" })?;
    let words = words(&codes.bytes);
    let codes = match (packed, codes.dtype) {
        (true, Dtype::I32) => Codes::Words(&words),
        (true, Dtype::U8) => Codes::Float4(&codes.bytes),
        (false, Dtype::I8) => Codes::Int8(&codes.bytes),
        (false, dtype) => match minifloat(dtype) {
            Some(kind) => Codes::Float(&codes.bytes, kind),
            None => return Err(layer.other_kind("weight", dtype, "I8, F8_E4M3, F8_E5M2")),
        },
        (true, dtype) => return Err(layer.other_kind("weight_packed", dtype, "I32, U8")),
    };
    let zeros = match weights.symmetric || !layer.has("weight_zero_point") {
        true => None,
        false => Some(layer.raw("weight_zero_point")?),
    };
    let zero_words = zeros
        .as_ref()
        .map(|zeros| self::words(&zeros.bytes))
        .unwrap_or_default();
    let zeros = match &zeros {
        None => None,
        Some(zeros) if zeros.dtype == Dtype::I32 => Some(Zeros::Words(&zero_words)),
        Some(zeros) if zeros.dtype == Dtype::I8 => Some(Zeros::Int8(&zeros.bytes)),
        Some(zeros) => return Err(layer.other_kind("weight_zero_point", zeros.dtype, "I32, I8")),
    };
    let order = match layer.has("weight_g_idx") {
        true => layer.words("weight_g_idx")?,
        false => vec![],
    };
    let stored = Stored {
        codes,
        scales: scales(layer)?,
        zeros,
        order,
    };
    let read = compressed::read("compressed-tensors", stored, weights, layer.widths);
    layer.sound(read).map(Some)
}

/// A layer of FP8 with one scale a tile (`weight_scale_inv`, which the value is multiplied by) or one for all.
pub(super) fn fp8(layer: &Layer, tile: Option<[usize; 2]>) -> Result<Option<Grouped>> {
    let Some(part) = ["weight_scale_inv", "weight_scale"]
        .into_iter()
        .find(|part| layer.has(part))
    else {
        return Ok(None);
    };
    let codes = layer.raw("weight")?;
    let Some(kind) = minifloat(codes.dtype) else {
        return Err(layer.other_kind("weight", codes.dtype, "F8_E4M3, F8_E5M2"));
    };
    let scales = layer.floats(part)?;
    let weights = Weights {
        bits: 8,
        float: true,
        symmetric: true,
        strategy: match tile {
            Some(tile) => Strategy::Block(tile),
            None if scales.len() == 1 => Strategy::Tensor,
            None => Strategy::Channel,
        },
    };
    let stored = Stored {
        codes: Codes::Float(&codes.bytes, kind),
        scales,
        zeros: None,
        order: vec![],
    };
    let read = compressed::read("fp8", stored, &weights, layer.widths);
    layer.sound(read).map(Some)
}

fn minifloat(dtype: Dtype) -> Option<Minifloat> {
    match dtype {
        Dtype::F8_E4M3 => Some(Minifloat::E4M3),
        Dtype::F8_E5M2 => Some(Minifloat::E5M2),
        _ => None,
    }
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|b| u32::from_le_bytes(*b))
        .collect()
}

/// `weight_scale`, powers of two (one byte each) or floats, over `weight_global_scale` where there is one.
fn scales(layer: &Layer) -> Result<Vec<f32>> {
    let raw = layer.raw("weight_scale")?;
    let mut scales = match raw.dtype {
        Dtype::U8 | Dtype::F8_E8M0 if raw.bytes.iter().all(|&byte| byte < 255) => {
            raw.bytes.iter().map(|&byte| power_of_two(byte)).collect()
        }
        _ => layer.floats("weight_scale")?,
    };
    if layer.has("weight_global_scale") {
        let all = layer.floats("weight_global_scale")?;
        let [all] = all[..] else {
            return Err(layer.bad(says::other_count("weight_global_scale", all.len(), 1)));
        };
        for scale in &mut scales {
            *scale /= all;
        }
    }
    Ok(scales)
}
