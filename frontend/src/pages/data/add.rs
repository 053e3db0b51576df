//! The dialog that adds a data set: by upload, paste or path, or from a hub.

use super::adding::Adding;
use super::register::ImportRegister;
use super::source::{Source, Way};
use super::use_library;
use crate::i18n::data as words;
use crate::ui::{Dialog, ErrorNote, Tabs, TextField};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

#[component]
pub fn Add() -> impl IntoView {
    let library = use_library();
    // outlives the dialog, so that one that was closed by mistake opens again with what was in it
    let adding = Adding::start();
    view! {
        <Dialog open=library.adding title=Signal::derive(|| words::add().to_string())>
            <Body adding />
        </Dialog>
    }
}

#[component]
fn Body(adding: Adding) -> impl IntoView {
    // closing the dialog leaves the register
    on_cleanup(move || {
        let _ = adding.register.try_set(None);
    });
    move || match adding.register.get() {
        Some(source) => view! { <ImportRegister source /> }.into_any(),
        None => view! { <Form adding /> }.into_any(),
    }
}

#[component]
fn Form(adding: Adding) -> impl IntoView {
    let navigate = StoredValue::new_local(use_navigate());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        adding.add(move |page| {
            navigate.try_with_value(|go| go(page, NavigateOptions::default()));
        });
    };
    let way = RwSignal::new(adding.way.get_untracked().key().to_owned());
    let choose = move |chosen: String| {
        adding.way.set(Way::from_key(&chosen));
        way.set(chosen);
        adding.failed.set(None);
    };
    let name_error = Signal::derive(move || {
        let shown = adding.tried.get() || adding.name.with(|name| !name.is_empty());
        adding.name_error().filter(|_| shown)
    });
    view! {
        <form class="stack add-data" on:submit=submit>
            <Tabs
                tabs=vec![("upload", words::upload), ("paste", words::paste), ("path", words::path), ("hub", words::from_hub)]
                chosen=way
                on_choose=choose
                label=Signal::derive(|| words::ways().to_string())
            />
            <Source adding />
            <TextField
                label=words::name
                control="data-name"
                hint=words::name_hint
                value=adding.name
                error=name_error
                on_type=move |_| adding.named_by_hand.set(true)
            />
            {move || adding.failed.get().map(|error| view! { <ErrorNote error /> })}
            <footer class="dialog-foot">
                <button type="submit" id="data-add" class="btn primary" disabled=move || adding.busy.get() || adding.input().is_none()>
                    {move || if adding.busy.get() { words::adding() } else { words::add_verb() }}
                </button>
            </footer>
        </form>
    }
}
