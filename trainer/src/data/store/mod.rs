//! A store of tokenized rows, written once in order and read by number: in memory while they are few, else on disk.

mod bytes;
pub(super) mod kept;
mod row;
mod slots;

use std::sync::Arc;

use protocol::says;
use serde::{Deserialize, Serialize};

use super::error::{DataError, Result};
use super::{Examples, Labelled, Ranked};
use crate::batch;

use bytes::{ByteWriter, Bytes};
pub(super) use bytes::{CACHE, Place};
pub(crate) use row::Example;
pub use row::Size;
use row::{RowHeader, from_words, to_words};
pub(super) use slots::Slots;

/// Names of a store's files.
const ROWS: &str = "rows";
const HEADS: &str = "heads";

/// The kind of a store's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RowKind {
    Pairs,
    Ranked,
    Labelled,
    Sequences,
    Prompts,
    /// Texts of stage `pt`, before they are cut or packed into rows.
    Documents,
}

impl RowKind {
    /// Examples of this kind as one batch.
    pub(super) fn rows(self, examples: Vec<Example>) -> Examples {
        let (mut pairs, mut labelled, mut sequences, mut prompts) = (vec![], vec![], vec![], vec![]);
        for example in examples {
            match example {
                Example::Pair(pair) => pairs.push(pair),
                Example::Labelled(row) => labelled.push(row),
                Example::Sequence(sequence) => sequences.push(sequence),
                Example::Document(ids) | Example::Prompt(ids) => prompts.push(ids),
            }
        }
        match self {
            Self::Pairs => Examples::Pairs(pairs),
            Self::Ranked => Examples::Ranked(pairs.into_iter().map(|pair| Ranked { pair }).collect()),
            Self::Labelled => Examples::Labelled(labelled),
            Self::Sequences => Examples::Sequences(sequences),
            Self::Prompts | Self::Documents => Examples::Prompts(prompts),
        }
    }
}

/// Rows of one kind, complete and read-only.
#[derive(Debug)]
pub(super) struct Store {
    kind: RowKind,
    rows: Bytes,
    /// A [`RowHeader`] for each row.
    heads: Bytes,
    len: usize,
    /// The largest token id of all.
    largest: Option<u32>,
}

impl Store {
    fn head(&self, row: usize) -> Result<RowHeader> {
        let mut bytes = [0; RowHeader::BYTES];
        self.heads.read_at((row * RowHeader::BYTES) as u64, &mut bytes)?;
        Ok(RowHeader::from_bytes(&bytes))
    }

    /// Whether its files have the sizes of this many rows, and the last row is as it was written.
    fn is_whole(&self) -> Result<bool> {
        let heads = self.len.checked_mul(RowHeader::BYTES).map(|bytes| bytes as u64);
        if heads != Some(self.heads.len()?) {
            return Ok(false);
        }
        let Some(last) = self.len.checked_sub(1) else {
            return Ok(self.rows.len()? == 0);
        };
        let head = self.head(last)?;
        let end = head.at.checked_add(u64::from(head.words) * 4);
        Ok(end == Some(self.rows.len()?) && self.row(last).is_ok())
    }

    /// Reads a row.
    ///
    /// # Errors
    /// It is not as it was written.
    fn row(&self, row: usize) -> Result<Example> {
        let head = self.head(row)?;
        let mut bytes = vec![0; head.words as usize * 4];
        self.rows.read_at(head.at, &mut bytes)?;
        let words: Vec<u32> = bytes.chunks_exact(4).map(word).collect();
        from_words(self.kind, &words, head.pair)
            .filter(|example| example.hash() == head.hash)
            .ok_or_else(|| DataError::file(self.rows.path(), says::tokens_damaged()))
    }
}

fn word(bytes: &[u8]) -> u32 {
    bytes.first_chunk().copied().map_or(0, u32::from_le_bytes)
}

/// Writes a store, row by row.
pub(super) struct Writer {
    kind: RowKind,
    rows: ByteWriter,
    heads: ByteWriter,
    len: usize,
    largest: Option<u32>,
    /// A buffer for a row's words, reused for each.
    words: Vec<u32>,
}

impl Writer {
    pub(super) fn new(kind: RowKind, place: &Place) -> Self {
        Self {
            kind,
            rows: ByteWriter::new(place, ROWS),
            heads: ByteWriter::new(place, HEADS),
            len: 0,
            largest: None,
            words: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn push(&mut self, example: Example) -> Result<()> {
        self.words.clear();
        to_words(&example, &mut self.words);
        self.largest = self.largest.max(example.largest_id());
        let head = RowHeader {
            at: self.rows.len(),
            words: u32::try_from(self.words.len()).unwrap_or(u32::MAX),
            tokens: u32::try_from(example.tokens()).unwrap_or(u32::MAX),
            pair: example.pair(),
            hash: example.hash(),
            size: batch::size(&self.kind.rows(vec![example])),
        };
        if self.len >= u32::MAX as usize || head.words == u32::MAX {
            return Err(DataError::file(self.rows.path(), says::too_many_rows()));
        }
        self.rows.push(self.words.iter().flat_map(|word| word.to_le_bytes()))?;
        self.heads.push(head.to_bytes())?;
        self.len += 1;
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Store> {
        Ok(Store {
            kind: self.kind,
            rows: self.rows.finish()?,
            heads: self.heads.finish()?,
            len: self.len,
            largest: self.largest,
        })
    }
}

/// The rows of a split, in its order. Clones share the rows.
#[derive(Debug, Clone)]
pub struct Dataset {
    store: Arc<Store>,
    /// Which rows of the store; `None` for all of them, in their order.
    chosen: Option<Arc<[u32]>>,
}

impl Dataset {
    pub(super) fn all_of(store: Arc<Store>) -> Self {
        Self { store, chosen: None }
    }

    /// Only these of its rows, in this order.
    pub(super) fn chosen(self, rows: Vec<u32>) -> Self {
        let chosen = match &self.chosen {
            None => rows.into(),
            Some(of) => rows.into_iter().map(|row| of[row as usize]).collect(),
        };
        Self {
            chosen: Some(chosen),
            ..self
        }
    }

    pub fn len(&self) -> usize {
        self.chosen.as_ref().map_or(self.store.len, |chosen| chosen.len())
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn kind(&self) -> RowKind {
        self.store.kind
    }

    /// Whether they are pairs of replies.
    pub fn is_pairs(&self) -> bool {
        self.store.kind == RowKind::Pairs
    }

    /// Whether they are pairs for a reward model.
    pub(super) fn is_ranked(&self) -> bool {
        self.store.kind == RowKind::Ranked
    }

    /// The row's number in the store.
    fn place(&self, row: usize) -> usize {
        self.chosen.as_ref().map_or(row, |chosen| chosen[row] as usize)
    }

    pub(super) fn example(&self, row: usize) -> Result<Example> {
        self.store.row(self.place(row))
    }

    /// Reads these rows.
    ///
    /// # Errors
    /// They are on disk and can't be read.
    pub fn read(&self, rows: &[usize]) -> Result<Examples> {
        let rows: Result<_> = rows.iter().map(|&row| self.example(row)).collect();
        Ok(self.store.kind.rows(rows?))
    }

    /// Reads all rows.
    pub fn read_all(&self) -> Result<Examples> {
        self.read(&(0..self.len()).collect::<Vec<_>>())
    }

    /// How many tokens of a row training computes: each reply's with its prompt's.
    pub fn tokens(&self, row: usize) -> Result<u32> {
        Ok(self.store.head(self.place(row))?.tokens)
    }

    /// The size of a row's plan.
    pub fn size(&self, row: usize) -> Result<Size> {
        Ok(self.store.head(self.place(row))?.size)
    }

    /// SHA-256 of a row's token ids and loss mask.
    pub fn hash(&self, row: usize) -> Result<[u8; 32]> {
        Ok(self.store.head(self.place(row))?.hash)
    }

    /// The manifest that is saved beside the store.
    pub(super) fn manifest(&self, origin: kept::Origin) -> kept::Manifest {
        kept::Manifest::of(&self.store, origin)
    }

    /// The largest token id of all rows in the store.
    pub fn largest_id(&self) -> Option<u32> {
        self.store.largest
    }

    /// The number of the pair that a labelled row was unpaired from.
    pub(super) fn pair(&self, row: usize) -> Result<Option<u32>> {
        Ok(self.store.head(self.place(row))?.pair)
    }

    /// Whether rows may be unpaired from pairs.
    pub(super) fn has_pairs(&self) -> bool {
        self.store.kind == RowKind::Labelled
    }
}

impl Labelled {
    /// The number of its pair as a store keeps it.
    fn pair_number(&self) -> Option<u32> {
        self.pair.and_then(|pair| u32::try_from(pair).ok())
    }
}
