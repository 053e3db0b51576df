//! Device memory: allocations, the asynchronous pool, copies.
use super::{put, with, with_device};
use crate::device::{Device, current};
use crate::fault::{Checked, Code, Fault};
use crate::model::host;
use std::ffi::{c_int, c_uint, c_void};

/// A device's only pool is named by this and the device's number.
const POOL: usize = 0x20;

#[unsafe(no_mangle)]
pub extern "C" fn cuDeviceGetDefaultMemPool(to: *mut usize, device: c_int) -> c_int {
    with_device(device, |_| {
        put(to, POOL + device as usize);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDeviceGetMemPool(to: *mut usize, device: c_int) -> c_int {
    cuDeviceGetDefaultMemPool(to, device)
}

/// Runs a call with the device whose pool it is.
fn with_pool(pool: usize, what: impl FnOnce(&mut Device) -> Checked<()>) -> c_int {
    let ordinal = pool.checked_sub(POOL).and_then(|ordinal| c_int::try_from(ordinal).ok());
    with_device(ordinal.unwrap_or(-1), what)
}

// numbers of CUmemPool_attribute
const RELEASE_THRESHOLD: c_int = 4;
const RESERVED: c_int = 5;
const RESERVED_HIGH: c_int = 6;
const USED: c_int = 7;
const USED_HIGH: c_int = 8;

#[unsafe(no_mangle)]
pub extern "C" fn cuMemPoolGetAttribute(pool: usize, attribute: c_int, to: *mut c_void) -> c_int {
    with_pool(pool, |device| {
        let pool = &device.memory.pool;
        let value = match attribute {
            // how freed memory is used again: all ways are allowed
            1..=3 => {
                put(to.cast::<c_int>(), 1);
                return Ok(());
            }
            RELEASE_THRESHOLD => pool.release_threshold,
            RESERVED => pool.reserved as u64,
            RESERVED_HIGH => pool.reserved_high as u64,
            USED => pool.used as u64,
            USED_HIGH => pool.high as u64,
            _ => return Err(unknown(attribute)),
        };
        put(to.cast::<u64>(), value);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemPoolSetAttribute(pool: usize, attribute: c_int, value: *const c_void) -> c_int {
    with_pool(pool, |device| {
        let pool = &mut device.memory.pool;
        match attribute {
            1..=3 => {}
            RELEASE_THRESHOLD => pool.release_threshold = unsafe { *value.cast::<u64>() },
            // a high-water mark can only be begun anew
            RESERVED_HIGH if unsafe { *value.cast::<u64>() } == 0 => pool.reserved_high = pool.reserved,
            USED_HIGH if unsafe { *value.cast::<u64>() } == 0 => pool.high = pool.used,
            _ => return Err(unknown(attribute)),
        }
        Ok(())
    })
}

fn unknown(attribute: c_int) -> Fault {
    Fault::new(Code::InvalidValue, format!("attribute {attribute} of a memory pool"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemPoolTrimTo(pool: usize, keep: usize) -> c_int {
    with_pool(pool, |device| {
        device.memory.pool.trim_to(keep as u64);
        device.tell_now();
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemAlloc_v2(to: *mut u64, bytes: usize) -> c_int {
    with(|device| {
        put(to, device.allocate(bytes, false)?);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemAllocAsync(to: *mut u64, bytes: usize, _stream: usize) -> c_int {
    with(|device| {
        put(to, device.allocate(bytes, true)?);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemAllocFromPoolAsync(to: *mut u64, bytes: usize, pool: usize, stream: usize) -> c_int {
    if current().map(|ordinal| POOL + ordinal) != Some(pool) {
        return with(|_| Err(Fault::new(Code::InvalidValue, "a pool of another device")));
    }
    cuMemAllocAsync(to, bytes, stream)
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemFree_v2(address: u64) -> c_int {
    with(|device| match address {
        0 => Ok(()),
        _ => device.free(address),
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
        let (room, whole) = device.room();
        put(free, room);
        put(total, whole);
        Ok(())
    })
}

fn to_device(device: &mut Device, to: u64, from: *const u8, bytes: usize) -> Checked<()> {
    device.counters.to_device.add(bytes);
    let from = unsafe { std::slice::from_raw_parts(from, bytes) };
    let written = device.memory.write(to, from);
    written.map_err(|fault| copying("host to device", bytes, fault))
}

fn to_host(device: &mut Device, to: *mut u8, from: u64, bytes: usize) -> Checked<()> {
    device.counters.to_host.add(bytes);
    let place = device.memory.describe(from);
    let read = device.memory.read(from, bytes);
    let (read, known) = read.map_err(|fault| copying("device to host", bytes, fault))?;
    unsafe { std::ptr::copy_nonoverlapping(read.as_ptr(), to, bytes) };
    if host().options.uninitialized && !known {
        let what = format!("copy of {bytes} bytes to the host, of which some have never been written: {place}");
        eprintln!("cuda-emulator: {what}");
        return Err(Fault::new(Code::IllegalAddress, what));
    }
    Ok(())
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyHtoD_v2(to: u64, from: *const u8, bytes: usize) -> c_int {
    with(|device| {
        device.synchronized();
        to_device(device, to, from, bytes)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyHtoDAsync_v2(to: u64, from: *const u8, bytes: usize, _stream: usize) -> c_int {
    with(|device| to_device(device, to, from, bytes))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyDtoH_v2(to: *mut u8, from: u64, bytes: usize) -> c_int {
    with(|device| {
        device.synchronized();
        to_host(device, to, from, bytes)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyDtoHAsync_v2(to: *mut u8, from: u64, bytes: usize, _stream: usize) -> c_int {
    with(|device| to_host(device, to, from, bytes))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyDtoD_v2(to: u64, from: u64, bytes: usize) -> c_int {
    with(|device| {
        device.counters.on_device.add(bytes);
        let copied = device.memory.copy(to, from, bytes);
        copied.map_err(|fault| copying("device to device", bytes, fault))
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

fn fill(to: u64, bytes: &[u8]) -> c_int {
    with(|device| {
        device.counters.memsets.add(bytes.len());
        let written = device.memory.write(to, bytes);
        written.map_err(|fault| copying("memset", bytes.len(), fault))
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemsetD8_v2(to: u64, value: u8, count: usize) -> c_int {
    fill(to, &vec![value; count])
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemsetD8Async(to: u64, value: u8, count: usize, _stream: usize) -> c_int {
    cuMemsetD8_v2(to, value, count)
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemsetD32_v2(to: u64, value: u32, count: usize) -> c_int {
    fill(to, &value.to_le_bytes().repeat(count))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemsetD32Async(to: u64, value: u32, count: usize, _stream: usize) -> c_int {
    cuMemsetD32_v2(to, value, count)
}
