//! The table of runs, with virtual scrolling: only the rows in the viewport are in the document, so that thousands scroll as ten do.

use super::bar::column_title;
use super::cells::{numeric, view_cell};
use super::sweep_row::SweepRow;
use super::use_table;
use crate::i18n::said;
use crate::i18n::{runs as words, said_words};
use crate::links;
use crate::live::clock;
use crate::logic::fold::sweep_row;
use crate::logic::table::{column_metric, equal_columns};
use crate::logic::verdict::made_worse;
use crate::logic::view::{COLORS, run_color, toggle_place};
use crate::ui::{Icon, IconName, OriginBadge, StateDot};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::api::RunSummary;

/// Height of a row in px, as in `style/30-runs.css`.
const ROW: usize = 32;
/// Rows rendered beyond the viewport, above and below (overscan).
const MARGIN: usize = 12;

#[component]
pub fn Table() -> impl IntoView {
    let table = use_table();
    let now = clock();
    let columns = Memo::new(move |_| table.view.with(|view| view.columns()));
    let node = NodeRef::<html::Div>::new();
    let (first, set_first) = signal(0usize);
    let (rendered, set_rendered) = signal(40usize);
    let measure = move || {
        // a frame may come after the page was left
        if let Some(Some(node)) = node.try_get_untracked() {
            set_first.set((node.scroll_top().max(0) as usize / ROW).saturating_sub(MARGIN) / MARGIN * MARGIN);
            set_rendered.set((node.client_height().max(0) as usize / ROW + 3 * MARGIN).max(24));
        }
    };
    Effect::new(move || {
        if node.get().is_some() {
            request_animation_frame(measure);
        }
    });
    let resized = window_event_listener(ev::resize, move |_| measure());
    on_cleanup(move || resized.remove());

    let window_rows = Memo::new(move |_| {
        let from = first.get();
        table
            .rows
            .with(|ids| ids.iter().skip(from).take(rendered.get()).cloned().collect::<Vec<_>>())
    });
    let above = move || format!("{}px", first.get().min(table.rows.with(Vec::len)) * ROW);
    let below = move || {
        let (all, to) = (table.rows.with(Vec::len), first.get() + rendered.get());
        format!("{}px", all.saturating_sub(to) * ROW)
    };

    // the key of the row that the keyboard is at
    let at = RwSignal::new(None::<String>);
    let navigate = StoredValue::new_local(use_navigate());
    let open = move |id: &str| {
        let page = sweep_row(id).map_or_else(|| links::run(id), links::sweep);
        navigate.with_value(|navigate| navigate(&page, NavigateOptions::default()));
    };
    let keys = window_event_listener(ev::keydown, move |event| {
        if !crate::browser::may_be_shortcut(&event) {
            return;
        }
        let here = at.get_untracked();
        let step = |by: isize| {
            let next = table.rows.with_untracked(|ids| {
                let place = here.as_ref().and_then(|here| ids.iter().position(|id| id == here));
                let next = place.map_or(0, |place| {
                    place.saturating_add_signed(by).min(ids.len().saturating_sub(1))
                });
                ids.get(next).map(|id| (next, id.clone()))
            });
            if let Some((place, id)) = next {
                at.set(Some(id));
                if let Some(node) = node.get_untracked() {
                    let (top, height) = ((place * ROW) as i32, node.client_height() - 2 * ROW as i32);
                    if top < node.scroll_top() {
                        node.set_scroll_top(top);
                    } else if top > node.scroll_top() + height {
                        node.set_scroll_top(top - height);
                    }
                }
            }
        };
        let on_button = document()
            .active_element()
            .is_some_and(|e| matches!(e.tag_name().as_str(), "BUTTON" | "A"));
        match (event.key().as_str(), here.clone()) {
            ("j" | "ArrowDown", _) => step(1),
            ("k" | "ArrowUp", _) => step(-1),
            ("Enter", Some(id)) if !on_button => open(&id),
            ("x", Some(id)) if sweep_row(&id).is_none() => table.edit(|view| toggle_place(&mut view.selected, &id)),
            ("Escape", _) => {
                at.set(None);
                table.edit(|view| view.selected.clear());
            }
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || keys.remove());

    let head = move |column: String| {
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
    };
    let all_selected = Memo::new(move |_| {
        table.shown.with(|shown| {
            table
                .view
                .with(|view| !shown.is_empty() && shown.iter().all(|id| view.selected.contains(id)))
        })
    });
    let select_all = move |_| {
        let (shown, was_all) = (table.shown.get_untracked(), all_selected.get_untracked());
        table.edit(|view| {
            for id in shown {
                if view.selected.contains(&id) == was_all {
                    toggle_place(&mut view.selected, &id);
                }
            }
        });
    };
    let same = Memo::new(move |_| {
        let rows = table.live.runs.read_untracked();
        let row = |id: &String| rows.get(id).map(|run| run.read_untracked());
        let read: Vec<_> = table.shown.with(|shown| shown.iter().filter_map(row).collect());
        columns.with(|columns| equal_columns(read.iter().map(|run| &**run), columns))
    });
    let row = move |id: String| {
        if let Some(sweep) = sweep_row(&id).map(str::to_owned) {
            return view! { <SweepRow id=sweep columns now at same row=id /> }.into_any();
        }
        let run = table.live.runs.with_untracked(|runs| runs.get(&id).cloned());
        run.map(|run| view! { <Row run columns now at same /> }).into_any()
    };
    let usual = move || table.view.with(|view| view.columns.is_none());
    view! {
        <div class="runs-scroll" node_ref=node on:scroll=move |_| measure() tabindex="-1">
            <table class="runs-table" class:usual=usual>
                <thead>
                    <tr>
                        <th class="cell-check">
                            <input type="checkbox" aria-label=words::select_all prop:checked=all_selected on:change=select_all />
                        </th>
                        {move || head("name".to_owned())}
                        {move || columns.get().into_iter().map(head).collect_view()}
                    </tr>
                </thead>
                <tbody>
                    <tr class="spacer" aria-hidden="true"><td style:height=above></td></tr>
                    <For each=move || window_rows.get() key=|id| id.clone() children=row />
                    <tr class="spacer" aria-hidden="true"><td style:height=below></td></tr>
                </tbody>
            </table>
            <Show when=move || table.shown.with(Vec::is_empty)>
                <p class="no-match">{words::no_match}</p>
            </Show>
        </div>
    }
}

#[component]
fn Row(
    run: ArcRwSignal<RunSummary>,
    columns: Memo<Vec<String>>,
    now: ReadSignal<i64>,
    at: RwSignal<Option<String>>,
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
    let state = Memo::new({
        let run = run.clone();
        move |_| run.with(|run| run.state)
    });
    let name = Memo::new({
        let run = run.clone();
        move |_| run.with(|run| run.name.clone())
    });
    let origin = Memo::new({
        let run = run.clone();
        move |_| run.with(|run| run.origin.clone())
    });
    let message = {
        let run = run.clone();
        move || run.with(|run| (!run.message.is_empty()).then(|| said::row(&run.message, &run.code, &run.args)))
    };
    let current = Memo::new(move |_| at.with(|at| at.as_deref() == Some(&*id.get_value())));
    let navigate = use_navigate();
    let open = move |event: ev::MouseEvent| {
        // a click on a link or a control in the row is for that
        let target: web_sys::Element = event_target(&event);
        let control = target.closest("a, button, input, label").ok().flatten().is_some();
        if !control {
            navigate(&links::run(&id.get_value()), NavigateOptions::default());
        }
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
                    <a class="clip" href=links::run(&id.get_value()) title=name>{name}</a>
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
