//! The application: what every page shares, and the routes.

use crate::i18n::{common, shell as words};
use crate::live::{Connection, Live, use_live};
use crate::pages;
use crate::shell::{
    Asked, BrowserNotifications, BrowserTab, NAV_ITEMS, Notifications, Palette, Pins, Rail, Reference, RunEndNotifier,
    ShortcutsDialog, Theme,
};
use crate::ui::{Icon, IconName, PageHead, StartAgain, Toaster, Toasts};
use leptos::ev;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::hooks::use_navigate;
use leptos_router::path;
use std::time::Duration;

/// The state of the frame around every page; in the context of them all.
#[derive(Clone, Copy)]
pub struct Shell {
    pub palette_open: RwSignal<bool>,
    /// Whether the list of keyboard shortcuts is open.
    pub shortcuts_open: RwSignal<bool>,
    /// The reference of a config's keys.
    pub reference: Asked,
    pub theme: Theme,
    /// Whether this browser notifies of runs that end.
    pub notifications: BrowserNotifications,
    /// The runs that stand in the rail whatever they do.
    pub pins: Pins,
    /// The name of the modifier key of shortcuts on this system: "⌘" or "Ctrl ".
    pub modifier: &'static str,
}

/// The frame's state from the context.
pub fn use_shell() -> Shell {
    expect_context::<Shell>()
}

/// Removes the boot screen, which `index.html` shows until the board is mounted. One that already shows the list of runs stays until
/// the board has the runs too (`loaded`).
pub fn remove_boot_screen(loaded: bool) {
    let boot = document().get_element_by_id("boot");
    let shows_runs = |boot: &web_sys::Element| boot.query_selector(".boot-runs").is_ok_and(|runs| runs.is_some());
    if let Some(boot) = boot.filter(|boot| loaded || !shows_runs(boot)) {
        boot.remove();
    }
}

#[component]
pub fn App() -> impl IntoView {
    let mac = window()
        .navigator()
        .platform()
        .is_ok_and(|platform| platform.starts_with("Mac"));
    let live = Live::start();
    provide_context(live);
    Effect::new(move || {
        if live.loaded.get() || live.connection.get() == Connection::Offline {
            remove_boot_screen(true);
        }
    });
    Toaster::provide();
    let shell = Shell {
        palette_open: RwSignal::new(false),
        shortcuts_open: RwSignal::new(false),
        reference: Asked::default(),
        theme: Theme::start(),
        notifications: BrowserNotifications::start(),
        pins: Pins::start(),
        modifier: if mac { "⌘" } else { "Ctrl " },
    };
    provide_context(shell);
    view! {
        <Router>
            <GlobalShortcuts />
            <BrowserTab />
            <RunEndNotifier notifications=shell.notifications />
            <div class="shell">
                <a class="skip" href="#page">{words::skip}</a>
                <Rail />
                <main id="page" class="page" tabindex="-1">
                    <Banner />
                    <Routes fallback=|| view! { <NotFound /> }>
                        <Route path=path!("/") view=pages::Home />
                        <Route path=path!("/runs") view=pages::Runs />
                        <Route path=path!("/runs/:id") view=pages::Run />
                        <Route path=path!("/sweeps/:id") view=pages::Sweep />
                        <Route path=path!("/compare") view=pages::Compare />
                        <Route path=path!("/new") view=pages::NewRun />
                        <Route path=path!("/data") view=pages::Data />
                        <Route path=path!("/data/:name") view=pages::Data />
                        <Route path=path!("/models") view=pages::Models />
                        <Route path=path!("/evaluate") view=pages::Evaluate />
                        <Route path=path!("/chat") view=pages::Chat />
                    </Routes>
                </main>
                <Palette />
                <ShortcutsDialog />
                <Notifications notifications=shell.notifications />
                <Reference />
                <Toasts />
            </div>
        </Router>
    }
}

/// The page of an unknown address.
#[component]
fn NotFound() -> impl IntoView {
    view! {
        <PageHead title=common::not_found.into() />
        <div class="page-body">
            <p class="muted">{words::not_found_text}</p>
            <p class="row after">
                <a class="btn" href="/runs">{words::back_home}</a>
            </p>
        </div>
    }
}

/// The banner over every page: the server cannot be reached, or runs another version than the page.
#[component]
fn Banner() -> impl IntoView {
    let live = use_live();
    // a restart of a second or two is not worth a banner
    let is_offline_for_long = RwSignal::new(false);
    Effect::new(move || {
        let offline = live.connection.get() == Connection::Offline;
        if !offline {
            is_offline_for_long.set(false);
            return;
        }
        let check = move || is_offline_for_long.set(live.connection.get_untracked() == Connection::Offline);
        set_timeout(check, Duration::from_secs(2));
    });
    view! {
        <Show when=move || is_offline_for_long.get()>
            <div class="banner bad" role="alert">
                <Icon name=IconName::Warning />
                <p>
                    <b>{common::offline_title}</b>
                    " "
                    <StartAgain />
                </p>
            </div>
        </Show>
        <Show when=move || live.outdated.get()>
            <div class="banner" role="status">
                <Icon name=IconName::Info />
                <p class="grow">{words::updated}</p>
                <button
                    type="button"
                    class="btn small"
                    on:click=move |_| {
                        let _ = window().location().reload();
                    }
                >
                    {words::reload}
                </button>
            </div>
        </Show>
    }
}

/// The keyboard shortcuts that work on every page.
#[component]
fn GlobalShortcuts() -> impl IntoView {
    let shell = use_shell();
    let navigate = use_navigate();
    // whether the last key was `g`, the first of a sequence
    let after_g = StoredValue::new(false);
    let listener = window_event_listener(ev::keydown, move |event| {
        let key = event.key();
        if (event.meta_key() || event.ctrl_key()) && key.eq_ignore_ascii_case("k") {
            event.prevent_default();
            shell.palette_open.update(|open| *open = !*open);
            return;
        }
        if !crate::browser::may_be_shortcut(&event) {
            return;
        }
        let new = !after_g.get_value() && key == "n";
        let item = NAV_ITEMS
            .iter()
            .find(|item| (after_g.get_value() || new) && item.key == key);
        after_g.set_value(key == "g");
        if let Some(item) = item {
            event.prevent_default();
            navigate(item.path, NavigateOptions::default());
        } else if key == "?" {
            shell.shortcuts_open.set(true);
        } else if key == "/" && crate::browser::focus("[data-search]") {
            event.prevent_default();
        }
    });
    on_cleanup(move || listener.remove());
}
