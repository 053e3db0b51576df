//! Reads rows in JSON: arrays, JSON Lines, concatenated values, and a list within one object.

use std::io::BufRead;
use std::path::Path;

use protocol::{Said, says};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::super::error::{DataError, Result};
use super::super::json_row::{self, Row};
use super::text::{Text, failed, read_lines};
use super::{Each, List, RawRow, sniff};

/// How a file holds its rows, by how it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// JSON over several lines: a list, one object around a list under this key, or objects one after the other.
    Values {
        list: Option<String>,
        one_is_a_row: bool,
    },
    Lines,
}

/// Passes each row to `each`; returns the lists that are not read.
pub(super) fn read(path: &Path, ending: &str, text: Text, each: &mut Each) -> Result<Vec<List>> {
    let mut text = text;
    match kind(path, ending, &mut text)? {
        Kind::Values { list, one_is_a_row } => read_values_of(path, text, list.as_deref(), one_is_a_row, each),
        Kind::Lines => read_lines(path, text, &mut |number, line| {
            let mut duplicate_keys = Vec::new();
            let value = json_row::of_line(line, &mut duplicate_keys).map_err(|e| not_json(line, &e));
            each(RawRow {
                duplicate_keys,
                ..RawRow::new(number, value)
            })
        })
        .map(|()| Vec::new()),
    }
}

fn kind(path: &Path, ending: &str, text: &mut Text) -> Result<Kind> {
    // file names are not reliable: how the file begins decides
    let buffer = text.fill_buf().map_err(|e| failed(path, e))?;
    let buffer = buffer.trim_ascii_start();
    let list = sniff::wrapper(buffer);
    Ok(match buffer.first() {
        None => return Err(DataError::file(path, says::is_empty())),
        Some(b'[') => Kind::Values {
            list: None,
            one_is_a_row: false,
        },
        Some(b'{') if list.is_some() => Kind::Values {
            list,
            one_is_a_row: false,
        },
        Some(b'{') if goes_on(buffer) || ending == "json" && !first_line_is_json(buffer) => Kind::Values {
            list: None,
            one_is_a_row: ending != "json",
        },
        Some(_) => Kind::Lines,
    })
}

/// Whether the first line in `buffer` is a JSON value by itself (a line longer than the buffer is taken for one).
fn first_line_is_json(buffer: &[u8]) -> bool {
    match buffer.iter().position(|&b| b == b'\n') {
        None => true,
        Some(end) => serde_json::from_slice::<serde::de::IgnoredAny>(&buffer[..end]).is_ok(),
    }
}

/// Whether the first line in `buffer` ends where a value goes on: a row over several lines.
fn goes_on(buffer: &[u8]) -> bool {
    let Some(end) = buffer.iter().position(|&b| b == b'\n') else {
        return false;
    };
    let line = buffer[..end].trim_ascii_end();
    matches!(line.last(), Some(b'{' | b'[' | b',')) && !first_line_is_json(buffer)
}

fn read_values_of(
    path: &Path,
    text: Text,
    list: Option<&str>,
    one_is_a_row: bool,
    each: &mut Each,
) -> Result<Vec<List>> {
    let mut rows = Rows {
        each,
        number: 0,
        stopped: false,
        list,
        second: None,
        beside: Vec::new(),
    };
    let mut deserializer = serde_json::Deserializer::from_reader(text);
    let result = read_values(&mut deserializer, &mut rows, one_is_a_row);
    if let (Some(first), Some(second)) = (list, &rows.second) {
        return Err(DataError::file(path, says::several_lists(first, second)));
    }
    match result {
        Err(e) if !rows.stopped && e.is_io() => Err(failed(path, e.into())),
        Err(e) if !rows.stopped => Err(DataError::file(
            path,
            match e.classify() {
                serde_json::error::Category::Eof => says::ends_in_a_row(&e),
                _ => says::file_not_json(e.to_string(), sniff::hint_in(path, &e)),
            },
        )),
        Ok(Found::OneObject) => Err(DataError::file(path, says::one_object())),
        _ => Ok(rows.beside),
    }
}

enum Found {
    Rows,
    /// A single object, which is no row.
    OneObject,
}

/// Reads a list, or all objects that follow each other.
fn read_values<'de, R: serde_json::de::Read<'de>>(
    deserializer: &mut serde_json::Deserializer<R>,
    rows: &mut Rows,
    one_is_a_row: bool,
) -> serde_json::Result<Found> {
    // the first object is a row only if a second follows
    let mut first = None;
    loop {
        let value = Top { rows: &mut *rows }.deserialize(&mut *deserializer)?;
        let Some(value) = value else {
            deserializer.end()?;
            return Ok(Found::Rows);
        };
        let last = deserializer.end().is_ok();
        match (rows.number, first.take()) {
            (0, None) if last && !one_is_a_row => return Ok(Found::OneObject),
            (0, None) if !last => first = Some(value),
            (_, waiting) => {
                for value in waiting.into_iter().chain([value]) {
                    rows.hand(value.value, value.duplicate_keys)?;
                }
            }
        }
        if last {
            return Ok(Found::Rows);
        }
    }
}

/// Where rows go, and what else was found.
struct Rows<'a, 'e> {
    each: &'a mut Each<'e>,
    number: u64,
    stopped: bool,
    /// The key of the list of rows in the one object around it.
    list: Option<&'a str>,
    /// Another list beside it.
    second: Option<String>,
    /// Lists under other keys.
    beside: Vec<List>,
}

impl Rows<'_, '_> {
    fn hand<E: serde::de::Error>(&mut self, value: Value, duplicate_keys: Vec<String>) -> std::result::Result<(), E> {
        self.number += 1;
        let row = RawRow {
            duplicate_keys,
            ..RawRow::new(self.number, Ok(value))
        };
        if (self.each)(row).is_break() {
            self.stopped = true;
            return Err(E::custom("enough rows"));
        }
        Ok(())
    }
}

/// An object that may be a row.
struct Object {
    value: Value,
    duplicate_keys: Vec<String>,
}

/// Reads a list of rows one by one, or an object; `None` if its rows were passed on already.
struct Top<'a, 'b, 'e> {
    rows: &'a mut Rows<'b, 'e>,
}

impl<'de> DeserializeSeed<'de> for Top<'_, '_, '_> {
    type Value = Option<Object>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Top<'_, '_, '_> {
    type Value = Option<Object>;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Self::Value, A::Error> {
        let mut duplicate_keys = Vec::new();
        while let Some(value) = seq.next_element_seed(Row {
            duplicate_keys: &mut duplicate_keys,
        })? {
            self.rows.hand(value, std::mem::take(&mut duplicate_keys))?;
        }
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
        let (mut object, mut duplicate_keys) = (Map::new(), Vec::new());
        let list = self.rows.list;
        while let Some(key) = map.next_key::<String>()? {
            if list == Some(key.as_str()) {
                let rows = &mut *self.rows;
                map.next_value_seed(Top { rows })?;
                continue;
            }
            let name = key.clone();
            Row {
                duplicate_keys: &mut duplicate_keys,
            }
            .entry(&mut object, key, &mut map)?;
            let found = object[&name].as_array().filter(|_| list.is_some());
            let Some(found) = found.filter(|found| found.iter().any(Value::is_object)) else {
                continue;
            };
            if sniff::is_wrapper(&name) {
                self.rows.second = Some(name);
                continue;
            }
            self.rows.beside.push(List {
                rows: found.len() as u64,
                key: name,
            });
        }
        let value = Value::Object(object);
        Ok(list.is_none().then_some(Object { value, duplicate_keys }))
    }
}

/// An error inside one line says only the column: the line is the row.
fn not_json(line: &[u8], error: &serde_json::Error) -> Said {
    if std::str::from_utf8(line).is_err() {
        return says::row_not_json(sniff::not_utf8(line), "");
    }
    let text = error.to_string();
    let hint = sniff::hint(line, error.column());
    match text.rsplit_once(" at line ") {
        Some((what, _)) => says::row_not_json(says::at_column(what, error.column()), hint),
        None => says::row_not_json(text, hint),
    }
}
