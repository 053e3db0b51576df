//! The head of the run page: name, state, progress, actions.

use super::go_on::GoOnButton;
use super::progress::ProgressLine;
use super::state::{RunView, use_run};
use crate::api;
use crate::app::use_shell;
use crate::i18n::{common, run as words, runs as runs_words};
use crate::links;
use crate::live::{Live, use_live};
use crate::logic::lineage::builds_on;
use crate::pages::archive;
use crate::trash::toast_with_undo;
use crate::ui::{Breadcrumb, ConfirmDialog, Icon, IconName, Menu, MenuItem, OriginBadge, StateDot, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::api::{RunPatch, RunState, RunSummary, Stop};

#[component]
pub fn Header() -> impl IntoView {
    let run = use_run();
    let state = Signal::derive(move || run.state());
    view! {
        <header class="page-head run-head">
            <Breadcrumb href="/runs" name=crate::i18n::runs::title />
            <Name />
            <StateDot state word=true />
            {move || run.read(|run| run.origin.clone()).map(|origin| view! { <OriginBadge origin /> })}
            {move || run.read(|run| run.sweep.clone()).map(|of| view! { <a class="badge" href=links::sweep(&of.id)>{of.name}</a> })}
            <div class="grow"></div>
            <Actions />
        </header>
        <ProgressLine />
    }
}

/// The name, an input that looks like a title.
#[component]
fn Name() -> impl IntoView {
    let (run, live, toaster) = (use_run(), use_live(), use_toaster());
    let name = Memo::new(move |_| run.read(|run| run.name.clone()));
    // what was typed and is not saved yet; it is saved too when the page is left
    let typed = RwSignal::new(None::<String>);
    let id = run.id.get_value();
    let save = move || {
        let Some(new) = typed.try_update(Option::take).flatten() else {
            return;
        };
        let new = new.trim().to_owned();
        if new.is_empty() || Some(&new) == name.try_get_untracked().as_ref() {
            return;
        }
        let id = id.clone();
        spawn_local(async move {
            let change = RunPatch {
                name: Some(new),
                ..RunPatch::default()
            };
            if let Err(error) = live.change(&id, api::patch_run(&id, &change)).await {
                toaster.fail(&error);
            }
        });
    };
    on_cleanup(save.clone());
    let keys = move |event: leptos::ev::KeyboardEvent| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        match event.key().as_str() {
            "Enter" if !event.is_composing() => {
                let _ = input.blur();
            }
            "Escape" => {
                typed.set(None);
                let _ = input.blur();
            }
            _ => {}
        }
    };
    view! {
        <h1 class="run-name">
            <input aria-label=words::rename title=words::rename spellcheck="false" maxlength="120" prop:value=move || typed.get().unwrap_or_else(|| name.get())
                on:input=move |event| typed.set(Some(event_target_value(&event))) on:change=move |_| save() on:keydown=keys />
        </h1>
    }
}

/// Pins the run to the rail, or takes the pin away.
#[component]
fn PinItem() -> impl IntoView {
    let (run, pins) = (use_run(), use_shell().pins);
    let pinned = Memo::new(move |_| run.id.with_value(|id| pins.has(id)));
    view! {
        <MenuItem on_pick=move |()| run.id.with_value(|id| pins.toggle(id))>
            <Icon name=IconName::Pin />
            {move || if pinned.get() { runs_words::unpin() } else { runs_words::pin() }}
        </MenuItem>
    }
}

/// The menu that stops a live run.
#[component]
fn StopMenu(#[prop(into)] on_stop: Callback<Stop>) -> impl IntoView {
    view! {
        <Menu trigger=(|| view! { <Icon name=IconName::Stop />{words::stop}<Icon name=IconName::Down /> }).into() align_end=true>
            <MenuItem on_pick=move |()| on_stop.run(Stop::Save)>
                <span class="stack tight"><span>{words::stop_save}</span><small class="faint">{words::stop_save_hint}</small></span>
            </MenuItem>
            <MenuItem on_pick=move |()| on_stop.run(Stop::Now)>
                <span class="stack tight"><span>{words::stop_now}</span><small class="faint">{words::stop_now_hint}</small></span>
            </MenuItem>
        </Menu>
    }
}

/// What deleting the run would take along.
fn delete_text(run: RunView, live: Live) -> String {
    let name = run.read(|run| run.name.clone());
    let others: Vec<_> = live.runs.with(|runs| {
        let built = |other: &ArcRwSignal<RunSummary>| {
            other.with(|other| (other.name != name && builds_on(&other.config, &name)).then(|| other.name.clone()))
        };
        runs.values().filter_map(built).collect()
    });
    match others.as_slice() {
        [] => words::delete_text(name),
        others => format!("{} {}", words::delete_text(name), words::delete_used(others.join(", "))),
    }
}

#[component]
fn Actions() -> impl IntoView {
    let (run, live, toaster) = (use_run(), use_live(), use_toaster());
    let confirming_delete = RwSignal::new(false);
    let text = move || delete_text(run, live);
    let navigate = StoredValue::new_local(use_navigate());
    let go = move |path: String| navigate.with_value(|navigate| navigate(&path, NavigateOptions::default()));
    let stop = move |how: Stop| {
        spawn_local(async move {
            let id = run.id.get_value();
            if let Err(error) = live.change(&id, api::stop_run(&id, how)).await {
                toaster.fail(&error);
            }
        });
    };
    let toggle_archived = move |()| {
        spawn_local(async move {
            archive(live, toaster, vec![run.id.get_value()], !run.read(|run| run.archived)).await;
        });
    };
    let delete = move |()| {
        // the socket may tell of it before the answer comes, and the header is gone then
        let (id, navigate) = (run.id.get_value(), navigate.with_value(Clone::clone));
        spawn_local(async move {
            match api::delete_run(&id).await {
                Ok(gone) => {
                    // the person may have gone elsewhere meanwhile
                    if run.ready.try_get_untracked().is_some() {
                        navigate("/runs", NavigateOptions::default());
                    }
                    live.drop_run(&id);
                    toast_with_undo(toaster, vec![gone], || {});
                }
                Err(error) => toaster.fail(&error),
            }
        });
    };
    let usable = move || run.state().is_over() && run.read(|run| run.checkpoints > 0);
    view! {
        <div class="row run-actions">
            <Show when=move || run.state() == RunState::Queued>
                <button type="button" class="btn" on:click=move |_| stop(Stop::Now)>{words::cancel_queued}</button>
            </Show>
            <Show when=move || matches!(run.state(), RunState::Starting | RunState::Running) && !run.is_foreign()>
                <StopMenu on_stop=stop />
            </Show>
            <Show when=move || run.state() == RunState::Stopping>
                <button type="button" class="btn" on:click=move |_| stop(Stop::Now)>
                    <Icon name=IconName::Stop />
                    {words::stop_now}
                </button>
            </Show>
            <Show when=move || run.state() == RunState::Stopped && !run.is_foreign()>
                <GoOnButton />
            </Show>
            <Menu
                trigger=(|| view! { <Icon name=IconName::Dots /> }).into()
                class="btn icon"
                label=Signal::derive(|| words::more().to_string())
                align_end=true
            >
                <Show when=move || !run.is_foreign()>
                    <MenuItem on_pick=move |()| go(links::train_again(&run.id.get_value()))>
                        <Icon name=IconName::Edit />
                        {words::again}
                    </MenuItem>
                    <MenuItem
                        on_pick=move |()| go(links::next_stage(&run.id.get_value()))
                        disabled=Signal::derive(move || !usable())
                    >
                        <Icon name=IconName::Branch />
                        {words::next_stage}
                    </MenuItem>
                    <div class="menu-line" role="separator"></div>
                </Show>
                <PinItem />
                <MenuItem on_pick=toggle_archived>
                    <Icon name=IconName::Archive />
                    {move || if run.read(|run| run.archived) { words::unarchive() } else { words::archive() }}
                </MenuItem>
                <MenuItem on_pick=move |()| confirming_delete.set(true) danger=true disabled=Signal::derive(move || run.state().is_live())>
                    <Icon name=IconName::Trash />
                    {words::delete}
                </MenuItem>
            </Menu>
        </div>
        <ConfirmDialog
            open=confirming_delete
            title=Signal::derive(|| words::delete_title().to_string())
            text=Signal::derive(text)
            verb=Signal::derive(|| common::delete().to_string())
            on_confirm=delete
        />
    }
}
