//! The open chat: saved in the browser, reopened, cleared, deleted.

use super::super::history::{self, restored_reply, saved_reply};
use super::{ChatView, Turn};
use crate::logic::saved_chats::{SavedChat, SavedTurn};
use leptos::ev;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use std::time::Duration;

impl ChatView {
    /// Reopens the chat that this tab had open, unless the address names other models.
    pub(super) fn reopen(self) {
        let query = self.address.query.get_untracked();
        let named = super::super::named(&query);
        let open = history::open_in_tab();
        let saved = self.history.with_untracked(|chats| {
            let own = chats.iter().find(|chat| Some(chat.id) == open);
            own.filter(|chat| match query.get("run") {
                Some(_) => named == chat.models,
                None => named.is_empty() || named == chat.models,
            })
            .cloned()
        });
        if let Some(chat) = saved {
            self.open_chat(&chat);
        }
    }

    /// Opens a chat of the history, to go on with it.
    pub fn open_chat(self, chat: &SavedChat) {
        self.stop();
        self.editing.set(None);
        self.id.set(chat.id);
        let turns = chat.turns.iter().map(|turn| Turn {
            id: self.next_id(),
            question: turn.question.clone(),
            replies: turn.replies.iter().map(restored_reply).collect(),
        });
        self.turns.set(turns.collect());
        self.just_asked.set(true);
        self.text_version.update(|version| *version += 1);
        if !chat.models.is_empty() {
            self.show(chat.models.clone());
        }
    }

    /// The chat as it is now, in its saved form; `None` once the page is gone.
    fn to_saved(self) -> Option<SavedChat> {
        let turns = self.turns.try_get_untracked()?;
        let turns = turns.iter().map(|turn| SavedTurn {
            question: turn.question.clone(),
            replies: turn.replies.iter().map(saved_reply).collect(),
        });
        Some(SavedChat {
            id: self.id.try_get_untracked()?,
            models: self.columns.try_get_untracked()?,
            turns: turns.collect(),
        })
    }

    /// The chat as it is now, for exporting it; `None` while it is empty.
    pub fn exportable(self) -> Option<SavedChat> {
        self.to_saved().filter(|chat| !chat.turns.is_empty())
    }

    /// Saves the chat in the browser: after each turn and reply, throttled, and when the page is left.
    pub(super) fn keep_saved(self) {
        let save = move || {
            if let Some(chat) = self.to_saved() {
                let chats = history::save(chat);
                let _ = self.history.try_set(chats);
            }
        };
        let due = StoredValue::new(None::<TimeoutHandle>);
        Effect::new(move |first: Option<()>| {
            self.text_version.track();
            self.turns.track();
            self.columns.track();
            if first.is_some() && due.get_value().is_none() {
                let later = move || {
                    due.try_set_value(None);
                    save();
                };
                due.set_value(set_timeout_with_handle(later, Duration::from_millis(300)).ok());
            }
        });
        let leaving = window_event_listener(ev::Custom::<web_sys::Event>::new("pagehide"), move |_| save());
        on_cleanup(move || {
            leaving.remove();
            if let Some(Some(due)) = due.try_get_value() {
                due.clear();
            }
            save();
        });
    }

    /// Starts a new chat with the same models; the one that was open stays in the history.
    pub fn new_chat(self) {
        self.stop();
        if let Some(chat) = self.to_saved() {
            self.history.set(history::save(chat));
        }
        self.id.set(crate::browser::now());
        self.editing.set(None);
        self.turns.set(vec![]);
        crate::browser::focus("#chat-input");
    }

    /// Deletes a chat of the history; if it is the open one, a new one is started.
    pub fn forget(self, id: i64) {
        self.history.set(history::delete(id));
        if self.id.get_untracked() == id {
            self.new_chat();
        }
    }
}
