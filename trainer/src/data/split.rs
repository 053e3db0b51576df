//! The held-out split: the same rows, in the same order, as Hugging Face's `train_test_split(seed=…)`.
//!
//! It shuffles with NumPy's `default_rng(seed).permutation`.

use super::random::Pcg64;

/// Indices of training and held-out rows, each in the order in which they are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    pub train: Vec<usize>,
    pub held_out: Vec<usize>,
}

/// Holds `held_out` of `n` rows out.
pub fn split(n: usize, held_out: usize, seed: u64) -> Split {
    if held_out == 0 {
        return Split {
            train: (0..n).collect(),
            held_out: Vec::new(),
        };
    }
    let mut order = Pcg64::new(seed).permutation(n);
    let train = order.split_off(held_out.min(n));
    Split { train, held_out: order }
}
