//! One data set: its recognised format, rows that can't be used, and the row browser.

use super::{Rows, Wanted, kind_word, use_library};
use crate::api;
use crate::fmt;
use crate::i18n::{common, data as words, keys, said};
use crate::links;
use crate::live::use_live;
use crate::logic::query::encode;
use crate::pages::models::ModelSelect;
use crate::ui::{Breadcrumb, CodeBlock, ConfirmDialog, Icon, IconName, Select, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::config::TEMPLATES;
use protocol::data::{DataNote, DatasetInfo, Inspection};

#[component]
pub fn Detail(
    set: DatasetInfo,
    /// The runs that use it, which come and go while the page is open.
    used_by: Memo<Vec<String>>,
) -> impl IntoView {
    let name = set.name.clone();
    view! {
        <Head set=set.clone() />
        <div class="page-body data-detail">
            <Facts set=set.clone() used_by />
            {match set.inspection {
                Some(found) => {
                    let entry = serde_json::json!({ name.clone(): found.entry.clone() });
                    let entry = serde_json::to_string_pretty(&entry).unwrap_or_default();
                    view! {
                        <Notes found=found.notes.clone() />
                        <BadRows found />
                        <Browser dataset=name />
                        <details class="advanced data-entry" open>
                            <summary>{words::entry}</summary>
                            <CodeBlock text=Signal::stored(entry) />
                        </details>
                    }
                        .into_any()
                }
                None => {
                    view! {
                        <div class="note bad" role="alert">
                            <Icon name=IconName::Warning />
                            <p>{set.unusable.said().map(|error| said::say(&error))}</p>
                        </div>
                    }
                        .into_any()
                }
            }}
        </div>
    }
}

#[component]
fn Head(set: DatasetInfo) -> impl IntoView {
    let (library, toaster) = (use_library(), use_toaster());
    let navigate = StoredValue::new_local(use_navigate());
    let confirming_delete = RwSignal::new(false);
    let name = StoredValue::new(set.name.clone());
    let delete = move |()| {
        spawn_local(async move {
            let name = name.get_value();
            library.deleting.set(true);
            match api::delete(&format!("/api/datasets/{}", encode(&name))).await {
                Ok(()) => {
                    toaster.say(words::deleted(name));
                    // the person may have gone elsewhere meanwhile
                    if navigate
                        .try_with_value(|go| go("/data", NavigateOptions::default()))
                        .is_some()
                    {
                        library.refetch.now();
                    }
                }
                Err(error) => toaster.fail(&error),
            }
            let _ = library.deleting.try_set(false);
        });
    };
    view! {
        <header class="page-head">
            <Breadcrumb href="/data" name=words::title />
            <h1 class="clip">{set.name.clone()}</h1>
            {set.demo.then(|| view! { <span class="badge">{words::comes_with}</span> })}
            <div class="grow"></div>
            {(!set.demo)
                .then(|| {
                    view! {
                        <button type="button" class="btn danger" aria-label=words::delete on:click=move |_| confirming_delete.set(true)>
                            <Icon name=IconName::Trash />
                            <span class="wide">{words::delete}</span>
                        </button>
                    }
                })}
            <a class="btn primary" href=links::train_on(&set.name)>
                <Icon name=IconName::Play />
                {words::train}
            </a>
        </header>
        <ConfirmDialog
            open=confirming_delete
            title=Signal::derive(|| words::delete_title().to_string())
            text=Signal::derive(move || words::delete_text(name.get_value()))
            verb=Signal::derive(|| common::delete().to_string())
            on_confirm=delete
        />
    }
}

#[component]
fn Facts(set: DatasetInfo, used_by: Memo<Vec<String>>) -> impl IntoView {
    let live = use_live();
    let used = move || {
        let runs = used_by.get().into_iter().filter_map(|id| {
            let name = live.run(&id)?.with(|run| run.name.clone());
            Some(view! { <a class="fact-run" href=links::run(&id)>{name}</a> })
        });
        runs.collect_view()
    };
    let found = set.inspection.map(|found| {
        view! {
            <div><dt>{words::recognised}</dt><dd>{found.format}</dd></div>
            <div><dt>{words::kind}</dt><dd>{move || kind_word(found.kind)}</dd></div>
            <div><dt>{words::rows}</dt><dd class="num">{fmt::count(found.rows)}</dd></div>
            <div><dt>{words::usable}</dt><dd class="num">{fmt::count(found.usable)}</dd></div>
            <div><dt>{words::size}</dt><dd class="num">{fmt::bytes(found.bytes)}</dd></div>
        }
    });
    view! {
        <dl class="facts-row">
            {found}
            <div class="fact-file"><dt>{words::file}</dt><dd class="mono">{set.file}</dd></div>
            <Show when=move || !used_by.with(Vec::is_empty)>
                <div><dt>{words::used_in}</dt><dd>{used}</dd></div>
            </Show>
        </dl>
    }
}

/// Remarks on rows that can be used.
#[component]
fn Notes(found: Vec<DataNote>) -> impl IntoView {
    (!found.is_empty()).then(|| {
        let lines = move || {
            found
                .iter()
                .map(|note| view! { <li>{said::say(&note.said())}</li> })
                .collect_view()
        };
        view! {
            <section class="data-notes" aria-label=words::to_know>
                <ul class="notices">{lines}</ul>
            </section>
        }
    })
}

#[component]
fn BadRows(found: Inspection) -> impl IntoView {
    if found.bad_total == 0 {
        return view! {
            <p class="row muted all-usable">
                <Icon name=IconName::Check />
                {words::all_usable}
            </p>
        }
        .into_any();
    }
    let (total, listed) = (found.bad_total, found.bad_rows.len() as u64);
    let rows = found
        .bad_rows
        .into_iter()
        .map(|bad| {
            view! {
                <tr>
                    <td class="right num">{fmt::count(bad.row)}</td>
                    <td>{move || said::say(&bad.said())}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <details class="advanced bad-rows" id="bad-rows" open>
            <summary class="warn-text">{move || words::bad_rows(total)}</summary>
            <div class="table-wrap bad-rows-list">
                <table class="table">
                    <thead>
                        <tr>
                            <th class="right">{words::row}</th>
                            <th>{words::reason}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {(listed < total).then(|| view! { <p class="faint">{move || words::first_of(listed)}</p> })}
        </details>
    }
    .into_any()
}

/// Rows of a page.
const PAGE: u64 = 10;

/// A pager through the rows, rendered for a model and a template.
#[component]
fn Browser(dataset: String) -> impl IntoView {
    let model = RwSignal::new("corral-demo".to_owned());
    let template = RwSignal::new(String::new());
    let offset = RwSignal::new(0u64);
    let total = RwSignal::new(0u64);
    let models = LocalResource::new(|| async { api::models().await.unwrap_or_default() });
    let models = Signal::derive(move || models.get().unwrap_or_default());
    let wanted = Signal::derive(move || Wanted {
        dataset: dataset.clone(),
        model: model.get(),
        template: template.get(),
        stage: String::new(),
        more: vec![],
        cutoff_len: 2048,
        offset: offset.get(),
        limit: PAGE,
    });
    let templates = Signal::derive(|| {
        let own = (String::new(), keys::choice("template", "").to_owned());
        let named = TEMPLATES.iter().map(|name| (name.to_string(), name.to_string()));
        [own].into_iter().chain(named).collect::<Vec<_>>()
    });
    let last = move || (offset.get() + PAGE).min(total.get());
    view! {
        <section class="row-browser">
            <div class="row wrap browser-bar">
                <h2>{words::as_seen}</h2>
                <span class="grow"></span>
                <ModelSelect
                    id="browser-model"
                    label=Signal::derive(|| words::tokenizer_of().to_string())
                    models
                    value=model
                    on_change=move |id| model.set(id)
                    only_usable=true
                />
                <Select
                    id="browser-template"
                    label=Signal::derive(|| keys::label("template").to_string())
                    options=templates
                    value=template
                    on_change=move |name| template.set(name)
                />
            </div>
            <Rows wanted total />
            <div class="row browser-pages">
                <button
                    type="button"
                    class="btn small"
                    disabled=move || offset.get() == 0
                    on:click=move |_| offset.update(|at| *at = at.saturating_sub(PAGE))
                >
                    {words::earlier}
                </button>
                <button
                    type="button"
                    class="btn small"
                    disabled=move || { offset.get() + PAGE >= total.get() }
                    on:click=move |_| offset.update(|at| *at += PAGE)
                >
                    {words::later}
                </button>
                <span class="faint num">
                    {move || {
                        (total.get() > 0)
                            .then(|| words::page(fmt::count(offset.get() + 1), fmt::count(last()), fmt::count(total.get())))
                    }}
                </span>
            </div>
        </section>
    }
}
