//! The table of runs as a file: the runs that it shows, in its order, with its columns.

use super::{RunsTable, use_table};
use crate::i18n::runs as words;
use crate::logic::sheet::Sheet;
use crate::logic::view::USUAL_COLUMNS;
use crate::part::{Lazy, part};
use crate::ui::{SaveItems, SaveMenuOf, sheet_items};
use leptos::prelude::*;
use protocol::api::RunSummary;
use protocol::column::ColumnValue;
use serde_json::Value;

#[component]
pub fn SaveRuns() -> impl IntoView {
    let title = Signal::derive(|| words::title().to_owned());
    view! {
        <SaveMenuOf name=title>
            <Lazy part=part!(frame, view! { <Items /> }) />
        </SaveMenuOf>
    }
}

#[component]
fn Items() -> impl IntoView {
    let table = use_table();
    let title = Signal::derive(|| words::title().to_owned());
    view! { <SaveItems items=sheet_items(title, move || sheet(table)) /> }
}

fn sheet(table: RunsTable) -> Sheet {
    let columns = table.view.with(|view| view.columns.clone());
    let columns = columns.unwrap_or_else(|| USUAL_COLUMNS.iter().map(|column| (*column).to_owned()).collect());
    // a picture is no value
    let columns: Vec<String> = columns.into_iter().filter(|column| column != "spark").collect();
    let row = |run: &RunSummary| {
        let value = |column: &String| match run.column(column) {
            ColumnValue::Empty => Value::Null,
            ColumnValue::Text(text) => text.into(),
            ColumnValue::Number(number) => number.into(),
        };
        let head: [Value; 3] = [run.id.clone().into(), run.name.clone().into(), run.state.name().into()];
        head.into_iter().chain(columns.iter().map(value)).collect::<Vec<_>>()
    };
    let rows = table
        .shown
        .with(|shown| shown.iter().map(|one| one.run.with(row)).collect::<Vec<_>>());
    let head: Vec<&str> = ["id", "name", "state"]
        .into_iter()
        .chain(columns.iter().map(String::as_str))
        .collect();
    Sheet::new(&head, rows)
}
