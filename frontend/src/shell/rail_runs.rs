//! The runs in the rail: those that go, and those that a person pinned, each with its curve.

use crate::app::use_shell;
use crate::browser;
use crate::fmt;
use crate::i18n::shell as words;
use crate::links;
use crate::live::use_live;
use crate::logic::pace::{left, share};
use crate::ui::{Progress, Sparkline};
use leptos::prelude::*;
use protocol::api::RunSummary;

/// Live runs shown at most; the page of runs has them all.
const MAX_LIVE: usize = 5;
/// Pinned runs shown at most, the newest pins.
const MAX_PINNED: usize = 6;

/// The ids of the live runs, the oldest first.
fn live_runs() -> Memo<Vec<String>> {
    let live = use_live();
    Memo::new(move |_| {
        live.runs.with(|runs| {
            let mut going: Vec<_> = runs
                .values()
                .filter_map(|run| run.with(|run| run.state.is_live().then(|| (run.started, run.id.clone()))))
                .collect();
            going.sort();
            going.into_iter().map(|(_, id)| id).take(MAX_LIVE).collect::<Vec<_>>()
        })
    })
}

#[component]
pub fn RailRuns() -> impl IntoView {
    let (live, pins) = (use_live(), use_shell().pins);
    let going = live_runs();
    let pinned = Memo::new(move |_| {
        let there =
            |id: &String| live.runs.with(|runs| runs.contains_key(id)) && !going.with(|going| going.contains(id));
        let mut ids: Vec<_> = pins.ids().into_iter().filter(there).collect();
        ids.reverse();
        ids.truncate(MAX_PINNED);
        ids
    });
    view! {
        <Show when=move || going.with(|ids| !ids.is_empty())>
            <ul class="rail-going" aria-label=words::going_now>
                <For each=move || going.get() key=|id| id.clone() children=move |id| view! { <Going id /> } />
            </ul>
        </Show>
        <Show when=move || pinned.with(|ids| !ids.is_empty())>
            <ul class="rail-going" aria-label=words::pinned>
                <For each=move || pinned.get() key=|id| id.clone() children=move |id| view! { <Pinned id /> } />
            </ul>
        </Show>
    }
}

/// A live run: when it ends, its curve so far, how far it is.
#[component]
fn Going(id: String) -> impl IntoView {
    let run = use_live().run(&id)?;
    let (named, told, timed, drawn) = (run.clone(), run.clone(), run.clone(), run.clone());
    let hint = move || timed.with(|run| left(run).map(|left| words::ends_in(fmt::duration(left))));
    let share = Signal::derive(move || run.with(share));
    Some(view! {
        <li>
            <a class="rail-run" href=links::run(&id)>
                <span class="clip">{move || named.with(|run| run.name.clone())}</span>
                <span class="faint num" title=hint>{move || told.with(end_or_progress)}</span>
                <Curve run=drawn />
                <Progress share label=Signal::derive(|| words::progress().to_string()) />
            </a>
        </li>
    })
}

/// A pinned run: its curve, and where that ended.
#[component]
fn Pinned(id: String) -> impl IntoView {
    let run = use_live().run(&id)?;
    let (named, told) = (run.clone(), run.clone());
    let last = move || told.with(|run| Some(fmt::metric(&run.spark_metric, *run.spark.last()?)));
    Some(view! {
        <li>
            <a class="rail-run" href=links::run(&id)>
                <span class="clip">{move || named.with(|run| run.name.clone())}</span>
                <span class="faint num">{last}</span>
                <Curve run />
            </a>
        </li>
    })
}

/// The curve of a run across the rail, once there are two points of it.
#[component]
fn Curve(run: ArcRwSignal<RunSummary>) -> impl IntoView {
    let values = Memo::new(move |_| run.with(|run| run.spark.clone()));
    view! {
        <Show when=move || { values.with(Vec::len) > 1 }>
            <Sparkline values stretched=true />
        </Show>
    }
}

/// When the run ends, by its pace so far; its progress while that is not known.
fn end_or_progress(run: &RunSummary) -> String {
    let left = left(run);
    let progress = || share(run).map(fmt::percent);
    left.map(browser::local_time_in).or_else(progress).unwrap_or_default()
}
