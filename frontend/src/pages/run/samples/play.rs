//! The slider that chooses the step, and a button that plays through all steps.

use super::state::use_samples;
use crate::fmt;
use crate::i18n::samples as words;
use crate::ui::{Icon, IconName, Stepper, StepperLabels};
use leptos::prelude::*;

const LABELS: StepperLabels = StepperLabels {
    step: words::step,
    earlier: words::earlier,
    later: words::later,
};

#[component]
pub fn Playback(children: Children) -> impl IntoView {
    let tab = use_samples();
    let last = Memo::new(move |_| tab.answered.with(|all| all.len().saturating_sub(1)));
    let step = move || {
        tab.answered
            .with(|all| all.get(tab.place.get()).map_or(0, |at| at.step))
    };
    let label = Signal::derive(move || words::step_at(fmt::count(step())));
    let several = Memo::new(move |_| last.get() > 0);
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
                <Stepper index=tab.place last label labels=LABELS on_change=move |place| tab.look_at(place) />
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
