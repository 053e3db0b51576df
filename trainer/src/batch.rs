//! Rows of a split brought into the engine's packed plan, and the order in which they are trained on.

use crate::data::{Dataset, Examples, Size};
use crate::error::{Error, Result};
use crate::plan::{Extent, Layout, Plan};
use crate::stage::Row;
use protocol::config::{BatchSpec, steps_per_epoch};
use protocol::memory::Lengths;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;

/// The plan of a micro-batch's rows.
///
/// # Errors
/// Nothing of them counts, or they are prompts: what is computed of a prompt is known when its reply is written.
pub fn plan(examples: &Examples, layout: impl Into<Layout>) -> Result<Plan> {
    let layout = layout.into();
    match examples {
        Examples::Pairs(rows) => Row::plan(rows, layout),
        Examples::Ranked(rows) => Row::plan(rows, layout),
        Examples::Labelled(rows) => Row::plan(rows, layout),
        Examples::Sequences(rows) => Row::plan(rows, layout),
        Examples::Prompts(_) => Err(Error::internal("prompts have no plan before they are answered")),
    }
}

/// How much a plan of these rows holds: nothing where nothing of them counts; of prompts their tokens.
pub fn size(examples: &Examples) -> Size {
    // no reply is there to plan
    if let Examples::Prompts(rows) = examples {
        let tokens = rows.iter().map(|prompt| prompt.len()).sum();
        return Size {
            predictors: tokens,
            whole: tokens,
            rows: 0,
        };
    }
    let of = |extent| plan(examples, extent).unwrap_or_default();
    let predictors = of(Extent::Predictors);
    Size {
        predictors: predictors.tokens.len(),
        whole: of(Extent::Whole).tokens.len(),
        rows: predictors.rows.len(),
    }
}

/// The plan of the `size` longest rows: no micro-batch is larger. `None` without a row that counts.
pub fn largest(dataset: &Dataset, size: usize, extent: Extent) -> Result<Option<Plan>> {
    let rows = longest(dataset, size, extent)?;
    let mut counts = false;
    for &row in &rows {
        counts |= dataset.size(row)?.rows > 0;
    }
    match counts {
        true => plan(&dataset.read(&rows)?, extent).map(Some),
        false => Ok(None),
    }
}

/// The numbers of the `size` longest rows, the longest first.
pub fn longest(dataset: &Dataset, size: usize, extent: Extent) -> Result<Vec<usize>> {
    // the longest so far, and the later ones of equals
    let mut longest = BTreeSet::new();
    for row in 0..dataset.len() {
        let of = dataset.size(row)?;
        let tokens = match extent {
            Extent::Predictors => of.predictors,
            Extent::Whole => of.whole,
        };
        longest.insert((tokens, row));
        if longest.len() > size {
            longest.pop_first();
        }
    }
    Ok(longest.into_iter().rev().map(|(_, row)| row).collect())
}

/// How long the rows are, for the estimate of memory.
pub fn lengths(dataset: &Dataset) -> Result<Lengths> {
    let of = |row| {
        let size = dataset.size(row)?;
        Ok((size.predictors as u64, size.rows as u64))
    };
    Ok(Lengths::of(&(0..dataset.len()).map(of).collect::<Result<Vec<_>>>()?))
}

/// Tokens whose log-prob counts in cross entropy: none of prompts.
pub fn counted(examples: &Examples) -> usize {
    fn of<R: Row>(rows: &[R]) -> usize {
        rows.iter().map(Row::counted).sum()
    }
    match examples {
        Examples::Pairs(rows) => of(rows),
        Examples::Ranked(rows) => of(rows),
        Examples::Labelled(rows) => of(rows),
        Examples::Sequences(rows) => of(rows),
        Examples::Prompts(_) => 0,
    }
}

/// Which rows each optimizer step trains on: a function of seed and step alone, so that a resumed run goes on exactly.
/// Each epoch has every row once, in an order of its own; its last micro-batch and its last step may be smaller.
#[derive(Debug, Clone)]
pub struct Order {
    rows: usize,
    batch: BatchSpec,
    /// `None` without shuffling.
    seed: Option<u64>,
    /// Lengths of the rows, where rows of like length share a step.
    lengths: Option<Vec<u32>>,
    /// The epoch worked out last, and its order.
    epoch: Option<(u64, Vec<u32>)>,
}

impl Order {
    pub fn new(rows: usize, batch: BatchSpec, seed: Option<u64>) -> Self {
        Self {
            rows,
            batch,
            seed,
            lengths: None,
            epoch: None,
        }
    }

    /// Rows of like length share a step.
    pub fn by_length(mut self, lengths: Option<Vec<u32>>) -> Self {
        self.lengths = lengths;
        self
    }

    /// The micro-batches of the step after `step` steps.
    pub fn micro_batches(&mut self, step: u64) -> Vec<Vec<usize>> {
        let per_epoch = self.steps_per_epoch();
        let (epoch, within) = (step / per_epoch, (step % per_epoch) as usize);
        let batch = self.batch;
        let order = self.epoch_order(epoch);
        let start = within * batch.train * batch.accumulation;
        let end = (start + batch.train * batch.accumulation).min(order.len());
        let rows = |rows: &[u32]| rows.iter().map(|&row| row as usize).collect();
        order[start..end].chunks(batch.train).map(rows).collect()
    }

    pub fn steps_per_epoch(&self) -> u64 {
        steps_per_epoch(self.rows, self.batch)
    }

    /// Epochs done after `step` steps, with the share of the one going on.
    pub fn epochs(&self, step: u64) -> f64 {
        let per_epoch = self.steps_per_epoch();
        let micro = self.rows.div_ceil(self.batch.train) as u64;
        let done = (step % per_epoch) * self.batch.accumulation as u64;
        (step / per_epoch) as f64 + done as f64 / micro as f64
    }

    fn epoch_order(&mut self, epoch: u64) -> &[u32] {
        if self.epoch.as_ref().is_none_or(|(at, _)| *at != epoch) {
            // a store has no more rows than 32 bits count
            let mut order: Vec<u32> = (0..u32::try_from(self.rows).unwrap_or(u32::MAX)).collect();
            if let Some(seed) = self.seed {
                order.shuffle(&mut ChaCha8Rng::seed_from_u64(mix(seed, epoch)));
            }
            if let Some(lengths) = &self.lengths {
                group(&mut order, lengths, self.batch.train * self.batch.accumulation);
            }
            self.epoch = Some((epoch, order));
        }
        self.epoch.as_ref().map_or(&[], |(_, order)| order)
    }
}

/// transformers' length-grouped order: the shuffled rows in runs of up to 50 steps, each run from its longest row down,
/// and the longest row of all in front, so that memory that does not suffice shows at once.
fn group(order: &mut [u32], lengths: &[u32], step: usize) {
    if order.is_empty() {
        return;
    }
    let run = step * (order.len() / (step * 4)).clamp(1, 50);
    for rows in order.chunks_mut(run) {
        rows.sort_by_key(|&row| std::cmp::Reverse(lengths[row as usize]));
    }
    let starts = (0..order.len()).step_by(run);
    // the first of equals
    if let Some(at) = starts.rev().max_by_key(|&at| lengths[order[at] as usize]) {
        order.swap(0, at);
    }
}

/// One seed out of two numbers (SplitMix64's finalizer over both).
pub fn mix(a: u64, b: u64) -> u64 {
    let mut z = a.wrapping_add(0x9E37_79B9_7F4A_7C15u64.wrapping_mul(b.wrapping_add(1)));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Text of a hash.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BATCH: BatchSpec = BatchSpec {
        train: 2,
        eval: 1,
        accumulation: 3,
    };

    #[test]
    fn rows_of_like_length_share_a_step() {
        let lengths = [3, 9, 4, 1, 7, 2, 8, 6];
        let mut order = [0, 1, 2, 3, 4, 5, 6, 7];
        // 8 rows, steps of 1: runs of 2 steps
        group(&mut order, &lengths, 1);
        assert_eq!(order, [1, 0, 2, 3, 4, 5, 6, 7]);
        // steps of 4: one run, longest first
        group(&mut order, &lengths, 8);
        assert_eq!(order, [1, 6, 4, 7, 2, 0, 5, 3]);
        // the longest of all comes first, out of its run
        let mut order = [3, 5, 1, 6];
        group(&mut order, &lengths, 2);
        assert_eq!(order, [1, 3, 5, 6]);
        let mut order = [];
        group(&mut order, &lengths, 2);
    }

    #[test]
    fn steps_and_epochs_are_counted_as_transformers_counts_them() {
        // 9 rows: micro-batches of 2, 2, 2 | 2, 1: two steps an epoch
        let mut order = Order::new(9, BATCH, None);
        let sizes = |batches: &[Vec<usize>]| batches.iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(order.steps_per_epoch(), 2);
        assert_eq!(order.micro_batches(0), [[0, 1], [2, 3], [4, 5]]);
        assert_eq!(sizes(&order.micro_batches(1)), [2, 1]);
        assert_eq!(order.micro_batches(2), order.micro_batches(0));
        assert_eq!(order.epochs(1), 3.0 / 5.0);
        assert_eq!(order.epochs(2), 1.0);
        assert_eq!(order.epochs(3), 1.6);
    }

    #[test]
    fn an_epoch_has_every_row_once_in_an_order_of_its_own() {
        let mut order = Order::new(50, BATCH, Some(42));
        let mut epoch = |first: u64| -> Vec<usize> {
            (first..first + 9)
                .flat_map(|s| order.micro_batches(s).concat())
                .collect()
        };
        let (one, two) = (epoch(0), epoch(9));
        for rows in [&one, &two] {
            let mut sorted = rows.clone();
            sorted.sort();
            assert_eq!(sorted, (0..50).collect::<Vec<_>>());
        }
        assert_ne!(one, two);
        // where one begins makes no difference
        let mut resumed = Order::new(50, BATCH, Some(42));
        assert_eq!(resumed.micro_batches(13), order.micro_batches(13));
    }
}
