//! The frame around every page: rail, palette, list of keys, theme, and the actions that belong to no page.

mod cards;
mod demo;
mod ends;
mod keys;
mod notify;
mod palette;
mod places;
mod rail;
mod reference;
mod tab;
mod theme;

pub use demo::{DemoButton, use_run_demo};
pub use ends::Ends;
pub use keys::Keys;
pub use notify::{InBrowser, Notifications};
pub use palette::Palette;
pub use places::PLACES;
pub use rail::Rail;
pub use reference::{Asked, Reference};
pub use tab::Tab;
pub use theme::{Choice, Theme};
