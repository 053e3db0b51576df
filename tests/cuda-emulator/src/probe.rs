//! What a test asks the emulator that its own process has opened: this crate as it is linked into a test is another copy, which
//! has seen nothing.
use std::ffi::{CStr, CString, c_char, c_int, c_void};

unsafe extern "C" {
    fn dlopen(file: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

/// A function of the opened emulator; none where the driver that is found is a real one.
fn exported(name: &CStr) -> Option<*mut c_void> {
    const NOW: c_int = 2;
    let library = unsafe { dlopen(c"libcuda.so".as_ptr(), NOW) };
    if library.is_null() {
        return None;
    }
    let found = unsafe { dlsym(library, name.as_ptr()) };
    (!found.is_null()).then_some(found)
}

/// The counters of a device of this process, as JSON.
pub fn report(device: usize) -> Option<String> {
    let call = exported(c"cuda_emulator_report")?;
    let call = unsafe { std::mem::transmute::<*mut c_void, extern "C" fn(usize) -> *mut c_char>(call) };
    let text = call(device);
    (!text.is_null()).then(|| unsafe { CString::from_raw(text) }.to_string_lossy().into_owned())
}

/// Counts anew, the pool's high-water mark included.
pub fn reset(device: usize) {
    if let Some(call) = exported(c"cuda_emulator_reset") {
        let call = unsafe { std::mem::transmute::<*mut c_void, extern "C" fn(usize)>(call) };
        call(device);
    }
}

/// Allocations that nobody has freed.
pub fn live_allocations(device: usize) -> Option<usize> {
    let call = exported(c"cuda_emulator_live_allocations")?;
    let call = unsafe { std::mem::transmute::<*mut c_void, extern "C" fn(usize) -> usize>(call) };
    Some(call(device))
}
