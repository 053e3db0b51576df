//! The empty state before the first run: a picture, three ways to start, and the machine that will train.

use crate::api;
use crate::fmt;
use crate::i18n::{runs as words, said};
use crate::links;
use crate::shell::DemoButton;
use crate::ui::{EmptyState, Icon, IconName};
use leptos::prelude::*;
use protocol::api::System;

#[component]
pub fn NoRuns() -> impl IntoView {
    let system = LocalResource::new(|| async { api::system().await.ok() });
    let machine = move || system.get().flatten().map(|system| facts(&system));
    view! {
        <div class="no-runs">
            <Picture />
            <EmptyState
                title=Signal::derive(|| words::empty_title().to_string())
                text=Signal::derive(|| words::empty_text().to_string())
            >
                <DemoButton primary=true />
                <a class="btn" href="/new">
                    <Icon name=IconName::Plus />
                    {words::new_run}
                </a>
                <a class="btn" href=links::import()>
                    <Icon name=IconName::Upload />
                    {words::import}
                </a>
            </EmptyState>
            <p class="faint num machine">{machine}</p>
        </div>
    }
}

/// The machine in one line.
fn facts(system: &System) -> String {
    let facts = words::machine(
        fmt::count(system.cores),
        fmt::bytes(system.memory_available),
        fmt::bytes(system.memory_total),
        fmt::bytes(system.disk_free),
    );
    let cards: Vec<_> = system.cuda.usable().map(|card| card.name.as_str()).collect();
    let on = match (&system.cuda.missing, system.cuda.cards.is_empty()) {
        (None, _) => words::machine_cards(cards.join(", ")),
        // without a graphics card, the reason why it can't be used is of no interest
        (Some(_), true) => words::machine_cpu().to_owned(),
        (Some(why), false) => words::machine_cpu_why(said::say(why)),
    };
    format!("{facts}{on}")
}

/// A picture of two diverging curves over the rows of a table.
#[component]
fn Picture() -> impl IntoView {
    let rows = [116, 136, 156]
        .map(|y| {
            view! {
                <circle cx="10" cy=y r="3" class="ink-3" />
                <rect x="22" y=y - 3 width="70" height="6" rx="3" class="ink-2" />
                <rect x="120" y=y - 3 width="40" height="6" rx="3" class="ink-1" />
                <rect x="180" y=y - 3 width="30" height="6" rx="3" class="ink-1" />
                <rect x="230" y=y - 3 width="58" height="6" rx="3" class="ink-1" />
            }
        })
        .collect_view();
    view! {
        <svg class="picture" viewBox="0 0 300 168" width="300" height="168" fill="none" aria-hidden="true">
            <path class="grid" d="M2 20H298M2 50H298M2 80H298" />
            <path class="chosen" d="M2 62C40 60 70 52 110 38S200 16 298 12" />
            <path class="rejected" d="M2 64C40 66 70 70 110 76S200 90 298 92" />
            {rows}
        </svg>
    }
}
