//! What tests ask the emulator itself: its counters, in the process or in a file that is left when the process ends.
use crate::device::{count, device_at};
use crate::model::host;
use crate::shared;
use std::ffi::{CString, c_char, c_int};
use std::sync::Once;

/// The counters of a device, as JSON; the caller keeps the text. Null: there is no such device.
#[unsafe(no_mangle)]
pub extern "C" fn cuda_emulator_report(ordinal: usize) -> *mut c_char {
    match device_at(ordinal) {
        Ok(device) => CString::new(device.report()).unwrap_or_default().into_raw(),
        Err(_) => std::ptr::null_mut(),
    }
}

/// Counts anew, from what is allocated now.
#[unsafe(no_mangle)]
pub extern "C" fn cuda_emulator_reset(ordinal: usize) {
    if let Ok(mut device) = device_at(ordinal) {
        device.counters = Default::default();
        device.memory.pool.high = device.memory.pool.used;
    }
}

/// Allocations that nobody has freed.
#[unsafe(no_mangle)]
pub extern "C" fn cuda_emulator_live_allocations(ordinal: usize) -> usize {
    device_at(ordinal).map_or(0, |device| device.memory.live())
}

unsafe extern "C" {
    fn atexit(call: extern "C" fn()) -> c_int;
}

extern "C" fn ended() {
    // what fails here has nobody left to be told
    let _ = std::panic::catch_unwind(|| {
        for ordinal in 0..count() {
            if let Ok(device) = device_at(ordinal) {
                shared::leave(device.card);
            }
        }
        write();
    });
}

/// Once: leaves the report behind when the process ends.
pub fn at_exit() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        unsafe { atexit(ended) };
    });
}

/// Writes the file that `CUDA_EMULATOR_REPORT` names, `{pid}` in it replaced by the process's number: a list with an entry per
/// device.
pub fn write() {
    let Some(path) = &host().report else { return };
    let path = path.replace("{pid}", &std::process::id().to_string());
    let devices: Vec<String> = (0..count())
        .filter_map(|ordinal| device_at(ordinal).ok().map(|device| device.report()))
        .collect();
    if let Err(error) = std::fs::write(&path, format!("[{}]\n", devices.join(",\n"))) {
        eprintln!("cuda-emulator: {path}: {error}");
    }
}
