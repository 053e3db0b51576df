//! The frame around every page: rail, palette, list of keys, theme, and the actions that belong to no page.

mod cards;
mod demo;
mod keys;
mod palette;
mod rail;
mod reference;
mod theme;

pub use demo::{DemoButton, use_run_demo};
pub use keys::Keys;
pub use palette::Palette;
pub use rail::Rail;
pub use reference::{Asked, Reference};
pub use theme::{Choice, Theme};
