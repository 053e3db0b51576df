//! Which step is looked at: a slider through all of them, and a button that goes through them by itself.

use super::state::use_samples;
use crate::fmt;
use crate::i18n::samples as words;
use crate::ui::{Icon, IconName};
use leptos::prelude::*;

#[component]
pub fn Play(children: Children) -> impl IntoView {
    let tab = use_samples();
    let last = move || tab.answered.with(|all| all.len().saturating_sub(1));
    let step = move || {
        tab.answered
            .with(|all| all.get(tab.place.get()).map_or(0, |at| at.step))
    };
    let label = move || words::step_at(fmt::count(step()));
    let several = Memo::new(move |_| last() > 0);
    let slide = move |event: leptos::ev::Event| {
        if let Ok(place) = event_target_value(&event).parse() {
            tab.look_at(place);
        }
    };
    let at_end = move || tab.place.get() >= last();
    let thinned = move || {
        tab.overview.with(|answer| match answer {
            Some(Ok(overview)) => overview.about.thinned,
            _ => 0,
        })
    };
    view! {
        <div class="pairs-steps samples-steps">
            <b class="num">{label}</b>
            <Show when=move || several.get()>
                <button type="button" class="btn small samples-play" title=words::play_hint on:click=move |_| tab.toggle()>
                    {move || {
                        let icon = if tab.is_playing() { IconName::Stop } else { IconName::Play };
                        view! { <Icon name=icon /> }
                    }}
                    {move || if tab.is_playing() { words::pause() } else { words::play() }}
                </button>
                <button
                    type="button"
                    class="btn ghost icon small"
                    title=words::earlier
                    aria-label=words::earlier
                    disabled=move || tab.place.get() == 0
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
                    prop:value=move || tab.place.get().to_string()
                    on:input=slide
                />
                <button
                    type="button"
                    class="btn ghost icon small"
                    title=words::later
                    aria-label=words::later
                    disabled=at_end
                    on:click=move |_| tab.go_step(1)
                >
                    <Icon name=IconName::Right />
                </button>
                <span class="faint num">{move || format!("{} / {}", tab.place.get() + 1, last() + 1)}</span>
            </Show>
            {children()}
            <Show when=move || { thinned() > 0 }>
                <span class="chip">{move || words::thinned(thinned())}</span>
            </Show>
            <span class="grow"></span>
            <span class="faint pairs-keys">{words::keys}</span>
        </div>
    }
}
