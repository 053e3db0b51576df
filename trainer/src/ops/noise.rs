//! Noise on embeddings: *NEFTune: Noisy Embeddings Improve Instruction Finetuning*, arXiv 2310.05914.
use super::act::mix;
use super::cpu::{Float, by_float, parallel};
use super::{Operation, ViewMut};
use crate::error::Result;
use crate::ops::cuda::{Card, Grid, RANDOM};
use std::ops::Range;

/// `x[at] += uniform(-magnitude, magnitude)`, a function of seed and place alone.
pub struct AddNoise<'a> {
    pub x: ViewMut<'a>,
    pub at: Range<usize>,
    pub magnitude: f32,
    pub seed: u64,
}

impl Operation for AddNoise<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.x.dtype(), F => {
            let key = key(self.seed);
            parallel::rows1(&mut self.x.get::<F>()?[self.at.clone()], 1, |first, x| {
                for (i, x) in x.iter_mut().enumerate() {
                    let place = (self.at.start + first + i) as u64;
                    let bits = mix(key.wrapping_add(place.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
                    // 24 bits: as many as an f32 of this size holds
                    let share = (bits >> 40) as f32 / (1u32 << 24) as f32;
                    *x = F::rounded(x.widened() + (2.0 * share - 1.0) * self.magnitude);
                }
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let Range { start, end } = self.at;
        card.kernel(&RANDOM, "add_noise", self.x.dtype())?
            .write(self.x, end)
            .u64(end - start)
            .u64(start)
            .bits(key(self.seed))
            .f32(self.magnitude)
            .launch(Grid::by_eights(end - start))
    }
}

fn key(seed: u64) -> u64 {
    mix(seed ^ 0xA5A5_5A5A_0F0F_F0F0)
}

#[cfg(test)]
mod tests {
    use super::super::{Buf, Engine};
    use super::*;
    use crate::ops::Device;

    #[test]
    fn it_is_uniform_and_goes_by_the_seed() {
        let draw = |seed| {
            let mut x = Buf::zeros(20_010, &Device::cpu()).unwrap();
            let noise = AddNoise {
                x: x.view_mut(),
                at: 10..20_010,
                magnitude: 0.5,
                seed,
            };
            Engine::cpu().run(noise).unwrap();
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
