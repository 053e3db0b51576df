//! libFuzzer over `trainer::fuzz::chat_template`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| corral_fuzz::run("chat_template", bytes));
