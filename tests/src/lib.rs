//! What the integration tests share: the built programs, a running board, a real browser.
//!
//! `make test` builds the programs first; a test started by hand uses those that were last built with the
//! same profile (`cargo build --release -p corral -p trainer`).

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a helper of tests ends the test that called it"
)]

mod act;
pub mod api;
pub mod aria;
pub mod board;
pub mod browser;
pub mod cdp;
pub mod demo;
mod driver;
pub mod families;
pub mod parity;
pub mod programs;
pub mod recorded;
pub mod site;
pub mod visit;

pub use api::Live;
pub use board::Board;
pub use browser::{Browser, Lang, Theme, View};
