//! The preview beside the table: the run that the keyboard or the pointer is at, told without leaving the list.

use super::columns::column_title;
use super::use_table;
use crate::app::use_shell;
use crate::fmt;
use crate::i18n::{common, run as run_words, runs as words, said, said_words};
use crate::links;
use crate::logic::fold::sweep_row;
use crate::logic::table::cell;
use crate::pages::home::need;
use crate::pages::run::sentence;
use crate::part::{Lazy, part};
use crate::ui::{Icon, IconName, Sparkline, StateDot, marked};
use leptos::prelude::*;
use protocol::api::{RunState, RunSummary};
use protocol::method::MethodId;
use protocol::metric;

/// What is told of its config and its cost, in this order, where there is something to tell.
const FACTS: [&str; 9] = [
    "loss",
    "model",
    "data",
    "lr",
    "c.pref_beta",
    "c.lora_rank",
    "step",
    "time",
    "peak",
];
/// Findings told at most; the run's page has them all.
const FINDINGS: usize = 3;

#[component]
pub fn Preview() -> impl IntoView {
    let table = use_table();
    // a sweep has no curve of its own, and a run that is gone leaves the pane
    let id = Memo::new(move |_| {
        let id = table.at.get().filter(|key| sweep_row(key).is_none())?;
        table.live.runs.with(|runs| runs.contains_key(&id)).then_some(id)
    });
    provide_context(Previewed(id));
    view! {
        <Show when=move || id.with(Option::is_some)>
            <aside class="runs-preview" aria-label=words::preview>
                <Lazy part=part!(frame, view! { <Told /> }) />
            </aside>
        </Show>
    }
}

/// The run that is previewed.
#[derive(Clone, Copy)]
struct Previewed(Memo<Option<String>>);

#[component]
fn Told() -> impl IntoView {
    let (table, Previewed(id)) = (use_table(), expect_context());
    move || {
        let id = id.get()?;
        // its row has a signal of its own
        let run = table.live.runs.read_untracked().get(&id).cloned()?;
        Some(view! { <Pane id run /> })
    }
}

#[component]
fn Pane(id: String, run: ArcRwSignal<RunSummary>) -> impl IntoView {
    let table = use_table();
    let (stated, named, told) = (run.clone(), run.clone(), run.clone());
    let state = Memo::new(move |_| stated.with(|run| run.state));
    let name = Memo::new(move |_| named.with(|run| run.name.clone()));
    view! {
        <header class="row">
            <StateDot state />
            <h2 class="clip grow">
                <a href=links::run(&id) title=name>{name}</a>
            </h2>
            <button type="button" class="btn ghost icon small" aria-label=common::close title=common::close on:click=move |_| table.at.set(None)>
                <Icon name=IconName::Close />
            </button>
        </header>
        <p class="preview-says">{move || marked(&told.with(says))}</p>
        <Curve run=run.clone() />
        <Findings run=run.clone() />
        <Facts run=run.clone() />
        <Buttons id run />
    }
}

/// Its outcome; how far it is while there is none.
fn says(run: &RunSummary) -> String {
    match (run.state, run.total_steps) {
        (RunState::Failed, _) => need(run),
        (state, _) if state.is_over() => sentence(run),
        (RunState::Queued, _) => words::in_queue(run.queue_position.unwrap_or(1)),
        (_, Some(total)) => run_words::step_of(fmt::count(run.step), fmt::count(total)),
        (_, None) => run_words::step_only(fmt::count(run.step)),
    }
}

/// The curve that the table shows small, with its first and last value.
#[component]
fn Curve(run: ArcRwSignal<RunSummary>) -> impl IntoView {
    let drawn = run.clone();
    let values = Memo::new(move |_| drawn.with(|run| run.spark.clone()));
    let title = {
        let run = run.clone();
        move || {
            run.with(|run| {
                let known = metric::find(&run.spark_metric).map(|metric| said_words(&metric.title));
                known.map_or_else(|| run.spark_metric.clone(), str::to_owned)
            })
        }
    };
    let ends = move || {
        run.with(|run| {
            let value = |value: &f64| fmt::metric(&run.spark_metric, *value);
            let (first, last) = (run.spark.first()?, run.spark.last()?);
            Some(format!("{} → {}", value(first), value(last)))
        })
    };
    view! {
        <Show when={move || values.with(Vec::len) > 1}>
            <figure class="preview-curve">
                <figcaption class="row">
                    <span class="grow clip">{title.clone()}</span>
                    <span class="num faint">{ends.clone()}</span>
                </figcaption>
                <Sparkline values stretched=true />
            </figure>
        </Show>
    }
}

#[component]
fn Findings(run: ArcRwSignal<RunSummary>) -> impl IntoView {
    let health = Memo::new(move |_| run.with(|run| run.health.clone()));
    move || {
        let findings = health.get()?.findings;
        let line = |finding: &protocol::health::Finding| {
            view! {
                <li class=format!("row is-{}", finding.severity.key())>
                    <Icon name=IconName::Warning />
                    <span>{marked(&said::say(&finding.said))}</span>
                </li>
            }
        };
        let lines = findings.iter().take(FINDINGS).map(line).collect_view();
        (!findings.is_empty()).then(|| view! { <ul class="preview-findings">{lines}</ul> })
    }
}

#[component]
fn Facts(run: ArcRwSignal<RunSummary>) -> impl IntoView {
    let facts = Memo::new(move |_| {
        let text = |column: &'static str| run.with(|run| cell(run, column).text().to_owned());
        let facts = FACTS.map(|column| (column, text(column)));
        facts
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .collect::<Vec<_>>()
    });
    let line = |(column, text): (&'static str, String)| {
        view! {
            <dt>{move || column_title(column)}</dt>
            <dd class="clip" title=text.clone()>{text.clone()}</dd>
        }
    };
    view! { <dl class="preview-facts">{move || facts.get().into_iter().map(line).collect_view()}</dl> }
}

#[component]
fn Buttons(id: String, run: ArcRwSignal<RunSummary>) -> impl IntoView {
    let pins = use_shell().pins;
    let id = StoredValue::new(id);
    let pinned = Memo::new(move |_| id.with_value(|id| pins.has(id)));
    let chat = Memo::new({
        let run = run.clone();
        move |_| {
            run.with(|run| {
                // a reward model scores replies and writes none
                let writes = run.checkpoints > 0 && MethodId::of(&run.config) != Some(MethodId::Rm);
                let models = run.config.model_name_or_path.iter().chain([&run.name]);
                writes.then(|| links::chat(&models.cloned().collect::<Vec<_>>()))
            })
        }
    });
    let ours = Memo::new(move |_| run.with(|run| run.origin.is_none()));
    view! {
        <div class="row wrap preview-buttons">
            <a class="btn small" href=links::run(&id.get_value())>{words::preview_open}</a>
            {move || {
                chat.get()
                    .map(|chat| {
                        view! {
                            <a class="btn small" href=chat>
                                <Icon name=IconName::Chat />
                                {run_words::chat_with}
                            </a>
                        }
                    })
            }}
            <Show when=move || ours.get()>
                <a class="btn small" href=move || links::train_again(&id.get_value())>
                    <Icon name=IconName::Edit />
                    {run_words::again}
                </a>
            </Show>
            <button type="button" class="btn small" aria-pressed=move || pinned.get().to_string() on:click=move |_| id.with_value(|id| pins.toggle(id))>
                <Icon name=IconName::Pin />
                {move || if pinned.get() { words::unpin() } else { words::pin() }}
            </button>
        </div>
    }
}
