//! Arrow's IPC messages, as streams (`datasets`' own files) and as files (Feather): record batches one by one, in the
//! order they were written. A message is looked at before anything is made of it: what it says of its sizes must fit
//! the file.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use arrow_buffer::Buffer;
use arrow_ipc::reader::StreamDecoder;
use arrow_ipc::{Message, RecordBatch, root_as_message};
use protocol::{Said, says};

use super::super::error::{DataError, Result};
use super::cell::Cells;
use super::limits::Budget;
use super::{Each, RawRow};

/// The beginning of a message since Arrow 0.15.
const CONTINUES: [u8; 4] = [0xFF; 4];
/// Metadata of messages longer than this is refused.
const MAX_HEAD: u64 = 64 << 20;
/// Batches larger than this, decompressed, are refused.
const MAX_BATCH: u64 = 2 << 30;

pub(super) fn read(path: &Path, mut reader: BufReader<File>, skip: usize, each: &mut Each) -> Result<()> {
    let size = reader.get_ref().metadata().map_err(|e| DataError::read(path, e))?.len();
    reader.consume(skip);
    let mut messages = Messages {
        path,
        reader,
        left: size.saturating_sub(skip as u64),
        rows: 0,
    };
    let mut decoder = StreamDecoder::new();
    let mut budget = Budget::of(size);
    while let Some(bytes) = messages.next()? {
        let mut buffer = Buffer::from_vec(bytes);
        while !buffer.is_empty() {
            let decoded = guarded(|| decoder.decode(&mut buffer));
            let Some(batch) = decoded.map_err(|why| messages.broken(why))? else {
                continue;
            };
            if !hand_on(path, &batch, &mut messages.rows, &mut budget, each)? {
                return Ok(());
            }
        }
    }
    match messages.rows == 0 && decoder.schema().is_none() {
        true => Err(messages.broken(says::ends_before_message())),
        false => Ok(()),
    }
}

/// Hands on the rows of a batch; false: enough.
pub(super) fn hand_on(
    path: &Path,
    batch: &arrow_array::RecordBatch,
    rows: &mut u64,
    budget: &mut Budget,
    each: &mut Each,
) -> Result<bool> {
    let mut cells = Cells::of(batch);
    for row in 0..batch.num_rows() {
        let made = cells.row(row);
        budget.pay(path, made.bytes)?;
        *rows += 1;
        let row = RawRow {
            duplicate_keys: cells.duplicate_keys.clone(),
            ..RawRow::new(*rows, made.value)
        };
        if each(row).is_break() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The error of a table that is damaged after so many rows.
pub(super) fn broken_after(path: &Path, format: &str, rows: u64, why: Said) -> DataError {
    let after = match rows {
        0 => String::new(),
        rows => rows.to_string(),
    };
    DataError::file(path, says::table_broken(format, after, why))
}

/// Runs a library on untrusted bytes; a panic counts as a failure.
pub(super) fn guarded<T, E: std::fmt::Display>(
    make: impl FnOnce() -> std::result::Result<T, E>,
) -> std::result::Result<T, Said> {
    // its state is dropped, and never used again
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(make)) {
        Ok(made) => made.map_err(|e| Said::plain(e.to_string())),
        Err(_) => Err(says::parts_misfit()),
    }
}

struct Messages<'a> {
    path: &'a Path,
    reader: BufReader<File>,
    /// How many bytes of the file are left.
    left: u64,
    /// How many rows were read.
    rows: u64,
}

impl Messages<'_> {
    fn broken(&self, why: Said) -> DataError {
        broken_after(self.path, "Arrow", self.rows, why)
    }

    /// Appends `n` bytes of the file to `into`.
    fn take(&mut self, n: u64, into: &mut Vec<u8>) -> Result<()> {
        if n > self.left {
            return Err(self.broken(says::ends_within_message()));
        }
        let read = (&mut self.reader).take(n).read_to_end(into);
        let read = read.map_err(|e| DataError::read(self.path, e))? as u64;
        self.left -= read;
        match read == n {
            true => Ok(()),
            false => Err(self.broken(says::ends_within_message())),
        }
    }

    /// The next message with its body; `None` at the end.
    fn next(&mut self) -> Result<Option<Vec<u8>>> {
        if self.left == 0 {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        self.take(4, &mut bytes)?;
        if bytes == CONTINUES {
            self.take(4, &mut bytes)?;
        }
        let length = bytes.last_chunk().copied().map_or(0, i32::from_le_bytes);
        if length == 0 {
            return Ok(None);
        }
        let head = u64::try_from(length).ok().filter(|length| *length <= MAX_HEAD);
        let head = head.ok_or_else(|| self.broken(says::message_of(length)))?;
        let start = bytes.len();
        self.take(head, &mut bytes)?;
        let message = root_as_message(&bytes[start..]).map_err(|e| self.broken(Said::plain(e.to_string())))?;
        let body = u64::try_from(message.bodyLength()).map_err(|e| self.broken(Said::plain(e.to_string())))?;
        let compressed = parts(&message).is_some_and(|batch| batch.compression().is_some());
        let start = bytes.len();
        self.take(body, &mut bytes)?;
        let (head, body) = bytes.split_at(start);
        let head = head
            .get(head.len() - usize::try_from(length).unwrap_or_default()..)
            .unwrap_or_default();
        let message = root_as_message(head).map_err(|e| self.broken(Said::plain(e.to_string())))?;
        if let Some(batch) = parts(&message) {
            fits(&batch, body, compressed).map_err(|why| self.broken(why))?;
        }
        Ok(Some(bytes))
    }
}

/// The columns of a message that has some.
fn parts<'a>(message: &Message<'a>) -> Option<RecordBatch<'a>> {
    let dictionary = message.header_as_dictionary_batch().and_then(|batch| batch.data());
    message.header_as_record_batch().or(dictionary)
}

/// Refuses a batch with buffers outside of its body, or that decompresses to too much.
fn fits(batch: &RecordBatch, body: &[u8], compressed: bool) -> std::result::Result<(), Said> {
    let mut size = 0_u64;
    for buffer in batch.buffers().into_iter().flatten() {
        let range = |buffer: &arrow_ipc::Buffer| {
            let from = usize::try_from(buffer.offset()).ok()?;
            let to = from.checked_add(usize::try_from(buffer.length()).ok()?)?;
            body.get(from..to)
        };
        let part = range(buffer).ok_or_else(says::part_outside)?;
        // a compressed buffer begins with its decompressed length, -1 if it is not compressed
        let unpacked = part.first_chunk().copied().map(i64::from_le_bytes);
        let length = match unpacked.filter(|_| compressed) {
            Some(length) if length != -1 => u64::try_from(length).map_err(|_| says::part_outside())?,
            _ => part.len() as u64,
        };
        size = size.saturating_add(length);
    }
    if size > MAX_BATCH {
        return Err(says::batch_too_large(size >> 20, MAX_BATCH >> 20));
    }
    let lengths = batch.nodes().into_iter().flatten().map(|node| node.length());
    let most = lengths.chain([batch.length()]).max().unwrap_or(0);
    // a bit of some part for each row, if of no other that of what is null
    match u64::try_from(most) {
        Ok(rows) if rows / 8 <= size.max(1 << 10) => Ok(()),
        _ => Err(says::rows_in_bytes(most, size)),
    }
}
