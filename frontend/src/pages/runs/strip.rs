//! The strip that opens when runs are selected: compare, tag, archive, delete.

use super::use_table;
use crate::api;
use crate::i18n::{common, runs as words};
use crate::links;
use crate::logic::view::{VACANT, toggle_place};
use crate::ui::{Ask, Dialog, Icon, IconName, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{RunPatch, RunSummary};

#[component]
pub fn Strip() -> impl IntoView {
    let (table, toaster) = (use_table(), use_toaster());
    let selected = Memo::new(move |_| table.selected());
    let count = move || selected.with(Vec::len) as u64;
    let asked = RwSignal::new(false);
    let tagging = RwSignal::new(false);
    let change = move |change: fn(&RunSummary, &str) -> RunPatch, text: String| {
        spawn_local(async move {
            for run in selected.get_untracked() {
                match api::patch_run(&run.id, &change(&run, &text)).await {
                    Ok(row) => table.live.put(row),
                    Err(error) => toaster.fail(&error),
                }
            }
        });
    };
    let delete = move |()| {
        spawn_local(async move {
            for run in selected.get_untracked() {
                match api::delete_run(&run.id).await {
                    Ok(()) => {
                        table.live.drop_run(&run.id);
                        table.edit(|view| toggle_place(&mut view.selected, &run.id));
                    }
                    Err(error) => toaster.fail(&error),
                }
            }
        });
    };
    let compare = move || {
        let places = table.view.with(|view| view.selected.clone());
        let known = |id: String| {
            if selected.with(|runs| runs.iter().any(|run| run.id == id)) {
                id
            } else {
                VACANT.into()
            }
        };
        links::compare(&places.into_iter().map(known).collect::<Vec<_>>())
    };
    let tag = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let form: web_sys::HtmlFormElement = event_target(&event);
        let typed = form
            .query_selector("input")
            .ok()
            .flatten()
            .map(|input| wasm_bindgen::JsCast::unchecked_into::<web_sys::HtmlInputElement>(input).value());
        tagging.set(false);
        if let Some(typed) = typed.filter(|typed| !typed.trim().is_empty()) {
            change(
                |run, tag| RunPatch {
                    tags: Some(run.tags.iter().cloned().chain([tag.trim().to_owned()]).collect()),
                    ..RunPatch::default()
                },
                typed,
            );
        }
    };
    let any_archived = move || table.view.with(|view| view.archived);
    view! {
        <Show when=move || { count() > 0 }>
            <div class="strip" role="region" aria-label=move || words::selected(count())>
                <span class="num">{move || words::selected(count())}</span>
                <a class="btn primary small" id="compare" href=compare aria-disabled=move || (count() < 2).to_string() title=move || (count() < 2).then(words::compare_hint)>
                    {words::compare}
                </a>
                <button type="button" class="btn small" on:click=move |_| tagging.set(true)>
                    <Icon name=IconName::Tag />
                    <span class="wide">{words::tag}</span>
                </button>
                <button
                    type="button"
                    class="btn small"
                    on:click=move |_| {
                        change(|run, _| RunPatch { archived: Some(!run.archived), ..RunPatch::default() }, String::new());
                    }
                >
                    <Icon name=IconName::Archive />
                    <span class="wide">{move || if any_archived() { words::unarchive() } else { words::archive() }}</span>
                </button>
                <button type="button" class="btn danger small" on:click=move |_| asked.set(true)>
                    <Icon name=IconName::Trash />
                    <span class="wide">{common::delete}</span>
                </button>
                <button
                    type="button"
                    class="btn ghost icon small"
                    aria-label=words::clear_selection
                    title=words::clear_selection
                    on:click=move |_| table.edit(|view| view.selected.clear())
                >
                    <Icon name=IconName::Close />
                </button>
            </div>
        </Show>
        <Ask
            open=asked
            title=Signal::derive(move || words::delete_title(count()))
            text=Signal::derive(|| words::delete_text().to_string())
            verb=Signal::derive(|| common::delete().to_string())
            on_yes=delete
        />
        <Dialog open=tagging title=Signal::derive(|| words::tag_title().to_string()) class="narrow">
            <form class="row" on:submit=tag>
                <input class="input grow" name="tag" aria-label=words::tag_label placeholder=words::tag_label maxlength="60" autofocus=true />
                <button type="submit" class="btn primary">{words::tag}</button>
            </form>
        </Dialog>
    }
}
