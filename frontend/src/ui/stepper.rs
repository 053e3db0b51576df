//! Which of several steps is looked at: a slider through all of them between two buttons.

use super::{Icon, IconName};
use crate::i18n::Word;
use leptos::ev;
use leptos::prelude::*;

/// What its parts are called.
#[derive(Clone, Copy)]
pub struct StepperWords {
    pub step: Word,
    pub earlier: Word,
    pub later: Word,
}

/// `place` of 0 to `last` is looked at, which is called `label`; another place is asked for by `look`.
#[component]
pub fn Stepper(
    #[prop(into)] place: Signal<usize>,
    #[prop(into)] last: Signal<usize>,
    #[prop(into)] label: Signal<String>,
    words: StepperWords,
    #[prop(into)] look: Callback<usize>,
) -> impl IntoView {
    let slide = move |event: ev::Event| {
        if let Ok(place) = event_target_value(&event).parse() {
            look.run(place);
        }
    };
    let at_start = move || place.get() == 0;
    let at_end = move || place.get() >= last.get();
    view! {
        <button
            type="button"
            class="btn ghost icon small"
            title=words.earlier
            aria-label=words.earlier
            disabled=at_start
            on:click=move |_| look.run(place.get_untracked().saturating_sub(1))
        >
            <span class="flip"><Icon name=IconName::Right /></span>
        </button>
        <input
            type="range"
            class="pairs-slider"
            min="0"
            max=move || last.get()
            step="1"
            aria-label=words.step
            aria-valuetext=move || label.get()
            prop:value=move || place.get().to_string()
            on:input=slide
        />
        <button
            type="button"
            class="btn ghost icon small"
            title=words.later
            aria-label=words.later
            disabled=at_end
            on:click=move |_| look.run((place.get_untracked() + 1).min(last.get_untracked()))
        >
            <Icon name=IconName::Right />
        </button>
        <span class="faint num">{move || format!("{} / {}", place.get() + 1, last.get() + 1)}</span>
    }
}
