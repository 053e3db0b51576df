//! The text of a file, decompressed as it is read, within the limit of its size.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use protocol::says;

use super::super::error::{DataError, Result};
use super::limits::{Budget, MAX_ROW};
use super::sniff::{self, Compression, Format, Other};

/// A text that is being read; its beginning is in the buffer.
pub(in crate::data) type Text = BufReader<Box<dyn Read>>;

const BUFFER: usize = 1 << 20;

/// The text of a file, without a byte-order mark.
pub(super) fn open(path: &Path, reader: BufReader<File>, compression: Option<Compression>) -> Result<Text> {
    let size = reader.get_ref().metadata().map_err(|e| DataError::read(path, e))?.len();
    decompressed(path, Box::new(reader), compression, Budget::of(size))
}

pub(in crate::data) fn decompressed(
    path: &Path,
    bytes: Box<dyn BufRead>,
    compression: Option<Compression>,
    budget: Budget,
) -> Result<Text> {
    let inner: Box<dyn Read> = match compression {
        None => bytes,
        Some(compression) => {
            let inner: Box<dyn Read> = match compression {
                Compression::Gzip => Box::new(MultiGzDecoder::new(bytes)),
                Compression::Zstd => {
                    Box::new(zstd::stream::read::Decoder::with_buffer(bytes).map_err(|e| DataError::read(path, e))?)
                }
            };
            Box::new(Decompressor {
                inner,
                compression,
                budget,
            })
        }
    };
    let mut text: Text = BufReader::with_capacity(BUFFER, Box::new(Whole(inner)));
    let start = text.fill_buf().map_err(|e| failed(path, e))?;
    if let Some(encoding) = sniff::utf16(start) {
        return Err(DataError::file(path, says::is_utf16(encoding)));
    }
    if compression.is_some() && sniff::format(start).is_some_and(|format| format != Format::Other(Other::WebPage)) {
        return Err(DataError::file(path, says::packed_no_text()));
    }
    if start.starts_with(&[0xEF, 0xBB, 0xBF]) {
        text.consume(3);
    }
    Ok(text)
}

/// Why a text could not be read.
pub(super) fn failed(path: &Path, error: io::Error) -> DataError {
    match error.get_ref().and_then(|why| why.downcast_ref::<Failure>()) {
        Some(Failure::Grows(budget)) => budget.spent(path),
        Some(Failure::Broken(compression, why)) => {
            DataError::file(path, says::unpacking_failed(compression.name(), why))
        }
        None => DataError::read(path, error),
    }
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("grows too far")]
    Grows(Budget),
    #[error("{1}")]
    Broken(Compression, String),
}

/// Fills buffers as far as possible, so that the beginning of a file is in one piece.
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

struct Decompressor {
    inner: Box<dyn Read>,
    compression: Compression,
    budget: Budget,
}

impl Read for Decompressor {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match self.inner.read(buffer) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => return Err(e),
            Err(e) => return Err(io::Error::other(Failure::Broken(self.compression, e.to_string()))),
            Ok(read) => read,
        };
        match self.budget.take(read as u64) {
            true => Ok(read),
            false => Err(io::Error::other(Failure::Grows(self.budget))),
        }
    }
}

/// Passes each line that is not blank to `each`, with its number and without its end.
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

/// Reads the next line with its end; false if there is none.
pub(super) fn next_line(path: &Path, text: &mut Text, number: u64, line: &mut Vec<u8>) -> Result<bool> {
    line.clear();
    let read = text.take(MAX_ROW as u64).read_until(b'\n', line);
    let read = read.map_err(|e| failed(path, e))?;
    if read == MAX_ROW && line.last() != Some(&b'\n') {
        return Err(DataError::file(path, says::line_too_long(number, MAX_ROW >> 20)));
    }
    Ok(read > 0)
}
