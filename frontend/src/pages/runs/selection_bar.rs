//! The bar with actions for the selected runs: compare, tag, archive, delete.

use super::{archive, use_table};
use crate::api;
use crate::i18n::{common, runs as words};
use crate::links;
use crate::logic::view::{VACANT, toggle_place};
use crate::trash::toast_with_undo;
use crate::ui::{ConfirmDialog, Dialog, Icon, IconName, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::RunPatch;

#[component]
pub fn SelectionBar() -> impl IntoView {
    let (table, toaster) = (use_table(), use_toaster());
    let selected = Memo::new(move |_| table.selected());
    let count = move || selected.with(Vec::len) as u64;
    let all_archived = Memo::new(move |_| selected.with(|runs| runs.iter().all(|run| run.archived)));
    let confirming_delete = RwSignal::new(false);
    let tagging = RwSignal::new(false);
    let deselect = move |ids: &[String]| {
        table.edit(|view| {
            for id in ids {
                if view.selected.contains(id) {
                    toggle_place(&mut view.selected, id);
                }
            }
        });
    };
    let ids = move || selected.with_untracked(|runs| runs.iter().map(|run| run.id.clone()).collect::<Vec<_>>());
    let toggle_archived = move |_| {
        let archived = !all_archived.get_untracked();
        spawn_local(async move {
            let done = archive(table.live, toaster, ids(), archived).await;
            deselect(&done);
        });
    };
    let delete = move |()| {
        spawn_local(async move {
            let (mut gone, mut trashed) = (vec![], vec![]);
            for id in ids() {
                match api::delete_run(&id).await {
                    Ok(one) => {
                        table.live.drop_run(&id);
                        gone.push(id);
                        trashed.push(one);
                    }
                    Err(error) => toaster.fail(&error),
                }
            }
            deselect(&gone);
            toast_with_undo(toaster, trashed, || {});
        });
    };
    let add_tag = move |tag: String| {
        spawn_local(async move {
            let mut done = 0;
            for run in selected.get_untracked() {
                let change = RunPatch {
                    add_tags: vec![tag.clone()],
                    ..RunPatch::default()
                };
                match table.live.change(&run.id, api::patch_run(&run.id, &change)).await {
                    Ok(_) => done += 1,
                    Err(error) => toaster.fail(&error),
                }
            }
            if done > 0 {
                toaster.say(words::tagged_n(done));
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
            add_tag(typed.trim().to_owned());
        }
    };
    let archive_word = move || {
        if all_archived.get() {
            words::unarchive()
        } else {
            words::archive()
        }
    };
    view! {
        <Show when=move || { count() > 0 }>
            <div class="strip" role="region" aria-label=move || words::selected(count())>
                <span class="num">{move || words::selected(count())}</span>
                <a class="btn primary small" id="compare" href=compare aria-disabled=move || (count() < 2).to_string() title=move || (count() < 2).then(words::compare_hint)>
                    {words::compare}
                </a>
                <button type="button" class="btn small" aria-label=words::tag title=words::tag on:click=move |_| tagging.set(true)>
                    <Icon name=IconName::Tag />
                    <span class="wide">{words::tag}</span>
                </button>
                <button type="button" class="btn small" aria-label=archive_word title=archive_word on:click=toggle_archived>
                    <Icon name=IconName::Archive />
                    <span class="wide">{archive_word}</span>
                </button>
                <button type="button" class="btn danger small" aria-label=common::delete title=common::delete on:click=move |_| confirming_delete.set(true)>
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
        <ConfirmDialog
            open=confirming_delete
            title=Signal::derive(move || words::delete_title(count()))
            text=Signal::derive(|| words::delete_text().to_string())
            verb=Signal::derive(|| common::delete().to_string())
            on_confirm=delete
        />
        <Dialog open=tagging title=Signal::derive(|| words::tag_title().to_string()) class="narrow">
            <form class="row" on:submit=tag>
                <input class="input grow" name="tag" aria-label=words::tag_label placeholder=words::tag_label maxlength="60" autofocus=true />
                <button type="submit" class="btn primary">{words::tag}</button>
            </form>
        </Dialog>
    }
}
