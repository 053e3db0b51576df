//! NVML: what `nvidia-smi` knows of the cards. Temperature, power and use follow from who computes on a card.
use crate::model::{Model, host, uuid_text};
use crate::shared::{self, Process};
use std::ffi::{CStr, c_char, c_int, c_uint};

const SUCCESS: c_int = 0;
const UNINITIALIZED: c_int = 1;
const INVALID_ARGUMENT: c_int = 2;
const INSUFFICIENT_SIZE: c_int = 7;
const DRIVER_NOT_LOADED: c_int = 9;

/// A card's handle is this and its number.
const HANDLES: usize = 0x4e56_0000;

fn text(to: *mut c_char, room: c_uint, text: &str) -> c_int {
    if text.len() + 1 > room as usize {
        return INSUFFICIENT_SIZE;
    }
    unsafe {
        std::ptr::copy_nonoverlapping(text.as_ptr().cast(), to, text.len());
        to.add(text.len()).write(0);
    }
    SUCCESS
}

/// A card by its handle, which says its number.
fn card(handle: usize) -> Option<(usize, &'static Model)> {
    let number = handle.checked_sub(HANDLES)?;
    host().cards.get(number).map(|model| (number, model))
}

/// Answers for a card, or that there is none such.
fn of(handle: usize, answer: impl FnOnce(usize, &Model) -> c_int) -> c_int {
    match card(handle) {
        Some((number, model)) => answer(number, model),
        None => INVALID_ARGUMENT,
    }
}

fn give<T>(to: *mut T, value: T) -> c_int {
    if to.is_null() {
        return INVALID_ARGUMENT;
    }
    unsafe { to.write(value) };
    SUCCESS
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlInit_v2() -> c_int {
    if host().present { SUCCESS } else { DRIVER_NOT_LOADED }
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlInitWithFlags(_flags: c_uint) -> c_int {
    nvmlInit_v2()
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlShutdown() -> c_int {
    SUCCESS
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlErrorString(code: c_int) -> *const c_char {
    let words: &CStr = match code {
        SUCCESS => c"Success",
        UNINITIALIZED => c"Uninitialized",
        INVALID_ARGUMENT => c"Invalid Argument",
        INSUFFICIENT_SIZE => c"Insufficient Size",
        DRIVER_NOT_LOADED => c"Driver Not Loaded",
        _ => c"Unknown Error",
    };
    words.as_ptr()
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlSystemGetDriverVersion(to: *mut c_char, room: c_uint) -> c_int {
    text(to, room, host().driver_name())
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlSystemGetCudaDriverVersion(to: *mut c_int) -> c_int {
    give(to, host().driver as c_int)
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlSystemGetCudaDriverVersion_v2(to: *mut c_int) -> c_int {
    give(to, host().driver as c_int)
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlDeviceGetCount_v2(to: *mut c_uint) -> c_int {
    match host().present {
        true => give(to, host().cards.len() as c_uint),
        false => UNINITIALIZED,
    }
}

/// By the machine's own order: `CUDA_VISIBLE_DEVICES` means nothing here.
#[unsafe(no_mangle)]
pub extern "C" fn nvmlDeviceGetHandleByIndex_v2(index: c_uint, to: *mut usize) -> c_int {
    match host().present && (index as usize) < host().cards.len() {
        true => give(to, HANDLES + index as usize),
        false => INVALID_ARGUMENT,
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlDeviceGetIndex(handle: usize, to: *mut c_uint) -> c_int {
    of(handle, |number, _| give(to, number as c_uint))
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlDeviceGetName(handle: usize, to: *mut c_char, room: c_uint) -> c_int {
    of(handle, |_, model| text(to, room, &model.name))
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlDeviceGetUUID(handle: usize, to: *mut c_char, room: c_uint) -> c_int {
    of(handle, |number, _| text(to, room, &uuid_text(number)))
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlDeviceGetCudaComputeCapability(handle: usize, major: *mut c_int, minor: *mut c_int) -> c_int {
    of(handle, |_, model| {
        give(major, (model.architecture / 10) as c_int);
        give(minor, (model.architecture % 10) as c_int)
    })
}

/// `nvmlMemory_t`
#[repr(C)]
pub struct Memory {
    total: u64,
    free: u64,
    used: u64,
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlDeviceGetMemoryInfo(handle: usize, to: *mut Memory) -> c_int {
    of(handle, |number, model| {
        let total = model.memory as u64;
        let used: u64 = shared::processes(number).iter().map(|process| process.bytes).sum();
        let free = total.saturating_sub(used);
        give(to, Memory { total, free, used })
    })
}

fn busy(card: usize) -> bool {
    shared::processes(card).iter().any(|process| process.busy)
}

/// `nvmlUtilization_t`, in percent.
#[repr(C)]
pub struct Utilization {
    gpu: c_uint,
    memory: c_uint,
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlDeviceGetUtilizationRates(handle: usize, to: *mut Utilization) -> c_int {
    of(handle, |number, _| {
        let rates = match busy(number) {
            true => Utilization { gpu: 97, memory: 61 },
            false => Utilization { gpu: 0, memory: 0 },
        };
        give(to, rates)
    })
}

/// In degrees Celsius.
#[unsafe(no_mangle)]
pub extern "C" fn nvmlDeviceGetTemperature(handle: usize, _sensor: c_int, to: *mut c_uint) -> c_int {
    of(handle, |number, _| give(to, if busy(number) { 68 } else { 34 }))
}

/// In milliwatts.
#[unsafe(no_mangle)]
pub extern "C" fn nvmlDeviceGetPowerUsage(handle: usize, to: *mut c_uint) -> c_int {
    of(handle, |number, _| {
        give(to, if busy(number) { 168_500 } else { 14_200 })
    })
}

/// In milliwatts.
#[unsafe(no_mangle)]
pub extern "C" fn nvmlDeviceGetEnforcedPowerLimit(handle: usize, to: *mut c_uint) -> c_int {
    of(handle, |_, _| give(to, 170_000))
}

/// `nvmlProcessInfo_t`
#[repr(C)]
pub struct ProcessInfo {
    pid: c_uint,
    used: u64,
    gpu_instance: c_uint,
    compute_instance: c_uint,
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlDeviceGetComputeRunningProcesses_v3(
    handle: usize,
    count: *mut c_uint,
    to: *mut ProcessInfo,
) -> c_int {
    of(handle, |number, _| {
        if count.is_null() {
            return INVALID_ARGUMENT;
        }
        let found: Vec<Process> = shared::processes(number);
        let room = unsafe { count.replace(found.len() as c_uint) } as usize;
        if room < found.len() {
            return INSUFFICIENT_SIZE;
        }
        for (i, process) in found.iter().enumerate() {
            let info = ProcessInfo {
                pid: process.id,
                used: process.bytes,
                // no part of a divided card
                gpu_instance: c_uint::MAX,
                compute_instance: c_uint::MAX,
            };
            unsafe { to.add(i).write(info) };
        }
        SUCCESS
    })
}
