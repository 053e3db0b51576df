//! Arrays of indices that go to the device as one buffer: each transfer to a card costs, whatever its size.
use super::{Buf, Engine, View};
use crate::error::Result;
use std::ops::Range;

/// Each array begins at a multiple of so many values, which a card reads at once.
const ALIGNED: usize = 4;

/// Arrays put one behind the other on the host.
#[derive(Debug, Default)]
pub struct IndexArrays(Vec<u32>);

/// Where one of them lies.
#[derive(Clone, Debug)]
pub struct IndexRange(Range<usize>);

impl IndexArrays {
    pub fn push(&mut self, values: impl IntoIterator<Item = u32>) -> IndexRange {
        let start = self.0.len().next_multiple_of(ALIGNED);
        self.0.resize(start, 0);
        self.0.extend(values);
        IndexRange(start..self.0.len())
    }

    /// All of them, in one transfer.
    pub fn send(self, engine: &Engine) -> Result<Buf> {
        Buf::from_vec(self.0, engine.device())
    }
}

impl IndexRange {
    pub fn of<'a>(&self, sent: &'a Buf) -> View<'a> {
        sent.part(self.0.start, self.0.len())
    }
}
