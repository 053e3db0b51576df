//! cuBLAS: handles and matrix products, on matrices that lie by columns.
mod product;

use crate::device::{Device, device};
use crate::lanes::Bits;
use crate::ptx::Type;
use product::{Matrix, Product};
use std::ffi::{c_int, c_longlong, c_void};

const SUCCESS: c_int = 0;
const NOT_INITIALIZED: c_int = 1;
const INVALID_VALUE: c_int = 7;
const EXECUTION_FAILED: c_int = 13;
const INTERNAL_ERROR: c_int = 14;
const NOT_SUPPORTED: c_int = 15;

/// What is emulated: 12.8.4.
const VERSION: [c_int; 3] = [12, 8, 4];

#[unsafe(no_mangle)]
pub extern "C" fn cublasCreate_v2(to: *mut usize) -> c_int {
    let Ok(mut device) = device() else {
        return NOT_INITIALIZED;
    };
    let handle = device.handle();
    device.products.insert(handle, false);
    unsafe { to.write(handle) };
    SUCCESS
}

/// Runs a call with the device of the thread's context, which must be the handle's, and whether products may be of TF32.
fn with(handle: usize, call: impl FnOnce(&mut Device, &mut bool) -> c_int) -> c_int {
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let Ok(mut device) = device() else {
            return NOT_INITIALIZED;
        };
        let Some(mut tf32) = device.products.get(&handle).copied() else {
            return NOT_INITIALIZED;
        };
        let code = call(&mut device, &mut tf32);
        device.products.insert(handle, tf32);
        code
    }));
    outcome.unwrap_or(INTERNAL_ERROR)
}

#[unsafe(no_mangle)]
pub extern "C" fn cublasDestroy_v2(handle: usize) -> c_int {
    match device().map(|mut device| device.products.remove(&handle)) {
        Ok(Some(_)) => SUCCESS,
        _ => NOT_INITIALIZED,
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn cublasSetStream_v2(handle: usize, _stream: usize) -> c_int {
    with(handle, |_, _| SUCCESS)
}

#[unsafe(no_mangle)]
pub extern "C" fn cublasSetMathMode(handle: usize, mode: c_int) -> c_int {
    // CUBLAS_TF32_TENSOR_OP_MATH, whatever is said of reduced sums beside it
    with(handle, |_, tf32| {
        *tf32 = mode & 0xf == 3;
        SUCCESS
    })
}

/// The workspace must be memory of the device.
#[unsafe(no_mangle)]
pub extern "C" fn cublasSetWorkspace_v2(handle: usize, workspace: u64, bytes: usize) -> c_int {
    with(handle, |device, _| match device.memory.at(workspace, bytes) {
        Ok(_) => SUCCESS,
        Err(_) if bytes == 0 => SUCCESS,
        Err(_) => INVALID_VALUE,
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cublasGetVersion_v2(handle: usize, to: *mut c_int) -> c_int {
    with(handle, |_, _| {
        unsafe { to.write(VERSION[0] * 10_000 + VERSION[1] * 100 + VERSION[2]) };
        SUCCESS
    })
}

/// Of cublasLt, as one number.
#[unsafe(no_mangle)]
pub extern "C" fn cublasLtGetVersion() -> usize {
    (VERSION[0] * 10_000 + VERSION[1] * 100 + VERSION[2]) as usize
}

/// Major, minor and patch version: no handle is needed.
#[unsafe(no_mangle)]
pub extern "C" fn cublasGetProperty(kind: c_int, to: *mut c_int) -> c_int {
    match usize::try_from(kind).ok().and_then(|kind| VERSION.get(kind)) {
        Some(value) => {
            unsafe { to.write(*value) };
            SUCCESS
        }
        None => INVALID_VALUE,
    }
}

fn data_type(number: c_int) -> Option<Type> {
    match number {
        0 => Some(Type::F32),
        1 => Some(Type::F64),
        2 => Some(Type::F16),
        14 => Some(Type::Bf16),
        _ => None,
    }
}

fn transposed(operation: c_int) -> Option<bool> {
    match operation {
        0 => Some(false),
        1 | 2 => Some(true),
        _ => None,
    }
}

/// What sums are made in, and what f32 inputs are rounded to first.
#[derive(Clone, Copy, Debug)]
enum Compute {
    F16,
    F32,
    F32Fast(Type),
    /// f32 even where the handle allows less
    F32Pedantic,
    F64,
}

impl Compute {
    fn of(number: c_int) -> Option<Compute> {
        match number {
            64 | 65 => Some(Compute::F16),
            68 => Some(Compute::F32),
            69 => Some(Compute::F32Pedantic),
            74 => Some(Compute::F32Fast(Type::F16)),
            75 => Some(Compute::F32Fast(Type::Bf16)),
            77 => Some(Compute::F32Fast(Type::Tf32)),
            70 | 71 => Some(Compute::F64),
            _ => None,
        }
    }

    /// The combinations of types that cuBLAS documents for `cublasGemmEx`.
    fn takes(self, a: Type, b: Type, c: Type) -> bool {
        let same = a == b;
        match self {
            Compute::F16 => same && a == Type::F16 && c == Type::F16,
            Compute::F32 | Compute::F32Pedantic => match a {
                Type::F16 | Type::Bf16 => same && (c == a || c == Type::F32),
                Type::F32 => same && c == Type::F32,
                _ => false,
            },
            Compute::F32Fast(_) => same && a == Type::F32 && c == Type::F32,
            Compute::F64 => same && a == Type::F64 && c == Type::F64,
        }
    }

    /// The type of alpha and beta.
    fn scale(self) -> Type {
        match self {
            Compute::F16 => Type::F16,
            Compute::F64 => Type::F64,
            _ => Type::F32,
        }
    }

    fn rounds_to(self, tf32: &bool) -> Option<Type> {
        match self {
            Compute::F32Fast(ty) => Some(ty),
            Compute::F32 if *tf32 => Some(Type::Tf32),
            _ => None,
        }
    }
}

unsafe fn scalar(from: *const c_void, ty: Type) -> f64 {
    unsafe {
        match ty {
            Type::F64 => *from.cast::<f64>(),
            Type::F16 => half::f16::get(*from.cast::<u16>() as u64).to_f64(),
            _ => *from.cast::<f32>() as f64,
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn cublasGemmStridedBatchedEx(
    handle: usize,
    transposed_a: c_int,
    transposed_b: c_int,
    m: c_int,
    n: c_int,
    k: c_int,
    alpha: *const c_void,
    a: u64,
    a_type: c_int,
    lda: c_int,
    stride_a: c_longlong,
    b: u64,
    b_type: c_int,
    ldb: c_int,
    stride_b: c_longlong,
    beta: *const c_void,
    c: u64,
    c_type: c_int,
    ldc: c_int,
    stride_c: c_longlong,
    batch: c_int,
    compute: c_int,
    _algorithm: c_int,
) -> c_int {
    let types = [a_type, b_type, c_type].map(data_type);
    let ([Some(a_type), Some(b_type), Some(c_type)], Some(compute)) = (types, Compute::of(compute)) else {
        return NOT_SUPPORTED;
    };
    if !compute.takes(a_type, b_type, c_type) {
        eprintln!("cuda-emulator: no product of {a_type:?} and {b_type:?} to {c_type:?} in {compute:?}");
        return NOT_SUPPORTED;
    }
    let side = |n: c_int| usize::try_from(n).ok();
    let (Some(m), Some(n), Some(k), Some(batch)) = (side(m), side(n), side(k), side(batch)) else {
        return INVALID_VALUE;
    };
    let (Some(ta), Some(tb)) = (transposed(transposed_a), transposed(transposed_b)) else {
        return INVALID_VALUE;
    };
    let matrix = |at, ty, pitch: c_int, stride| Matrix {
        at,
        ty,
        pitch: pitch.max(0) as usize,
        stride,
    };
    with(handle, |device, tf32| {
        let product = Product {
            transposed: (ta, tb),
            size: (m, n, k),
            alpha: unsafe { scalar(alpha, compute.scale()) },
            beta: unsafe { scalar(beta, compute.scale()) },
            a: matrix(a, a_type, lda, stride_a),
            b: matrix(b, b_type, ldb, stride_b),
            c: matrix(c, c_type, ldc, stride_c),
            batch,
            rounded_to: compute.rounds_to(tf32),
        };
        product.run(device)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cublasGemmEx(
    handle: usize,
    transposed_a: c_int,
    transposed_b: c_int,
    m: c_int,
    n: c_int,
    k: c_int,
    alpha: *const c_void,
    a: u64,
    a_type: c_int,
    lda: c_int,
    b: u64,
    b_type: c_int,
    ldb: c_int,
    beta: *const c_void,
    c: u64,
    c_type: c_int,
    ldc: c_int,
    compute: c_int,
    algorithm: c_int,
) -> c_int {
    cublasGemmStridedBatchedEx(
        handle,
        transposed_a,
        transposed_b,
        m,
        n,
        k,
        alpha,
        a,
        a_type,
        lda,
        0,
        b,
        b_type,
        ldb,
        0,
        beta,
        c,
        c_type,
        ldc,
        0,
        1,
        compute,
        algorithm,
    )
}
