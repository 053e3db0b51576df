//! bitsandbytes' folders: 4-bit blocks with their `quant_state`, and rows of 8 bits.
use super::Layer;
use crate::error::Result;
use crate::quant::bnb4::{Bnb4, Kind, Scales, Stored};
use crate::quant::int8::Int8;
use crate::quant::{Packed, Widths};
use candle_core::DType;
use protocol::{Said, says};
use safetensors::Dtype;
use serde_json::Value;

/// bitsandbytes' tensors of one layer; `None` where it is plain. With the type the weight had before, where it is said.
pub(super) fn read(layer: &Layer) -> Result<Option<(Packed, Option<DType>)>> {
    let Layer {
        store,
        widths: Widths { input, output },
        ..
    } = *layer;
    let name = &layer.name("weight");
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
        let code = layer.floats("weight.quant_map")?;
        let code =
            <&[f32; 16]>::try_from(&code[..]).map_err(|_| bad(says::other_count("quant_map", code.len(), 16_u64)))?;
        let absmax = store.raw(&format!("{name}.absmax"))?;
        let scales = match absmax.dtype {
            Dtype::U8 => {
                let map = layer.floats("weight.nested_quant_map")?;
                let map = <[f32; 256]>::try_from(&map[..])
                    .map_err(|_| bad(says::other_count("nested_quant_map", map.len(), 256_u64)))?;
                Scales::Nested {
                    codes: absmax.bytes,
                    map: Box::new(map),
                    absmax: layer.floats("weight.nested_absmax")?,
                    block: size("nested_blocksize").unwrap_or(0),
                    offset: state["nested_offset"].as_f64().unwrap_or(0.0) as f32,
                }
            }
            _ => Scales::Plain(layer.floats("weight.absmax")?),
        };
        // packed bytes may be stored under another type (`bnb_4bit_quant_storage`)
        let codes = store.raw(name)?.bytes;
        let block = size("blocksize").unwrap_or(0);
        let packed = Bnb4::new(Stored {
            codes,
            len: output * input,
            code,
            kind,
            scales,
            block,
        })
        .map_err(bad)?;
        let dtype = match dtype {
            "bfloat16" => DType::BF16,
            "float16" => DType::F16,
            _ => DType::F32,
        };
        return Ok(Some((Packed::Bnb4(packed), Some(dtype))));
    }
    if layer.has("SCB") {
        let codes = store.raw(name)?;
        if codes.dtype != Dtype::I8 || codes.shape != [output, input] {
            return Err(bad(says::other_kind(
                format!("{:?} {:?}", codes.dtype, codes.shape),
                format!("I8 [{output}, {input}]"),
            )));
        }
        let codes = codes.bytes.iter().map(|&b| b as i8).collect();
        let packed = Int8::new(codes, layer.floats("SCB")?, input).map_err(bad)?;
        return Ok(Some((Packed::Int8(packed), None)));
    }
    Ok(None)
}
