//! libFuzzer over `trainer::fuzz::tokenizer_config`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| corral_fuzz::run("tokenizer_config", bytes));
