//! The tab "Pairs": how the model scores each held-out pair, and how that changed over the evaluations.

mod bar;
mod detail;
mod histogram;
mod list;
mod numbers;
mod reply;
mod save;
mod score;
mod state;
mod steps;
mod token;
pub(in crate::pages) mod window;

use super::state::{RunView, use_run};
use crate::i18n::{Word, pairs as words};
use crate::ui::{EmptyState, ErrorNote, Skeleton, use_page_keys};
use leptos::prelude::*;
use protocol::method::MethodId;
use state::{PairsTab, use_pairs};

#[component]
pub fn Pairs() -> impl IntoView {
    let tab = PairsTab::start();
    provide_context(tab);
    let tab_state = Memo::new(move |_| {
        tab.overview.with(|answer| match answer {
            None => TabState::Loading,
            Some(Err(_)) if tab.scored.with(Option::is_some) => TabState::Ready,
            Some(Err(error)) => TabState::Failed(error.clone()),
            Some(Ok(overview)) if overview.steps.is_empty() => TabState::Empty,
            Some(Ok(_)) => match (tab.scored.with(Option::is_some), tab.failed.get()) {
                (true, _) => TabState::Ready,
                (false, Some(error)) => TabState::Failed(error),
                (false, None) => TabState::Loading,
            },
        })
    });
    let again = move |()| {
        tab.ask.now();
        tab.refetch.now();
    };
    move || match tab_state.get() {
        TabState::Loading => view! { <Skeleton lines=10 /> }.into_any(),
        TabState::Failed(error) => view! { <ErrorNote error on_retry=again /> }.into_any(),
        TabState::Empty => view! { <Empty /> }.into_any(),
        TabState::Ready => view! { <TabContent /> }.into_any(),
    }
}

/// What the tab shows.
#[derive(Debug, Clone, PartialEq)]
enum TabState {
    Loading,
    Failed(crate::api::ApiError),
    Empty,
    Ready,
}

/// Why a run has no pairs.
fn why_none(run: RunView) -> Word {
    let held_out = run.read(|run| {
        let config = run.known_config();
        config.eval_dataset.is_some() || config.val_size.is_some_and(|size| size > 0.0)
    });
    match run.method() {
        _ if run.is_foreign() => words::none_foreign,
        Some(MethodId::Sft | MethodId::Pt | MethodId::Ppo) => words::none_stage,
        _ if !held_out => words::none_held_out,
        _ if !run.state().is_over() => words::none_yet,
        Some(MethodId::Kto) => words::none_labelled,
        _ => words::none_recorded,
    }
}

#[component]
fn Empty() -> impl IntoView {
    let run = use_run();
    view! {
        <EmptyState
            title=Signal::derive(|| words::none_title().to_string())
            text=Signal::derive(move || why_none(run)().to_string())
        />
    }
}

#[component]
fn TabContent() -> impl IntoView {
    let tab = use_pairs();
    use_page_keys(move |key| {
        match key {
            "j" => tab.go(1),
            "k" => tab.go(-1),
            "[" => tab.go_step(-1),
            "]" => tab.go_step(1),
            _ => return false,
        }
        true
    });
    let reading = move || tab.view.with(|view| view.pair.is_some());
    view! {
        <div class="pairs" class:reading=reading>
            <steps::Steps />
            <section class="pairs-left" aria-label=words::title>
                <bar::Chips />
                <histogram::Histogram />
                <list::List />
            </section>
            <detail::Detail />
        </div>
    }
}
