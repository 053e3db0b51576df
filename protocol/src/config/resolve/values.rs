//! One value at a time: its default, its bounds, its error.

use super::Rules;
use crate::config::{FieldError, names};
use crate::{Said, says};

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

    pub(super) fn required(&mut self, field: &str, value: &Option<String>) -> String {
        text(value).unwrap_or_else(|| {
            self.error(field, "required", says::must_be_set());
            String::new()
        })
    }

    pub(super) fn choice<T: Copy>(
        &mut self,
        field: &str,
        value: &Option<String>,
        default: &str,
        choices: &[(&str, T)],
    ) -> T {
        let value = text(value).unwrap_or_else(|| default.to_owned());
        if let Some((_, t)) = choices.iter().find(|(name, _)| *name == value) {
            return *t;
        }
        let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
        let message = says::not_one_of(value, names.join(", "));
        self.errors
            .push(FieldError::new(field, "choice", message).with_args([names.join(", ")]));
        choices[0].1
    }

    pub(super) fn count(&mut self, field: &str, value: Option<u64>, default: usize, least: u64) -> usize {
        match value {
            Some(n) if n < least => {
                self.bound(field, "min", says::at_least(least), &least.to_string());
                default
            }
            Some(n) => n as usize,
            None => default,
        }
    }

    pub(super) fn at_least(&mut self, field: &str, value: Option<f64>, default: f64, least: f64) -> f64 {
        let value = value.unwrap_or(default);
        if !value.is_finite() || value < least {
            self.bound(field, "min", says::at_least(least), &least.to_string());
        }
        value
    }

    pub(super) fn above(&mut self, field: &str, value: Option<f64>, default: f64) -> f64 {
        let value = value.unwrap_or(default);
        if !value.is_finite() || value <= 0.0 {
            self.bound(field, "above", says::above_zero(), "0");
        }
        value
    }

    pub(super) fn within(&mut self, field: &str, value: Option<f64>, default: f64, least: f64, most: f64) -> f64 {
        let value = value.unwrap_or(default);
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
