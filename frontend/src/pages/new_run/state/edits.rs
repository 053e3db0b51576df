//! What a person does to the form: typing, choosing, loading, starting over.

use super::super::stored::StoredDraft;
use super::Form;
use super::prefill::first_draft;
use crate::logic::form::{Draft, text_of};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use protocol::RunConfig;
use protocol::config::{FieldError, KEYS, Key, ShownWith, names};
use protocol::method::MethodId;

/// Milliseconds between two looks whether the further keys are parsed.
const POLL_MS: u32 = 30;

impl Form {
    /// The text in the field of `key`.
    pub fn text(self, key: &str) -> String {
        if let Some(typed) = self.draft.with(|draft| draft.typed(key).map(str::to_owned)) {
            return typed;
        }
        let value = self.config.with(|config| config.get(key));
        text_of(value.or_else(|| self.whole.with(|whole| whole.get(key))).as_ref())
    }

    pub fn type_in(self, key: &str, text: &str) {
        let defaults = self.defaults.get_untracked();
        self.draft.update(|draft| draft.type_in(key, text, &defaults));
    }

    pub fn put(self, key: &str, value: &str) {
        self.draft.update(|draft| draft.put(key, value));
    }

    pub fn is_changed(self, key: &str) -> bool {
        self.defaults
            .with(|defaults| self.draft.with(|draft| draft.is_changed(key, defaults)))
    }

    pub fn reset(self, key: &str) {
        self.draft.update(|draft| draft.reset(key));
    }

    pub fn pick(self, method: MethodId) {
        let defaults = self.defaults.get_untracked();
        self.draft.update(|draft| draft.pick(method, &defaults));
    }

    /// Whether `key` counts under what is chosen, and is shown with it.
    pub fn matters(self, key: &str) -> bool {
        let shown = match Key::named(key).and_then(|key| key.shown_with) {
            Some(ShownWith::SeveralLosses) => self
                .config
                .with(|config| names(config.pref_loss.as_deref()).count() > 1),
            Some(ShownWith::Experts) => self
                .model()
                .is_none_or(|model| model.dims.is_none_or(|dims| dims.decoder.experts().is_some())),
            None => true,
        };
        shown && self.notes.with(|notes| notes.counts(key))
    }

    pub fn error(self, key: &str) -> Option<FieldError> {
        self.errors
            .with(|errors| errors.iter().find(|error| error.field == key).cloned())
    }

    /// Replaces what is in the form by `config`.
    pub fn load(self, config: &RunConfig) {
        self.clear_further();
        self.draft.set(Draft::of(config));
        self.parent.set(None);
    }

    /// All that is in the form, to be restored later.
    pub fn snapshot(self) -> StoredDraft {
        StoredDraft {
            draft: self.draft.get_untracked(),
            origin: self.origin.get_untracked(),
            parent: self.parent.get_untracked(),
            unread: self.unread.get_untracked(),
        }
    }

    /// Drops what was typed as further keys and is not in the draft.
    pub fn clear_further(self) {
        self.further.set(vec![]);
        self.reading.set(false);
        self.unread.set(None);
    }

    /// Waits until the further keys that were typed are parsed.
    pub async fn further_settled(self) {
        while self.reading.try_get_untracked() == Some(true) {
            TimeoutFuture::new(POLL_MS).await;
        }
    }

    pub fn restore(self, stored: StoredDraft) {
        self.clear_further();
        self.draft.set(stored.draft);
        self.origin.set(stored.origin);
        self.parent.set(stored.parent);
        self.unread.set(stored.unread);
    }

    /// Lays the keys of `config` over what is in the form.
    pub fn overlay(self, config: &RunConfig) {
        let scale = self.scale.get_untracked();
        self.draft.update(|draft| *draft = draft.overlaid_with(config, scale));
    }

    /// The config of the form with `config` laid over it, including keys of `config` that the form would leave out.
    pub fn overlaid_config(self, config: &RunConfig) -> RunConfig {
        let scale = self.scale.get_untracked();
        let mut laid = self
            .draft
            .with_untracked(|draft| draft.overlaid_with(config, scale).config(scale));
        for key in KEYS {
            if let Some(value) = config.get(key.name) {
                let _ = laid.set(key.name, &value);
            }
        }
        laid
    }

    pub fn start_over(self) {
        self.clear_further();
        self.origin.set(None);
        self.parent.set(None);
        self.draft.set(first_draft());
        self.address.edit(|query| {
            for key in ["from", "parent", "next"] {
                query.set(key, "");
            }
        });
    }
}
