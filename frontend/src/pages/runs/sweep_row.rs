//! The row of a sweep in the table: its runs folded into one, with the values of the best of them.

use super::cells::{RowRun, numeric, view_cell};
use super::use_table;
use crate::brief::brief_memo;
use crate::i18n::{runs as run_words, sweep as words};
use crate::links;
use crate::logic::fold::FoldedSweep;
use crate::logic::view::toggle;
use crate::ui::{Icon, IconName};
use leptos::ev;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use std::sync::Arc;

#[component]
pub(super) fn SweepRow(
    /// The sweep's id.
    id: String,
    columns: Arc<[String]>,
    now: ReadSignal<i64>,
    same: Memo<Arc<[String]>>,
    row: Arc<str>,
) -> impl IntoView {
    let table = use_table();
    let id = StoredValue::new(id);
    let sweep = table.live.sweep(id.get_value());
    let open = brief_memo(move |_| table.view.with(|view| view.open.contains(&id.get_value())));
    let name = move || sweep.with(|sweep| sweep.as_ref().map(|sweep| sweep.name.clone()).unwrap_or_default());
    let count = move || {
        sweep.with(|sweep| {
            let known = sweep.as_ref();
            known.map(|FoldedSweep { ended, total, .. }| words::over_of(ended, total))
        })
    };
    let state = move || sweep.with(|sweep| sweep.as_ref().map(|sweep| format!("state {}", sweep.state.name())));
    let best = Memo::new(move |_| sweep.with(|sweep| sweep.as_ref().and_then(|sweep| sweep.best.clone())));
    let same = brief_memo(move |_| same.get());
    let cells = move || {
        let run = best
            .get()
            .and_then(|best| table.live.runs.with_untracked(|runs| runs.get(&best).cloned()));
        let run = run.map(RowRun::new);
        let cell = |column: &String| match (&run, column.as_str()) {
            (_, "step") => view! { <td class="cell-step num faint">{count}</td> }.into_any(),
            // these are left empty: the best run's alone would be mistaken for the sweep's
            (_, "time" | "created" | "peak" | "health" | "tags") | (None, _) => {
                view! { <td class:right=numeric(column)></td> }.into_any()
            }
            (Some(run), _) => view_cell(*run, column, now, same),
        };
        columns.iter().map(cell).collect_view()
    };
    let fold = move || table.edit(|view| toggle(&mut view.open, &id.get_value()));
    let navigate = use_navigate();
    let go = move |event: ev::MouseEvent| {
        let target: web_sys::Element = event_target(&event);
        if target.closest("a, button, input, label").ok().flatten().is_none() {
            navigate(&links::sweep(&id.get_value()), NavigateOptions::default());
        }
    };
    let current = brief_memo(move |_| table.at.with(|at| at.as_deref() == Some(&*row)));
    view! {
        <tr class="run-row sweep-row" class:current=current on:click=go>
            <td class="cell-check">
                <button
                    type="button"
                    class="cell-button"
                    aria-expanded=move || open.get().to_string()
                    aria-label=move || words::unfold(name())
                    on:click=move |event| {
                        event.stop_propagation();
                        fold();
                    }
                >
                    {move || view! { <Icon name=if open.get() { IconName::Down } else { IconName::Right } /> }}
                </button>
            </td>
            <td class="cell-name">
                <span class="row">
                    <span class=state><span class="dot"></span></span>
                    <a class="clip" href=links::sweep(&id.get_value()) title=name>{name}</a>
                    <span class="badge">{move || sweep.with(|sweep| sweep.as_ref().map(|sweep| run_words::count(sweep.total)))}</span>
                </span>
            </td>
            {cells}
        </tr>
    }
}
