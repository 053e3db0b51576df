//! The facts of a run, its tags, its note, and the worker's notices.

use super::state::{RunView, use_run};
use crate::api;
use crate::browser;
use crate::fmt;
use crate::i18n::run as words;
use crate::i18n::said;
use crate::links;
use crate::live::use_live;
use crate::ui::{CopyButton, Icon, IconName, use_toaster};
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{RunPatch, RunSummary};
use protocol::event::{DataReport, Started};
use std::time::Duration;

#[component]
pub fn Facts() -> impl IntoView {
    let (run, live) = (use_run(), use_live());
    let rows = move || {
        let Some(summary) = run.summary.get() else {
            return vec![];
        };
        let known = |fact: Fact| {
            let text = fact.text.filter(|text| !text.is_empty())?;
            Some((fact.name, text.into_any()))
        };
        let mut rows: Vec<_> = told(run, &summary).into_iter().filter_map(known).collect();
        let now = run.now.get_untracked();
        let (ago, exact) = (fmt::ago(summary.created, now), browser::local_time(summary.created));
        rows.push((
            words::fact_created(),
            view! { <time title=exact>{ago}</time> }.into_any(),
        ));
        if let Some(parent) = &summary.parent {
            let name = live
                .run(parent)
                .map_or_else(|| parent.clone(), |row| row.read().name.clone());
            rows.push((
                words::fact_parent(),
                view! { <a href=links::run(parent)>{name}</a> }.into_any(),
            ));
        }
        let folder = run.detail.with(|detail| {
            detail
                .as_ref()
                .map(|detail| detail.directory.clone())
                .unwrap_or_default()
        });
        rows.push((words::fact_folder(), view! { <Folder folder /> }.into_any()));
        rows
    };
    let notices = move || {
        run.detail
            .with(|detail| detail.as_ref().map(|detail| detail.notices.clone()).unwrap_or_default())
    };
    view! {
        <div class="about">
            <section>
                <h2>{words::facts}</h2>
                <dl class="facts">
                    {move || rows().into_iter().map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> }).collect_view()}
                </dl>
            </section>
            <section class="stack about-right">
                <h2>{words::tags}</h2>
                <Tags />
                <h2>{words::note}</h2>
                <Note />
                {move || run.detail.with(|detail| detail.as_ref().map(|detail| data_notes(&detail.data)))}
                <Show when=move || !notices().is_empty()>
                    <h2>{words::notices}</h2>
                    <ul class="notices">{move || notices().into_iter().map(|notice| view! { <li>{said::say(&notice)}</li> }).collect_view()}</ul>
                </Show>
            </section>
        </div>
    }
}

/// The run's directory, to be copied.
#[component]
fn Folder(folder: String) -> impl IntoView {
    let copied = folder.clone();
    view! {
        <span class="row folder">
            <span class="mono clip" title=folder.clone()>{folder.clone()}</span>
            <CopyButton text=copied />
        </span>
    }
}

/// A fact that is told in words; without them it is left out.
struct Fact {
    name: &'static str,
    text: Option<String>,
}

/// What is known of the run in words.
fn told(run: RunView, summary: &RunSummary) -> Vec<Fact> {
    let fact = |name, text| Fact { name, text };
    let config = &summary.config;
    let method = run.method().map(|method| {
        let tuning = config.finetuning_type.clone().unwrap_or_else(|| "lora".into());
        format!("{}, {tuning}", method.card().title)
    });
    let started = run
        .detail
        .with(|detail| detail.as_ref().and_then(|detail| detail.started.clone()));
    let joules = run.usage.with(|usage| protocol::usage::joules(usage));
    let mut facts = vec![
        fact(words::fact_model(), config.model_name_or_path.clone()),
        fact(words::fact_method(), method),
        fact(words::fact_data(), config.dataset.clone()),
        fact(words::fact_eval_data(), config.eval_dataset.clone()),
    ];
    facts.extend(started.iter().flat_map(of_start));
    facts.push(fact(words::fact_peak(), summary.training_peak().map(fmt::bytes)));
    facts.push(fact(words::fact_energy(), joules.map(fmt::energy)));
    facts
}

/// What the worker told as it started.
fn of_start(started: &Started) -> [Fact; 3] {
    let rows = match started.train_rows {
        0 => words::rows_streamed(fmt::count(started.eval_rows)),
        rows => words::rows_split(fmt::count(rows), fmt::count(started.eval_rows)),
    };
    let share = started.trainable_params as f64 / started.all_params.max(1) as f64;
    let params = words::params_of(
        fmt::params(started.trainable_params),
        fmt::params(started.all_params),
        format!("{:.1} %", share * 100.0),
    );
    let device = format!("{}, {}", started.device, started.compute);
    let fact = |name, text| Fact { name, text: Some(text) };
    [
        fact(words::fact_rows(), rows),
        fact(words::fact_params(), params),
        fact(words::fact_device(), device),
    ]
}

/// Remarks on the rows: those that were cut or left out, and why.
fn data_notes(reports: &[DataReport]) -> Option<impl IntoView + use<>> {
    let lines: Vec<_> = reports.iter().flat_map(lines_of).collect();
    (!lines.is_empty()).then(|| {
        let lines = lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
        view! {
            <h2>{words::data_read}</h2>
            <ul class="notices">{lines}</ul>
        }
    })
}

fn lines_of(report: &DataReport) -> Vec<String> {
    let name = &report.dataset;
    let cut = (report.cut > 0).then(|| words::rows_cut(name, fmt::count(report.cut)));
    let left_out = (report.bad_total > 0).then(|| words::rows_left_out(name, fmt::count(report.bad_total)));
    let reasons = report.bad_rows.iter().take(5);
    let reasons = reasons.map(|bad| words::row_reason(bad.row, said::say(&bad.said())));
    let found = report
        .found
        .iter()
        .map(|note| format!("{name}: {}", said::say(&note.said())));
    let notes = report.notes.iter().map(|note| format!("{name}: {note}"));
    let notes = found.chain(notes);
    cut.into_iter().chain(left_out).chain(reasons).chain(notes).collect()
}

#[component]
fn Tags() -> impl IntoView {
    let (run, live, toaster) = (use_run(), use_live(), use_toaster());
    let tags = Memo::new(move |_| run.read(|run| run.tags.clone()));
    let save = move |change: RunPatch| {
        spawn_local(async move {
            let id = run.id.get_value();
            if let Err(error) = live.change(&id, api::patch_run(&id, &change)).await {
                toaster.fail(&error);
            }
        });
    };
    let add = move |event: leptos::ev::KeyboardEvent| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        let typed = input.value().trim().to_owned();
        if event.key() != "Enter" || event.is_composing() || typed.is_empty() {
            return;
        }
        save(RunPatch {
            add_tags: vec![typed],
            ..RunPatch::default()
        });
        input.set_value("");
    };
    let chips = move || {
        tags.get()
            .into_iter()
            .map(|tag| {
                let (label, gone) = (tag.clone(), tag.clone());
                view! {
                    <span class="chip">
                        <span class="clip">{tag}</span>
                        <button
                            type="button"
                            class="chip-close"
                            aria-label=move || words::remove_tag(&label)
                            on:click=move |_| save(RunPatch {
                                remove_tags: vec![gone.clone()],
                                ..RunPatch::default()
                            })
                        >
                            <Icon name=IconName::Close />
                        </button>
                    </span>
                }
            })
            .collect_view()
    };
    view! {
        <div class="row wrap">
            {chips}
            <input class="input tag-input" aria-label=words::add_tag placeholder=words::add_tag maxlength="60" on:keydown=add />
        </div>
    }
}

/// How long nothing must be typed before the note is saved.
const SAVE_DELAY: Duration = Duration::from_millis(800);

/// The note, saved with a debounce while it is typed, and when the field or the page is left.
#[component]
fn Note() -> impl IntoView {
    let (run, live, toaster) = (use_run(), use_live(), use_toaster());
    let note = Memo::new(move |_| run.read(|run| run.note.clone()));
    // what was typed and is not saved yet: it stays in the field whatever the server sends meanwhile
    let typed = RwSignal::new(None::<String>);
    let due = StoredValue::new(None::<TimeoutHandle>);
    let id = run.id.get_value();
    let save = move || {
        if let Some(due) = due.try_update_value(Option::take).flatten() {
            due.clear();
        }
        let Some(text) = typed.try_get_untracked().flatten() else {
            return;
        };
        let id = id.clone();
        spawn_local(async move {
            let change = RunPatch {
                note: Some(text.clone()),
                ..RunPatch::default()
            };
            match live.change(&id, api::patch_run(&id, &change)).await {
                Ok(_) => {
                    typed.try_update(|typed| typed.take_if(|now| *now == text));
                }
                Err(error) => toaster.fail(&error),
            }
        });
    };
    let input = {
        let save = save.clone();
        move |event: leptos::ev::Event| {
            typed.set(Some(event_target_value(&event)));
            if let Some(Some(due)) = due.try_update_value(Option::take) {
                due.clear();
            }
            due.set_value(set_timeout_with_handle(save.clone(), SAVE_DELAY).ok());
        }
    };
    let left = {
        let save = save.clone();
        window_event_listener_untyped("pagehide", move |_| save())
    };
    on_cleanup(move || left.remove());
    on_cleanup(save.clone());
    view! {
        <textarea
            class="textarea"
            rows="3"
            aria-label=words::note
            placeholder=words::note_placeholder
            prop:value=move || typed.get().unwrap_or_else(|| note.get())
            on:input=input
            on:change=move |_| save()
        ></textarea>
    }
}
