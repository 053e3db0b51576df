//! libFuzzer over `trainer::fuzz::adapter_config`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| corral_fuzz::run("adapter_config", bytes));
