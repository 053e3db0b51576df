//! The rows of the sections "needs attention" and "verdicts": one for a run, or for a whole sweep.

use super::going::Stalled;
use crate::browser;
use crate::fmt;
use crate::i18n::{common, home as words, said};
use crate::links;
use crate::live::use_live;
use crate::logic::fold::Row;
use crate::pages::run::sentence;
use crate::ui::{Icon, IconName, Sparkline, StateDot};
use leptos::either::Either;
use leptos::prelude::*;
use protocol::api::{RunState, RunSummary};
use protocol::health::Severity;
use protocol::sweep::point_text;

/// What the text of a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowText {
    /// Why the run needs attention.
    Need,
    /// The verdict on it.
    Verdict,
}

#[component]
pub fn HomeRow(row: Row, text: RowText, now: ReadSignal<i64>) -> impl IntoView {
    match row {
        Row::Run(id) => Either::Left(view! { <RunRow id about=text now /> }),
        Row::Sweep { id, runs } => Either::Right(view! { <SweepRow id runs about=text now /> }),
    }
}

#[component]
fn RunRow(id: String, about: RowText, now: ReadSignal<i64>) -> impl IntoView {
    let run = use_live().run(&id)?;
    let stalled = expect_context::<Stalled>();
    let of = id.clone();
    let silence = move || stalled.0.with(|stalled| Some(said::say(&stalled.get(&of)?.said)));
    let says = move |run: &RunSummary| match about {
        RowText::Verdict => sentence(run),
        RowText::Need => Some(need(run))
            .filter(|found| !found.is_empty())
            .or_else(&silence)
            .unwrap_or_default(),
    };
    let (named, described) = (run.clone(), run.clone());
    let name = Signal::derive(move || named.with(|run| run.name.clone()));
    let text = Signal::derive(move || described.with(&says));
    Some(view! { <Line href=links::run(&id) run name text about now /> })
}

/// The row of a sweep. `runs` are those of its runs that belong in the section, the most important first.
#[component]
fn SweepRow(id: String, runs: Vec<String>, about: RowText, now: ReadSignal<i64>) -> impl IntoView {
    let live = use_live();
    let sweep = live.sweep(id.clone());
    let first = live.run(runs.first()?)?;
    let name = Signal::derive(move || sweep.with(|sweep| sweep.as_ref().map(|of| of.name.clone()).unwrap_or_default()));
    let best = move || {
        let best = sweep.with(|sweep| sweep.as_ref()?.best.clone())?;
        live.run(&best)?.with(best_of)
    };
    let head = first.clone();
    let of_first = move |says: fn(&RunSummary) -> String| {
        let of = sweep.with(|sweep| sweep.as_ref().map_or(0, |sweep| sweep.total));
        words::of_sweep(runs.len(), of, head.with(says))
    };
    let text = Signal::derive(move || match about {
        // without an evaluation there is no best run
        RowText::Verdict => best().unwrap_or_else(|| of_first(sentence)),
        RowText::Need => of_first(need),
    });
    Some(view! { <Line href=links::sweep(&id) run=first name text about now /> })
}

/// A row: its state, its name, its sentence, and when that was.
#[component]
fn Line(
    href: String,
    /// The run whose mark, sparkline and time are shown.
    run: ArcRwSignal<RunSummary>,
    name: Signal<String>,
    text: Signal<String>,
    about: RowText,
    now: ReadSignal<i64>,
) -> impl IntoView {
    let (marked, ended, drawn) = (run.clone(), run.clone(), run);
    let mark = Memo::new(move |_| {
        marked.with(|run| {
            let found = run.health.as_ref().and_then(|health| health.worst());
            (
                run.state,
                found.filter(|_| about == RowText::Need && run.state != RunState::Failed),
            )
        })
    });
    let mark = move || match mark.get() {
        (_, Some(Severity::Bad)) => {
            Either::Left(view! { <span class="home-mark bad"><Icon name=IconName::Warning /></span> })
        }
        (_, Some(_)) => Either::Left(view! { <span class="home-mark"><Icon name=IconName::Warning /></span> }),
        (state, None) => Either::Right(view! { <StateDot state=state /> }),
    };
    let when = move || {
        let ended = ended.with(|run| run.ended.or(run.started))?;
        Some(view! { <time title=browser::local_time(ended)>{fmt::ago(ended, now.get())}</time> })
    };
    let values = Memo::new(move |_| drawn.with(|run| run.spark.clone()));
    view! {
        <li>
            <a class="home-row" href=href>
                {mark}
                <span class="home-name clip">{name}</span>
                <span class="home-says">{text}</span>
                {(about == RowText::Verdict).then(|| view! { <Sparkline values /> })}
                <span class="faint num">{when}</span>
            </a>
        </li>
    }
}

/// The verdict on a sweep, by its best run.
pub fn best_of(run: &RunSummary) -> Option<String> {
    let point = point_text(&run.sweep.as_ref()?.point);
    Some(words::best_of(point, sentence(run)))
}

/// Why a run needs attention: its failure, or the worst finding in its curves.
pub fn need(run: &RunSummary) -> String {
    if run.state == RunState::Failed {
        let why = fmt::sentence(&said::row(&run.message, &run.code, &run.args));
        return if why.is_empty() {
            common::state_failed().to_owned()
        } else {
            why
        };
    }
    let worst = run.health.as_ref().and_then(|health| health.findings.first());
    worst.map(|finding| said::say(&finding.said)).unwrap_or_default()
}
