//! The home page: live runs and when they end, what needs attention, the newest verdicts.

mod going;
mod row;

use crate::browser;
use crate::fmt;
use crate::i18n::{home as words, runs as runs_words, said, shell};
use crate::live::{clock, use_live};
use crate::logic::fold::Row;
use crate::logic::home::{Shape, home};
use crate::pages::runs::NoRuns;
use crate::ui::{Icon, IconName, PageHead, Skeleton};
use going::{Going, Stalled};
use leptos::prelude::*;
use row::{HomeRow, RowText};
use std::collections::BTreeSet;

pub use row::{best_of, need};

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
            (true, false) => view! { <Sections /> }.into_any(),
        }}
    }
}

#[component]
fn Sections() -> impl IntoView {
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
    // sorted when a run's shape changes, not each second
    let home = Memo::new(move |_| shapes.with(|shapes| silent.with(|silent| home(shapes, silent, browser::now()))));
    let count = Memo::new(move |_| shapes.with(Vec::len));
    let needy = Memo::new(move |_| home.with(|home| home.needy.clone()));
    let failed_delivery = Memo::new(move |_| live.notify.with(|notify| notify.last.as_ref()?.failed.clone()));
    let verdicts = Memo::new(move |_| home.with(|home| home.verdicts.clone()));
    view! {
        <div class="page-body home">
            <Going home now />
            <section aria-label=words::attention>
                <h2>{words::attention}</h2>
                {move || failed_delivery.get().map(|why| view! { <p class="row home-untold"><Icon name=IconName::Bell />{fmt::sentence(&said::say(&why))}</p> })}
                <Show
                    when=move || needy.with(|ids| !ids.is_empty())
                    fallback=move || failed_delivery.with(Option::is_none).then(|| view! { <p class="row muted home-none"><Icon name=IconName::Check />{words::all_well}</p> })
                >
                    <ul class="home-list">
                        <For each=move || needy.get() key=Row::clone children=move |row| view! { <HomeRow row text=RowText::Need now /> } />
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
                        <For each=move || verdicts.get() key=Row::clone children=move |row| view! { <HomeRow row text=RowText::Verdict now /> } />
                    </ul>
                </Show>
                <p class="home-all">
                    <a href="/runs">{move || words::all_runs(count.get() as u64)}</a>
                </p>
            </section>
        </div>
    }
}
