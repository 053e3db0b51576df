//! Products by the emulated cuBLAS, as the trainer asks for them: rows where cuBLAS reads columns, both ways of each matrix,
//! types in and out, alpha and beta.
use crate::common::{child, context, values};
use cudarc::cublas::{result as cublas, sys};
use cudarc::driver::{CudaSlice, CudaStream, DevicePtr, DeviceRepr};
use half::{bf16, f16};
use std::sync::Arc;

trait Element: DeviceRepr + Copy + Default + std::fmt::Debug {
    const KIND: sys::cudaDataType;
    fn of(value: f32) -> Self;
    fn value(self) -> f64;
}

macro_rules! elements {
    ($($t:ty, $kind:ident, $of:expr, $value:expr);*) => {$(
        impl Element for $t {
            const KIND: sys::cudaDataType = sys::cudaDataType::$kind;
            fn of(value: f32) -> Self { $of(value) }
            fn value(self) -> f64 { $value(self) }
        }
    )*};
}
elements!(f32, CUDA_R_32F, |v| v, f64::from; bf16, CUDA_R_16BF, bf16::from_f32, bf16::to_f64; f16, CUDA_R_16F, f16::from_f32, f16::to_f64);

struct Blas {
    stream: Arc<CudaStream>,
    handle: sys::cublasHandle_t,
}

fn blas() -> Blas {
    let stream = context().default_stream();
    let handle = cublas::create_handle().unwrap();
    unsafe { cublas::set_stream(handle, stream.cu_stream().cast()) }.unwrap();
    Blas { stream, handle }
}

/// `c[m, n] = alpha a b + beta c` of rows that are `pitch` apart.
struct Case {
    size: [usize; 3],
    turned: [bool; 2],
    factors: [f32; 2],
    batch: usize,
    compute: sys::cublasComputeType_t,
}

impl Blas {
    fn address<T>(&self, slice: &CudaSlice<T>) -> u64 {
        slice.device_ptr(&self.stream).0
    }

    fn run<A: Element, C: Element>(&self, case: &Case) -> Result<f64, cublas::CublasError> {
        let &Case {
            size: [m, n, k],
            turned,
            factors: [alpha, beta],
            batch,
            compute,
        } = case;
        // rows are longer than what is multiplied
        let (a_rows, a_width) = if turned[0] { (k, m) } else { (m, k) };
        let (b_rows, b_width) = if turned[1] { (n, k) } else { (k, n) };
        let (a_pitch, b_pitch, c_pitch) = (a_width + 3, b_width + 1, n + 2);
        let make = |rows: usize, pitch: usize, seed| -> Vec<A> {
            values(batch * rows * pitch, seed).into_iter().map(A::of).collect()
        };
        let (a, b) = (make(a_rows, a_pitch, 1), make(b_rows, b_pitch, 2));
        let c: Vec<C> = values(batch * m * c_pitch, 3).into_iter().map(C::of).collect();
        let (da, db) = (self.stream.clone_htod(&a).unwrap(), self.stream.clone_htod(&b).unwrap());
        let dc = self.stream.clone_htod(&c).unwrap();
        let operation = |turned| match turned {
            true => sys::cublasOperation_t::CUBLAS_OP_T,
            false => sys::cublasOperation_t::CUBLAS_OP_N,
        };
        // columns for rows: c^T = b^T a^T
        unsafe {
            cublas::gemm_strided_batched_ex(
                self.handle,
                operation(turned[1]),
                operation(turned[0]),
                n as i32,
                m as i32,
                k as i32,
                (&raw const alpha).cast(),
                self.address(&db) as *const _,
                A::KIND,
                b_pitch as i32,
                (b_rows * b_pitch) as i64,
                self.address(&da) as *const _,
                A::KIND,
                a_pitch as i32,
                (a_rows * a_pitch) as i64,
                (&raw const beta).cast(),
                self.address(&dc) as *mut _,
                C::KIND,
                c_pitch as i32,
                (m * c_pitch) as i64,
                batch as i32,
                compute,
                sys::cublasGemmAlgo_t::CUBLAS_GEMM_DEFAULT,
            )
        }?;
        let got = self.stream.clone_dtoh(&dc).unwrap();
        let mut worst = 0f64;
        for (at, value) in got.iter().enumerate() {
            let (matrix, row, column) = (at / (m * c_pitch), at / c_pitch % m, at % c_pitch);
            if column >= n {
                assert_eq!(value.value(), c[at].value(), "what lies between rows stays");
                continue;
            }
            let a_at = |l| {
                if turned[0] {
                    l * a_pitch + row
                } else {
                    row * a_pitch + l
                }
            };
            let b_at = |l| {
                if turned[1] {
                    column * b_pitch + l
                } else {
                    l * b_pitch + column
                }
            };
            let sum: f64 = (0..k)
                .map(|l| {
                    a[matrix * a_rows * a_pitch + a_at(l)].value() * b[matrix * b_rows * b_pitch + b_at(l)].value()
                })
                .sum();
            let expected = f64::from(alpha) * sum + f64::from(beta) * c[at].value();
            worst = worst.max((value.value() - expected).abs() / (1.0 + expected.abs()));
        }
        Ok(worst)
    }
}

const F32: sys::cublasComputeType_t = sys::cublasComputeType_t::CUBLAS_COMPUTE_32F;

#[test]
fn all_ways_of_all_types() {
    let blas = blas();
    for (turned, factors, batch) in [
        ([false, false], [1.0, 0.0], 1),
        ([true, false], [0.5, 1.0], 2),
        ([false, true], [1.0, -2.0], 3),
        ([true, true], [2.0, 0.0], 1),
    ] {
        let case = Case {
            size: [5, 7, 13],
            turned,
            factors,
            batch,
            compute: F32,
        };
        assert!(blas.run::<f32, f32>(&case).unwrap() < 1e-7);
        assert!(blas.run::<bf16, f32>(&case).unwrap() < 1e-7);
        assert!(blas.run::<bf16, bf16>(&case).unwrap() < 4e-3);
        assert!(blas.run::<f16, f32>(&case).unwrap() < 1e-7);
        assert!(blas.run::<f16, f16>(&case).unwrap() < 5e-4);
    }
}

#[test]
fn what_cublas_does_not_do_is_refused() {
    let blas = blas();
    let case = |compute| Case {
        size: [2, 3, 4],
        turned: [false; 2],
        factors: [1.0, 0.0],
        batch: 1,
        compute,
    };
    let refused = blas.run::<f32, bf16>(&case(F32)).expect_err("no such product");
    assert_eq!(refused.0, sys::cublasStatus_t::CUBLAS_STATUS_NOT_SUPPORTED);
    let fast = sys::cublasComputeType_t::CUBLAS_COMPUTE_32F_FAST_TF32;
    assert!(blas.run::<bf16, bf16>(&case(fast)).is_err());
    unsafe { cublas::destroy_handle(blas.handle) }.unwrap();
    assert!(blas.run::<f32, f32>(&case(F32)).is_err(), "the handle is gone");
}

#[test]
fn tf32_is_used_where_it_is_asked_for() {
    let blas = blas();
    let case = |compute| Case {
        size: [4, 6, 32],
        turned: [false; 2],
        factors: [1.0, 0.0],
        batch: 1,
        compute,
    };
    let fast = sys::cublasComputeType_t::CUBLAS_COMPUTE_32F_FAST_TF32;
    assert!((1e-6..1e-2).contains(&blas.run::<f32, f32>(&case(fast)).unwrap()));
    let mode = |mode| unsafe { sys::cublasSetMathMode(blas.handle, mode) }.result().unwrap();
    mode(sys::cublasMath_t::CUBLAS_TF32_TENSOR_OP_MATH);
    assert!((1e-6..1e-2).contains(&blas.run::<f32, f32>(&case(F32)).unwrap()));
    mode(sys::cublasMath_t::CUBLAS_DEFAULT_MATH);
    assert!(blas.run::<f32, f32>(&case(F32)).unwrap() < 1e-7);
}

#[test]
fn the_version_is_told() {
    let blas = blas();
    let mut version = 0;
    unsafe { sys::cublasGetVersion_v2(blas.handle, &raw mut version) }
        .result()
        .unwrap();
    assert_eq!(version, 120_804);
    let mut major = 0;
    unsafe { sys::cublasGetProperty(sys::libraryPropertyType::MAJOR_VERSION, &raw mut major) }
        .result()
        .unwrap();
    assert_eq!(major, 12);
}

#[test]
fn elements_that_nobody_has_written_are_found() {
    let output = child("products::unwritten", &[("CUDA_EMULATOR", Some("1"))]);
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    assert!(
        words.contains("a product reads elements that nobody has written: offset 0 of allocation"),
        "{words}"
    );
}

#[test]
#[ignore = "runs in a process of its own"]
fn unwritten() {
    let blas = blas();
    let a = unsafe { blas.stream.alloc::<f32>(16) }.unwrap();
    let (one, at) = (1f32, blas.address(&a));
    let code = unsafe {
        cublas::gemm_ex(
            blas.handle,
            sys::cublasOperation_t::CUBLAS_OP_N,
            sys::cublasOperation_t::CUBLAS_OP_N,
            4,
            4,
            4,
            (&raw const one).cast(),
            at as *const _,
            f32::KIND,
            4,
            at as *const _,
            f32::KIND,
            4,
            (&raw const one).cast(),
            at as *mut _,
            f32::KIND,
            4,
            F32,
            sys::cublasGemmAlgo_t::CUBLAS_GEMM_DEFAULT,
        )
    };
    assert!(code.is_err());
}
