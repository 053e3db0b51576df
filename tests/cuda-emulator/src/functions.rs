//! What instructions compute: names and types to functions over lanes.
use crate::float::{self, Rounding};
use crate::lanes::{Binary, Bits, Compare, Lanes, Packed, Ternary, Unary, WARP, binary, compare, ternary, unary};
use crate::ptx::Type;
use half::{bf16, f16};

macro_rules! integers {
    ($ty:expr, $make:ident, |$($a:ident),+| $e:expr) => {
        match $ty {
            Type::B16 | Type::U16 => Some($make!(u16, |$($a),+| $e)),
            Type::S16 => Some($make!(i16, |$($a),+| $e)),
            Type::B32 | Type::U32 => Some($make!(u32, |$($a),+| $e)),
            Type::S32 => Some($make!(i32, |$($a),+| $e)),
            Type::B64 | Type::U64 => Some($make!(u64, |$($a),+| $e)),
            Type::S64 => Some($make!(i64, |$($a),+| $e)),
            _ => None,
        }
    };
}

/// The same expression on f32, f64, and on 16-bit floats by way of f64, which rounds once.
macro_rules! floats {
    ($ty:expr, $make:ident, |$($a:ident),+| $e:expr) => {
        match $ty {
            Type::F32 => Some($make!(f32, |$($a),+| $e)),
            Type::F64 => Some($make!(f64, |$($a),+| $e)),
            Type::F16 => Some($make!(f16, |$($a),+| { $(let $a = $a.to_f64();)+ f16::from_f64($e) })),
            Type::Bf16 => Some($make!(bf16, |$($a),+| { $(let $a = $a.to_f64();)+ to_bf16($e) })),
            Type::F16x2 => Some($make!(Packed<f16>, |$($a),+| {
                let low = { $(let $a = $a.0.to_f64();)+ f16::from_f64($e) };
                let high = { $(let $a = $a.1.to_f64();)+ f16::from_f64($e) };
                Packed(low, high)
            })),
            Type::Bf16x2 => Some($make!(Packed<bf16>, |$($a),+| {
                let low = { $(let $a = $a.0.to_f64();)+ to_bf16($e) };
                let high = { $(let $a = $a.1.to_f64();)+ to_bf16($e) };
                Packed(low, high)
            })),
            _ => None,
        }
    };
}

fn to_bf16(value: f64) -> bf16 {
    bf16::get(float::from_f64(value, Type::Bf16, Rounding::Nearest))
}

fn is_floating(ty: Type) -> bool {
    float::is_float(ty) || matches!(ty, Type::F16x2 | Type::Bf16x2)
}

pub fn one(name: &str, mods: &[&str], ty: Type) -> Option<Unary> {
    match name {
        "neg" if is_floating(ty) => floats!(ty, unary, |a| -a),
        "neg" => integers!(ty, unary, |a| a.wrapping_neg_()),
        "abs" if is_floating(ty) => floats!(ty, unary, |a| a.abs()),
        "abs" => match ty {
            Type::S16 => Some(unary!(i16, |a| a.wrapping_abs())),
            Type::S32 => Some(unary!(i32, |a| a.wrapping_abs())),
            Type::S64 => Some(unary!(i64, |a| a.wrapping_abs())),
            _ => None,
        },
        "not" => integers!(ty, unary, |a| !a),
        "cnot" => integers!(ty, unary, |a| a.is_zero()),
        "popc" if ty == Type::B64 => Some(unary!(u64, |a| a.count_ones())),
        "popc" => Some(unary!(u32, |a| a.count_ones())),
        "clz" if ty == Type::B64 => Some(unary!(u64, |a| a.leading_zeros())),
        "clz" => Some(unary!(u32, |a| a.leading_zeros())),
        "brev" if ty == Type::B64 => Some(unary!(u64, |a| a.reverse_bits())),
        "brev" => Some(unary!(u32, |a| a.reverse_bits())),
        "bfind" => {
            let shift = mods.contains(&"shiftamt");
            match (ty, shift) {
                (Type::U32, false) => Some(unary!(u32, |a| 31u32.wrapping_sub(a.leading_zeros()))),
                (Type::U32, true) => Some(unary!(u32, |a| if a == 0 { u32::MAX } else { a.leading_zeros() })),
                (Type::S32, false) => Some(unary!(i32, |a| 31u32.wrapping_sub((a ^ (a >> 31)).leading_zeros()))),
                (Type::U64, false) => Some(unary!(u64, |a| 63u32.wrapping_sub(a.leading_zeros()))),
                _ => None,
            }
        }
        "rcp" => floats!(ty, unary, |a| 1.0 / a),
        "sqrt" => floats!(ty, unary, |a| a.sqrt()),
        "rsqrt" => floats!(ty, unary, |a| 1.0 / a.sqrt()),
        "ex2" => floats!(ty, unary, |a| a.exp2()),
        "lg2" => floats!(ty, unary, |a| a.log2()),
        "sin" => floats!(ty, unary, |a| a.sin()),
        "cos" => floats!(ty, unary, |a| a.cos()),
        "tanh" => floats!(ty, unary, |a| a.tanh()),
        _ => None,
    }
}

/// What integer types lack a common name for.
trait Whole: Sized + Copy {
    fn wrapping_neg_(self) -> Self;
    fn is_zero(self) -> Self;
    fn high_product(self, other: Self) -> Self;
    fn shift_left(self, by: u32) -> Self;
    fn shift_right(self, by: u32) -> Self;
    fn div_(self, by: Self) -> Self;
    fn rem_(self, by: Self) -> Self;
}

macro_rules! whole {
    ($($t:ty, $wide:ty);*) => {$(
        impl Whole for $t {
            #[inline(always)]
            fn wrapping_neg_(self) -> Self { self.wrapping_neg() }
            #[inline(always)]
            fn is_zero(self) -> Self { (self == 0) as $t }
            #[inline(always)]
            fn high_product(self, other: Self) -> Self { ((self as $wide * other as $wide) >> <$t>::BITS) as $t }
            #[inline(always)]
            fn shift_left(self, by: u32) -> Self { if by >= <$t>::BITS { 0 } else { self << by } }
            #[inline(always)]
            fn shift_right(self, by: u32) -> Self {
                // signed: the sign goes on for ever
                if by >= <$t>::BITS { if self < (0 as $t) { (0 as $t).wrapping_sub(1) } else { 0 } } else { self >> by }
            }
            // Division by zero gives all ones on the device, and no fault.
            #[inline(always)]
            fn div_(self, by: Self) -> Self { if by == 0 { !0 } else { self.wrapping_div(by) } }
            #[inline(always)]
            fn rem_(self, by: Self) -> Self { if by == 0 { self } else { self.wrapping_rem(by) } }
        }
    )*};
}
whole!(u16, u32; i16, i32; u32, u64; i32, i64; u64, u128; i64, i128);

pub fn two(name: &str, mods: &[&str], ty: Type) -> Option<Binary> {
    let nan = mods.contains(&"NaN");
    match name {
        "add" if mods.contains(&"sat") && ty == Type::S32 => Some(binary!(i32, |a, b| a.saturating_add(b))),
        "sub" if mods.contains(&"sat") && ty == Type::S32 => Some(binary!(i32, |a, b| a.saturating_sub(b))),
        "add" if is_floating(ty) && mods.contains(&"sat") => floats!(ty, binary, |a, b| (a + b).clamp(0.0, 1.0)),
        "add" if is_floating(ty) => floats!(ty, binary, |a, b| a + b),
        "sub" if is_floating(ty) => floats!(ty, binary, |a, b| a - b),
        "mul" if is_floating(ty) => floats!(ty, binary, |a, b| a * b),
        "div" if is_floating(ty) => floats!(ty, binary, |a, b| a / b),
        "min" if is_floating(ty) && nan => floats!(ty, binary, |a, b| if a.is_nan() {
            a
        } else if b.is_nan() {
            b
        } else {
            a.min(b)
        }),
        "max" if is_floating(ty) && nan => floats!(ty, binary, |a, b| if a.is_nan() {
            a
        } else if b.is_nan() {
            b
        } else {
            a.max(b)
        }),
        "min" if is_floating(ty) => floats!(ty, binary, |a, b| a.min(b)),
        "max" if is_floating(ty) => floats!(ty, binary, |a, b| a.max(b)),
        // the first operand gives the sign
        "copysign" => floats!(ty, binary, |a, b| b.copysign(a)),
        "add" => integers!(ty, binary, |a, b| a.wrapping_add(b)),
        "sub" => integers!(ty, binary, |a, b| a.wrapping_sub(b)),
        "mul" if mods.contains(&"hi") => integers!(ty, binary, |a, b| a.high_product(b)),
        "mul" => integers!(ty, binary, |a, b| a.wrapping_mul(b)),
        "mul24" => Some(binary!(u32, |a, b| (a & 0xff_ffff).wrapping_mul(b & 0xff_ffff))),
        "div" => integers!(ty, binary, |a, b| a.div_(b)),
        "rem" => integers!(ty, binary, |a, b| a.rem_(b)),
        "min" => integers!(ty, binary, |a, b| a.min(b)),
        "max" => integers!(ty, binary, |a, b| a.max(b)),
        "and" => integers!(ty, binary, |a, b| a & b),
        "or" => integers!(ty, binary, |a, b| a | b),
        "xor" => integers!(ty, binary, |a, b| a ^ b),
        "shl" => shifts(ty, true),
        "shr" => shifts(ty, false),
        _ => None,
    }
}

fn shifts(ty: Type, left: bool) -> Option<Binary> {
    macro_rules! shift {
        ($t:ty) => {{
            fn to_left(x: &Lanes, y: &Lanes, out: &mut Lanes) {
                for i in 0..WARP {
                    out[i] = <$t>::get(x[i]).shift_left(y[i] as u32).put();
                }
            }
            fn to_right(x: &Lanes, y: &Lanes, out: &mut Lanes) {
                for i in 0..WARP {
                    out[i] = <$t>::get(x[i]).shift_right(y[i] as u32).put();
                }
            }
            Some(if left { to_left as Binary } else { to_right as Binary })
        }};
    }
    match ty {
        Type::B16 | Type::U16 => shift!(u16),
        Type::S16 => shift!(i16),
        Type::B32 | Type::U32 => shift!(u32),
        Type::S32 => shift!(i32),
        Type::B64 | Type::U64 => shift!(u64),
        Type::S64 => shift!(i64),
        _ => None,
    }
}

pub fn three(name: &str, mods: &[&str], ty: Type) -> Option<Ternary> {
    match name {
        "fma" | "mad" if is_floating(ty) => {
            if mods.contains(&"relu") {
                return floats!(ty, ternary, |a, b, c| a.mul_add(b, c).max(0.0));
            }
            if mods.contains(&"sat") {
                return floats!(ty, ternary, |a, b, c| a.mul_add(b, c).clamp(0.0, 1.0));
            }
            floats!(ty, ternary, |a, b, c| a.mul_add(b, c))
        }
        "mad" if mods.contains(&"hi") => integers!(ty, ternary, |a, b, c| a.high_product(b).wrapping_add(c)),
        "mad" => integers!(ty, ternary, |a, b, c| a.wrapping_mul(b).wrapping_add(c)),
        "mad24" => Some(ternary!(u32, |a, b, c| (a & 0xff_ffff)
            .wrapping_mul(b & 0xff_ffff)
            .wrapping_add(c))),
        "sad" => integers!(ty, ternary, |a, b, c| a.max(b).wrapping_sub(a.min(b)).wrapping_add(c)),
        "min" => floats!(ty, ternary, |a, b, c| a.min(b).min(c)),
        "max" => floats!(ty, ternary, |a, b, c| a.max(b).max(c)),
        "shf" if mods.contains(&"l") && mods.contains(&"wrap") => Some(ternary!(u32, |a, b, c| ((((b as u64) << 32
            | a as u64)
            << (c & 31))
            >> 32)
            as u32)),
        "shf" if mods.contains(&"l") => Some(ternary!(u32, |a, b, c| ((((b as u64) << 32 | a as u64) << c.min(32))
            >> 32) as u32)),
        "shf" if mods.contains(&"wrap") => {
            Some(ternary!(u32, |a, b, c| (((b as u64) << 32 | a as u64) >> (c & 31)) as u32))
        }
        "shf" => Some(ternary!(u32, |a, b, c| (((b as u64) << 32 | a as u64) >> c.min(32)) as u32)),
        "prmt" if mods == ["b32"] => Some(ternary!(u32, |a, b, c| permute(a, b, c))),
        "bfe" => match ty {
            Type::U32 => Some(ternary!(u64, |a, b, c| extract(a, b, c, 32, false))),
            Type::S32 => Some(ternary!(u64, |a, b, c| extract(a as i32 as i64 as u64, b, c, 32, true)
                & 0xffff_ffff)),
            Type::U64 => Some(ternary!(u64, |a, b, c| extract(a, b, c, 64, false))),
            Type::S64 => Some(ternary!(u64, |a, b, c| extract(a, b, c, 64, true))),
            _ => None,
        },
        "dp4a" => match mods {
            ["u32", "u32"] => Some(ternary!(u32, |a, b, c| dot4(
                a,
                b,
                |v| v as u8 as i32,
                |v| v as u8 as i32
            )
            .wrapping_add(c))),
            ["s32", "s32"] => Some(ternary!(u32, |a, b, c| dot4(
                a,
                b,
                |v| v as i8 as i32,
                |v| v as i8 as i32
            )
            .wrapping_add(c))),
            _ => None,
        },
        "slct" => match mods {
            [_, "s32"] => Some(ternary!(u64, |a, b, c| if c as i32 >= 0 { a } else { b })),
            [_, "f32"] => Some(ternary!(u64, |a, b, c| if f32::get(c) >= 0.0 { a } else { b })),
            _ => None,
        },
        _ => None,
    }
}

fn dot4(a: u32, b: u32, left: fn(u32) -> i32, right: fn(u32) -> i32) -> u32 {
    (0..4).fold(0i32, |sum, i| {
        sum.wrapping_add(left(a >> (8 * i)) * right(b >> (8 * i)))
    }) as u32
}

fn permute(a: u32, b: u32, selector: u32) -> u32 {
    let bytes = ((b as u64) << 32 | a as u64).to_le_bytes();
    let pick = |i: u32| {
        let nibble = selector >> (4 * i) & 0xf;
        let byte = bytes[(nibble & 7) as usize];
        if nibble & 8 == 0 {
            byte
        } else {
            ((byte as i8) >> 7) as u8
        }
    };
    u32::from_le_bytes([pick(0), pick(1), pick(2), pick(3)])
}

fn extract(a: u64, at: u64, count: u64, width: u64, signed: bool) -> u64 {
    let (at, count) = (at & 0xff, count & 0xff);
    if count == 0 {
        return 0;
    }
    let value = if at >= width {
        if signed && (a >> (width - 1)) & 1 == 1 {
            u64::MAX
        } else {
            0
        }
    } else if signed {
        ((a as i64) >> at) as u64
    } else {
        a >> at
    };
    if count >= width {
        return value;
    }
    let field = value & ((1 << count) - 1);
    if signed && field >> (count - 1) & 1 == 1 {
        field | !((1 << count) - 1)
    } else {
        field
    }
}

pub fn wider(ty: Type) -> Type {
    match ty {
        Type::S16 => Type::S32,
        Type::U16 => Type::U32,
        Type::S32 => Type::S64,
        _ => Type::U64,
    }
}

pub fn wide_product(ty: Type) -> Option<Binary> {
    match ty {
        Type::U16 => Some(binary!(u16, |a, b| a as u32 * b as u32)),
        Type::S16 => Some(binary!(i16, |a, b| a as i32 * b as i32)),
        Type::U32 => Some(binary!(u32, |a, b| a as u64 * b as u64)),
        Type::S32 => Some(binary!(i32, |a, b| a as i64 * b as i64)),
        _ => None,
    }
}

pub fn wide_mad(ty: Type) -> Option<Ternary> {
    match ty {
        Type::U16 => Some(ternary!(u64, |a, b, c| (a as u16 as u32 * b as u16 as u32)
            .wrapping_add(c as u32))),
        Type::S16 => Some(ternary!(u64, |a, b, c| (a as i16 as i32 * b as i16 as i32)
            .wrapping_add(c as i32))),
        Type::U32 => Some(ternary!(u64, |a, b, c| (a as u32 as u64 * b as u32 as u64).wrapping_add(c))),
        Type::S32 => Some(ternary!(u64, |a, b, c| (a as i32 as i64 * b as i32 as i64)
            .wrapping_add(c as i64))),
        _ => None,
    }
}

/// Comparisons that are true when unordered are written as the negation of the opposite one.
#[expect(
    clippy::neg_cmp_op_on_partial_ord,
    clippy::double_comparisons,
    reason = "that is how `unordered` is written"
)]
pub fn comparison(name: &str, ty: Type) -> Option<Compare> {
    macro_rules! numbers {
        (|$a:ident, $b:ident| $e:expr) => {
            match ty {
                Type::F32 => Some(compare!(f32, |$a, $b| $e)),
                Type::F64 => Some(compare!(f64, |$a, $b| $e)),
                Type::F16 => Some(compare!(f16, |$a, $b| $e)),
                Type::Bf16 => Some(compare!(bf16, |$a, $b| $e)),
                _ => integers!(ty, compare, |$a, $b| $e),
            }
        };
    }
    macro_rules! unordered {
        (|$a:ident, $b:ident| $e:expr) => {
            match ty {
                Type::F32 => Some(compare!(f32, |$a, $b| $e)),
                Type::F64 => Some(compare!(f64, |$a, $b| $e)),
                Type::F16 => Some(compare!(f16, |$a, $b| $e)),
                Type::Bf16 => Some(compare!(bf16, |$a, $b| $e)),
                _ => None,
            }
        };
    }
    match name {
        "eq" => numbers!(|a, b| a == b),
        "ne" if float::is_float(ty) => unordered!(|a, b| a < b || a > b),
        "ne" => numbers!(|a, b| a != b),
        "lt" | "lo" => numbers!(|a, b| a < b),
        "le" | "ls" => numbers!(|a, b| a <= b),
        "gt" | "hi" => numbers!(|a, b| a > b),
        "ge" | "hs" => numbers!(|a, b| a >= b),
        "equ" => unordered!(|a, b| !(a < b || a > b)),
        "neu" => unordered!(|a, b| a != b),
        "ltu" => unordered!(|a, b| !(a >= b)),
        "leu" => unordered!(|a, b| !(a > b)),
        "gtu" => unordered!(|a, b| !(a <= b)),
        "geu" => unordered!(|a, b| !(a < b)),
        "num" => unordered!(|a, b| !a.is_nan() && !b.is_nan()),
        "nan" => unordered!(|a, b| a.is_nan() || b.is_nan()),
        _ => None,
    }
}
