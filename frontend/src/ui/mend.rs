//! What to do about a server that cannot be reached.

use crate::i18n::common;
use crate::live::Live;
use leptos::prelude::*;

/// With the command that it was started with, where it has said so while it was there.
#[component]
pub fn StartAgain() -> impl IntoView {
    let command = move || use_context::<Live>().map(|live| live.command.get()).unwrap_or_default();
    move || match command() {
        none if none.is_empty() => common::offline_mend().into_any(),
        command => view! { {common::offline_mend_by} " " <code>{command}</code> }.into_any(),
    }
}
