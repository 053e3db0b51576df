//! Several values of a field: the button that asks for them, the field they are typed into, and a chip for each.

use super::state::use_form;
use crate::i18n::{keys, sweep as words};
use crate::ui::{Icon, IconName};
use leptos::prelude::*;
use protocol::method::MethodId;

/// The button in a field's head that switches between one value and several.
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
            aria-pressed=move || on.get().to_string()
            aria-label=move || words::several_of(keys::label(key))
            title=title
            on:click=toggle
        >
            <Icon name=IconName::Plus />
        </button>
    }
}

/// The field for several values of a key that is a text, or is chosen from a list.
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

/// The values as chips.
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

/// A button that sets up the sweep of the users' guide, for SimPO: three values each of beta, gamma and learning rate.
#[component]
pub fn Guide() -> impl IntoView {
    let form = use_form();
    let simpo = Memo::new(move |_| form.draft.with(|draft| draft.method == MethodId::Simpo) && !form.sweeps.get());
    let take = move |_| {
        form.draft.update(|draft| {
            for (key, values) in [
                ("pref_beta", "1, 2, 3"),
                ("simpo_gamma", "0.3, 0.5, 0.7"),
                ("learning_rate", "1e-6, 5e-6, 1e-5"),
            ] {
                draft.type_several(key, values);
            }
        });
    };
    view! {
        <Show when=move || simpo.get()>
            <p class="sweep-guide">
                <button type="button" class="btn" id="guide-sweep" on:click=take>
                    <Icon name=IconName::Plus />
                    {words::guide}
                </button>
                <span class="faint">{words::guide_hint}</span>
            </p>
        </Show>
    }
}
