//! Form parts: a labelled field, a select, a switch.

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
                {move || error.get().unwrap_or_else(|| hint.get())}
            </p>
        </div>
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
pub fn Switch(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] on: Signal<bool>,
    #[prop(into)] on_change: Callback<bool>,
) -> impl IntoView {
    view! {
        <label class="check">
            <input type="checkbox" prop:checked=on on:change=move |event| on_change.run(event_target_checked(&event)) />
            <span>{label}</span>
        </label>
    }
}
