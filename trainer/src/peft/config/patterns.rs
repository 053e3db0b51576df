//! Values by names and regular expressions, in the order of the file, as PEFT matches them.

use protocol::{Said, says};
use regex::Regex;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::marker::PhantomData;

/// Names or regular expressions and a value for each, in the order of the file: the first that matches counts.
#[derive(Debug)]
pub struct Patterns<T>(pub(super) Vec<(String, T)>);

impl<T> Default for Patterns<T> {
    fn default() -> Self {
        Self(vec![])
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patterns<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct InOrder<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for InOrder<T> {
            type Value = Patterns<T>;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("an object of module names and numbers")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut list = vec![];
                while let Some(entry) = map.next_entry()? {
                    list.push(entry);
                }
                Ok(Patterns(list))
            }
        }
        from.deserialize_map(InOrder(PhantomData))
    }
}

impl<T: Copy> Patterns<T> {
    /// Ready to match: a key is a module's path or the end of one, read as a regular expression.
    pub(super) fn compiled(&self, field: &str) -> Result<Vec<(Regex, T)>, Said> {
        let compile = |(key, value): &(String, T)| {
            let regex = Regex::new(&format!("^(?:.*\\.)?(?:{key})$"));
            let regex = regex.map_err(|_| says::bad_regex(field, key))?;
            Ok((regex, *value))
        };
        self.0.iter().map(compile).collect()
    }
}

/// A list of module names, or one regular expression over whole paths.
#[derive(Debug, serde::Deserialize)]
#[serde(untagged)]
pub(super) enum Listed {
    Pattern(String),
    List(Vec<String>),
}

#[derive(Debug, serde::Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    pub(super) fn list(self) -> Vec<T> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}
