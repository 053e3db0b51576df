//! The head of the run page: name, state, progress, actions.

use super::go_on::GoOnButton;
use super::state::{PhaseProgress, RunView, use_run};
use crate::api;
use crate::browser;
use crate::fmt;
use crate::i18n::{common, home, run as words};
use crate::links;
use crate::live::use_live;
use crate::logic::lineage::builds_on;
use crate::pages::archive;
use crate::trash::toast_with_undo;
use crate::ui::{
    Breadcrumb, ConfirmDialog, Icon, IconName, Menu, MenuItem, OriginBadge, Progress, StateDot, use_toaster,
};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::api::{RunPatch, RunState, Stop};
use protocol::event::Phase;
use protocol::metric::is_held_out;

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

/// The line under the head: the progress of a live run, or its place in the queue.
#[component]
fn ProgressLine() -> impl IntoView {
    let run = use_run();
    let share = Signal::derive(move || match run.phase.get() {
        Some(PhaseProgress { done, total, .. }) if run.state() == RunState::Starting => {
            Some(done as f64 / total.max(1) as f64)
        }
        _ => run.read(|run| run.total_steps.map(|total| run.step as f64 / total.max(1) as f64)),
    });
    let steps = move || {
        run.read(|run| match run.total_steps {
            Some(total) => words::step_of(fmt::count(run.step), fmt::count(total)),
            None => words::step_only(fmt::count(run.step)),
        })
    };
    let doing = move || match (run.phase.get(), run.state()) {
        (Some(PhaseProgress { phase, done, total }), _) if total > 1 => {
            format!("{} {}", phase_word(phase), fmt::percent(done as f64 / total as f64))
        }
        (Some(PhaseProgress { phase, .. }), _) => phase_word(phase).to_owned(),
        (None, RunState::Starting) => words::starting().to_owned(),
        (None, RunState::Stopping) => words::stopping().to_owned(),
        _ => String::new(),
    };
    let left = move || run.seconds_left().map(|seconds| words::left(fmt::duration(seconds)));
    let end = move || {
        run.seconds_left()
            .map(|seconds| home::ends(browser::local_time_in(seconds)))
    };
    let speed = move || tokens_per_second(&run).map(|rate| words::tokens_s(fmt::rate(rate)));
    let elapsed = move || {
        let now = run.now.get();
        run.read(|run| run.started.map(|_| words::since(fmt::duration(run.seconds_until(now)))))
    };
    view! {
        <Show when=move || run.state().is_live()>
            <div class="standing">
                <Progress share label=Signal::derive(steps) />
                <div class="standing-words num">
                    <span>{steps}</span>
                    <span class="muted">{left}</span>
                    <span class="muted">{end}</span>
                    <span class="muted">{elapsed}</span>
                    <span class="muted">{speed}</span>
                    <span class="grow"></span>
                    <span class="muted">{doing}</span>
                </div>
            </div>
        </Show>
        <Show when=move || run.state() == RunState::Queued>
            <div class="standing">
                <div class="note">
                    <Icon name=IconName::Info />
                    <p>
                        {move || match run.read(|run| run.queue_position) {
                            Some(place) if place > 1 => words::queue_place(place),
                            _ => words::queue_first().to_owned(),
                        }}
                    </p>
                </div>
            </div>
        </Show>
    }
}

fn tokens_per_second(run: &RunView) -> Option<f64> {
    run.read(|run| {
        let found = run
            .latest
            .iter()
            .find(|(name, _)| name.ends_with("tokens_per_second") && !is_held_out(name));
        found.map(|(_, value)| value.get())
    })
}

/// The label of a worker's phase.
pub fn phase_word(phase: Phase) -> &'static str {
    match phase {
        Phase::Loading => words::phase_loading(),
        Phase::Tokenizing => words::phase_tokenizing(),
        Phase::Reference => words::phase_reference(),
        Phase::Training => words::phase_training(),
        Phase::Evaluating => words::phase_evaluating(),
        Phase::Sampling => words::phase_sampling(),
        Phase::Predicting => words::phase_predicting(),
        Phase::Saving => words::phase_saving(),
        Phase::Merging => words::phase_merging(),
    }
}

#[component]
fn Actions() -> impl IntoView {
    let (run, live, toaster) = (use_run(), use_live(), use_toaster());
    let confirming_delete = RwSignal::new(false);
    let text = move || {
        let name = run.read(|run| run.name.clone());
        let others = live.runs.with(|runs| {
            let mut others: Vec<_> = runs.values().map(|run| run.get()).collect();
            others.retain(|other| other.name != name && builds_on(&other.config, &name));
            others.into_iter().map(|other| other.name).collect::<Vec<_>>()
        });
        match others.as_slice() {
            [] => words::delete_text(name),
            others => format!("{} {}", words::delete_text(name), words::delete_used(others.join(", "))),
        }
    };
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
                <Menu trigger=(|| view! { <Icon name=IconName::Stop />{words::stop}<Icon name=IconName::Down /> }).into() align_end=true>
                    <MenuItem on_pick=move |()| stop(Stop::Save)>
                        <span class="stack tight"><span>{words::stop_save}</span><small class="faint">{words::stop_save_hint}</small></span>
                    </MenuItem>
                    <MenuItem on_pick=move |()| stop(Stop::Now)>
                        <span class="stack tight"><span>{words::stop_now}</span><small class="faint">{words::stop_now_hint}</small></span>
                    </MenuItem>
                </Menu>
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
