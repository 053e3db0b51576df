//! One value at a time: its default, its bounds, its error.

use super::Rules;
use super::notes::Range;
use crate::config::{FieldError, names};
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

    /// Off unless it is set.
    pub(super) fn flag(&mut self, field: &'static str, value: Option<bool>) -> bool {
        self.counts(field);
        self.note_usual(field, false);
        value.unwrap_or(false)
    }

    /// A text that says something.
    pub(super) fn text(&mut self, field: &'static str, value: &Option<String>) -> Option<String> {
        self.counts(field);
        text(value)
    }

    /// A comma-separated list.
    pub(super) fn list(&mut self, field: &'static str, value: &Option<String>) -> Vec<String> {
        self.counts(field);
        self.note_list(field);
        list(value)
    }

    /// The value, or the default, which is then written out with all others.
    pub(super) fn or_default<T: Clone + Into<Value>>(
        &mut self,
        field: &'static str,
        value: Option<T>,
        default: T,
    ) -> T {
        self.counts(field);
        self.note_default(field, default.clone(), value.is_none());
        value.unwrap_or(default)
    }

    /// A text that names something, or the default.
    pub(super) fn text_or_default(&mut self, field: &'static str, value: &Option<String>, default: &str) -> String {
        self.or_default(field, text(value), default.to_owned())
    }

    /// A number from `least` on, which is 0 where it is left out: that it is off is not written out.
    pub(super) fn zero_if_unset(&mut self, field: &'static str, value: Option<f64>, least: f64) -> f64 {
        self.counts(field);
        self.note_usual(field, 0);
        self.note_range(field, Range::from(least));
        value.map_or(0.0, |value| self.given_at_least(field, value, least))
    }

    pub(super) fn given_at_least(&mut self, field: &'static str, value: f64, least: f64) -> f64 {
        self.note_range(field, Range::from(least));
        if !value.is_finite() || value < least {
            self.bound(field, "min", says::at_least(least), &least.to_string());
        }
        value
    }

    pub(super) fn required(&mut self, field: &'static str, value: &Option<String>) -> String {
        self.text(field, value).unwrap_or_else(|| {
            self.error(field, "required", says::must_be_set());
            String::new()
        })
    }

    pub(super) fn choice<T: Copy>(
        &mut self,
        field: &'static str,
        value: &Option<String>,
        default: &str,
        choices: &[(&'static str, T)],
    ) -> T {
        let value = self.text_or_default(field, value, default);
        self.one_of(field, &value, choices)
    }

    /// One of the choices, the first of which is what is done anyway: it is not written out.
    pub(super) fn choice_or_first<T: Copy>(
        &mut self,
        field: &'static str,
        value: &Option<String>,
        choices: &[(&'static str, T)],
    ) -> T {
        self.note_usual(field, choices[0].0);
        let value = self.text(field, value).unwrap_or_else(|| choices[0].0.to_owned());
        self.one_of(field, &value, choices)
    }

    pub(super) fn one_of<T: Copy>(&mut self, field: &'static str, value: &str, choices: &[(&'static str, T)]) -> T {
        self.note_names(field, choices.iter().map(|(name, _)| *name));
        if let Some((_, t)) = choices.iter().find(|(name, _)| *name == value) {
            return *t;
        }
        let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
        let message = says::not_one_of(value, names.join(", "));
        self.errors
            .push(FieldError::new(field, "choice", message).with_args([names.join(", ")]));
        choices[0].1
    }

    pub(super) fn count(&mut self, field: &'static str, value: Option<u64>, default: usize, least: u64) -> usize {
        self.note_range(field, Range::from(least as f64));
        match self.or_default(field, value, default as u64) {
            n if n < least => {
                self.bound(field, "min", says::at_least(least), &least.to_string());
                default
            }
            n => n as usize,
        }
    }

    /// A count that may be left out.
    pub(super) fn count_if_given(&mut self, field: &'static str, value: Option<u64>, least: u64) -> Option<usize> {
        self.counts(field);
        self.note_range(field, Range::from(least as f64));
        let n = value?;
        if n < least {
            self.bound(field, "min", says::at_least(least), &least.to_string());
        }
        Some(n.max(least) as usize)
    }

    pub(super) fn at_least(&mut self, field: &'static str, value: Option<f64>, default: f64, least: f64) -> f64 {
        let value = self.or_default(field, value, default);
        self.given_at_least(field, value, least)
    }

    pub(super) fn above(&mut self, field: &'static str, value: Option<f64>, default: f64) -> f64 {
        let value = self.or_default(field, value, default);
        self.given_above(field, value)
    }

    pub(super) fn given_above(&mut self, field: &'static str, value: f64) -> f64 {
        self.note_range(field, Range::above(0.0));
        if !value.is_finite() || value <= 0.0 {
            self.bound(field, "above", says::above_zero(), "0");
        }
        value
    }

    pub(super) fn within(
        &mut self,
        field: &'static str,
        value: Option<f64>,
        default: f64,
        least: f64,
        most: f64,
    ) -> f64 {
        let value = self.or_default(field, value, default);
        self.given_within(field, value, least, most)
    }

    /// Refuses a value outside of `least` and `most`.
    pub(super) fn given_within(&mut self, field: &'static str, value: f64, least: f64, most: f64) -> f64 {
        self.note_range(field, Range::within(least, most));
        if !(least..=most).contains(&value) {
            let message = says::between(least, most);
            self.errors
                .push(FieldError::new(field, "range", message).with_args([least.to_string(), most.to_string()]));
        }
        value
    }

    fn bound(&mut self, field: &str, code: &str, message: Said, arg: &str) {
        self.errors
            .push(FieldError::new(field, code, message).with_args([arg.to_owned()]));
    }
}

/// A text that says something.
pub(super) fn text(value: &Option<String>) -> Option<String> {
    value
        .as_deref()
        .map(str::trim)
        .filter(|s| !s.is_empty())
        .map(str::to_owned)
}

/// A comma-separated list.
pub(super) fn list(value: &Option<String>) -> Vec<String> {
    names(value.as_deref()).map(str::to_owned).collect()
}
