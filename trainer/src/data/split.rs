//! The held-out split: the same rows, in the same order, as Hugging Face's `train_test_split(seed=…)`.
//!
//! It shuffles with NumPy's `default_rng(seed).permutation`.

use super::random::Pcg64;

/// Indices of the training and the held-out rows, each in the order they are used; `held_out` of `n` are held out.
pub fn split(n: usize, held_out: usize, seed: u64) -> (Vec<usize>, Vec<usize>) {
    if held_out == 0 {
        return ((0..n).collect(), Vec::new());
    }
    let mut order = Pcg64::new(seed).permutation(n);
    let train = order.split_off(held_out.min(n));
    (train, order)
}
