//! Arguments of sentences: names and numbers, or other sentences.

use super::{Lang, Said};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// One argument of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Arg {
    /// A name, a number, a path, the output of another program: the same in every language.
    Text(String),
    /// A sentence, translated together with the one around it.
    Said(Box<Said>),
}

impl Arg {
    /// As text; a sentence in English.
    pub fn english(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Said(said) => said.message.clone(),
        }
    }

    pub fn in_lang(&self, lang: Lang) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Said(said) => said.in_lang(lang),
        }
    }

    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Said(said) => said.is_empty(),
        }
    }
}

impl From<Said> for Arg {
    /// A sentence without a code has no translations and becomes a text.
    fn from(said: Said) -> Self {
        match said.code.is_empty() {
            true => Self::Text(said.message),
            false => Self::Said(Box::new(said)),
        }
    }
}

impl From<&Said> for Arg {
    fn from(said: &Said) -> Self {
        said.clone().into()
    }
}

impl From<&Path> for Arg {
    fn from(path: &Path) -> Self {
        Self::Text(path.display().to_string())
    }
}

impl From<&PathBuf> for Arg {
    fn from(path: &PathBuf) -> Self {
        path.as_path().into()
    }
}

/// Conversions from types that implement `Display`.
macro_rules! texts {
    ($($kind:ty),*) => {
        $(impl From<$kind> for Arg {
            fn from(value: $kind) -> Self {
                Self::Text(value.to_string())
            }
        })*
    };
}

texts!(
    &str,
    &&str,
    &usize,
    &u64,
    &f64,
    String,
    &String,
    std::borrow::Cow<'_, str>,
    std::fmt::Arguments<'_>,
    std::path::Display<'_>,
    std::io::Error,
    &std::io::Error,
    serde_json::Error,
    &serde_json::Error,
    serde_json::Value,
    &serde_json::Value,
    bool,
    char,
    u8,
    u16,
    u32,
    u64,
    usize,
    i32,
    i64,
    f32,
    f64
);

impl PartialEq<str> for Arg {
    fn eq(&self, other: &str) -> bool {
        matches!(self, Self::Text(text) if text == other)
    }
}

impl PartialEq<&str> for Arg {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl PartialEq<String> for Arg {
    fn eq(&self, other: &String) -> bool {
        *self == **other
    }
}
