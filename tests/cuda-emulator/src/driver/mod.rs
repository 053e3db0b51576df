//! The driver API: the `cu…` functions that cudarc loads.
mod device;
mod memory;
mod module;
mod stream;

use crate::device::{Device, device};
use crate::fault::{Checked, Code, Fault};
use std::cell::RefCell;
use std::ffi::{CString, c_char, c_int, c_uint};

thread_local! {
    /// The last fault of this thread, in words: what `cuGetErrorString` says for its code.
    static LAST: RefCell<Option<(i32, CString)>> = const { RefCell::new(None) };
}

fn answer(outcome: Checked<()>) -> c_int {
    let Err(fault) = outcome else {
        return Code::Success as c_int;
    };
    let text = CString::new(fault.message.replace('\0', " ")).unwrap_or_default();
    LAST.with(|last| *last.borrow_mut() = Some((fault.code as i32, text)));
    fault.code as c_int
}

/// Runs a call with the device; a panic of the emulator must not unwind into the caller.
fn with(call: impl FnOnce(&mut Device) -> Checked<()>) -> c_int {
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| call(&mut device())));
    answer(outcome.unwrap_or_else(|_| Err(Fault::new(Code::LaunchFailed, "the emulator itself failed"))))
}

fn put<T>(to: *mut T, value: T) {
    if !to.is_null() {
        unsafe { to.write(value) }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn cuInit(_flags: c_uint) -> c_int {
    with(|device| match device.model.present {
        true => Ok(()),
        false => Err(Fault::new(
            Code::NoDevice,
            "the emulated device is off: CUDA_EMULATOR=1 turns it on",
        )),
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDriverGetVersion(version: *mut c_int) -> c_int {
    with(|device| {
        put(version, device.model.driver as c_int);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGetErrorString(code: c_int, text: *mut *const c_char) -> c_int {
    let found = LAST.with(|last| match &*last.borrow() {
        // leaked: the caller keeps it as long as it likes
        Some((known, words)) if *known == code => words.clone().into_raw() as *const c_char,
        _ => c"no more is known".as_ptr(),
    });
    put(text, found);
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGetErrorName(_code: c_int, text: *mut *const c_char) -> c_int {
    put(text, c"CUDA_ERROR".as_ptr());
    0
}

/// For tests: allocations that nobody has freed.
#[unsafe(no_mangle)]
pub extern "C" fn cuda_emulator_live_allocations() -> usize {
    device().memory.live()
}

/// For tests: thread instructions of all launches so far.
#[unsafe(no_mangle)]
pub extern "C" fn cuda_emulator_instructions() -> u64 {
    device().instructions
}

/// Calls that change nothing here.
macro_rules! accepted {
    ($($name:ident($($argument:ident: $t:ty),*);)*) => {$(
        #[unsafe(no_mangle)]
        pub extern "C" fn $name($($argument: $t),*) -> c_int {
            $(let _ = $argument;)*
            0
        }
    )*};
}
use accepted;
