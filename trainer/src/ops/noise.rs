//! Noise on embeddings: *NEFTune: Noisy Embeddings Improve Instruction Finetuning*, arXiv 2310.05914.
use super::act::mix;
use super::cpu::parallel;
use super::{Kernel, Values, ViewMut, launch};
use crate::error::Result;
use std::ops::Range;

struct AddNoise {
    at: Range<usize>,
    magnitude: f32,
    key: u64,
}

impl Kernel for AddNoise {
    const NAME: &'static str = "noise";

    fn cpu(&self, outs: &mut [&mut [f32]], _: &[Values]) {
        parallel::rows1(&mut outs[0][self.at.clone()], 1, |first, x| {
            for (i, x) in x.iter_mut().enumerate() {
                let place = (self.at.start + first + i) as u64;
                let bits = mix(self.key.wrapping_add(place.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
                // 24 bits: as many as an f32 of this size holds
                let share = (bits >> 40) as f32 / (1u32 << 24) as f32;
                *x += (2.0 * share - 1.0) * self.magnitude;
            }
        });
    }
}

/// `x[at] += uniform(-magnitude, magnitude)`, a function of seed and place alone.
pub fn add<'a>(x: impl Into<ViewMut<'a>>, at: Range<usize>, magnitude: f32, seed: u64) -> Result<()> {
    let key = mix(seed ^ 0xA5A5_5A5A_0F0F_F0F0);
    launch(&AddNoise { at, magnitude, key }, [x.into()], [])
}

#[cfg(test)]
mod tests {
    use super::super::Buf;
    use super::*;
    use candle_core::Device;

    #[test]
    fn it_is_uniform_and_goes_by_the_seed() {
        let draw = |seed| {
            let mut x = Buf::zeros(20_010, &Device::Cpu).unwrap();
            add(&mut x, 10..20_010, 0.5, seed).unwrap();
            x.to_vec(20_010).unwrap()
        };
        let x = draw(3);
        assert_eq!(x, draw(3));
        assert_ne!(x, draw(4));
        assert!(x[..10].iter().all(|&x| x == 0.0));
        let moments = |power: i32| x[10..].iter().map(|x| f64::from(*x).powi(power)).sum::<f64>() / 20_000.0;
        // of uniform(-1/2, 1/2): mean 0, variance 1/12, fourth moment 1/80; each within five standard errors
        assert!(moments(1).abs() < 5.0 * (1.0 / 12.0 / 20_000.0f64).sqrt());
        assert!((moments(2) - 1.0 / 12.0).abs() < 5.0 * (1.0 / 180.0 / 20_000.0f64).sqrt());
        assert!((moments(4) - 1.0 / 80.0).abs() < 1e-3);
        assert!(x.iter().all(|x| x.abs() <= 0.5) && x.iter().any(|x| x.abs() > 0.49));
    }
}
