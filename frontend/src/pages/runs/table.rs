//! The table of runs, with virtual scrolling: only the rows in the viewport are in the document, so that thousands scroll as ten do.

use super::cells::numeric;
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
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use std::collections::HashSet;

/// Height of a row in px, as in `style/30-runs.css`.
const ROW: usize = 32;
/// Rows rendered beyond the viewport, above and below (overscan). A letter of the search makes all of them anew.
const MARGIN: usize = 6;

/// The part of the rows that is in the document.
#[derive(Clone, Copy)]
pub struct Window {
    node: NodeRef<html::Div>,
    first: RwSignal<usize>,
    count: RwSignal<usize>,
}

impl Window {
    /// It follows the size of the window that the browser has.
    fn start() -> Self {
        let window = Self {
            node: NodeRef::new(),
            first: RwSignal::new(0),
            count: RwSignal::new(40),
        };
        Effect::new(move || {
            if window.node.get().is_some() {
                request_animation_frame(move || window.measure());
            }
        });
        let resized = window_event_listener(ev::resize, move |_| window.measure());
        on_cleanup(move || resized.remove());
        window
    }

    fn measure(self) {
        // a frame may come after the page was left
        if let Some(Some(node)) = self.node.try_get_untracked() {
            let top = node.scroll_top().max(0) as usize / ROW;
            self.first.set(top.saturating_sub(MARGIN) / MARGIN * MARGIN);
            let height = node.client_height().max(0) as usize / ROW;
            self.count.set((height + 3 * MARGIN).max(24));
        }
    }

    /// Scrolls as little as is needed for the row at `place` to be seen.
    pub fn show(self, place: usize) {
        if let Some(node) = self.node.get_untracked() {
            let (top, height) = ((place * ROW) as i32, node.client_height() - 2 * ROW as i32);
            if top < node.scroll_top() {
                node.set_scroll_top(top);
            } else if top > node.scroll_top() + height {
                node.set_scroll_top(top - height);
            }
        }
    }

    /// The rows that are in the document.
    fn of(self, rows: &[String]) -> Vec<String> {
        let rows = rows.iter().skip(self.first.get()).take(self.count.get());
        rows.cloned().collect()
    }

    /// The height in px of the rows above and below it.
    fn space_above(self, rows: usize) -> String {
        format!("{}px", self.first.get().min(rows) * ROW)
    }

    fn space_below(self, rows: usize) -> String {
        format!("{}px", rows.saturating_sub(self.first.get() + self.count.get()) * ROW)
    }
}

#[component]
pub fn Table() -> impl IntoView {
    let table = use_table();
    let now = clock();
    let columns = Memo::new(move |_| table.view.with(|view| view.columns()));
    let window = Window::start();
    let window_rows = Memo::new(move |_| table.rows.with(|rows| window.of(rows)));
    let count = Memo::new(move |_| table.rows.with(Vec::len));
    move_by_keys(table, window);
    let same = Memo::new(move |_| {
        let shown = table.shown.read();
        let read: Vec<_> = shown.iter().map(|shown| shown.run.read_untracked()).collect();
        columns.with(|columns| equal_columns(read.iter().map(|run| &**run), columns))
    });
    let row = move |id: String| {
        if let Some(sweep) = sweep_row(&id).map(str::to_owned) {
            return view! { <SweepRow id=sweep columns now same row=id /> }.into_any();
        }
        let run = table.live.runs.with_untracked(|runs| runs.get(&id).cloned());
        run.map(|run| view! { <Row run columns now same /> }).into_any()
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
                    <tr class="spacer" aria-hidden="true"><td style:height=move || window.space_above(count.get())></td></tr>
                    <For each=move || window_rows.get() key=|id| id.clone() children=row />
                    <tr class="spacer" aria-hidden="true"><td style:height=move || window.space_below(count.get())></td></tr>
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
    let class = format!("{side} col-{}", column.replace(['.', '/'], "-"));
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
            .with(|shown| !shown.is_empty() && shown.iter().all(|shown| selected.contains(&shown.id)))
    });
    let select_all = move |_| {
        let shown: Vec<_> = table
            .shown
            .with_untracked(|shown| shown.iter().map(|shown| shown.id.clone()).collect());
        let was_all = all_selected.get_untracked();
        table.edit(|view| place_all(&mut view.selected, &shown, !was_all));
    };
    view! { <input type="checkbox" aria-label=words::select_all prop:checked=all_selected on:change=select_all /> }
}
