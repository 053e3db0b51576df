//! Reads data files row by row: one file or a folder of them; JSON, plain text, CSV and TSV, parquet and Arrow,
//! compressed or not.

mod arrow;
mod cell;
mod folder;
mod footer;
mod json;
mod limits;
mod parquet;
mod separated;
mod sniff;
pub(super) mod text;
mod watch;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::ops::ControlFlow;
use std::path::Path;
use std::rc::Rc;

use protocol::data::{FileKind, ending, endings_by_kind};
use protocol::{Said, named_file, says};
use serde_json::Value;

use super::error::{DataError, Result};
use sniff::{Format, Other};
use text::read_lines;

pub use folder::Files;
pub(super) use watch::Watch;
#[cfg(test)]
pub(super) use {limits::Budget, sniff::Compression, text::decompressed};

/// Names that occur more than once, in order.
fn duplicates(names: &[String]) -> Vec<String> {
    let (mut seen, mut duplicates) = (BTreeSet::new(), BTreeSet::new());
    for name in names {
        if !seen.insert(name) {
            duplicates.insert(name.clone());
        }
    }
    duplicates.into_iter().collect()
}

/// One row of a file, or why it can't be read. Rows count from 1: elements of an array, lines of a file, rows of a
/// table below the names of its columns; in a folder they go on from file to file.
pub(super) struct RawRow {
    pub number: u64,
    pub value: std::result::Result<Value, Said>,
    /// Keys that occur more than once in one of its objects.
    pub duplicate_keys: Vec<String>,
    /// Where it is, if not in a single file that was named.
    pub place: Option<Place>,
}

impl RawRow {
    fn new(number: u64, value: std::result::Result<Value, Said>) -> Self {
        Self {
            number,
            value,
            duplicate_keys: Vec::new(),
            place: None,
        }
    }
}

/// The file of a folder that a row is in, and its number there.
#[derive(Clone)]
pub(super) struct Place {
    file: Rc<str>,
    row: u64,
}

impl Place {
    /// A row's error, with its file.
    pub(super) fn said(place: &Option<Self>, why: Said) -> Said {
        match place {
            Some(place) => says::in_file(place.file.as_ref(), place.row, why),
            None => why,
        }
    }
}

/// What a file or folder has beside the rows that are read.
#[derive(Default)]
pub(super) struct Unread {
    /// Lists of rows in one object around all: other splits.
    pub lists: Vec<List>,
    /// Files and folders of a folder.
    pub files: Vec<String>,
}

/// A list of rows beside the one that is read.
pub(super) struct List {
    pub key: String,
    pub rows: u64,
}

/// Where rows go, in order, until it breaks.
type Each<'a> = dyn FnMut(RawRow) -> ControlFlow<()> + 'a;

/// Hands every row of a file, or of a folder's files, to `each`, in order, until it breaks. A row of plain text
/// is `{"text": line}`. Gives what was met and is not read.
///
/// # Errors
/// A file can't be read, or who waits gave an error.
pub(super) fn read_rows(
    files: &Files,
    watch: &Watch,
    mut each: impl FnMut(RawRow) -> ControlFlow<()>,
) -> Result<Unread> {
    watch.begin(files.bytes()?);
    let mut broken_off = Ok(());
    let mut each = |row| match watch.tick() {
        Ok(()) => each(row),
        off => {
            broken_off = off;
            ControlFlow::Break(())
        }
    };
    let unread = read_members(files, watch, &mut each)?;
    broken_off.map(|()| unread)
}

fn read_members(files: &Files, watch: &Watch, each: &mut Each) -> Result<Unread> {
    let path = &files.path;
    let Some(members) = files.members()? else {
        let lists = read_file(path, watch, each)?;
        return Ok(Unread { lists, files: vec![] });
    };
    let mut lists = Vec::new();
    let (mut before, mut stopped) = (0, false);
    for name in &members.files {
        let file: Rc<str> = name.as_str().into();
        let mut last = 0;
        let file_path = path.join(name);
        lists.extend(read_file(&file_path, watch, &mut |row| {
            last = row.number;
            let place = Some(Place {
                file: file.clone(),
                row: row.number,
            });
            let flow = each(RawRow {
                number: before + row.number,
                place,
                ..row
            });
            stopped = flow.is_break();
            flow
        })?);
        if stopped {
            break;
        }
        before += last;
        watch.leave(file_path.metadata().map_or(0, |meta| meta.len()));
    }
    let files = members.others;
    Ok(Unread { lists, files })
}

fn read_file(path: &Path, watch: &Watch, each: &mut Each) -> Result<Vec<List>> {
    let file = named_file::open(path).map_err(|why| DataError::unread(path, why))?;
    watch.enter(&file);
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let start = reader.fill_buf().map_err(|e| DataError::read(path, e))?;
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase());
    let (ending, compression) = ending(name.as_deref().unwrap_or_default());
    let kind = FileKind::of(ending);
    let format = sniff::format(start);
    // the first bytes decide, not the name
    match format {
        Some(Format::Parquet) => return parquet::read(path, reader.into_inner(), watch, each).map(|()| vec![]),
        Some(Format::Arrow { skip }) => return arrow::read(path, reader, skip, each).map(|()| vec![]),
        Some(Format::OldFeather) => return Err(DataError::file(path, says::old_feather())),
        Some(Format::Zip) if matches!(ending, "xlsx" | "ods") => {
            return Err(DataError::file(path, says::is_spreadsheet()));
        }
        Some(Format::Zip) => return Err(DataError::file(path, says::is_archive("ZIP"))),
        // as plain text, a web page is fine
        Some(Format::Other(Other::WebPage)) if kind == Some(FileKind::Text) => {}
        Some(Format::Other(other)) => return Err(DataError::file(path, other.said())),
        Some(Format::Compressed(_)) if matches!(ending, "tar" | "tgz") => {
            return Err(DataError::file(path, says::is_archive("tar")));
        }
        Some(Format::Compressed(_)) => {}
        None if start.is_empty() => return Err(DataError::file(path, says::is_empty())),
        None if let Some(compression) = compression => {
            return Err(DataError::file(path, sniff::misnamed(compression, start)));
        }
        None if kind.is_some_and(|kind| !kind.is_text()) => {
            return Err(DataError::file(path, sniff::misnamed(ending, start)));
        }
        None => {}
    }
    let compression = match format {
        Some(Format::Compressed(compression)) => Some(compression),
        _ => None,
    };
    let text = text::open(path, reader, compression)?;
    match kind {
        Some(FileKind::Text) => read_lines(path, text, &mut |number, line| {
            let value = match std::str::from_utf8(line) {
                Ok(text) => Ok(serde_json::json!({ "text": text })),
                Err(_) => Err(sniff::not_utf8(line)),
            };
            each(RawRow::new(number, value))
        })
        .map(|()| Vec::new()),
        Some(FileKind::Csv) => separated::read(path, text, None, each).map(|()| Vec::new()),
        Some(FileKind::Tsv) => separated::read(path, text, Some(b'\t'), each).map(|()| Vec::new()),
        Some(FileKind::Json) => json::read(path, ending, text, each),
        // such a one is no text, which was told
        Some(FileKind::Parquet | FileKind::Arrow) | None => {
            let [texts, packings, tables] = endings_by_kind();
            Err(DataError::file(path, says::not_a_data_file(texts, packings, tables)))
        }
    }
}
