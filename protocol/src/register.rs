//! Duplicate entries and keys in a `dataset_info.json`. JSON's readers silently keep the last one, though nobody can tell which
//! is meant.

use crate::{Said, says};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// An entry, or a key within one, that occurs more than once in a register.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duplicate {
    pub entry: String,
    /// The repeated key; `None`: the entry itself is repeated.
    pub key: Option<String>,
}

impl Duplicate {
    pub fn said(&self) -> Said {
        match &self.key {
            None => says::entry_twice(&self.entry),
            Some(key) => says::key_of_entry_twice(&self.entry, key),
        }
    }
}

/// A `dataset_info.json`.
#[derive(Debug, Default, PartialEq)]
pub struct Register {
    /// By name; of duplicates, the last.
    pub entries: Map<String, Value>,
    pub duplicates: BTreeSet<Duplicate>,
}

/// Reads a register.
///
/// # Errors
/// The text is no JSON, or no object.
pub fn read(text: &[u8]) -> serde_json::Result<Register> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let register = reader.deserialize_map(Entries)?;
    reader.end()?;
    Ok(register)
}

/// The duplicates in a register, sorted; empty for a text that is no register.
pub fn duplicates(text: &[u8]) -> BTreeSet<Duplicate> {
    read(text).unwrap_or_default().duplicates
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Register;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("data sets by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Register, A::Error> {
        let mut register = Register::default();
        while let Some(entry) = map.next_key::<String>()? {
            let Parsed { value, duplicates } = map.next_value()?;
            register.duplicates.extend(duplicates.into_iter().map(|key| Duplicate {
                entry: entry.clone(),
                key: Some(key),
            }));
            if register.entries.insert(entry.clone(), value).is_some() {
                register.duplicates.insert(Duplicate { entry, key: None });
            }
        }
        Ok(register)
    }
}

/// A value, and the keys that are repeated in one of its objects, at any depth.
#[derive(Default)]
struct Parsed {
    value: Value,
    duplicates: BTreeSet<String>,
}

impl Parsed {
    fn plain(value: impl Into<Value>) -> Self {
        Self {
            value: value.into(),
            duplicates: BTreeSet::new(),
        }
    }
}

impl<'de> Deserialize<'de> for Parsed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(InValue)
    }
}

struct InValue;

impl<'de> Visitor<'de> for InValue {
    type Value = Parsed;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Parsed, E> {
        Ok(Parsed::default())
    }

    fn visit_bool<E>(self, value: bool) -> Result<Parsed, E> {
        Ok(Parsed::plain(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Parsed, E> {
        Ok(Parsed::plain(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Parsed, E> {
        Ok(Parsed::plain(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Parsed, E> {
        Ok(Parsed::plain(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Parsed, E> {
        Ok(Parsed::plain(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Parsed, A::Error> {
        let (mut list, mut duplicates) = (Vec::new(), BTreeSet::new());
        while let Some(held) = seq.next_element::<Parsed>()? {
            duplicates.extend(held.duplicates);
            list.push(held.value);
        }
        let value = Value::Array(list);
        Ok(Parsed { value, duplicates })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parsed, A::Error> {
        let (mut object, mut duplicates) = (Map::new(), BTreeSet::new());
        while let Some(key) = map.next_key::<String>()? {
            let held: Parsed = map.next_value()?;
            duplicates.extend(held.duplicates);
            if object.insert(key.clone(), held.value).is_some() {
                duplicates.insert(key);
            }
        }
        let value = Value::Object(object);
        Ok(Parsed { value, duplicates })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_and_keys_that_stand_twice_are_found() {
        for (text, want) in [
            (
                r#"{"a": {"file_name": "a.json"}, "b": {"file_name": "b.json", "n": [1, 2.5, -3, null]}}"#,
                &[][..],
            ),
            (
                r#"{"a": {"file_name": "a.json"}, "a": {"file_name": "b.json"}}"#,
                &[("a", None)],
            ),
            (
                r#"{"a": {"ranking": true, "ranking": false}}"#,
                &[("a", Some("ranking"))],
            ),
            (
                r#"{"a": {"columns": {"prompt": "q", "prompt": "r"}, "tags": {}}, "b": {}, "b": {}}"#,
                &[("a", Some("prompt")), ("b", None)],
            ),
            (
                r#"{"a": {"comparison": {"replies": ["x", {"n": 1, "n": 2}]}}}"#,
                &[("a", Some("n"))],
            ),
            ("[1]", &[]),
            (r#"{"a": {}, "a": {}"#, &[]),
        ] {
            let found: Vec<Duplicate> = duplicates(text.as_bytes()).into_iter().collect();
            let want = want.iter().map(|(entry, key): &(&str, Option<&str>)| Duplicate {
                entry: (*entry).to_owned(),
                key: key.map(str::to_owned),
            });
            assert_eq!(found, want.collect::<Vec<_>>(), "{text}");
            // what it holds is what JSON's own reader makes of it
            let plain = serde_json::from_str::<Map<String, Value>>(text).ok();
            assert_eq!(read(text.as_bytes()).ok().map(|read| read.entries), plain, "{text}");
        }
    }
}
