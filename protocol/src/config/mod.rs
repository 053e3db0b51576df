//! The run config: what was asked ([`RunConfig`]), what will be done ([`RunSpec`]), and the rules between them.

mod board_settings;
mod complete;
mod field;
mod foreign;
mod home;
mod keys;
mod matters;
mod names;
mod parse;
mod renamed;
mod resolve;
mod source;
mod spec;
mod strict;
mod words;

pub use field::Json;
pub use foreign::{Foreign, ForeignKey, NOT_BUILT, PYTHON_ONLY, foreign};
pub use home::expand as expand_home;
pub use keys::{KEYS, Key, Kind, RunConfig};
pub use matters::{idle, matters};
pub use names::names;
pub use parse::Parsed;
pub use resolve::{Check, TEMPLATES, check};
pub use spec::*;
pub use words::file_and_overrides;

use serde::{Deserialize, Serialize};

/// One thing wrong with a run config: the key, a stable code for programs and translations, a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[error("{field}: {message}")]
pub struct FieldError {
    /// The key; empty when it is about the whole file.
    pub field: String,
    pub code: String,
    pub message: String,
    /// What a translation of the code needs: bounds, choices, other keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
}

impl FieldError {
    pub fn new(field: &str, code: &str, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            code: code.into(),
            message: message.into(),
            args: vec![],
        }
    }
    pub fn with_args(mut self, args: impl IntoIterator<Item = String>) -> Self {
        self.args = args.into_iter().collect();
        self
    }
}
