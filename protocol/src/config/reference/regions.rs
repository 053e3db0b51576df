//! Boxes of lines in which a key counts.

use super::explore::{Centre, Gate};
use super::{Condition, Test};
use crate::config::ValueType;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// So many names are told; of more, those that are left out, where they are fewer.
const FEW: usize = 3;

impl Centre {
    /// What a line of `gate` has to be; `values` are those tried beside its own, and whether the key counts under each.
    pub(super) fn line(&self, gate: &'static crate::config::Key, values: &[(&Value, bool)]) -> Condition {
        let note = self.notes.get(gate.name);
        let own = self.lines.iter().find(|line| line.key.name == gate.name);
        let absent = Value::Null;
        let here = own.map_or(&absent, |line| &line.value);
        let usual = note.and_then(|note| note.default.as_ref());
        let named = gate.kind == ValueType::Flag || note.is_some_and(|note| note.choices.is_some());
        let tried = || std::iter::once((here, true)).chain(values.iter().copied());
        let texts = |wanted: bool| {
            let mut found: Vec<String> = vec![];
            for (value, _) in tried().filter(|(_, counts)| *counts == wanted) {
                let value = match value.is_null() {
                    true => usual.map(text),
                    false => Some(text(value)),
                };
                found.extend(
                    value
                        .filter(|value| !found.contains(value))
                        .into_iter()
                        .collect::<Vec<_>>(),
                );
            }
            found
        };
        let of = |value: &Value| tried().any(|(other, counts)| counts && other == value);
        let test = match named {
            true => {
                let (fits, other) = (texts(true), texts(false));
                match fits.len() > FEW.max(other.len()) && !other.is_empty() {
                    true => Test::Not(other),
                    // a flag that has no default is off
                    false if fits.is_empty() => Test::Absent,
                    false => Test::One(fits),
                }
            }
            false if of(&Value::Null) => Test::Absent,
            false if of(&json!("a,b")) && !of(&json!("a")) => Test::Several,
            false => Test::There,
        };
        Condition {
            key: gate.name.into(),
            test,
        }
    }
}

pub(super) fn line_of(gate: &Gate) -> Condition {
    Condition {
        key: gate.key.name.into(),
        test: match gate.value {
            Value::Null => Test::Absent,
            ref value => Test::One(vec![text(value)]),
        },
    }
}

/// Whether lines are inside of a region.
pub(super) fn holds(region: &[Condition], lines: &[Gate], usual: &BTreeMap<&str, String>) -> bool {
    let usual = |key: &str| usual.get(key).cloned();
    region.iter().all(|line| {
        let own = lines
            .iter()
            .find(|own| own.key.name == line.key)
            .map(|own| text(&own.value));
        match (&line.test, own) {
            (Test::Absent, own) => own.is_none(),
            (Test::There, own) => own.is_some(),
            (Test::Several, own) => own.is_some_and(|own| own.contains(',')),
            (Test::One(names), own) => own.or_else(|| usual(&line.key)).is_some_and(|own| names.contains(&own)),
            (Test::Not(names), own) => own.or_else(|| usual(&line.key)).is_none_or(|own| !names.contains(&own)),
        }
    })
}

/// Whether a region lies in another one.
pub(super) fn within(region: &[Condition], other: &[Condition]) -> bool {
    other.iter().all(|line| {
        let own = region.iter().find(|own| own.key == line.key);
        own.is_some_and(|own| match (&own.test, &line.test) {
            (Test::One(own), Test::One(names)) => own.iter().all(|name| names.contains(name)),
            (Test::One(own), Test::Not(names)) => !own.iter().any(|name| names.contains(name)),
            (Test::Not(own), Test::Not(names)) => names.iter().all(|name| own.contains(name)),
            (own, test) => own == test,
        })
    })
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
