//! Random numbers from a seed, the same on every machine.

/// SplitMix64 (Steele, Lea, Flood 2014): its numbers depend only on the seed.
#[derive(Debug, Clone)]
pub(super) struct Draw(u64);

impl Draw {
    /// The numbers of one run of a sweep.
    pub fn of(seed: u64, run: u64) -> Self {
        let mut draw = Self(seed);
        Self(draw.next() ^ run.wrapping_mul(0xd134_2543_de82_ef95))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in 0..`below`, which must be at least 1.
    pub fn index(&mut self, below: usize) -> usize {
        ((self.share() * below as f64) as usize).min(below.saturating_sub(1))
    }

    /// Standard normal (Box and Muller).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.share()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.share()).cos()
    }

    /// Shuffles a list (Fisher and Yates).
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.index(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_published_generator() {
        // the first three of seed 1234567, as the authors' own program prints them
        let mut draw = Draw(1_234_567);
        let drawn = [draw.next(), draw.next(), draw.next()];
        assert_eq!(drawn, [6457827717110365317, 3203168211198807973, 9817491932198370423]);
    }

    #[test]
    fn normal_numbers_have_mean_0_and_deviation_1() {
        let mut draw = Draw::of(7, 0);
        let drawn: Vec<f64> = (0..10_000).map(|_| draw.normal()).collect();
        let mean = drawn.iter().sum::<f64>() / 1e4;
        let square = drawn.iter().map(|x| x * x).sum::<f64>() / 1e4;
        assert!(mean.abs() < 0.03 && (square - 1.0).abs() < 0.05, "{mean} {square}");
    }
}
