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
pub use home::{Unexpanded, expand as expand_home};
pub use keys::{KEYS, Key, Kind, RunConfig};
pub use matters::{idle, matters};
pub use names::names;
pub use parse::Parsed;
pub use resolve::{Check, NoTemplate, TEMPLATES, TOOL_FORMATS, WITHOUT_END, check, no_template, packed, wording};
pub use spec::*;
pub use words::file_and_overrides;

use crate::{Said, says};
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
    /// What belongs to the code, for programs: bounds, choices, other keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// The sentence with its own code, for other languages.
    #[serde(default, skip_serializing_if = "Said::is_empty")]
    pub said: Box<Said>,
}

impl FieldError {
    pub fn new(field: &str, code: &str, said: impl Into<Said>) -> Self {
        let said = said.into();
        Self {
            field: field.into(),
            code: code.into(),
            message: said.message.clone(),
            args: vec![],
            // one that no other language has says no more than the message
            said: Box::new(if said.code.is_empty() { Said::default() } else { said }),
        }
    }

    /// The sentence behind the key.
    pub fn whole(&self) -> Said {
        let said = match self.said.is_empty() {
            true => self.message.clone().into(),
            false => (*self.said).clone(),
        };
        match self.field.is_empty() {
            true => said,
            false => says::file(&self.field, said),
        }
    }
    pub fn with_args(mut self, args: impl IntoIterator<Item = String>) -> Self {
        self.args = args.into_iter().collect();
        self
    }
}
