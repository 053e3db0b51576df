//! The driver API: the `cu…` functions that cudarc loads.
mod device;
mod memory;
mod module;
mod report;
mod stream;

use crate::device::{Device, count, device, device_at};
use crate::fault::{Checked, Code, Fault};
use crate::model::host;
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

/// Runs a call; a panic of the emulator must not unwind into the caller.
fn call(call: impl FnOnce() -> Checked<()>) -> c_int {
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(call));
    answer(outcome.unwrap_or_else(|_| Err(Fault::new(Code::LaunchFailed, "the emulator itself failed"))))
}

/// Runs a call with the device whose context is the thread's.
fn with(what: impl FnOnce(&mut Device) -> Checked<()>) -> c_int {
    call(|| what(&mut *device()?))
}

/// Runs a call with a device by its number.
fn with_device(ordinal: c_int, what: impl FnOnce(&mut Device) -> Checked<()>) -> c_int {
    call(|| what(&mut *device_at(usize::try_from(ordinal).unwrap_or(usize::MAX))?))
}

/// A function that came with a later driver than the one emulated: a program that asks for it does not start there.
fn since(driver: u32, name: &str) -> Checked<()> {
    if host().driver >= driver {
        return Ok(());
    }
    let what = format!(
        "{name} came with CUDA {}.{}: this driver lacks it",
        driver / 1000,
        driver % 1000 / 10
    );
    eprintln!("cuda-emulator: {what}");
    Err(Fault::new(Code::NotSupported, what))
}

fn put<T>(to: *mut T, value: T) {
    if !to.is_null() {
        unsafe { to.write(value) }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn cuInit(_flags: c_uint) -> c_int {
    call(|| match count() {
        0 if host().present => Err(Fault::new(Code::NoDevice, "CUDA_VISIBLE_DEVICES shows no device")),
        0 => Err(Fault::new(
            Code::NoDevice,
            "the emulated device is off: CUDA_EMULATOR=1 turns it on",
        )),
        _ => {
            report::at_exit();
            Ok(())
        }
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDriverGetVersion(version: *mut c_int) -> c_int {
    put(version, host().driver as c_int);
    0
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
