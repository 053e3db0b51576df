//! Custom charts: any metric over any other, or the runs' results over a key of their configs. The address holds them.

use super::scatter::Scatter;
use super::state::use_comparison;
use crate::api;
use crate::chart::{Chart, ChartGroup, Line, Side, Source, Stroke};
use crate::fetched::{Refetch, heed};
use crate::fmt;
use crate::i18n::said::say;
use crate::i18n::{compare as words, said_words as said};
use crate::logic::diff::differences;
use crate::logic::plot::XAxis;
use crate::ui::{Icon, IconName, use_toaster};
use leptos::prelude::*;
use protocol::RunConfig;
use protocol::api::{Curve, RunSummary};
use protocol::{metric, says};

/// uPlot's cursor keys, one for each custom chart, since their x axes differ.
const KEYS: [&str; 6] = ["own-1", "own-2", "own-3", "own-4", "own-5", "own-6"];

/// The title of a metric; its name where it has none.
pub fn called(name: &str) -> String {
    match metric::find(name) {
        Some(known) if known.name == name && !metric::is_held_out(name) => fmt::sentence(said(&known.title)),
        Some(known) => say(&says::held_out_metric(said(&known.title))),
        None => name.to_owned(),
    }
}

fn title(y: &str, x: &str) -> String {
    let x = x.strip_prefix("c.").map_or_else(|| called(x), str::to_owned);
    say(&says::metric_over(called(y), x))
}

#[component]
pub fn OwnCharts() -> impl IntoView {
    let comparison = use_comparison();
    let address = comparison.address;
    let charts = Memo::new(move |_| address.query.with(|query| query.list("own")));
    let remove = move |chart: &str| {
        address.edit(|query| {
            let left: Vec<_> = query.list("own").into_iter().filter(|other| other != chart).collect();
            query.set_list("own", &left);
        });
    };
    let one = move |chart: String| {
        let (y, x) = chart.split_once('~')?;
        let (y, x) = (y.to_owned(), x.to_owned());
        let place = charts
            .with_untracked(|all| all.iter().position(|other| *other == chart))
            .unwrap_or(0);
        let (named, gone) = (title(&y, &x), chart.clone());
        let drawn = match x.strip_prefix("c.") {
            Some(key) => {
                view! { <Scatter metric=y key=key.to_owned() uplot_key=KEYS[place % KEYS.len()] /> }.into_any()
            }
            None => view! { <Over y x place /> }.into_any(),
        };
        Some(view! {
            <div class="own-chart">
                {drawn}
                <button type="button" class="btn ghost small" aria-label=words::own_remove(named) on:click=move |_| remove(&gone)>
                    <Icon name=IconName::Close />
                    {words::own_remove_short}
                </button>
            </div>
        })
    };
    view! {
        <section class="compare-section" aria-labelledby="own-charts">
            <h2 id="own-charts">{words::own_charts}</h2>
            <Add />
            <div class="own-charts">
                <For each=move || charts.get() key=Clone::clone let:chart>{one(chart)}</For>
            </div>
        </section>
    }
}

/// What may be drawn: metrics that a run has, and keys that differ.
fn choices(runs: &[RunSummary], configs: &[RunConfig]) -> (Vec<String>, Vec<&'static str>) {
    let mut metrics: Vec<String> = runs.iter().flat_map(|run| run.latest.keys().cloned()).collect();
    metrics.sort();
    metrics.dedup();
    let keys = differences(configs).into_iter().map(|(key, _)| key);
    (metrics, keys.collect())
}

#[component]
fn Add() -> impl IntoView {
    let comparison = use_comparison();
    let (y, x) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let choices = Memo::new(move |_| {
        comparison
            .summaries
            .with(|runs| comparison.configs.with(|configs| choices(runs, configs)))
    });
    let metrics = move |chosen: RwSignal<String>| {
        let option = move |name: String| {
            let (value, text) = (name.clone(), called(&name));
            view! { <option value=value title=name.clone() selected=move || chosen.with(|chosen| *chosen == name)>{text}</option> }
        };
        choices.get().0.into_iter().map(option).collect_view()
    };
    let keys = move || {
        let option = move |key: &'static str| {
            let value = format!("c.{key}");
            let mine = value.clone();
            view! { <option value=value selected=move || x.with(|x| *x == mine)>{key}</option> }
        };
        choices.get().1.into_iter().map(option).collect_view()
    };
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let chart = format!("{}~{}", y.get_untracked(), x.get_untracked());
        comparison.address.edit(|query| {
            let mut all = query.list("own");
            if !all.contains(&chart) {
                all.push(chart);
            }
            query.set_list("own", &all);
        });
    };
    view! {
        <form class="row wrap own-add" on:submit=add>
            <label class="row">
                <span class="faint">{words::own_y}</span>
                <span class="select">
                    <select id="own-y" required=true on:change=move |event| y.set(event_target_value(&event))>
                        <option value="">"–"</option>
                        {move || metrics(y)}
                    </select>
                </span>
            </label>
            <label class="row">
                <span class="faint">{words::own_x}</span>
                <span class="select">
                    <select id="own-x" required=true on:change=move |event| x.set(event_target_value(&event))>
                        <option value="">"–"</option>
                        <optgroup label=words::own_keys>{keys}</optgroup>
                        <optgroup label=words::own_metrics>{move || metrics(x)}</optgroup>
                    </select>
                </span>
            </label>
            <button type="submit" class="btn small">{words::own_add}</button>
        </form>
    }
}

/// A chart of one metric over another, with a line for each run.
#[component]
fn Over(y: String, x: String, place: usize) -> impl IntoView {
    let comparison = use_comparison();
    let toaster = use_toaster();
    let curves = RwSignal::new(Vec::<Curve>::new());
    let asked = {
        let (y, x) = (y.clone(), x.clone());
        Memo::new(move |_| {
            let mut query = comparison.query();
            query.set("group", "");
            query.set("x", &x);
            query.set_list("y", &[&y]);
            query.only(&["runs", "x", "y"])
        })
    };
    let ask = Refetch::new(
        move || api::curves(asked.get_untracked()),
        move |answer| match answer {
            Ok(found) => curves.set(found.curves),
            Err(error) => toaster.fail(&error),
        },
    );
    Effect::new(move || {
        asked.track();
        heed(comparison.steps);
        ask.changed();
    });
    let metric = y.clone();
    let lines = Memo::new(move |_| {
        let hidden = comparison.hidden.get();
        let color = |id: &str| comparison.color_of(id);
        let line = |curve: &Curve| Line {
            name: curve.name.clone(),
            legend: curve.name.clone(),
            metric: metric.clone(),
            color: color(&curve.of),
            stroke: Stroke::Solid,
            side: Side::Left,
            points: curve.points.clone().into(),
            noisy: false,
            raw: None,
            range: None,
            of: comparison.lit_by(&curve.of),
        };
        curves.with(|curves| {
            curves
                .iter()
                .filter(|curve| !hidden.contains(&curve.of))
                .map(line)
                .collect::<Vec<_>>()
        })
    });
    let zoom = RwSignal::new(None::<(f64, f64)>);
    let group = ChartGroup {
        key: KEYS[place % KEYS.len()],
        axis: Signal::stored(XAxis::Value),
        zoom: zoom.into(),
        on_zoom: Callback::new(move |to| zoom.set(to)),
        at: RwSignal::new(None),
        band: RwSignal::new(None),
        ..comparison.group
    };
    let over = x.clone();
    provide_context(Source::of(Signal::derive(move || {
        let mut query = comparison.query();
        query.set("zoom", "");
        query.set("x", &over);
        query
    })));
    view! { <Chart title=Signal::derive(move || title(&y, &x)) lines group no_legend=true /> }
}
