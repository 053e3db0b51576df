//! Runs a kernel: blocks one after another, warps of a block in turns, the lanes of a warp together where they agree.
mod barrier;
mod warp;

use crate::fault::{Checked, Fault};
use crate::lanes::{Lanes, WARP, lanes_of};
use crate::memory::{Memory, Region};
use crate::op::{Kernel, LaneMask, Logic, Special};
use crate::traffic::Traffic;
use std::collections::{HashMap, VecDeque};

/// What a launch is asked to do.
pub struct Launch {
    pub grid: [u32; 3],
    pub block: [u32; 3],
    pub dynamic_shared: usize,
    pub parameters: Vec<u8>,
    /// Counts launches.
    pub number: u16,
}

#[derive(Debug, Clone, Copy)]
pub struct Options {
    pub races: bool,
    /// Accesses to allocations larger than this aren't looked at for races.
    pub race_limit: usize,
    /// Reading bytes that nobody wrote is a fault.
    pub uninitialized: bool,
    /// Other than zero: the order of blocks and warps, shuffled.
    pub seed: u64,
    /// Thread instructions until a launch is given up.
    pub patience: u64,
    /// Counts sectors and banks.
    pub traffic: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            races: true,
            race_limit: 1 << 20,
            uninitialized: true,
            seed: 0,
            patience: 2_000_000_000,
            traffic: false,
        }
    }
}

/// Lanes at one step.
#[derive(Debug, Clone, Copy)]
struct Group {
    at: usize,
    mask: u32,
    /// Ran long while others waited: these go first.
    tired: bool,
}

impl Group {
    fn new(at: usize, mask: u32) -> Group {
        Group { at, mask, tired: false }
    }
}

pub struct Pending {
    pub to: u64,
    pub bytes: Vec<u8>,
}

#[derive(Default)]
pub struct Copies {
    pub open: Vec<Pending>,
    pub groups: VecDeque<Vec<Pending>>,
}

pub struct Warp {
    pub index: usize,
    pub registers: Vec<Lanes>,
    pub flags: Vec<u32>,
    pub carry: u32,
    live: u32,
    runnable: Vec<Group>,
    /// Lanes that wait for other lanes of the warp.
    held: Vec<Group>,
    /// Lanes that wait at a barrier of the block.
    waiting: Option<Group>,
    pub epoch: u16,
    pub copies: Vec<Copies>,
}

#[derive(Default)]
struct Barrier {
    arrived: u32,
    /// `None`: all threads of the block.
    expected: Option<u32>,
    warps: Vec<usize>,
    /// Of `bar.red`: how many gave true.
    votes: u32,
}

pub struct Machine<'a> {
    pub kernel: &'a Kernel,
    pub launch: &'a Launch,
    pub options: &'a Options,
    pub memory: &'a mut Memory,
    pub shared: Region,
    pub dynamic: Region,
    pub locals: Vec<Region>,
    block: [u32; 3],
    pub block_number: u32,
    pub block_epoch: u16,
    barriers: HashMap<u32, Barrier>,
    live_threads: u32,
    /// The step being executed.
    pub at: usize,
    /// Plain reads beside other threads' atomics, by reader and address. An atomic of the reader on the same address
    /// shows that it was the start of a compare-and-swap loop; what is left at the end are races.
    pub suspects: HashMap<(u32, u16, u64), Fault>,
    /// Thread instructions so far.
    pub executed: u64,
    pub traffic: Traffic,
}

pub struct Outcome {
    /// The first fault, in words.
    pub result: Checked<()>,
    /// Thread instructions.
    pub executed: u64,
    pub traffic: Traffic,
}

/// Runs the whole grid.
pub fn run(kernel: &Kernel, launch: &Launch, options: &Options, memory: &mut Memory) -> Outcome {
    let mut machine = Machine {
        kernel,
        launch,
        options,
        memory,
        shared: Region::default(),
        dynamic: Region::default(),
        locals: Vec::new(),
        block: [0; 3],
        block_number: 0,
        block_epoch: 0,
        barriers: HashMap::new(),
        live_threads: 0,
        at: 0,
        suspects: HashMap::new(),
        executed: 0,
        traffic: Traffic::default(),
    };
    let [x, y, z] = launch.grid;
    let mut order: Vec<u32> = (0..x * y * z).collect();
    if options.seed != 0 {
        shuffle(&mut order, options.seed);
    }
    let count = machine.block_threads() as usize;
    let mut warps: Vec<Warp> = (0..count.div_ceil(WARP)).map(|index| machine.new_warp(index)).collect();
    for number in order {
        machine.block = [number % x, number / x % y, number / x / y];
        machine.block_number = number;
        if let Err(fault) = machine.run_block(&mut warps) {
            return Outcome {
                result: Err(fault),
                executed: machine.executed,
                traffic: machine.traffic,
            };
        }
    }
    // the same one in every run
    let suspect = machine.suspects.drain().min_by_key(|(place, _)| *place);
    let result = suspect.map_or(Ok(()), |(_, fault)| Err(fault));
    Outcome {
        result,
        executed: machine.executed,
        traffic: machine.traffic,
    }
}

fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed;
    for i in (1..items.len()).rev() {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        items.swap(i, (state >> 33) as usize % (i + 1));
    }
}

impl Machine<'_> {
    pub fn block_threads(&self) -> u32 {
        self.launch.block.iter().product()
    }

    fn run_block(&mut self, warps: &mut [Warp]) -> Checked<()> {
        let threads = self.block_threads();
        self.shared = Region::new(self.kernel.shared_bytes);
        self.dynamic = Region::new(self.launch.dynamic_shared);
        self.barriers.clear();
        self.block_epoch = 0;
        self.live_threads = threads;
        if self.kernel.local_bytes > 0 {
            self.locals = (0..threads).map(|_| Region::new(self.kernel.local_bytes)).collect();
        }
        let mut order: Vec<usize> = (0..warps.len()).collect();
        if self.options.seed != 0 {
            shuffle(&mut order, self.options.seed ^ self.block_number as u64);
        }
        for warp in warps.iter_mut() {
            self.restart(warp);
        }
        loop {
            let mut moved = false;
            for index in &order {
                let warp = &mut warps[*index];
                if warp.live != 0 && warp.waiting.is_none() {
                    self.turn(warp)?;
                    moved = true;
                }
            }
            moved |= self.release(warps);
            if warps.iter().all(|warp| warp.live == 0) {
                return Ok(());
            }
            if !moved {
                return Err(self.deadlock(warps));
            }
        }
    }

    fn new_warp(&self, index: usize) -> Warp {
        let mut registers = vec![[0; WARP]; self.kernel.slots];
        for (slot, value) in &self.kernel.constants {
            registers[*slot as usize] = [*value; WARP];
        }
        let [width, height, _] = self.launch.block;
        for (slot, special) in &self.kernel.specials {
            let lanes = &mut registers[*slot as usize];
            for (lane, value) in lanes.iter_mut().enumerate() {
                let thread = (index * WARP + lane) as u32;
                let position = [thread % width, thread / width % height, thread / width / height];
                let bit = 1u64 << lane;
                *value = match special {
                    Special::Thread(axis) => position[*axis as usize] as u64,
                    Special::Threads(axis) => self.launch.block[*axis as usize] as u64,
                    Special::Blocks(axis) => self.launch.grid[*axis as usize] as u64,
                    Special::Lane => lane as u64,
                    Special::Warp => index as u64,
                    Special::Warps => (self.block_threads() as u64).div_ceil(WARP as u64),
                    Special::LaneMask(LaneMask::Eq) => bit,
                    Special::LaneMask(LaneMask::Lt) => bit - 1,
                    Special::LaneMask(LaneMask::Le) => bit | (bit - 1),
                    Special::LaneMask(LaneMask::Gt) => !(bit | (bit - 1)) & 0xffff_ffff,
                    Special::LaneMask(LaneMask::Ge) => !(bit - 1) & 0xffff_ffff,
                    Special::DynamicShared => self.launch.dynamic_shared as u64,
                    Special::TotalShared => (self.launch.dynamic_shared + self.kernel.shared_bytes) as u64,
                    // set by `restart`
                    Special::Block(_) | Special::Zero => 0,
                };
            }
        }
        Warp {
            index,
            registers,
            flags: vec![0; self.kernel.flags],
            carry: 0,
            live: 0,
            runnable: Vec::new(),
            held: Vec::new(),
            waiting: None,
            epoch: 0,
            copies: (0..WARP).map(|_| Copies::default()).collect(),
        }
    }

    /// Makes a warp ready for the next block; its registers keep what was in them, as on the device.
    fn restart(&self, warp: &mut Warp) {
        for (slot, special) in &self.kernel.specials {
            if let Special::Block(axis) = special {
                warp.registers[*slot as usize] = [self.block[*axis as usize] as u64; WARP];
            }
        }
        let count = (self.block_threads() as usize - warp.index * WARP).min(WARP);
        warp.live = if count == WARP { u32::MAX } else { (1 << count) - 1 };
        warp.runnable = vec![Group::new(0, warp.live)];
        warp.held.clear();
        warp.waiting = None;
        warp.epoch = 0;
        for copies in &mut warp.copies {
            copies.open.clear();
            copies.groups.clear();
        }
    }

    pub fn position(&self, thread: u32) -> [u32; 3] {
        let [x, y, _] = self.launch.block;
        [thread % x, thread / x % y, thread / x / y]
    }
}

pub fn set_flag(flag: &mut u32, value: u32, mask: u32) {
    *flag = (*flag & !mask) | (value & mask);
}

pub fn merge(register: &mut Lanes, value: &Lanes, mask: u32) {
    if mask == u32::MAX {
        *register = *value;
        return;
    }
    for lane in lanes_of(mask) {
        register[lane] = value[lane];
    }
}

pub fn logic(how: Logic, a: u32, b: u32) -> u32 {
    match how {
        Logic::And => a & b,
        Logic::Or => a | b,
        Logic::Xor => a ^ b,
    }
}
