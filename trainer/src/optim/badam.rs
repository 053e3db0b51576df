//! BAdam: AdamW on one decoder block at a time.
//!
//! *BAdam: A Memory Efficient Full Parameter Optimization Method for Large Language Models*, arXiv 2404.02827, with the
//! turns of `badam`'s `BlockOptimizer`: a block's moments start at zero when its turn comes (of the same block too, where
//! the order is fixed), and a turn ends where
//! `(steps + 1) mod interval` is 0, so that the first is one step shorter. What is in no block is never trained. Of values
//! in bf16 the block whose turn it is has copies in f32, which are updated and rounded, and moments in f32.

use super::At;
use super::adamw::AdamW;
use super::slot::{Slot, floats};
use crate::batch::mix;
use crate::error::{Error, Result};
use crate::model::Param;
use crate::ops::{Buf, act, optimizer};
use candle_core::DType;
use protocol::config::{BlockOrder, Blocks};
use protocol::says;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// The states of a parameter whose turn begins.
pub(super) fn slots(adamw: &AdamW, param: &Param) -> Result<Vec<Slot>> {
    if param.dtype() == DType::F32 {
        return adamw.slots(param);
    }
    let device = param.value.device();
    Ok(vec![
        Slot::exact("exp_avg", &param.shape, device)?,
        Slot::exact("exp_avg_sq", &param.shape, device)?,
        Slot::of("value", &param.shape, Buf::copy_of(&param.value()?, device)?),
    ])
}

pub(super) fn update(adamw: &AdamW, param: &mut Param, slots: &mut [Slot], at: At) -> Result<()> {
    if param.dtype() == DType::F32 {
        return adamw.update(param, slots, at);
    }
    let [first, second, value] = floats(slots);
    let len = param.len();
    let mut grad = Buf::zeros(len, param.value.device())?;
    at.engine.run(act::Copy {
        from: param.grad.view(),
        to: grad.view_mut(),
        len,
    })?;
    at.engine.run(optimizer::AdamW {
        step: adamw.step(at),
        value: value.view_mut(),
        first: first.view_mut(),
        second: second.view_mut(),
        grad: grad.view(),
    })?;
    at.engine.run(act::Copy {
        from: value.view(),
        to: param.value.view_mut(),
        len,
    })
}

/// Whose turn it is.
pub(super) struct Turns {
    asked: Blocks,
    seed: u64,
    /// the block of each parameter
    of: Vec<Option<usize>>,
    count: usize,
}

impl Turns {
    pub(super) fn new<'a>(asked: Blocks, seed: u64, names: impl Iterator<Item = &'a str>) -> Result<Self> {
        let of: Vec<_> = names.map(layer).collect();
        let count = of.iter().flatten().max().map_or(0, |last| last + 1);
        match asked.start {
            _ if count == 0 => Err(Error::invalid(says::no_blocks_for_badam())),
            Some(start) if start >= count => Err(Error::invalid(says::badam_start(start, count))),
            _ => Ok(Self { asked, seed, of, count }),
        }
    }

    /// Updates that the parameter's states have seen in this turn after `done` steps; `None` where it is another's.
    pub(super) fn age(&self, index: usize, done: usize) -> Option<usize> {
        let (turn, age) = self.turn(done);
        (self.of[index]? == self.block(turn)).then_some(age)
    }

    /// The number of the turn, and how many steps of it are made.
    fn turn(&self, done: usize) -> (usize, usize) {
        match self.asked.interval.map(|n| n as usize) {
            None => (0, done),
            Some(1) => (done, 0),
            Some(n) => match (done + 1) / n {
                0 => (0, done),
                turn => (turn, done + 1 - turn * n),
            },
        }
    }

    fn block(&self, turn: usize) -> usize {
        let n = self.count;
        match self.asked.order {
            BlockOrder::Ascending | BlockOrder::Fixed => {
                let turn = if self.asked.order == BlockOrder::Fixed { 0 } else { turn };
                (self.asked.start.unwrap_or(0) + turn) % n
            }
            BlockOrder::Descending => (self.asked.start.unwrap_or(n - 1) + n - turn % n) % n,
            BlockOrder::Random => match (self.asked.start, turn) {
                (Some(start), 0) => start,
                (start, turn) => {
                    let turn = turn - usize::from(start.is_some());
                    let mut order: Vec<_> = (0..n).collect();
                    let mut dice = ChaCha8Rng::seed_from_u64(mix(self.seed, (turn / n) as u64));
                    order.shuffle(&mut dice);
                    order[turn % n]
                }
            },
        }
    }
}

/// The number behind `layers.` in a name.
fn layer(name: &str) -> Option<usize> {
    let (_, rest) = name.split_once("layers.")?;
    rest.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = [
        "model.embed_tokens.weight",
        "model.layers.0.mlp.up_proj.weight",
        "model.layers.1.mlp.up_proj.weight",
        "model.layers.2.mlp.up_proj.weight",
        "model.norm.weight",
    ];

    fn turns(order: BlockOrder, start: Option<usize>, interval: Option<u64>) -> Turns {
        let asked = Blocks { order, start, interval };
        Turns::new(asked, 5, NAMES.into_iter()).unwrap()
    }

    /// Block and age of each step.
    fn steps(turns: &Turns, count: usize) -> Vec<(usize, usize)> {
        let at = |done| {
            let mut on = (0..NAMES.len()).filter_map(|i| Some((turns.of[i]?, turns.age(i, done)?)));
            let found = on.next().unwrap();
            assert!(on.next().is_none());
            found
        };
        (0..count).map(at).collect()
    }

    #[test]
    fn turns_as_badam_takes_them() {
        // interval 3: two steps of the first block, three of each later one
        assert_eq!(
            steps(&turns(BlockOrder::Ascending, None, Some(3)), 9),
            [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2), (0, 0)]
        );
        assert_eq!(
            steps(&turns(BlockOrder::Descending, Some(1), Some(2)), 6),
            [(1, 0), (0, 0), (0, 1), (2, 0), (2, 1), (1, 0)]
        );
        assert_eq!(
            steps(&turns(BlockOrder::Ascending, None, Some(1)), 4),
            [(0, 0), (1, 0), (2, 0), (0, 0)]
        );
        assert_eq!(
            steps(&turns(BlockOrder::Fixed, Some(2), None), 3),
            [(2, 0), (2, 1), (2, 2)]
        );
    }

    #[test]
    fn a_random_order_has_each_block_once_a_round() {
        let blocks: Vec<_> = steps(&turns(BlockOrder::Random, None, Some(1)), 30)
            .iter()
            .map(|s| s.0)
            .collect();
        for round in blocks.chunks(3) {
            let mut round = round.to_vec();
            round.sort();
            assert_eq!(round, [0, 1, 2]);
        }
        assert!(blocks.chunks(3).any(|round| round != &blocks[..3]));
    }

    #[test]
    fn a_start_past_the_end_is_refused() {
        let asked = Blocks {
            order: BlockOrder::Fixed,
            start: Some(3),
            interval: None,
        };
        let error = Turns::new(asked, 5, NAMES.into_iter()).err().unwrap().to_string();
        assert!(error.contains("badam_start_block"), "{error}");
    }
}
