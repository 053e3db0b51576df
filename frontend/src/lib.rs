//! The board: a client-rendered Leptos application, one WASM module for what every visit needs and one for each `part`.

pub mod address;
pub mod api;
pub mod app;
pub mod brief;
pub mod browser;
pub mod chart;
pub mod fetched;
pub mod fmt;
pub mod i18n;
pub mod links;
pub mod live;
pub mod logic;
pub mod pages;
pub mod part;
pub mod shell;
pub mod trash;
pub mod ui;

use wasm_bindgen::prelude::wasm_bindgen;

/// Mounts the board on the page's body; the bundle's loader calls it.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
    i18n::adopt_page_language();
    app::remove_boot_screen(false);
    leptos::mount::mount_to_body(app::App);
}
