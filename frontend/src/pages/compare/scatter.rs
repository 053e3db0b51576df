//! A chart with a dot for each run: its result over its value of a key.

use super::own::called;
use super::state::{Comparison, use_comparison};
use crate::chart::{Chart, ChartGroup, Line, Marks, Side, Source, Stroke};
use crate::fmt;
use crate::i18n::said::say;
use crate::i18n::{compare as words, run as chart_words};
use crate::links;
use crate::logic::plot::XAxis;
use crate::logic::scatter::Bottom;
use crate::logic::sheet::Sheet;
use leptos::prelude::*;
use protocol::RunConfig;
use protocol::api::RunSummary;
use protocol::numbers::value_text;
use protocol::says;
use serde_json::Value;

/// The dot of a run: its id, its name, and both values.
#[derive(Debug, Clone, PartialEq)]
struct Dot {
    id: String,
    name: String,
    /// `None` where its config has no such key.
    x: Option<Value>,
    y: f64,
}

impl Dot {
    /// Its value as it is placed and shown.
    fn at(&self) -> Value {
        self.x.clone().unwrap_or_else(|| "–".into())
    }
}

fn dot(run: &RunSummary, config: &RunConfig, key: &str, metric: &str) -> Option<Dot> {
    Some(Dot {
        id: run.id.clone(),
        name: run.name.clone(),
        x: config.get(key).filter(|value| !value.is_null()),
        y: run.newest(metric)?,
    })
}

/// The dots of the runs that are shown and have a result.
fn dots(comparison: Comparison, key: &str, metric: &str) -> Vec<Dot> {
    let hidden = comparison.hidden.get();
    comparison.summaries.with(|runs| {
        comparison.configs.with(|configs| {
            let all = runs.iter().zip(configs);
            let shown = all.filter(|(run, _)| !hidden.contains(&run.id));
            shown
                .filter_map(|(run, config)| dot(run, config, key, metric))
                .collect()
        })
    })
}

/// `uplot_key` is uPlot's key for its cursor, which no other chart shares.
#[component]
pub fn Scatter(metric: String, key: String, uplot_key: &'static str) -> impl IntoView {
    let comparison = use_comparison();
    let (metric, key) = (StoredValue::new(metric), StoredValue::new(key));
    let dots = Memo::new(move |_| key.with_value(|key| metric.with_value(|metric| dots(comparison, key, metric))));
    let bottom = Memo::new(move |_| {
        let xs: Vec<Value> = dots.with(|dots| dots.iter().map(Dot::at).collect());
        Bottom::of(&xs)
    });
    let lines = Memo::new(move |_| {
        let line = |dot: &Dot| {
            let x = bottom.with(|bottom| bottom.place(&dot.at()))?;
            Some(Line {
                name: dot.name.clone(),
                legend: dot.name.clone(),
                metric: metric.get_value(),
                color: comparison.color_of(&dot.id),
                stroke: Stroke::Solid,
                side: Side::Left,
                points: [(x, dot.y)].into(),
                noisy: false,
                raw: None,
                range: None,
                of: comparison.lit_by(&dot.id),
            })
        };
        dots.with(|dots| dots.iter().filter_map(line).collect::<Vec<_>>())
    });
    let (zoom, span) = (RwSignal::new(None::<(f64, f64)>), RwSignal::new(None));
    Effect::new(move || {
        let xs = lines.with(|lines| lines.iter().map(|line| line.points[0].0).collect::<Vec<_>>());
        span.set(bottom.with(|bottom| bottom.span(xs.into_iter())));
    });
    // a zoom is in the numbers of its kind of axis
    let kind = Memo::new(move |_| bottom.with(std::mem::discriminant));
    Effect::new(move |before: Option<_>| {
        let kind = kind.get();
        if before.is_some_and(|before| before != kind) {
            zoom.set(None);
        }
        kind
    });
    let group = ChartGroup {
        key: uplot_key,
        axis: Signal::stored(XAxis::Value),
        zoom: zoom.into(),
        on_zoom: Callback::new(move |to| zoom.set(to)),
        at: RwSignal::new(None),
        band: RwSignal::new(None),
        span,
        ..comparison.group
    };
    let title = Signal::derive(move || say(&says::metric_over(called(&metric.get_value()), key.get_value())));
    let note = move || match bottom.get() {
        Bottom::Decades => words::own_decades(key.get_value()),
        Bottom::Numbers | Bottom::Words(_) => String::new(),
    };
    let sheet = move || {
        let row = |dot: &Dot| {
            vec![
                dot.name.clone().into(),
                dot.id.clone().into(),
                dot.x.clone().unwrap_or(Value::Null),
                dot.y.into(),
            ]
        };
        let (key, metric) = (key.get_value(), metric.get_value());
        Sheet::new(
            &["run", "id", &key, &metric],
            dots.with(|dots| dots.iter().map(row).collect::<Vec<_>>()),
        )
    };
    provide_context(Source {
        query: Signal::derive(move || {
            let mut query = comparison.query();
            query.set("zoom", "");
            query.set("x", &format!("c.{}", key.get_value()));
            query
        }),
        values: Some(Callback::new(move |()| sheet())),
    });
    let table = move || view! { <Table dots metric=metric.get_value() key_name=key.get_value() title /> }.into_any();
    view! {
        <Chart
            title
            note=Signal::derive(note)
            lines
            group
            no_legend=true
            marks=Marks { bottom: Some(bottom), ..Marks::default() }
            table=ViewFn::from(table)
        />
    }
}

/// The values as a table: a row for each run, which is highlighted with it.
#[component]
fn Table(dots: Memo<Vec<Dot>>, metric: String, key_name: String, title: Signal<String>) -> impl IntoView {
    let comparison = use_comparison();
    let lit = comparison.group.lit;
    let head = called(&metric);
    let row = move |dot: Dot| {
        let of = comparison.lit_by(&dot.id);
        let light = Callback::new(move |()| lit.set(Some(of.clone())));
        let (x, y) = (value_text(Some(&dot.at())), fmt::metric(&metric, dot.y));
        view! {
            <tr
                on:pointerenter=move |_| light.run(())
                on:pointerleave=move |_| lit.set(None)
                on:focusin=move |_| light.run(())
                on:focusout=move |_| lit.set(None)
            >
                <th scope="row"><a href=links::run(&dot.id)>{dot.name}</a></th>
                <td class="right num">{x}</td>
                <td class="right num">{y}</td>
            </tr>
        }
    };
    view! {
        <div class="chart-table" tabindex="0" role="region" aria-label=move || chart_words::as_table_of(title.get())>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{words::run}</th>
                        <th scope="col" class="right">{key_name}</th>
                        <th scope="col" class="right">{head}</th>
                    </tr>
                </thead>
                <tbody>{move || dots.get().into_iter().map(row.clone()).collect_view()}</tbody>
            </table>
        </div>
    }
}
