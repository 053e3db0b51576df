//! Keys that move through the rows of a list: `j` and `k`, and the arrows once a row has the focus. Enter opens it.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Moves the focus among what `selector` finds, for as long as the owner lives: the link or button of each row.
pub fn use_row_keys(selector: &'static str) {
    let listener = window_event_listener(ev::keydown, move |event| {
        if event.ctrl_key()
            || event.meta_key()
            || event.alt_key()
            || event.is_composing()
            || crate::browser::typing()
            || crate::browser::dialog_open()
        {
            return;
        }
        let (by, arrow) = match event.key().as_str() {
            "j" => (1, false),
            "k" => (-1, false),
            "ArrowDown" => (1, true),
            "ArrowUp" => (-1, true),
            _ => return,
        };
        let rows = found(selector);
        let active = document().active_element();
        let here = rows.iter().position(|row| active.as_ref() == Some(row.as_ref()));
        let next = match here {
            Some(here) => here.checked_add_signed(by),
            // the arrows scroll the page as long as no row has the focus
            None if arrow => None,
            None => Some(0),
        };
        if let Some(row) = next.and_then(|next| rows.get(next)) {
            event.prevent_default();
            let _ = row.focus();
        }
    });
    on_cleanup(move || listener.remove());
}

fn found(selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = document().query_selector_all(selector) else {
        return vec![];
    };
    (0..found.length())
        .filter_map(|i| found.get(i)?.dyn_into().ok())
        .collect()
}
