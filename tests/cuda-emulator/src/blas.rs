//! cuBLAS: handles and matrix products, on matrices that lie by columns. Sums are rounded once, devices round a little worse.
use crate::device::{Device, device};
use crate::fault::Checked;
use crate::float::{self, Rounding};
use crate::lanes::Bits;
use crate::ptx::Type;
use std::ffi::{c_int, c_longlong, c_void};

const INVALID_VALUE: c_int = 7;
const EXECUTION_FAILED: c_int = 13;
const NOT_SUPPORTED: c_int = 15;

#[unsafe(no_mangle)]
pub extern "C" fn cublasCreate_v2(to: *mut usize) -> c_int {
    let handle = device().handle();
    unsafe { to.write(handle) };
    0
}

macro_rules! accepted {
    ($($name:ident($($argument:ident: $t:ty),*);)*) => {$(
        #[unsafe(no_mangle)]
        pub extern "C" fn $name($($argument: $t),*) -> c_int {
            $(let _ = $argument;)*
            0
        }
    )*};
}
accepted! {
    cublasDestroy_v2(handle: usize);
    cublasSetStream_v2(handle: usize, stream: usize);
    cublasSetMathMode(handle: usize, mode: c_int);
    cublasSetWorkspace_v2(handle: usize, workspace: u64, bytes: usize);
}

#[derive(Clone, Copy)]
struct Matrix {
    at: u64,
    ty: Type,
    /// Between columns.
    pitch: usize,
    /// Between matrices of the batch.
    stride: i64,
}

impl Matrix {
    /// Matrix `batch` of the batch, which lies in `rows` x `columns`, as f64 by columns.
    fn read(&self, device: &mut Device, batch: usize, rows: usize, columns: usize) -> Checked<Vec<f64>> {
        let mut out = Vec::with_capacity(rows * columns);
        for column in 0..columns {
            let (bytes, known) = device.memory.read(self.place(batch, column), rows * self.ty.bytes())?;
            if !known {
                let what = "a product reads elements that nobody has written";
                return Err(crate::fault::Fault::new(crate::fault::Code::IllegalAddress, what));
            }
            out.extend(bytes.chunks_exact(self.ty.bytes()).map(|chunk| {
                let mut bits = [0; 8];
                bits[..chunk.len()].copy_from_slice(chunk);
                float::to_f64(u64::from_le_bytes(bits), self.ty)
            }));
        }
        Ok(out)
    }

    fn place(&self, batch: usize, column: usize) -> u64 {
        let element = batch as i64 * self.stride + (column * self.pitch) as i64;
        self.at.wrapping_add_signed(element * self.ty.bytes() as i64)
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

/// What the inputs are rounded to first, and the type of alpha and beta.
fn compute_type(number: c_int) -> Option<(Option<Type>, Type)> {
    match number {
        64 | 65 => Some((None, Type::F16)),
        68 | 69 => Some((None, Type::F32)),
        74 => Some((Some(Type::F16), Type::F32)),
        75 => Some((Some(Type::Bf16), Type::F32)),
        77 => Some((Some(Type::Tf32), Type::F32)),
        70 | 71 => Some((None, Type::F64)),
        _ => None,
    }
}

struct Product {
    transposed: (bool, bool),
    size: (usize, usize, usize),
    alpha: f64,
    beta: f64,
    a: Matrix,
    b: Matrix,
    c: Matrix,
    batch: usize,
    rounded_to: Option<Type>,
}

impl Product {
    fn run(&self) -> c_int {
        let (m, n, k) = self.size;
        let rows = (
            if self.transposed.0 { k } else { m },
            if self.transposed.1 { n } else { k },
        );
        if self.a.pitch < rows.0.max(1) || self.b.pitch < rows.1.max(1) || self.c.pitch < m.max(1) {
            eprintln!("cuda-emulator: a leading dimension is smaller than the rows: {m} x {n} x {k}");
            return INVALID_VALUE;
        }
        match self.compute(&mut device()) {
            Ok(()) => 0,
            Err(fault) => {
                eprintln!("cuda-emulator: product {m} x {n} x {k}: {}", fault.message);
                EXECUTION_FAILED
            }
        }
    }

    fn compute(&self, device: &mut Device) -> Checked<()> {
        let (m, n, k) = self.size;
        let (a_size, b_size) = (
            if self.transposed.0 { (k, m) } else { (m, k) },
            if self.transposed.1 { (n, k) } else { (k, n) },
        );
        for batch in 0..self.batch {
            let mut a = self.a.read(device, batch, a_size.0, a_size.1)?;
            let mut b = self.b.read(device, batch, b_size.0, b_size.1)?;
            if let Some(ty) = self.rounded_to {
                a.iter_mut()
                    .chain(&mut b)
                    .for_each(|v| *v = float::to_f64(float::from_f64(*v, ty, Rounding::Nearest), ty));
            }
            let old = if self.beta != 0.0 {
                Some(self.c.read(device, batch, m, n)?)
            } else {
                None
            };
            let mut column = vec![0.0; m];
            for j in 0..n {
                column.fill(0.0);
                for l in 0..k {
                    let factor = if self.transposed.1 { b[l * n + j] } else { b[j * k + l] };
                    for (i, sum) in column.iter_mut().enumerate() {
                        *sum += factor * if self.transposed.0 { a[i * k + l] } else { a[l * m + i] };
                    }
                }
                let mut bytes = Vec::with_capacity(m * self.c.ty.bytes());
                for (i, sum) in column.iter().enumerate() {
                    let value = self.alpha * sum + old.as_ref().map_or(0.0, |old| self.beta * old[j * m + i]);
                    bytes.extend_from_slice(
                        &float::from_f64(value, self.c.ty, Rounding::Nearest).to_le_bytes()[..self.c.ty.bytes()],
                    );
                }
                device.memory.write(self.c.place(batch, j), &bytes)?;
            }
        }
        Ok(())
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
    _handle: usize,
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
    let (Some(a_type), Some(b_type), Some(c_type)) = (data_type(a_type), data_type(b_type), data_type(c_type)) else {
        return NOT_SUPPORTED;
    };
    let Some((rounded_to, scale)) = compute_type(compute) else {
        return NOT_SUPPORTED;
    };
    if m < 0 || n < 0 || k < 0 || batch < 0 {
        return INVALID_VALUE;
    }
    Product {
        transposed: (transposed_a != 0, transposed_b != 0),
        size: (m as usize, n as usize, k as usize),
        alpha: unsafe { scalar(alpha, scale) },
        beta: unsafe { scalar(beta, scale) },
        a: Matrix {
            at: a,
            ty: a_type,
            pitch: lda.max(0) as usize,
            stride: stride_a,
        },
        b: Matrix {
            at: b,
            ty: b_type,
            pitch: ldb.max(0) as usize,
            stride: stride_b,
        },
        c: Matrix {
            at: c,
            ty: c_type,
            pitch: ldc.max(0) as usize,
            stride: stride_c,
        },
        batch: batch as usize,
        rounded_to,
    }
    .run()
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

/// The older calls: one type for everything.
macro_rules! typed {
    ($plain:ident, $batched:ident, $t:ty, $number:expr, $compute:expr) => {
        #[unsafe(no_mangle)]
        pub extern "C" fn $plain(
            handle: usize,
            ta: c_int,
            tb: c_int,
            m: c_int,
            n: c_int,
            k: c_int,
            alpha: *const $t,
            a: u64,
            lda: c_int,
            b: u64,
            ldb: c_int,
            beta: *const $t,
            c: u64,
            ldc: c_int,
        ) -> c_int {
            $batched(
                handle, ta, tb, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0, 1,
            )
        }

        #[unsafe(no_mangle)]
        pub extern "C" fn $batched(
            handle: usize,
            ta: c_int,
            tb: c_int,
            m: c_int,
            n: c_int,
            k: c_int,
            alpha: *const $t,
            a: u64,
            lda: c_int,
            sa: c_longlong,
            b: u64,
            ldb: c_int,
            sb: c_longlong,
            beta: *const $t,
            c: u64,
            ldc: c_int,
            sc: c_longlong,
            batch: c_int,
        ) -> c_int {
            let number = $number;
            cublasGemmStridedBatchedEx(
                handle,
                ta,
                tb,
                m,
                n,
                k,
                alpha.cast(),
                a,
                number,
                lda,
                sa,
                b,
                number,
                ldb,
                sb,
                beta.cast(),
                c,
                number,
                ldc,
                sc,
                batch,
                $compute,
                0,
            )
        }
    };
}
typed!(cublasSgemm_v2, cublasSgemmStridedBatched, f32, 0, 68);
typed!(cublasDgemm_v2, cublasDgemmStridedBatched, f64, 1, 70);
