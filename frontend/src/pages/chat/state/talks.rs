//! The talk that is open: kept in the browser, taken up again, cleared, forgotten.

use super::super::history::{self, kept_reply, taken_up};
use super::{ChatView, Turn};
use crate::logic::kept::{KeptTalk, KeptTurn};
use leptos::ev;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use std::time::Duration;

impl ChatView {
    /// Takes up the talk this tab had open, unless the address names other models.
    pub(super) fn go_on(self) {
        let query = self.address.query.get_untracked();
        let named = super::super::named(&query);
        let open = history::open_here();
        let kept = self.history.with_untracked(|talks| {
            let mine = talks.iter().find(|talk| Some(talk.id) == open);
            mine.filter(|talk| match query.get("run") {
                Some(_) => named == talk.models,
                None => named.is_empty() || named == talk.models,
            })
            .cloned()
        });
        if let Some(talk) = kept {
            self.open_talk(&talk);
        }
    }

    /// Shows a talk of the history, to go on with it.
    pub fn open_talk(self, talk: &KeptTalk) {
        self.stop();
        self.editing.set(None);
        self.talk.set(talk.id);
        let turns = talk.turns.iter().map(|turn| Turn {
            id: self.next_id(),
            question: turn.question.clone(),
            replies: turn.replies.iter().map(taken_up).collect(),
        });
        self.turns.set(turns.collect());
        self.just_asked.set(true);
        self.beat.update(|beat| *beat += 1);
        if !talk.models.is_empty() {
            self.show(talk.models.clone());
        }
    }

    /// The talk as it stands; `None` once the page is gone.
    fn kept(self) -> Option<KeptTalk> {
        let turns = self.turns.try_get_untracked()?;
        let turns = turns.iter().map(|turn| KeptTurn {
            question: turn.question.clone(),
            replies: turn.replies.iter().map(kept_reply).collect(),
        });
        Some(KeptTalk {
            id: self.talk.try_get_untracked()?,
            models: self.columns.try_get_untracked()?,
            turns: turns.collect(),
        })
    }

    /// The talk as it stands, for writing it out.
    pub fn written(self) -> Option<KeptTalk> {
        self.kept().filter(|talk| !talk.turns.is_empty())
    }

    /// Keeps the talk in the browser: after each turn and reply, and when the page is left.
    pub(super) fn keep(self) {
        let put = move || {
            if let Some(talk) = self.kept() {
                let talks = history::put(talk);
                let _ = self.history.try_set(talks);
            }
        };
        let due = StoredValue::new(None::<TimeoutHandle>);
        Effect::new(move |first: Option<()>| {
            self.beat.track();
            self.turns.track();
            self.columns.track();
            if first.is_some() && due.get_value().is_none() {
                let later = move || {
                    due.try_set_value(None);
                    put();
                };
                due.set_value(set_timeout_with_handle(later, Duration::from_millis(300)).ok());
            }
        });
        let leaving = window_event_listener(ev::Custom::<web_sys::Event>::new("pagehide"), move |_| put());
        on_cleanup(move || {
            leaving.remove();
            if let Some(Some(due)) = due.try_get_value() {
                due.clear();
            }
            put();
        });
    }

    /// A fresh talk with the same models; the one that was open stays in the history.
    pub fn new_talk(self) {
        self.stop();
        if let Some(talk) = self.kept() {
            self.history.set(history::put(talk));
        }
        self.talk.set(crate::browser::now());
        self.editing.set(None);
        self.turns.set(vec![]);
        crate::browser::focus("#chat-input");
    }

    /// Takes a talk out of the history; the open one is cleared with it.
    pub fn forget(self, id: i64) {
        self.history.set(history::take_out(id));
        if self.talk.get_untracked() == id {
            self.new_talk();
        }
    }
}
