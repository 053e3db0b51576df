//! One value at a time: what its row says of it, and the error where it is something else.

use super::Rules;
use crate::config::FieldError;
use crate::config::field::Field;
use crate::config::keys::{OneOf, Range, TypedKey};
use crate::config::names;
use crate::{Said, says};
use serde_json::Value;

impl Rules<'_> {
    pub(super) fn error(&mut self, field: &str, code: &str, message: Said) {
        self.errors.push(FieldError::new(field, code, message));
    }

    /// `field` does not go with what `other` says.
    pub(super) fn excludes(&mut self, field: &str, other: &str, message: Said) {
        let error = FieldError::new(field, "conflict", message);
        self.errors.push(error.with_args([other.to_owned()]));
    }

    /// `field` asks for a line that is not there.
    pub(super) fn needs(&mut self, field: &str, line: &str, message: Said) {
        let error = FieldError::new(field, "needs", message);
        self.errors.push(error.with_args([line.to_owned()]));
    }

    /// `field` means something under some `names` only: `code` says of what.
    pub(super) fn belongs(&mut self, field: &str, code: &str, names: &[&str], message: Said) {
        let error = FieldError::new(field, code, message);
        self.errors.push(error.with_args([names.join(", ")]));
    }

    /// The value of a key, or its default, in its range or not; `None` for one left out that has none.
    pub(super) fn value<T: Field, C: OneOf>(&mut self, key: TypedKey<T, C>) -> Option<T> {
        self.counts(key);
        let given = key.given(self.c);
        if let Some(default) = key.default_value(self.c) {
            let taken = given.is_none() && key.is_written_out();
            self.note_default(key.row.name, default, taken);
        }
        given.or_else(|| key.default_in(self.c))
    }

    /// The same, in its range, or one of its names.
    pub(in crate::config) fn optional<T: Field, C: OneOf>(&mut self, key: TypedKey<T, C>) -> Option<T> {
        let value = self.value(key);
        if let Some(number) = value.as_ref().and_then(Field::number) {
            self.hold(key.row.name, number, key.row.range);
        }
        let written = value.as_ref().map(Field::write);
        if let Some(text) = written.as_ref().and_then(Value::as_str) {
            self.hold_name::<C>(key.row.name, text);
        }
        value
    }

    /// The value of a key that has a default.
    pub(in crate::config) fn plain<T: Field + Default, C: OneOf>(&mut self, key: TypedKey<T, C>) -> T {
        self.optional(key).unwrap_or_default()
    }

    pub(super) fn flag(&mut self, key: TypedKey<bool>) -> bool {
        self.plain(key)
    }

    pub(super) fn number(&mut self, key: TypedKey<f64>) -> f64 {
        self.plain(key)
    }

    pub(super) fn count(&mut self, key: TypedKey<u64>) -> usize {
        self.plain(key) as usize
    }

    /// A text that says something.
    pub(super) fn text(&mut self, key: TypedKey<String>) -> Option<String> {
        self.value(key)
    }

    /// A comma-separated list.
    pub(super) fn list(&mut self, key: TypedKey<String>) -> Vec<String> {
        list(&self.value(key))
    }

    pub(super) fn required(&mut self, key: TypedKey<String>) -> String {
        self.text(key).unwrap_or_else(|| {
            self.error(key.row.name, "required", says::must_be_set());
            String::new()
        })
    }

    /// What one of the names of `C` means.
    pub(super) fn choice<C: OneOf>(&mut self, key: TypedKey<String, C>) -> C::Means {
        let value = self.value(key).unwrap_or_default();
        self.hold_name::<C>(key.row.name, &value);
        key.chosen(self.c)
    }

    /// Refuses a text that is none of the names of `C`.
    fn hold_name<C: OneOf>(&mut self, field: &str, text: &str) {
        if !C::is_known(text) {
            let names: Vec<_> = C::NAMES.iter().map(|(name, _)| *name).collect();
            let message = says::not_one_of(text, names.join(", "));
            self.belongs(field, "choice", &names, message);
        }
    }

    /// Refuses a number outside of its range.
    fn hold(&mut self, field: &str, value: f64, range: Range) {
        if range.holds(value) {
            return;
        }
        match range {
            Range { whole: true, .. } if value.fract() != 0.0 => {
                self.error(field, "type", says::a_whole_number());
            }
            Range {
                least: Some(least),
                most: Some(most),
                ..
            } => {
                let error = FieldError::new(field, "range", says::between(least, most));
                self.errors.push(error.with_args([least.to_string(), most.to_string()]));
            }
            Range { least: Some(least), .. } => self.below(field, least),
            Range { above: Some(_), .. } => {
                let error = FieldError::new(field, "above", says::above_zero());
                self.errors.push(error.with_args(["0".to_owned()]));
            }
            _ => {}
        }
    }

    /// `field` is less than the least there is.
    pub(super) fn below(&mut self, field: &str, least: f64) {
        let error = FieldError::new(field, "min", says::at_least(least));
        self.errors.push(error.with_args([least.to_string()]));
    }
}

/// A text that says something.
pub(super) fn text(value: &Option<String>) -> Option<String> {
    value.as_ref()?.said()
}

/// A comma-separated list.
pub(super) fn list(value: &Option<String>) -> Vec<String> {
    names(value.as_deref()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RunConfig;
    use crate::config::keys::key;

    #[test]
    fn what_a_row_says_of_its_values_needs_no_rule() {
        for (text, code) in [
            ("save_strategy: often", "choice"),
            ("pissa_iter: 2.5", "type"),
            ("pissa_iter: -2", "range"),
        ] {
            let config = RunConfig::parse(text).config;
            let mut rules = Rules::of(&config);
            rules.plain(key::save_strategy);
            rules.plain(key::pissa_iter);
            let codes: Vec<&str> = rules.errors.iter().map(|error| error.code.as_str()).collect();
            assert_eq!(codes, [code], "{text}");
        }
    }
}
