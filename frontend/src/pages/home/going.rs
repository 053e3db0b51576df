//! The live runs: the progress of each, when it ends, its sparkline, and a warning if it has been silent for unusually long.

use crate::api;
use crate::browser;
use crate::fmt;
use crate::i18n::{home as words, said, said_words, shell};
use crate::links;
use crate::live::use_live;
use crate::logic::home::Home;
use crate::logic::pace::{left, share};
use crate::ui::{Icon, IconName, Progress, Sparkline};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{RunState, RunSummary};
use protocol::health::Finding;
use protocol::metric;
use std::collections::BTreeMap;

/// The live runs that have been silent for unusually long, with the finding for each; in the context of the page.
#[derive(Clone, Copy, Default)]
pub struct Stalled(pub RwSignal<BTreeMap<String, Finding>>);

#[component]
pub fn Going(home: Memo<Home>, now: ReadSignal<i64>) -> impl IntoView {
    let ids = Memo::new(move |_| home.with(|home| home.going.clone()));
    let more = move || home.with(|home| (home.more_going > 0).then(|| words::more_going(home.more_going as u64)));
    let waiting = move || home.with(|home| (home.waiting > 0).then(|| words::waiting(home.waiting as u64)));
    view! {
        <section aria-label=shell::going_now>
            <h2>{shell::going_now}</h2>
            <Show
                when=move || ids.with(|ids| !ids.is_empty())
                fallback=|| view! { <p class="muted home-none">{words::nothing_goes}</p> }
            >
                <ul class="home-going">
                    <For each=move || ids.get() key=String::clone children=move |id| view! { <Card id now /> } />
                </ul>
            </Show>
            <p class="row wrap home-all">
                {move || more().map(|more| view! { <a href="/runs?state=running">{more}</a> })}
                {move || waiting().map(|waiting| view! { <a href="/runs?state=queued">{waiting}</a> })}
            </p>
        </section>
    }
}

/// When a run last sent anything (ms): at first what the server knows, then the time of each change of its row.
fn heard(id: String, row: ArcRwSignal<RunSummary>) -> RwSignal<i64> {
    let heard = RwSignal::new(browser::now());
    spawn_local(async move {
        let Ok(detail) = api::run(&id).await else { return };
        if let (Some(time), Some(true)) = (detail.heard, heard.try_get_untracked().map(|_| true)) {
            heard.set(time);
        }
    });
    Effect::new(move |before: Option<u64>| {
        let seq = row.with(|run| run.seq);
        if before.is_some_and(|before| before != seq) {
            heard.set(browser::now());
        }
        seq
    });
    heard
}

#[component]
fn Card(id: String, now: ReadSignal<i64>) -> impl IntoView {
    let row = use_live().run(&id)?;
    let heard = heard(id.clone(), row.clone());
    let (named, told, drawn, of, late) = (row.clone(), row.clone(), row.clone(), row.clone(), row.clone());
    let far = Signal::derive(move || row.with(share));
    let values = Memo::new(move |_| drawn.with(|run| run.spark.clone()));
    let value = move || {
        of.with(|run| {
            let last = run.spark.last()?;
            let name = &run.spark_metric;
            let known = metric::find(name).map(|metric| said_words(&metric.title));
            Some(format!("{} {}", known.unwrap_or(name), fmt::metric(name, *last)))
        })
    };
    let facts = move || {
        told.with(|run| {
            let step = match run.total_steps {
                Some(total) => crate::i18n::run::step_of(fmt::count(run.step), fmt::count(total)),
                None => crate::i18n::run::step_only(fmt::count(run.step)),
            };
            let end = left(run).map(|seconds| words::ends(browser::local_time_in(seconds)));
            [Some(step), end].into_iter().flatten().collect::<Vec<_>>().join(" · ")
        })
    };
    let stalled = Memo::new(move |_| {
        late.with(|run| {
            let silent = protocol::health::stalled(now.get(), heard.get(), run.seconds_per_step);
            silent.filter(|_| run.state == RunState::Running && run.origin.is_none())
        })
    });
    let all = expect_context::<Stalled>().0;
    let of = id.clone();
    Effect::new(move || {
        let now = stalled.get();
        let known = all.with_untracked(|all| all.contains_key(&of));
        if known || now.is_some() {
            all.update(|all| match now {
                Some(finding) => drop(all.insert(of.clone(), finding)),
                None => drop(all.remove(&of)),
            });
        }
    });
    let of = id.clone();
    on_cleanup(move || {
        all.try_update(|all| all.remove(&of));
    });
    let warning = move || {
        let finding = stalled.get()?;
        Some(
            view! { <p class="row home-stalled" role="status"><Icon name=IconName::Warning />{said::say(&finding.said)}</p> },
        )
    };
    Some(view! {
        <li>
            <a class="home-card" href=links::run(&id)>
                <span class="row">
                    <b class="clip grow">{move || named.with(|run| run.name.clone())}</b>
                    <span class="num">{move || far.get().map(fmt::percent)}</span>
                </span>
                <Sparkline values stretched=true />
                <Progress share=far label=Signal::derive(|| shell::progress().to_string()) />
                <span class="row num home-facts">
                    <span class="grow clip">{facts}</span>
                    <span class="faint clip">{value}</span>
                </span>
                {warning}
            </a>
        </li>
    })
}
