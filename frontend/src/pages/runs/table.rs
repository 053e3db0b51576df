//! The table of runs, of which only the rows in the viewport are in the document.

use super::cells::{column_class, numeric};
use super::columns::column_title;
use super::keys::move_by_keys;
use super::row::Row;
use super::sweep_row::SweepRow;
use super::use_table;
use crate::i18n::{runs as words, said_words};
use crate::live::clock;
use crate::logic::fold::sweep_row;
use crate::logic::table::{column_metric, equal_columns};
use crate::logic::view::place_all;
use crate::ui::RowWindow;
use leptos::prelude::*;
use std::collections::HashSet;
use std::sync::Arc;

/// Height of a row and of the table's head in px, as in `style/30-runs.table.css`.
const ROW: usize = 32;
/// Rows rendered beyond the viewport, above and below (overscan).
const MARGIN: usize = 6;

/// The part of the table that is rendered.
pub type Window = RowWindow<ROW, MARGIN, ROW>;

#[component]
pub fn Table() -> impl IntoView {
    let table = use_table();
    let now = clock();
    let columns = Memo::new(move |_| table.view.with(|view| view.columns()));
    let window = Window::of_list();
    let rendered = window.rendered(table.rows);
    let window_rows = Memo::new(move |_| {
        let range = rendered.get();
        table.rows.with(|rows| rows.get(range).unwrap_or_default().to_vec())
    });
    let above = move || Window::height(rendered.with(|range| range.start));
    let below = move || {
        Window::height(
            table
                .rows
                .with(Vec::len)
                .saturating_sub(rendered.with(|range| range.end)),
        )
    };
    move_by_keys(table, window);
    let same = Memo::new(move |_| {
        let shown = table.shown.read();
        let runs = shown.iter().map(|shown| shown.run.read_untracked());
        columns.with(|columns| Arc::from(equal_columns(runs, columns)))
    });
    let rows = move || {
        let columns: Arc<[String]> = columns.get().into();
        let row = move |id: Arc<str>| {
            let columns = columns.clone();
            if let Some(sweep) = sweep_row(&id).map(str::to_owned) {
                return view! { <SweepRow id=sweep columns now same row=id /> }.into_any();
            }
            let run = table.live.runs.with_untracked(|runs| runs.get(&*id).cloned());
            run.map(|run| view! { <Row run columns now same /> }).into_any()
        };
        view! { <For each=move || window_rows.get() key=|id| id.clone() children=row /> }
    };
    let usual = move || table.view.with(|view| view.columns.is_none());
    view! {
        <div class="runs-scroll" node_ref=window.node on:scroll=move |_| window.measure() tabindex="-1">
            <table class="runs-table" class:usual=usual>
                <thead>
                    <tr>
                        <th class="cell-check"><SelectAll /></th>
                        {move || view! { <Head column="name".to_owned() /> }}
                        {move || columns.get().into_iter().map(|column| view! { <Head column /> }).collect_view()}
                    </tr>
                </thead>
                <tbody>
                    <tr class="spacer" aria-hidden="true"><td style:height=above></td></tr>
                    {rows}
                    <tr class="spacer" aria-hidden="true"><td style:height=below></td></tr>
                </tbody>
            </table>
            <Show when=move || table.shown.with(Vec::is_empty)>
                <p class="no-match">{words::no_match}</p>
            </Show>
        </div>
    }
}

/// The head of a column, which sorts by it.
#[component]
fn Head(column: String) -> impl IntoView {
    let table = use_table();
    let (title, key) = (column_title(&column), column.clone());
    let hint = match column_metric(&column) {
        Some(metric) => said_words(&metric.meaning).to_owned(),
        None => words::sort_by(&title),
    };
    let order = Memo::new(move |_| {
        table.view.with(|view| match (view.sort == key, view.descending) {
            (false, _) => "none",
            (true, true) => "descending",
            (true, false) => "ascending",
        })
    });
    let side = if numeric(&column) { "right" } else { "" };
    let class = format!("{side} {}", column_class(&column));
    view! {
        <th scope="col" class=class aria-sort=order>
            <button type="button" class="sort" title=hint on:click=move |_| table.edit(|view| view.click_sort(&column))>
                {title}
                <span class="sort-mark" aria-hidden="true">
                    {move || match order.get() {
                        "ascending" => "↑",
                        "descending" => "↓",
                        _ => "",
                    }}
                </span>
            </button>
        </th>
    }
}

/// The box that selects all runs that are shown, or none of them.
#[component]
fn SelectAll() -> impl IntoView {
    let table = use_table();
    let all_selected = Memo::new(move |_| {
        let selected: HashSet<_> = table.view.with(|view| view.selected.iter().cloned().collect());
        table
            .shown
            .with(|shown| !shown.is_empty() && shown.iter().all(|shown| selected.contains(&*shown.id)))
    });
    let select_all = move |_| {
        let shown: Vec<_> = table
            .shown
            .with_untracked(|shown| shown.iter().map(|shown| shown.id.to_string()).collect());
        let was_all = all_selected.get_untracked();
        table.edit(|view| place_all(&mut view.selected, &shown, !was_all));
    };
    view! { <input type="checkbox" aria-label=words::select_all prop:checked=all_selected on:change=select_all /> }
}
