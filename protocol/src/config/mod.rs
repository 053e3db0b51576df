//! The run config: what was asked ([`RunConfig`]), what will be done ([`RunSpec`]), and the rules between them.

mod board_settings;
mod complete;
mod differing;
mod field;
mod foreign;
mod given;
mod home;
mod keys;
mod matters;
mod names;
mod parse;
mod reference;
mod released;
mod renamed;
mod resolve;
mod source;
mod spec;
mod strict;
mod words;

pub use differing::{differing, same};
pub use field::Json;
pub use foreign::{Foreign, ForeignKey, NOT_BUILT, PYTHON_ONLY, foreign, nearest};
pub use given::{Before, Given, given, given_twice, meaning};
pub use home::{Unexpanded, at_home, expand as expand_home};
pub use keys::{Choices, Group, KEYS, Key, OnResume, Place, Plain, Range, RunConfig, ShownWith, ValueType, Whose, key};
pub use matters::{idle, matters};
pub use names::names;
pub use parse::{Parsed, keys_of_file};
pub use reference::{Condition, Described, KeyDefault, Test, reference, schema};
pub use released::{template_for, template_of};
pub(crate) use resolve::not_built;
pub use resolve::{
    Check, NoTemplate, Note, Notes, TEMPLATES, TOOL_FORMATS, TemplateSource, WITHOUT_END, check, check_placed,
    no_template, packed, rope, sampling, tells_mlflow, tells_trackio, wording, workload,
};
pub use spec::*;
pub use words::file_and_overrides;

use crate::said::Lang;
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
    pub fn new(field: &str, code: &str, said: Said) -> Self {
        let message = match opens_with(field, &said) {
            true => without_key(field, &said.message).unwrap_or(&said.message),
            false => &said.message,
        };
        Self {
            field: field.into(),
            code: code.into(),
            message: message.to_owned(),
            args: vec![],
            // one that no other language has says no more than the message
            said: Box::new(if said.code.is_empty() { Said::default() } else { said }),
        }
    }

    /// The sentence alone, for where the key stands beside it.
    pub fn in_lang(&self, lang: Lang) -> String {
        self.worded(self.said.in_lang(lang))
    }

    /// The same, of the sentence as it was said in some language.
    pub fn worded(&self, sentence: String) -> String {
        if self.said.is_empty() {
            return self.message.clone();
        }
        match without_key(&self.field, &sentence) {
            Some(rest) if opens_with(&self.field, &self.said) => rest.to_owned(),
            _ => sentence,
        }
    }

    /// The sentence with its code, where it has one.
    pub fn sentence(&self) -> Said {
        match self.said.is_empty() {
            true => Said::plain(&self.message),
            false => (*self.said).clone(),
        }
    }

    /// The sentence behind the key.
    pub fn whole(&self) -> Said {
        let said = self.sentence();
        match self.field.is_empty() || opens_with(&self.field, &said) {
            true => said,
            false => says::file(&self.field, said),
        }
    }

    pub fn with_args(mut self, args: impl IntoIterator<Item = String>) -> Self {
        self.args = args.into_iter().collect();
        self
    }
}

/// A sentence behind the key that it opens with.
fn without_key<'a>(key: &str, sentence: &'a str) -> Option<&'a str> {
    let rest = sentence.strip_prefix(key).filter(|_| !key.is_empty())?;
    rest.strip_prefix(": ").or_else(|| rest.strip_prefix('：'))
}

/// Whether a sentence has its key in front already. If it does in English, so it does in every language: a test of the tables
/// holds them to it.
fn opens_with(key: &str, said: &Said) -> bool {
    without_key(key, &said.message).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_says_its_key_once_in_every_language() {
        let with_key = says::cuda_unavailable(says::no_cuda_driver());
        for lang in [Lang::En, Lang::Ja, Lang::Zh] {
            let error = FieldError::new("device", "no_device", with_key.clone());
            assert_eq!(error.whole(), with_key);
            let alone = error.in_lang(lang);
            assert!(!alone.is_empty() && !alone.contains("device:"), "{alone}");
            // another key, and a sentence without one
            let error = FieldError::new("stage", "no_device", with_key.clone());
            assert_eq!(error.in_lang(lang), with_key.in_lang(lang));
            let error = FieldError::new("device", "min", says::at_least(1));
            assert_eq!(error.in_lang(lang), says::at_least(1).in_lang(lang));
            assert!(error.whole().in_lang(lang).starts_with("device"));
        }
        let error = FieldError::new("device", "no_device", with_key.clone());
        assert_eq!(error.to_string(), with_key.message);
    }
}
