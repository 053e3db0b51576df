//! The row of a run in the table.

use super::cells::view_cell;
use super::use_table;
use crate::browser::{self, transition};
use crate::i18n::{runs as words, said};
use crate::links;
use crate::logic::verdict::made_worse;
use crate::logic::view::{COLORS, run_color, toggle_place};
use crate::ui::{Icon, IconName, OriginBadge, StateDot};
use leptos::ev;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::api::RunSummary;

/// The least width of the window in px at which there is a preview, as in `style/30-runs.css`.
const PREVIEW: f64 = 1200.0;

/// Whether a click is not one that opens a tab or a window.
fn is_plain(event: &ev::MouseEvent) -> bool {
    event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key())
}

#[component]
pub fn Row(
    run: ArcRwSignal<RunSummary>,
    columns: Memo<Vec<String>>,
    now: ReadSignal<i64>,
    same: Memo<Vec<String>>,
) -> impl IntoView {
    let table = use_table();
    let id = StoredValue::new(run.with_untracked(|run| run.id.clone()));
    let place = Memo::new(move |_| {
        let id = id.get_value();
        table
            .view
            .with(|view| view.selected.iter().position(|other| *other == id))
    });
    let row = run.clone();
    let state = Memo::new(move |_| row.with(|run| run.state));
    let row = run.clone();
    let name = Memo::new(move |_| row.with(|run| run.name.clone()));
    let row = run.clone();
    let origin = Memo::new(move |_| row.with(|run| run.origin.clone()));
    let message = {
        let run = run.clone();
        move || run.with(|run| (!run.message.is_empty()).then(|| said::row(&run.message, &run.code, &run.args)))
    };
    let current = Memo::new(move |_| table.at.with(|at| at.as_deref() == Some(&*id.get_value())));
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
    let worse = Memo::new({
        let run = run.clone();
        move |_| run.with(made_worse)
    });
    let cells = move || {
        columns
            .get()
            .iter()
            .map(|column| view_cell(run.clone(), column, now, same))
            .collect_view()
    };
    // only from two selected runs to as many as there are colours: one alone needs none, and more would look alike
    let color = move || {
        let count = table.view.with(|view| view.selected.len());
        let place = place.get().filter(|_| (2..=COLORS).contains(&count));
        place.map_or_else(String::new, |place| format!("--run: var({})", run_color(place)))
    };
    view! {
        <tr class="run-row" style=color class:selected=move || place.get().is_some() class:current=current on:click=open>
            <td class="cell-check">
                <input
                    type="checkbox"
                    aria-label=move || words::select(name.get())
                    prop:checked=move || place.get().is_some()
                    on:change=move |_| table.edit(|view| toggle_place(&mut view.selected, &id.get_value()))
                />
            </td>
            <td class="cell-name">
                <span class="row" title=message>
                    <StateDot state />
                    <a class="clip" href=links::run(&id.get_value()) title=name on:click=follow>{name}</a>
                    {move || origin.get().map(|origin| view! { <OriginBadge origin /> })}
                    <Show when=move || worse.get()>
                        <span class="warn-mark" role="img" title=words::made_worse aria-label=words::made_worse>
                            <Icon name=IconName::Warning />
                        </span>
                    </Show>
                </span>
            </td>
            {cells}
        </tr>
    }
}
