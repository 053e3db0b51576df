//! Tabs over the panels of a page or dialog.

use crate::i18n::Word;
use leptos::ev;
use leptos::prelude::*;

/// A tab list. `tabs` are `(key, label)`; the left and right arrows choose the next tab and focus it.
#[component]
pub fn Tabs(
    tabs: Vec<(&'static str, Word)>,
    #[prop(into)] chosen: Signal<String>,
    #[prop(into)] on_choose: Callback<String>,
    #[prop(into)] label: Signal<String>,
) -> impl IntoView {
    let keys: Vec<_> = tabs.iter().map(|(key, _)| *key).collect();
    let arrows = move |event: ev::KeyboardEvent| {
        let here = keys.iter().position(|key| chosen.get_untracked() == *key).unwrap_or(0);
        let next = match event.key().as_str() {
            "ArrowRight" => (here + 1) % keys.len(),
            "ArrowLeft" => (here + keys.len() - 1) % keys.len(),
            _ => return,
        };
        event.prevent_default();
        on_choose.run(keys[next].into());
        crate::browser::focus(&format!("#tab-{}", keys[next]));
    };
    let buttons = tabs
        .into_iter()
        .map(|(key, label)| {
            let on = move || chosen.get() == key;
            view! {
                <button
                    type="button"
                    role="tab"
                    id=format!("tab-{key}")
                    class="tab"
                    aria-selected=move || on().to_string()
                    tabindex=move || if on() { "0" } else { "-1" }
                    on:click=move |_| on_choose.run(key.into())
                >
                    {label}
                </button>
            }
        })
        .collect_view();
    view! {
        <div class="tabs" role="tablist" aria-label=label on:keydown=arrows>
            {buttons}
        </div>
    }
}
