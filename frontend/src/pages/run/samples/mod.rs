//! The tab "Samples": what the model writes to the same prompts, before training, at each evaluation and at the end.

mod cell;
mod curves;
mod detail;
mod grid;
mod play;
mod state;

pub(in crate::pages) use cell::Pieces;

use super::state::{PhaseProgress, RunView, use_run};
use crate::api::ApiError;
use crate::i18n::{Word, samples as words};
use crate::links;
use crate::ui::{EmptyState, ErrorNote, Icon, IconName, Skeleton, use_page_keys};
use leptos::prelude::*;
use protocol::event::Phase;
use protocol::method::MethodId;
use state::{SamplesTab, use_samples};

/// What the tab shows.
#[derive(Debug, Clone, PartialEq)]
enum TabState {
    Loading,
    Failed(ApiError),
    Empty,
    Ready,
}

#[component]
pub fn Samples() -> impl IntoView {
    let tab = SamplesTab::start();
    provide_context(tab);
    let tab_state = Memo::new(move |before: Option<&TabState>| {
        tab.overview.with(|answer| match answer {
            None => TabState::Loading,
            // what was fetched before stays
            Some(Err(_)) if before == Some(&TabState::Ready) => TabState::Ready,
            Some(Err(error)) => TabState::Failed(error.clone()),
            Some(Ok(overview)) if overview.steps.is_empty() => TabState::Empty,
            Some(Ok(_)) => TabState::Ready,
        })
    });
    move || match tab_state.get() {
        TabState::Loading => view! { <Skeleton lines=10 /> }.into_any(),
        TabState::Failed(error) => view! { <ErrorNote error on_retry=move |()| tab.ask.now() /> }.into_any(),
        TabState::Empty => view! { <Empty /> }.into_any(),
        TabState::Ready => view! { <TabContent /> }.into_any(),
    }
}

/// Whether the run's config asks for samples.
fn was_asked(run: RunView) -> bool {
    run.read(|run| {
        let config = run.known_config();
        config.sample_prompts.is_some_and(|count| count > 0) || config.sample_own_prompts.is_some()
    })
}

/// Why a run has no samples.
fn why_none(run: RunView) -> Word {
    match run.method() {
        Some(MethodId::Rm) => words::none_scores,
        _ if !was_asked(run) => words::none_asked,
        _ if !run.state().is_over() => words::none_yet,
        _ => words::none_recorded,
    }
}

#[component]
fn Empty() -> impl IntoView {
    let run = use_run();
    let writes = run.method() != Some(MethodId::Rm);
    let again = move || links::train_with(&run.id.get_value(), &["sample_prompts=6".to_owned()]);
    view! {
        <EmptyState
            title=Signal::derive(|| words::none_title().to_string())
            text=Signal::derive(move || why_none(run)().to_string())
        >
            <Show when=move || writes && !was_asked(run)>
                <a class="btn primary" href=again>
                    <Icon name=IconName::Refresh />
                    {words::again}
                </a>
            </Show>
        </EmptyState>
    }
}

#[component]
fn TabContent() -> impl IntoView {
    let tab = use_samples();
    use_page_keys(move |key| {
        match key {
            "j" => tab.go(1),
            "k" => tab.go(-1),
            "ArrowLeft" | "[" => tab.go_step(-1),
            "ArrowRight" | "]" => tab.go_step(1),
            " " if !crate::browser::is_control_focused() => tab.toggle(),
            "Escape" => tab.edit(|view| view.prompt = None),
            _ => return false,
        }
        true
    });
    let answering = move || {
        let PhaseProgress { done, total, .. } = tab.run.phase.get().filter(|now| now.phase == Phase::Sampling)?;
        Some(view! { <span class="chip num">{words::answering} " " {done} " / " {total}</span> })
    };
    let open = Memo::new(move |_| {
        let count = tab.prompts.with(|all| all.len());
        tab.view.get().prompt.filter(|place| *place < count)
    });
    let failed = move || {
        tab.overview.with(|answer| match answer {
            Some(Err(error)) => Some(error.clone()),
            _ => None,
        })
    };
    view! {
        <div class="samples">
            <play::Playback>{answering}</play::Playback>
            {move || failed().map(|error| view! { <ErrorNote error on_retry=move |()| tab.ask.now() /> })}
            <curves::Curves />
            {move || open.get().map(|prompt| view! { <detail::Detail prompt /> })}
            <grid::Grid open />
        </div>
    }
}
