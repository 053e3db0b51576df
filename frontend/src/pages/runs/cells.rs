//! The cells of a run's row. Each updates in place with its run.

use crate::api;
use crate::brief::brief_memo;
use crate::fetched::heed;
use crate::fmt;
use crate::i18n::{Word, runs as words, said};
use crate::live::use_live;
use crate::logic::table::{Cell, cell, measured_at};
use crate::ui::{Icon, IconName, Progress, sparkline, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{RunPatch, RunState, RunSummary, Stop};
use protocol::column::Column;
use protocol::config::{KEYS, ValueType};
use protocol::health::Health;
use std::sync::Arc;

/// Whether the values of a column are aligned to the right.
pub fn numeric(column: &str) -> bool {
    match Column::named(column) {
        Column::Result(_) | Column::Metric(_) => true,
        Column::Own(name) => matches!(name, "lr" | "time" | "peak" | "created"),
        Column::Setting(name) => {
            let kind = KEYS.iter().find(|key| key.name == name).map(|key| key.kind);
            matches!(kind, Some(ValueType::Count | ValueType::Number))
        }
    }
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

/// A run as its row reads it. The row of a run that is over never changes, and would keep every row that was ever scrolled by: so
/// its readers hear of it by a memo that goes with the row.
#[derive(Clone, Copy)]
pub struct RowRun {
    run: RwSignal<RunSummary>,
    changes: Memo<u64>,
    state: Memo<RunState>,
}

impl RowRun {
    pub fn new(run: ArcRwSignal<RunSummary>) -> Self {
        let run = RwSignal::from(run);
        let changes = brief_memo(move |last: Option<&u64>| {
            run.track();
            last.map_or(0, |last| last + 1)
        });
        let state = Memo::new(move |_| {
            heed(changes);
            run.with_untracked(|run| run.state)
        });
        Self { run, changes, state }
    }

    pub fn with<T>(self, read: impl FnOnce(&RunSummary) -> T) -> T {
        heed(self.changes);
        self.run.with_untracked(read)
    }
}

/// A cell of a run's row. `same` names the columns that have the same value in all rows, which are muted.
pub fn view_cell(run: RowRun, column: &str, now: ReadSignal<i64>, same: Memo<Arc<[String]>>) -> AnyView {
    match column {
        "spark" => {
            let line = |run: &RunSummary| {
                view! { <td class="cell-spark" title=spark_text(run)>{sparkline(&run.spark, false)}</td> }
            };
            (move || run.with(line)).into_any()
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
        "health" => {
            view! { <td class="col-health">{move || run.with(|run| run.health.as_ref().and_then(health))}</td> }
                .into_any()
        }
        "created" => {
            let created = run.run.with_untracked(|run| run.created);
            let exact = move || crate::browser::local_time(created);
            view! { <td class="right"><time title=exact>{move || fmt::ago(created, now.get())}</time></td> }.into_any()
        }
        _ => value_cell(run, column.to_owned(), same).into_any(),
    }
}

/// The class of a column's cells.
pub fn column_class(column: &str) -> String {
    format!("col-{}", column.replace(['.', '/'], "-"))
}

/// A cell with a value and nothing else.
fn value_cell(run: RowRun, column: String, same: Memo<Arc<[String]>>) -> impl IntoView {
    let (class, right) = (column_class(&column), numeric(&column));
    move || {
        let (value, at) = run.with(|run| (cell(run, &column), measured_at(run, &column)));
        let right = if right || matches!(value, Cell::Number(..)) {
            " right"
        } else {
            ""
        };
        let muted = if same.with(|same| same.contains(&column)) {
            " muted-cell"
        } else {
            ""
        };
        let at = at.map(|step| {
            let said = words::as_of(fmt::count(step));
            view! { <span class="faint cell-at" title=said.clone() aria-label=said>"@"{fmt::count(step)}</span> }
        });
        let text = value.text().to_owned();
        view! {
            <td class=format!("{class}{right}{muted}")>
                {at}
                <span class="clip cell-text" title=text.clone()>{text.clone()}</span>
            </td>
        }
    }
}

/// The number of health findings in the colour of the worst; the tooltip lists them.
fn health(health: &Health) -> Option<impl IntoView + use<>> {
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

/// The progress of a run: a bar while it is live, its place while it is queued, else its steps.
#[component]
fn Step(run: RowRun) -> impl IntoView {
    move || match run.state.get() {
        RunState::Queued => view! { <Queued run /> }.into_any(),
        state if state.is_live() => {
            let share =
                Memo::new(move |_| run.with(|run| run.total_steps.map(|total| run.step as f64 / total.max(1) as f64)));
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

#[component]
fn Queued(run: RowRun) -> impl IntoView {
    let (live, toaster) = (use_live(), use_toaster());
    let id = StoredValue::new(run.run.with_untracked(|run| run.id.clone()));
    let name = Memo::new(move |_| run.with(|run| run.name.clone()));
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
