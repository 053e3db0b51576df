//! The emulator as programs meet it: by cudarc, which opens it where it would open NVIDIA's driver. Kernels are made by clang.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::undocumented_unsafe_blocks,
    clippy::cast_lossless,
    clippy::print_stdout,
    reason = "tests: a launch is unsafe because of the kernel, and what a wrong one does is what is tested; numbers are cast as kernels do"
)]

mod common;
mod faults;
mod instructions;
mod kernels;
mod machine;
mod nvml;
mod presence;
mod products;
