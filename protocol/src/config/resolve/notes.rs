//! What the rule book takes down of each key while it reads a config: whether it counts, its default, what it may be.

use super::Rules;
use crate::Said;
use crate::config::{RunConfig, keys::KEYS};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What a number may be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Range {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<f64>,
    /// It is larger than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<f64>,
    /// A whole number.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
}

impl Range {
    pub const ANY: Self = Self {
        least: None,
        above: None,
        most: None,
        whole: false,
    };

    pub fn from(least: f64) -> Self {
        Self {
            least: Some(least),
            ..Self::ANY
        }
    }

    pub fn above(least: f64) -> Self {
        Self {
            above: Some(least),
            ..Self::ANY
        }
    }

    pub fn within(least: f64, most: f64) -> Self {
        Self {
            most: Some(most),
            ..Self::from(least)
        }
    }

    pub fn whole(self) -> Self {
        Self { whole: true, ..self }
    }
}

/// What a text may be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// The names there are.
    pub names: Cow<'static, [&'static str]>,
    /// Others that are read too: older names, names without an effect.
    pub also: Cow<'static, [&'static str]>,
    /// Regular expressions of what else is read.
    pub patterns: &'static [&'static str],
}

/// What was taken down of a key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Note {
    /// Its value goes into what is done.
    pub counts: bool,
    /// What is done where it is left out.
    pub default: Option<Value>,
    /// It is left out, and its default is to be written out: it is not what is done anyway.
    pub taken: bool,
    pub range: Option<Range>,
    pub choices: Option<Choices>,
    /// It holds several, with commas between them.
    pub list: bool,
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
    pub(super) fn counts(&mut self, field: &'static str) {
        self.notes.note(field).counts = true;
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
    pub(super) fn note_default(&mut self, field: &'static str, default: impl Into<Value>, taken: bool) {
        let note = self.notes.note(field);
        if note.default.is_none() {
            note.default = Some(default.into());
        }
        note.taken |= taken;
    }

    /// Notes what is done where `field` is left out, which is not written out.
    pub(super) fn note_usual(&mut self, field: &'static str, usual: impl Into<Value>) {
        self.note_default(field, usual, false);
    }

    pub(super) fn note_range(&mut self, field: &'static str, range: Range) {
        self.notes.note(field).range = Some(range);
    }

    pub(super) fn note_choices(&mut self, field: &'static str, choices: Choices) {
        self.notes.note(field).choices = Some(choices);
    }

    /// Notes that `field` is one of these.
    pub(super) fn note_names(&mut self, field: &'static str, names: impl IntoIterator<Item = &'static str>) {
        let names = names.into_iter().collect::<Vec<_>>().into();
        self.note_choices(
            field,
            Choices {
                names,
                ..Choices::default()
            },
        );
    }

    pub(super) fn note_list(&mut self, field: &'static str) {
        self.notes.note(field).list = true;
    }
}
