//! Keyboard shortcuts of one page.

use crate::browser;
use leptos::ev;
use leptos::prelude::*;

/// While the component lives, calls `handle` with each key that may be a shortcut. It returns whether it used the key.
pub fn use_page_keys(handle: impl Fn(&str) -> bool + 'static) {
    let listener = window_event_listener(ev::keydown, move |event| {
        if browser::may_be_shortcut(&event) && handle(&event.key()) {
            event.prevent_default();
        }
    });
    on_cleanup(move || listener.remove());
}
