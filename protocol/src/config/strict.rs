//! YAML read strictly: a key that stands twice in one map is an error that names both lines.

use super::FieldError;
use crate::says;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// In front of the name of a key that stands twice, in the reader's own error.
const TWICE: &str = "stands twice: ";

/// The keys of a file in their order, or what is wrong with it. An empty file has none.
pub(super) fn entries(text: &str) -> Result<Vec<(String, Value)>, FieldError> {
    match yaml_serde::from_str::<File>(text) {
        Ok(File::Map(entries)) => Ok(entries),
        Ok(File::Empty) => Ok(vec![]),
        Ok(File::Other) => Err(FieldError::new("", "not_a_map", says::not_a_map())),
        Err(e) => {
            let e = e.to_string();
            Err(match e.split_once(TWICE) {
                Some((_, rest)) => twice(text, rest.split('`').nth(1).unwrap_or_default()),
                None => FieldError::new("", "syntax", says::not_yaml(&e)).with_args([e]),
            })
        }
    }
}

/// One value of a file: a number, a text, a list, a map.
pub(super) fn value(text: &str) -> Value {
    match yaml_serde::from_str::<Strict>(text) {
        Ok(Strict(Value::Null)) if !["null", "~", ""].contains(&text.trim().to_ascii_lowercase().as_str()) => {
            Value::String(text.to_owned())
        }
        Ok(Strict(value)) => value,
        Err(_) => Value::String(text.to_owned()),
    }
}

fn twice(text: &str, key: &str) -> FieldError {
    let lines = lines_of(text, key);
    let message = match lines.as_slice() {
        [a, b, ..] if a != b => says::twice_on_lines(*a, *b),
        [a, ..] => says::twice_on_line(*a),
        [] => says::stands_twice(),
    };
    let args = match lines.as_slice() {
        [a, b, ..] => vec![a.to_string(), b.to_string()],
        // a number that is there once: a map on one line
        [a] => vec![a.to_string(), a.to_string()],
        [] => vec![],
    };
    FieldError::new(key, "twice", message).with_args(args)
}

/// The lines, from 1, on which `key` stands before a colon.
fn lines_of(text: &str, key: &str) -> Vec<usize> {
    let part = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    let mut found = vec![];
    for (number, line) in text.lines().enumerate() {
        let code = line.split(" #").next().unwrap_or_default();
        if code.trim_start().starts_with('#') {
            continue;
        }
        let pieces: Vec<&str> = code.split(key).collect();
        for (place, around) in pieces.windows(2).enumerate() {
            let apart = around[0].chars().next_back().map_or(place == 0, |c| !part(c));
            let after = around[1].trim_start_matches(['"', '\'']).trim_start();
            if apart && after.starts_with(':') {
                found.push(number + 1);
            }
        }
    }
    found
}

enum File {
    Map(Vec<(String, Value)>),
    Empty,
    Other,
}

impl<'de> Deserialize<'de> for File {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Strict::deserialize(deserializer)?.0 {
            Value::Object(map) => Self::Map(map.into_iter().collect()),
            Value::Null => Self::Empty,
            _ => Self::Other,
        })
    }
}

/// A value in whose maps no key stands twice.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

/// A number that JSON has no word for stays a text, so that it is refused by what it says.
fn number(x: f64) -> Value {
    Number::from_f64(x).map_or_else(|| Value::String(format!("{x}")), Value::Number)
}

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a text, a number, a list or a map")
    }
    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Bool(v))
    }
    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_i128<E>(self, v: i128) -> Result<Value, E> {
        Ok(number(v as f64))
    }
    fn visit_u128<E>(self, v: u128) -> Result<Value, E> {
        Ok(number(v as f64))
    }
    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        Ok(number(v))
    }
    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut list = vec![];
        while let Some(Strict(value)) = seq.next_element()? {
            list.push(value);
        }
        Ok(list.into())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut found = Map::new();
        while let Some(Strict(key)) = map.next_key()? {
            let key = match key {
                Value::String(text) => text,
                other => other.to_string(),
            };
            let Strict(value) = map.next_value()?;
            if found.contains_key(&key) {
                return Err(de::Error::custom(format!("{TWICE}`{key}`")));
            }
            found.insert(key, value);
        }
        Ok(found.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_stands_twice_is_refused_with_both_lines() {
        for (text, key, lines) in [
            (
                "seed: 1\nlearning_rate: 1e-4\n# seed: 3\nseed: 2\n",
                "seed",
                vec!["1", "4"],
            ),
            (
                "data_seed: 1\nseed: 1 # seed: 7\n\n\"seed\" : 2",
                "seed",
                vec!["2", "4"],
            ),
            (r#"{"seed": 1, "seed": 1}"#, "seed", vec!["1", "1"]),
            (
                "lr_scheduler_kwargs:\n  power: 2\n  power: 3\n",
                "power",
                vec!["2", "3"],
            ),
            ("seed:\nseed: 2", "seed", vec!["1", "2"]),
        ] {
            let error = entries(text).unwrap_err();
            assert_eq!((error.field.as_str(), error.code.as_str()), (key, "twice"), "{text}");
            assert_eq!(error.args, lines, "{text}");
        }
        assert_eq!(entries("seed: 1\ndata_seed: 1\n").unwrap().len(), 2);
    }

    #[test]
    fn values_are_read_as_python_would() {
        assert_eq!(value("5"), 5);
        assert_eq!(value("q_proj,v_proj"), "q_proj,v_proj");
        assert_eq!(value("True"), true);
        assert_eq!(value("{\"power\": 2}"), serde_json::json!({ "power": 2 }));
        assert_eq!(value("null"), Value::Null);
        assert_eq!(value("a: b: c"), "a: b: c");
        assert_eq!(value(".nan"), "NaN");
    }
}
