//! The board in a real Chromium.

#![expect(
    clippy::expect_used,
    clippy::string_slice,
    reason = "a helper of tests ends the test that called it"
)]

mod axe;
mod board;
mod bundle;
mod console;
mod demo_time;
mod forms;
mod live;
mod runs;
mod screens;
mod serving;
mod speed;
mod tabs;
mod words;
