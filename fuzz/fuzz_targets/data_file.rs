//! libFuzzer over `trainer::fuzz::data_file`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| corral_fuzz::run("data_file", bytes));
