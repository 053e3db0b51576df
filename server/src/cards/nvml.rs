//! NVML, NVIDIA's management library: what its cards are doing now. Opened at run time; a machine without it has no cards.
//!
//! A table of our own of the few functions asked: the driver brings the library, and its functions of these names stay.

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use protocol::cuda::CardUse;
use std::ffi::{CStr, c_char, c_int, c_uint, c_void};

/// Where the driver lays it; the last is WSL's.
const NAMES: [&str; 3] = [
    "libnvidia-ml.so.1",
    "libnvidia-ml.so",
    "/usr/lib/wsl/lib/libnvidia-ml.so.1",
];

type Device = *mut c_void;

/// `nvmlMemory_t`, in bytes.
#[repr(C)]
#[derive(Default)]
struct Memory {
    total: u64,
    free: u64,
    used: u64,
}

/// `nvmlUtilization_t`, in percent.
#[repr(C)]
#[derive(Default)]
struct Utilization {
    gpu: c_uint,
    memory: c_uint,
}

/// The types are those of NVIDIA's documentation of NVML; 0 is success.
struct Calls {
    init: unsafe extern "C" fn() -> c_int,
    count: unsafe extern "C" fn(*mut c_uint) -> c_int,
    device: unsafe extern "C" fn(c_uint, *mut Device) -> c_int,
    name: unsafe extern "C" fn(Device, *mut c_char, c_uint) -> c_int,
    uuid: unsafe extern "C" fn(Device, *mut c_char, c_uint) -> c_int,
    memory: unsafe extern "C" fn(Device, *mut Memory) -> c_int,
    utilization: unsafe extern "C" fn(Device, *mut Utilization) -> c_int,
    temperature: unsafe extern "C" fn(Device, c_uint, *mut c_uint) -> c_int,
    power: unsafe extern "C" fn(Device, *mut c_uint) -> c_int,
    power_limit: unsafe extern "C" fn(Device, *mut c_uint) -> c_int,
}

/// NVML, open for as long as this lives.
pub struct Nvml {
    calls: Calls,
    _library: Library,
}

impl Nvml {
    /// `None`: it is not there, or does not start, as without a driver at work.
    pub fn open() -> Option<Self> {
        // SAFETY: opening it runs its own start, as for every program that asks it
        let open = |name| unsafe { Library::open(Some(name), RTLD_NOW | RTLD_LOCAL).ok() };
        let library = NAMES.into_iter().find_map(open)?;
        let calls = Calls::of(&library).ok()?;
        // SAFETY: it takes nothing
        let started = unsafe { (calls.init)() };
        (started == 0).then_some(Self {
            calls,
            _library: library,
        })
    }

    /// Each card as it is now; one that does not answer is left out.
    pub fn cards(&self) -> Vec<CardUse> {
        let mut count = 0;
        // SAFETY: it writes the number
        match unsafe { (self.calls.count)(&mut count) } {
            0 => (0..count).filter_map(|index| self.calls.card(index)).collect(),
            _ => vec![],
        }
    }
}

impl Calls {
    fn of(library: &Library) -> Result<Self, libloading::Error> {
        // SAFETY: each name has the type that its field says; `Nvml` keeps the library open beside the pointers
        unsafe {
            Ok(Self {
                init: *library.get("nvmlInit_v2")?,
                count: *library.get("nvmlDeviceGetCount_v2")?,
                device: *library.get("nvmlDeviceGetHandleByIndex_v2")?,
                name: *library.get("nvmlDeviceGetName")?,
                uuid: *library.get("nvmlDeviceGetUUID")?,
                memory: *library.get("nvmlDeviceGetMemoryInfo")?,
                utilization: *library.get("nvmlDeviceGetUtilizationRates")?,
                temperature: *library.get("nvmlDeviceGetTemperature")?,
                power: *library.get("nvmlDeviceGetPowerUsage")?,
                power_limit: *library.get("nvmlDeviceGetEnforcedPowerLimit")?,
            })
        }
    }

    fn card(&self, index: c_uint) -> Option<CardUse> {
        const CORE: c_uint = 0;
        let mut device: Device = std::ptr::null_mut();
        let mut memory = Memory::default();
        // SAFETY: each writes what it is given room for
        unsafe {
            if (self.device)(index, &mut device) != 0 || (self.memory)(device, &mut memory) != 0 {
                return None;
            }
        }
        let number = |call: &dyn Fn(*mut c_uint) -> c_int| {
            let mut value = 0;
            // what a card does not tell (laptops: power) is left out
            (call(&mut value) == 0).then_some(value)
        };
        let mut utilization = Utilization::default();
        // SAFETY: as above; the handle is NVML's own
        let answered = unsafe { (self.utilization)(device, &mut utilization) } == 0;
        Some(CardUse {
            name: text(|to, capacity| {
                // SAFETY: it writes at most `capacity` bytes, the ending 0 among them
                unsafe { (self.name)(device, to, capacity) }
            })?,
            uuid: text(|to, capacity| {
                // SAFETY: as for the name
                unsafe { (self.uuid)(device, to, capacity) }
            })?,
            memory_used: memory.used,
            memory_total: memory.total,
            utilization: answered.then_some(utilization.gpu),
            // SAFETY: each writes one number
            temperature: number(&|to| unsafe { (self.temperature)(device, CORE, to) }),
            // SAFETY: as above
            milliwatts: number(&|to| unsafe { (self.power)(device, to) }),
            // SAFETY: as above
            milliwatts_most: number(&|to| unsafe { (self.power_limit)(device, to) }),
            run: None,
        })
    }
}

/// What a call writes as a C string.
fn text(call: impl FnOnce(*mut c_char, c_uint) -> c_int) -> Option<String> {
    let mut buffer: [c_char; 128] = [0; 128];
    let answered = call(buffer.as_mut_ptr(), buffer.len() as c_uint - 1) == 0;
    answered.then(|| {
        // SAFETY: the last byte is still 0, so the text ends
        unsafe { CStr::from_ptr(buffer.as_ptr()) }
            .to_string_lossy()
            .into_owned()
    })
}
