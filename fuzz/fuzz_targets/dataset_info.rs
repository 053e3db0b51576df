//! libFuzzer over `trainer::fuzz::dataset_info`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| corral_fuzz::run("dataset_info", bytes));
