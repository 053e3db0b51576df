//! The slider that chooses the evaluation.

use super::state::use_pairs;
use crate::fmt;
use crate::i18n::pairs as words;
use crate::ui::{ErrorNote, Stepper, StepperLabels};
use leptos::prelude::*;

const LABELS: StepperLabels = StepperLabels {
    step: words::step,
    earlier: words::earlier,
    later: words::later,
};

#[component]
pub fn Steps() -> impl IntoView {
    let tab = use_pairs();
    let last = Memo::new(move |_| tab.steps.with(|steps| steps.len().saturating_sub(1)));
    let place = Memo::new(move |_| {
        let step = tab.step.get();
        tab.steps
            .with(|steps| steps.iter().position(|other| Some(*other) == step).unwrap_or(0))
    });
    let label = Signal::derive(move || words::step_at(fmt::count(tab.step.get().unwrap_or_default())));
    let several = Memo::new(move |_| last.get() > 0);
    view! {
        <div class="pairs-steps">
            <b class="num">{label}</b>
            <Show when=move || several.get() fallback=|| view! { <span class="muted">{words::only_step}</span> }>
                <Stepper index=place last label labels=LABELS on_change=move |place| tab.look_at(place) />
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

/// The number of held-out pairs that were not recorded.
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
