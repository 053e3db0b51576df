//! The bar with actions for the selected runs: compare, tag, archive, delete.

use super::{RunsTable, archive, use_table};
use crate::api;
use crate::i18n::{common, runs as words};
use crate::links;
use crate::logic::view::{VACANT, place_all};
use crate::trash::toast_with_undo;
use crate::ui::{ConfirmDialog, Dialog, Icon, IconName, Toaster, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{RunPatch, RunSummary};

/// What is done with the selected runs.
#[derive(Clone, Copy)]
struct Selection {
    table: RunsTable,
    toaster: Toaster,
    runs: Memo<Vec<RunSummary>>,
}

impl Selection {
    fn count(self) -> u64 {
        self.runs.with(Vec::len) as u64
    }

    fn ids(self) -> Vec<String> {
        self.runs
            .with_untracked(|runs| runs.iter().map(|run| run.id.clone()).collect())
    }

    fn all_archived(self) -> bool {
        self.runs.with(|runs| runs.iter().all(|run| run.archived))
    }

    fn deselect(self, ids: &[String]) {
        self.table.edit(|view| place_all(&mut view.selected, ids, false));
    }

    /// The address of the page that compares them; places of runs that are gone are vacant, so that the others keep their colours.
    fn compare(self) -> String {
        let places = self.table.view.with(|view| view.selected.clone());
        let known = |id: String| match self.runs.with(|runs| runs.iter().any(|run| run.id == id)) {
            true => id,
            false => VACANT.into(),
        };
        links::compare(&places.into_iter().map(known).collect::<Vec<_>>())
    }

    async fn toggle_archived(self) {
        let archived = !untrack(|| self.all_archived());
        let done = archive(self.table.live, self.toaster, self.ids(), archived).await;
        self.deselect(&done);
    }

    async fn delete(self) {
        let (mut gone, mut trashed) = (vec![], vec![]);
        for id in self.ids() {
            match api::delete_run(&id).await {
                Ok(one) => {
                    self.table.live.drop_run(&id);
                    gone.push(id);
                    trashed.push(one);
                }
                Err(error) => self.toaster.fail(&error),
            }
        }
        self.deselect(&gone);
        toast_with_undo(self.toaster, trashed, || {});
    }

    async fn tag(self, tag: String) {
        let mut done = 0;
        for id in self.ids() {
            let change = RunPatch {
                add_tags: vec![tag.clone()],
                ..RunPatch::default()
            };
            match self.table.live.change(&id, api::patch_run(&id, &change)).await {
                Ok(_) => done += 1,
                Err(error) => self.toaster.fail(&error),
            }
        }
        if done > 0 {
            self.toaster.say(words::tagged_n(done));
        }
    }
}

#[component]
pub fn SelectionBar() -> impl IntoView {
    let table = use_table();
    let selection = Selection {
        table,
        toaster: use_toaster(),
        runs: Memo::new(move |_| table.selected()),
    };
    let count = move || selection.count();
    let confirming_delete = RwSignal::new(false);
    let tagging = RwSignal::new(false);
    let archive_word = move || match selection.all_archived() {
        true => words::unarchive(),
        false => words::archive(),
    };
    view! {
        <Show when=move || { count() > 0 }>
            <div class="strip" role="region" aria-label=move || words::selected(count())>
                <span class="num">{move || words::selected(count())}</span>
                <a class="btn primary small" id="compare" href=move || selection.compare() aria-disabled=move || (count() < 2).to_string() title=move || (count() < 2).then(words::compare_hint)>
                    {words::compare}
                </a>
                <button type="button" class="btn small" aria-label=words::tag title=words::tag on:click=move |_| tagging.set(true)>
                    <Icon name=IconName::Tag />
                    <span class="wide">{words::tag}</span>
                </button>
                <button type="button" class="btn small" aria-label=archive_word title=archive_word on:click=move |_| spawn_local(selection.toggle_archived())>
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
            on_confirm=move |()| spawn_local(selection.delete())
        />
        <TagDialog selection open=tagging />
    }
}

/// Asks for a tag, and gives it to the selected runs.
#[component]
fn TagDialog(selection: Selection, open: RwSignal<bool>) -> impl IntoView {
    let tag = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let form: web_sys::HtmlFormElement = event_target(&event);
        let typed = form
            .query_selector("input")
            .ok()
            .flatten()
            .map(|input| wasm_bindgen::JsCast::unchecked_into::<web_sys::HtmlInputElement>(input).value());
        open.set(false);
        if let Some(typed) = typed.filter(|typed| !typed.trim().is_empty()) {
            spawn_local(selection.tag(typed.trim().to_owned()));
        }
    };
    view! {
        <Dialog open title=Signal::derive(|| words::tag_title().to_string()) class="narrow">
            <form class="row" on:submit=tag>
                <input class="input grow" name="tag" aria-label=words::tag_label placeholder=words::tag_label maxlength="60" autofocus=true />
                <button type="submit" class="btn primary">{words::tag}</button>
            </form>
        </Dialog>
    }
}
