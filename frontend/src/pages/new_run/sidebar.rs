//! The sidebar of the form: the start button, errors, memory.

use super::cost::Cost;
use super::error_text::say;
use super::samples::SamplesNote;
use super::setting::control_id;
use super::state::{Form, use_form};
use super::stored;
use super::sweep::SweepBox;
use super::yaml::Yaml;
use crate::api::{self, ApiError};
use crate::fmt;
use crate::i18n::{lang, new_run as words, run as run_words, said};
use crate::live::use_live;
use crate::ui::{Icon, IconName, TextField, marked, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::api::{MemoryEstimate, NewRun};
use protocol::config::FieldError;
use wasm_bindgen::JsCast;

#[component]
pub fn Sidebar() -> impl IntoView {
    let form = use_form();
    view! {
        <aside class="new-side">
            <StartBox />
            <SamplesNote />
            <Memory />
            // a sweep has its cost in its own box
            <Show when=move || !form.sweeps.get()>
                <Cost />
            </Show>
            <Yaml />
        </aside>
    }
}

/// Focuses the field of a key, and opens the section that it is folded in.
fn focus_field(key: &str) {
    let id = if key == "run_name" {
        "run-name".to_owned()
    } else {
        control_id(key)
    };
    // a key without a field is among the further keys
    let found = |id: &str| document().query_selector(&format!("[id=\"{id}\"]")).ok().flatten();
    let Some(element) = found(&id).or_else(|| found("further-keys")) else {
        return;
    };
    if let Ok(Some(details)) = element.closest("details") {
        let _ = details.set_attribute("open", "");
    }
    if let Ok(element) = element.dyn_into::<web_sys::HtmlElement>() {
        let _ = element.focus();
    }
}

#[component]
fn StartBox() -> impl IntoView {
    let (form, live, toaster) = (use_form(), use_live(), use_toaster());
    let navigate = use_navigate();
    let starting = RwSignal::new(false);
    // the errors with which the server refused to start the run, until the next change
    let refused = RwSignal::new(Vec::<FieldError>::new());
    Effect::new(move || {
        form.config.track();
        refused.set(vec![]);
    });
    let errors = Memo::new(move |_| {
        let mut errors = form.errors.get();
        refused.with(|more| {
            errors.extend(
                more.iter()
                    .filter(|e| errors.iter().all(|k| k.field != e.field))
                    .cloned()
                    .collect::<Vec<_>>(),
            )
        });
        errors
    });
    let going = Memo::new(move |_| {
        live.runs
            .with(|runs| runs.values().filter(|run| run.with(|run| run.state.is_live())).count())
    });
    let name = Memo::new(move |_| form.config.with(|config| config.run_name.clone().unwrap_or_default()));
    // the name as it is typed, with trailing spaces
    let typed = RwSignal::new(name.get_untracked());
    Effect::new(move || {
        let name = name.get();
        if typed.get_untracked().trim() != name {
            typed.set(name);
        }
    });
    let name_error = Signal::derive(move || form.error("run_name").map(|error| say(&error)));
    let start = move |_| {
        if starting.get_untracked() {
            return;
        }
        starting.set(true);
        let navigate = navigate.clone();
        spawn_local(async move {
            form.further_settled().await;
            // the page was left meanwhile
            let Some(first) = errors.try_with_untracked(|errors| errors.first().map(|error| error.field.clone()))
            else {
                return;
            };
            if let Some(first) = first {
                starting.set(false);
                focus_field(&first);
                return;
            }
            let run = new_run(form);
            match api::create_run(&run).await {
                Ok(run) => {
                    stored::forget();
                    let page = crate::links::run(&run.id);
                    live.add_if_unknown(run);
                    navigate(&page, NavigateOptions::default());
                }
                Err(error) => {
                    if let ApiError::Problem(problem) = &error
                        && !problem.errors.is_empty()
                    {
                        let _ = refused.try_set(problem.errors.clone());
                        focus_field(&problem.errors[0].field);
                    } else {
                        toaster.fail(&error);
                    }
                }
            }
            let _ = starting.try_set(false);
        });
    };
    let verb = move || match (starting.get(), going.get()) {
        (true, _) => words::starting(),
        (false, 0) => words::start(),
        (false, _) => words::queue(),
    };
    let list = move || {
        let _ = lang();
        errors
            .get()
            .into_iter()
            .map(|error| {
                let (key, text) = (error.field.clone(), say(&error));
                view! {
                    <li>
                        <button type="button" class="problem" on:click=move |_| focus_field(&key)>
                            <code>{error.field.clone()}</code>
                            <span>{marked(&text)}</span>
                        </button>
                    </li>
                }
            })
            .collect_view()
    };
    let has_errors = move || errors.with(|errors| !errors.is_empty());
    view! {
        <div class="start-box">
            <TextField
                label=words::name
                control="run-name"
                hint=words::name_hint
                value=typed
                error=name_error
                on_type=move |name: String| form.type_in("run_name", &name)
            />
            // on a narrow page this bar is sticky; beside the form it is just the button
            <div class="start-bar" style:display=move || form.sweeps.get().then_some("none")>
                <button
                    type="button"
                    id="start-run"
                    class="btn primary start"
                    aria-disabled=move || has_errors().to_string()
                    aria-describedby="problems"
                    disabled=starting
                    on:click=start
                >
                    <Icon name=IconName::Play />
                    {verb}
                </button>
                <Show when=has_errors>
                    <span class="start-count bad-text" aria-hidden="true">{move || words::problems(errors.with(Vec::len) as u64)}</span>
                </Show>
            </div>
            <div id="problems" aria-live="polite">
                <Show when=has_errors>
                    <p class="problems-head">{move || words::problems(errors.with(Vec::len) as u64)}</p>
                    <ul class="problems" aria-label=move || words::problems(errors.with(Vec::len) as u64)>{list}</ul>
                </Show>
                <Show when=move || { !has_errors() && going.get() > 0 }>
                    <p class="faint">{move || words::queue_hint(going.get() as u64)}</p>
                </Show>
            </div>
            <Notices />
            <Show when=move || form.sweeps.get()>
                <SweepBox />
            </Show>
        </div>
    }
}

fn new_run(form: Form) -> NewRun {
    let config = form.config.get_untracked();
    NewRun {
        name: config.run_name.clone(),
        tags: vec![],
        parent: form.parent.get_untracked(),
        config,
    }
}

/// Notices of what is valid, but should be known.
#[component]
fn Notices() -> impl IntoView {
    let form = use_form();
    move || {
        let notices = form.notices();
        (!notices.is_empty()).then(|| {
            let lines = notices
                .into_iter()
                .map(|notice| view! { <li>{marked(&said::say(&notice))}</li> })
                .collect_view();
            view! { <ul class="notices faint" aria-label=run_words::notices>{lines}</ul> }
        })
    }
}

/// The memory estimate, as a bar against the device's memory.
#[component]
fn Memory() -> impl IntoView {
    let form = use_form();
    let estimate = Memo::new(move |_| {
        form.answer
            .with(|answer| answer.as_ref().and_then(|answer| answer.memory))
    });
    move || estimate.get().map(|memory| view! { <MemoryBar memory /> })
}

#[component]
fn MemoryBar(memory: MemoryEstimate) -> impl IntoView {
    let total = memory.total();
    let over = memory.available > 0 && total > memory.available;
    // where less than a quarter is needed, an almost empty bar would say nothing
    let easily = memory.available > 0 && total < memory.available / 4;
    let full = total.max(memory.available).max(1) as f64;
    let parts: [(u64, fn() -> &'static str); 5] = [
        (memory.weights, words::mem_weights),
        (memory.training, words::mem_training),
        (memory.reference, words::mem_reference),
        (memory.activations, words::mem_activations),
        (memory.other, words::mem_other),
    ];
    let bar = parts
        .iter()
        .enumerate()
        .map(|(i, (bytes, word))| {
            let width = format!("{:.2}%", *bytes as f64 / full * 100.0);
            let (bytes, word) = (*bytes, *word);
            view! { <span class=format!("mem mem-{i}") style:width=width title=move || format!("{} {}", word(), fmt::bytes(bytes))></span> }
        })
        .collect_view();
    let legend = parts
        .into_iter()
        .enumerate()
        .filter(|(_, (bytes, _))| *bytes > 0)
        .map(|(i, (bytes, word))| {
            view! {
                <li>
                    <i class=format!("mem-key mem-{i}")></i>
                    {word}
                    " "
                    <span class="num">{fmt::bytes(bytes)}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="memory" class:over=over id="memory">
            <p class="row">
                <b>{words::memory}</b>
                <span class="grow"></span>
                <span class="num">{move || words::memory_of(fmt::bytes(total), fmt::bytes(memory.available))}</span>
            </p>
            {if easily {
                view! { <p class="row mem-easily"><Icon name=IconName::Check />{words::fits_easily}</p> }.into_any()
            } else {
                view! { <div class="mem-bar">{bar}</div> }.into_any()
            }}
            <ul class="mem-legend faint">{legend}</ul>
            {(memory.at_cutoff > total)
                .then(|| view! { <p class="faint">{move || words::memory_at_cutoff(fmt::bytes(memory.at_cutoff))}</p> })}
            {over.then(|| view! { <p class="bad-text">{words::memory_over}</p> })}
        </div>
    }
}
