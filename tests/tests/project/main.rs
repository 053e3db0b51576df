//! What the repository promises about itself.

#![expect(
    clippy::expect_used,
    clippy::string_slice,
    reason = "a helper of tests ends the test that called it"
)]

mod absent;
mod dependencies;
mod readme;
mod recipes;
mod tidy;
mod words;
