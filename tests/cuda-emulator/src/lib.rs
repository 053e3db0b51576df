//! An NVIDIA GPU for tests, without the GPU: `libcuda.so.1` and the part of cuBLAS that the trainer calls. Kernels are read as
//! PTX and interpreted, with every access checked for bounds, alignment, missing values and races.

#![expect(
    clippy::undocumented_unsafe_blocks,
    reason = "C's rules: each pointer is what the caller of the function says it is"
)]
#![expect(
    clippy::print_stderr,
    reason = "what is wrong with a kernel is said at once, whatever its caller does with the code"
)]
#![expect(
    trivial_numeric_casts,
    clippy::cast_lossless,
    reason = "an instruction takes the same bits at many widths: `as` is what it does"
)]
#![expect(
    clippy::expect_used,
    reason = "a fault of the emulator itself ends the call that met it"
)]

mod access;
mod blas;
mod counters;
mod decode;
mod device;
mod driver;
mod execute;
pub mod fault;
pub mod float;
mod functions;
mod gather;
mod lanes;
pub mod lower;
pub mod machine;
pub mod memory;
mod model;
mod nvml;
pub mod op;
pub mod probe;
pub mod ptx;
mod shared;
mod tensor;
mod touch;
pub mod traffic;
