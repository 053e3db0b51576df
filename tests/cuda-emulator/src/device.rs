//! A device of the process: its memory, its modules, its streams. Everything happens at once and in order of the calls; a
//! stream is a name only.
use crate::counters::Counters;
use crate::fault::{Checked, Code, Fault};
use crate::lower::{Symbols, lower};
use crate::machine::{self, Launch};
use crate::memory::{Memory, Owner};
use crate::model::{Model, host};
use crate::op::Kernel;
use crate::ptx::{self, Space};
use crate::shared;
use std::cell::Cell;
use std::collections::HashMap;
use std::fmt::Display;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};
use std::time::Instant;

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
    /// Its number on the machine, whatever the process sees.
    pub card: usize,
    pub model: &'static Model,
    pub memory: Memory,
    modules: HashMap<usize, LoadedModule>,
    functions: HashMap<usize, Arc<LoadedFunction>>,
    pub events: HashMap<usize, Option<Instant>>,
    pub streams: HashMap<usize, ()>,
    /// cuBLAS's handles, and whether products of f32 may be of TF32.
    pub products: HashMap<usize, bool>,
    next: usize,
    launches: u16,
    pub counters: Counters,
    /// Bytes that other processes were told of.
    told: usize,
}

/// The cards that this process sees, in its order.
static DEVICES: LazyLock<Vec<Mutex<Device>>> = LazyLock::new(|| {
    let cards = host().visible.iter();
    cards
        .map(|card| Mutex::new(Device::new(*card, &host().cards[*card])))
        .collect()
});

thread_local! {
    /// The number, in the process's order, of the device whose context is the thread's.
    static CURRENT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Device `ordinal`, in the process's order.
pub fn device_at(ordinal: usize) -> Checked<MutexGuard<'static, Device>> {
    let Some(device) = DEVICES.get(ordinal).filter(|_| host().present) else {
        let count = if host().present { DEVICES.len() } else { 0 };
        return Err(Fault::new(Code::InvalidDevice, format!("device {ordinal} of {count}")));
    };
    Ok(device.lock().unwrap_or_else(|poisoned| poisoned.into_inner()))
}

/// The device whose context is the thread's.
pub fn device() -> Checked<MutexGuard<'static, Device>> {
    let missing = || Fault::new(Code::InvalidContext, "no context is current on this thread");
    device_at(current().ok_or_else(missing)?)
}

pub fn current() -> Option<usize> {
    CURRENT.get()
}

pub fn set_current(ordinal: Option<usize>) {
    CURRENT.set(ordinal);
}

/// How many devices this process sees.
pub fn count() -> usize {
    if host().present { DEVICES.len() } else { 0 }
}

impl Device {
    fn new(card: usize, model: &'static Model) -> Device {
        Device {
            card,
            model,
            memory: Memory::new(card, model.memory),
            modules: HashMap::new(),
            functions: HashMap::new(),
            events: HashMap::new(),
            streams: HashMap::new(),
            products: HashMap::new(),
            // so that one card's handles are not another's
            next: (card + 1) << 40,
            launches: 0,
            counters: Counters::default(),
            told: 0,
        }
    }

    /// Tells other processes how much memory this one uses, where that has changed by much.
    fn tell(&mut self) {
        let used = self.memory.reserved();
        if used.abs_diff(self.told) >= 1 << 16 {
            self.tell_now();
        }
    }

    pub fn tell_now(&mut self) {
        self.told = self.memory.reserved();
        shared::say(self.card, self.told);
    }

    /// What the host waits for has happened; the pool gives back what it need not keep.
    pub fn synchronized(&mut self) {
        self.counters.synchronizations += 1;
        self.memory.pool.trim();
        self.tell();
    }

    pub fn report(&self) -> String {
        self.counters.json(self.memory.pool.high, self.memory.pool.used)
    }

    pub fn handle(&mut self) -> usize {
        self.next += 16;
        self.next
    }

    /// Memory for a program: of the pool, which keeps what is freed, or of its own.
    pub fn allocate(&mut self, size: usize, pooled: bool) -> Checked<u64> {
        if size == 0 {
            return Err(Fault::new(Code::InvalidValue, "an allocation of 0 bytes"));
        }
        let others = shared::used_by_others(self.card) as usize;
        if self.memory.in_use + size + others > self.model.memory {
            let what = format!(
                "{size} bytes asked for, {} of {} are in use{}",
                self.memory.in_use,
                self.model.memory,
                if others > 0 {
                    format!(", {others} by other processes")
                } else {
                    String::new()
                }
            );
            return Err(Fault::new(Code::OutOfMemory, what));
        }
        self.counters.allocations.add(size);
        let address = self
            .memory
            .allocate(size, if pooled { Owner::Pool } else { Owner::Program });
        self.tell();
        Ok(address)
    }

    pub fn free(&mut self, address: u64) -> Checked<()> {
        self.memory.free(address)?;
        self.tell();
        Ok(())
    }

    /// Free and whole memory, in bytes.
    pub fn room(&self) -> (usize, usize) {
        let used = self.memory.reserved() + shared::used_by_others(self.card) as usize;
        (self.model.memory.saturating_sub(used), self.model.memory)
    }

    pub fn load_module(&mut self, text: &str) -> Checked<usize> {
        let refused = |what| Fault::new(Code::InvalidPtx, what);
        let mut tree = ptx::parse(text).map_err(refused)?;
        if let Some(fresh) = fresh(&tree)? {
            tree = ptx::parse(&fresh).map_err(refused)?;
        }
        if tree.version > host().ptx_version() {
            let what = format!(
                "PTX {}.{} is newer than what a driver for CUDA {} reads",
                tree.version / 10,
                tree.version % 10,
                host().driver
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
            let address = self
                .memory
                .allocate(variable.bytes.max(1), Owner::Variable(variable.name.clone()));
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
        let outcome = machine::run(kernel, &launch, &host().options, &mut self.memory);
        let counted = self.counters.kernels.entry(kernel.name.clone()).or_default();
        counted.launches += 1;
        counted.instructions += outcome.executed;
        counted.traffic.add(outcome.traffic);
        if host().log {
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

/// The PTX that is to be taken in place of a module, from the folder that `CUDA_EMULATOR_PTX` names: the one that has the
/// module's first kernel. It is named after the source, or begins with that name where several files include one source
/// (`norm.ptx`, `norm_f16.ptx`).
fn fresh(tree: &ptx::Module) -> Checked<Option<String>> {
    let Some(folder) = &host().fresh_ptx else {
        return Ok(None);
    };
    let source = |name: &str| Some(name.rsplit('/').next()?.strip_suffix(".cu")?.to_string());
    let kernel = tree.functions.iter().find(|function| function.kernel);
    let (Some(source), Some(kernel)) = (tree.files.iter().find_map(|(_, name)| source(name)), kernel) else {
        return Ok(None);
    };
    let unread = |path: &Path, error: &dyn Display| {
        Fault::new(
            Code::NotFound,
            format!("CUDA_EMULATOR_PTX: {}: {error}", path.display()),
        )
    };
    let folder = Path::new(folder);
    let head = format!(".entry {}(", kernel.name);
    for file in std::fs::read_dir(folder).map_err(|error| unread(folder, &error))? {
        let path = file.map_err(|error| unread(folder, &error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !name.starts_with(&source) || !name.ends_with(".ptx") {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(|error| unread(&path, &error))?;
        if text.contains(&head) {
            return Ok(Some(text));
        }
    }
    Err(unread(
        folder,
        &format_args!("no file of {source} with the kernel {}", kernel.name),
    ))
}
