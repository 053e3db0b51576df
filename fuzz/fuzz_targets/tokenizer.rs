//! libFuzzer over `trainer::fuzz::tokenizer`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| corral_fuzz::run("tokenizer", bytes));
