//! What is wrong with a draft, as far as it can be found without the server.

use super::Draft;
use super::keys::is_server_set;
use protocol::config::{FieldError, Key, Notes, check};
use protocol::{RunConfig, says};
use serde_json::Value;

impl Draft {
    /// All errors that can be found without the server.
    pub fn errors(&self, config: &RunConfig) -> Vec<FieldError> {
        let notes = Notes::of(config);
        let shown = |key: &&str| notes.counts(key);
        let typed = self.typed.iter().filter(|(key, _)| shown(&key.as_str()));
        let mut errors: Vec<_> = typed
            .map(|(key, text)| match text.as_str() {
                "" => FieldError::new(key, "required", says::must_be_set()),
                text => {
                    let takes = RunConfig::default().set(key, &Value::String(text.into())).err();
                    let error = FieldError::new(key, "type", says::takes(takes.unwrap_or_default(), text));
                    error.with_args(least(key))
                }
            })
            .collect();
        errors.extend(self.several_errors(&notes));
        let known: Vec<String> = errors.iter().map(|error| error.field.clone()).collect();
        let found = check(config).spec.err().unwrap_or_default();
        // what is missing may be what the server sets
        let later = |error: &FieldError| error.code == "required" && is_server_set(&error.field);
        errors.extend(
            found
                .into_iter()
                .filter(|error| !known.contains(&error.field) && !later(error)),
        );
        errors
    }
}

/// The error with the least value of its key as an argument, where that is above 0.
pub fn with_least(error: FieldError) -> FieldError {
    if error.code != "type" || !error.args.is_empty() {
        return error;
    }
    let least = least(&error.field);
    error.with_args(least)
}

/// The least value that `key` may have, where there is one above 0.
fn least(key: &str) -> Option<String> {
    let least = Key::named(key)?.range().least?;
    (least > 0.0).then(|| least.to_string())
}
