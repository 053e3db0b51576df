//! The frame around every page: rail, command palette, keyboard shortcuts, notifications, theme.

mod browser_tab;
mod cards;
mod demo;
mod nav;
mod notify;
mod palette;
mod pins;
mod rail;
mod rail_runs;
mod reference;
mod run_ends;
mod shortcuts;
mod theme;

pub use browser_tab::BrowserTab;
pub use demo::{DemoButton, use_run_demo};
pub use nav::NAV_ITEMS;
pub use notify::{BrowserNotifications, Notifications};
pub use palette::Palette;
pub use pins::Pins;
pub use rail::Rail;
pub use reference::{Asked, Reference};
pub use run_ends::RunEndNotifier;
pub use shortcuts::ShortcutsDialog;
pub use theme::{Theme, ThemeChoice};
