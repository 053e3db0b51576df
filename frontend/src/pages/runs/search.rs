//! The field in which runs are searched.

use super::use_table;
use crate::i18n::runs as words;
use crate::logic::arrange::search;
use crate::ui::{Icon, IconName};
use leptos::prelude::*;

#[component]
pub fn Search() -> impl IntoView {
    let table = use_table();
    let typed = RwSignal::new(table.view.with_untracked(|view| view.search.clone()));
    let input = move |event: leptos::ev::Event| {
        typed.set(event_target_value(&event));
        table.edit(|view| view.search = typed.get_untracked());
    };
    // the address changed otherwise: by the back button, or "clear filters"
    Effect::new(move || typed.set(table.view.with(|view| view.search.clone())));
    // fields of the search that do not exist, and so find nothing: a note names them
    let unknown = Memo::new(move |_| {
        let typed = table.view.with(|view| view.search.clone());
        table.live.loaded.track();
        let runs = table.live.runs.read_untracked();
        search(&typed, runs.values().map(|run| run.read_untracked())).unknown
    });
    view! {
        <label class="search">
            <Icon name=IconName::Search />
            <input
                data-search
                class="input"
                type="search"
                aria-label=words::search
                placeholder=words::search
                spellcheck="false"
                prop:value=typed
                on:input=input
            />
        </label>
        <Show when=move || unknown.with(|unknown| !unknown.is_empty())>
            <p class="search-note" role="status">{move || words::unknown_field(unknown.with(|unknown| unknown.join(", ")))}</p>
        </Show>
    }
}
