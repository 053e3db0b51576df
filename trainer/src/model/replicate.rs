//! `layer_replication`: a deeper model out of a base's own blocks, which share their weights and differ in their adapters.
use super::Model;
use crate::error::{Error, Result};
use protocol::says;

impl Model {
    /// Makes the model of these ranges of its blocks, one after the other: `[(0, 3), (1, 3)]` is 0 1 2 1 2, as PEFT does.
    pub(super) fn replicate(&mut self, ranges: &[(usize, usize)]) -> Result<()> {
        if ranges.is_empty() {
            return Ok(());
        }
        let count = self.decoder.config.layers();
        if let Some((from, to)) = ranges.iter().find(|(from, to)| from >= to || *to > count) {
            return Err(Error::invalid(says::no_blocks_to_repeat(*from, *to, count)));
        }
        let blocks = &self.decoder.config.decoder.blocks;
        let sparse = blocks.iter().filter(|block| block.mlp.experts().is_some()).count();
        if ![0, count].contains(&sparse) {
            return Err(Error::invalid(says::no_deeper_experts()));
        }
        let (before, specs) = (
            std::mem::take(&mut self.decoder.weights.layers),
            std::mem::take(&mut self.decoder.config.decoder.blocks),
        );
        for i in ranges.iter().flat_map(|(from, to)| *from..*to) {
            self.decoder.weights.layers.push(before[i].share(&specs[i])?);
            self.decoder.config.decoder.blocks.push(specs[i].clone());
        }
        self.renumber()
    }
}
