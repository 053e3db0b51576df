//! The table of results, which is also the legend: each run with its colour, its results, and what differs in its config.

use super::columns::{Column, Found, columns};
use super::groups::{GroupBy, GroupRow, Listed, listed};
use super::state::{color_by, use_comparison};
use crate::fmt;
use crate::i18n::{compare as words, runs as run_words};
use crate::links;
use crate::live::use_live;
use crate::logic::results::order_by;
use crate::logic::view::{toggle, toggle_place};
use crate::ui::{Icon, IconName, StateDot};
use leptos::prelude::*;
use protocol::api::RunState;

#[component]
pub fn Results() -> impl IntoView {
    let comparison = use_comparison();
    let address = comparison.address;
    let table = Memo::new(move |_| {
        let pinned = comparison.pinned.get();
        comparison
            .summaries
            .with(|runs| comparison.configs.with(|configs| columns(runs, configs, pinned)))
    });
    let sort = Memo::new(move |_| address.get("sort"));
    // places of the runs, in the order of the rows
    let rows = Memo::new(move |_| {
        let ids = comparison
            .summaries
            .with(|runs| runs.iter().map(|run| run.id.clone()).collect::<Vec<_>>());
        let sort = sort.get();
        let order = table.with(|table| {
            let column = table.iter().find(|column| column.key == sort.trim_start_matches('-'));
            let values = column.map(|column| column.cells.iter().map(|cell| &cell.value).collect::<Vec<_>>());
            values.map(|values| order_by(&values, sort.starts_with('-')))
        });
        let open = address.query.with(|query| query.list("open"));
        comparison
            .groups
            .with(|groups| listed(order.as_deref(), &ids, groups, &open))
    });
    let heads = Memo::new(move |_| {
        table.with(|table| {
            let head = |column: &Column| (column.key.clone(), column.title.clone(), column.setting);
            table.iter().map(head).collect::<Vec<_>>()
        })
    });
    let head = move |(key, title, setting): (String, String, bool)| {
        let order = {
            let key = key.clone();
            Memo::new(move |_| {
                sort.with(|sort| match sort.strip_prefix('-') {
                    Some(column) if column == key => "descending",
                    None if *sort == key => "ascending",
                    _ => "none",
                })
            })
        };
        let hint = run_words::sort_by(&title);
        let click = move |_| {
            let next = match order.get_untracked() {
                "none" => format!("-{key}"),
                "descending" => key.clone(),
                _ => String::new(),
            };
            address.set("sort", &next);
        };
        view! {
            <th scope="col" aria-sort=order class:mono=setting>
                <button type="button" class="sort" title=hint on:click=click>
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
    let none_differ = move || table.with(|table| table.iter().all(|column| !column.setting));
    view! {
        <section class="compare-side">
            <div class="results-scroll" tabindex="0" role="region" aria-label=words::results>
                <table class="table results">
                    <thead>
                        <tr>
                            {move || heads.get().into_iter().map(head).collect_view()}
                        </tr>
                    </thead>
                    <tbody>
                        <For each=move || rows.get() key=Clone::clone let:row>
                            {match row {
                                Listed::Run { place, id } => view! { <Row place id table /> }.into_any(),
                                Listed::Group(value) => view! { <GroupRow value table /> }.into_any(),
                            }}
                        </For>
                    </tbody>
                </table>
            </div>
            <div class="row wrap compare-notes">
                <span class="faint">{move || if none_differ() { words::no_differences() } else { words::differences() }}</span>
                <GroupBy table />
                <ColorBy />
            </div>
        </section>
    }
}

/// The select of the column by which many runs are coloured.
#[component]
fn ColorBy() -> impl IntoView {
    let comparison = use_comparison();
    let option = move |column: &'static str| {
        view! {
            <option value=column selected=move || comparison.color_by.get() == Some(column)>
                {move || crate::pages::column_title(column)}
            </option>
        }
    };
    view! {
        <Show when=move || comparison.color_by.get().is_some()>
            <label class="row color-by">
                <span class="faint">{words::color_by}</span>
                <span class="select">
                    <select on:change=move |event| comparison.address.set("color", &event_target_value(&event))>
                        {color_by().map(option).collect_view()}
                    </select>
                </span>
                <span class="scale-bar" aria-hidden="true"></span>
            </label>
        </Show>
    }
}

#[component]
fn Row(place: usize, id: String, table: Memo<Vec<Column>>) -> impl IntoView {
    let comparison = use_comparison();
    let (address, group) = (comparison.address, comparison.group);
    let row = use_live().run(&id);
    let state = {
        let row = row.clone();
        Signal::derive(move || row.as_ref().map_or(RunState::Queued, |row| row.with(|run| run.state)))
    };
    let name = Memo::new(move |_| {
        row.as_ref()
            .map(|row| row.with(|run| run.name.clone()))
            .unwrap_or_default()
    });
    let color = move || {
        comparison
            .colors
            .with(|colors| colors.get(place).cloned().unwrap_or_default())
    };
    let id = StoredValue::new(id);
    let off = Memo::new(move |_| comparison.hidden.with(|hidden| hidden.contains(&id.get_value())));
    let pinned = Memo::new(move |_| comparison.pinned.get() == Some(place));
    // where runs are grouped, the line of the group is highlighted
    let light = move || {
        group.lit.set(Some(untrack(|| comparison.lit_by(&id.get_value()))));
    };
    let take_out = move |_| {
        address.edit(|query| {
            let mut ids = query.list("runs");
            toggle_place(&mut ids, &id.get_value());
            query.set_list("runs", &ids);
        });
    };
    let hide = move |_| {
        address.edit(|query| {
            let mut hidden = query.list("hide");
            toggle(&mut hidden, &id.get_value());
            query.set_list("hide", &hidden);
        });
    };
    let eye = move || match off.get() {
        true => words::show(name.get()),
        false => words::hide(name.get()),
    };
    let eye_icon = move || match off.get() {
        true => view! { <Icon name=IconName::EyeOff /> },
        false => view! { <Icon name=IconName::Eye /> },
    };
    let cells = move || {
        table.with(|table| {
            let cells = table.iter().skip(1);
            cells
                .map(|column| column.cells.get(place).map(|cell| result_cell(cell, column.setting)))
                .collect_view()
        })
    };
    view! {
        <tr
            class:off=off
            on:pointerenter=move |_| light()
            on:pointerleave=move |_| group.lit.set(None)
            on:focusin=move |_| light()
            on:focusout=move |_| group.lit.set(None)
        >
            <th scope="row" class="compared">
                <span class="row">
                    <button type="button" class="cell-button eye-button" title=eye aria-label=eye on:click=hide>
                        {eye_icon}
                    </button>
                    <span class="run-dot" style:color=color></span>
                    <a class="clip compare-name" href=links::run(&id.get_value()) title=name>{name}</a>
                    <StateDot state />
                    <span class="grow"></span>
                    <button
                        type="button"
                        class="cell-button"
                        class:pinned=pinned
                        aria-pressed=move || pinned.get().to_string()
                        title=move || if pinned.get() { words::unpin().to_owned() } else { words::pin(name.get()) }
                        aria-label=move || words::pin(name.get())
                        on:click=move |_| address.set("pin", if pinned.get_untracked() { String::new() } else { id.get_value() }.as_str())
                    >
                        <Icon name=IconName::Pin />
                    </button>
                    <button
                        type="button"
                        class="cell-button"
                        aria-label=move || words::remove(name.get())
                        title=move || words::remove(name.get())
                        on:click=take_out
                    >
                        <Icon name=IconName::Close />
                    </button>
                </span>
            </th>
            {cells}
        </tr>
    }
}

fn result_cell(cell: &Found, setting: bool) -> impl IntoView + use<> {
    if setting {
        let text = cell.text.clone();
        return view! { <td class="mono"><span class="clip cell-text" title=text.clone()>{text.clone()}</span></td> }
            .into_any();
    }
    let at = cell.at.map(|step| {
        let said = run_words::as_of(fmt::count(step));
        view! { <span class="faint cell-at" title=said.clone() aria-label=said>"@"{fmt::count(step)}</span> }
    });
    view! {
        <td class="num" class:best=cell.best>
            {at}
            <span class="result">{cell.text.clone()}</span>
            {cell
                .best
                .then(|| view! { <span class="best-mark" title=words::best><Icon name=IconName::Star /><span class="sr">{words::best}</span></span> })}
            {cell.delta.clone().map(|delta| view! { <span class="delta" class:good=delta.good>{delta.text}</span> })}
        </td>
    }
    .into_any()
}
