//! The heat map of two keys: a cell for each two values, with the mean result of the runs that have both.

use super::{Page, use_page};
use crate::fmt;
use crate::i18n::sweep as words;
use crate::logic::diff::value_text;
use crate::logic::sheet::Sheet;
use crate::logic::sweep::{for_heat, heat};
use crate::ui::{SaveMenu, Select, sheet_items};
use leptos::prelude::*;
use serde_json::Value;

#[component]
pub fn Heat() -> impl IntoView {
    let page = use_page();
    // the most important keys come first, and are shown until others are chosen
    let offered = Memo::new(move |_| {
        let mut keys = for_heat(&page.runs(), page.keys.get());
        page.detail.with(|detail| {
            let all = detail.as_ref().map_or(&[][..], |detail| &detail.importance);
            let of = |key: &String| {
                all.iter()
                    .find(|one| one.key == *key)
                    .map_or(0.0, |one| one.permutation)
            };
            keys.sort_by(|a, b| of(b).total_cmp(&of(a)));
        });
        keys
    });
    let chosen = [RwSignal::new(String::new()), RwSignal::new(String::new())];
    let key = move |place: usize| {
        let asked = chosen[place].get();
        offered.with(|keys| match keys.contains(&asked) {
            true => asked,
            false => keys.get(place).cloned().unwrap_or_default(),
        })
    };
    let options = Signal::derive(move || {
        offered
            .get()
            .into_iter()
            .map(|key| (key.clone(), key))
            .collect::<Vec<_>>()
    });
    let several = Memo::new(move |_| offered.with(|keys| keys.len() > 1));
    let map = move || {
        let detail = page.detail.get()?;
        let map = heat(&detail.runs, &key(0), &key(1));
        let (metric, goal) = (detail.summary.target.metric.clone(), detail.summary.target.goal);
        let costs = || map.fields.iter().flatten().flatten().map(|value| goal.cost(*value));
        let (low, high) = (
            costs().fold(f64::INFINITY, f64::min),
            costs().fold(f64::NEG_INFINITY, f64::max),
        );
        let field = |value: &Option<f64>| {
            let share = value.map(|value| {
                if high > low {
                    (high - goal.cost(value)) / (high - low)
                } else {
                    1.0
                }
            });
            let style = share.map(|share| format!("--good: {:.0}%", share * 100.0));
            let text = value.map(|value| fmt::metric(&metric, value));
            view! { <td class="num" class:heat-field=share.is_some() style=style>{text}</td> }
        };
        let head = map
            .across
            .iter()
            .map(|value| view! { <th scope="col" class="num">{value_text(Some(value))}</th> });
        let rows = map.down.iter().zip(&map.fields).map(|(value, fields)| {
            let fields = fields.iter().map(field).collect_view();
            view! { <tr><th scope="row" class="num">{value_text(Some(value))}</th>{fields}</tr> }
        });
        Some(view! {
            <table class="sweep-heat">
                <thead><tr><td></td>{head.collect_view()}</tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        })
    };
    let title = Signal::derive(|| words::heat().to_owned());
    let sheet = move || sheet(page, &key(0), &key(1));
    let choose = move |place: usize, label: crate::i18n::Word| {
        let set = move |value: String| chosen[place].set(value);
        view! {
            <span class="row">
                <span class="faint">{label}</span>
                <Select options value=Signal::derive(move || key(place)) on_change=set label=Signal::derive(move || label().to_owned()) />
            </span>
        }
    };
    view! {
        <Show when=move || several.get()>
            <section class="sweep-part" aria-labelledby="head-heat">
                <div class="row">
                    <h2 id="head-heat">{words::heat}</h2>
                    <span class="grow"></span>
                    <SaveMenu name=title items=sheet_items(title, sheet) />
                </div>
                <p class="row">{choose(0, words::across)} {choose(1, words::down)}</p>
                <div class="scroll-x" tabindex="0" role="group" aria-labelledby="head-heat">{map}</div>
            </section>
        </Show>
    }
}

/// The map as a table, a row for each cell: a column's name could not hold a value.
fn sheet(page: Page, across: &str, down: &str) -> Sheet {
    let Some(detail) = page.detail.get() else {
        return Sheet::default();
    };
    let map = heat(&detail.runs, across, down);
    let of_row = |(down, fields): (&Value, &Vec<Option<f64>>)| {
        let cell = |(across, mean): (&Value, &Option<f64>)| {
            vec![across.clone(), down.clone(), mean.map_or(Value::Null, Value::from)]
        };
        map.across.iter().zip(fields).map(cell).collect::<Vec<_>>()
    };
    let rows: Vec<_> = map.down.iter().zip(&map.fields).flat_map(of_row).collect();
    Sheet::new(&[across, down, &detail.summary.target.metric], rows)
}
