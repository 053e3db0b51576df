//! libFuzzer over `trainer::fuzz::model_config`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| corral_fuzz::run("model_config", bytes));
