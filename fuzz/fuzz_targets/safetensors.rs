//! libFuzzer over `trainer::fuzz::safetensors`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| corral_fuzz::run("safetensors", bytes));
