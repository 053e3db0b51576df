//! The table with the values of a chart, for screen readers and for those who prefer to read them.

use super::{Line, x_text};
use crate::fmt;
use crate::i18n::run as words;
use crate::logic::plot::{XAxis, cut, gather};
use leptos::prelude::*;

/// Rows of the table at most.
const MAX_ROWS: usize = 200;

#[component]
pub fn DataTable(
    lines: Memo<Vec<Line>>,
    axis: Signal<XAxis>,
    zoom: Signal<Option<(f64, f64)>>,
    title: Signal<String>,
) -> impl IntoView {
    let table = move || {
        let zoom = zoom.get();
        lines.with(|lines| {
            let parts: Vec<&[(f64, f64)]> = lines.iter().map(|line| cut(&line.points, zoom)).collect();
            let aligned = gather(&parts, MAX_ROWS);
            let heads = lines
                .iter()
                .map(|line| view! { <th scope="col" class="right">{line.name.clone()}</th> })
                .collect_view();
            // a cut line has points just beyond the window, which the table leaves out
            let inside = |x: f64| zoom.is_none_or(|(from, to)| (from..=to).contains(&x));
            let rows = aligned
                .xs
                .iter()
                .enumerate()
                .filter(|(row, x)| inside(**x) && aligned.columns.iter().any(|column| column[*row].is_some()))
                .map(|(row, x)| {
                    let cells = lines
                        .iter()
                        .zip(&aligned.columns)
                        .map(|(line, column)| {
                            let text = column[row].map(|y| fmt::metric(&line.metric, y));
                            view! { <td class="right">{text}</td> }
                        })
                        .collect_view();
                    view! { <tr><th scope="row">{x_text(axis.get(), *x)}</th>{cells}</tr> }
                })
                .collect_view();
            view! {
                <thead><tr><th scope="col">{words::x_axis}</th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            }
        })
    };
    view! {
        <div class="chart-table" tabindex="0" role="region" aria-label=move || words::as_table_of(title.get())>
            <table class="table">{table}</table>
        </div>
    }
}
