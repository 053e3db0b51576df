//! What stands twice in a `dataset_info.json`. JSON's readers keep the last of two without a word; which of them is meant
//! can't be told.

use crate::{Said, says};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// An entry, or a key inside of one, that stands in a register more than once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Twice {
    pub entry: String,
    /// The key; `None`: the entry itself.
    pub key: Option<String>,
}

impl Twice {
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
    /// The last of those that stand twice.
    pub entries: Map<String, Value>,
    pub twice: BTreeSet<Twice>,
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

/// What stands twice in a register, in order; nothing in a text that is none.
pub fn twice(text: &[u8]) -> BTreeSet<Twice> {
    read(text).unwrap_or_default().twice
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
            let Held { value, twice } = map.next_value()?;
            register.twice.extend(twice.into_iter().map(|key| Twice {
                entry: entry.clone(),
                key: Some(key),
            }));
            if register.entries.insert(entry.clone(), value).is_some() {
                register.twice.insert(Twice { entry, key: None });
            }
        }
        Ok(register)
    }
}

/// A value, and the keys that stand twice in one of its objects, however deep.
#[derive(Default)]
struct Held {
    value: Value,
    twice: BTreeSet<String>,
}

impl Held {
    fn plain(value: impl Into<Value>) -> Self {
        Self {
            value: value.into(),
            twice: BTreeSet::new(),
        }
    }
}

impl<'de> Deserialize<'de> for Held {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(InValue)
    }
}

struct InValue;

impl<'de> Visitor<'de> for InValue {
    type Value = Held;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Held, E> {
        Ok(Held::default())
    }

    fn visit_bool<E>(self, value: bool) -> Result<Held, E> {
        Ok(Held::plain(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Held, E> {
        Ok(Held::plain(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Held, E> {
        Ok(Held::plain(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Held, E> {
        Ok(Held::plain(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Held, E> {
        Ok(Held::plain(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Held, A::Error> {
        let (mut list, mut twice) = (Vec::new(), BTreeSet::new());
        while let Some(held) = seq.next_element::<Held>()? {
            twice.extend(held.twice);
            list.push(held.value);
        }
        let value = Value::Array(list);
        Ok(Held { value, twice })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Held, A::Error> {
        let (mut object, mut twice) = (Map::new(), BTreeSet::new());
        while let Some(key) = map.next_key::<String>()? {
            let held: Held = map.next_value()?;
            twice.extend(held.twice);
            if object.insert(key.clone(), held.value).is_some() {
                twice.insert(key);
            }
        }
        let value = Value::Object(object);
        Ok(Held { value, twice })
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
            let found: Vec<Twice> = twice(text.as_bytes()).into_iter().collect();
            let want = want.iter().map(|(entry, key): &(&str, Option<&str>)| Twice {
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
