//! The notifications that a run has ended: by this browser, and by a webhook. Both are off until somebody turns them on.

use crate::api;
use crate::app::use_shell;
use crate::browser;
use crate::fmt;
use crate::i18n::{notify as words, said};
use crate::live::{clock, use_live};
use crate::part::{Lazy, part};
use crate::ui::{Dialog, Icon, IconName, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::notify::{Delivery, Notify, SetWebhook};

/// The key of `localStorage` under which it is stored that this browser notifies.
const KEY: &str = "notify";

/// Whether this browser notifies of runs that end.
#[derive(Clone, Copy)]
pub struct BrowserNotifications {
    pub enabled: RwSignal<bool>,
    /// Whether the dialog with the setting is open.
    pub dialog_open: RwSignal<bool>,
}

impl BrowserNotifications {
    pub fn start() -> Self {
        let is_permitted = browser::notices::permission().as_deref() == Some("granted");
        let was_enabled = browser::stored(KEY).is_some();
        Self {
            enabled: RwSignal::new(was_enabled && is_permitted),
            dialog_open: RwSignal::new(false),
        }
    }

    fn set_enabled(self, enabled: bool) {
        match enabled {
            true => browser::store(KEY, "1"),
            false => browser::forget(KEY),
        }
        self.enabled.set(enabled);
    }
}

/// The rail's button that opens [`Notifications`].
#[component]
pub fn NotificationsButton(notifications: BrowserNotifications) -> impl IntoView {
    let notify = use_live().notify;
    let failed = move || notify.with(|notify| notify.last.as_ref().is_some_and(|last| last.failed.is_some()));
    let on = move || notifications.enabled.get() || notify.with(|notify| notify.host.is_some());
    view! {
        <button
            type="button"
            class="btn ghost icon small bell"
            class:on=on
            class:bad=failed
            title=words::title
            aria-label=words::title
            on:click=move |_| notifications.dialog_open.set(true)
        >
            <Icon name=IconName::Bell />
        </button>
    }
}

/// The dialog with the notification settings, and how the last delivery went.
#[component]
pub fn Notifications(notifications: BrowserNotifications) -> impl IntoView {
    view! {
        <Dialog open=notifications.dialog_open title=Signal::derive(|| words::title().to_string())>
            <div class="stack notify">
                <Lazy part=part!(frame, view! { <ThisBrowser notifications=use_shell().notifications /> <Webhook /> }) />
            </div>
        </Dialog>
    }
}

#[component]
fn ThisBrowser(notifications: BrowserNotifications) -> impl IntoView {
    let permission = RwSignal::new(browser::notices::permission());
    let toggle = move |_| {
        if notifications.enabled.get_untracked() {
            return notifications.set_enabled(false);
        }
        spawn_local(async move {
            let answer = browser::notices::request_permission().await;
            notifications.set_enabled(answer.as_deref() == Some("granted"));
            permission.try_set(answer);
        });
    };
    let state = move || match (notifications.enabled.get(), permission.get().as_deref()) {
        (true, _) => words::here_on(),
        (false, Some("denied")) => words::here_denied(),
        (false, None) => words::here_missing(),
        (false, _) => words::here_off(),
    };
    view! {
        <section class="stack">
            <h3>{words::here}</h3>
            <p class="muted">{state}</p>
            <div class="row">
                <button
                    type="button"
                    class="btn"
                    disabled=move || permission.with(Option::is_none)
                    aria-pressed=move || notifications.enabled.get().to_string()
                    on:click=toggle
                >
                    {move || if notifications.enabled.get() { words::turn_off() } else { words::turn_on() }}
                </button>
            </div>
        </section>
    }
}

#[component]
fn Webhook() -> impl IntoView {
    let (live, toaster, now) = (use_live(), use_toaster(), clock());
    let typed = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let take = move |answer: api::Answer<Notify>| {
        busy.try_set(false);
        match answer {
            Ok(notify) => {
                live.notify.set(notify);
                typed.try_set(String::new());
            }
            Err(error) => toaster.fail(&error),
        }
    };
    let set = move |webhook: Option<String>| {
        busy.set(true);
        spawn_local(async move { take(api::set_webhook(&SetWebhook { webhook }).await) });
    };
    let test = move |_| {
        busy.set(true);
        spawn_local(async move { take(api::test_webhook().await) });
    };
    let host = Memo::new(move |_| live.notify.with(|notify| notify.host.clone()));
    let last = move || {
        live.notify
            .with(|notify| notify.last.as_ref().map(|last| delivery_line(last, now.get())))
    };
    view! {
        <section class="stack">
            <h3>"Webhook"</h3>
            <p class="muted">{words::webhook_text}</p>
            <form
                class="row"
                on:submit=move |event| {
                    event.prevent_default();
                    set(Some(typed.get_untracked()));
                }
            >
                <input
                    class="input grow"
                    type="url"
                    required
                    autocomplete="off"
                    spellcheck="false"
                    aria-label=words::webhook_address
                    placeholder=move || host.get().unwrap_or_else(|| "https://…".into())
                    prop:value=move || typed.get()
                    on:input=move |event| typed.set(event_target_value(&event))
                />
                <button type="submit" class="btn" disabled=busy>{words::save}</button>
            </form>
            <Show when=move || host.with(Option::is_some)>
                <p class="row wrap">
                    <span class="grow">{move || words::webhook_is(host.get().unwrap_or_default())}</span>
                    <button type="button" class="btn small" disabled=busy on:click=test>{words::test}</button>
                    <button type="button" class="btn small" disabled=busy on:click=move |_| set(None)>{words::remove}</button>
                </p>
            </Show>
            <p role="status">{last}</p>
        </section>
    }
}

/// How the last delivery went.
fn delivery_line(last: &Delivery, now: i64) -> AnyView {
    let ago = fmt::ago(last.time, now);
    match &last.failed {
        Some(failed) => view! { <span class="row bad-text"><Icon name=IconName::Warning />{fmt::sentence(&said::say(failed))}" ("{ago}")"</span> }.into_any(),
        None => view! { <span class="row muted"><Icon name=IconName::Check />{words::told(ago)}</span> }.into_any(),
    }
}
