//! What the integration tests share: the built programs, a running board, a real browser.
//!
//! `make test` builds the programs first; a test started by hand uses those that were last built with the
//! same profile (`cargo build --release -p server -p trainer`).

pub mod api;
pub mod board;
pub mod browser;
pub mod cdp;
pub mod demo;
pub mod parity;
pub mod programs;
pub mod site;
pub mod visit;

pub use api::Live;
pub use board::Board;
pub use browser::{Browser, Lang, Theme, View};
