//! Packs tokenized rows and writes them to a store: texts cut into rows or blocks, conversations packed, others as they
//! are.

use protocol::says;

use super::Sequence;
use super::encode::{self, Blocks, PACK_ROWS};
use super::error::{DataError, Result};
use super::intake::{Intake, RowForm};
use super::store::{Dataset, Example, Place, RowKind, Store, Writer};
use super::template::Encoder;
use super::tokenize::Sink;

/// Packs tokenized rows, in the order in which they are used.
pub(super) struct Packer<'a> {
    form: RowForm,
    encoder: &'a Encoder,
    /// Tokens in a row, at most.
    cutoff: usize,
    blocks: Blocks,
    /// Sequences that wait to be packed together.
    group: Vec<Sequence>,
    /// Tokens of all texts.
    tokens: usize,
    /// Whether they have filled a row.
    filled: bool,
}

impl<'a> Packer<'a> {
    /// `cutoff` is how many tokens a row has at most.
    pub(super) fn new(intake: Intake, cutoff: usize, encoder: &'a Encoder) -> Self {
        Self {
            form: intake.form,
            encoder,
            cutoff,
            blocks: Blocks::new(encoder, cutoff),
            group: Vec::new(),
            tokens: 0,
            filled: false,
        }
    }

    /// Adds a row; packed rows that are complete go to `out`.
    pub(super) fn push(&mut self, example: Example, out: &mut Sink) -> Result<()> {
        match (self.form, example) {
            (RowForm::Cut, Example::Document(ids)) => {
                let row = encode::cut_row(self.encoder, ids, self.cutoff);
                self.emit(row.into_iter().collect(), out)
            }
            (RowForm::Blocks, Example::Document(ids)) => {
                self.tokens += ids.len();
                let blocks = self.blocks.push(&ids);
                self.emit(blocks, out)
            }
            (RowForm::Packed { .. }, Example::Sequence(sequence)) => {
                self.group.push(sequence);
                match self.group.len() < PACK_ROWS {
                    true => Ok(()),
                    false => self.pack(out),
                }
            }
            (_, example) => out(example),
        }
    }

    fn pack(&mut self, out: &mut Sink) -> Result<()> {
        let joined = matches!(self.form, RowForm::Packed { joined: true });
        let rows = encode::pack(std::mem::take(&mut self.group), self.cutoff, joined);
        self.emit(rows, out)
    }

    fn emit(&mut self, rows: Vec<Sequence>, out: &mut Sink) -> Result<()> {
        self.filled |= !rows.is_empty();
        rows.into_iter().try_for_each(|row| out(Example::Sequence(row)))
    }

    /// Packs the rows that are left; `names` are the data sets.
    ///
    /// # Errors
    /// All texts together do not fill a block.
    pub(super) fn finish(mut self, names: &[String], out: &mut Sink) -> Result<()> {
        self.pack(out)?;
        if self.form == RowForm::Blocks && !self.filled {
            let why = says::block_unfilled(self.tokens, self.cutoff);
            return Err(DataError::dataset(&names.join(","), why));
        }
        Ok(())
    }
}

/// Packs tokenized rows, in the order in which they are used, and writes them to a store.
pub(super) struct PackedWriter<'a> {
    packer: Packer<'a>,
    writer: Writer,
}

impl<'a> PackedWriter<'a> {
    /// `cutoff` is how many tokens a row has at most.
    pub(super) fn new(intake: Intake, cutoff: usize, encoder: &'a Encoder, place: &Place) -> Self {
        Self {
            packer: Packer::new(intake, cutoff, encoder),
            writer: Writer::new(intake.makes, place),
        }
    }

    /// Writes rows as they are, before any packing.
    pub(super) fn unpacked(intake: Intake, cutoff: usize, encoder: &'a Encoder, place: &Place) -> Self {
        let kind = match intake.form {
            RowForm::Cut | RowForm::Blocks => RowKind::Documents,
            RowForm::Rows | RowForm::Packed { .. } => intake.makes,
        };
        Self {
            packer: Packer {
                form: RowForm::Rows,
                ..Packer::new(intake, cutoff, encoder)
            },
            writer: Writer::new(kind, place),
        }
    }

    /// How many rows were written.
    pub(super) fn written(&self) -> usize {
        self.writer.len()
    }

    pub(super) fn push(&mut self, example: Example) -> Result<()> {
        let writer = &mut self.writer;
        self.packer.push(example, &mut |row| writer.push(row))
    }

    /// The rows that were written; `names` are the data sets.
    pub(super) fn finish(self, names: &[String]) -> Result<Store> {
        let mut writer = self.writer;
        self.packer.finish(names, &mut |row| writer.push(row))?;
        writer.finish()
    }

    /// The rows packed from unpacked ones, taken in this order.
    pub(super) fn pack_all(mut self, unpacked: &Dataset, order: &[u32], names: &[String]) -> Result<Store> {
        for &row in order {
            self.push(unpacked.example(row as usize)?)?;
        }
        self.finish(names)
    }
}
