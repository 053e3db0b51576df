//! Bytes of a model's weights in memory.

use super::Room;
use super::linears::{linears, outside, vectors};
use crate::api::{ModelDims, StoredType};
use crate::config::{FourBit, Quantize};
use crate::optimizer_states::TrainedTensors;

/// Bytes of an f32: the type of vectors in memory, whatever they are stored as.
const F32: f64 = 4.0;

/// Bytes of all weights: packed matrices as `quantize` packs them, plain ones in the type `each`, and vectors in f32.
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

/// Bytes of some of the weights, unquantized: matrices in the type `stored`, vectors in f32.
pub fn as_stored(some: &[TrainedTensors], stored: StoredType) -> f64 {
    let of = |t: &TrainedTensors| {
        let each = if t.columns > 1 { stored.bytes() as f64 } else { F32 };
        (t.rows * t.columns * t.count) as f64 * each
    };
    some.iter().map(of).sum()
}

/// Bytes of the lookup tables of one packed matrix.
fn tables(how: Quantize, room: Room) -> f64 {
    match how {
        Quantize::FourBit { double, code } => {
            let (FourBit::Nf4 | FourBit::Fp4) = code;
            let scales = if double { 1024.0 } else { 0.0 };
            // on the host a lookup gives both values of a byte
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
