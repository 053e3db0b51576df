//! What stands twice in a `dataset_info.json`. JSON's readers keep the last of two without a word; which of them is meant
//! can't be told.

use crate::{Said, says};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
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

/// What stands twice in a register, in order; nothing in a text that is none.
pub fn twice(text: &[u8]) -> BTreeSet<Twice> {
    let mut found = BTreeSet::new();
    let mut reader = serde_json::Deserializer::from_slice(text);
    let whole = Entries(&mut found).deserialize(&mut reader);
    match whole.and_then(|()| reader.end()) {
        Ok(()) => found,
        Err(_) => BTreeSet::new(),
    }
}

/// The entries.
struct Entries<'a>(&'a mut BTreeSet<Twice>);

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("data sets by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut names = BTreeSet::new();
        while let Some(entry) = map.next_key::<String>()? {
            let Keys(keys) = map.next_value()?;
            self.0.extend(keys.into_iter().map(|key| Twice {
                entry: entry.clone(),
                key: Some(key),
            }));
            if !names.insert(entry.clone()) {
                self.0.insert(Twice { entry, key: None });
            }
        }
        Ok(())
    }
}

/// The keys that stand twice in one object of a value, however deep.
struct Keys(BTreeSet<String>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(InValue).map(Self)
    }
}

struct InValue;

impl<'de> Visitor<'de> for InValue {
    type Value = BTreeSet<String>;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(BTreeSet::new())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(BTreeSet::new())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(BTreeSet::new())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(BTreeSet::new())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(BTreeSet::new())
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(BTreeSet::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(BTreeSet::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut keys, mut twice) = (BTreeSet::new(), BTreeSet::new());
        while let Some(key) = map.next_key::<String>()? {
            let Keys(deeper) = map.next_value()?;
            twice.extend(deeper);
            if !keys.insert(key.clone()) {
                twice.insert(key);
            }
        }
        Ok(twice)
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
            ("[1]", &[]),
            (r#"{"a": {}, "a": {}"#, &[]),
        ] {
            let found: Vec<Twice> = twice(text.as_bytes()).into_iter().collect();
            let want = want.iter().map(|(entry, key): &(&str, Option<&str>)| Twice {
                entry: (*entry).to_owned(),
                key: key.map(str::to_owned),
            });
            assert_eq!(found, want.collect::<Vec<_>>(), "{text}");
        }
    }
}
