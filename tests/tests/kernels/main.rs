//! The kernels for cards as they are committed: made of the sources beside them, for the oldest driver and card, taken by
//! NVIDIA's assemblers for every card, and of instructions that the emulator knows.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a helper of tests ends the test that called it, and says which way it went"
)]

mod ptx;
mod ptxas;

use std::path::PathBuf;
use tests::programs::root;

/// Where the kernels lie.
fn folder() -> PathBuf {
    root().join("trainer/src/ops/cuda")
}

/// The names of the files with this ending, without it.
fn topics(ending: &str) -> Vec<String> {
    let files = std::fs::read_dir(folder()).expect("the kernels").flatten();
    let mut found: Vec<String> = files
        .filter_map(|file| Some(file.file_name().to_str()?.strip_suffix(ending)?.to_owned()))
        .collect();
    found.sort();
    assert!(found.len() > 10, "only {found:?} end in {ending}");
    found
}

fn text(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}
