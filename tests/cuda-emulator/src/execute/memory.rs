//! Loads and stores of a mask of lanes: a row of them at once where they lie side by side, else lane by lane.
use super::arithmetic::sign_extend;
use crate::fault::Checked;
use crate::lanes::{WARP, lanes_of};
use crate::machine::{Machine, Warp, merge};
use crate::memory::State;
use crate::op::{Address, Slot};
use crate::ptx::Space;

/// What a load reads into a register.
#[derive(Clone, Copy)]
pub struct Element {
    pub bytes: u8,
    pub signed: bool,
}

impl Machine<'_> {
    pub fn load(
        &mut self,
        warp: &mut Warp,
        from: &Address,
        of: Element,
        to: &[Slot],
        strong: bool,
        mask: u32,
    ) -> Checked<()> {
        let (size, count) = (of.bytes as usize, to.len());
        let widths: [u8; 8] = std::array::from_fn(|i| to.get(i).map_or(8, |slot| self.width(*slot)));
        let value = |data: &[u8], i: usize| {
            let part = &data[i * size..];
            let value = match size {
                1 => part[0] as u64,
                2 => u16::from_le_bytes([part[0], part[1]]) as u64,
                4 => u32::from_le_bytes([part[0], part[1], part[2], part[3]]) as u64,
                _ => u64::from_le_bytes(std::array::from_fn(|byte| part[byte])),
            };
            if of.signed {
                sign_extend(value, of.bytes, widths[i])
            } else {
                value
            }
        };
        if mask == u32::MAX
            && !strong
            && let Some((region, at)) = self.row(warp, from, size * count, false)
        {
            let data = &region.bytes[at..at + size * count * WARP];
            for (i, slot) in to.iter().enumerate() {
                for (lane, data) in data.chunks_exact(size * count).enumerate() {
                    warp.registers[*slot as usize][lane] = value(data, i);
                }
            }
            return Ok(());
        }
        if !strong && let Some((first, last)) = self.one_place(warp, from, mask) {
            // who reads beside others is judged by two of the warp: a writer can be but one of them
            let read = self.read(warp, first, from, size * count, false)?;
            self.read(warp, last, from, size * count, false)?;
            for (i, slot) in to.iter().enumerate() {
                merge(&mut warp.registers[*slot as usize], &[value(&read, i); WARP], mask);
            }
            return Ok(());
        }
        if !strong && let Some(read) = self.gather(warp, from, size * count, mask) {
            for (i, slot) in to.iter().enumerate() {
                for lane in lanes_of(mask) {
                    warp.registers[*slot as usize][lane] = value(&read[lane], i);
                }
            }
            return Ok(());
        }
        for lane in lanes_of(mask) {
            let read = self.read(warp, lane, from, size * count, strong)?;
            for (i, slot) in to.iter().enumerate() {
                warp.registers[*slot as usize][lane] = value(&read, i);
            }
        }
        Ok(())
    }

    pub fn store(
        &mut self,
        warp: &Warp,
        to: &Address,
        size: usize,
        from: &[Slot],
        strong: bool,
        mask: u32,
    ) -> Checked<()> {
        let total = size * from.len();
        let gather = |warp: &Warp, lane: usize, data: &mut [u8]| {
            for (i, slot) in from.iter().enumerate() {
                let value = warp.registers[*slot as usize][lane].to_le_bytes();
                data[i * size..(i + 1) * size].copy_from_slice(&value[..size]);
            }
        };
        if mask == u32::MAX
            && !strong
            && let Some((region, at)) = self.row(warp, to, total, true)
        {
            for (lane, data) in region.bytes[at..at + total * WARP].chunks_exact_mut(total).enumerate() {
                gather(warp, lane, data);
            }
            region.states[at..at + total * WARP].fill(State::Known);
            return Ok(());
        }
        for lane in lanes_of(mask) {
            let mut data = [0; 32];
            gather(warp, lane, &mut data);
            self.write(warp, lane, to, &data[..total], strong)?;
        }
        Ok(())
    }

    /// The first and the last lane of a mask, if all of it reads the same place.
    fn one_place(&self, warp: &Warp, from: &Address, mask: u32) -> Option<(usize, usize)> {
        let base = &warp.registers[from.base as usize];
        let first = mask.trailing_zeros() as usize;
        let (space, _) = self.resolve(from.space, base[first].wrapping_add_signed(from.offset));
        let same = space != Space::Local && lanes_of(mask).all(|lane| base[lane] == base[first]);
        same.then_some((first, 31 - mask.leading_zeros() as usize))
    }
}
