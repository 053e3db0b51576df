//! Keyboard navigation through the rows of a list: `j` and `k`, and the arrows once a row has the focus. Enter opens it.

use crate::browser;
use leptos::ev;
use leptos::prelude::*;
use web_sys::HtmlElement;

/// Moves the focus among the elements that `selector` finds (the link or button of each row), for as long as the owner lives.
pub fn use_row_keys(selector: &'static str) {
    let listener = window_event_listener(ev::keydown, move |event| {
        if !browser::may_be_shortcut(&event) {
            return;
        }
        let (by, arrow) = match event.key().as_str() {
            "j" => (1, false),
            "k" => (-1, false),
            "ArrowDown" => (1, true),
            "ArrowUp" => (-1, true),
            _ => return,
        };
        let rows: Vec<HtmlElement> = browser::elements(document().query_selector_all(selector));
        let active = document().active_element();
        let here = rows.iter().position(|row| active.as_ref() == Some(row.as_ref()));
        let next = match here {
            Some(here) => here.checked_add_signed(by),
            // as long as no row has the focus, the arrows scroll the page
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
