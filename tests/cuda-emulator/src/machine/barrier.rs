//! Barriers of the block, and what is said of threads that never meet at one.
use super::{Group, Machine, Warp, merge, set_flag};
use crate::fault::{Code, Fault};
use crate::lanes::WARP;
use crate::op::{Flag, Op, Vote};

impl Machine<'_> {
    pub(super) fn arrive(&mut self, warp: &mut Warp, op: &Op, at: usize, mask: u32) {
        let Op::Barrier {
            id,
            count,
            arrive_only,
            reduce,
            popc,
        } = op
        else {
            unreachable!("a barrier")
        };
        let lane = mask.trailing_zeros() as usize;
        let id = warp.registers[*id as usize][lane] as u32;
        let votes = |flag: Flag, negated: bool| {
            (mask
                & if negated {
                    !warp.flags[flag as usize]
                } else {
                    warp.flags[flag as usize]
                })
            .count_ones()
        };
        let yes = match (reduce, popc) {
            (Some((_, flag, negated, _)), _) => votes(*flag, *negated),
            (None, Some((flag, negated, _))) => votes(*flag, *negated),
            _ => 0,
        };
        let barrier = self.barriers.entry(id).or_default();
        barrier.arrived += mask.count_ones();
        barrier.votes += yes;
        barrier.expected = count.map(|count| warp.registers[count as usize][lane] as u32);
        if *arrive_only {
            warp.runnable.push(Group::new(at + 1, mask));
        } else {
            barrier.warps.push(warp.index);
            warp.waiting = Some(Group::new(at, mask));
        }
    }

    /// Lets go of the barriers that all have reached.
    pub(super) fn release(&mut self, warps: &mut [Warp]) -> bool {
        let mut released = false;
        let live = self.live_threads;
        let full: Vec<u32> = self
            .barriers
            .iter()
            .filter(|(_, b)| b.arrived > 0 && b.arrived >= b.expected.unwrap_or(live))
            .map(|(id, _)| *id)
            .collect();
        for id in full {
            let barrier = self.barriers.remove(&id).expect("a barrier");
            self.block_epoch += 1;
            for index in barrier.warps {
                let warp = &mut warps[index];
                let group = warp.waiting.take().expect("a waiting warp");
                if let Op::Barrier { reduce, popc, .. } = &self.kernel.steps[group.at].op {
                    if let Some((how, _, _, d)) = reduce {
                        let yes = if *how == Vote::All {
                            barrier.votes == barrier.arrived
                        } else {
                            barrier.votes > 0
                        };
                        set_flag(&mut warp.flags[*d as usize], if yes { u32::MAX } else { 0 }, group.mask);
                    }
                    if let Some((_, _, d)) = popc {
                        merge(
                            &mut warp.registers[*d as usize],
                            &[barrier.votes as u64; WARP],
                            group.mask,
                        );
                    }
                }
                warp.runnable.push(Group::new(group.at + 1, group.mask));
            }
            released = true;
        }
        released
    }

    pub(super) fn deadlock(&self, warps: &[Warp]) -> Fault {
        let mut places: Vec<String> = Vec::new();
        for warp in warps {
            if let Some(group) = warp.waiting {
                places.push(format!(
                    "warp {} at {}",
                    warp.index,
                    self.kernel.place(&self.kernel.steps[group.at])
                ));
            }
        }
        let what = format!(
            "threads wait at different barriers, or for more threads than there are: {}",
            places.join(", ")
        );
        Fault::new(
            Code::LaunchFailed,
            format!("kernel {}, block {:?}: {what}", self.kernel.name, self.block),
        )
    }

    pub(super) fn split_warp(&self, warp: &Warp) -> Fault {
        let places: Vec<String> = warp
            .held
            .iter()
            .map(|group| {
                format!(
                    "lanes {:#010x} at {} ({})",
                    group.mask,
                    self.kernel.place(&self.kernel.steps[group.at]),
                    name_of(&self.kernel.steps[group.at].op)
                )
            })
            .collect();
        let what = format!(
            "lanes of warp {} wait for each other at different places: {}",
            warp.index,
            places.join(", ")
        );
        Fault::new(
            Code::LaunchFailed,
            format!("kernel {}, block {:?}: {what}", self.kernel.name, self.block),
        )
    }

    /// Adds kernel, block, thread and line to a fault.
    pub fn locate(&self, warp: &Warp, at: usize, fault: Fault) -> Fault {
        let thread = (warp.index * WARP + fault.lane) as u32;
        let step = &self.kernel.steps[at];
        let message = format!(
            "kernel {}, block {:?}, thread {:?}, {}: {}",
            self.kernel.name,
            self.block,
            self.position(thread),
            self.kernel.place(step),
            fault.message
        );
        Fault { message, ..fault }
    }
}

fn name_of(op: &Op) -> &'static str {
    match op {
        Op::Barrier { .. } => "a barrier of the block",
        Op::WarpBarrier { .. } => "bar.warp.sync",
        Op::Shuffle { .. } => "shfl.sync",
        Op::Vote { .. } => "vote.sync",
        Op::Mma { .. } => "mma.sync",
        Op::LoadMatrix { .. } => "ldmatrix",
        _ => "a warp instruction",
    }
}
