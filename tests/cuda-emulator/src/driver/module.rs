//! Modules, kernels and launches.
use super::{accepted, put, with};
use crate::fault::{Code, Fault};
use std::ffi::{CStr, c_char, c_int, c_uint, c_void};

accepted! {
    cuFuncSetCacheConfig(function: usize, config: c_int);
}

#[unsafe(no_mangle)]
pub extern "C" fn cuModuleLoadData(to: *mut usize, image: *const c_char) -> c_int {
    with(|device| {
        let image = unsafe { CStr::from_ptr(image) };
        let text = image.to_str().map_err(|_| {
            Fault::new(
                Code::InvalidPtx,
                "the image is no PTX text: the emulator runs no machine code",
            )
        })?;
        put(to, device.load_module(text)?);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuModuleLoadDataEx(
    to: *mut usize,
    image: *const c_char,
    _count: c_uint,
    _options: *mut c_int,
    _values: *mut *mut c_void,
) -> c_int {
    cuModuleLoadData(to, image)
}

#[unsafe(no_mangle)]
pub extern "C" fn cuModuleLoad(to: *mut usize, path: *const c_char) -> c_int {
    with(|device| {
        let path = unsafe { CStr::from_ptr(path) }.to_string_lossy();
        let text =
            std::fs::read_to_string(&*path).map_err(|error| Fault::new(Code::NotFound, format!("{path}: {error}")))?;
        put(to, device.load_module(&text)?);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuModuleUnload(module: usize) -> c_int {
    with(|device| device.unload_module(module))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuModuleGetFunction(to: *mut usize, module: usize, name: *const c_char) -> c_int {
    with(|device| {
        let name = unsafe { CStr::from_ptr(name) }.to_string_lossy();
        put(to, device.function(module, &name)?);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuModuleGetGlobal_v2(to: *mut u64, bytes: *mut usize, module: usize, name: *const c_char) -> c_int {
    with(|device| {
        let name = unsafe { CStr::from_ptr(name) }.to_string_lossy();
        let (address, size) = device.global(module, &name)?;
        put(to, address);
        put(bytes, size);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuFuncGetAttribute(to: *mut c_int, attribute: c_int, function: usize) -> c_int {
    with(|device| {
        let function = device.find_function(function)?;
        // numbers of CUfunction_attribute
        let value = match attribute {
            0 => function.kernel.max_threads.unwrap_or(1024) as c_int,
            1 => function.kernel.shared_bytes as c_int,
            3 => function.kernel.local_bytes as c_int,
            4 => 32,
            8 => *function.dynamic_limit.lock().expect("a limit") as c_int,
            _ => 0,
        };
        put(to, value);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuFuncSetAttribute(function: usize, attribute: c_int, value: c_int) -> c_int {
    with(|device| {
        let function = device.find_function(function)?;
        if attribute == 8 {
            let most = device
                .model
                .shared_opt_in()
                .saturating_sub(function.kernel.shared_bytes);
            if value as usize > most {
                return Err(Fault::new(
                    Code::InvalidValue,
                    format!("{value} bytes of dynamic shared memory asked for, the device has {most}"),
                ));
            }
            *function.dynamic_limit.lock().expect("a limit") = value as usize;
        }
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
    to: *mut c_int,
    function: usize,
    threads: c_int,
    dynamic: usize,
    _flags: c_uint,
) -> c_int {
    with(|device| {
        let function = device.find_function(function)?;
        let by_threads = device.model.threads_per_multiprocessor() as usize / threads.max(1) as usize;
        // a block takes 1 KiB more than it asks for
        let by_shared = device.model.shared_per_multiprocessor() / (function.kernel.shared_bytes + dynamic + 1024);
        put(to, by_threads.min(by_shared).min(32) as c_int);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuLaunchKernel(
    function: usize,
    grid_x: c_uint,
    grid_y: c_uint,
    grid_z: c_uint,
    block_x: c_uint,
    block_y: c_uint,
    block_z: c_uint,
    shared: c_uint,
    _stream: usize,
    parameters: *mut *mut c_void,
    _extra: *mut *mut c_void,
) -> c_int {
    with(|device| {
        let function = device.find_function(function)?;
        let mut bytes = vec![0; function.kernel.parameter_bytes];
        for (i, (offset, size)) in function.kernel.parameters.iter().enumerate() {
            unsafe {
                let from = *parameters.add(i);
                std::ptr::copy_nonoverlapping(from.cast::<u8>(), bytes.as_mut_ptr().add(*offset), *size);
            }
        }
        device.launch(
            &function,
            [grid_x, grid_y, grid_z],
            [block_x, block_y, block_z],
            shared as usize,
            bytes,
        )
    })
}
