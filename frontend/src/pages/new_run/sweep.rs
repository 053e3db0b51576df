//! The box for a sweep, shown where a key has several values: how they are searched, the cost, the start button.

use super::state::{CHECK_DELAY, use_form};
use super::stored;
use crate::api::{self, Answer, ApiError};
use crate::fmt;
use crate::i18n::{new_run, said, sweep as words};
use crate::logic::form::{Draft, SearchDraft};
use crate::logic::number::plain_number;
use crate::ui::{Checkbox, ErrorNote, Icon, IconName, Select, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::api::{NewSweep, SweepPlan, SweepSummary};
use protocol::config::{FieldError, Notes};
use protocol::sweep::{Halving, Method, Sweep, default_metric};
use protocol::{RunConfig, Stage, says};

/// The sweep that the form describes, and the server's plan of it.
#[derive(Clone, Copy)]
pub struct Search {
    draft: RwSignal<Draft>,
    config: Memo<RunConfig>,
    notes: Memo<Notes>,
    /// The server's newest plan, and the request it answers.
    plan: RwSignal<Option<Planned>>,
    /// Triggers fetching the plan again.
    again: RwSignal<()>,
}

/// A plan of the server, with the request it answers.
struct Planned {
    asked: NewSweep,
    answer: Answer<SweepPlan>,
}

/// The metrics that a sweep may be compared by, beside the method's default.
const METRICS: [&str; 3] = ["preference/accuracies", "preference/margins", "eval_loss"];

/// What a sweep of this config may be compared by, the method's own first.
fn offered(config: &RunConfig) -> Vec<&'static str> {
    let own = default_metric(config);
    let pairs = Stage::of(config) == Some(Stage::Preference);
    let others = METRICS
        .into_iter()
        .filter(|name| Some(*name) != own && (pairs || *name == "eval_loss"));
    own.into_iter().chain(others).collect()
}

impl Search {
    pub fn start(draft: RwSignal<Draft>, config: Memo<RunConfig>, notes: Memo<Notes>) -> Self {
        let search = Self {
            draft,
            config,
            notes,
            plan: RwSignal::new(None),
            again: RwSignal::new(()),
        };
        let newest = StoredValue::new(0u32);
        Effect::new(move || {
            search.again.track();
            let readable = |draft: &Draft, notes: &Notes| draft.sweeps(notes) && draft.several_errors(notes).is_empty();
            let sweeps = notes.with(|notes| draft.with(|draft| readable(draft, notes)));
            let new = (sweeps && search.cap_error().is_none()).then(|| search.asked());
            newest.update_value(|n| *n += 1);
            let number = newest.get_value();
            let current = move || newest.try_get_value() == Some(number);
            let Some(new) = new else { return search.plan.set(None) };
            let ask = move || {
                if current() {
                    spawn_local(async move {
                        let answer: Answer<SweepPlan> = api::post("/api/sweeps/plan", &new).await;
                        if current() {
                            let _ = search.plan.try_set(Some(Planned { asked: new, answer }));
                        }
                    });
                }
            };
            set_timeout(ask, CHECK_DELAY);
        });
        search
    }

    /// How the values are searched, as it is chosen.
    fn chosen(self) -> SearchDraft {
        self.draft.with(|draft| draft.search.clone())
    }

    fn choose(self, edit: impl FnOnce(&mut SearchDraft)) {
        self.draft.update(|draft| edit(&mut draft.search));
    }

    /// The chosen metric, if it is offered under the config.
    fn metric(self) -> Option<String> {
        let metric = self.chosen().metric;
        let there = self.config.with(|config| offered(config).contains(&metric.as_str()));
        there.then_some(metric)
    }

    /// The typed limit of runs, as a program parses it.
    fn cap_text(self) -> String {
        self.draft.with(|draft| plain_number(&draft.search.cap))
    }

    /// The error of the limit of runs, where it counts. A text that is not a number must not be taken as "no limit".
    fn cap_error(self) -> Option<FieldError> {
        let (text, drawn) = (self.cap_text(), self.chosen().method != Method::Grid);
        let bad = drawn && !text.is_empty() && text.parse::<u64>().is_err();
        bad.then(|| FieldError::new("run_cap", "type", says::takes(says::a_count(), &text)))
    }

    /// Whether the plan has no errors and is of the form as it is now: only what was shown is started.
    fn is_ready(self) -> bool {
        self.plan.with(|plan| {
            plan.as_ref().is_some_and(|plan| {
                let fine = plan.answer.as_ref().is_ok_and(|answer| answer.errors.is_empty());
                fine && plan.asked == self.asked()
            })
        })
    }

    /// The sweep that the form describes.
    pub(super) fn asked(self) -> NewSweep {
        let mut config = self.config.get();
        let name = config.run_name.take();
        let SearchDraft { method, early, .. } = self.chosen();
        NewSweep {
            sweep: Sweep {
                method,
                parameters: self
                    .notes
                    .with(|notes| self.draft.with(|draft| draft.parameters(notes))),
                run_cap: self.cap_text().parse().ok().filter(|_| method != Method::Grid),
                metric: self.metric(),
                early_terminate: early.then(Halving::default),
                ..Sweep::default()
            },
            name,
            tags: vec![],
            config,
        }
    }
}

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
    let plan_view = move |answer: &Answer<SweepPlan>| {
        let plan = match answer {
            Ok(plan) => plan,
            Err(error) => {
                let error = error.clone();
                return view! { <ErrorNote error on_retry=move |()| search.again.set(()) /> }.into_any();
            }
        };
        if !plan.errors.is_empty() {
            let line = |error: &FieldError| view! { <li class="bad-text">{said::say(&error.whole())}</li> };
            return view! { <ul class="problems">{plan.errors.iter().map(line).collect_view()}</ul> }.into_any();
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
        if plan.disk > 0 {
            parts.push(words::disk(fmt::bytes(plan.disk)));
        }
        let short = plan.free > 0 && plan.disk > plan.free;
        let notices = plan
            .notices
            .iter()
            .map(|notice| view! { <li>{said::say(notice)}</li> })
            .collect_view();
        view! {
            <p id="sweep-cost">{parts.join(" · ")}</p>
            {short.then(|| view! { <p class="bad-text">{new_run::takes_disk_short}</p> })}
            <ul class="notices faint">{notices}</ul>
        }
        .into_any()
    };
    let cost = move || {
        search
            .plan
            .with(|plan| plan.as_ref().map(|plan| plan_view(&plan.answer)))
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
        named.map(|name| (name.to_owned(), name.to_owned())).collect::<Vec<_>>()
    });
    let metric = Signal::derive(move || {
        let own = || form.config.with(default_metric).map(str::to_owned);
        search.metric().or_else(own).unwrap_or_default()
    });
    let drawn = move || search.chosen().method != Method::Grid;
    let runs = move || {
        search.plan.with(|plan| {
            let plan = plan.as_ref().and_then(|plan| plan.answer.as_ref().ok());
            plan.map(|plan| plan.runs)
        })
    };
    let verb = move || runs().map_or_else(|| new_run::start().to_owned(), words::start);
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
