//! Reads CSV (RFC 4180) and TSV. The first line names the columns; an empty cell is null, every other one a text. Lists
//! and objects in cells are JSON, as pandas users write them; only columns that need one parse it, so that a reply that
//! is JSON stays a text.

use std::path::Path;

use protocol::{Said, says};
use serde_json::{Map, Value};

use super::super::error::{DataError, Result};
use super::limits::MAX_ROW;
use super::text::{Text, next_line};
use super::{Each, RawRow, duplicates, sniff};

/// Separators that are looked for in the line of names; a comma takes precedence.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

pub(super) fn read(path: &Path, text: Text, separator: Option<u8>, each: &mut Each) -> Result<()> {
    let mut records = Records {
        path,
        text,
        separator,
        line: Vec::new(),
        lines: 0,
    };
    let names = match records.next()? {
        None => return Err(DataError::file(path, says::is_empty())),
        Some(Record { stray: Some(cell), .. }) => return Err(DataError::file(path, says::behind_quote(cell))),
        Some(names) => names.cells,
    };
    // more than a few letters show which encoding it is
    let start = [&records.line, records.text.buffer()].concat();
    let named = |(at, name): (usize, Vec<u8>)| {
        let name = String::from_utf8(name).map_err(|_| DataError::file(path, sniff::not_utf8(&start)))?;
        Ok(match name.trim() {
            // pandas' name for an index that it wrote as a column
            "" => format!("Unnamed: {at}"),
            name => name.to_owned(),
        })
    };
    let names = names.into_iter().enumerate().map(named).collect::<Result<Vec<_>>>()?;
    let duplicate_keys = duplicates(&names);
    for number in 1.. {
        let Some(record) = records.next()? else { break };
        let row = RawRow {
            duplicate_keys: duplicate_keys.clone(),
            ..RawRow::new(number, row(&names, record))
        };
        if each(row).is_break() {
            break;
        }
    }
    Ok(())
}

fn row(names: &[String], record: Record) -> std::result::Result<Value, Said> {
    let Record { mut cells, stray } = record;
    if let Some(cell) = stray {
        return Err(says::behind_quote(cell));
    }
    // spreadsheets write separators after the last cell with a value
    while cells.len() > names.len() && cells.last().is_some_and(Vec::is_empty) {
        cells.pop();
    }
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

/// The cells of a row.
struct Record {
    cells: Vec<Vec<u8>>,
    /// The first cell, counted from 1, with text after its closing quote.
    stray: Option<usize>,
}

/// The records of a table: a line each, or several if a quoted cell has line breaks.
struct Records<'a> {
    path: &'a Path,
    text: Text,
    /// Known after the first line.
    separator: Option<u8>,
    line: Vec<u8>,
    lines: u64,
}

/// The state of the reader within a cell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum In {
    Start,
    Plain,
    Quotes,
    /// After a quote within quotes: the end of the cell, or the first of two quotes that mean one.
    Quote,
}

/// What spreadsheets write before a table to name the separator.
fn told_separator(line: &[u8]) -> Option<u8> {
    match line.trim_ascii_end().strip_prefix(b"sep=") {
        Some([separator]) => Some(*separator),
        // the tab is a blank itself
        Some([]) if line.starts_with(b"sep=\t") => Some(b'\t'),
        _ => None,
    }
}

impl Records<'_> {
    /// The cells of the next record that is not blank; `None` at the end.
    fn next(&mut self) -> Result<Option<Record>> {
        let (mut cells, mut cell, mut stray) = (Vec::new(), Vec::new(), None);
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
            if self.lines == 1
                && let Some(told) = told_separator(&self.line)
            {
                self.separator = Some(told);
                continue;
            }
            let separator = *self.separator.get_or_insert_with(|| separator(&self.line));
            // two carriage returns: a program on Windows opened the file in text mode
            let ends = |byte: &&u8| matches!(byte, b'\r' | b'\n');
            let end = self.line.iter().rev().take_while(ends).count();
            let (line, end) = self.line.split_at(self.line.len() - end);
            if !within && self.lines <= 2 && ends_in_returns(line) {
                return Err(DataError::file(self.path, says::lone_returns()));
            }
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
                    (In::Quote, _) => {
                        // blanks that align cells are no part of their text
                        if !byte.is_ascii_whitespace() {
                            stray.get_or_insert(cells.len() + 1);
                        }
                        In::Quote
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
            return Ok(Some(Record { cells, stray }));
        }
    }
}

/// Whether lines end with carriage returns alone, outside of quotes, as no current program writes them.
fn ends_in_returns(line: &[u8]) -> bool {
    let mut quoted = false;
    line.iter().any(|&byte| {
        quoted ^= byte == b'"';
        byte == b'\r' && !quoted
    })
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
