//! The columns of the table: their titles, and the choice of them.

use super::{RunsTable, use_table};
use crate::i18n::{Word, runs as words};
use crate::logic::find::rank;
use crate::logic::view::{USUAL_COLUMNS, toggle};
use crate::ui::{Icon, IconName, Popover};
use leptos::prelude::*;
use protocol::config::KEYS;
use std::collections::BTreeSet;

/// The title of a column. Keys and metrics have their own names.
pub fn column_title(column: &str) -> String {
    let word: Word = match column {
        "name" => words::col_name,
        "loss" => words::col_loss,
        "model" => words::col_model,
        "data" => words::col_data,
        "step" => words::col_step,
        "acc" => words::col_acc,
        "margin" => words::col_margin,
        "eval_loss" => words::col_eval_loss,
        "health" => words::col_health,
        "lr" => words::col_lr,
        "time" => words::col_time,
        "spark" => words::col_spark,
        "created" => words::col_created,
        "peak" => words::col_peak,
        "tags" => words::col_tags,
        other => return other.split_once('.').map_or(other, |(_, name)| name).to_owned(),
    };
    word().to_owned()
}

/// All columns there are: built-in ones, metrics of the runs, keys that any run has set.
fn every_column(table: RunsTable) -> Vec<String> {
    let mut all: Vec<String> = USUAL_COLUMNS
        .iter()
        .chain(&["created", "peak", "tags"])
        .map(|c| (*c).to_owned())
        .collect();
    table.with_all(|runs| {
        let metrics: BTreeSet<_> = runs.iter().flat_map(|run| run.latest.keys()).collect();
        all.extend(metrics.into_iter().map(|metric| format!("m.{metric}")));
        let set = KEYS
            .iter()
            .filter(|key| runs.iter().any(|run| run.config.get(key.name).is_some()));
        all.extend(set.map(|key| format!("c.{}", key.name)));
    });
    all
}

#[component]
pub fn Columns() -> impl IntoView {
    let table = use_table();
    let trigger = || {
        view! {
            <Icon name=IconName::Columns />
            <span class="wide">{words::columns}</span>
        }
    };
    let text = RwSignal::new(String::new());
    let options = move || {
        let found = text.with(|text| rank(text, every_column(table), |column| column.as_str(), 200));
        found
            .into_iter()
            .map(|column| {
                let (title, key, item) = (column_title(&column), column.clone(), column);
                view! {
                    <label class="menu-item">
                        <input
                            type="checkbox"
                            prop:checked=move || table.view.with(|view| view.columns().contains(&key))
                            on:change=move |_| {
                                table
                                    .edit(|view| {
                                        let mut columns = view.columns();
                                        toggle(&mut columns, &item);
                                        view.columns = (columns != USUAL_COLUMNS).then_some(columns);
                                    })
                            }
                        />
                        <span class="grow clip">{title}</span>
                    </label>
                }
            })
            .collect_view()
    };
    view! {
        <Popover trigger=trigger.into() class="btn small" align_end=true label=Signal::derive(|| words::columns().to_string())>
            <div class="columns-panel">
                <input
                    class="input"
                    type="search"
                    aria-label=words::columns_find
                    placeholder=words::columns_find
                    prop:value=text
                    on:input=move |event| text.set(event_target_value(&event))
                />
                <div class="columns-list">{options}</div>
                <button type="button" class="btn ghost small" on:click=move |_| table.edit(|view| view.columns = None)>
                    {words::columns_reset}
                </button>
            </div>
        </Popover>
    }
}
