//! What each instruction does to the lanes of a mask.
mod arithmetic;
mod memory;

use crate::fault::{Checked, Code, Fault};
use crate::float;
use crate::lanes::{Bits, Lanes, WARP, lanes_of};
use crate::machine::{Machine, Warp, logic, merge, set_flag};
use crate::op::{Op, Slot, Vote};
use crate::ptx::{Space, Type};
use arithmetic::{lop3, reduced, shuffled, sign_extend, with_carry};
use memory::Element;

impl Machine<'_> {
    pub fn execute(&mut self, warp: &mut Warp, op: &Op, mask: u32) -> Checked<()> {
        let mut out: Lanes = [0; WARP];
        match op {
            Op::Unary { f, d, a } => {
                f(&warp.registers[*a as usize], &mut out);
                merge(&mut warp.registers[*d as usize], &out, mask);
            }
            Op::Binary { f, d, a, b } => {
                f(&warp.registers[*a as usize], &warp.registers[*b as usize], &mut out);
                merge(&mut warp.registers[*d as usize], &out, mask);
            }
            Op::Ternary { f, d, a, b, c } => {
                let [a, b, c] = [a, b, c].map(|slot| &warp.registers[*slot as usize]);
                f(a, b, c, &mut out);
                merge(&mut warp.registers[*d as usize], &out, mask);
            }
            Op::Convert { how, d, a, extend } => {
                let a = &warp.registers[*a as usize];
                for lane in lanes_of(mask) {
                    let value = how.apply(a[lane]);
                    out[lane] = match extend {
                        Some((from, to)) => sign_extend(value, *from, *to),
                        None => value,
                    };
                }
                merge(&mut warp.registers[*d as usize], &out, mask);
            }
            Op::ConvertPair { how, d, high, low } => {
                for lane in lanes_of(mask) {
                    out[lane] = how.apply(warp.registers[*low as usize][lane])
                        | how.apply(warp.registers[*high as usize][lane]) << 16;
                }
                merge(&mut warp.registers[*d as usize], &out, mask);
            }
            Op::FmaDirected { rounding, d, a, b, c } => {
                for lane in lanes_of(mask) {
                    let [a, b, c] = [a, b, c].map(|slot| f32::get(warp.registers[*slot as usize][lane]));
                    out[lane] = float::fma_f32(a, b, c, *rounding).put();
                }
                merge(&mut warp.registers[*d as usize], &out, mask);
            }
            Op::Lop3 { table, d, a, b, c } => {
                for lane in lanes_of(mask) {
                    let [a, b, c] = [a, b, c].map(|slot| warp.registers[*slot as usize][lane] as u32);
                    out[lane] = lop3(a, b, c, *table) as u64;
                }
                merge(&mut warp.registers[*d as usize], &out, mask);
            }
            Op::BitInsert {
                wide,
                d,
                from,
                into,
                at,
                count,
            } => {
                let width = if *wide { 64 } else { 32 };
                for lane in lanes_of(mask) {
                    let value = |slot: &Slot| warp.registers[*slot as usize][lane];
                    let (at, count) = (value(at) & 0xff, value(count) & 0xff);
                    let field = if count >= 64 { u64::MAX } else { (1u64 << count) - 1 };
                    let field = if at >= width { 0 } else { field << at };
                    let moved = if at >= width { 0 } else { value(from) << at };
                    out[lane] = (value(into) & !field | moved & field) & if *wide { u64::MAX } else { 0xffff_ffff };
                }
                merge(&mut warp.registers[*d as usize], &out, mask);
            }
            Op::Carry {
                kind,
                bytes,
                signed,
                uses,
                sets,
                d,
                a,
                b,
                c,
            } => {
                for lane in lanes_of(mask) {
                    let [a, b, c] = [a, b, c].map(|slot| warp.registers[*slot as usize][lane]);
                    let carry_in = *uses && warp.carry >> lane & 1 == 1;
                    let (value, carry) = with_carry(*kind, *bytes, *signed, a, b, c, carry_in);
                    out[lane] = value;
                    if *sets {
                        set_flag(&mut warp.carry, (carry as u32) << lane, 1 << lane);
                    }
                }
                merge(&mut warp.registers[*d as usize], &out, mask);
            }
            Op::Pack { bytes, d, parts } => {
                for (i, part) in parts.iter().enumerate() {
                    let part = &warp.registers[*part as usize];
                    let keep = if *bytes == 8 { u64::MAX } else { (1 << (*bytes * 8)) - 1 };
                    for lane in 0..WARP {
                        out[lane] |= (part[lane] & keep) << (i * *bytes as usize * 8);
                    }
                }
                merge(&mut warp.registers[*d as usize], &out, mask);
            }
            Op::Unpack { bytes, parts, a } => {
                let a = warp.registers[*a as usize];
                for (i, part) in parts.iter().enumerate() {
                    let keep = if *bytes == 8 { u64::MAX } else { (1 << (*bytes * 8)) - 1 };
                    for lane in 0..WARP {
                        out[lane] = a[lane] >> (i * *bytes as usize * 8) & keep;
                    }
                    merge(&mut warp.registers[*part as usize], &out, mask);
                }
            }
            Op::SetFlag { f, d, e, a, b, with } => {
                let found = f(&warp.registers[*a as usize], &warp.registers[*b as usize]);
                let (mut yes, mut no) = (found, !found);
                if let Some((how, flag, negated)) = with {
                    let other = warp.flags[*flag as usize] ^ if *negated { u32::MAX } else { 0 };
                    (yes, no) = (logic(*how, yes, other), logic(*how, no, other));
                }
                set_flag(&mut warp.flags[*d as usize], yes, mask);
                if let Some(e) = e {
                    set_flag(&mut warp.flags[*e as usize], no, mask);
                }
            }
            Op::SetValue { f, d, a, b, yes, with } => {
                let mut found = f(&warp.registers[*a as usize], &warp.registers[*b as usize]);
                if let Some((how, flag, negated)) = with {
                    found = logic(
                        *how,
                        found,
                        warp.flags[*flag as usize] ^ if *negated { u32::MAX } else { 0 },
                    );
                }
                for (lane, value) in out.iter_mut().enumerate() {
                    *value = if found >> lane & 1 == 1 { *yes } else { 0 };
                }
                merge(&mut warp.registers[*d as usize], &out, mask);
            }
            Op::Select { d, a, b, p, negated } => {
                let flag = warp.flags[*p as usize] ^ if *negated { u32::MAX } else { 0 };
                let (a, b) = (&warp.registers[*a as usize], &warp.registers[*b as usize]);
                for lane in 0..WARP {
                    out[lane] = if flag >> lane & 1 == 1 { a[lane] } else { b[lane] };
                }
                merge(&mut warp.registers[*d as usize], &out, mask);
            }
            Op::FlagLogic {
                logic: how,
                d,
                a,
                b,
                negate_a,
                negate_b,
            } => {
                let value = |flag: u32, negated: bool| warp.flags[flag as usize] ^ if negated { u32::MAX } else { 0 };
                let value = logic(*how, value(*a, *negate_a), value(*b, *negate_b));
                set_flag(&mut warp.flags[*d as usize], value, mask);
            }
            Op::FlagMove { d, a, negated } => {
                let value = warp.flags[*a as usize] ^ if *negated { u32::MAX } else { 0 };
                set_flag(&mut warp.flags[*d as usize], value, mask);
            }
            Op::FlagConst { d, value } => {
                set_flag(&mut warp.flags[*d as usize], if *value { u32::MAX } else { 0 }, mask)
            }
            Op::InWindow { space, d, a } => {
                let window = match space {
                    Space::Shared => 1,
                    Space::Local => 2,
                    Space::Param => 3,
                    _ => 0,
                };
                let a = &warp.registers[*a as usize];
                let found = lanes_of(mask)
                    .filter(|lane| a[*lane] >> 56 == window)
                    .fold(0, |found, lane| found | 1 << lane);
                set_flag(&mut warp.flags[*d as usize], found, mask);
            }
            Op::Load {
                from,
                bytes,
                signed,
                to,
                strong,
            } => self.load(
                warp,
                from,
                Element {
                    bytes: *bytes,
                    signed: *signed,
                },
                to,
                *strong,
                mask,
            )?,
            Op::Store {
                to,
                bytes,
                from,
                strong,
            } => self.store(warp, to, *bytes as usize, from, *strong, mask)?,
            Op::Atomic { how, ty, at, d, b, c } => {
                for lane in lanes_of(mask) {
                    let (b, c) = (warp.registers[*b as usize][lane], warp.registers[*c as usize][lane]);
                    let old = self.update(warp, lane, at, ty.bytes(), |old| reduced(*how, *ty, old, b, c))?;
                    if let Some(d) = d {
                        warp.registers[*d as usize][lane] = old;
                    }
                }
            }
            Op::CopyAsync { to, from, bytes, given } => {
                for lane in lanes_of(mask) {
                    let given = given.map_or(*bytes as usize, |slot| {
                        warp.registers[slot as usize][lane] as u32 as usize
                    });
                    self.copy_async(warp, lane, to, from, *bytes as usize, given)?;
                }
            }
            Op::CommitGroup => lanes_of(mask).for_each(|lane| self.commit_copies(warp, lane)),
            Op::WaitGroups { allowed } => {
                for lane in lanes_of(mask) {
                    if *allowed == 0 {
                        self.commit_copies(warp, lane);
                    }
                    self.finish_copies(warp, lane, *allowed as usize)?;
                }
            }
            Op::Trap => return Err(Fault::new(Code::LaunchFailed, "trap").at(mask.trailing_zeros() as usize)),
            Op::AssertFailed { message, file, line } => {
                let lane = mask.trailing_zeros() as usize;
                let value = |slot: &Slot| warp.registers[*slot as usize][lane];
                let (message, file, line) = (self.text(value(message)), self.text(value(file)), value(line) as u32);
                return Err(Fault::new(Code::Assert, format!("assertion `{message}` failed, {file}:{line}")).at(lane));
            }
            Op::WarpBarrier { .. } => warp.epoch = warp.epoch.wrapping_add(1),
            Op::Shuffle { how, d, p, a, b, c, .. } => {
                let mut inside = 0;
                for lane in lanes_of(mask) {
                    let (b, c) = (
                        warp.registers[*b as usize][lane] as u32,
                        warp.registers[*c as usize][lane] as u32,
                    );
                    let (from, valid) = shuffled(*how, lane as u32, b & 31, c);
                    if mask >> from & 1 == 0 {
                        let what = format!("shfl.sync reads lane {from}, which takes no part in it");
                        return Err(Fault::new(Code::LaunchFailed, what).at(lane));
                    }
                    inside |= (valid as u32) << lane;
                    out[lane] = warp.registers[*a as usize][from as usize];
                }
                merge(&mut warp.registers[*d as usize], &out, mask);
                if let Some(p) = p {
                    set_flag(&mut warp.flags[*p as usize], inside, mask);
                }
            }
            Op::Vote {
                how, d, p, a, negated, ..
            } => {
                let yes = (warp.flags[*a as usize] ^ if *negated { u32::MAX } else { 0 }) & mask;
                let found = match how {
                    Vote::All => yes == mask,
                    Vote::Any => yes != 0,
                    Vote::Uniform => yes == mask || yes == 0,
                    Vote::Ballot => {
                        merge(&mut warp.registers[*d as usize], &[yes as u64; WARP], mask);
                        return Ok(());
                    }
                };
                set_flag(&mut warp.flags[*p as usize], if found { u32::MAX } else { 0 }, mask);
            }
            Op::MatchAny { d, a, wide, .. } => {
                let a = &warp.registers[*a as usize];
                let keep = if *wide { u64::MAX } else { 0xffff_ffff };
                for lane in lanes_of(mask) {
                    out[lane] = lanes_of(mask)
                        .filter(|other| (a[*other] ^ a[lane]) & keep == 0)
                        .fold(0, |m, other| m | 1 << other);
                }
                merge(&mut warp.registers[*d as usize], &out, mask);
            }
            Op::MatchAll { d, p, a, .. } => {
                let a = &warp.registers[*a as usize];
                let first = a[mask.trailing_zeros() as usize];
                let same = lanes_of(mask).all(|lane| a[lane] == first);
                merge(
                    &mut warp.registers[*d as usize],
                    &[if same { mask as u64 } else { 0 }; WARP],
                    mask,
                );
                if let Some(p) = p {
                    set_flag(&mut warp.flags[*p as usize], if same { u32::MAX } else { 0 }, mask);
                }
            }
            Op::Redux { how, signed, d, a, .. } => {
                let a = &warp.registers[*a as usize];
                let ty = if *signed { Type::S32 } else { Type::U32 };
                let value = lanes_of(mask)
                    .map(|lane| a[lane])
                    .reduce(|x, y| reduced(*how, ty, x, y, 0))
                    .unwrap_or(0);
                merge(&mut warp.registers[*d as usize], &[value; WARP], mask);
            }
            Op::ActiveMask { d } => merge(&mut warp.registers[*d as usize], &[mask as u64; WARP], mask),
            Op::Clock { d } => {
                let now = self.executed;
                merge(&mut warp.registers[*d as usize], &[now; WARP], mask);
            }
            Op::LoadMatrix { .. } | Op::StoreMatrix { .. } | Op::MoveMatrix { .. } | Op::Mma { .. } => {
                self.tensor(warp, op)?
            }
            Op::Nothing => {}
            Op::Unsupported(what) => {
                return Err(
                    Fault::new(Code::NotSupported, format!("the emulator does not know {what}"))
                        .at(mask.trailing_zeros() as usize),
                );
            }
            Op::Branch { .. } | Op::BranchTable { .. } | Op::Exit | Op::Barrier { .. } => unreachable!("control flow"),
        }
        Ok(())
    }

    fn width(&self, slot: Slot) -> u8 {
        self.kernel.widths[slot as usize]
    }

    /// A text that ends in zero, from the device.
    fn text(&mut self, address: u64) -> String {
        let mut out = Vec::new();
        while let Ok((&[byte], _)) = self
            .memory
            .read(address + out.len() as u64, 1)
            .map(|(bytes, known)| (<&[u8; 1]>::try_from(bytes).expect("a byte"), known))
        {
            if byte == 0 {
                break;
            }
            out.push(byte);
        }
        String::from_utf8_lossy(&out).into_owned()
    }
}
