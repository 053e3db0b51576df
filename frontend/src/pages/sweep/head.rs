//! The head of a sweep's page: its progress, and buttons to stop it, resume it, or delete it with its runs.

use super::use_page;
use crate::api::{self, Answer};
use crate::i18n::{common, sweep as words};
use crate::live::use_live;
use crate::trash::toast_with_undo;
use crate::ui::{Breadcrumb, ConfirmDialog, Icon, IconName, PageHead, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;
use protocol::api::{SweepState, SweepSummary};

fn state_word(state: SweepState) -> &'static str {
    match state {
        SweepState::Going => words::going(),
        SweepState::Done => words::done(),
        SweepState::Stopped => words::stopped(),
    }
}

#[component]
pub fn Head() -> impl IntoView {
    let (page, toaster, live, navigate) = (use_page(), use_toaster(), use_live(), use_navigate());
    let summary = move || page.detail.get().map(|detail| detail.summary);
    let is = move |state: SweepState| summary().is_some_and(|summary| summary.state == state);
    let act = move |what: &'static str| {
        let Some(id) = untrack(summary).map(|summary| summary.id) else {
            return;
        };
        spawn_local(async move {
            let answer: Answer<SweepSummary> = api::post(&api::sweep_path(&id, what), &()).await;
            match answer {
                Ok(_) => page.refetch.now(),
                Err(error) => toaster.fail(&error),
            }
        });
    };
    let confirming_delete = RwSignal::new(false);
    let navigate = StoredValue::new_local(navigate);
    let delete = move |()| {
        let Some(id) = untrack(summary).map(|summary| summary.id) else {
            return;
        };
        let runs: Vec<String> = page.runs().into_iter().map(|run| run.id).collect();
        spawn_local(async move {
            match api::delete_sweep(&id).await {
                Ok(gone) => {
                    runs.iter().for_each(|run| live.drop_run(run));
                    // the person may have gone elsewhere meanwhile
                    navigate.try_with_value(|go| go("/runs", Default::default()));
                    toast_with_undo(toaster, vec![gone], || {});
                }
                Err(error) => toaster.fail(&error),
            }
        });
    };
    let name = move || summary().map(|summary| summary.name).unwrap_or_default();
    let runs = move || page.runs().len() as u64;
    view! {
        <PageHead title=ViewFn::from(move || view! { <Breadcrumb href="/runs" name=crate::i18n::runs::title />{name()} })>
            <span class="faint" id="sweep-progress">
                {move || summary().map(|summary| format!("{} · {}", state_word(summary.state), words::progress(summary.ended, summary.runs)))}
            </span>
            <Show when=move || is(SweepState::Going)>
                <button type="button" class="btn" on:click=move |_| act("/stop")>
                    <Icon name=IconName::Stop />
                    {words::stop}
                </button>
            </Show>
            <Show when=move || is(SweepState::Stopped)>
                <button type="button" class="btn primary" on:click=move |_| act("/resume")>
                    <Icon name=IconName::Play />
                    {words::go_on}
                </button>
            </Show>
            <Show when=move || !is(SweepState::Going)>
                <button type="button" class="btn danger" aria-label=words::delete title=words::delete on:click=move |_| confirming_delete.set(true)>
                    <Icon name=IconName::Trash />
                    <span class="wide">{common::delete}</span>
                </button>
            </Show>
        </PageHead>
        <ConfirmDialog
            open=confirming_delete
            title=Signal::derive(move || words::delete_title(runs()))
            text=Signal::derive(|| words::delete_text().to_string())
            verb=Signal::derive(|| common::delete().to_string())
            on_confirm=delete
        />
    }
}
