//! What a value may be at most, whatever else is asked for.

use super::Rules;
use crate::config::FieldError;
use crate::{RunConfig, says};

impl Rules<'_> {
    /// Refuses numbers that are too large, and whatever the reader of a file would not read.
    pub(super) fn limits(&mut self) {
        for (key, value) in self.c.entries() {
            if let Err(takes) = RunConfig::default().set(key.name, &value) {
                self.error(key.name, "type", says::takes(takes, &value));
                continue;
            }
            let Some(most) = key.bound() else { continue };
            if value.as_f64().is_some_and(|x| x.abs() > most) {
                let most = readable(most);
                let error = FieldError::new(key.name, "max", says::above_most(&most));
                self.errors.push(error.with_args([most]));
            }
        }
    }
}

/// A bound as a person reads it: no row of forty digits.
fn readable(most: f64) -> String {
    match most < 1e16 {
        true => most.to_string(),
        false => format!("{most:.1e}"),
    }
}

#[cfg(test)]
mod tests {
    use crate::RunConfig;

    #[test]
    fn bounds_are_written_as_they_are_read() {
        for (line, most) in [
            ("learning_rate: 1e39", "3.4e38"),
            ("max_steps: 1e13", "1000000000000"),
            ("lora_alpha: 1e10", "1000000000"),
            ("cutoff_len: 16777217", "16777216"),
        ] {
            let config = RunConfig::parse(line).config;
            let errors = crate::config::check(&config).spec.unwrap_err();
            let told = errors.iter().find(|error| error.code == "max");
            let told = told.unwrap_or_else(|| panic!("{line}: {errors:?}"));
            assert_eq!(told.args, [most], "{line}");
            assert!(told.message.contains(most), "{}", told.message);
        }
    }
}
