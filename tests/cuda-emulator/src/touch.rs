//! Who touched a piece of memory last, and whether anything orders two accesses: how races are found.

/// One access. Zero `thread`: nobody's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Touch {
    pub block: u32,
    /// Thread of the block, plus one.
    pub thread: u16,
    pub launch: u16,
    /// How many times the block's threads have met at a barrier.
    pub block_epoch: u16,
    /// How many times the warp's threads have met at `bar.warp.sync`.
    pub warp_epoch: u16,
    pub atomic: bool,
}

impl Touch {
    fn warp(self) -> u16 {
        self.thread.wrapping_sub(1) / 32
    }
}

/// Pieces of memory that accesses share, with who touched them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cell {
    write: Touch,
    /// The last two readers, of different warps where there are such.
    reads: [Touch; 2],
}

/// Two accesses that nothing orders.
#[derive(Debug, Clone, Copy)]
pub struct Race {
    pub other: Touch,
    pub other_wrote: bool,
}

/// Threads of one block that a barrier, or of one warp that a warp barrier, has come between are ordered.
#[inline]
fn ordered(before: Touch, now: Touch) -> bool {
    if before.thread == 0 || before.launch != now.launch || (before.atomic && now.atomic) {
        return true;
    }
    before.block == now.block
        && (before.thread == now.thread
            || before.block_epoch != now.block_epoch
            || (before.warp_epoch != now.warp_epoch && before.warp() == now.warp()))
}

impl Cell {
    /// Whether nothing that came before is in the way of an access.
    #[inline]
    pub fn agrees(&self, now: Touch, write: bool) -> bool {
        ordered(self.write, now) && (!write || (ordered(self.reads[0], now) && ordered(self.reads[1], now)))
    }

    #[inline]
    pub fn note(&mut self, now: Touch, write: bool) {
        if write {
            *self = Cell {
                write: now,
                ..Cell::default()
            };
            return;
        }
        let last = self.reads[0];
        let same_warp = last.block == now.block && last.warp() == now.warp() && last.launch == now.launch;
        if last.thread != 0 && !same_warp {
            self.reads[1] = last;
        }
        self.reads[0] = now;
    }

    pub fn read(&mut self, now: Touch) -> Option<Race> {
        if !ordered(self.write, now) {
            return Some(Race {
                other: self.write,
                other_wrote: true,
            });
        }
        self.note(now, false);
        None
    }

    pub fn write(&mut self, now: Touch, same_value: bool) -> Option<Race> {
        let race = if !same_value && !ordered(self.write, now) {
            Some(Race {
                other: self.write,
                other_wrote: true,
            })
        } else {
            let read = self.reads.iter().find(|read| !ordered(**read, now));
            read.map(|read| Race {
                other: *read,
                other_wrote: false,
            })
        };
        self.note(now, true);
        race
    }
}

/// The cells of a region: one for as many bytes as the smallest access so far, but no more than 4.
#[derive(Debug, Default)]
pub struct Cells {
    cells: Vec<Cell>,
    /// Bytes of a cell; 0 before the first access.
    grain: usize,
}

impl Cells {
    /// The cells of an aligned access, in a region of `size` bytes.
    pub fn of(&mut self, at: usize, count: usize, size: usize) -> &mut [Cell] {
        if self.grain == 0 {
            self.grain = count.min(4);
            self.cells = vec![Cell::default(); size.div_ceil(self.grain)];
        } else if count < self.grain {
            let more = self.grain / count;
            self.cells = self
                .cells
                .iter()
                .flat_map(|cell| std::iter::repeat_n(*cell, more))
                .collect();
            self.grain = count;
        }
        &mut self.cells[at / self.grain..(at + count).div_ceil(self.grain)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(thread: u16) -> Touch {
        Touch {
            thread,
            launch: 1,
            ..Touch::default()
        }
    }

    #[test]
    fn cells_become_as_small_as_the_smallest_access() {
        let mut cells = Cells::default();
        assert_eq!(cells.of(0, 16, 32).len(), 4);
        cells.of(4, 4, 32)[0].note(by(1), true);
        assert_eq!(cells.of(0, 8, 32).len(), 2);
        // what was known of four bytes is known of each
        let small = cells.of(4, 4, 32).len();
        assert_eq!((small, cells.grain), (1, 4));
        for at in 4..8 {
            assert!(!cells.of(at, 1, 32)[0].agrees(by(2), false), "{at}");
        }
        assert!(cells.of(8, 1, 32)[0].agrees(by(2), false));
        assert_eq!(cells.of(0, 16, 32).len(), 16);
    }

    #[test]
    fn a_barrier_orders_a_block_and_a_warp_barrier_a_warp() {
        let (one, other, far) = (by(1), by(2), by(40));
        let after = |touch: Touch| Touch { warp_epoch: 1, ..touch };
        assert!(ordered(one, one) && !ordered(one, other));
        assert!(ordered(one, after(other)) && !ordered(one, after(far)));
        assert!(ordered(one, Touch { block_epoch: 1, ..far }));
        assert!(!ordered(
            one,
            Touch {
                block: 1,
                block_epoch: 1,
                ..far
            }
        ));
        assert!(ordered(one, Touch { launch: 2, ..far }));
    }
}
