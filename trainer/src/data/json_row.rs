//! One row of JSON, with the duplicate keys of its objects: the last value of such a key is kept, as JSON parsers do.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Reads a value, and adds keys that occur more than once in an object to the list.
pub(super) struct Row<'a> {
    pub duplicate_keys: &'a mut Vec<String>,
}

/// Reads a row that is a line of its own.
pub(super) fn of_line(line: &[u8], duplicate_keys: &mut Vec<String>) -> serde_json::Result<Value> {
    let mut deserializer = serde_json::Deserializer::from_slice(line);
    let value = Row { duplicate_keys }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

impl Row<'_> {
    /// Reads a key's value into the object.
    pub(super) fn entry<'de, A: MapAccess<'de>>(
        &mut self,
        object: &mut Map<String, Value>,
        key: String,
        map: &mut A,
    ) -> Result<(), A::Error> {
        let value = map.next_value_seed(Row {
            duplicate_keys: self.duplicate_keys,
        })?;
        if object.contains_key(&key) && !self.duplicate_keys.contains(&key) {
            self.duplicate_keys.push(key.clone());
        }
        object.insert(key, value);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("any valid JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = seq.next_element_seed(Row {
            duplicate_keys: self.duplicate_keys,
        })? {
            list.push(value);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            self.entry(&mut object, key, &mut map)?;
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_everywhere_and_duplicate_keys_are_listed() {
        for (line, keys) in [
            (
                r#"{"a": 1, "b": [true, null, -2, 1.5, 1e300, "x\u6771", {"c": {}}]}"#,
                &[][..],
            ),
            (r#"{"a": 1, "b": 2, "a": 3}"#, &["a"]),
            (
                r#"[{"role": "user", "content": "x", "content": "y", "content": "z"}, {"role": "a"}]"#,
                &["content"],
            ),
            (r#"{"a": {"b": 1}, "b": {"a": 2}}"#, &[]),
            (r#"{"a": {"b": 1, "b": 2}, "a": 2}"#, &["b", "a"]),
        ] {
            let mut duplicate_keys = Vec::new();
            let value = of_line(line.as_bytes(), &mut duplicate_keys).expect(line);
            assert_eq!(value, serde_json::from_str::<Value>(line).expect(line));
            assert_eq!(duplicate_keys, keys, "{line}");
        }
        assert!(of_line(b"{\"a\": 1} x", &mut Vec::new()).is_err());
    }
}
