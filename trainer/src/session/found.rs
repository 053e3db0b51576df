//! What a check of a run's files found: errors by the key to change.

use crate::data;
use crate::error::Error;
use protocol::FieldError;
use protocol::config::KEYS;

/// What a check of a run's files found.
#[derive(Debug, Default)]
pub struct Found {
    /// Why the run can't start, each with the key to change.
    pub errors: Vec<FieldError>,
    /// The first error that kept a file from being checked and may be gone when training reads it.
    pub kept_from: Option<Error>,
    /// Tokenized rows that the run will find in the cache, whether their data sets are there or not.
    pub tokens: data::CachedTokens,
}

impl Found {
    /// Keeps an error under the key to change.
    pub(super) fn note(&mut self, field: &str, error: Error) {
        match error.may_pass() {
            true => drop(self.kept_from.get_or_insert(error)),
            false => self.errors.push(refusal(field, &error)),
        }
    }
}

/// An error under the key it is about: the key that its message begins with, else `field`.
fn refusal(field: &str, error: &Error) -> FieldError {
    let said = error.said();
    let opened = said.message.split_once(": ");
    let field = match opened {
        Some((key, _)) if KEYS.iter().any(|known| known.name == key) => key.to_owned(),
        _ => field.to_owned(),
    };
    let refused = FieldError::new(&field, "unusable", said);
    let args = [refused.message.clone()];
    refused.with_args(args)
}
