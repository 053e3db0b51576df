//! Keys of a page.

use crate::browser;
use leptos::ev;
use leptos::prelude::*;

/// While the component lives, keys that are typed with nothing held, and into no text field or dialog, go to `take`, which
/// says whether it took one.
pub fn use_page_keys(take: impl Fn(&str) -> bool + 'static) {
    let keys = window_event_listener(ev::keydown, move |event| {
        let held = event.meta_key() || event.ctrl_key() || event.alt_key() || event.is_composing();
        if !held && !browser::dialog_open() && !browser::typing() && take(&event.key()) {
            event.prevent_default();
        }
    });
    on_cleanup(move || keys.remove());
}
