//! Floats of 4 and 8 bits: what each code is worth. Source: *FP8 Formats for Deep Learning*, arXiv 2209.05433; OCP Microscaling 1.0.

/// One sign bit, so many of exponent and mantissa.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Minifloat {
    /// largest 448, no infinity; NaN where all but the sign is set
    E4M3,
    /// as IEEE 754 has it: the largest exponent is infinity and NaN
    E5M2,
    /// largest 6
    E2M1,
}

impl Minifloat {
    pub fn bits(self) -> u32 {
        match self {
            Self::E4M3 | Self::E5M2 => 8,
            Self::E2M1 => 4,
        }
    }

    /// The value of a code.
    pub fn value(self, code: u8) -> f32 {
        let (exponent, mantissa) = match self {
            Self::E4M3 => (4, 3),
            Self::E5M2 => (5, 2),
            Self::E2M1 => (2, 1),
        };
        let power = u32::from(code) >> mantissa & ((1 << exponent) - 1);
        let part = u32::from(code) & ((1 << mantissa) - 1);
        let sign = if u32::from(code) >> (exponent + mantissa) & 1 == 1 {
            -1.0
        } else {
            1.0
        };
        let whole = 1u32 << mantissa;
        let bias = (1 << (exponent - 1)) - 1;
        if self == Self::E4M3 && power == 15 && part == whole - 1 {
            return f32::NAN;
        }
        if self == Self::E5M2 && power == 31 {
            return if part == 0 { sign * f32::INFINITY } else { f32::NAN };
        }
        let (digits, power) = match power {
            0 => (part, 1),
            power => (whole + part, power),
        };
        sign * digits as f32 * 2f32.powi(power as i32 - bias - mantissa)
    }

    /// The values of all codes.
    pub fn table(self) -> Box<[f32; 256]> {
        let mut table = Box::new([0.0; 256]);
        for (code, value) in table.iter_mut().enumerate().take(1 << self.bits()) {
            *value = self.value(code as u8);
        }
        table
    }
}

/// A power of two as microscaling formats store scales, E8M0; 255 is NaN.
pub fn power_of_two(code: u8) -> f32 {
    match code {
        255 => f32::NAN,
        code => (f64::from(code) - 127.0).exp2() as f32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_worth_what_their_papers_say() {
        let e4m3 = Minifloat::E4M3.table();
        assert_eq!(
            (e4m3[0], e4m3[1], e4m3[8], e4m3[0x38]),
            (0.0, 2f32.powi(-9), 2f32.powi(-6), 1.0)
        );
        assert_eq!((e4m3[0x7e], e4m3[0xfe]), (448.0, -448.0));
        assert!(e4m3[0x7f].is_nan() && e4m3[0xff].is_nan());
        let e5m2 = Minifloat::E5M2.table();
        assert_eq!((e5m2[1], e5m2[0x3c], e5m2[0x7b]), (2f32.powi(-16), 1.0, 57344.0));
        assert_eq!((e5m2[0x7c], e5m2[0xfc]), (f32::INFINITY, f32::NEG_INFINITY));
        let e2m1 = Minifloat::E2M1.table();
        assert_eq!(e2m1[..8], [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0]);
        assert_eq!(e2m1[9..16], [-0.5, -1.0, -1.5, -2.0, -3.0, -4.0, -6.0]);
        assert_eq!(
            (power_of_two(127), power_of_two(0), power_of_two(254)),
            (1.0, 2f32.powi(-127), 2f32.powi(127))
        );
    }
}
