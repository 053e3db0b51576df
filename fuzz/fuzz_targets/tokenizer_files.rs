//! libFuzzer over `trainer::fuzz::tokenizer_files`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| corral_fuzz::run("tokenizer_files", bytes));
