//! The engine called in process: one program, so that it is linked once. A file here is a module of it.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of tests ends the test that called it"
)]

mod adapter_files;
mod bf16;
mod bf16_updates;
mod common;
mod experts;
mod families;
mod features;
mod fused;
mod fuzz;
mod generation;
mod gguf;
mod gguf_written;
mod memory;
mod memory_counted;
mod memory_large;
mod memory_ppo;
mod model_files;
mod ops;
mod oracle;
mod quantized;
mod quantized_families;
mod qwen_past;
mod rotations;
