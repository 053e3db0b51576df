//! Streams and events. A stream is a name: everything happens at once.
use super::{accepted, call, put, since, with};
use crate::fault::{Code, Fault};
use std::ffi::{c_int, c_uint};
use std::time::Instant;

accepted! {
    cuStreamWaitEvent(stream: usize, event: usize, flags: c_uint);
    cuEventQuery(event: usize);
    cuStreamQuery(stream: usize);
}

#[unsafe(no_mangle)]
pub extern "C" fn cuStreamSynchronize(_stream: usize) -> c_int {
    with(|device| {
        device.synchronized();
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuEventSynchronize(_event: usize) -> c_int {
    with(|device| {
        device.synchronized();
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuStreamCreate(to: *mut usize, _flags: c_uint) -> c_int {
    with(|device| {
        let handle = device.handle();
        device.streams.insert(handle, ());
        put(to, handle);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuStreamCreateWithPriority(to: *mut usize, flags: c_uint, _priority: c_int) -> c_int {
    cuStreamCreate(to, flags)
}

#[unsafe(no_mangle)]
pub extern "C" fn cuStreamDestroy_v2(stream: usize) -> c_int {
    with(|device| {
        device
            .streams
            .remove(&stream)
            .ok_or(Fault::new(Code::InvalidHandle, "no such stream"))
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuStreamIsCapturing(_stream: usize, to: *mut c_int) -> c_int {
    put(to, 0);
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn cuEventCreate(to: *mut usize, _flags: c_uint) -> c_int {
    with(|device| {
        let handle = device.handle();
        device.events.insert(handle, None);
        put(to, handle);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuEventRecord(event: usize, _stream: usize) -> c_int {
    with(|device| match device.events.get_mut(&event) {
        Some(time) => {
            *time = Some(Instant::now());
            Ok(())
        }
        None => Err(Fault::new(Code::InvalidHandle, "no such event")),
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuEventElapsedTime(milliseconds: *mut f32, start: usize, end: usize) -> c_int {
    with(|device| match (device.events.get(&start), device.events.get(&end)) {
        (Some(Some(start)), Some(Some(end))) => {
            put(milliseconds, end.duration_since(*start).as_secs_f32() * 1e3);
            Ok(())
        }
        _ => Err(Fault::new(Code::InvalidHandle, "an event that was not recorded")),
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuEventElapsedTime_v2(milliseconds: *mut f32, start: usize, end: usize) -> c_int {
    match call(|| since(12080, "cuEventElapsedTime_v2")) {
        0 => cuEventElapsedTime(milliseconds, start, end),
        refused => refused,
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn cuEventDestroy_v2(event: usize) -> c_int {
    with(|device| {
        device
            .events
            .remove(&event)
            .map(|_| ())
            .ok_or(Fault::new(Code::InvalidHandle, "no such event"))
    })
}
