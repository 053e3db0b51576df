//! The cells of a run's row. Each updates in place with its run.

use crate::api;
use crate::fmt;
use crate::i18n::{Word, runs as words, said};
use crate::live::use_live;
use crate::logic::table::{Cell, cell, measured_at};
use crate::ui::{Icon, IconName, Progress, Sparkline, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{RunPatch, RunState, RunSummary, Stop};
use protocol::config::{KEYS, Kind};

/// Whether the values of a column are aligned to the right.
pub fn numeric(column: &str) -> bool {
    matches!(
        column,
        "acc" | "margin" | "eval_loss" | "lr" | "time" | "peak" | "created"
    ) || column.starts_with("m.")
        || column.strip_prefix("c.").is_some_and(|name| {
            let kind = KEYS.iter().find(|key| key.name == name).map(|key| key.kind);
            matches!(kind, Some(Kind::Count | Kind::Number))
        })
}

/// The metric of the sparkline, and its last value.
fn spark_text(run: &RunSummary) -> Option<String> {
    let last = run.spark.last()?;
    Some(format!(
        "{}: {}",
        run.spark_metric,
        fmt::metric(&run.spark_metric, *last)
    ))
}

/// A cell of a run's row. `same` names the columns that have the same value in all rows, which are muted.
pub fn view_cell(run: ArcRwSignal<RunSummary>, column: &str, now: ReadSignal<i64>, same: Memo<Vec<String>>) -> AnyView {
    let column = column.to_owned();
    match column.as_str() {
        "spark" => {
            let values = Memo::new({
                let run = run.clone();
                move |_| run.with(|run| run.spark.clone())
            });
            let said = move || run.with(spark_text);
            view! { <td class="cell-spark" title=said><Sparkline values /></td> }.into_any()
        }
        "step" => view! { <td class="cell-step"><Step run /></td> }.into_any(),
        "time" => {
            let time = move || {
                run.with(|run| {
                    let until = if run.state.is_live() { now.get() } else { 0 };
                    let seconds = run.seconds_until(until);
                    if seconds > 0.0 {
                        fmt::clock(seconds)
                    } else {
                        String::new()
                    }
                })
            };
            view! { <td class="right">{time}</td> }.into_any()
        }
        "health" => view! { <td class="col-health"><Health run /></td> }.into_any(),
        "created" => {
            let created = run.with_untracked(|run| run.created);
            let exact = move || crate::browser::local_time(created);
            view! { <td class="right"><time title=exact>{move || fmt::ago(created, now.get())}</time></td> }.into_any()
        }
        _ => {
            let right = numeric(&column);
            let class = format!("col-{}", column.replace(['.', '/'], "-"));
            let muted = {
                let column = column.clone();
                move || same.with(|same| same.contains(&column))
            };
            let value = Memo::new(move |_| run.with(|run| (cell(run, &column), measured_at(run, &column))));
            let text = move || value.with(|(value, _)| value.text().to_owned());
            let number = move || right || value.with(|(value, _)| matches!(value, Cell::Number(..)));
            let at = move || {
                value.with(|(_, at)| at.map(|step| {
                    let said = words::as_of(fmt::count(step));
                    view! { <span class="faint cell-at" title=said.clone() aria-label=said>"@"{fmt::count(step)}</span> }
                }))
            };
            view! {
                <td class=class class:right=number class:muted-cell=muted>
                    {at}
                    <span class="clip cell-text" title=text>{text}</span>
                </td>
            }
            .into_any()
        }
    }
}

/// The number of health findings in the colour of the worst; the tooltip lists them.
#[component]
fn Health(run: ArcRwSignal<RunSummary>) -> impl IntoView {
    let health = Memo::new(move |_| run.with(|run| run.health.clone()));
    move || {
        let health = health.get()?;
        let worst = health.worst()?;
        let said = health.findings.iter().map(|finding| said::say(&finding.said));
        let said = said.collect::<Vec<_>>().join("\n");
        let count = health.findings.len() as u64;
        Some(view! {
            <span class=format!("health-dot num is-{}", worst.key()) role="img" title=said.clone() aria-label=said>
                <span class="dot"></span>
                {fmt::count(count)}
            </span>
        })
    }
}

/// The progress of a run: a bar while it is live, its place while it is queued, else its steps.
#[component]
fn Step(run: ArcRwSignal<RunSummary>) -> impl IntoView {
    let state = Memo::new({
        let run = run.clone();
        move |_| run.with(|run| run.state)
    });
    move || {
        let run = run.clone();
        match state.get() {
            RunState::Queued => view! { <Queued run /> }.into_any(),
            state if state.is_live() => {
                let share = Memo::new(move |_| {
                    run.with(|run| run.total_steps.map(|total| run.step as f64 / total.max(1) as f64))
                });
                let text = move || share.get().map_or_else(String::new, fmt::percent);
                view! {
                    <span class="row cell-progress">
                        <Progress share label=Signal::derive(text) />
                        <span class="num">{text}</span>
                    </span>
                }
                .into_any()
            }
            RunState::Completed => {
                let steps = move || run.with(|run| fmt::count(run.step));
                view! { <span class="num">{steps}</span> }.into_any()
            }
            _ => {
                let steps = move || {
                    run.with(|run| match run.total_steps {
                        Some(total) => format!("{} / {}", fmt::count(run.step), fmt::count(total)),
                        None => fmt::count(run.step),
                    })
                };
                view! { <span class="faint num">{steps}</span> }.into_any()
            }
        }
    }
}

#[component]
fn Queued(run: ArcRwSignal<RunSummary>) -> impl IntoView {
    let (live, toaster) = (use_live(), use_toaster());
    let id = StoredValue::new(run.with_untracked(|run| run.id.clone()));
    let named = run.clone();
    let name = Memo::new(move |_| named.with(|run| run.name.clone()));
    let place = Memo::new(move |_| run.with(|run| run.queue_position.unwrap_or(1)));
    let change = move |to: Option<u64>| {
        spawn_local(async move {
            let id = id.get_value();
            let changed = match to {
                Some(to) => {
                    let change = RunPatch {
                        queue_position: Some(to),
                        ..RunPatch::default()
                    };
                    live.change(&id, api::patch_run(&id, &change)).await
                }
                None => live.change(&id, api::stop_run(&id, Stop::Now)).await,
            };
            if let Err(error) = changed {
                toaster.fail(&error);
            }
        });
    };
    let button = move |icon: IconName, title: Word, of: fn(String) -> String, to: Callback<()>| {
        view! {
            <button
                type="button"
                class="cell-button"
                title=title
                aria-label=move || of(name.get())
                on:click=move |event| {
                    event.stop_propagation();
                    to.run(());
                }
            >
                <Icon name=icon />
            </button>
        }
    };
    view! {
        <span class="row cell-queue">
            <span class="faint num">{move || words::in_queue(place.get())}</span>
            {button(
                IconName::Up,
                words::earlier,
                words::earlier_of,
                Callback::new(move |()| change(Some(place.get_untracked().saturating_sub(1).max(1)))),
            )}
            {button(IconName::Down, words::later, words::later_of, Callback::new(move |()| change(Some(place.get_untracked() + 1))))}
            {button(IconName::Close, words::take_out, words::take_out_of, Callback::new(move |()| change(None)))}
        </span>
    }
}
