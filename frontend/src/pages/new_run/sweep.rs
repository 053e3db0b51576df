//! What stands beside the form where a key has several values: how they are searched, what that costs, start.

use super::state::use_form;
use super::stored;
use crate::api::{self, Answer, ApiError};
use crate::fmt;
use crate::i18n::{new_run, said, sweep as words};
use crate::logic::form::Draft;
use crate::ui::{Icon, IconName, Select, Switch, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::RunConfig;
use protocol::api::{NewSweep, SweepPlan, SweepSummary};
use protocol::config::Notes;
use protocol::method::MethodId;
use protocol::sweep::{Halving, Method, Sweep, default_metric};
use std::time::Duration;

/// How the values are searched.
#[derive(Clone, Copy)]
pub struct Search {
    draft: RwSignal<Draft>,
    config: Memo<RunConfig>,
    notes: Memo<Notes>,
    method: RwSignal<Method>,
    cap: RwSignal<String>,
    metric: RwSignal<String>,
    early: RwSignal<bool>,
    /// The server's answer to the sweep as it is.
    plan: RwSignal<Option<SweepPlan>>,
}

/// Metrics that a sweep is compared by, beside the method's own.
const METRICS: [&str; 3] = ["preference/accuracies", "preference/margins", "eval_loss"];

impl Search {
    pub fn start(draft: RwSignal<Draft>, config: Memo<RunConfig>, notes: Memo<Notes>) -> Self {
        let search = Self {
            draft,
            config,
            notes,
            method: RwSignal::new(Method::Grid),
            cap: RwSignal::new("20".into()),
            metric: RwSignal::new(String::new()),
            early: RwSignal::new(false),
            plan: RwSignal::new(None),
        };
        let asked = StoredValue::new(0u32);
        Effect::new(move || {
            let new = draft.with(Draft::sweeps).then(|| search.asked());
            asked.update_value(|n| *n += 1);
            let mine = asked.get_value();
            let current = move || asked.try_get_value() == Some(mine);
            let Some(new) = new else { return search.plan.set(None) };
            let ask = move || {
                if current() {
                    spawn_local(async move {
                        let plan: Answer<SweepPlan> = api::post("/api/sweeps/plan", &new).await;
                        if let (true, Ok(plan)) = (current(), plan) {
                            let _ = search.plan.try_set(Some(plan));
                        }
                    });
                }
            };
            set_timeout(ask, Duration::from_millis(300));
        });
        search
    }

    /// The sweep that the form describes.
    fn asked(self) -> NewSweep {
        let mut config = self.config.get();
        let name = config.run_name.take();
        let method = self.method.get();
        let metric = self.metric.get();
        NewSweep {
            sweep: Sweep {
                method,
                parameters: self
                    .notes
                    .with(|notes| self.draft.with(|draft| draft.parameters(notes))),
                run_cap: self.cap.get().trim().parse().ok().filter(|_| method != Method::Grid),
                metric: Some(metric).filter(|metric| !metric.is_empty()),
                early_terminate: self.early.get().then(Halving::default),
                ..Sweep::default()
            },
            name,
            tags: vec![],
            config,
        }
    }
}

/// The guide's third step, where its method is chosen: three values each of beta, gamma and learning rate.
#[component]
pub fn Guide() -> impl IntoView {
    let form = use_form();
    let simpo = Memo::new(move |_| {
        form.draft
            .with(|draft| draft.method == MethodId::Simpo && !draft.sweeps())
    });
    let take = move |_| {
        form.draft.update(|draft| {
            for (key, values) in [
                ("pref_beta", "1, 2, 3"),
                ("simpo_gamma", "0.3, 0.5, 0.7"),
                ("learning_rate", "1e-6, 5e-6, 1e-5"),
            ] {
                draft.type_several(key, values);
            }
        });
    };
    view! {
        <Show when=move || simpo.get()>
            <p class="sweep-guide">
                <button type="button" class="btn" id="guide-sweep" on:click=take>
                    <Icon name=IconName::Plus />
                    {words::guide}
                </button>
                <span class="faint">{words::guide_hint}</span>
            </p>
        </Show>
    }
}

/// Cost, search and start of the sweep that the form describes.
#[component]
pub fn SweepBox() -> impl IntoView {
    let (form, toaster) = (use_form(), use_toaster());
    let search = form.search;
    let navigate = use_navigate();
    let starting = RwSignal::new(false);
    let start = move |_| {
        let broken = form.errors.with_untracked(|errors| !errors.is_empty());
        if starting.get_untracked()
            || broken
            || !search
                .plan
                .with_untracked(|plan| plan.as_ref().is_some_and(|plan| plan.errors.is_empty()))
        {
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
                        if let Some(plan) = plan {
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
        let plan = search.plan.get()?;
        if !plan.errors.is_empty() {
            let line = |error: &protocol::FieldError| view! { <li class="bad-text">{said::say(&error.whole())}</li> };
            return Some(view! { <ul class="problems">{plan.errors.iter().map(line).collect_view()}</ul> }.into_any());
        }
        let mut parts = vec![words::runs(plan.runs)];
        match &plan.estimate {
            Some(known) => {
                let each = fmt::duration(known.seconds / plan.runs.max(1) as f64);
                parts.push(match known.rough {
                    true => words::each_roughly(each),
                    false => words::each_minutes(each),
                });
                parts.push(words::in_all(fmt::duration(known.seconds)));
                parts.push(words::by_speed(&known.from));
            }
            None => {
                parts.extend(plan.total_steps.map(|steps| words::steps_in_all(fmt::count(steps))));
                parts.push(words::time_unknown().to_owned());
            }
        }
        if plan.disk > 0 {
            parts.push(words::disk(fmt::bytes(plan.disk)));
        }
        let short = plan.free > 0 && plan.disk > plan.free;
        let notices = plan
            .notices
            .iter()
            .map(|notice| view! { <li>{said::say(notice)}</li> })
            .collect_view();
        Some(
            view! {
                <p id="sweep-cost">{parts.join(" · ")}</p>
                {short.then(|| view! { <p class="bad-text">{new_run::takes_disk_short}</p> })}
                <ul class="notices faint">{notices}</ul>
            }
            .into_any(),
        )
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
        let own = form.config.with(default_metric);
        let others = METRICS.into_iter().filter(|name| {
            *name != own
                && form
                    .config
                    .with(|config| config.stage.as_deref() == Some("dpo") || *name == "eval_loss")
        });
        std::iter::once(own)
            .chain(others)
            .map(|name| (name.to_owned(), name.to_owned()))
            .collect::<Vec<_>>()
    });
    let metric = Signal::derive(move || {
        let asked = search.metric.get();
        if asked.is_empty() {
            form.config.with(default_metric).to_owned()
        } else {
            asked
        }
    });
    let drawn = move || search.method.get() != Method::Grid;
    let verb = move || words::start(search.plan.with(|plan| plan.as_ref().map_or(0, |plan| plan.runs)));
    let blocked = move || {
        form.errors.with(|errors| !errors.is_empty())
            || search
                .plan
                .with(|plan| plan.as_ref().is_none_or(|plan| !plan.errors.is_empty()))
    };
    view! {
        <div class="sweep-box stack" role="group" aria-label=words::title>
            <label class="stack">
                <span>{words::method}</span>
                <Select
                    options=methods
                    value=Signal::derive(move || search.method.get().name().to_owned())
                    on_change=move |name: String| search.method.set(Method::named(&name).unwrap_or_default())
                />
            </label>
            <Show when=drawn>
                <label class="stack">
                    <span>{words::cap}</span>
                    <input class="input num" inputmode="numeric" id="sweep-cap" prop:value=search.cap on:input=move |event| search.cap.set(event_target_value(&event)) />
                </label>
            </Show>
            <label class="stack">
                <span>{words::compared_by}</span>
                <Select options=metrics value=metric on_change=move |name: String| search.metric.set(name) />
            </label>
            <Switch label=Signal::derive(|| words::early().to_owned()) on=search.early on_change=move |on| search.early.set(on) />
            <div aria-live="polite">{cost}</div>
            <button type="button" id="start-sweep" class="btn primary start" aria-disabled=move || blocked().to_string() disabled=starting on:click=start>
                <Icon name=IconName::Play />
                {verb}
            </button>
            <p class="faint">{words::behind}</p>
        </div>
    }
}
