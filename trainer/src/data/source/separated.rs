//! Tables in text: CSV (RFC 4180) and TSV. The first line names the columns; an empty cell is null, every other a text. A list or
//! an object stands in a cell as JSON, as pandas' users write it: what needs one reads it out of the text, so that a reply that is
//! JSON stays the text it is.

use std::path::Path;

use protocol::{Said, says};
use serde_json::{Map, Value};

use super::super::error::{DataError, Result};
use super::limits::MAX_ROW;
use super::text::{Text, next_line};
use super::{Each, RawRow, repeated, sniff};

/// Separators that the line of names is looked through for; a comma wherever there is one.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

pub(super) fn read(path: &Path, text: Text, ending: &str, each: &mut Each) -> Result<()> {
    let mut records = Records {
        path,
        text,
        separator: (ending == "tsv").then_some(b'\t'),
        line: Vec::new(),
        lines: 0,
    };
    let Some(names) = records.next()? else {
        return Err(DataError::file(path, says::is_empty()));
    };
    let named = |(at, name): (usize, Vec<u8>)| {
        let name = String::from_utf8(name).map_err(|e| DataError::file(path, sniff::not_utf8(e.as_bytes())))?;
        Ok(match name.trim() {
            // as pandas calls what it wrote as a table's index
            "" => format!("Unnamed: {at}"),
            name => name.to_owned(),
        })
    };
    let names = names.into_iter().enumerate().map(named).collect::<Result<Vec<_>>>()?;
    let twice = repeated(&names);
    for number in 1.. {
        let Some(cells) = records.next()? else { break };
        let row = RawRow {
            twice: twice.clone(),
            ..RawRow::new(number, row(&names, cells))
        };
        if each(row).is_break() {
            break;
        }
    }
    Ok(())
}

fn row(names: &[String], cells: Vec<Vec<u8>>) -> std::result::Result<Value, Said> {
    if cells.len() != names.len() {
        return Err(says::cells_differ(cells.len(), names.len()));
    }
    let mut row = Map::new();
    for (name, cell) in names.iter().zip(cells) {
        let value = match String::from_utf8(cell) {
            Ok(text) if text.is_empty() => Value::Null,
            Ok(text) => Value::String(text),
            Err(e) => return Err(sniff::not_utf8(e.as_bytes())),
        };
        row.insert(name.clone(), value);
    }
    Ok(Value::Object(row))
}

/// The records of a table: a line each, or several where a quoted cell goes on over its end.
struct Records<'a> {
    path: &'a Path,
    text: Text,
    /// Known once the first line was seen.
    separator: Option<u8>,
    line: Vec<u8>,
    lines: u64,
}

/// Where in a cell a reader stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum In {
    Start,
    Plain,
    Quotes,
    /// Behind a quote within quotes: the cell's end, or the first of two that stand for one.
    Quote,
}

impl Records<'_> {
    /// The cells of the next record that is not blank; `None` at the end.
    fn next(&mut self) -> Result<Option<Vec<Vec<u8>>>> {
        let (mut cells, mut cell) = (Vec::new(), Vec::new());
        let (mut state, mut size, mut opened) = (In::Start, 0, 0);
        loop {
            if !next_line(self.path, &mut self.text, self.lines + 1, &mut self.line)? {
                return match state {
                    In::Quotes => Err(DataError::file(self.path, says::quote_open(opened))),
                    _ => Ok(None),
                };
            }
            self.lines += 1;
            size += self.line.len();
            if size > MAX_ROW {
                return Err(DataError::file(self.path, says::quote_too_long(opened, MAX_ROW >> 20)));
            }
            let within = state == In::Quotes;
            if !within && self.line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let separator = *self.separator.get_or_insert_with(|| separator(&self.line));
            // Windows writes two carriage returns where a program opened the file as text
            let ends = |byte: &&u8| matches!(byte, b'\r' | b'\n');
            let end = self.line.iter().rev().take_while(ends).count();
            let (line, end) = self.line.split_at(self.line.len() - end);
            for &byte in line {
                state = match (state, byte) {
                    (In::Start, b'"') => {
                        opened = self.lines;
                        In::Quotes
                    }
                    (In::Quotes, b'"') => In::Quote,
                    (In::Quote, b'"') => {
                        cell.push(b'"');
                        In::Quotes
                    }
                    (In::Quotes, _) => {
                        cell.push(byte);
                        In::Quotes
                    }
                    (_, _) if byte == separator => {
                        cells.push(std::mem::take(&mut cell));
                        In::Start
                    }
                    (_, _) => {
                        cell.push(byte);
                        In::Plain
                    }
                };
            }
            if state == In::Quotes {
                cell.extend_from_slice(end);
                continue;
            }
            cells.push(cell);
            return Ok(Some(cells));
        }
    }
}

/// What separates the cells of a line of names.
fn separator(line: &[u8]) -> u8 {
    let mut quoted = false;
    let plain: Vec<u8> = line
        .iter()
        .copied()
        .filter(|&byte| {
            quoted ^= byte == b'"';
            !quoted
        })
        .collect();
    let found = SEPARATORS.into_iter().find(|separator| plain.contains(separator));
    found.unwrap_or(b',')
}
