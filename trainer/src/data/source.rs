//! Data files, read row by row: JSON arrays, JSON lines, JSON values one after the other, and plain text.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::path::Path;

use protocol::{Said, says};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::error::{DataError, Result};
use super::json_row::{self, Row};
use super::sniff;

/// A line longer than this is no row.
const MAX_LINE: u64 = 64 << 20;

/// One row of a file, or why it can't be read. Rows count from 1: elements of an array, lines of a file.
pub(super) struct RawRow {
    pub number: u64,
    pub value: std::result::Result<Value, Said>,
    /// Keys that stand twice in one of its objects.
    pub twice: Vec<String>,
}

/// What kind of file it is, by its name and its first bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// JSON over several lines: a list, one object around a list under this key, or objects one after the other.
    Json {
        list: Option<String>,
        one_is_a_row: bool,
    },
    Lines,
    Text,
}

/// A list of rows beside the one that is read, in one object around both: another split.
pub(super) struct Beside {
    pub key: String,
    pub rows: u64,
}

/// Hands every row of `path` to `each`, in order, until it breaks. A row of plain text is `{"text": line}`. Gives the lists
/// of rows that were met and are not read.
pub(super) fn read_rows(path: &Path, mut each: impl FnMut(RawRow) -> ControlFlow<()>) -> Result<Vec<Beside>> {
    let extension = path
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default()
        .to_ascii_lowercase();
    let mut reader = open(path, &extension)?;
    match kind(path, &extension, &mut reader)? {
        Kind::Json { list, one_is_a_row } => read_json(path, reader, list.as_deref(), one_is_a_row, &mut each),
        Kind::Lines => read_lines(path, reader, |number, line| {
            let mut twice = Vec::new();
            let value = json_row::of_line(line, &mut twice).map_err(|e| not_json(line, &e));
            each(RawRow { number, value, twice })
        }),
        Kind::Text => read_lines(path, reader, |number, line| {
            let value = match std::str::from_utf8(line) {
                Ok(text) => Ok(serde_json::json!({ "text": text })),
                Err(_) => Err(sniff::not_utf8(line)),
            };
            let twice = Vec::new();
            each(RawRow { number, value, twice })
        }),
    }
}

fn open(path: &Path, extension: &str) -> Result<BufReader<File>> {
    let meta = std::fs::metadata(path).map_err(|e| DataError::read(path, e))?;
    if meta.is_dir() {
        return Err(DataError::file(path, says::is_a_folder()));
    }
    let file = File::open(path).map_err(|e| DataError::read(path, e))?;
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let start = reader.fill_buf().map_err(|e| DataError::read(path, e))?;
    if let Some(what) = sniff::other_format(extension, start) {
        return Err(DataError::file(path, what));
    }
    if let Some(encoding) = sniff::utf16(start) {
        return Err(DataError::file(path, says::is_utf16(encoding)));
    }
    if start.starts_with(&[0xEF, 0xBB, 0xBF]) {
        reader.consume(3);
    }
    Ok(reader)
}

fn kind(path: &Path, extension: &str, reader: &mut BufReader<File>) -> Result<Kind> {
    match extension {
        "txt" => return Ok(Kind::Text),
        "json" | "jsonl" | "ndjson" => {}
        _ => {
            return Err(DataError::file(path, says::not_a_data_file()));
        }
    }
    // Names lie: what counts is how the file begins.
    let buffer = reader.fill_buf().map_err(|e| DataError::read(path, e))?;
    let buffer = buffer.trim_ascii_start();
    let list = sniff::wrapper(buffer);
    Ok(match buffer.first() {
        None => return Err(DataError::file(path, says::is_empty())),
        Some(b'[') => Kind::Json {
            list: None,
            one_is_a_row: false,
        },
        Some(b'{') if list.is_some() => Kind::Json {
            list,
            one_is_a_row: false,
        },
        Some(b'{') if goes_on(buffer) || extension == "json" && !first_line_is_json(buffer) => Kind::Json {
            list: None,
            one_is_a_row: extension != "json",
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

fn read_lines(
    path: &Path,
    mut reader: BufReader<File>,
    mut each: impl FnMut(u64, &[u8]) -> ControlFlow<()>,
) -> Result<Vec<Beside>> {
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = (&mut reader)
            .take(MAX_LINE)
            .read_until(b'\n', &mut line)
            .map_err(|e| DataError::read(path, e))?;
        if read == 0 {
            break;
        }
        if read as u64 == MAX_LINE && line.last() != Some(&b'\n') {
            return Err(DataError::file(path, says::line_too_long(number, MAX_LINE >> 20)));
        }
        while let Some(b'\n' | b'\r') = line.last() {
            line.pop();
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if each(number, &line).is_break() {
            break;
        }
    }
    Ok(Vec::new())
}

fn read_json(
    path: &Path,
    reader: BufReader<File>,
    list: Option<&str>,
    one_is_a_row: bool,
    each: &mut impl FnMut(RawRow) -> ControlFlow<()>,
) -> Result<Vec<Beside>> {
    let mut rows = Rows {
        each,
        number: 0,
        stopped: false,
        list,
        second: None,
        beside: Vec::new(),
    };
    let mut deserializer = serde_json::Deserializer::from_reader(reader);
    let result = read_values(&mut deserializer, &mut rows, one_is_a_row);
    if let (Some(first), Some(second)) = (list, &rows.second) {
        return Err(DataError::file(path, says::several_lists(first, second)));
    }
    match result {
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
    /// Nothing but one object, which is no row.
    OneObject,
}

/// Reads a list, or all objects that follow each other.
fn read_values<'de, R: serde_json::de::Read<'de>, F: FnMut(RawRow) -> ControlFlow<()>>(
    deserializer: &mut serde_json::Deserializer<R>,
    rows: &mut Rows<F>,
    one_is_a_row: bool,
) -> serde_json::Result<Found> {
    // The first of several objects waits for the second.
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
                    rows.hand(value.value, value.twice)?;
                }
            }
        }
        if last {
            return Ok(Found::Rows);
        }
    }
}

/// Where rows go, and what was met on the way.
struct Rows<'a, F> {
    each: &'a mut F,
    number: u64,
    stopped: bool,
    /// The key of the list of rows in the one object around it.
    list: Option<&'a str>,
    /// Another list beside it.
    second: Option<String>,
    /// Lists under names of their own.
    beside: Vec<Beside>,
}

impl<F: FnMut(RawRow) -> ControlFlow<()>> Rows<'_, F> {
    fn hand<E: serde::de::Error>(&mut self, value: Value, twice: Vec<String>) -> std::result::Result<(), E> {
        self.number += 1;
        let row = RawRow {
            number: self.number,
            value: Ok(value),
            twice,
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
    twice: Vec<String>,
}

/// A list of rows, walked without holding it, or an object: `None` where it was handed out already.
struct Top<'a, 'b, F> {
    rows: &'a mut Rows<'b, F>,
}

impl<'de, F: FnMut(RawRow) -> ControlFlow<()>> DeserializeSeed<'de> for Top<'_, '_, F> {
    type Value = Option<Object>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: FnMut(RawRow) -> ControlFlow<()>> Visitor<'de> for Top<'_, '_, F> {
    type Value = Option<Object>;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Self::Value, A::Error> {
        let mut twice = Vec::new();
        while let Some(value) = seq.next_element_seed(Row { twice: &mut twice })? {
            self.rows.hand(value, std::mem::take(&mut twice))?;
        }
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
        let (mut object, mut twice) = (Map::new(), Vec::new());
        let list = self.rows.list;
        while let Some(key) = map.next_key::<String>()? {
            if list == Some(key.as_str()) {
                let rows = &mut *self.rows;
                map.next_value_seed(Top { rows })?;
                continue;
            }
            let name = key.clone();
            Row { twice: &mut twice }.entry(&mut object, key, &mut map)?;
            let found = object[&name].as_array().filter(|_| list.is_some());
            let Some(found) = found.filter(|found| found.iter().any(Value::is_object)) else {
                continue;
            };
            if sniff::is_wrapper(&name) {
                self.rows.second = Some(name);
                continue;
            }
            self.rows.beside.push(Beside {
                rows: found.len() as u64,
                key: name,
            });
        }
        let value = Value::Object(object);
        Ok(list.is_none().then_some(Object { value, twice }))
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
