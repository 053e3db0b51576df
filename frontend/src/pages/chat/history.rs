//! The chat history: earlier chats in the browser's storage, listed, reopened, exported as files.

use super::state::{Reply, ReplyState, use_chat};
use crate::browser;
use crate::fmt;
use crate::i18n::{chat as words, common};
use crate::logic::saved_chats::{End, SavedChat, SavedReply, json_lines, markdown, with_chat, without};
use crate::ui::{Icon, IconName, Menu, MenuItem, Popover};
use leptos::prelude::*;

/// The key of `localStorage` for all chats.
const CHATS: &str = "chat-talks";
/// The key of `sessionStorage` for the id of the open chat: another tab has its own.
const OPEN: &str = "chat-open";

/// The chats in the browser's storage, newest first. Other tabs write there too, so it is read each time.
pub fn stored() -> Vec<SavedChat> {
    let text = browser::stored(CHATS);
    text.and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

fn write(chats: &[SavedChat]) {
    browser::store(CHATS, &serde_json::to_string(chats).unwrap_or_default());
}

/// Saves a chat as the one that this tab has open. Returns all chats that are saved now.
pub fn save(chat: SavedChat) -> Vec<SavedChat> {
    browser::store_in_tab(OPEN, &chat.id.to_string());
    let before = stored();
    let chats = with_chat(before.clone(), chat);
    if chats != before {
        write(&chats);
    }
    chats
}

/// Deletes a chat. Returns those that are left.
pub fn delete(id: i64) -> Vec<SavedChat> {
    let chats = without(stored(), id);
    write(&chats);
    chats
}

/// The id of the chat that this tab had open.
pub fn open_in_tab() -> Option<i64> {
    browser::stored_in_tab(OPEN)?.parse().ok()
}

/// A reply as it is saved; one that is still being written is saved as stopped.
pub fn saved_reply(reply: &Reply) -> SavedReply {
    let end = match reply.state.get_untracked() {
        ReplyState::Waiting | ReplyState::Going { .. } => End::Stopped,
        ReplyState::Over(end) => end,
    };
    SavedReply {
        column: reply.column,
        model: reply.model.clone(),
        text: reply.text.get_untracked(),
        end,
    }
}

/// A saved reply as the page has them.
pub fn restored_reply(saved: &SavedReply) -> Reply {
    Reply {
        column: saved.column,
        model: saved.model.clone(),
        text: ArcRwSignal::new(saved.text.clone()),
        state: ArcRwSignal::new(ReplyState::Over(saved.end.clone())),
        redraws: ArcStoredValue::new(0),
    }
}

/// The saved chats, in a popover.
#[component]
pub fn History() -> impl IntoView {
    let chat = use_chat();
    let open = RwSignal::new(false);
    let row = move |saved: SavedChat| {
        let id = saved.id;
        let first = saved
            .turns
            .first()
            .map(|turn| turn.question.clone())
            .unwrap_or_default();
        let models = saved.models.join(" · ");
        let turns = saved.turns.len() as u64;
        let delete = words::forget_talk(&first);
        view! {
            <li class="talk" aria-current=move || (chat.id.get() == id).then_some("true")>
                <button
                    type="button"
                    class="talk-open"
                    on:click=move |_| {
                        open.set(false);
                        chat.open_chat(&saved);
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

/// The menu that exports the chat as a file.
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
                    if let Some(saved) = chat.exportable() {
                        browser::save_text("chat.md", "text/markdown", &markdown(&saved));
                    }
                }
            >
                {words::export_markdown}
            </MenuItem>
            <MenuItem
                disabled=empty
                on_pick=move |()| {
                    if let Some(saved) = chat.exportable() {
                        browser::save_text("chat.jsonl", "application/jsonl", &json_lines(&saved));
                    }
                }
            >
                {words::export_json}
            </MenuItem>
        </Menu>
    }
}
