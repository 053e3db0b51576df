//! Several values in a field: the button that asks for them, the text they are typed as, and a chip for each.

use super::state::use_form;
use crate::i18n::{keys, sweep as words};
use crate::ui::{Icon, IconName};
use leptos::prelude::*;

/// The button in a field's head.
#[component]
pub fn Toggle(key: &'static str) -> impl IntoView {
    let form = use_form();
    let on = Memo::new(move |_| form.draft.with(|draft| draft.several(key).is_some()));
    let toggle = move |_| {
        let text = form.text(key);
        form.draft.update(|draft| match on.get_untracked() {
            true => draft.one_value(key),
            false => draft.type_several(key, &text),
        });
    };
    let title = move || if on.get() { words::one_value() } else { words::several() };
    view! {
        <button
            type="button"
            class="setting-about setting-several"
            tabindex="-1"
            aria-pressed=move || on.get().to_string()
            aria-label=move || words::several_of(keys::label(key))
            title=title
            on:click=toggle
        >
            <Icon name=IconName::Plus />
        </button>
    }
}

/// Where several values of a key that is chosen from a list are typed.
#[component]
pub fn Words(key: &'static str, id: String, note: String) -> impl IntoView {
    let form = use_form();
    let text = move || {
        form.draft
            .with(|draft| draft.several(key).unwrap_or_default().to_owned())
    };
    let put = move |event| {
        let text = event_target_value(&event);
        form.draft.update(|draft| draft.type_several(key, &text));
    };
    view! {
        <input
            id=id
            class="input"
            autocomplete="off"
            spellcheck="false"
            placeholder=words::several_words_hint
            aria-label=move || words::several_of(keys::label(key))
            aria-describedby=note
            prop:value=text
            on:input=put
        />
    }
}

/// The values, a chip each.
#[component]
pub fn Chips(key: &'static str) -> impl IntoView {
    let form = use_form();
    let chips = Memo::new(move |_| form.draft.with(|draft| draft.chips(key)));
    move || {
        let chips = chips.get();
        (!chips.is_empty()).then(|| {
            let chip = |text: String| view! { <li>{text}</li> };
            view! { <ul class="several-chips" data-several=key>{chips.into_iter().map(chip).collect_view()}</ul> }
        })
    }
}
