//! The first page: what runs and when it ends, what somebody should look at, what came out last.

mod going;

use crate::browser;
use crate::fmt;
use crate::i18n::{home as words, runs as runs_words, said, shell};
use crate::links;
use crate::live::{clock, use_live};
use crate::logic::home::{Shape, home};
use crate::pages::run::sentence;
use crate::pages::runs::NoRuns;
use crate::ui::{Icon, IconName, PageHead, Skeleton, Spark, StateDot};
use going::{Going, Stalled};
use leptos::prelude::*;
use protocol::api::{RunState, RunSummary};
use std::collections::BTreeSet;

#[component]
pub fn Home() -> impl IntoView {
    let live = use_live();
    let none = Memo::new(move |_| live.runs.with(|runs| runs.is_empty()));
    view! {
        <PageHead title=shell::home.into()>
            <a class="btn primary" href="/new">
                <Icon name=IconName::Plus />
                {runs_words::new_run}
            </a>
        </PageHead>
        {move || match (live.loaded.get(), none.get()) {
            (false, _) => view! { <div class="page-body"><Skeleton lines=10 /></div> }.into_any(),
            (true, true) => view! { <NoRuns /> }.into_any(),
            (true, false) => view! { <Parts /> }.into_any(),
        }}
    }
}

#[component]
fn Parts() -> impl IntoView {
    let live = use_live();
    let now = clock();
    let shapes = Memo::new(move |_| {
        live.runs
            .with(|runs| runs.values().map(|run| run.with(Shape::of)).collect::<Vec<_>>())
    });
    let stalled = Stalled::default();
    provide_context(stalled);
    let silent = Memo::new(move |_| {
        stalled
            .0
            .with(|stalled| stalled.keys().cloned().collect::<BTreeSet<_>>())
    });
    // sorted anew when a run moves on, not each second
    let home = Memo::new(move |_| shapes.with(|shapes| silent.with(|silent| home(shapes, silent, browser::now()))));
    let count = Memo::new(move |_| shapes.with(Vec::len));
    let needy = Memo::new(move |_| home.with(|home| home.needy.clone()));
    let untold = Memo::new(move |_| live.notify.with(|notify| notify.last.as_ref()?.failed.clone()));
    let verdicts = Memo::new(move |_| home.with(|home| home.verdicts.clone()));
    view! {
        <div class="page-body home">
            <Going home now />
            <section aria-label=words::attention>
                <h2>{words::attention}</h2>
                {move || untold.get().map(|why| view! { <p class="row home-untold"><Icon name=IconName::Bell />{fmt::sentence(&said::say(&why))}</p> })}
                <Show
                    when=move || needy.with(|ids| !ids.is_empty())
                    fallback=move || untold.with(Option::is_none).then(|| view! { <p class="row muted home-none"><Icon name=IconName::Check />{words::all_well}</p> })
                >
                    <ul class="home-list">
                        <For each=move || needy.get() key=String::clone children=move |id| view! { <Needy id now /> } />
                    </ul>
                </Show>
            </section>
            <section aria-label=words::verdicts>
                <h2>{words::verdicts}</h2>
                <Show
                    when=move || verdicts.with(|ids| !ids.is_empty())
                    fallback=|| view! { <p class="muted home-none">{words::no_verdict}</p> }
                >
                    <ul class="home-list">
                        <For each=move || verdicts.get() key=String::clone children=move |id| view! { <Judged id now /> } />
                    </ul>
                </Show>
                <p class="home-all">
                    <a href="/runs">{move || words::all_runs(count.get() as u64)}</a>
                </p>
            </section>
        </div>
    }
}

/// A run's row: its name, its sentence, and when that was.
#[component]
fn Line(
    id: String,
    row: ArcRwSignal<RunSummary>,
    /// What is said of it.
    says: impl Fn(&RunSummary) -> String + Send + 'static,
    now: ReadSignal<i64>,
    /// Shows its curve.
    #[prop(optional)]
    curve: bool,
) -> impl IntoView {
    let (named, told, ended, drawn) = (row.clone(), row.clone(), row.clone(), row.clone());
    let state = Memo::new(move |_| row.with(|run| run.state));
    let when = move || {
        let ended = ended.with(|run| run.ended.or(run.started))?;
        Some(view! { <time title=browser::local_time(ended)>{fmt::ago(ended, now.get())}</time> })
    };
    let values = Memo::new(move |_| drawn.with(|run| run.spark.clone()));
    view! {
        <li>
            <a class="home-row" href=links::run(&id)>
                <StateDot state />
                <span class="home-name clip">{move || named.with(|run| run.name.clone())}</span>
                <span class="home-says">{move || told.with(&says)}</span>
                {curve.then(|| view! { <Spark values /> })}
                <span class="faint num">{when}</span>
            </a>
        </li>
    }
}

#[component]
fn Needy(id: String, now: ReadSignal<i64>) -> impl IntoView {
    let row = use_live().run(&id);
    let stalled = expect_context::<Stalled>();
    let of = id.clone();
    let silence = move || stalled.0.with(|stalled| Some(said::say(&stalled.get(&of)?.said)));
    let says = move |run: &RunSummary| match need(run) {
        found if found.is_empty() => silence().unwrap_or_default(),
        found => found,
    };
    row.map(|row| view! { <Line id row says now /> })
}

#[component]
fn Judged(id: String, now: ReadSignal<i64>) -> impl IntoView {
    let row = use_live().run(&id);
    row.map(|row| view! { <Line id row says=sentence now curve=true /> })
}

/// Why a run failed, or the worst that is found in its curves.
pub fn need(run: &RunSummary) -> String {
    if run.state == RunState::Failed {
        let why = fmt::sentence(&said::row(&run.message, &run.code, &run.args));
        return if why.is_empty() {
            crate::i18n::common::state_failed().to_owned()
        } else {
            why
        };
    }
    let worst = run.health.as_ref().and_then(|health| health.findings.first());
    worst.map(|finding| said::say(&finding.said)).unwrap_or_default()
}
