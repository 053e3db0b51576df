//! Reads of a warp from anywhere in one piece of memory, checked in one go.
use crate::access::resolved;
use crate::lanes::{WARP, lanes_of};
use crate::machine::{Machine, Warp};
use crate::op::Address;
use crate::ptx::Space;
use crate::touch::Touch;

/// The most bytes that a lane reads at once.
const WIDEST: usize = 16;

/// What each lane has read.
pub type Gathered = [[u8; WIDEST]; WARP];

impl Machine<'_> {
    /// The bytes that the lanes of a mask read, where all lie in one piece of memory and nothing is wrong with any. Otherwise
    /// lane by lane, which finds what is wrong and whose it is.
    pub fn gather(&mut self, warp: &Warp, from: &Address, count: usize, mask: u32) -> Option<Gathered> {
        let base = &warp.registers[from.base as usize];
        let place = |lane: usize| resolved(from.space, base[lane].wrapping_add_signed(from.offset));
        let first = mask.trailing_zeros() as usize;
        let (space, address) = place(first);
        if count > WIDEST || !matches!(space, Space::Global | Space::Shared) {
            return None;
        }
        let (touch, options) = (self.touch(warp, 0, false), *self.options);
        let (region, at) = self.region(warp.index, first, space, address, count).ok()?;
        let (start, size) = (address - at as u64, region.bytes.len());
        let races = options.races && (space == Space::Shared || size <= options.race_limit);
        let mut out = [[0; WIDEST]; WARP];
        for lane in lanes_of(mask) {
            let (its_space, address) = place(lane);
            let at = address.checked_sub(start)? as usize;
            let inside = at.checked_add(count)? <= size && address.is_multiple_of(count as u64);
            if its_space != space || !inside || (options.uninitialized && !region.is_known(at, count)) {
                return None;
            }
            if races {
                let touch = Touch {
                    thread: touch.thread + lane as u16,
                    ..touch
                };
                for cell in region.cells(at, count).0 {
                    if !cell.agrees(touch, false) {
                        return None;
                    }
                    cell.note(touch, false);
                }
            }
            // a constant size is copied without a call
            match region.bytes.get(at..at + WIDEST) {
                Some(bytes) => out[lane].copy_from_slice(bytes),
                None => out[lane][..count].copy_from_slice(&region.bytes[at..at + count]),
            }
        }
        Some(out)
    }
}
