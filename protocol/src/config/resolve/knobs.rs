//! Values in a map of their own: what one choice of another key alone has.

use super::Rules;
use crate::config::{FieldError, Json};
use crate::{Said, says};
use serde_json::{Map, Value};

/// The map of a key, read knob by knob; what is left over at the end is an error that names those there are.
pub(super) struct Knobs {
    given: Map<String, Value>,
    names: Vec<&'static str>,
    wrong: Vec<Said>,
    example: String,
}

impl Knobs {
    pub(super) fn of(text: &Option<Json>) -> Self {
        let text = text.as_ref().map_or("", |json| json.0.as_str());
        let (given, wrong) = match serde_json::from_str(if text.is_empty() { "{}" } else { text }) {
            Ok(Value::Object(map)) => (map, vec![]),
            _ => (Map::new(), vec![says::takes_a_map("{\"power\": 2}")]),
        };
        Self {
            given,
            names: vec![],
            wrong,
            example: "{}".into(),
        }
    }

    fn take<T>(&mut self, name: &'static str, what: Said, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        self.names.push(name);
        let value = self.given.remove(name)?;
        if value.is_null() {
            return None;
        }
        let found = read(&value);
        if found.is_none() {
            self.wrong.push(says::knob_takes(name, what, value));
        }
        found
    }

    /// A number, 0 or more.
    pub(super) fn number(&mut self, name: &'static str) -> Option<f64> {
        self.take(name, says::a_number_from_zero(), |value| {
            let number = match value {
                // YAML 1.1 reads `1e-7` as text
                Value::String(text) => text.trim().parse().ok(),
                value => value.as_f64(),
            };
            number.filter(|n| n.is_finite() && *n >= 0.0)
        })
    }

    pub(super) fn count(&mut self, name: &'static str) -> Option<u64> {
        self.take(name, says::a_count(), Value::as_u64)
    }

    pub(super) fn choice<T: Copy>(&mut self, name: &'static str, choices: &[(&str, T)]) -> T {
        let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
        let find = |value: &Value| Some(choices.iter().find(|(name, _)| Some(*name) == value.as_str())?.1);
        self.take(name, says::one_of(names.join(", ")), find)
            .unwrap_or(choices[0].1)
    }

    /// Whether there are any under this choice.
    pub(super) fn has_names(&self) -> bool {
        !self.names.is_empty()
    }

    /// Something that the values together do not allow; `example` is a map that is right.
    pub(super) fn refuse(&mut self, why: Said, example: &str) {
        self.wrong.push(why);
        self.example = example.into();
    }

    /// Tells `rules` of all that is wrong under `key`, which belongs to `owner`.
    pub(super) fn close(mut self, rules: &mut Rules, key: &str, owner: &str) {
        let names = self.names.join(", ");
        if let Some(name) = self.given.keys().next() {
            self.wrong.push(match names.is_empty() {
                true => says::no_knobs(owner, name),
                false => says::no_such_knob(owner, name, &names),
            });
        }
        if let Some(all) = self.wrong.into_iter().reduce(says::and_also) {
            let error = FieldError::new(key, "knobs", all);
            rules.errors.push(error.with_args([names, self.example]));
        }
    }
}
