//! Chooses one of several steps: a slider through all of them between two buttons.

use super::{Icon, IconName};
use crate::i18n::Word;
use leptos::ev;
use leptos::prelude::*;

/// The accessible labels of its slider and its two buttons.
#[derive(Clone, Copy)]
pub struct StepperLabels {
    pub step: Word,
    pub earlier: Word,
    pub later: Word,
}

/// `index` of 0 to `last` is chosen and called `label`; `on_change` is called with another index.
#[component]
pub fn Stepper(
    #[prop(into)] index: Signal<usize>,
    #[prop(into)] last: Signal<usize>,
    #[prop(into)] label: Signal<String>,
    labels: StepperLabels,
    #[prop(into)] on_change: Callback<usize>,
) -> impl IntoView {
    let slide = move |event: ev::Event| {
        if let Ok(index) = event_target_value(&event).parse() {
            on_change.run(index);
        }
    };
    let at_start = move || index.get() == 0;
    let at_end = move || index.get() >= last.get();
    view! {
        <button
            type="button"
            class="btn ghost icon small"
            title=labels.earlier
            aria-label=labels.earlier
            disabled=at_start
            on:click=move |_| on_change.run(index.get_untracked().saturating_sub(1))
        >
            <span class="flip"><Icon name=IconName::Right /></span>
        </button>
        <input
            type="range"
            class="pairs-slider"
            min="0"
            max=move || last.get()
            step="1"
            aria-label=labels.step
            aria-valuetext=move || label.get()
            prop:value=move || index.get().to_string()
            on:input=slide
        />
        <button
            type="button"
            class="btn ghost icon small"
            title=labels.later
            aria-label=labels.later
            disabled=at_end
            on:click=move |_| on_change.run((index.get_untracked() + 1).min(last.get_untracked()))
        >
            <Icon name=IconName::Right />
        </button>
        <span class="faint num">{move || format!("{} / {}", index.get() + 1, last.get() + 1)}</span>
    }
}
