//! Lays links named like NVIDIA's libraries beside the built emulator. Cargo puts the folder on LD_LIBRARY_PATH of
//! whatever it runs for a package that depends on this one, so `cargo test` finds the emulator where a real program finds the
//! driver.

#![expect(clippy::expect_used, reason = "a build script has nobody else to tell")]

use std::path::PathBuf;

/// What programs open: the driver, cuBLAS by the name for development and by the one of CUDA 12, and what knows the cards.
const NAMES: &[&str] = &[
    "libcuda.so",
    "libcuda.so.1",
    "libcublas.so",
    "libcublas.so.12",
    "libcublasLt.so",
    "libcublasLt.so.12",
    "libnvidia-ml.so",
    "libnvidia-ml.so.1",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("OUT_DIR"));
    // target/debug/build/cuda-emulator-…/out -> target/debug/deps
    let emulator = out.join("../../../deps/libcuda_emulator.so");
    for name in NAMES {
        let link = out.join(name);
        let _ = std::fs::remove_file(&link);
        std::os::unix::fs::symlink(&emulator, link).expect("a link");
    }
    println!("cargo::rustc-link-search=native={}", out.display());
}
