//! YAML read strictly: a key that stands twice in one map is an error that names both lines.

use super::FieldError;
use super::foreign::{Foreign, foreign};
use super::keys::KEYS;
use super::renamed::translate;
use crate::says;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::RefCell;
use std::fmt;

/// A file of keys.
pub(super) struct Entries {
    /// In their order; of a key that stands twice, the last value.
    pub keys: Vec<(String, Value)>,
    /// The keys that stand twice in one map.
    pub twice: Vec<FieldError>,
}

/// The keys of a file, or why it holds none. An empty file has none.
pub(super) fn entries(text: &str) -> Result<Entries, FieldError> {
    let met = Met::default();
    let mut said = Value::Null;
    for document in yaml_serde::Deserializer::from_str(text) {
        let value = Strict(&met).deserialize(document).map_err(|e| {
            let e = e.to_string();
            FieldError::new("", "syntax", says::not_yaml(&e)).with_args([e])
        })?;
        // marks with nothing between them are no document
        match (value.is_null(), said.is_null()) {
            (true, _) => {}
            (false, true) => said = value,
            (false, false) => return Err(FieldError::new("", "documents", says::second_document())),
        }
    }
    let keys = match said {
        Value::Object(map) => map,
        Value::Null => Map::new(),
        _ => return Err(FieldError::new("", "not_a_map", says::not_a_map())),
    };
    let taken_over = met.taken_over.into_inner();
    let keys = keys
        .into_iter()
        .filter(|(key, value)| !(taken_over.contains(value) && names_nothing(key, value)))
        .collect();
    let twice = met.twice.into_inner();
    let twice = twice.iter().map(|key| said_twice(text, key)).collect();
    Ok(Entries { keys, twice })
}

/// Whether a key has a meaning nowhere: a map under it is there for others to take over.
fn names_nothing(key: &str, value: &Value) -> bool {
    let ours = translate(key, value).is_some() || KEYS.iter().any(|known| known.name == key);
    !ours && matches!(foreign(key), Foreign::Unknown(_))
}

/// One value of a file: a number, a text, a list, a map.
pub(super) fn value(text: &str) -> Value {
    let met = Met::default();
    let read = Strict(&met).deserialize(yaml_serde::Deserializer::from_str(text));
    let null = ["null", "~", ""].contains(&text.trim().to_ascii_lowercase().as_str());
    match read {
        Ok(value) if met.twice.borrow().is_empty() && (null || !value.is_null()) => value,
        _ => Value::String(text.to_owned()),
    }
}

fn said_twice(text: &str, key: &str) -> FieldError {
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

/// What is met in reading.
#[derive(Default)]
struct Met {
    /// Keys that stand twice in one map.
    twice: RefCell<Vec<String>>,
    /// Maps whose keys another takes over.
    taken_over: RefCell<Vec<Value>>,
}

/// A value, with what is met in its maps put down.
#[derive(Clone, Copy)]
struct Strict<'a>(&'a Met);

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// A number that JSON has no word for stays a text, so that it is refused by what it says.
fn number(x: f64) -> Value {
    Number::from_f64(x).map_or_else(|| Value::String(format!("{x}")), Value::Number)
}

/// YAML's key for a map whose keys count where the one around has none of that name.
const MERGE: &str = "<<";

/// The maps that such a key names: one, or several, of which the first counts.
fn maps(from: &Value) -> Option<Vec<&Map<String, Value>>> {
    match from {
        Value::Object(map) => Some(vec![map]),
        Value::Array(list) => list.iter().map(Value::as_object).collect(),
        _ => None,
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
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
        while let Some(value) = seq.next_element_seed(self)? {
            list.push(value);
        }
        Ok(list.into())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut found = Map::new();
        while let Some(key) = map.next_key_seed(self)? {
            let key = match key {
                Value::String(text) => text,
                other => other.to_string(),
            };
            let value = map.next_value_seed(self)?;
            if found.insert(key.clone(), value).is_some() {
                self.0.twice.borrow_mut().push(key);
            }
        }
        if found.get(MERGE).is_some_and(|from| maps(from).is_some()) {
            let from = found.remove(MERGE).unwrap_or_default();
            for map in maps(&from).into_iter().flatten() {
                for (key, value) in map {
                    found.entry(key).or_insert_with(|| value.clone());
                }
                self.0.taken_over.borrow_mut().push(map.clone().into());
            }
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
            let mut found = entries(text).unwrap();
            assert_eq!(found.twice.len(), 1, "{text}");
            let error = found.twice.remove(0);
            assert_eq!((error.field.as_str(), error.code.as_str()), (key, "twice"), "{text}");
            assert_eq!(error.args, lines, "{text}");
        }
        let found = entries("seed: 1\ndata_seed: 1\n").unwrap();
        assert_eq!((found.keys.len(), found.twice.len()), (2, 0));
        // what else stands there is read all the same
        let found = entries("seed: 1\nstage: dpo\nseed: 2\n").unwrap();
        assert_eq!((found.keys.len(), found.twice.len()), (2, 1));
    }

    #[test]
    fn what_a_map_takes_over_counts_where_it_says_nothing_itself() {
        let text =
            "base: &base {seed: 1, stage: dpo}\nmore: &more {seed: 7, bf16: true}\n<<: [*base, *more]\nstage: sft\n";
        let found: Map<String, Value> = entries(text).unwrap().keys.into_iter().collect();
        let said = ["seed", "stage", "bf16"].map(|key| found[key].clone());
        assert_eq!(said, [Value::from(1), "sft".into(), true.into()]);
        let keys: Vec<_> = found.keys().collect();
        assert_eq!(keys.len(), 3, "{keys:?}");
    }

    #[test]
    fn the_marks_of_a_document_are_no_keys() {
        for text in [
            "---\nseed: 1\n",
            "# a comment\n\n---\nseed: 1\n",
            "%YAML 1.1\n---\nseed: 1\n",
            "%YAML 1.2\n--- # here\nseed: 1\n",
            "--- {seed: 1}\n",
            "--- \nseed: 1\n...\n",
            "seed: 1\n...\n",
            "seed: 1\n---\n",
            "---\nseed: 1\n---\n# nothing\n",
            "---\r\nseed: 1\r\n",
            "---\n---\nseed: 1\n",
        ] {
            let found = entries(text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
            assert_eq!(found.keys, [("seed".to_owned(), Value::from(1))], "{text}");
            assert!(found.twice.is_empty(), "{text}");
        }
        for text in ["seed: 1\n---\nseed: 2\n", "---\nseed: 1\n...\n---\nstage: dpo\n"] {
            let error = entries(text).err().unwrap();
            assert_eq!((error.field.as_str(), error.code.as_str()), ("", "documents"), "{text}");
        }
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
