//! Bytes of a model's weights as they lie in memory.

use super::Room;
use super::linears::{linears, outside, vectors};
use crate::api::{ModelDims, StoredType};
use crate::config::{FourBit, Quantize};
use crate::states::TrainedTensors;

/// Bytes of an f32, which vectors are kept in whatever they are stored as.
const F32: f64 = 4.0;

/// Of all weights: matrices as they are stored, plain ones in this type, and vectors in f32.
pub fn stored(d: &ModelDims, quantize: Option<Quantize>, each: StoredType, room: Room) -> f64 {
    if let Some(bytes) = d.packed_bytes {
        return bytes as f64;
    }
    let plain = each.bytes() as f64;
    let inside = linears(d).into_iter().map(|l| match quantize {
        None => l.numbers() as f64 * plain,
        Some(how) => {
            let tables = (l.count * l.parts) as f64 * tables(how, room);
            l.count as f64 * how.bytes(l.output, l.input) + tables
        }
    });
    let moved = vectors(d).into_iter().map(|v| (v.width * v.count) as f64 * F32);
    inside.chain(moved).sum::<f64>() + as_stored(&outside(d), each)
}

/// Of some of the weights, unquantized.
pub fn as_stored(some: &[TrainedTensors], stored: StoredType) -> f64 {
    let of = |t: &TrainedTensors| {
        let each = if t.columns > 1 { stored.bytes() as f64 } else { F32 };
        (t.rows * t.columns * t.count) as f64 * each
    };
    some.iter().map(of).sum()
}

/// Of the tables that a packed matrix has beside it.
fn tables(how: Quantize, room: Room) -> f64 {
    match how {
        Quantize::FourBit { double, code } => {
            let (FourBit::Nf4 | FourBit::Fp4) = code;
            let scales = if double { 1024.0 } else { 0.0 };
            // on the host both values of a byte are looked up at once
            let code = match room {
                Room::Host { .. } => 2048.0,
                Room::Card { .. } => 64.0,
            };
            scales + code
        }
        Quantize::Eetq => 1024.0,
        Quantize::EightBit | Quantize::Hqq { .. } => 0.0,
    }
}
