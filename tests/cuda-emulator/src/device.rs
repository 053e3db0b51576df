//! The one device: what it claims to be, its memory, its modules, its streams. Everything happens at once and in order of
//! the calls; a stream is a name only.
use crate::fault::{Checked, Code, Fault};
use crate::lower::{Symbols, lower};
use crate::machine::{self, Launch, Options};
use crate::memory::Memory;
use crate::op::Kernel;
use crate::ptx::{self, Space};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};
use std::time::Instant;

/// What the device claims to be. The environment sets it before the first call.
pub struct Model {
    /// Otherwise a machine without a device is what programs see.
    pub present: bool,
    /// Compute capability times ten.
    pub architecture: u32,
    /// As `cuDriverGetVersion` says it: 13000 for CUDA 13.0.
    pub driver: u32,
    pub memory: usize,
    pub log: bool,
    pub options: Options,
}

impl Model {
    fn from_environment() -> Model {
        let number =
            |name: &str, default: u64| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default);
        Model {
            present: number("CUDA_EMULATOR", 0) != 0,
            architecture: number("CUDA_EMULATOR_ARCH", 80) as u32,
            driver: number("CUDA_EMULATOR_DRIVER", 13000) as u32,
            memory: number("CUDA_EMULATOR_MEMORY_MIB", 8192) as usize * (1 << 20),
            log: number("CUDA_EMULATOR_LOG", 0) != 0,
            options: Options {
                races: number("CUDA_EMULATOR_RACES", 1) != 0,
                uninitialized: number("CUDA_EMULATOR_UNINITIALIZED", 1) != 0,
                seed: number("CUDA_EMULATOR_SEED", 0),
                patience: number("CUDA_EMULATOR_PATIENCE", Options::default().patience),
                traffic: number("CUDA_EMULATOR_LOG", 0) > 1,
                ..Options::default()
            },
        }
    }

    /// Shared memory that a block may have when it asks for it.
    pub fn shared_opt_in(&self) -> usize {
        1024 * match self.architecture {
            70 => 96,
            75 => 64,
            80 | 87 => 163,
            86 | 89 | 120 | 121 => 99,
            90 | 100 | 103 => 227,
            _ => 48,
        }
    }

    /// The newest PTX that the driver reads, times ten.
    fn ptx_version(&self) -> u32 {
        match self.driver {
            ..11080 => 70,
            11080..12000 => 78,
            12000..12010 => 80,
            12010..12020 => 81,
            12020..12030 => 82,
            12030..12040 => 83,
            12040..12050 => 84,
            12050..12080 => 85,
            12080..12090 => 87,
            12090..13000 => 88,
            13000..13010 => 90,
            _ => 91,
        }
    }
}

pub struct LoadedModule {
    tree: ptx::Module,
    symbols: Symbols,
    sizes: HashMap<String, usize>,
    functions: HashMap<String, Arc<LoadedFunction>>,
}

pub struct LoadedFunction {
    pub kernel: Kernel,
    /// `CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES`
    pub dynamic_limit: Mutex<usize>,
}

pub struct Device {
    pub model: Model,
    pub memory: Memory,
    modules: HashMap<usize, LoadedModule>,
    functions: HashMap<usize, Arc<LoadedFunction>>,
    pub events: HashMap<usize, Option<Instant>>,
    pub streams: HashMap<usize, ()>,
    next: usize,
    launches: u16,
    pub instructions: u64,
}

static DEVICE: LazyLock<Mutex<Device>> = LazyLock::new(|| {
    Mutex::new(Device {
        model: Model::from_environment(),
        memory: Memory::default(),
        modules: HashMap::new(),
        functions: HashMap::new(),
        events: HashMap::new(),
        streams: HashMap::new(),
        next: 0x1000,
        launches: 0,
        instructions: 0,
    })
});

pub fn device() -> MutexGuard<'static, Device> {
    DEVICE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl Device {
    pub fn handle(&mut self) -> usize {
        self.next += 16;
        self.next
    }

    pub fn allocate(&mut self, size: usize) -> Checked<u64> {
        if size == 0 {
            return Err(Fault::new(Code::InvalidValue, "an allocation of 0 bytes"));
        }
        if self.memory.in_use + size > self.model.memory {
            let what = format!(
                "{size} bytes asked for, {} of {} are in use",
                self.memory.in_use, self.model.memory
            );
            return Err(Fault::new(Code::OutOfMemory, what));
        }
        Ok(self.memory.allocate(size, None))
    }

    pub fn load_module(&mut self, text: &str) -> Checked<usize> {
        let tree = ptx::parse(text).map_err(|what| Fault::new(Code::InvalidPtx, what))?;
        if tree.version > self.model.ptx_version() {
            let what = format!(
                "PTX {}.{} is newer than what a driver for CUDA {} reads",
                tree.version / 10,
                tree.version % 10,
                self.model.driver
            );
            return Err(Fault::new(Code::UnsupportedPtxVersion, what));
        }
        if tree.target > self.model.architecture {
            let what = format!("PTX for sm_{} on a device of {}", tree.target, self.model.architecture);
            return Err(Fault::new(Code::NoBinaryForGpu, what));
        }
        let mut symbols = Symbols::new();
        let mut sizes = HashMap::new();
        for variable in tree
            .variables
            .iter()
            .filter(|v| v.space != Space::Shared && !v.name.is_empty())
        {
            let address = self.memory.allocate(variable.bytes.max(1), Some(variable.name.clone()));
            if let Some(initial) = &variable.initial {
                let mut bytes = initial.clone();
                bytes.resize(variable.bytes.max(1), 0);
                self.memory.write(address, &bytes)?;
            }
            symbols.insert(variable.name.clone(), address);
            sizes.insert(variable.name.clone(), variable.bytes);
        }
        for variable in &tree.variables {
            for (at, name, addend) in &variable.relocations {
                let target = symbols.get(name).copied().unwrap_or(0).wrapping_add_signed(*addend);
                self.memory
                    .write(symbols[&variable.name] + *at as u64, &target.to_le_bytes())?;
            }
        }
        let handle = self.handle();
        self.modules.insert(
            handle,
            LoadedModule {
                tree,
                symbols,
                sizes,
                functions: HashMap::new(),
            },
        );
        Ok(handle)
    }

    pub fn unload_module(&mut self, handle: usize) -> Checked<()> {
        self.modules
            .remove(&handle)
            .map(|_| ())
            .ok_or(Fault::new(Code::InvalidHandle, "no such module"))
    }

    pub fn function(&mut self, module: usize, name: &str) -> Checked<usize> {
        let loaded = self
            .modules
            .get_mut(&module)
            .ok_or(Fault::new(Code::InvalidHandle, "no such module"))?;
        if let Some(function) = loaded.functions.get(name) {
            return Ok(Arc::as_ptr(function) as usize);
        }
        let Some(tree) = loaded.tree.functions.iter().find(|f| f.kernel && f.name == name) else {
            return Err(Fault::new(Code::NotFound, format!("no kernel {name} in the module")));
        };
        let kernel = lower(&loaded.tree, tree, &loaded.symbols).map_err(|what| Fault::new(Code::InvalidPtx, what))?;
        let function = Arc::new(LoadedFunction {
            kernel,
            dynamic_limit: Mutex::new(48 << 10),
        });
        let handle = Arc::as_ptr(&function) as usize;
        loaded.functions.insert(name.to_string(), function.clone());
        self.functions.insert(handle, function);
        Ok(handle)
    }

    pub fn find_function(&self, handle: usize) -> Checked<Arc<LoadedFunction>> {
        self.functions
            .get(&handle)
            .cloned()
            .ok_or(Fault::new(Code::InvalidHandle, "no such function"))
    }

    pub fn global(&self, module: usize, name: &str) -> Checked<(u64, usize)> {
        let loaded = self
            .modules
            .get(&module)
            .ok_or(Fault::new(Code::InvalidHandle, "no such module"))?;
        match loaded.symbols.get(name) {
            Some(address) => Ok((*address, loaded.sizes[name])),
            None => Err(Fault::new(Code::NotFound, format!("no variable {name} in the module"))),
        }
    }

    /// The checks that the driver makes, then the kernel.
    pub fn launch(
        &mut self,
        function: &LoadedFunction,
        grid: [u32; 3],
        block: [u32; 3],
        dynamic_shared: usize,
        parameters: Vec<u8>,
    ) -> Checked<()> {
        let kernel = &function.kernel;
        let refuse = |code, what: String| Err(Fault::new(code, format!("launch of {}: {what}", kernel.name)));
        let threads: u64 = block.iter().map(|n| *n as u64).product();
        if grid.contains(&0) || block.contains(&0) {
            return refuse(Code::InvalidValue, format!("grid {grid:?}, block {block:?} has a zero"));
        }
        if grid[0] > i32::MAX as u32 || grid[1] > 65535 || grid[2] > 65535 || block[2] > 64 || threads > 1024 {
            return refuse(
                Code::InvalidValue,
                format!("grid {grid:?}, block {block:?} is more than a device takes"),
            );
        }
        if kernel.max_threads.is_some_and(|most| threads > most as u64) {
            return refuse(
                Code::LaunchOutOfResources,
                format!("{threads} threads, built for {:?}", kernel.max_threads),
            );
        }
        let limit = *function.dynamic_limit.lock().expect("a limit");
        if dynamic_shared > limit || dynamic_shared + kernel.shared_bytes > limit.max(48 << 10) {
            let what = format!(
                "{dynamic_shared} bytes of dynamic and {} of static shared memory; {limit} were allowed",
                kernel.shared_bytes
            );
            return refuse(Code::InvalidValue, what);
        }
        self.launches = self.launches.wrapping_add(1).max(1);
        let launch = Launch {
            grid,
            block,
            dynamic_shared,
            parameters,
            number: self.launches,
        };
        let start = Instant::now();
        let outcome = machine::run(kernel, &launch, &self.model.options, &mut self.memory);
        self.instructions += outcome.executed;
        if self.model.log {
            eprintln!(
                "cuda-emulator: {} {grid:?} x {block:?}: {} thread instructions, {:.1} M/s{}",
                kernel.name,
                outcome.executed,
                outcome.executed as f64 / start.elapsed().as_secs_f64() / 1e6,
                outcome.traffic.words()
            );
        }
        if let Err(fault) = &outcome.result {
            eprintln!("cuda-emulator: {}", fault.message);
        }
        outcome.result
    }
}
