//! Which evaluation is looked at: a slider through all of them.

use super::state::use_pairs;
use crate::fmt;
use crate::i18n::pairs as words;
use crate::ui::{ErrorNote, Icon, IconName};
use leptos::prelude::*;

#[component]
pub fn Steps() -> impl IntoView {
    let tab = use_pairs();
    let last = move || tab.steps.with(|steps| steps.len().saturating_sub(1));
    let place = Memo::new(move |_| {
        let step = tab.step.get();
        tab.steps
            .with(|steps| steps.iter().position(|other| Some(*other) == step).unwrap_or(0))
    });
    let label = move || words::step_at(fmt::count(tab.step.get().unwrap_or_default()));
    let several = Memo::new(move |_| last() > 0);
    let slide = move |event: leptos::ev::Event| {
        if let Ok(place) = event_target_value(&event).parse() {
            tab.look_at(place);
        }
    };
    view! {
        <div class="pairs-steps">
            <b class="num">{label}</b>
            <Show when=move || several.get() fallback=|| view! { <span class="muted">{words::only_step}</span> }>
                <button
                    type="button"
                    class="btn ghost icon small"
                    title=words::earlier
                    aria-label=words::earlier
                    disabled=move || place.get() == 0
                    on:click=move |_| tab.go_step(-1)
                >
                    <span class="flip"><Icon name=IconName::Right /></span>
                </button>
                <input
                    type="range"
                    class="pairs-slider"
                    min="0"
                    max=last
                    step="1"
                    aria-label=words::step
                    aria-valuetext=label
                    prop:value=move || place.get().to_string()
                    on:input=slide
                />
                <button
                    type="button"
                    class="btn ghost icon small"
                    title=words::later
                    aria-label=words::later
                    disabled=move || place.get() == last()
                    on:click=move |_| tab.go_step(1)
                >
                    <Icon name=IconName::Right />
                </button>
                <span class="faint num">{move || format!("{} / {}", place.get() + 1, last() + 1)}</span>
            </Show>
            <span class="grow"></span>
            <LeftOut />
            <span class="faint pairs-keys">{words::keys}</span>
        </div>
        <Show when=move || tab.failed.with(Option::is_some)>
            {move || tab.failed.get().map(|error| view! { <ErrorNote error on_retry=move |()| tab.refetch.now() /> })}
        </Show>
    }
}

/// Held-out pairs that are not in the folder.
#[component]
fn LeftOut() -> impl IntoView {
    let tab = use_pairs();
    let left_out = move || {
        tab.overview.with(|answer| match answer {
            Some(Ok(overview)) => overview.about.left_out,
            _ => 0,
        })
    };
    view! {
        <Show when=move || { left_out() > 0 }>
            <span class="chip warn">{move || words::left_out(left_out())}</span>
        </Show>
    }
}
