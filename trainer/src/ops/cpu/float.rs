//! The types that values of a pass have in memory. Whatever they are, arithmetic is f32: widened when read, rounded when
//! written.
use super::super::Element;
use half::bf16;

/// Runs a body with a name for the float type of activations.
macro_rules! by_float {
    ($dtype:expr, $Float:ident => $body:expr) => {
        match $dtype {
            candle_core::DType::F32 => {
                type $Float = f32;
                $body
            }
            candle_core::DType::BF16 => {
                type $Float = half::bf16;
                $body
            }
            other => Err($crate::error::Error::internal(format!(
                "activations are f32 or bf16, not {other:?}"
            ))),
        }
    };
}
pub(crate) use by_float;

pub trait Float: Element {
    /// Exact: each value of the type is one of f32.
    fn widened(self) -> f32;

    /// The nearest value of the type, of two as near the even one; NaN stays NaN.
    fn rounded(value: f32) -> Self;

    /// The same place for those whose values are f32: there sums may wait between two parts of a product.
    fn as_f32(place: *mut Self) -> Option<*mut f32>;
}

impl Float for f32 {
    #[inline(always)]
    fn widened(self) -> f32 {
        self
    }

    #[inline(always)]
    fn rounded(value: f32) -> Self {
        value
    }

    fn as_f32(place: *mut Self) -> Option<*mut f32> {
        Some(place)
    }
}

impl Float for bf16 {
    #[inline(always)]
    fn widened(self) -> f32 {
        f32::from_bits(u32::from(self.to_bits()) << 16)
    }

    // half's own conversion branches, and loops over it stay scalar
    #[inline(always)]
    fn rounded(value: f32) -> Self {
        let bits = value.to_bits();
        let nearest = bits.wrapping_add(0x7FFF + ((bits >> 16) & 1));
        let quiet = bits | 0x0040_0000;
        let bits = if value.is_nan() { quiet } else { nearest };
        bf16::from_bits((bits >> 16) as u16)
    }

    fn as_f32(_: *mut Self) -> Option<*mut f32> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Float;
    use half::bf16;

    #[test]
    fn bf16_is_rounded_as_half_rounds_it() {
        let cases = [
            0.0,
            -0.0,
            1.0,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::MAX,
            f32::MIN_POSITIVE,
            1e-40,
        ];
        let all = (0..1u32 << 16).map(|high| f32::from_bits(high << 16 | 0x8000));
        let beside = (0..1u32 << 16).flat_map(|high| [0x7FFF, 0x8001].map(|low| f32::from_bits(high << 16 | low)));
        for value in all.chain(beside).chain(cases) {
            let (ours, theirs) = (bf16::rounded(value), bf16::from_f32(value));
            assert_eq!(ours.to_bits(), theirs.to_bits(), "{value:e} ({:#x})", value.to_bits());
            assert_eq!(ours.widened().to_bits(), theirs.to_f32().to_bits());
        }
    }
}
