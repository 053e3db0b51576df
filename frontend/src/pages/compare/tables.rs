//! What differs in the configs, and what came out.

use super::use_comparison;
use crate::fmt;
use crate::i18n::{Word, compare as words};
use crate::logic::diff::differences;
use crate::logic::results::{Better, best, deltas, signed};
use crate::logic::series::held_out;
use crate::ui::{Icon, IconName};
use leptos::prelude::*;
use protocol::api::RunSummary;

/// A table's head over runs: their colours and names.
fn run_heads(names: &[String], colors: &[&'static str]) -> impl IntoView + use<> {
    names
        .iter()
        .cloned()
        .zip(colors.iter().copied())
        .map(|(name, color)| {
            view! {
                <th scope="col">
                    <span class="row">
                        <span class="swatch" style:color=format!("var({color})")></span>
                        <span class="clip compare-name" title=name.clone()>{name.clone()}</span>
                    </span>
                </th>
            }
        })
        .collect_view()
}

#[component]
pub fn Differences() -> impl IntoView {
    let comparison = use_comparison();
    let rows = Memo::new(move |_| {
        let configs: Vec<_> = comparison
            .summaries()
            .iter()
            .map(|run| run.config.completed())
            .collect();
        differences(&configs)
    });
    let names = Memo::new(move |_| {
        comparison
            .summaries()
            .into_iter()
            .map(|run| run.name)
            .collect::<Vec<_>>()
    });
    let row = |(key, values): (&'static str, Vec<String>)| {
        let cells = values
            .into_iter()
            .map(|value| view! { <td class="mono"><span class="clip cell-text" title=value.clone()>{value.clone()}</span></td> })
            .collect_view();
        view! {
            <tr>
                <th scope="row" class="mono">{key}</th>
                {cells}
            </tr>
        }
    };
    view! {
        <section class="compare-section">
            <h2>{words::differences}</h2>
            <Show when=move || rows.with(|rows| !rows.is_empty()) fallback=|| view! { <p class="muted">{words::no_differences}</p> }>
                <div class="scroll-x">
                    <table class="table">
                        <thead>
                            <tr>
                                <th scope="col">{words::key}</th>
                                {move || run_heads(&names.get(), &comparison.colors())}
                            </tr>
                        </thead>
                        <tbody>{move || rows.get().into_iter().map(row).collect_view()}</tbody>
                    </table>
                </div>
            </Show>
        </section>
    }
}

/// A column of the results.
struct Column {
    title: Word,
    better: Better,
    value: fn(&RunSummary) -> Option<f64>,
    write: fn(f64) -> String,
    /// The least difference that shows in what is written.
    least: f64,
}

const COLUMNS: &[Column] = &[
    Column {
        title: words::accuracy,
        better: Better::More,
        value: |run| held_out(&run.latest, "preference/accuracies"),
        write: |share| format!("{:.1} %", share * 100.0),
        least: 0.0005,
    },
    Column {
        title: words::margin,
        better: Better::More,
        value: |run| held_out(&run.latest, "preference/margins"),
        write: fmt::number,
        least: 0.0005,
    },
    Column {
        title: words::time,
        better: Better::Less,
        value: |run| (run.state.is_over() && run.seconds > 0.0).then_some(run.seconds),
        write: fmt::clock,
        least: 0.5,
    },
    Column {
        title: words::memory,
        better: Better::Less,
        value: |run| run.peak_memory.filter(|bytes| *bytes > 0).map(|bytes| bytes as f64),
        write: |bytes| fmt::bytes(bytes as u64),
        least: 1.0,
    },
];

#[component]
pub fn Results() -> impl IntoView {
    let comparison = use_comparison();
    let rows = move || {
        let runs = comparison.summaries();
        let colors = comparison.colors();
        let pinned = comparison.pinned.get();
        let columns: Vec<_> = COLUMNS
            .iter()
            .map(|column| {
                let values: Vec<_> = runs.iter().map(column.value).collect();
                (column, best(&values, column.better), deltas(&values, pinned), values)
            })
            .collect();
        runs.iter()
            .enumerate()
            .map(|(place, run)| {
                let cells = columns
                    .iter()
                    .map(|(column, best, deltas, values)| {
                        let is_best = best.contains(&place);
                        let text = values[place].map_or_else(|| "–".to_owned(), column.write);
                        let changed = deltas[place].is_some_and(|delta| delta.abs() >= column.least);
                        let delta = deltas[place].map(|delta| signed(delta, column.write)).filter(|_| changed);
                        let good = deltas[place].is_some_and(|delta| (delta > 0.0) == (column.better == Better::More));
                        view! {
                            <td class="right" class:best=is_best>
                                {delta.map(|delta| view! { <span class="delta" class:good=good>{delta}</span> })}
                                <span class="result">
                                    {is_best.then(|| view! { <span class="best-mark" title=words::best><Icon name=IconName::Star /><span class="sr">{words::best}</span></span> })}
                                    {text}
                                </span>
                            </td>
                        }
                    })
                    .collect_view();
                let name = run.name.clone();
                view! {
                    <tr>
                        <th scope="row">
                            <span class="row">
                                <span class="swatch" style:color=format!("var({})", colors[place])></span>
                                <span class="clip compare-name" title=name.clone()>{name.clone()}</span>
                                {(pinned == Some(place)).then(|| view! { <span class="chip">{words::pinned}</span> })}
                            </span>
                        </th>
                        {cells}
                    </tr>
                }
            })
            .collect_view()
    };
    let heads = COLUMNS
        .iter()
        .map(|column| view! { <th scope="col" class="right">{column.title}</th> })
        .collect_view();
    view! {
        <section class="compare-section">
            <h2>{words::results}</h2>
            <p class="muted">{words::results_hint}</p>
            <div class="scroll-x">
                <table class="table results">
                    <thead>
                        <tr>
                            <th scope="col">{words::run}</th>
                            {heads}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}
