//! Dynamic loss scaling for passes in f16, as PyTorch's GradScaler does it (*Mixed Precision Training*, arXiv 1710.03740): derivatives
//! are multiplied by a power of two so that few of them are too small for f16, and a step in which one became too large is
//! skipped.
use serde::{Deserialize, Serialize};

const INITIAL: f64 = 65536.0;
const GROWTH: f64 = 2.0;
const BACKOFF: f64 = 0.5;
/// Updates without an overflow after which the scale grows.
const INTERVAL: u32 = 2000;
/// The smallest number of f16: a smaller scale lets nothing through, so what still overflows is no matter of scale.
const LEAST: f64 = 1.0 / (1 << 24) as f64;

/// The scale, and what its next change depends on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LossScale {
    scale: f64,
    /// Updates since the scale changed last.
    steady: u32,
    /// Updates that were skipped since the run began.
    skipped: u64,
}

impl Default for LossScale {
    fn default() -> Self {
        Self {
            scale: INITIAL,
            steady: 0,
            skipped: 0,
        }
    }
}

impl LossScale {
    /// What derivatives are multiplied by.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// After an update whose gradients were finite.
    pub fn updated(&mut self) {
        self.steady += 1;
        if self.steady == INTERVAL {
            self.scale *= GROWTH;
            self.steady = 0;
        }
    }

    /// After gradients that overflowed; `false`: no scale helps.
    pub fn overflowed(&mut self) -> bool {
        self.scale *= BACKOFF;
        self.steady = 0;
        self.skipped += 1;
        self.scale >= LEAST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_moves_as_gradscaler_moves_it() {
        let mut scale = LossScale::default();
        assert!(scale.overflowed() && scale.overflowed());
        assert_eq!((scale.scale(), scale.skipped()), (16384.0, 2));
        for _ in 0..1999 {
            scale.updated();
        }
        assert_eq!(scale.scale(), 16384.0);
        scale.updated();
        assert_eq!(scale.scale(), 32768.0);
        scale.updated();
        assert!(scale.overflowed());
        // counted anew
        for _ in 0..1999 {
            scale.updated();
        }
        assert_eq!(scale.scale(), 16384.0);
    }

    #[test]
    fn what_overflows_at_every_scale_is_no_matter_of_scale() {
        let mut scale = LossScale::default();
        let tried = (0..100).take_while(|_| scale.overflowed()).count();
        assert_eq!(tried, 40);
    }

    #[test]
    fn it_is_kept_to_the_bit() {
        let mut scale = LossScale::default();
        scale.overflowed();
        scale.updated();
        let text = serde_json::to_string(&scale).unwrap();
        assert_eq!(serde_json::from_str::<LossScale>(&text).unwrap(), scale);
    }
}
