//! Text of a file, unpacked on the way and never further than a file of its size may grow.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use protocol::says;

use super::super::error::{DataError, Result};
use super::limits::{Budget, MAX_ROW};
use super::sniff::{self, Format, Other, Packing};

/// A text as it is read: as much of its beginning as there is lies in the buffer.
pub(in crate::data) type Text = BufReader<Box<dyn Read>>;

const BUFFER: usize = 1 << 20;

/// The text of a file, its byte-order mark left out.
pub(super) fn open(path: &Path, reader: BufReader<File>, packing: Option<Packing>) -> Result<Text> {
    let size = reader.get_ref().metadata().map_err(|e| DataError::read(path, e))?.len();
    unpacked(path, Box::new(reader), packing, Budget::of(size))
}

pub(in crate::data) fn unpacked(
    path: &Path,
    bytes: Box<dyn BufRead>,
    packing: Option<Packing>,
    budget: Budget,
) -> Result<Text> {
    let inner: Box<dyn Read> = match packing {
        None => bytes,
        Some(packing) => {
            let inner: Box<dyn Read> = match packing {
                Packing::Gzip => Box::new(MultiGzDecoder::new(bytes)),
                Packing::Zstd => {
                    Box::new(zstd::stream::read::Decoder::with_buffer(bytes).map_err(|e| DataError::read(path, e))?)
                }
            };
            Box::new(Unpacking { inner, packing, budget })
        }
    };
    let mut text: Text = BufReader::with_capacity(BUFFER, Box::new(Whole(inner)));
    let start = text.fill_buf().map_err(|e| failed(path, e))?;
    if let Some(encoding) = sniff::utf16(start) {
        return Err(DataError::file(path, says::is_utf16(encoding)));
    }
    if packing.is_some() && sniff::format(start).is_some_and(|format| format != Format::Other(Other::WebPage)) {
        return Err(DataError::file(path, says::packed_no_text()));
    }
    if start.starts_with(&[0xEF, 0xBB, 0xBF]) {
        text.consume(3);
    }
    Ok(text)
}

/// What went wrong with the reading of a text.
pub(super) fn failed(path: &Path, error: io::Error) -> DataError {
    match error.get_ref().and_then(|why| why.downcast_ref::<Failure>()) {
        Some(Failure::Grows(budget)) => budget.spent(path),
        Some(Failure::Broken(packing, why)) => DataError::file(path, says::unpacking_failed(packing.name(), why)),
        None => DataError::read(path, error),
    }
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("grows too far")]
    Grows(Budget),
    #[error("{1}")]
    Broken(Packing, String),
}

/// Fills what it is given as far as it can: the beginning of a file is looked at as one piece.
struct Whole(Box<dyn Read>);

impl Read for Whole {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.0.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(filled)
    }
}

struct Unpacking {
    inner: Box<dyn Read>,
    packing: Packing,
    budget: Budget,
}

impl Read for Unpacking {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match self.inner.read(buffer) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => return Err(e),
            Err(e) => return Err(io::Error::other(Failure::Broken(self.packing, e.to_string()))),
            Ok(read) => read,
        };
        match self.budget.take(read as u64) {
            true => Ok(read),
            false => Err(io::Error::other(Failure::Grows(self.budget))),
        }
    }
}

/// Hands each line that is not blank to `each` with its number, without its end.
pub(in crate::data) fn read_lines(
    path: &Path,
    mut text: Text,
    each: &mut dyn FnMut(u64, &[u8]) -> ControlFlow<()>,
) -> Result<()> {
    let mut line = Vec::new();
    for number in 1.. {
        if !next_line(path, &mut text, number, &mut line)? {
            break;
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

/// The next line with its end; false where there is none.
pub(super) fn next_line(path: &Path, text: &mut Text, number: u64, line: &mut Vec<u8>) -> Result<bool> {
    line.clear();
    let read = text.take(MAX_ROW as u64).read_until(b'\n', line);
    let read = read.map_err(|e| failed(path, e))?;
    if read == MAX_ROW && line.last() != Some(&b'\n') {
        return Err(DataError::file(path, says::line_too_long(number, MAX_ROW >> 20)));
    }
    Ok(read > 0)
}
