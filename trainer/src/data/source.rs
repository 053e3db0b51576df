//! Data files, read row by row: JSON arrays, JSON lines and plain text.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::path::Path;

use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde_json::Value;

use super::error::{DataError, Result};

/// A line longer than this is no row.
const MAX_LINE: u64 = 64 << 20;

/// One row of a file, or why it can't be read. Rows count from 1: elements of an array, lines of a file.
pub(super) struct RawRow {
    pub number: u64,
    pub value: std::result::Result<Value, String>,
}

/// What kind of file it is, by its name and its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Array,
    Lines,
    Text,
}

/// Hands every row of `path` to `each`, in order, until it breaks. A row of plain text is `{"text": line}`.
pub(super) fn read_rows(path: &Path, mut each: impl FnMut(RawRow) -> ControlFlow<()>) -> Result<()> {
    let mut reader = open(path)?;
    match kind(path, &mut reader)? {
        Kind::Array => read_array(path, reader, &mut each),
        Kind::Lines => read_lines(path, reader, |number, line| {
            let value = serde_json::from_slice(line).map_err(|e| format!("not valid JSON: {}", without_line(&e)));
            each(RawRow { number, value })
        }),
        Kind::Text => read_lines(path, reader, |number, line| {
            let value = match std::str::from_utf8(line) {
                Ok(text) => Ok(serde_json::json!({ "text": text })),
                Err(_) => Err("not UTF-8".to_owned()),
            };
            each(RawRow { number, value })
        }),
    }
}

fn open(path: &Path) -> Result<BufReader<File>> {
    let meta = std::fs::metadata(path).map_err(|e| DataError::read(path, e))?;
    if meta.is_dir() {
        return Err(DataError::file(path, "is a folder; name one file in it"));
    }
    let file = File::open(path).map_err(|e| DataError::read(path, e))?;
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let start = reader.fill_buf().map_err(|e| DataError::read(path, e))?;
    if start.starts_with(&[0xEF, 0xBB, 0xBF]) {
        reader.consume(3);
    } else if start.starts_with(&[0xFF, 0xFE]) || start.starts_with(&[0xFE, 0xFF]) {
        return Err(DataError::file(path, "is UTF-16; save it as UTF-8"));
    }
    Ok(reader)
}

fn kind(path: &Path, reader: &mut BufReader<File>) -> Result<Kind> {
    let extension = path
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default()
        .to_ascii_lowercase();
    match extension.as_str() {
        "txt" => return Ok(Kind::Text),
        "json" | "jsonl" | "ndjson" => {}
        _ => {
            return Err(DataError::file(
                path,
                "is none of .json, .jsonl and .txt; write its rows as JSON lines first",
            ));
        }
    }
    // Names lie: what counts is how the file begins.
    let buffer = reader.fill_buf().map_err(|e| DataError::read(path, e))?;
    match buffer.iter().find(|b| !b.is_ascii_whitespace()) {
        None => Err(DataError::file(path, "is empty")),
        Some(b'[') => Ok(Kind::Array),
        Some(b'{') if extension == "json" && !first_line_is_json(buffer) => Err(DataError::file(
            path,
            "holds one object; a list of rows is needed, or one row a line",
        )),
        Some(_) => Ok(Kind::Lines),
    }
}

/// Whether the first line in `buffer` is a JSON value by itself (a line longer than the buffer is taken for one).
fn first_line_is_json(buffer: &[u8]) -> bool {
    let buffer = buffer.trim_ascii_start();
    match buffer.iter().position(|&b| b == b'\n') {
        None => true,
        Some(end) => serde_json::from_slice::<serde::de::IgnoredAny>(&buffer[..end]).is_ok(),
    }
}

fn read_lines(
    path: &Path,
    mut reader: BufReader<File>,
    mut each: impl FnMut(u64, &[u8]) -> ControlFlow<()>,
) -> Result<()> {
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
            return Err(DataError::file(
                path,
                format!("line {number} is longer than {} MiB", MAX_LINE >> 20),
            ));
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
    Ok(())
}

fn read_array(path: &Path, reader: BufReader<File>, each: &mut impl FnMut(RawRow) -> ControlFlow<()>) -> Result<()> {
    let mut stopped = false;
    let mut deserializer = serde_json::Deserializer::from_reader(reader);
    let result = Elements {
        each,
        stopped: &mut stopped,
    }
    .deserialize(&mut deserializer)
    .and_then(|()| deserializer.end());
    match result {
        Err(e) if !stopped => Err(DataError::file(
            path,
            match e.classify() {
                serde_json::error::Category::Eof => format!("ends in the middle of a row: {e}"),
                _ => format!("is not valid JSON: {e}"),
            },
        )),
        _ => Ok(()),
    }
}

/// Walks the elements of an array without holding it.
struct Elements<'a, F> {
    each: &'a mut F,
    stopped: &'a mut bool,
}

impl<'de, F: FnMut(RawRow) -> ControlFlow<()>> DeserializeSeed<'de> for Elements<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(RawRow) -> ControlFlow<()>> Visitor<'de> for Elements<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<(), A::Error> {
        let mut number = 0;
        while let Some(value) = seq.next_element::<Value>()? {
            number += 1;
            let row = RawRow {
                number,
                value: Ok(value),
            };
            if (self.each)(row).is_break() {
                *self.stopped = true;
                return Err(serde::de::Error::custom("enough rows"));
            }
        }
        Ok(())
    }
}

/// An error inside one line says only the column: the line is the row.
fn without_line(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((what, _)) => format!("{what} at column {}", error.column()),
        None => text,
    }
}
