//! Devices and contexts.
use super::{accepted, put, with};
use crate::fault::{Code, Fault};
use std::ffi::{c_char, c_int, c_uint};

accepted! {
    cuDevicePrimaryCtxRelease_v2(device: c_int);
    cuCtxSetCurrent(context: usize);
    cuCtxSetFlags(flags: c_uint);
    cuCtxSynchronize();
    cuCtxSetLimit(limit: c_int, value: usize);
    cuCtxSetCacheConfig(config: c_int);
}

const CONTEXT: usize = 0x10;

#[unsafe(no_mangle)]
pub extern "C" fn cuDeviceGet(to: *mut c_int, ordinal: c_int) -> c_int {
    with(|_| match ordinal {
        0 => {
            put(to, 0);
            Ok(())
        }
        _ => Err(Fault::new(Code::InvalidDevice, format!("device {ordinal} of 1"))),
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDeviceGetCount(to: *mut c_int) -> c_int {
    with(|device| {
        put(to, device.model.present as c_int);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDeviceGetName(to: *mut c_char, length: c_int, _device: c_int) -> c_int {
    let name = c"Emulated GPU".to_bytes_with_nul();
    let count = name.len().min(length.max(0) as usize);
    unsafe { std::ptr::copy_nonoverlapping(name.as_ptr().cast(), to, count) };
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDeviceTotalMem_v2(to: *mut usize, _device: c_int) -> c_int {
    with(|device| {
        put(to, device.model.memory);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDeviceGetUuid_v2(to: *mut [u8; 16], _device: c_int) -> c_int {
    put(to, *b"emulated gpu 000");
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDeviceGetAttribute(to: *mut c_int, attribute: c_int, _device: c_int) -> c_int {
    with(|device| {
        let model = &device.model;
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
            16 => 4,
            36 => 1_000_000,
            37 => 256,
            38 => 4 << 20,
            39 => 2048,
            40 | 41 | 115 => 1,
            75 => (model.architecture / 10) as c_int,
            76 => (model.architecture % 10) as c_int,
            81 => (model.shared_opt_in() + 1024) as c_int,
            97 => model.shared_opt_in() as c_int,
            _ => 0,
        };
        put(to, value);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDevicePrimaryCtxRetain(to: *mut usize, _device: c_int) -> c_int {
    put(to, CONTEXT);
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCtxGetCurrent(to: *mut usize) -> c_int {
    put(to, CONTEXT);
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCtxGetStreamPriorityRange(least: *mut c_int, greatest: *mut c_int) -> c_int {
    put(least, 0);
    put(greatest, 0);
    0
}
