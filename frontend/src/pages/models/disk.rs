//! The disk space that the data directory takes, and the trash: restoring items, or deleting them for good.

use crate::api;
use crate::browser;
use crate::fetched::{Fetched, Refetch, heed};
use crate::fmt;
use crate::i18n::{common, models as words};
use crate::live::use_live;
use crate::ui::{ConfirmDialog, Icon, IconName, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{Disk, TrashKind, Trashed};

#[component]
pub fn DiskLine() -> impl IntoView {
    let (live, toaster) = (use_live(), use_toaster());
    let Fetched { answer, refetch } = Fetched::start(api::disk);
    let trash = Fetched::start(api::trashed);
    live.when_library_changes(refetch);
    live.when_library_changes(trash.refetch);
    // deleted runs go to the trash too, and are restored from it
    let runs = Memo::new(move |_| live.runs.with(|runs| runs.len()));
    let changed = move || {
        refetch.now();
        trash.refetch.now();
    };
    Effect::new(move |before: Option<()>| {
        heed(runs);
        if before.is_some() {
            refetch.changed();
            trash.refetch.changed();
        }
    });
    let confirming_empty = RwSignal::new(false);
    let empty = move |()| {
        spawn_local(async move {
            match api::empty_trash().await {
                Ok(()) => changed(),
                Err(error) => toaster.fail(&error),
            }
        });
    };
    let known = move || answer.get().and_then(Result::ok);
    let items = move || trash.answer.get().and_then(Result::ok).unwrap_or_default();
    let line = move |disk: Disk| words::disk(fmt::bytes(disk.bytes), fmt::bytes(disk.free));
    view! {
        <div class="disk" id="disk">
            <span class="faint" title=move || known().map(|disk| disk.path)>{move || known().map(line)}</span>
            <Show when=move || !items().is_empty()>
                <details class="trash">
                    <summary>
                        <Icon name=IconName::Trash />
                        {move || known().map(|disk| words::trash(items().len() as u64, fmt::bytes(disk.trash)))}
                    </summary>
                    <p class="row">
                        <span class="faint grow">{move || known().map(|disk| words::trash_hint(disk.days))}</span>
                        <button type="button" class="btn small danger" on:click=move |_| confirming_empty.set(true)>{words::empty_trash}</button>
                    </p>
                    <ul class="saved-list">
                        {move || items().into_iter().map(|item| view! { <TrashItem item list=trash.refetch /> }).collect_view()}
                    </ul>
                </details>
            </Show>
            <ConfirmDialog
                open=confirming_empty
                title=Signal::derive(|| words::empty_title().to_string())
                text=Signal::derive(move || words::empty_text(known().map(|disk| fmt::bytes(disk.trash)).unwrap_or_default()))
                verb=Signal::derive(|| words::empty_trash().to_string())
                on_confirm=empty
            />
        </div>
    }
}

fn kind_word(kind: TrashKind) -> &'static str {
    match kind {
        TrashKind::Run => words::trash_run(),
        TrashKind::Sweep => words::trash_sweep(),
        TrashKind::Checkpoint => words::trash_checkpoint(),
        TrashKind::Model => words::model(),
        TrashKind::Config => words::trash_config(),
    }
}

/// An item in the trash.
#[component]
fn TrashItem(item: Trashed, list: Refetch) -> impl IntoView {
    let toaster = use_toaster();
    let (kind, id) = (item.kind, item.id);
    let is_restoring = RwSignal::new(false);
    let restore = move |_| {
        let id = id.clone();
        is_restoring.set(true);
        spawn_local(async move {
            match api::restore(&id).await {
                Ok(_) => list.now(),
                Err(error) => {
                    toaster.fail(&error);
                    is_restoring.try_set(false);
                }
            }
        });
    };
    view! {
        <li data-name=item.name.clone()>
            <span class="muted">{move || kind_word(kind)}</span>
            <b class="clip grow">{item.name.clone()}</b>
            <span class="num">{fmt::bytes(item.bytes)}</span>
            <span class="faint num wide">{move || fmt::ago(item.deleted, browser::now())}</span>
            <button type="button" class="btn small" disabled=is_restoring on:click=restore>
                <Icon name=IconName::Undo />
                {common::undo}
            </button>
        </li>
    }
}
