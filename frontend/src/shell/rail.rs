//! The rail (navigation sidebar): search, pages, live and pinned runs, graphics cards, the connection's state, language and theme.

use super::cards::Cards;
use super::nav::{NAV_ITEMS, NavItem};
use super::notify::NotificationsButton;
use super::rail_runs::RailRuns;
use super::theme::ThemeChoice;
use crate::app::use_shell;
use crate::i18n::{self, Lang, common, shell as words};
use crate::live::{Connection, use_live};
use crate::ui::{Icon, IconName, Popover};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use protocol::api::RunState;

#[component]
pub fn Rail() -> impl IntoView {
    let live = use_live();
    let shell = use_shell();
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
    let nav_item = |item: &'static NavItem| {
        let badge = (item.path == "/runs").then_some(badge);
        view! { <RailItem item>{badge}</RailItem> }
    };
    view! {
        <nav class="rail" aria-label=words::navigation>
            <a class="rail-logo" href="/" aria-label="Corral">
                <Icon name=IconName::Logo />
                <span>"Corral"</span>
            </a>
            <button
                type="button"
                class="rail-item rail-search"
                title=words::palette
                aria-keyshortcuts="Meta+K Control+K"
                on:click=move |_| shell.palette_open.set(true)
            >
                <Icon name=IconName::Search />
                <span class="rail-name">{common::search}</span>
                <kbd class="kbd rail-key" aria-hidden="true">{shell.modifier}"K"</kbd>
            </button>
            <ul class="rail-list">
                {NAV_ITEMS.iter().map(nav_item).collect_view()}
            </ul>
            <RailRuns />
            <Cards />
            <div class="rail-foot">
                <ConnectionDot />
                <div class="rail-switches">
                    <LanguageSwitch />
                    <NotificationsButton notifications=shell.notifications />
                    <ThemeSwitch />
                </div>
                <div class="rail-more">
                    <OverflowMenu />
                </div>
            </div>
        </nav>
    }
}

/// The overflow menu on a phone, with what has no room in the bar.
#[component]
fn OverflowMenu() -> impl IntoView {
    let shell = use_shell();
    view! {
        <Popover
            trigger=ViewFn::from(|| view! { <Icon name=IconName::Dots /> })
            label=Signal::derive(|| common::more().to_string())
            class="btn ghost icon"
            align_end=true
        >
            <button type="button" class="menu-item" on:click=move |_| shell.palette_open.set(true)>
                <Icon name=IconName::Search />
                {common::search}
            </button>
            <Cards />
            <button type="button" class="menu-item" on:click=move |_| shell.notifications.dialog_open.set(true)>
                <Icon name=IconName::Bell />
                {i18n::notify::title}
            </button>
            <p class="rail-label">{words::language}</p>
            <LanguageSwitch />
            <p class="rail-label">{words::theme}</p>
            <ThemeSwitch />
            <button type="button" class="menu-item" on:click=move |_| shell.shortcuts_open.set(true)>
                <Icon name=IconName::Info />
                {words::keys}
            </button>
        </Popover>
    }
}

/// The link to a page. `children` stand behind its name.
#[component]
fn RailItem(item: &'static NavItem, children: Children) -> impl IntoView {
    let path = use_location().pathname;
    let current = move || path.with(|path| item.is_current(path)).then_some("page");
    view! {
        <li class:rail-home=item.path == "/">
            <a class="rail-item" href=item.path title=item.name aria-current=current>
                <Icon name=item.icon />
                <span class="rail-name">{item.name}</span>
                {children()}
            </a>
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
                    aria-label=format!("{} {}", lang.letter(), lang.name())
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
            ThemeChoice::System => words::theme_system(),
            ThemeChoice::Light => words::theme_light(),
            ThemeChoice::Dark => words::theme_dark(),
        };
        format!("{}: {choice}", words::theme())
    };
    let icon = move || match theme.choice.get() {
        ThemeChoice::System => IconName::System,
        ThemeChoice::Light => IconName::Sun,
        ThemeChoice::Dark => IconName::Moon,
    };
    view! {
        <button type="button" class="btn ghost icon small" title=label aria-label=label on:click=move |_| theme.cycle()>
            {move || view! { <Icon name=icon() /> }}
        </button>
    }
}
