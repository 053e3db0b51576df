//! The filter bar over the table: search, filters, columns.

use super::columns::Columns;
use super::save::SaveRuns;
use super::search::Search;
use super::use_table;
use crate::i18n::{Word, runs as words};
use crate::logic::view::{RunsView, toggle};
use crate::ui::{Icon, IconName, Popover, state_word};
use leptos::prelude::*;
use protocol::api::{RunState, RunSummary};
use protocol::column::short_name;
use std::collections::BTreeMap;

#[component]
pub fn FilterBar() -> impl IntoView {
    let table = use_table();
    let total = move || table.live.runs.with(|runs| runs.len()) as u64;
    let counted = move || {
        let shown = table.shown.with(Vec::len) as u64;
        if shown == total() {
            words::count(shown)
        } else {
            words::shown(shown, total())
        }
    };
    view! {
        <div class="runs-bar">
            <Search />
            <Filter name=words::filter_state of=|view| &mut view.states values=states show=state_label />
            <Filter name=words::filter_loss of=|view| &mut view.losses values=|run| vec![run.loss_name().to_owned()] show=|key| key.to_owned() />
            <Filter
                name=words::filter_model
                of=|view| &mut view.models
                values=|run| run.config.model_name_or_path.iter().cloned().collect()
                show=|key| short_name(key).to_owned()
            />
            <Filter name=words::filter_tag of=|view| &mut view.tags values=|run| run.tags.clone() show=|key| key.to_owned() />
            <Filter name=words::filter_health of=|view| &mut view.health values=health show=health_label />
            <button
                type="button"
                class="chip"
                class:on=move || table.view.with(|view| view.archived)
                aria-pressed=move || table.view.with(|view| view.archived).to_string()
                on:click=move |_| table.edit(|view| view.archived = !view.archived)
            >
                {words::archived}
            </button>
            <Show when=move || table.view.with(RunsView::is_filtered)>
                <button
                    type="button"
                    class="btn ghost small"
                    on:click=move |_| {
                        table
                            .edit(|view| {
                                let kept = std::mem::take(view);
                                *view = RunsView { sort: kept.sort, descending: kept.descending, columns: kept.columns, selected: kept.selected, ..RunsView::default() };
                            })
                    }
                >
                    {words::clear_filters}
                </button>
            </Show>
            <span class="grow"></span>
            <span class="faint num runs-count" aria-live="polite">{counted}</span>
            <SaveRuns />
            <Columns />
        </div>
    }
}

fn states(run: &RunSummary) -> Vec<String> {
    vec![run.state.name().into()]
}

fn health(run: &RunSummary) -> Vec<String> {
    run.health_key().map(str::to_owned).into_iter().collect()
}

/// The label of a severity.
fn health_label(key: &str) -> String {
    let word: Word = match key {
        "bad" => words::health_bad,
        "warning" => words::health_warning,
        "note" => words::health_note,
        _ => words::health_well,
    };
    word().to_owned()
}

fn state_label(key: &str) -> String {
    use RunState::*;
    let all = [
        Queued, Starting, Running, Stopping, Completed, Stopped, Failed, Untold, Unknown,
    ];
    all.into_iter()
        .find(|state| state.name() == key)
        .map_or_else(|| key.to_owned(), |state| state_word(state).into())
}

/// A filter by the values that runs have, with the number of runs for each.
#[component]
fn Filter(
    name: Word,
    of: fn(&mut RunsView) -> &mut Vec<String>,
    values: fn(&RunSummary) -> Vec<String>,
    show: fn(&str) -> String,
) -> impl IntoView {
    let table = use_table();
    let chosen = Memo::new(move |_| {
        let mut view = table.view.get();
        of(&mut view).clone()
    });
    let trigger = move || {
        let label = chosen.with(|chosen| match chosen.as_slice() {
            [] => name().to_owned(),
            [one] => format!("{}: {}", name(), show(one)),
            more => format!("{}: {}", name(), more.len()),
        });
        view! {
            <span class="clip">{label}</span>
            <Icon name=IconName::Down />
        }
    };
    let trigger = move || view! { {trigger} };
    let options = move || {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        table.with_all(|runs| {
            for value in runs.iter().flat_map(|run| values(run)) {
                *counts.entry(value).or_default() += 1;
            }
        });
        if counts.is_empty() {
            return view! { <p class="popover-note">{words::filter_none}</p> }.into_any();
        }
        counts
            .into_iter()
            .map(|(value, count)| {
                let (label, key, item) = (show(&value), value.clone(), value);
                view! {
                    <label class="menu-item">
                        <input
                            type="checkbox"
                            prop:checked=move || chosen.with(|chosen| chosen.contains(&key))
                            on:change=move |_| table.edit(|view| toggle(of(view), &item))
                        />
                        <span class="grow clip">{label}</span>
                        <span class="faint num">{count}</span>
                    </label>
                }
            })
            .collect_view()
            .into_any()
    };
    view! {
        <Popover trigger=trigger.into() class="chip filter" role="dialog">
            {options}
        </Popover>
    }
}
