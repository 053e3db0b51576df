//! Arithmetic that has no function over lanes of its own: carries, shuffles, reductions.
use crate::float;
use crate::lanes::Bits;
use crate::op::{Carry, Reduce, Shuffle};
use crate::ptx::Type;
use half::{bf16, f16};

pub(super) fn sign_extend(value: u64, from: u8, to: u8) -> u64 {
    if from >= 8 {
        return value;
    }
    let shift = 64 - from as u32 * 8;
    let wide = ((value << shift) as i64 >> shift) as u64;
    if to >= 8 {
        wide
    } else {
        wide & ((1 << (to as u32 * 8)) - 1)
    }
}

pub(super) fn lop3(a: u32, b: u32, c: u32, table: u8) -> u32 {
    (0..8).filter(|i| table >> i & 1 == 1).fold(0, |out, i| {
        let pick = |value: u32, bit: u8| if bit == 1 { value } else { !value };
        out | pick(a, i >> 2 & 1) & pick(b, i >> 1 & 1) & pick(c, i & 1)
    })
}

pub(super) fn with_carry(kind: Carry, bytes: u8, signed: bool, a: u64, b: u64, c: u64, carry: bool) -> (u64, bool) {
    let width = bytes as u32 * 8;
    let keep = if bytes == 8 { u64::MAX } else { (1 << width) - 1 };
    match kind {
        Carry::Sub => {
            let value = (a & keep) as i128 - (b & keep) as i128 - carry as i128;
            (value as u64 & keep, value < 0)
        }
        _ => {
            let product = match kind {
                Carry::Add => (a & keep) as u128 + (b & keep) as u128,
                _ => {
                    let product = if signed {
                        (sign_extend(a, bytes, 8) as i64 as i128).wrapping_mul(sign_extend(b, bytes, 8) as i64 as i128)
                            as u128
                    } else {
                        (a & keep) as u128 * (b & keep) as u128
                    };
                    let half = if kind == Carry::MadHigh {
                        product >> width
                    } else {
                        product
                    };
                    (half as u64 & keep) as u128 + (c & keep) as u128
                }
            };
            let value = product + carry as u128;
            (value as u64 & keep, value >> width & 1 == 1)
        }
    }
}

/// The lane that a shuffle reads, and whether it lies inside of the segment.
pub(super) fn shuffled(how: Shuffle, lane: u32, b: u32, c: u32) -> (u32, bool) {
    let (clamp, segment) = (c & 31, c >> 8 & 31);
    let (highest, lowest) = ((lane & segment) | (clamp & !segment), lane & segment);
    let (from, valid) = match how {
        Shuffle::Up => (lane.wrapping_sub(b), lane as i32 - b as i32 >= highest as i32),
        Shuffle::Down => (lane + b, lane + b <= highest),
        Shuffle::Butterfly => (lane ^ b, lane ^ b <= highest),
        Shuffle::Index => (lowest | (b & !segment), lowest | (b & !segment) <= highest),
    };
    if valid { (from & 31, true) } else { (lane, false) }
}

pub(super) fn reduced(how: Reduce, ty: Type, old: u64, b: u64, c: u64) -> u64 {
    match how {
        Reduce::Exchange => return b & float::mask(ty),
        Reduce::CompareAndSwap => {
            return if old & float::mask(ty) == b & float::mask(ty) {
                c & float::mask(ty)
            } else {
                old
            };
        }
        Reduce::And => return old & b,
        Reduce::Or => return old | b,
        Reduce::Xor => return old ^ b,
        Reduce::Increment => return if old as u32 >= b as u32 { 0 } else { old + 1 },
        Reduce::Decrement => {
            return if old as u32 == 0 || old as u32 > b as u32 {
                b
            } else {
                old - 1
            };
        }
        _ => {}
    }
    match ty {
        Type::F32 => pick(how, f32::get(old), f32::get(b), |x, y| x + y).put(),
        Type::F64 => pick(how, f64::get(old), f64::get(b), |x, y| x + y).put(),
        Type::F16 => pick(how, f16::get(old), f16::get(b), |x, y| x + y).put(),
        Type::Bf16 => pick(how, bf16::get(old), bf16::get(b), |x, y| x + y).put(),
        Type::F16x2 => halves(old, b, |x, y| pick(how, f16::get(x), f16::get(y), |x, y| x + y).put()),
        Type::Bf16x2 => halves(old, b, |x, y| pick(how, bf16::get(x), bf16::get(y), |x, y| x + y).put()),
        Type::S32 => pick(how, i32::get(old), i32::get(b), i32::wrapping_add).put(),
        Type::S64 => pick(how, i64::get(old), i64::get(b), i64::wrapping_add).put(),
        Type::U64 | Type::B64 => pick(how, old, b, u64::wrapping_add),
        _ => pick(how, u32::get(old), u32::get(b), u32::wrapping_add).put(),
    }
}

fn halves(old: u64, b: u64, f: impl Fn(u64, u64) -> u64) -> u64 {
    f(old & 0xffff, b & 0xffff) | f(old >> 16 & 0xffff, b >> 16 & 0xffff) << 16
}

fn pick<T: PartialOrd + Copy>(how: Reduce, old: T, b: T, add: fn(T, T) -> T) -> T {
    match how {
        Reduce::Min => {
            if b < old {
                b
            } else {
                old
            }
        }
        Reduce::Max => {
            if b > old {
                b
            } else {
                old
            }
        }
        _ => add(old, b),
    }
}
