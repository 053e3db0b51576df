//! Devices and contexts. A context's handle is its device's number and a constant.
use super::{accepted, call, put, report, since, with, with_device};
use crate::device::{count, current, set_current};
use crate::fault::{Code, Fault};
use crate::model::uuid;
use std::ffi::{c_char, c_int, c_uint};

accepted! {
    cuCtxSetFlags(flags: c_uint);
    cuCtxSetLimit(limit: c_int, value: usize);
    cuCtxSetCacheConfig(config: c_int);
}

const CONTEXT: usize = 0x10;

#[unsafe(no_mangle)]
pub extern "C" fn cuDeviceGet(to: *mut c_int, ordinal: c_int) -> c_int {
    with_device(ordinal, |_| {
        put(to, ordinal);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDeviceGetCount(to: *mut c_int) -> c_int {
    put(to, count() as c_int);
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDeviceGetName(to: *mut c_char, length: c_int, device: c_int) -> c_int {
    with_device(device, |device| {
        let room = (length.max(1) - 1) as usize;
        let name = device.model.name.as_bytes();
        let count = name.len().min(room);
        unsafe {
            std::ptr::copy_nonoverlapping(name.as_ptr().cast(), to, count);
            to.add(count).write(0);
        }
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDeviceTotalMem_v2(to: *mut usize, device: c_int) -> c_int {
    with_device(device, |device| {
        put(to, device.model.memory);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDeviceGetUuid_v2(to: *mut [u8; 16], device: c_int) -> c_int {
    with_device(device, |device| {
        put(to, uuid(device.card));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDeviceGetAttribute(to: *mut c_int, attribute: c_int, device: c_int) -> c_int {
    with_device(device, |device| {
        let model = device.model;
        // numbers of CUdevice_attribute
        let value = match attribute {
            1..=3 => 1024,
            4 => 64,
            5 => i32::MAX,
            6 | 7 => 65535,
            8 => 48 << 10,
            9 => 64 << 10,
            10 => 32,
            12 | 82 => 65536,
            16 => model.multiprocessors() as c_int,
            36 => 1_000_000,
            37 => 256,
            38 => 4 << 20,
            39 => model.threads_per_multiprocessor() as c_int,
            40 | 41 | 115 => 1,
            75 => (model.architecture / 10) as c_int,
            76 => (model.architecture % 10) as c_int,
            81 => model.shared_per_multiprocessor() as c_int,
            97 => model.shared_opt_in() as c_int,
            _ => 0,
        };
        put(to, value);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDevicePrimaryCtxRetain(to: *mut usize, device: c_int) -> c_int {
    with_device(device, |found| {
        put(to, CONTEXT + device as usize);
        found.tell_now();
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDevicePrimaryCtxRelease_v2(_device: c_int) -> c_int {
    report::write();
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCtxSetCurrent(context: usize) -> c_int {
    call(|| match context.checked_sub(CONTEXT) {
        Some(ordinal) if ordinal < count() => {
            set_current(Some(ordinal));
            Ok(())
        }
        None if context == 0 => {
            set_current(None);
            Ok(())
        }
        _ => Err(Fault::new(Code::InvalidContext, "no such context")),
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCtxGetCurrent(to: *mut usize) -> c_int {
    put(to, current().map_or(0, |ordinal| CONTEXT + ordinal));
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCtxGetDevice(to: *mut c_int) -> c_int {
    with(|_| {
        put(to, current().unwrap_or_default() as c_int);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCtxSynchronize() -> c_int {
    with(|device| {
        device.synchronized();
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCtxSynchronize_v2(_context: usize) -> c_int {
    match call(|| since(13000, "cuCtxSynchronize_v2")) {
        0 => cuCtxSynchronize(),
        refused => refused,
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCtxGetStreamPriorityRange(least: *mut c_int, greatest: *mut c_int) -> c_int {
    put(least, 0);
    put(greatest, 0);
    0
}
