//! Rows shuffled as they come, as `datasets` 4 shuffles a stream: those of a buffer, one of which gives its place to
//! the next row.

use super::error::Result;
use super::random::Pcg64;
use super::store::{Example, Place, RowKind, Slots};

/// How many numbers are drawn at a time, as in `datasets`.
const DRAWS: usize = 1000;

/// A shuffle buffer.
pub(super) struct Shuffle {
    size: u32,
    random: Pcg64,
    waiting: Slots,
    /// Places in the buffer that were drawn, the next one last.
    places: Vec<u32>,
}

impl Shuffle {
    /// A buffer of `size` rows; those that do not fit into memory are at `place`.
    pub(super) fn new(size: usize, random: Pcg64, kind: RowKind, place: &Place) -> Self {
        Self {
            size: u32::try_from(size).unwrap_or(u32::MAX),
            random,
            waiting: Slots::new(kind, place),
            places: Vec::new(),
        }
    }

    /// Adds a row; returns one once the buffer is full.
    pub(super) fn push(&mut self, example: Example) -> Result<Option<Example>> {
        if self.waiting.len() < self.size as usize {
            self.waiting.push(&example)?;
            return Ok(None);
        }
        if self.places.is_empty() {
            self.places = (0..DRAWS).map(|_| self.random.below(self.size)).collect();
            self.places.reverse();
        }
        let place = self.places.pop().unwrap_or_default() as usize;
        self.waiting.replace(place, &example).map(Some)
    }

    /// Passes the rows that are left to `each`.
    pub(super) fn finish(mut self, mut each: impl FnMut(Example) -> Result<()>) -> Result<()> {
        let order = self.random.permutation(self.waiting.len());
        order.into_iter().try_for_each(|row| each(self.waiting.get(row)?))
    }
}
