//! What to do about a server that cannot be reached.

use crate::i18n::common;
use crate::live::use_live;
use leptos::prelude::*;

/// With the command that it was started with, where it has said so while it was there.
#[component]
pub fn StartAgain() -> impl IntoView {
    let command = use_live().command;
    move || match command.get() {
        none if none.is_empty() => common::offline_mend().into_any(),
        command => view! { {common::offline_mend_by} " " <code>{command}</code> }.into_any(),
    }
}
