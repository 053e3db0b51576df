//! Rows of a split brought into the engine's packed plan, and the order in which they are trained on.

use crate::data::Examples;
use crate::error::Result;
use crate::plan::{Extent, LabelledTokens, PairTokens, Plan, SeqTokens};
use protocol::config::{BatchSpec, steps_per_epoch};
use protocol::memory::Lengths;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// The plan of a micro-batch: `rows` are indices into `examples`.
pub fn plan(examples: &Examples, rows: &[usize], extent: Extent) -> Result<Plan> {
    match examples {
        Examples::Pairs(all) => {
            let pairs = rows.iter().map(|&i| PairTokens {
                prompt: &all[i].prompt,
                chosen: &all[i].chosen,
                rejected: &all[i].rejected,
            });
            Plan::new(extent).with_pairs(&pairs.collect::<Vec<_>>())
        }
        Examples::Ranked(all) => {
            let rows = rows.iter().map(|&i| {
                let pair = &all[i];
                (&pair.prompt[..], vec![&pair.chosen[..], &pair.rejected[..]])
            });
            Plan::scores(&rows.collect::<Vec<_>>())
        }
        Examples::Labelled(all) => {
            let rows = rows.iter().map(|&i| LabelledTokens {
                prompt: &all[i].prompt,
                reply: &all[i].reply,
                other_prompt: &all[i].other_prompt,
                other_reply: &all[i].other_reply,
            });
            Plan::new(extent).with_labelled(&rows.collect::<Vec<_>>())
        }
        // what is computed of a prompt is known when its reply is written
        Examples::Prompts(_) => Plan::replies(&[]),
        Examples::Sequences(all) => {
            let examples = rows.iter().flat_map(|&i| all[i].examples());
            let runs: Vec<_> = examples.collect();
            let sequences = runs.iter().map(|run| {
                let (tokens, counts) = (run.tokens, run.counts);
                (SeqTokens { tokens, counts }, run.lengths)
            });
            let mut plan = Plan::new(extent).with_packed(&sequences.collect::<Vec<_>>())?;
            for (sequence, run) in runs.iter().enumerate() {
                for end in &run.ends {
                    // rows are the tokens that count, but for the first, which is predicted by nothing
                    let before = (1..end.at).filter(|&t| run.counts[t]).count();
                    plan.retarget(sequence, before, end.token);
                }
            }
            Ok(plan)
        }
    }
}

/// The plan of the `size` longest rows: no micro-batch is larger. `None` without a row that counts.
pub fn largest(examples: &Examples, size: usize, extent: Extent) -> Option<Plan> {
    let tokens = |row| plan(examples, &[row], extent).map_or(0, |plan| plan.tokens.len());
    let mut rows: Vec<_> = (0..examples.len()).map(|row| (tokens(row), row)).collect();
    rows.sort_unstable_by(|a, b| b.cmp(a));
    let longest: Vec<usize> = rows.into_iter().take(size).map(|(_, row)| row).collect();
    plan(examples, &longest, extent).ok()
}

/// How long the rows are, for the estimate of memory.
pub fn lengths(examples: &Examples) -> Lengths {
    let of = |row| {
        plan(examples, &[row], Extent::Predictors).map_or((0, 0), |p| (p.tokens.len() as u64, p.rows.len() as u64))
    };
    Lengths::of(&(0..examples.len()).map(of).collect::<Vec<_>>())
}

/// Tokens whose log-prob counts in cross entropy: of a pair, the chosen reply's.
pub fn counted(examples: &Examples, rows: &[usize]) -> usize {
    match examples {
        Examples::Pairs(all) | Examples::Ranked(all) => rows.iter().map(|&i| all[i].chosen.len()).sum(),
        Examples::Labelled(all) => rows.iter().map(|&i| all[i].reply.len()).sum(),
        Examples::Sequences(all) => rows.iter().map(|&i| all[i].counted()).sum(),
        Examples::Prompts(_) => 0,
    }
}

/// Tokens of rows as they are trained on, each reply with its prompt.
pub fn tokens(examples: &Examples, rows: &[usize]) -> usize {
    let of = |i: usize| match examples {
        Examples::Pairs(all) | Examples::Ranked(all) => {
            2 * all[i].prompt.len() + all[i].chosen.len() + all[i].rejected.len()
        }
        Examples::Labelled(all) => all[i].prompt.len() + all[i].reply.len(),
        Examples::Sequences(all) => all[i].tokens.len(),
        Examples::Prompts(all) => all[i].len(),
    };
    rows.iter().map(|&i| of(i)).sum()
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
    lengths: Option<Vec<usize>>,
    /// The epoch worked out last, and its order.
    epoch: Option<(u64, Vec<usize>)>,
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
    pub fn by_length(mut self, lengths: Option<Vec<usize>>) -> Self {
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
        order[start..end].chunks(batch.train).map(<[usize]>::to_vec).collect()
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

    fn epoch_order(&mut self, epoch: u64) -> &[usize] {
        if self.epoch.as_ref().is_none_or(|(at, _)| *at != epoch) {
            let mut order: Vec<usize> = (0..self.rows).collect();
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
fn group(order: &mut [usize], lengths: &[usize], step: usize) {
    if order.is_empty() {
        return;
    }
    let run = step * (order.len() / (step * 4)).clamp(1, 50);
    for rows in order.chunks_mut(run) {
        rows.sort_by_key(|&row| std::cmp::Reverse(lengths[row]));
    }
    let starts = (0..order.len()).step_by(run);
    // the first of equals
    if let Some(at) = starts.rev().max_by_key(|&at| lengths[order[at]]) {
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

/// SHA-256 of each row's token ids and what counts in them.
pub fn row_hashes(examples: &Examples) -> Vec<[u8; 32]> {
    let feed = |hash: &mut Sha256, ids: &[u32]| {
        hash.update((ids.len() as u64).to_le_bytes());
        ids.iter().for_each(|id| hash.update(id.to_le_bytes()));
    };
    match examples {
        Examples::Pairs(all) | Examples::Ranked(all) => all
            .iter()
            .map(|pair| {
                let mut hash = Sha256::new();
                for part in [&pair.prompt, &pair.chosen, &pair.rejected] {
                    feed(&mut hash, part);
                }
                hash.finalize().into()
            })
            .collect(),
        Examples::Labelled(all) => all
            .iter()
            .map(|row| {
                let mut hash = Sha256::new();
                for part in [&row.prompt, &row.reply, &row.other_prompt, &row.other_reply] {
                    feed(&mut hash, part);
                }
                hash.update([u8::from(row.good)]);
                hash.finalize().into()
            })
            .collect(),
        Examples::Prompts(all) => all
            .iter()
            .map(|prompt| {
                let mut hash = Sha256::new();
                feed(&mut hash, prompt);
                hash.finalize().into()
            })
            .collect(),
        Examples::Sequences(all) => all
            .iter()
            .map(|sequence| {
                let mut hash = Sha256::new();
                feed(&mut hash, &sequence.tokens);
                hash.update(sequence.counts.iter().map(|&c| u8::from(c)).collect::<Vec<_>>());
                sequence
                    .lengths
                    .iter()
                    .for_each(|length| hash.update(length.to_le_bytes()));
                hash.update([u8::from(sequence.joined)]);
                hash.finalize().into()
            })
            .collect(),
    }
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
