//! The box for a sweep, shown where a key has several values: how they are searched, the cost, the start button.

mod search;

pub use search::Search;

use super::state::use_form;
use super::stored;
use crate::api::{self, Answer, ApiError};
use crate::fmt;
use crate::i18n::{new_run, said, sweep as words};
use crate::ui::{Checkbox, ErrorNote, Icon, IconName, Select, marked, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::api::{SweepPlan, SweepSummary};
use protocol::config::FieldError;
use protocol::sweep::{Method, default_metric};
use search::{Planned, offered};

/// The box of the sweep that the form describes.
#[component]
pub fn SweepBox() -> impl IntoView {
    let (form, toaster) = (use_form(), use_toaster());
    let search = form.search;
    let navigate = use_navigate();
    let starting = RwSignal::new(false);
    let start = move |_| {
        let broken = form.errors.with_untracked(|errors| !errors.is_empty());
        if starting.get_untracked() || form.reading.get_untracked() || broken || !untrack(|| search.is_ready()) {
            return;
        }
        starting.set(true);
        let (new, navigate) = (untrack(|| search.asked()), navigate.clone());
        spawn_local(async move {
            let made: Answer<SweepSummary> = api::post("/api/sweeps", &new).await;
            match made {
                Ok(made) => {
                    stored::forget();
                    navigate(&crate::links::sweep(&made.id), NavigateOptions::default());
                }
                Err(ApiError::Problem(problem)) if !problem.errors.is_empty() => {
                    search.plan.update(|plan| {
                        if let Some(Planned { answer: Ok(plan), .. }) = plan {
                            plan.errors = problem.errors;
                        }
                    });
                }
                Err(error) => toaster.fail(&error),
            }
            let _ = starting.try_set(false);
        });
    };
    let cost = move || {
        search
            .plan
            .with(|plan| plan.as_ref().map(|plan| cost_of(&plan.answer, search)))
    };
    let methods = Signal::derive(|| {
        let named = [
            (Method::Grid, words::grid()),
            (Method::Random, words::random()),
            (Method::Tpe, words::tpe()),
        ];
        named
            .map(|(method, word)| (method.name().to_owned(), word.to_owned()))
            .to_vec()
    });
    let metrics = Signal::derive(move || {
        let named = form.config.with(offered).into_iter();
        named.map(|name| (name.clone(), name)).collect::<Vec<_>>()
    });
    let metric = Signal::derive(move || {
        let own = || form.config.with(default_metric).map(str::to_owned);
        search.metric().or_else(own).unwrap_or_default()
    });
    let drawn = move || search.chosen().method != Method::Grid;
    let verb = move || search.runs().map_or_else(|| new_run::start().to_owned(), words::start);
    let blocked = move || form.reading.get() || form.errors.with(|errors| !errors.is_empty()) || !search.is_ready();
    let cap_error = Memo::new(move |_| search.cap_error());
    let cap_wrong = move || cap_error.with(|error| error.as_ref().map(|error| said::say(&error.whole())));
    view! {
        <div class="sweep-box stack" role="group" aria-label=words::title>
            <label class="stack">
                <span>{words::method}</span>
                <Select
                    options=methods
                    value=Signal::derive(move || search.chosen().method.name().to_owned())
                    on_change=move |name: String| search.choose(|of| of.method = Method::named(&name).unwrap_or_default())
                />
            </label>
            <Show when=drawn>
                <label class="stack">
                    <span>{words::cap}</span>
                    <input
                        class="input num"
                        inputmode="numeric"
                        id="sweep-cap"
                        aria-describedby="sweep-cap-note"
                        aria-invalid=move || cap_error.with(Option::is_some).to_string()
                        prop:value=move || search.chosen().cap
                        on:input=move |event| search.choose(|of| of.cap = event_target_value(&event))
                    />
                </label>
                <p class="bad-text" id="sweep-cap-note" aria-live="polite">{cap_wrong}</p>
            </Show>
            <label class="stack">
                <span>{words::compared_by}</span>
                <Select options=metrics value=metric on_change=move |name: String| search.choose(|of| of.metric = name) />
            </label>
            <Checkbox label=Signal::derive(|| words::early().to_owned()) checked=Signal::derive(move || search.chosen().early) on_change=move |on| search.choose(|of| of.early = on) />
            <div aria-live="polite">{cost}</div>
            <button type="button" id="start-sweep" class="btn primary start" aria-disabled=move || blocked().to_string() disabled=starting on:click=start>
                <Icon name=IconName::Play />
                {verb}
            </button>
            <p class="faint">{words::behind}</p>
        </div>
    }
}

/// How many runs the plan makes, and how long they take.
fn told(plan: &SweepPlan) -> Vec<String> {
    let mut parts = vec![words::runs(plan.runs)];
    match &plan.estimate {
        Some(known) => {
            let each = fmt::duration(known.seconds / plan.runs.max(1) as f64);
            parts.push(match known.rough {
                true => words::each_roughly(each),
                false => words::each_minutes(each),
            });
            parts.push(words::in_all(fmt::duration(known.seconds)));
            parts.push(match known.from.is_empty() {
                true => new_run::takes_probed().to_owned(),
                false => words::by_speed(&known.from),
            });
        }
        None => {
            parts.extend(plan.total_steps.map(|steps| words::steps_in_all(fmt::count(steps))));
            parts.push(words::time_unknown().to_owned());
        }
    }
    parts
}

/// What the sweep costs by the server's plan; else why there is none.
fn cost_of(answer: &Answer<SweepPlan>, search: Search) -> AnyView {
    let plan = match answer {
        Ok(plan) => plan,
        Err(error) => {
            let error = error.clone();
            return view! { <ErrorNote error on_retry=move |()| search.again.set(()) /> }.into_any();
        }
    };
    if !plan.errors.is_empty() {
        let line = |error: &FieldError| view! { <li class="bad-text">{marked(&said::say(&error.whole()))}</li> };
        return view! { <ul class="problems">{plan.errors.iter().map(line).collect_view()}</ul> }.into_any();
    }
    let mut parts = told(plan);
    if plan.disk > 0 {
        parts.push(words::disk(fmt::bytes(plan.disk)));
    }
    let short = plan.free > 0 && plan.disk > plan.free;
    let notices = plan
        .notices
        .iter()
        .map(|notice| view! { <li>{marked(&said::say(notice))}</li> })
        .collect_view();
    view! {
        <p id="sweep-cost">{parts.join(" · ")}</p>
        {short.then(|| view! { <p class="bad-text">{new_run::takes_disk_short}</p> })}
        <ul class="notices faint">{notices}</ul>
    }
    .into_any()
}
