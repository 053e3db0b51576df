//! The row of a run in the table.

use super::cells::{RowRun, view_cell};
use super::use_table;
use crate::brief::brief_memo;
use crate::browser::{self, transition};
use crate::i18n::{runs as words, said};
use crate::links;
use crate::logic::verdict::made_worse;
use crate::logic::view::{COLORS, run_color, toggle_place};
use crate::ui::{Icon, IconName, OriginBadge, state_dot};
use leptos::ev;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::api::RunSummary;
use std::sync::Arc;

/// The least width of the window in px at which there is a preview, as in `style/30-runs.css`.
const PREVIEW: f64 = 1200.0;

/// Whether a click is not one that opens a tab or a window.
fn is_plain(event: &ev::MouseEvent) -> bool {
    event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key())
}

#[component]
pub fn Row(
    run: ArcRwSignal<RunSummary>,
    columns: Arc<[String]>,
    now: ReadSignal<i64>,
    same: Memo<Arc<[String]>>,
) -> impl IntoView {
    let table = use_table();
    let id = StoredValue::new(run.with_untracked(|run| run.id.clone()));
    let run = RowRun::new(run);
    let place = brief_memo(move |_| {
        table
            .view
            .with(|view| id.with_value(|id| view.selected.iter().position(|other| other == id)))
    });
    // only from two selected runs to as many as there are colours: one alone needs none, and more would look alike
    let color = brief_memo(move |_| {
        let count = table.view.with(|view| view.selected.len());
        let place = place.get().filter(|_| (2..=COLORS).contains(&count));
        place.map_or_else(String::new, |place| format!("--run: var({})", run_color(place)))
    });
    let current = brief_memo(move |_| {
        table
            .at
            .with(|at| id.with_value(|id| at.as_deref() == Some(id.as_str())))
    });
    let navigate = use_navigate();
    let go = StoredValue::new_local(move |name: Option<web_sys::Element>| {
        let (navigate, page) = (navigate.clone(), links::run(&id.get_value()));
        transition(name, ".run-name", move || navigate(&page, NavigateOptions::default()));
    });
    let follow = move |event: ev::MouseEvent| {
        if is_plain(&event) {
            event.prevent_default();
            go.with_value(|go| go(Some(event_target(&event))));
        }
    };
    let open = move |event: ev::MouseEvent| {
        // a click on a link or a control in the row is for that
        let target: web_sys::Element = event_target(&event);
        if target.closest("a, button, input, label").ok().flatten().is_some() {
            return;
        }
        // beside the table the run is told first; the second click opens it
        let id = id.get_value();
        let told = table.at.with_untracked(|at| at.as_deref() == Some(&*id));
        if !told && browser::is_at_least(PREVIEW) {
            return table.at.set(Some(id));
        }
        let row = target.closest("tr").ok().flatten();
        let name = row.and_then(|row| row.query_selector(".cell-name a").ok().flatten());
        go.with_value(|go| go(name));
    };
    let name = move || {
        run.with(|run| {
            let said = (!run.message.is_empty()).then(|| said::row(&run.message, &run.code, &run.args));
            view! {
                <span class="row" title=said>
                    {state_dot(run.state, false)}
                    <a class="clip" href=links::run(&run.id) title=run.name.clone() on:click=follow>{run.name.clone()}</a>
                    {run.origin.clone().map(|origin| view! { <OriginBadge origin /> })}
                    {made_worse(run).then(worse_mark)}
                </span>
            }
        })
    };
    let same = brief_memo(move |_| same.get());
    let cells = columns.iter().map(|column| view_cell(run, column, now, same));
    view! {
        <tr class="run-row" style=color class:selected=move || place.get().is_some() class:current=current on:click=open>
            <td class="cell-check">
                <input
                    type="checkbox"
                    aria-label=move || run.with(|run| words::select(&run.name))
                    prop:checked=move || place.get().is_some()
                    on:change=move |_| table.edit(|view| toggle_place(&mut view.selected, &id.get_value()))
                />
            </td>
            <td class="cell-name">{name}</td>
            {cells.collect_view()}
        </tr>
    }
}

/// Says that training made the model worse.
fn worse_mark() -> impl IntoView {
    view! {
        <span class="warn-mark" role="img" title=words::made_worse aria-label=words::made_worse>
            <Icon name=IconName::Warning />
        </span>
    }
}
