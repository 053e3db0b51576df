//! Rows of what needs a look and of what came out: a line for a run, one for a whole sweep.

use super::going::Stalled;
use crate::browser;
use crate::fmt;
use crate::i18n::{common, home as words, said};
use crate::links;
use crate::live::use_live;
use crate::logic::fold::Row;
use crate::pages::run::sentence;
use crate::ui::{Icon, IconName, Spark, StateDot};
use leptos::either::Either;
use leptos::prelude::*;
use protocol::api::{RunState, RunSummary};
use protocol::health::Severity;
use protocol::sweep::point_text;

/// What rows say of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tells {
    /// What is wrong with it.
    Need,
    /// What came out.
    Verdict,
}

#[component]
pub fn Told(row: Row, tells: Tells, now: ReadSignal<i64>) -> impl IntoView {
    match row {
        Row::Run(id) => Either::Left(view! { <OfRun id tells now /> }),
        Row::Sweep { id, runs } => Either::Right(view! { <OfSweep id runs tells now /> }),
    }
}

#[component]
fn OfRun(id: String, tells: Tells, now: ReadSignal<i64>) -> impl IntoView {
    let run = use_live().run(&id)?;
    let stalled = expect_context::<Stalled>();
    let of = id.clone();
    let silence = move || stalled.0.with(|stalled| Some(said::say(&stalled.get(&of)?.said)));
    let says = move |run: &RunSummary| match tells {
        Tells::Verdict => sentence(run),
        Tells::Need => Some(need(run))
            .filter(|found| !found.is_empty())
            .or_else(&silence)
            .unwrap_or_default(),
    };
    let (named, told) = (run.clone(), run.clone());
    let name = Signal::derive(move || named.with(|run| run.name.clone()));
    let text = Signal::derive(move || told.with(&says));
    Some(view! { <Line href=links::run(&id) run name text tells now /> })
}

/// `runs`: those that are meant, the first of them first.
#[component]
fn OfSweep(id: String, runs: Vec<String>, tells: Tells, now: ReadSignal<i64>) -> impl IntoView {
    let live = use_live();
    let sweep = live.sweep(id.clone());
    let first = live.run(runs.first()?)?;
    let name = Signal::derive(move || sweep.with(|sweep| sweep.as_ref().map(|of| of.name.clone()).unwrap_or_default()));
    let best = move || {
        let best = sweep.with(|sweep| sweep.as_ref()?.best.clone())?;
        live.run(&best)?.with(best_of)
    };
    let head = first.clone();
    let meant = move |says: fn(&RunSummary) -> String| {
        let of = sweep.with(|sweep| sweep.as_ref().map_or(0, |sweep| sweep.of));
        words::of_sweep(runs.len(), of, head.with(says))
    };
    let text = Signal::derive(move || match tells {
        // nothing is the best where nothing was evaluated
        Tells::Verdict => best().unwrap_or_else(|| meant(sentence)),
        Tells::Need => meant(need),
    });
    Some(view! { <Line href=links::sweep(&id) run=first name text tells now /> })
}

/// A row: how it stands, its name, its sentence, and when that was.
#[component]
fn Line(
    href: String,
    /// The run whose mark, curve and time are shown.
    run: ArcRwSignal<RunSummary>,
    name: Signal<String>,
    text: Signal<String>,
    tells: Tells,
    now: ReadSignal<i64>,
) -> impl IntoView {
    let (marked, ended, drawn) = (run.clone(), run.clone(), run);
    let mark = Memo::new(move |_| {
        marked.with(|run| {
            let found = run.health.as_ref().and_then(|health| health.worst());
            (
                run.state,
                found.filter(|_| tells == Tells::Need && run.state != RunState::Failed),
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
                {(tells == Tells::Verdict).then(|| view! { <Spark values /> })}
                <span class="faint num">{when}</span>
            </a>
        </li>
    }
}

/// What came out of a sweep, by its best run.
pub fn best_of(run: &RunSummary) -> Option<String> {
    let point = point_text(&run.sweep.as_ref()?.point);
    Some(words::best_of(point, sentence(run)))
}

/// Why a run failed, or the worst that is found in its curves.
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
