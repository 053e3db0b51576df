//! Form controls: a labelled field, a text field, a select, a checkbox.

use super::marked;
use crate::i18n::Word;
use leptos::prelude::*;

/// A control under its label, with a hint and the error beneath.
#[component]
pub fn Field(
    #[prop(into)] label: Signal<String>,
    /// The id of the control inside.
    #[prop(into)]
    control: String,
    #[prop(into, optional)] hint: Signal<String>,
    #[prop(into, optional)] error: Signal<Option<String>>,
    children: Children,
) -> impl IntoView {
    let note = format!("{control}-note");
    view! {
        <div class="field" class:invalid=move || error.with(Option::is_some)>
            <label for=control>{label}</label>
            {children()}
            <p class="field-note" id=note aria-live="polite">
                {move || marked(&error.get().unwrap_or_else(|| hint.get()))}
            </p>
        </div>
    }
}

/// A field for one line of text, with its hint or its error beneath.
#[component]
pub fn TextField(
    label: Word,
    /// The id of the input.
    control: &'static str,
    value: RwSignal<String>,
    hint: Word,
    #[prop(into, optional)] error: Signal<Option<String>>,
    /// Monospace, for a path or a key that is read letter by letter.
    #[prop(optional)]
    mono: bool,
    #[prop(optional)] placeholder: &'static str,
    /// Called with what was typed, after `value` was set to it.
    #[prop(into, optional)]
    on_type: Option<Callback<String>>,
) -> impl IntoView {
    let typed = move |event| {
        let typed = event_target_value(&event);
        value.set(typed.clone());
        if let Some(on_type) = on_type {
            on_type.run(typed);
        }
    };
    view! {
        <Field label=Signal::derive(move || label().to_string()) control hint=Signal::derive(move || hint().to_string()) error>
            <input
                id=control
                class="input"
                class:mono=mono
                placeholder=placeholder
                autocomplete="off"
                spellcheck="false"
                aria-describedby=format!("{control}-note")
                aria-invalid=move || error.with(Option::is_some).to_string()
                prop:value=value
                on:input=typed
            />
        </Field>
    }
}

/// A native select over `(value, label)` pairs.
#[component]
pub fn Select(
    #[prop(into)] options: Signal<Vec<(String, String)>>,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_change: Callback<String>,
    #[prop(into, optional)] label: Signal<String>,
    #[prop(into, optional)] id: String,
) -> impl IntoView {
    view! {
        <span class="select">
            <select id=id aria-label=label prop:value=value on:change=move |event| on_change.run(event_target_value(&event))>
                {move || {
                    let chosen = value.get();
                    options
                        .get()
                        .into_iter()
                        .map(|(value, label)| {
                            let selected = value == chosen;
                            view! { <option value=value selected=selected>{label}</option> }
                        })
                        .collect_view()
                }}
            </select>
        </span>
    }
}

/// A checkbox with its label.
#[component]
pub fn Checkbox(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] checked: Signal<bool>,
    #[prop(into)] on_change: Callback<bool>,
) -> impl IntoView {
    view! {
        <label class="check">
            <input type="checkbox" prop:checked=checked on:change=move |event| on_change.run(event_target_checked(&event)) />
            <span>{label}</span>
        </label>
    }
}
