//! How many bytes a stored tensor of a quantized folder takes once it is read: codes stay as they are, while scales, zero points
//! and vectors are widened.
use safetensors::Dtype;

/// Of a tensor of this shape. `bits`: of a code, where the folder has one number for all.
pub fn bytes(name: &str, dtype: Dtype, shape: &[usize], bits: u64) -> u64 {
    let count = shape.iter().fold(1u64, |n, side| n.saturating_mul(*side as u64));
    let stored = count.saturating_mul(dtype.bitsize() as u64) / 8;
    let float = matches!(dtype, Dtype::F16 | Dtype::BF16 | Dtype::F8_E4M3 | Dtype::F8_E5M2);
    let scale = [
        "scales",
        "scale",
        "zero",
        "weight_scale",
        "weight_scale_inv",
        "weight_scales",
        "codebooks",
    ];
    match name.rsplit('.').next().unwrap_or(name) {
        // a byte each, of words that hold as many as fit
        "qzeros" => count.saturating_mul(32 / bits.clamp(1, 32)),
        // two bytes each
        "codes" => count.saturating_mul(2),
        "weight_shape" => 0,
        // both values of a byte are looked up at once
        "quant_map" => 2048,
        last if float && (scale.contains(&last) || shape.len() == 1) => count.saturating_mul(4),
        _ => stored,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stay_as_they_are_and_the_rest_is_widened() {
        let of = |name, dtype, shape: &[usize]| bytes(name, dtype, shape, 4);
        assert_eq!(of("a.qweight", Dtype::I32, &[8, 64]), 2048);
        assert_eq!(of("a.qzeros", Dtype::I32, &[2, 8]), 128);
        assert_eq!(of("a.scales", Dtype::F16, &[2, 64]), 512);
        assert_eq!(of("a.codes", Dtype::I8, &[64, 8, 2]), 2048);
        assert_eq!(of("norm.weight", Dtype::F16, &[64]), 256);
        assert_eq!(of("embed_tokens.weight", Dtype::F16, &[352, 64]), 45056);
        assert_eq!(of("a.weight", Dtype::F8_E4M3, &[64, 64]), 4096);
        assert_eq!(of("a.weight.absmax", Dtype::U8, &[24]), 24);
    }
}
