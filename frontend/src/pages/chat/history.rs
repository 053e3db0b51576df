//! Talks of before: kept in the browser's storage, listed, opened again, written out as files.

use super::state::{Reply, Standing, use_chat};
use crate::browser;
use crate::fmt;
use crate::i18n::{chat as words, common};
use crate::logic::kept::{End, KeptReply, KeptTalk, json_lines, keep, markdown, without};
use crate::ui::{Icon, IconName, Menu, MenuItem, Popover};
use leptos::prelude::*;

const TALKS: &str = "chat-talks";
/// Of this tab alone: another tab has its own talk.
const OPEN: &str = "chat-open";

/// The talks in the browser's storage, newest first. Other tabs write there too, so it is read anew each time.
pub fn stored() -> Vec<KeptTalk> {
    let text = browser::stored(TALKS);
    text.and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

fn write(talks: &[KeptTalk]) {
    browser::store(TALKS, &serde_json::to_string(talks).unwrap_or_default());
}

/// Keeps a talk and remembers it as this tab's; gives all that are kept now.
pub fn put(talk: KeptTalk) -> Vec<KeptTalk> {
    browser::store_in_tab(OPEN, &talk.id.to_string());
    let before = stored();
    let talks = keep(before.clone(), talk);
    if talks != before {
        write(&talks);
    }
    talks
}

/// Takes one out; gives what is left.
pub fn take_out(id: i64) -> Vec<KeptTalk> {
    let talks = without(stored(), id);
    write(&talks);
    talks
}

/// The talk this tab had open.
pub fn open_here() -> Option<i64> {
    browser::stored_in_tab(OPEN)?.parse().ok()
}

/// A reply to keep; one still being written is kept as stopped.
pub fn kept_reply(reply: &Reply) -> KeptReply {
    let end = match reply.standing.get_untracked() {
        Standing::Waiting | Standing::Going { .. } | Standing::Stopped => End::Stopped,
        Standing::Done { tokens, seconds, cut } => End::Done { tokens, seconds, cut },
        Standing::Failed(message) => End::Failed(message),
    };
    KeptReply {
        column: reply.column,
        model: reply.model.clone(),
        text: reply.text.get_untracked(),
        end,
    }
}

/// A kept reply as the page has them.
pub fn taken_up(kept: &KeptReply) -> Reply {
    let standing = match kept.end.clone() {
        End::Done { tokens, seconds, cut } => Standing::Done { tokens, seconds, cut },
        End::Stopped => Standing::Stopped,
        End::Failed(message) => Standing::Failed(message),
    };
    Reply {
        column: kept.column,
        model: kept.model.clone(),
        text: ArcRwSignal::new(kept.text.clone()),
        standing: ArcRwSignal::new(standing),
        again: ArcStoredValue::new(0),
    }
}

/// The talks that are kept, in a panel under a button.
#[component]
pub fn History() -> impl IntoView {
    let chat = use_chat();
    let open = RwSignal::new(false);
    let row = move |talk: KeptTalk| {
        let id = talk.id;
        let first = talk.turns.first().map(|turn| turn.question.clone()).unwrap_or_default();
        let models = talk.models.join(" · ");
        let turns = talk.turns.len() as u64;
        let delete = words::forget_talk(&first);
        view! {
            <li class="talk" aria-current=move || (chat.talk.get() == id).then_some("true")>
                <button
                    type="button"
                    class="talk-open"
                    on:click=move |_| {
                        open.set(false);
                        chat.open_talk(&talk);
                    }
                >
                    <span class="clip">{first}</span>
                    <span class="faint clip">{words::turns(turns)}" · "{fmt::ago(id, browser::now())}" · "{models}</span>
                </button>
                <button type="button" class="btn ghost icon small" title=common::delete aria-label=delete on:click=move |_| chat.forget(id)>
                    <Icon name=IconName::Trash />
                </button>
            </li>
        }
    };
    let rows = move || chat.history.get().into_iter().map(row).collect_view();
    view! {
        <Popover
            trigger=ViewFn::from(|| {
                view! {
                    <Icon name=IconName::Clock />
                    <span class="wide">{words::history}</span>
                }
            })
            label=Signal::derive(|| words::history().to_string())
            align_end=true
            open
        >
            <ul class="talks">{rows}</ul>
            <Show when=move || chat.history.with(Vec::is_empty)>
                <p class="muted talks-none">{words::no_history}</p>
            </Show>
            <p class="faint talks-note">{words::history_note}</p>
        </Popover>
    }
}

/// The talk as a file.
#[component]
pub fn Export() -> impl IntoView {
    let chat = use_chat();
    let empty = Signal::derive(move || chat.turns.with(Vec::is_empty));
    view! {
        <Menu
            trigger=ViewFn::from(|| {
                view! {
                    <Icon name=IconName::Download />
                    <span class="wide">{words::export}</span>
                }
            })
            label=Signal::derive(|| words::export().to_string())
            align_end=true
        >
            <MenuItem
                disabled=empty
                on_pick=move |()| {
                    if let Some(talk) = chat.written() {
                        browser::save_text("chat.md", "text/markdown", &markdown(&talk));
                    }
                }
            >
                {words::export_markdown}
            </MenuItem>
            <MenuItem
                disabled=empty
                on_pick=move |()| {
                    if let Some(talk) = chat.written() {
                        browser::save_text("chat.jsonl", "application/jsonl", &json_lines(&talk));
                    }
                }
            >
                {words::export_json}
            </MenuItem>
        </Menu>
    }
}
