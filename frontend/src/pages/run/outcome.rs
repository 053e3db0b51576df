//! The outcome of a run in one sentence, and what to do next; for a failed run also the end of its log.

use super::export::MergedDownload;
use super::go_on::GoOnButton;
use super::state::use_run;
use crate::fmt;
use crate::i18n::pairs as pair_words;
use crate::i18n::run as words;
use crate::i18n::said;
use crate::links;
use crate::logic::go_on::{GoOn, go_on};
use crate::logic::verdict::{Measure, Trend, Verdict, made_worse, verdict};
use crate::ui::{Icon, IconName, marked};
use leptos::prelude::*;
use protocol::api::{RunState, RunSummary};
use protocol::event::Program;
use protocol::method::MethodId;

/// The verdict on a run that is over, as a sentence.
pub fn sentence(run: &RunSummary) -> String {
    if let Some(origin) = run.origin.as_ref().filter(|origin| origin.from == Program::Merge) {
        return words::merged_from(&origin.path);
    }
    let Verdict { measure, trend, at } = verdict(run);
    let said = match measure {
        Measure::NeverBegan if run.started.is_none() => return words::taken_out().into(),
        Measure::NeverBegan => return words::never_began().into(),
        Measure::NotEvaluated => return words::not_evaluated().into(),
        Measure::Unmeasured if run.state == RunState::Completed => return words::finished().into(),
        Measure::Unmeasured if run.state == RunState::Untold => return crate::i18n::common::state_untold().into(),
        Measure::Unmeasured => return words::stopped_at(fmt::count(run.step)),
        Measure::Scores { after, before } => words::scores(fmt::percent(after), fmt::percent(before)),
        Measure::Reward { after, before } => words::rewarded(fmt::number(after), fmt::number(before)),
        Measure::Preference {
            after,
            before: Some(before),
        } => words::prefers(fmt::percent(after), fmt::percent(before)),
        Measure::Preference { after, before: None } => words::prefers_alone(fmt::percent(after)),
        Measure::Loss {
            after,
            before: Some(before),
        } => words::loss_fell(fmt::number(after), fmt::number(before)),
        Measure::Loss { after, before: None } => words::loss_is(fmt::number(after)),
    };
    let said = match at {
        Some(step) => words::as_of(said, fmt::count(step)),
        None => said,
    };
    match trend {
        Trend::Worse => words::worse(said),
        _ => said,
    }
}

/// A sentence on what was kept of a run that was stopped.
fn kept(run: &RunSummary) -> Option<String> {
    let stopped = run.state == RunState::Stopped && run.step > 0 && run.origin.is_none();
    stopped.then(|| {
        let step = fmt::count(run.step);
        if run.checkpoints > 0 {
            words::stopped_early(step)
        } else {
            words::stopped_without(step)
        }
    })
}

#[component]
pub fn Outcome() -> impl IntoView {
    let run = use_run();
    let state = Memo::new(move |_| run.state());
    move || match state.get() {
        RunState::Completed => view! { <Ended /> }.into_any(),
        RunState::Stopped | RunState::Untold => view! { <Ended /> }.into_any(),
        RunState::Failed => view! { <Failed /> }.into_any(),
        RunState::Unknown => view! { <Elsewhere /> }.into_any(),
        RunState::Queued | RunState::Starting | RunState::Running | RunState::Stopping => ().into_any(),
    }
}

/// A run on another machine, with what is known of it.
#[component]
fn Elsewhere() -> impl IntoView {
    let run = use_run();
    view! {
        <section class="outcome" aria-label=words::outcome>
            <h2>{crate::i18n::common::state_unknown}</h2>
            <p class="cause">{move || marked(&run.read(|run| fmt::sentence(&said::row(&run.message, &run.code, &run.args))))}</p>
        </section>
    }
}

#[component]
fn Ended() -> impl IntoView {
    let run = use_run();
    let headline = move || run.summary.with(|summary| summary.as_ref().map(sentence));
    let stopped = move || run.summary.with(|summary| summary.as_ref().and_then(kept));
    // for an imported run, what its files say about its end
    let cause = move || {
        run.read(|run| {
            run.origin
                .is_some()
                .then(|| said::row(&run.message, &run.code, &run.args))
        })
    };
    let worse = Memo::new(move |_| run.summary.with(|summary| summary.as_ref().is_some_and(made_worse)));
    let usable = Memo::new(move |_| run.read(|run| run.checkpoints > 0));
    let of_pairs = Memo::new(move |_| {
        let measure = run
            .summary
            .with(|summary| summary.as_ref().map(|run| verdict(run).measure));
        let pairs = match measure {
            Some(Measure::Preference { .. }) => true,
            Some(Measure::Scores { .. }) => run.read(RunSummary::tells_pairs_apart),
            _ => false,
        };
        pairs && !run.is_foreign()
    });
    let took = move || run.read(|run| (run.seconds > 0.0).then(|| words::took(fmt::duration(run.seconds))));
    let peak = move || {
        let bytes = run.read(RunSummary::training_peak);
        bytes.map(|bytes| words::peak(fmt::bytes(bytes)))
    };
    let chat = move || {
        run.summary.with(|summary| {
            let run = summary.as_ref();
            let base = run.and_then(|run| run.config.model_name_or_path.clone());
            let models: Vec<String> = base.into_iter().chain(run.map(|run| run.name.clone())).collect();
            links::chat(&models)
        })
    };
    // a reward model scores replies and writes none, so that it can't be chatted with
    let scores = Memo::new(move |_| run.method() == Some(MethodId::Rm));
    view! {
        <section class="outcome" class:worse=worse id="outcome" aria-label=words::outcome>
            <p class="headline row">
                <Show when=move || worse.get()>
                    <Icon name=IconName::Warning />
                </Show>
                <Show when=move || of_pairs.get() fallback=move || view! { <span>{headline}</span> }>
                    <a class="headline-link" title=pair_words::see_wrong href=move || links::wrong_pairs(&run.id.get_value())>
                        {headline}
                        <Icon name=IconName::Right />
                    </a>
                </Show>
            </p>
            <Show when=move || worse.get()>
                <p class="muted">{words::worse_hint}</p>
            </Show>
            <p class="row wrap muted num">
                <span>{stopped}</span>
                <span>{cause}</span>
                <span>{took}</span>
                <span>{peak}</span>
            </p>
            <div class="row wrap outcome-actions">
                <Show when=move || (worse.get() || !usable.get()) && !run.is_foreign()>
                    <a class="btn primary" href=move || links::train_again(&run.id.get_value())>
                        <Icon name=IconName::Edit />
                        {words::again}
                    </a>
                </Show>
                <Show when=move || usable.get()>
                    <Show
                        when=move || scores.get()
                        fallback=move || view! {
                            <a class="btn" class:primary=move || !worse.get() id="chat-with" href=chat>
                                <Icon name=IconName::Chat />
                                {words::chat_with}
                            </a>
                        }
                    >
                        <a class="btn" class:primary=move || !worse.get() href=move || links::next_stage(&run.id.get_value())>
                            <Icon name=IconName::Branch />
                            {words::use_in_ppo}
                        </a>
                    </Show>
                    <MergedDownload />
                </Show>
                <Show when=move || usable.get() && !worse.get() && !run.is_foreign()>
                    <a class="btn" href=move || links::train_again(&run.id.get_value())>
                        <Icon name=IconName::Edit />
                        {words::again}
                    </a>
                </Show>
            </div>
        </section>
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
        let cause = run.read(|run| run.message.clone());
        run.detail.with(|detail| {
            let words = detail.as_ref().map(|d| d.last_words.clone()).unwrap_or_default();
            // the cause is shown above already
            let said = words
                .into_iter()
                .filter(|line| cause.is_empty() || !line.contains(&cause));
            said.collect::<Vec<_>>().join("\n")
        })
    };
    let again_first = move || run.summary.with(|summary| summary.as_ref().map_or(GoOn::No, go_on)) == GoOn::No;
    view! {
        <section class="outcome failed" aria-label=words::outcome>
            <h2 class="row">
                <Icon name=IconName::Warning />
                {title}
            </h2>
            <p class="cause">{move || marked(&run.read(|run| fmt::sentence(&said::row(&run.message, &run.code, &run.args))))}</p>
            <Show when=move || !last().is_empty()>
                <p class="row faint">
                    {words::last_words}
                    <a href=move || format!("{}?tab=log", links::run(&run.id.get_value()))>{words::whole_log}</a>
                </p>
                <div class="last-words" tabindex="0"><pre>{last}</pre></div>
            </Show>
            <Show when=move || !run.is_foreign()>
                <div class="row wrap outcome-actions">
                    <GoOnButton />
                    <a class="btn" class:primary=move || again_first() href=move || links::train_again(&run.id.get_value())>
                        <Icon name=IconName::Edit />
                        {words::again}
                    </a>
                </div>
            </Show>
        </section>
    }
}
