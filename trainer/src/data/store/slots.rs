//! Rows in tokens that come and go: in memory as far as they are few, else in places of a file that later rows take
//! over.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt;

use protocol::says;

use super::super::error::{DataError, Result};
use super::bytes::{Place, unnamed_file};
use super::row::{from_words, to_words};
use super::{Example, RowKind, word};

/// Words of the smallest place in the file.
const SMALLEST: u64 = 64;

/// Where a row is.
enum Slot {
    Memory(Vec<u32>),
    /// From this byte on, so many words.
    File {
        at: u64,
        words: usize,
    },
}

/// A row, and the pair that it was taken from.
struct Row {
    slot: Slot,
    pair: Option<u32>,
}

/// Rows of one kind, each in a place of its own.
pub(in crate::data) struct Slots {
    kind: RowKind,
    place: Place,
    rows: Vec<Row>,
    /// How many bytes the rows in memory have.
    in_memory: usize,
    file: Option<File>,
    /// How many bytes of the file are in use or free for reuse.
    end: u64,
    /// Free places of the file, by their size in words.
    free: BTreeMap<u64, Vec<u64>>,
}

impl Slots {
    pub(in crate::data) fn new(kind: RowKind, place: &Place) -> Self {
        Self {
            kind,
            place: place.clone(),
            rows: Vec::new(),
            in_memory: 0,
            file: None,
            end: 0,
            free: BTreeMap::new(),
        }
    }

    pub(in crate::data) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Adds a row at the end.
    pub(in crate::data) fn push(&mut self, example: &Example) -> Result<()> {
        let row = self.put(example)?;
        self.rows.push(row);
        Ok(())
    }

    /// Replaces the row at `at`; returns the old one.
    pub(in crate::data) fn replace(&mut self, at: usize, example: &Example) -> Result<Example> {
        let given = self.get(at)?;
        match &self.rows[at].slot {
            Slot::Memory(words) => self.in_memory -= words.len() * 4,
            Slot::File { at, words } => self.free.entry(room(*words)).or_default().push(*at),
        }
        self.rows[at] = self.put(example)?;
        Ok(given)
    }

    pub(in crate::data) fn get(&self, at: usize) -> Result<Example> {
        let row = &self.rows[at];
        let example = match &row.slot {
            Slot::Memory(words) => from_words(self.kind, words, row.pair),
            Slot::File { at, words } => {
                let mut bytes = vec![0; words * 4];
                let read = self.file.as_ref().map(|file| file.read_exact_at(&mut bytes, *at));
                read.transpose().map_err(|e| DataError::read(&self.place.folder, e))?;
                let words: Vec<u32> = bytes.chunks_exact(4).map(word).collect();
                from_words(self.kind, &words, row.pair)
            }
        };
        example.ok_or_else(|| DataError::file(&self.place.folder, says::tokens_damaged()))
    }

    fn put(&mut self, example: &Example) -> Result<Row> {
        let mut words = Vec::new();
        to_words(example, &mut words);
        let pair = example.pair();
        if self.in_memory + words.len() * 4 <= self.place.in_memory {
            words.shrink_to_fit();
            self.in_memory += words.len() * 4;
            let slot = Slot::Memory(words);
            return Ok(Row { slot, pair });
        }
        let room = room(words.len());
        let at = match self.free.get_mut(&room).and_then(Vec::pop) {
            Some(at) => at,
            None => {
                self.end += room * 4;
                self.end - room * 4
            }
        };
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let written = match &self.file {
            Some(file) => file.write_all_at(&bytes, at),
            None => unnamed_file(&self.place.folder, "waiting").and_then(|file| {
                let written = file.write_all_at(&bytes, at);
                self.file = Some(file);
                written
            }),
        };
        written.map_err(|e| DataError::write(&self.place.folder, self.place.key, e))?;
        let words = words.len();
        let slot = Slot::File { at, words };
        Ok(Row { slot, pair })
    }
}

/// The size in words of the place for a row of `words`: a power of two, so that a free place fits many rows.
fn room(words: usize) -> u64 {
    (words as u64).max(SMALLEST).next_power_of_two()
}
