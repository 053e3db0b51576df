//! The codes: the 16 values of NF4 and FP4, and the 256 of the dynamic map of scales and optimizer states.

/// NormalFloat: quantiles of the standard normal, each as likely as the next.
pub const NF4: [f32; 16] = [
    -1.0,
    -0.696_192_8,
    -0.525_073_05,
    -0.394_917_5,
    -0.284_441_38,
    -0.184_773_43,
    -0.091_050_036,
    0.0,
    0.079_580_3,
    0.160_930_2,
    0.246_112_3,
    0.337_915_24,
    0.440_709_83,
    0.562_617,
    0.722_956_84,
    1.0,
];

/// One sign, two exponent and one mantissa bit, in the order of their bits.
pub const FP4: [f32; 16] = [
    0.0,
    0.0625 / 12.0,
    8.0 / 12.0,
    1.0,
    4.0 / 12.0,
    0.5,
    2.0 / 12.0,
    0.25,
    -0.0,
    -0.0625 / 12.0,
    -8.0 / 12.0,
    -1.0,
    -4.0 / 12.0,
    -0.5,
    -2.0 / 12.0,
    -0.25,
];

/// The two codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Nf4,
    Fp4,
}

impl Kind {
    pub fn code(self) -> &'static [f32; 16] {
        match self {
            Self::Nf4 => &NF4,
            Self::Fp4 => &FP4,
        }
    }
}

/// The place in a rising map nearest to `x`; a tie goes down.
pub fn nearest(map: &[f32; 256], x: f32) -> u8 {
    let above = map.partition_point(|&m| m < x);
    match above {
        0 => 0,
        256 => 255,
        i if x > (map[i - 1] + map[i]) / 2.0 => i as u8,
        i => (i - 1) as u8,
    }
}

/// The dynamic 8-bit map of bitsandbytes, signed or of positive values alone (*8-Bit Approximations for Parallelism in Deep Learning*, arXiv
/// 1511.04561): in each of seven decades, twice as many evenly spaced values as in the one below.
pub fn dynamic_map(signed: bool) -> Box<[f32; 256]> {
    let mut values = vec![0.0, 1.0];
    for i in 0..7 {
        let count = if signed { 1usize << i } else { 2 << i };
        // torch.linspace in f32 counts from both ends, with one rounding
        let step = (1.0f32 - 0.1) / count as f32;
        let bound = |k: usize| match k < count.div_ceil(2).max(1) {
            true => step.mul_add(k as f32, 0.1),
            false => (-step).mul_add((count - k) as f32, 1.0),
        };
        let decade = 10f64.powi(i - 6);
        for k in 0..count {
            let mean = (bound(k) + bound(k + 1)) / 2.0;
            let value = (decade as f32) * mean;
            values.push(value);
            values.extend(signed.then_some(-value));
        }
    }
    values.sort_by(f32::total_cmp);
    let mut map = Box::new([0.0; 256]);
    map.copy_from_slice(&values);
    map
}
