//! A warp's turn: lanes at the same step run together, those at the lowest step first, so that branches meet again.
use super::{Group, Machine, Warp};
use crate::fault::{Checked, Code, Fault};
use crate::lanes::lanes_of;
use crate::op::{Op, Slot};

impl Machine<'_> {
    /// Runs a warp until it waits for others or is done.
    pub(super) fn turn(&mut self, warp: &mut Warp) -> Checked<()> {
        loop {
            let Some(mut group) = take_lowest(&mut warp.runnable) else {
                if warp.held.is_empty() {
                    return Ok(());
                }
                // those that the held lanes waited for may have exited since
                let held = std::mem::take(&mut warp.held);
                let before = held.len();
                for group in held {
                    self.run_group(warp, group)?;
                }
                if warp.runnable.is_empty() && warp.held.len() >= before && warp.waiting.is_none() {
                    return Err(self.split_warp(warp));
                }
                continue;
            };
            while let Some(i) = warp.runnable.iter().position(|other| other.at == group.at) {
                group.mask |= warp.runnable.swap_remove(i).mask;
            }
            self.run_group(warp, group)?;
        }
    }

    /// Runs lanes that are together until they split, meet others, wait or are done.
    fn run_group(&mut self, warp: &mut Warp, group: Group) -> Checked<()> {
        let kernel = self.kernel;
        let Group { mut at, mut mask, .. } = group;
        let limit = warp.runnable.iter().map(|other| other.at).min().unwrap_or(usize::MAX);
        let started = self.executed;
        loop {
            if at >= limit || self.executed - started > 1 << 22 {
                if self.executed > self.options.patience {
                    let fault = Fault::new(
                        Code::LaunchFailed,
                        "the launch does not end: a loop that waits for another block, or for ever?",
                    );
                    return Err(self.locate(warp, at, fault.at(mask.trailing_zeros() as usize)));
                }
                warp.runnable.push(Group {
                    at,
                    mask,
                    tired: at < limit,
                });
                return Ok(());
            }
            let step = &kernel.steps[at];
            let active = match step.guard {
                None => mask,
                Some((flag, negated)) => {
                    mask & if negated {
                        !warp.flags[flag as usize]
                    } else {
                        warp.flags[flag as usize]
                    }
                }
            };
            if active == 0 {
                at += 1;
                continue;
            }
            self.executed += active.count_ones() as u64;
            self.at = at;
            if self.options.traffic {
                self.count_traffic(warp, &step.op, active);
            }
            match &step.op {
                Op::Branch { to } => {
                    if active == mask {
                        at = *to as usize;
                        continue;
                    }
                    warp.runnable.push(Group::new(*to as usize, active));
                    warp.runnable.push(Group::new(at + 1, mask & !active));
                    return Ok(());
                }
                Op::BranchTable { index, to } => {
                    let index = warp.registers[*index as usize];
                    for lane in lanes_of(active) {
                        let target = to
                            .get(index[lane] as usize)
                            .copied()
                            .unwrap_or(*to.last().expect("a target"));
                        warp.runnable.push(Group::new(target as usize, 1 << lane));
                    }
                    if mask != active {
                        warp.runnable.push(Group::new(at + 1, mask & !active));
                    }
                    return Ok(());
                }
                Op::Exit => {
                    warp.live &= !active;
                    self.live_threads -= active.count_ones();
                    mask &= !active;
                    if mask == 0 {
                        return Ok(());
                    }
                    at += 1;
                }
                op => match members_of(op, warp, active) {
                    Some(members) => {
                        // lanes that skip it go on by themselves
                        if mask != active {
                            warp.runnable.push(Group::new(at + 1, mask & !active));
                        }
                        let mut together = active;
                        while let Some(i) = warp.held.iter().position(|other| other.at == at) {
                            together |= warp.held.swap_remove(i).mask;
                        }
                        if let Some(lane) = lanes_of(together).find(|lane| members >> lane & 1 == 0) {
                            let what = format!("the lane is not in its own member mask {members:#010x}");
                            return Err(self.locate(warp, at, Fault::new(Code::LaunchFailed, what).at(lane)));
                        }
                        if members & warp.live & !together != 0 {
                            warp.held.push(Group::new(at, together));
                            return Ok(());
                        }
                        if let Op::Barrier { .. } = op {
                            self.arrive(warp, op, at, together);
                            return Ok(());
                        }
                        self.execute(warp, op, together)
                            .map_err(|fault| self.locate(warp, at, fault))?;
                        warp.runnable.push(Group::new(at + 1, together));
                        return Ok(());
                    }
                    None => {
                        self.execute(warp, op, active)
                            .map_err(|fault| self.locate(warp, at, fault))?;
                        at += 1;
                    }
                },
            }
        }
    }
}

fn take_lowest(groups: &mut Vec<Group>) -> Option<Group> {
    let lowest = (0..groups.len()).min_by_key(|i| (groups[*i].tired, groups[*i].at))?;
    if groups[lowest].tired {
        groups.iter_mut().for_each(|group| group.tired = false);
    }
    Some(groups.swap_remove(lowest))
}

/// Instructions that lanes do together: the mask of those that must be there.
fn members_of(op: &Op, warp: &Warp, active: u32) -> Option<u32> {
    let lane = active.trailing_zeros() as usize;
    let value = |slot: &Slot| Some(warp.registers[*slot as usize][lane] as u32);
    match op {
        Op::WarpBarrier { members } | Op::Shuffle { members, .. } | Op::Vote { members, .. } => value(members),
        Op::MatchAny { members, .. } | Op::MatchAll { members, .. } | Op::Redux { members, .. } => value(members),
        Op::LoadMatrix { .. }
        | Op::StoreMatrix { .. }
        | Op::MoveMatrix { .. }
        | Op::Mma { .. }
        | Op::Barrier { .. } => Some(u32::MAX),
        _ => None,
    }
}
