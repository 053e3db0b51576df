//! A scatter plot with a dot for each run: its result over its value of a key.

use super::own::called;
use super::state::use_comparison;
use crate::fmt;
use crate::i18n::said::say;
use crate::links;
use crate::logic::sweep::Axis;
use leptos::prelude::*;
use protocol::RunConfig;
use protocol::api::RunSummary;
use protocol::numbers::value_text;
use protocol::says;
use serde_json::Value;

/// The size and margins of the drawing, in units of its view box.
const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 260.0;
const SIDE: f64 = 64.0;
const EDGE: f64 = 30.0;

/// The dot of a run: its id, its name, and both values.
#[derive(Debug, Clone, PartialEq)]
struct Dot {
    id: String,
    name: String,
    x: Value,
    y: f64,
}

fn dot(run: &RunSummary, config: &RunConfig, key: &str, metric: &str) -> Option<Dot> {
    Some(Dot {
        id: run.id.clone(),
        name: run.name.clone(),
        x: config
            .get(key)
            .filter(|value| !value.is_null())
            .unwrap_or_else(|| "–".into()),
        y: run.newest(metric)?,
    })
}

#[component]
pub fn Scatter(metric: String, key: String) -> impl IntoView {
    let comparison = use_comparison();
    let (metric, key) = (StoredValue::new(metric), StoredValue::new(key));
    let dots = Memo::new(move |_| {
        let hidden = comparison.hidden.get();
        let (key, metric) = (key.get_value(), metric.get_value());
        comparison.summaries.with(|runs| {
            comparison.configs.with(|configs| {
                let all = runs.iter().zip(configs);
                let shown = all.filter(|(run, _)| !hidden.contains(&run.id));
                shown
                    .filter_map(|(run, config)| dot(run, config, &key, &metric))
                    .collect::<Vec<_>>()
            })
        })
    });
    let title = move || say(&says::metric_over(called(&metric.get_value()), key.get_value()));
    let drawing = move || {
        let dots = dots.get();
        let xs: Vec<Value> = dots.iter().map(|dot| dot.x.clone()).collect();
        let ys: Vec<Value> = dots.iter().map(|dot| dot.y.into()).collect();
        let across = Axis::of("", &xs, |value| value_text(Some(value)));
        let up = Axis::of("", &ys, |value| {
            fmt::metric(&metric.get_value(), value.as_f64().unwrap_or(0.0))
        });
        let x = |share: f64| SIDE + share * (WIDTH - SIDE - EDGE);
        let y = |share: f64| HEIGHT - EDGE - share * (HEIGHT - 2.0 * EDGE);
        let below = across.marks.iter().map(|(at, text)| {
            view! { <text class="sweep-mark" x=x(*at) y=HEIGHT - 8.0 text-anchor="middle">{text.clone()}</text> }
        });
        let beside = up.marks.iter().map(|(at, text)| {
            view! { <text class="sweep-mark" x=SIDE - 10.0 y=y(*at) + 4.0 text-anchor="end">{text.clone()}</text> }
        });
        let (below, beside) = (below.collect_view(), beside.collect_view());
        let circle = |dot: Dot| {
            let (at, lit) = (
                (x(across.place(&dot.x)?), y(up.place(&dot.y.into())?)),
                comparison.group.lit,
            );
            let of = comparison.lit_by(&dot.id);
            let (with, mine, id) = (of.clone(), of.clone(), dot.id.clone());
            let text = format!(
                "{}: {}, {}",
                dot.name,
                value_text(Some(&dot.x)),
                fmt::metric(&metric.get_value(), dot.y)
            );
            let said = text.clone();
            let color = move || comparison.color_of(&id);
            let faded = move || lit.with(|lit| lit.as_ref().is_some_and(|lit| *lit != mine));
            Some(view! {
                <g on:focusin=move |_| lit.set(Some(with.clone())) on:focusout=move |_| lit.set(None)>
                    <a href=links::run(&dot.id) aria-label=said>
                        <circle class="scatter-dot" class:faded=faded cx=at.0 cy=at.1 r="5" style:color=color
                            on:pointerenter=move |_| lit.set(Some(of.clone())) on:pointerleave=move |_| lit.set(None)>
                            <title>{text}</title>
                        </circle>
                    </a>
                </g>
            })
        };
        view! {
            <line class="sweep-axis" x1=SIDE x2=WIDTH - EDGE y1=HEIGHT - EDGE y2=HEIGHT - EDGE />
            <line class="sweep-axis" x1=SIDE x2=SIDE y1=EDGE y2=HEIGHT - EDGE />
            {below}
            {beside}
            {dots.into_iter().filter_map(circle).collect_view()}
        }
    };
    let picture = move || {
        let mut query = comparison.query();
        // these apply to curves only
        ["zoom", "log", "clip"].iter().for_each(|key| query.set(key, ""));
        query.set_list("y", &[metric.get_value()]);
        query.set("x", &format!("c.{}", key.get_value()));
        query.set("title", &title());
        format!("/api/compare/chart.svg{query}")
    };
    view! {
        <figure class="chart scatter">
            <figcaption class="chart-head">
                <h3>{title}</h3>
                <span class="grow"></span>
                <a class="btn ghost small" href=picture download="">"SVG"</a>
            </figcaption>
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="group" aria-label=title>{drawing}</svg>
        </figure>
    }
}
