//! Who touched a byte last, and whether anything orders two accesses: how races are found.

/// Who touched a byte last, for finding races. Zero `thread`: nobody in this launch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Touch {
    /// Thread of the grid, plus one.
    pub thread: u32,
    pub launch: u16,
    /// How many times the block's threads have met at a barrier.
    pub block_epoch: u16,
    /// How many times the warp's threads have met at `bar.warp.sync`.
    pub warp_epoch: u16,
    pub atomic: bool,
}

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
fn ordered(before: Touch, now: Touch, block_threads: u32) -> bool {
    if before.thread == 0 || before.launch != now.launch || before.thread == now.thread || (before.atomic && now.atomic)
    {
        return true;
    }
    let (a, b) = (before.thread - 1, now.thread - 1);
    if a / block_threads != b / block_threads {
        return false;
    }
    let warp = |t: u32| t % block_threads / 32;
    before.block_epoch != now.block_epoch || (warp(a) == warp(b) && before.warp_epoch != now.warp_epoch)
}

impl Cell {
    /// Whether nothing that came before is in the way of an access.
    pub fn agrees(&self, now: Touch, block_threads: u32, write: bool) -> bool {
        ordered(self.write, now, block_threads)
            && (!write || self.reads.iter().all(|read| ordered(*read, now, block_threads)))
    }

    pub fn note(&mut self, now: Touch, write: bool) {
        if write {
            self.write = now;
            self.reads = Default::default();
            return;
        }
        let warp = |t: Touch| t.thread.wrapping_sub(1) / 32;
        if self.reads[0].thread != 0 && (warp(self.reads[0]) != warp(now) || self.reads[0].launch != now.launch) {
            self.reads[1] = self.reads[0];
        }
        self.reads[0] = now;
    }

    pub fn read(&mut self, now: Touch, block_threads: u32) -> Option<Race> {
        if !ordered(self.write, now, block_threads) {
            return Some(Race {
                other: self.write,
                other_wrote: true,
            });
        }
        self.note(now, false);
        None
    }

    pub fn write(&mut self, now: Touch, block_threads: u32, same_value: bool) -> Option<Race> {
        let race = if !same_value && !ordered(self.write, now, block_threads) {
            Some(Race {
                other: self.write,
                other_wrote: true,
            })
        } else {
            let read = self.reads.iter().find(|read| !ordered(**read, now, block_threads));
            read.map(|read| Race {
                other: *read,
                other_wrote: false,
            })
        };
        self.note(now, true);
        race
    }
}
