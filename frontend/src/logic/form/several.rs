//! The draft of a sweep: keys of the form that have several values.

use super::Draft;
use crate::logic::number::{narrow, plain_number};
use protocol::config::{FieldError, Key, Notes, ValueType};
use protocol::sweep::{Method, Parameter, Values, written};
use protocol::{RunConfig, says};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How the values are searched, as it is typed and chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SearchDraft {
    pub method: Method,
    pub cap: String,
    /// The metric that runs are compared by; empty for the default of the training method.
    pub metric: String,
    pub early: bool,
}

impl Default for SearchDraft {
    fn default() -> Self {
        Self {
            method: Method::Grid,
            cap: "20".into(),
            metric: String::new(),
            early: false,
        }
    }
}

impl Draft {
    /// What was typed for a key that is to have several values.
    pub fn several(&self, key: &str) -> Option<&str> {
        self.several.get(key).map(String::as_str)
    }

    /// Whether any key that counts has several values. The form shows no field for a key that does not count, so it is not swept.
    pub fn sweeps(&self, notes: &Notes) -> bool {
        self.several.keys().any(|key| notes.counts(key))
    }

    /// Takes what was typed as several values of a key, valid or not.
    pub fn type_several(&mut self, key: &str, text: &str) {
        self.typed.remove(key);
        self.several.insert(key.into(), text.into());
    }

    /// Returns a key to one value: the first of several.
    pub fn one_value(&mut self, key: &str) {
        let first = self.first_of(key);
        self.several.remove(key);
        if let Some(value) = first {
            self.set.insert(key.into(), value);
        }
    }

    /// Takes what was typed for a key if it is several values. Returns whether it is.
    pub(super) fn takes_several(&mut self, key: &str, text: &str) -> bool {
        // a text may have commas or bars, as a template has: it is several values only where these were asked for
        let asked =
            |key: &Key| matches!(key.kind, ValueType::Count | ValueType::Number) || self.several.contains_key(key.name);
        // `2,5` may mean 2.5, and `1,000` is ambiguous
        let digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
        let one = plain_number(text).parse::<f64>().is_ok()
            || text.split_once(',').is_some_and(|(a, b)| digits(a) && digits(b));
        let several = !one && Key::named(key).is_some_and(|key| asked(key) && values_of(key, text).is_some());
        match several {
            true => self.type_several(key, text),
            false => drop(self.several.remove(key)),
        }
        several
    }

    /// The first of a key's several values.
    fn first_of(&self, key: &str) -> Option<Value> {
        let (known, text) = (Key::named(key)?, self.several.get(key)?);
        values_of(known, text)?.ok()?.ends(known).into_iter().next()
    }

    /// Sets each key with several values to the first of them in a config, for which the rest of the form is shown.
    pub(super) fn put_firsts(&self, config: &mut RunConfig) {
        for key in self.several.keys() {
            if let Some(value) = self.first_of(key) {
                let _ = config.set(key, &value);
            }
        }
    }

    /// The keys that have several values and count under the config, as parameters of a sweep.
    pub fn parameters(&self, notes: &Notes) -> Vec<Parameter> {
        let known = self.several.iter().filter(|(key, _)| notes.counts(key));
        known
            .filter_map(|(key, text)| {
                Some(Parameter {
                    key: key.clone(),
                    values: values_of(Key::named(key)?, text)?.ok()?,
                })
            })
            .collect()
    }

    /// The errors in what was typed as several values.
    pub fn several_errors(&self, notes: &Notes) -> Vec<FieldError> {
        let known = self.several.iter().filter(|(key, _)| notes.counts(key));
        known
            .filter_map(|(key, text)| {
                let read = values_of(Key::named(key)?, text).unwrap_or_else(|| Err(says::sweep_no_values()));
                read.err().map(|said| FieldError::new(key, "sweep_values", said))
            })
            .collect()
    }

    /// The labels of a key's values, a chip each; a continuous range is one chip.
    pub fn chips(&self, key: &str) -> Vec<String> {
        let read = || {
            let (known, text) = (Key::named(key)?, self.several.get(key)?);
            let values = values_of(known, text)?.ok()?;
            Some(match values.all(known) {
                Some(all) => all.iter().map(written).collect(),
                None => vec![values.text(known)],
            })
        };
        read().unwrap_or_default()
    }
}

/// Parses what was typed. Numbers and the signs between them may be full-width.
fn values_of(key: &Key, text: &str) -> Option<Result<Values, protocol::Said>> {
    match key.kind {
        ValueType::Count | ValueType::Number => Values::typed(key, &text.chars().map(narrow).collect::<String>()),
        _ => Values::typed(key, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::method::{MethodId, Scale};

    const SCALE: Scale = Scale {
        rows: None,
        params: None,
    };

    #[test]
    fn what_is_typed_as_a_list_is_a_sweep_of_that_key() {
        let mut draft = Draft::new(MethodId::Simpo);
        let defaults = draft.defaults(SCALE);
        draft.type_in("pref_beta", "1, 2, 3", &defaults);
        draft.type_in("learning_rate", "log 1e-6..1e-4", &defaults);
        let config = draft.config(SCALE);
        let notes = Notes::of(&config);
        assert_eq!(
            (draft.typed("pref_beta"), draft.sweeps(&notes)),
            (Some("1, 2, 3"), true)
        );
        // the rest of the form is about the first
        assert_eq!((config.pref_beta, config.learning_rate), (Some(1.0), Some(1e-6)));
        assert_eq!(draft.parameters(&notes).len(), 2);
        assert_eq!(
            (draft.chips("pref_beta").len(), draft.chips("learning_rate").len()),
            (3, 1)
        );
        draft.type_in("pref_beta", "1, x", &defaults);
        let errors = draft.errors(&config);
        assert!(
            errors
                .iter()
                .any(|error| error.field == "pref_beta" && error.code == "sweep_values"),
            "{errors:?}"
        );
        draft.type_in("pref_beta", "4", &defaults);
        draft.one_value("learning_rate");
        assert!(!draft.sweeps(&notes));
        assert_eq!(draft.config(SCALE).learning_rate, Some(1e-6));
    }

    #[test]
    fn several_values_of_a_key_without_a_meaning_are_no_sweep() {
        let mut draft = Draft::new(MethodId::Simpo);
        let defaults = draft.defaults(SCALE);
        draft.type_in("pref_beta", "1, 2, 3", &defaults);
        draft.pick(MethodId::Sft, &defaults);
        assert!(!draft.sweeps(&Notes::of(&draft.config(SCALE))));
    }

    #[test]
    fn what_is_put_stands_in_the_place_of_several() {
        let mut draft = Draft::new(MethodId::Simpo);
        let defaults = draft.defaults(SCALE);
        draft.type_in("pref_beta", "1, 2, 3", &defaults);
        draft.put("pref_beta", 5.0);
        assert_eq!(
            (draft.several("pref_beta"), draft.config(SCALE).pref_beta),
            (None, Some(5.0))
        );
    }
}
