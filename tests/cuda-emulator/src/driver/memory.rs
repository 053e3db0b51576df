//! Device memory: allocations, pools, copies.
use super::{accepted, put, with};
use crate::fault::{Code, Fault};
use std::ffi::{c_int, c_uint, c_void};

accepted! {
    cuMemPoolSetAttribute(pool: usize, attribute: c_int, value: *const c_void);
    cuMemPoolTrimTo(pool: usize, keep: usize);
    cuDeviceSetMemPool(device: c_int, pool: usize);
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDeviceGetDefaultMemPool(to: *mut usize, _device: c_int) -> c_int {
    put(to, 0x20);
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDeviceGetMemPool(to: *mut usize, _device: c_int) -> c_int {
    put(to, 0x20);
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemPoolGetAttribute(_pool: usize, _attribute: c_int, to: *mut u64) -> c_int {
    with(|device| {
        put(to, device.memory.in_use as u64);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemAlloc_v2(to: *mut u64, bytes: usize) -> c_int {
    with(|device| {
        put(to, device.allocate(bytes)?);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemAllocAsync(to: *mut u64, bytes: usize, _stream: usize) -> c_int {
    cuMemAlloc_v2(to, bytes)
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemAllocFromPoolAsync(to: *mut u64, bytes: usize, _pool: usize, _stream: usize) -> c_int {
    cuMemAlloc_v2(to, bytes)
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemFree_v2(address: u64) -> c_int {
    with(|device| {
        if address == 0 {
            Ok(())
        } else {
            device.memory.free(address)
        }
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemFreeAsync(address: u64, _stream: usize) -> c_int {
    cuMemFree_v2(address)
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemHostAlloc(to: *mut *mut c_void, bytes: usize, _flags: c_uint) -> c_int {
    // the size is kept before the memory, for the free
    let memory = vec![0u64; bytes.div_ceil(8) + 2].into_boxed_slice();
    let memory = Box::into_raw(memory) as *mut u64;
    unsafe { memory.write((bytes.div_ceil(8) + 2) as u64) };
    put(to, unsafe { memory.add(2) }.cast());
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemFreeHost(memory: *mut c_void) -> c_int {
    unsafe {
        let start = memory.cast::<u64>().sub(2);
        drop(Box::from_raw(std::ptr::slice_from_raw_parts_mut(
            start,
            *start as usize,
        )));
    }
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemGetInfo_v2(free: *mut usize, total: *mut usize) -> c_int {
    with(|device| {
        put(free, device.model.memory - device.memory.in_use);
        put(total, device.model.memory);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyHtoD_v2(to: u64, from: *const u8, bytes: usize) -> c_int {
    with(|device| {
        device
            .memory
            .write(to, unsafe { std::slice::from_raw_parts(from, bytes) })
            .map_err(|fault| copying("host to device", bytes, fault))
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyHtoDAsync_v2(to: u64, from: *const u8, bytes: usize, _stream: usize) -> c_int {
    cuMemcpyHtoD_v2(to, from, bytes)
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyDtoH_v2(to: *mut u8, from: u64, bytes: usize) -> c_int {
    with(|device| {
        let place = device.memory.describe(from);
        let checked = device.model.options.uninitialized;
        let (read, known) = device
            .memory
            .read(from, bytes)
            .map_err(|fault| copying("device to host", bytes, fault))?;
        unsafe { std::ptr::copy_nonoverlapping(read.as_ptr(), to, bytes) };
        if checked && !known {
            let what = format!("copy of {bytes} bytes to the host, of which some have never been written: {place}");
            eprintln!("cuda-emulator: {what}");
            return Err(Fault::new(Code::IllegalAddress, what));
        }
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyDtoHAsync_v2(to: *mut u8, from: u64, bytes: usize, _stream: usize) -> c_int {
    cuMemcpyDtoH_v2(to, from, bytes)
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyDtoD_v2(to: u64, from: u64, bytes: usize) -> c_int {
    with(|device| {
        device
            .memory
            .copy(to, from, bytes)
            .map_err(|fault| copying("device to device", bytes, fault))
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyDtoDAsync_v2(to: u64, from: u64, bytes: usize, _stream: usize) -> c_int {
    cuMemcpyDtoD_v2(to, from, bytes)
}

fn copying(way: &str, bytes: usize, fault: Fault) -> Fault {
    let message = format!("copy of {bytes} bytes, {way}: {}", fault.message);
    eprintln!("cuda-emulator: {message}");
    Fault {
        message,
        code: Code::InvalidValue,
        ..fault
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemsetD8_v2(to: u64, value: u8, count: usize) -> c_int {
    with(|device| {
        device
            .memory
            .write(to, &vec![value; count])
            .map_err(|fault| copying("memset", count, fault))
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemsetD8Async(to: u64, value: u8, count: usize, _stream: usize) -> c_int {
    cuMemsetD8_v2(to, value, count)
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemsetD32_v2(to: u64, value: u32, count: usize) -> c_int {
    with(|device| {
        device
            .memory
            .write(to, &value.to_le_bytes().repeat(count))
            .map_err(|fault| copying("memset", count, fault))
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemsetD32Async(to: u64, value: u32, count: usize, _stream: usize) -> c_int {
    cuMemsetD32_v2(to, value, count)
}
