//! What the data directory takes of the disk, and the trash: things taken back, or gone for good.

use crate::api;
use crate::fetched::{Fetched, Refetch, heed};
use crate::fmt;
use crate::i18n::{common, models as words};
use crate::live::use_live;
use crate::ui::{Ask, Icon, IconName, use_toaster};
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
    // runs come out of it and go into it as well
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
    let asking = RwSignal::new(false);
    let empty = move |()| {
        spawn_local(async move {
            match api::empty_trash().await {
                Ok(()) => changed(),
                Err(error) => toaster.fail(&error),
            }
        });
    };
    let known = move || answer.get().and_then(Result::ok);
    let things = move || trash.answer.get().and_then(Result::ok).unwrap_or_default();
    let line = move |disk: Disk| words::disk(fmt::bytes(disk.bytes), fmt::bytes(disk.free));
    view! {
        <div class="disk" id="disk">
            <span class="faint" title=move || known().map(|disk| disk.path)>{move || known().map(line)}</span>
            <Show when=move || !things().is_empty()>
                <details class="trash">
                    <summary>
                        <Icon name=IconName::Trash />
                        {move || known().map(|disk| words::trash(things().len() as u64, fmt::bytes(disk.trash)))}
                    </summary>
                    <p class="row">
                        <span class="faint grow">{move || known().map(|disk| words::trash_hint(disk.days))}</span>
                        <button type="button" class="btn small danger" on:click=move |_| asking.set(true)>{words::empty_trash}</button>
                    </p>
                    <ul class="saved-list">
                        {move || things().into_iter().map(|one| view! { <Thing one list=trash.refetch /> }).collect_view()}
                    </ul>
                </details>
            </Show>
            <Ask
                open=asking
                title=Signal::derive(|| words::empty_title().to_string())
                text=Signal::derive(move || words::empty_text(known().map(|disk| fmt::bytes(disk.trash)).unwrap_or_default()))
                verb=Signal::derive(|| words::empty_trash().to_string())
                on_yes=empty
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

/// A thing in the trash.
#[component]
fn Thing(one: Trashed, list: Refetch) -> impl IntoView {
    let toaster = use_toaster();
    let (kind, id) = (one.kind, one.id);
    let asked = RwSignal::new(false);
    let back = move |_| {
        let id = id.clone();
        asked.set(true);
        spawn_local(async move {
            match api::restore(&id).await {
                Ok(_) => list.now(),
                Err(error) => {
                    toaster.fail(&error);
                    asked.try_set(false);
                }
            }
        });
    };
    view! {
        <li data-name=one.name.clone()>
            <span class="muted">{move || kind_word(kind)}</span>
            <b class="clip grow">{one.name.clone()}</b>
            <span class="num">{fmt::bytes(one.bytes)}</span>
            <span class="faint num wide">{move || fmt::ago(one.deleted, js_sys::Date::now() as i64)}</span>
            <button type="button" class="btn small" disabled=asked on:click=back>
                <Icon name=IconName::Undo />
                {common::undo}
            </button>
        </li>
    }
}
