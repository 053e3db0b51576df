//! What came out of a run, in one sentence, and what to do next; for a failed one its last words.

use super::state::use_run;
use crate::api;
use crate::browser;
use crate::fmt;
use crate::i18n::run as words;
use crate::links;
use crate::live::use_live;
use crate::logic::series::held_out;
use crate::ui::{Icon, IconName, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{Merge, RunState, RunSummary};
use protocol::event::Metrics;
use protocol::method::MethodId;

/// The sentence a finished run says of itself.
fn sentence(run: &RunSummary) -> String {
    let latest = |name| held_out(&run.latest, name);
    let both = |name| Some((latest(name)?, held_out(&run.baseline, name)?));
    if let Some((after, before)) = both("accuracy") {
        return words::scores(fmt::percent(after), fmt::percent(before));
    }
    if let Some((after, before)) = both("reward") {
        return words::rewarded(fmt::number(after), fmt::number(before));
    }
    if let Some((after, before)) = both("preference/accuracies") {
        return words::prefers(fmt::percent(after), fmt::percent(before));
    }
    if let Some(after) = latest("preference/accuracies") {
        return words::prefers_alone(fmt::percent(after));
    }
    let loss = |metrics: &Metrics| metrics.get("eval_loss").map(|loss| loss.get());
    match (loss(&run.latest), loss(&run.baseline)) {
        (Some(after), Some(before)) => words::loss_fell(fmt::number(after), fmt::number(before)),
        (Some(after), None) => words::loss_is(fmt::number(after)),
        (None, _) => words::finished().into(),
    }
}

#[component]
pub fn Outcome() -> impl IntoView {
    let run = use_run();
    let state = Memo::new(move |_| run.state());
    move || match state.get() {
        RunState::Completed => view! { <Ended /> }.into_any(),
        RunState::Stopped => view! { <Ended /> }.into_any(),
        RunState::Failed => view! { <Failed /> }.into_any(),
        _ => ().into_any(),
    }
}

#[component]
fn Ended() -> impl IntoView {
    let run = use_run();
    let headline = move || run.summary.with(|summary| summary.as_ref().map(sentence));
    let stopped = move || {
        let step = run.read(|run| run.step);
        (run.state() == RunState::Stopped).then(|| words::stopped_early(fmt::count(step)))
    };
    let took = move || run.read(|run| (run.seconds > 0.0).then(|| words::took(fmt::duration(run.seconds))));
    let peak = move || {
        run.read(|run| {
            run.peak_memory
                .filter(|bytes| *bytes > 0)
                .map(|bytes| words::peak(fmt::bytes(bytes)))
        })
    };
    let chat = move || {
        run.summary.with(|summary| {
            let run = summary.as_ref();
            let base = run.and_then(|run| run.config.model_name_or_path.clone());
            let models: Vec<String> = base.into_iter().chain(run.map(|run| run.name.clone())).collect();
            links::chat(&models)
        })
    };
    // a reward model scores replies, it writes none
    let scores = Memo::new(move |_| run.method() == Some(MethodId::Rm));
    view! {
        <section class="outcome" id="outcome">
            <p class="headline">{headline}</p>
            <p class="row wrap muted num">
                <span>{stopped}</span>
                <span>{took}</span>
                <span>{peak}</span>
            </p>
            <div class="row wrap outcome-actions">
                <Show
                    when=move || scores.get()
                    fallback=move || view! {
                        <a class="btn primary" id="chat-with" href=chat>
                            <Icon name=IconName::Chat />
                            {words::chat_with}
                        </a>
                    }
                >
                    <a class="btn primary" href=move || links::next_stage(&run.id.get_value())>
                        <Icon name=IconName::Branch />
                        {words::use_in_ppo}
                    </a>
                </Show>
                <MergedDownload />
                <a class="btn" href=move || links::train_again(&run.id.get_value())>
                    <Icon name=IconName::Refresh />
                    {words::again}
                </a>
            </div>
        </section>
    }
}

/// A button that merges when it must, then downloads.
#[component]
pub fn MergedDownload(
    /// Of this checkpoint; left out: the best one.
    #[prop(optional, into)]
    checkpoint: Option<String>,
) -> impl IntoView {
    let (run, live, toaster) = (use_run(), use_live(), use_toaster());
    let wanted = RwSignal::new(false);
    let failure = RwSignal::new(None::<String>);
    let merge = Memo::new(move |_| {
        let known = live.merges.with(|merges| merges.get(&run.id.get_value()).cloned());
        known.unwrap_or(Merge::None)
    });
    let finish = move |merge: &Merge| match merge {
        Merge::Done { .. } => {
            wanted.set(false);
            browser::download(&api::archive_path(&run.id.get_value(), "merged"));
        }
        Merge::Failed { message } => {
            wanted.set(false);
            failure.set(Some(message.clone()));
        }
        Merge::None | Merge::Going { .. } => {}
    };
    Effect::new(move || {
        let merge = merge.get();
        if wanted.get_untracked() {
            finish(&merge);
        }
    });
    let small = checkpoint.is_some();
    let checkpoint = StoredValue::new(checkpoint);
    let start = move |_| {
        wanted.set(true);
        failure.set(None);
        spawn_local(async move {
            match api::merge(&run.id.get_value(), checkpoint.get_value().as_deref()).await {
                Ok(answer) => {
                    if wanted.try_get_untracked() == Some(true)
                        && matches!(answer, Merge::Done { .. } | Merge::Failed { .. })
                    {
                        finish(&answer);
                    }
                }
                Err(error) => {
                    wanted.set(false);
                    toaster.fail(&error);
                }
            }
        });
    };
    let label = move || match merge.get() {
        Merge::Going { done, total } if !small || wanted.get() => {
            words::merging(fmt::percent(done as f64 / total.max(1) as f64))
        }
        _ if wanted.get() => words::merging(""),
        _ => words::download_merged().to_owned(),
    };
    view! {
        <button
            type="button"
            class="btn"
            class:small=small
            id=(!small).then_some("download-merged")
            disabled=wanted
            on:click=start
        >
            <Icon name=IconName::Download />
            {label}
        </button>
        {move || {
            failure
                .get()
                .map(|message| {
                    view! { <span class="bad-text" role="alert">{format!("{}: {message}", words::merge_failed())}</span> }
                })
        }}
    }
}

#[component]
fn Failed() -> impl IntoView {
    let run = use_run();
    let title = move || match run.read(|run| run.step) {
        0 => words::failed().to_owned(),
        step => words::failed_at(fmt::count(step)),
    };
    let last = move || {
        run.detail
            .with(|detail| detail.as_ref().map(|d| d.last_words.join("\n")).unwrap_or_default())
    };
    view! {
        <section class="outcome failed" role="alert">
            <h2 class="row">
                <Icon name=IconName::Warning />
                {title}
            </h2>
            <p class="cause">{move || run.read(|run| run.message.clone())}</p>
            <Show when=move || !last().is_empty()>
                <p class="row faint">
                    {words::last_words}
                    <a href=move || format!("{}?tab=log", links::run(&run.id.get_value()))>{words::whole_log}</a>
                </p>
                <div class="last-words" tabindex="0"><pre>{last}</pre></div>
            </Show>
            <div class="row wrap outcome-actions">
                <a class="btn" href=move || links::train_again(&run.id.get_value())>
                    <Icon name=IconName::Refresh />
                    {words::again}
                </a>
            </div>
        </section>
    }
}
