//! BAdam: AdamW on one decoder block at a time.
//!
//! *BAdam: A Memory Efficient Full Parameter Optimization Method for Large Language Models*, arXiv 2404.02827, with the
//! schedule of `badam`'s `BlockOptimizer`: a block is trained for a turn of `interval` steps, and its moments are zero
//! at the start of each turn, even if the same block had the last one. A turn ends where `(steps + 1) mod interval` is
//! 0, so that the first is one step shorter. Parameters outside the decoder blocks are never trained. If parameters are
//! in bf16, those of the current block have master copies in f32, which are updated and then rounded, and moments in
//! f32.

use super::StepContext;
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

/// The states of a parameter at the start of its block's turn.
pub(super) fn slots(adamw: &AdamW, param: &Param) -> Result<Vec<Slot>> {
    if param.dtype() == DType::F32 {
        return adamw.slots(param);
    }
    let device = param.value.device();
    Ok(vec![
        Slot::zeros_f32("exp_avg", &param.shape, device)?,
        Slot::zeros_f32("exp_avg_sq", &param.shape, device)?,
        Slot::from_values("value", &param.shape, Buf::copy_of(&param.value()?, device)?),
    ])
}

/// One update of a parameter of the current block.
pub(super) fn update(adamw: &AdamW, param: &mut Param, slots: &mut [Slot], ctx: StepContext) -> Result<()> {
    if param.dtype() == DType::F32 {
        return adamw.update(param, slots, ctx);
    }
    let [first, second, value] = floats(slots);
    let len = param.len();
    let mut grad = Buf::zeros(len, param.value.device())?;
    ctx.engine.run(act::Copy {
        from: param.grad.view(),
        to: grad.view_mut(),
        len,
    })?;
    ctx.engine.run(optimizer::AdamW {
        step: adamw.step(ctx),
        value: value.view_mut(),
        first: first.view_mut(),
        second: second.view_mut(),
        grad: grad.view(),
    })?;
    ctx.engine.run(act::Copy {
        from: value.view(),
        to: param.value.view_mut(),
        len,
    })
}

/// Which block is trained at which step.
pub(super) struct BlockSchedule {
    spec: Blocks,
    seed: u64,
    /// The block of each parameter; `None` outside the decoder blocks.
    block_of: Vec<Option<usize>>,
    block_count: usize,
}

/// Consecutive steps that train one block.
struct Turn {
    /// From 0.
    number: usize,
    /// How many of its steps are done.
    steps: usize,
}

impl BlockSchedule {
    /// The schedule for parameters with these names. `seed` is for a random order.
    ///
    /// # Errors
    /// No decoder blocks, or a start block past the last.
    pub(super) fn new<'a>(spec: Blocks, seed: u64, names: impl Iterator<Item = &'a str>) -> Result<Self> {
        let block_of: Vec<_> = names.map(block_in_name).collect();
        let block_count = block_of.iter().flatten().max().map_or(0, |last| last + 1);
        match spec.start {
            _ if block_count == 0 => Err(Error::invalid(says::no_blocks_for_badam())),
            Some(start) if start >= block_count => Err(Error::invalid(says::badam_start(start, block_count))),
            _ => Ok(Self {
                spec,
                seed,
                block_of,
                block_count,
            }),
        }
    }

    /// How many updates the parameter at `index` has had in the current turn after `done` steps; `None` where it is
    /// another block's turn.
    pub(super) fn updates_seen(&self, index: usize, done: usize) -> Option<usize> {
        let turn = self.turn(done);
        (self.block_of[index]? == self.block(turn.number)).then_some(turn.steps)
    }

    /// The turn that the next step belongs to, after `done` steps.
    fn turn(&self, done: usize) -> Turn {
        let turn = |number, steps| Turn { number, steps };
        match self.spec.interval.map(|n| n as usize) {
            None => turn(0, done),
            Some(1) => turn(done, 0),
            Some(n) => match (done + 1) / n {
                0 => turn(0, done),
                number => turn(number, done + 1 - number * n),
            },
        }
    }

    /// The block that turn `turn` trains. In random order, each round of turns is a shuffle of all blocks.
    fn block(&self, turn: usize) -> usize {
        let n = self.block_count;
        match self.spec.order {
            BlockOrder::Ascending | BlockOrder::Fixed => {
                let turn = if self.spec.order == BlockOrder::Fixed { 0 } else { turn };
                (self.spec.start.unwrap_or(0) + turn) % n
            }
            BlockOrder::Descending => (self.spec.start.unwrap_or(n - 1) + n - turn % n) % n,
            BlockOrder::Random => match (self.spec.start, turn) {
                (Some(start), 0) => start,
                (start, turn) => {
                    let turn = turn - usize::from(start.is_some());
                    let mut order: Vec<_> = (0..n).collect();
                    let mut rng = ChaCha8Rng::seed_from_u64(mix(self.seed, (turn / n) as u64));
                    order.shuffle(&mut rng);
                    order[turn % n]
                }
            },
        }
    }
}

/// The number of the decoder block in a parameter's name: what follows `layers.`.
fn block_in_name(name: &str) -> Option<usize> {
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

    fn schedule(order: BlockOrder, start: Option<usize>, interval: Option<u64>) -> BlockSchedule {
        let spec = Blocks { order, start, interval };
        BlockSchedule::new(spec, 5, NAMES.into_iter()).unwrap()
    }

    /// The block that each step trains, and the updates its states have seen.
    fn steps(schedule: &BlockSchedule, count: usize) -> Vec<(usize, usize)> {
        let at = |done| {
            let mut on =
                (0..NAMES.len()).filter_map(|i| Some((schedule.block_of[i]?, schedule.updates_seen(i, done)?)));
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
            steps(&schedule(BlockOrder::Ascending, None, Some(3)), 9),
            [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2), (0, 0)]
        );
        assert_eq!(
            steps(&schedule(BlockOrder::Descending, Some(1), Some(2)), 6),
            [(1, 0), (0, 0), (0, 1), (2, 0), (2, 1), (1, 0)]
        );
        assert_eq!(
            steps(&schedule(BlockOrder::Ascending, None, Some(1)), 4),
            [(0, 0), (1, 0), (2, 0), (0, 0)]
        );
        assert_eq!(
            steps(&schedule(BlockOrder::Fixed, Some(2), None), 3),
            [(2, 0), (2, 1), (2, 2)]
        );
    }

    #[test]
    fn a_random_order_has_each_block_once_a_round() {
        let blocks: Vec<_> = steps(&schedule(BlockOrder::Random, None, Some(1)), 30)
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
        let spec = Blocks {
            order: BlockOrder::Fixed,
            start: Some(3),
            interval: None,
        };
        let error = BlockSchedule::new(spec, 5, NAMES.into_iter())
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains("badam_start_block"), "{error}");
    }
}
