//! What the rule book takes down of each key while it reads a config: whether it counts, its default, which names it may have.

use super::Rules;
use crate::Said;
use crate::config::RunConfig;
use crate::config::field::Field;
use crate::config::keys::{Choices, KEYS, TypedKey};
use serde_json::Value;
use std::collections::BTreeMap;

/// What was taken down of a key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Note {
    /// Its value goes into what is done.
    pub counts: bool,
    /// What is done where it is left out.
    pub default: Option<Value>,
    /// It is left out, and its default is to be written out: it is not what is done anyway.
    pub taken: bool,
    /// What a text may be here.
    pub choices: Option<Choices>,
    /// It says something and changes nothing, and a notice of the rule book says why.
    pub explained: bool,
}

/// What the rule book takes down under one config.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Notes(BTreeMap<&'static str, Note>);

impl Notes {
    /// Under `config`; keys that are wrong or missing count as if they were right.
    pub fn of(config: &RunConfig) -> Self {
        let mut rules = Rules::of(config);
        rules.placed();
        rules.notes
    }

    pub fn get(&self, key: &str) -> Option<&Note> {
        self.0.get(key)
    }

    pub fn counts(&self, key: &str) -> bool {
        self.get(key).is_some_and(|note| note.counts)
    }

    /// The keys that count, in the order of [`KEYS`].
    pub fn counted(&self) -> Vec<&'static str> {
        let names = KEYS.iter().map(|key| key.name);
        names.filter(|name| self.counts(name)).collect()
    }

    /// The defaults that are taken and written out, by key.
    pub fn defaults(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0
            .iter()
            .filter_map(|(key, note)| note.taken.then_some((*key, note.default.as_ref()?)))
    }

    fn note(&mut self, key: &'static str) -> &mut Note {
        self.0.entry(key).or_default()
    }
}

impl Rules<'_> {
    /// Says why `field` changes nothing.
    pub(super) fn explain(&mut self, field: &'static str, why: Said) {
        self.notes.note(field).explained = true;
        self.notices.push(why);
    }

    /// Notes that `field` counts under this config: another value of it may give another spec.
    pub(super) fn counts<T: Field, C>(&mut self, key: TypedKey<T, C>) {
        let note = self.notes.note(key.row.name);
        note.counts = true;
        note.choices = key.row.choices();
    }

    /// Takes back that these count. Their defaults stand in the file nonetheless: they say what it is for.
    pub(super) fn idle(&mut self, fields: &[&'static str]) {
        for field in fields {
            if let Some(note) = self.notes.0.get_mut(field) {
                note.counts = false;
            }
        }
    }

    /// Takes back that these count, and their defaults: they were only held to be right.
    pub(super) fn unused(&mut self, fields: &[&'static str]) {
        self.idle(fields);
        for field in fields {
            self.notes.note(field).taken = false;
        }
    }

    /// Notes the default of `field`, and whether it is `taken`.
    pub(super) fn note_default(&mut self, field: &'static str, default: Value, taken: bool) {
        let note = self.notes.note(field);
        note.default.get_or_insert(default);
        note.taken |= taken;
    }

    /// Notes what `field` may be here, where that is less than what it may be elsewhere.
    pub(super) fn note_choices(&mut self, field: &'static str, choices: Choices) {
        self.notes.note(field).choices = Some(choices);
    }
}
