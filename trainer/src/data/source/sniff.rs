//! Recognises a file's format by its first bytes, and why a text is no JSON, with a remedy for common mistakes.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use protocol::{Said, says};

/// Keys of the list of rows in files that are one object around it.
const WRAPPERS: [&str; 9] = [
    "data",
    "rows",
    "train",
    "examples",
    "samples",
    "instances",
    "dataset",
    "items",
    "records",
];

/// The format of a file that is not plain text, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Parquet,
    /// Arrow IPC messages, after so many bytes.
    Arrow {
        skip: usize,
    },
    OldFeather,
    /// A ZIP archive, as spreadsheets are.
    Zip,
    Other(Other),
    Compressed(Compression),
}

/// Files that are often given by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Other {
    Archive(&'static str),
    Compressed(&'static str),
    Spreadsheet,
    LfsPointer,
    WebPage,
    Program(&'static str),
}

/// How they begin.
const OTHERS: [(&[u8], Other); 8] = [
    (b"7z\xBC\xAF\x27\x1C", Other::Archive("7z")),
    (b"Rar!\x1A\x07", Other::Archive("RAR")),
    (b"\xFD7zXZ\0", Other::Compressed("xz")),
    // spreadsheets before ZIP
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Other::Spreadsheet),
    (b"version https://git-lfs.github.com/spec/", Other::LfsPointer),
    (b"SQLite format 3\0", Other::Program("SQLite")),
    (b"%PDF-", Other::Program("PDF")),
    (b"\x93NUMPY", Other::Program("NumPy")),
];

impl Other {
    fn of(start: &[u8]) -> Option<Self> {
        let is_page = [b"<!doctype html".as_slice(), b"<html"].into_iter().any(|opening| {
            let head = start.trim_ascii_start().get(..opening.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(opening))
        });
        let known = || OTHERS.iter().find(|(magic, _)| start.starts_with(magic));
        match start {
            // the fourth byte is the block size
            [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', ..] => Some(Self::Compressed("bzip2")),
            _ if is_page => Some(Self::WebPage),
            _ => known().map(|(_, other)| *other),
        }
    }

    /// What the file is, and what to do.
    pub(super) fn said(self) -> Said {
        match self {
            Self::Archive(format) => says::is_archive(format),
            Self::Compressed(format) => says::packed_otherwise(format),
            Self::Spreadsheet => says::is_spreadsheet(),
            Self::LfsPointer => says::is_lfs_pointer(),
            Self::WebPage => says::is_web_page(),
            Self::Program(format) => says::of_other_program(format),
        }
    }
}

/// The error of a file that does not begin as its name says.
pub(super) fn misnamed(ending: &str, start: &[u8]) -> Said {
    match start.trim_ascii_start().first() {
        Some(b'{' | b'[') => says::is_json_named(ending),
        _ => says::not_as_named(ending),
    }
}

/// How a text is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::data) enum Compression {
    Gzip,
    Zstd,
}

impl Compression {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

pub(super) fn format(start: &[u8]) -> Option<Format> {
    let is = |magic: &[u8]| start.starts_with(magic);
    Some(match start {
        _ if is(b"PAR1") => Format::Parquet,
        _ if is(b"ARROW1\0\0") => Format::Arrow { skip: 8 },
        _ if is(&[0xFF; 4]) => Format::Arrow { skip: 0 },
        _ if is(b"FEA1") => Format::OldFeather,
        _ if is(b"PK\x03\x04") => Format::Zip,
        _ if is(&[0x1F, 0x8B]) => Format::Compressed(Compression::Gzip),
        _ if is(&[0x28, 0xB5, 0x2F, 0xFD]) => Format::Compressed(Compression::Zstd),
        _ => Format::Other(Other::of(start)?),
    })
}

/// The kind of UTF-16 that a file is in, by its byte-order mark, or by the zero byte of a first ASCII character.
pub(super) fn utf16(start: &[u8]) -> Option<&'static str> {
    match start {
        [0xFF, 0xFE, ..] => Some("UTF-16LE"),
        [0xFE, 0xFF, ..] => Some("UTF-16BE"),
        [letter, 0, ..] if letter.is_ascii() && *letter != 0 => Some("UTF-16LE"),
        [0, letter, ..] if letter.is_ascii() && *letter != 0 => Some("UTF-16BE"),
        _ => None,
    }
}

/// The error of bytes that are no UTF-8: the likely encoding, and how to convert it.
pub(super) fn not_utf8(bytes: &[u8]) -> Said {
    match guess(bytes) {
        Some(encoding) => says::looks_like(encoding),
        None => says::other_encoding(),
    }
}

/// The likely encoding of a text that is no UTF-8: Shift JIS by its kana, GBK by its common characters.
fn guess(bytes: &[u8]) -> Option<&'static str> {
    let (mut pairs, mut kana, mut common) = (0, 0, 0);
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        if first.is_ascii() {
            rest = tail;
            continue;
        }
        let [second, after @ ..] = tail else { break };
        pairs += 1;
        kana += usize::from(matches!(
            (first, second),
            (0x82, 0x9F..=0xF1) | (0x83, 0x40..=0x96) | (0x81, 0x41..=0x42)
        ));
        common += usize::from((0xB0..=0xF7).contains(first) && *second >= 0xA1 || (0xA1..=0xA3).contains(first));
        rest = after;
    }
    match pairs {
        0 | 1 => None,
        _ if kana * 4 >= pairs => Some("SHIFT_JIS"),
        _ if common * 10 >= pairs * 8 => Some("GBK"),
        _ => None,
    }
}

/// The key of the list of rows in a file that is one object around it; `start` is how the file begins.
pub(super) fn wrapper(start: &[u8]) -> Option<String> {
    let mut depth = 0;
    let mut at = 0;
    while at < start.len() {
        match start[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            b'"' => {
                let end = string_end(start, at)?;
                let key = std::str::from_utf8(&start[at + 1..end]).unwrap_or_default();
                at = end;
                if depth == 1
                    && WRAPPERS.contains(&key)
                    && let Some(list) = after(&start[end + 1..], b':').and_then(|rest| after(rest, b'['))
                {
                    return opens_a_row(list).then(|| key.to_owned());
                }
            }
            _ => {}
        }
        if depth == 0 {
            return None;
        }
        at += 1;
    }
    None
}

pub(super) fn is_wrapper(key: &str) -> bool {
    WRAPPERS.contains(&key)
}

/// Whether a list begins with an object that is a row, and no message.
fn opens_a_row(list: &[u8]) -> bool {
    let Some(row) = after(list, b'{').map(<[u8]>::trim_ascii_start) else {
        return false;
    };
    let messages: [&[u8]; 6] = [
        b"\"role\"",
        b"\"from\"",
        b"\"content\"",
        b"\"value\"",
        b"\"human\"",
        b"\"user\"",
    ];
    !messages.iter().any(|key| row.starts_with(key))
}

/// What comes after `byte`, if that is next but for blanks.
fn after(bytes: &[u8], byte: u8) -> Option<&[u8]> {
    bytes.trim_ascii_start().strip_prefix(&[byte])
}

/// The closing quote of the string that opens at `from`.
fn string_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// What a JSON parser's error means at its place in a line, for common mistakes.
pub(super) fn hint(line: &[u8], column: usize) -> Said {
    let from = column.saturating_sub(2).min(line.len());
    let near: Vec<&[u8]> = (from..line.len().min(column + 1)).map(|at| &line[at..]).collect();
    let has = |words: &[&str]| {
        near.iter()
            .any(|rest| words.iter().any(|word| rest.starts_with(word.as_bytes())))
    };
    if has(&["NaN", "Infinity", "-Infinity"]) {
        says::nan_is_no_json()
    } else if has(&["'", "True", "False", "None"]) {
        says::pythons_writing()
    } else {
        Said::default()
    }
}

/// The same for a file that is one JSON value. A compressed file is not decompressed again for it.
pub(super) fn hint_in(path: &Path, error: &serde_json::Error) -> Said {
    let lines = File::open(path).map(|file| BufReader::new(file.take(64 << 20)).split(b'\n'));
    let line = lines
        .ok()
        .and_then(|mut lines| lines.nth(error.line().checked_sub(1)?)?.ok())
        .filter(|line| format(line).is_none());
    let Some(line) = line else { return Said::default() };
    match std::str::from_utf8(&line) {
        Err(_) => not_utf8(&line),
        Ok(_) => hint(&line, error.column()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_by_their_bytes() {
        // 仓库在一九七四年开放。 in GBK, これはペンです。 in Shift JIS, "café crème" in Latin-1
        let gbk = b"\xb2\xd6\xbf\xe2\xd4\xda\xd2\xbb\xbe\xc5\xc6\xdf\xcb\xc4\xc4\xea\xbf\xaa\xb7\xc5\xa1\xa3";
        let sjis = b"\x82\xb1\x82\xea\x82\xcd\x83\x79\x83\x93\x82\xc5\x82\xb7\x81\x42";
        assert_eq!(guess(gbk), Some("GBK"));
        assert_eq!(guess(sjis), Some("SHIFT_JIS"));
        assert_eq!(guess(b"caf\xe9 cr\xe8me"), None);
    }

    #[test]
    fn lists_of_rows_are_found_in_the_object_around_them() {
        for (text, key) in [
            (r#"{"data": [{"prompt": "x"}]}"#, Some("data")),
            (
                r#"{"version": "1", "more": {"data": [1]}, "rows" : [ {"a": 1"#,
                Some("rows"),
            ),
            (r#"{"data": [{"role": "user", "content": "x"}]}"#, None),
            (r#"{"data": ["a", "b"]}"#, None),
            (r#"{"prompt": "\"data\": [{", "x": 1}"#, None),
            (r#"{"a": 1} {"data": [{"a": 1}]}"#, None),
            (r#"{"messages": [{"a": 1}]}"#, None),
        ] {
            assert_eq!(wrapper(text.as_bytes()).as_deref(), key, "{text}");
        }
    }
}
