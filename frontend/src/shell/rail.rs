//! The rail: where to go, how many runs go, whether the page is live, language and theme.

use super::theme::Choice;
use crate::app::use_shell;
use crate::i18n::{self, Lang, Word, shell as words};
use crate::live::{Connection, use_live};
use crate::ui::{Icon, IconName};
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_location;
use protocol::api::RunState;

#[component]
pub fn Rail() -> impl IntoView {
    let live = use_live();
    let counts = Memo::new(move |_| {
        live.runs.with(|runs| {
            let states = runs.values().map(|run| run.with(|run| run.state));
            states.fold((0u64, 0u64), |(going, queued), state| {
                (
                    going + u64::from(state.is_live()),
                    queued + u64::from(state == RunState::Queued),
                )
            })
        })
    });
    let hint = move || match counts.get() {
        (going, 0) => words::going(going),
        (going, queued) => words::going_and_queued(going, queued),
    };
    let badge = move || {
        let (going, queued) = counts.get();
        (going + queued > 0).then(|| {
            let queued = (queued > 0).then(|| view! { <span class="faint">{format!("+{queued}")}</span> });
            view! { <span class="rail-count" title=hint>{going}{queued}</span> }
        })
    };
    let path = use_location().pathname;
    let at_runs = move || path.with(|path| path == "/" || path.starts_with("/runs") || path.starts_with("/compare"));
    view! {
        <nav class="rail" aria-label=words::navigation>
            <a class="rail-logo" href="/" aria-label="Corral">
                <Icon name=IconName::Logo />
                <span>"Corral"</span>
            </a>
            <ul class="rail-list">
                <li>
                    <a class="rail-item" href="/runs" title=words::runs aria-current=move || at_runs().then_some("page")>
                        <Icon name=IconName::Runs />
                        <span class="rail-name">{words::runs}</span>
                        {badge}
                    </a>
                </li>
                <RailItem href="/new" icon=IconName::Plus name=words::new_run />
                <RailItem href="/data" icon=IconName::Data name=words::data />
                <RailItem href="/models" icon=IconName::Models name=words::models />
                <RailItem href="/chat" icon=IconName::Chat name=words::chat />
            </ul>
            <div class="rail-foot">
                <ConnectionDot />
                <div class="rail-switches">
                    <LanguageSwitch />
                    <ThemeSwitch />
                </div>
            </div>
        </nav>
    }
}

#[component]
fn RailItem(href: &'static str, icon: IconName, name: Word) -> impl IntoView {
    view! {
        <li>
            <A href=href attr:class="rail-item" attr:title=name>
                <Icon name=icon />
                <span class="rail-name">{name}</span>
            </A>
        </li>
    }
}

#[component]
fn ConnectionDot() -> impl IntoView {
    let connection = use_live().connection;
    let class = move || match connection.get() {
        Connection::Live => "connection live",
        Connection::CatchingUp => "connection catching-up",
        Connection::Offline => "connection offline",
    };
    let word = move || match connection.get() {
        Connection::Live => words::live(),
        Connection::CatchingUp => words::catching_up(),
        Connection::Offline => words::offline(),
    };
    let hint = move || match connection.get() {
        Connection::Live => words::live_hint(),
        Connection::CatchingUp => words::catching_up_hint(),
        Connection::Offline => words::offline_hint(),
    };
    view! {
        <div class=class role="status" title=hint>
            <span class="dot"></span>
            <span class="rail-name">{word}</span>
        </div>
    }
}

#[component]
fn LanguageSwitch() -> impl IntoView {
    let letters = Lang::ALL
        .map(|lang| {
            view! {
                <button
                    type="button"
                    class="letter"
                    lang=lang.tag()
                    title=lang.name()
                    aria-label=lang.name()
                    aria-pressed=move || (i18n::lang() == lang).to_string()
                    on:click=move |_| i18n::set_lang(lang)
                >
                    {lang.letter()}
                </button>
            }
        })
        .collect_view();
    view! {
        <div class="letters" role="group" aria-label=words::language>
            {letters}
        </div>
    }
}

#[component]
fn ThemeSwitch() -> impl IntoView {
    let theme = use_shell().theme;
    let label = move || {
        let choice = match theme.choice.get() {
            Choice::System => words::theme_system(),
            Choice::Light => words::theme_light(),
            Choice::Dark => words::theme_dark(),
        };
        format!("{}: {choice}", words::theme())
    };
    let icon = move || match theme.choice.get() {
        Choice::System => IconName::System,
        Choice::Light => IconName::Sun,
        Choice::Dark => IconName::Moon,
    };
    view! {
        <button type="button" class="btn ghost icon small" title=label aria-label=label on:click=move |_| theme.turn()>
            {move || view! { <Icon name=icon() /> }}
        </button>
    }
}
