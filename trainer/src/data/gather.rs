//! Where tokenised rows go: into a store as they are, or put together first: texts cut into rows or blocks, conversations packed.

use protocol::config::Packing;
use protocol::says;

use super::Sequence;
use super::encode::{self, Blocks, PACK_ROWS};
use super::error::{DataError, Result};
use super::store::{Dataset, Example, Kind, Place, Store, Writer};
use super::task::Task;
use super::template::Encoder;
use super::tokenize::Sink;

/// What becomes of tokenised rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// They are trained on as they are.
    Rows,
    /// Texts, cut.
    Cut,
    /// Texts one behind the other, in blocks.
    Blocks,
    Packed {
        joined: bool,
    },
}

impl Form {
    fn of(task: Task) -> Self {
        match task {
            Task::Pretrain { packing: true } => Self::Blocks,
            Task::Pretrain { packing: false } => Self::Cut,
            Task::Supervised { packing, .. } => match packing {
                Packing::No => Self::Rows,
                packing => Self::Packed {
                    joined: packing == Packing::Plain,
                },
            },
            Task::Preference | Task::Ranking | Task::Feedback | Task::Prompts | Task::Prediction => Self::Rows,
        }
    }
}

/// Puts tokenised rows together, taken in the order in which they are used.
pub(super) struct Join<'a> {
    form: Form,
    encoder: &'a Encoder,
    /// Tokens of a row, at most.
    cutoff: usize,
    blocks: Blocks,
    /// Sequences that are packed together.
    group: Vec<Sequence>,
    /// Of all texts.
    tokens: usize,
    /// Whether a row came of them.
    filled: bool,
}

impl<'a> Join<'a> {
    /// `cutoff` are the tokens of a row of the task, at most.
    pub(super) fn new(task: Task, cutoff: usize, encoder: &'a Encoder) -> Self {
        Self {
            form: Form::of(task),
            encoder,
            cutoff,
            blocks: Blocks::new(encoder, cutoff),
            group: Vec::new(),
            tokens: 0,
            filled: false,
        }
    }

    /// Takes a row; those that are whole go to `out`.
    pub(super) fn push(&mut self, example: Example, out: &mut Sink) -> Result<()> {
        match (self.form, example) {
            (Form::Cut, Example::Document(ids)) => {
                let row = encode::cut_row(self.encoder, ids, self.cutoff);
                self.hand(row.into_iter().collect(), out)
            }
            (Form::Blocks, Example::Document(ids)) => {
                self.tokens += ids.len();
                let blocks = self.blocks.push(&ids);
                self.hand(blocks, out)
            }
            (Form::Packed { .. }, Example::Sequence(sequence)) => {
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
        let joined = matches!(self.form, Form::Packed { joined: true });
        let rows = encode::pack(std::mem::take(&mut self.group), self.cutoff, joined);
        self.hand(rows, out)
    }

    fn hand(&mut self, rows: Vec<Sequence>, out: &mut Sink) -> Result<()> {
        self.filled |= !rows.is_empty();
        rows.into_iter().try_for_each(|row| out(Example::Sequence(row)))
    }

    /// Hands on the rows that are left; `names` are the data sets.
    ///
    /// # Errors
    /// All texts together fill no block.
    pub(super) fn finish(mut self, names: &[String], out: &mut Sink) -> Result<()> {
        self.pack(out)?;
        if self.form == Form::Blocks && !self.filled {
            let why = says::block_unfilled(self.tokens, self.cutoff);
            return Err(DataError::dataset(&names.join(","), why));
        }
        Ok(())
    }
}

/// Takes tokenised rows in the order in which they are used, and writes what comes of them.
pub(super) struct Gather<'a> {
    join: Join<'a>,
    writer: Writer,
}

impl<'a> Gather<'a> {
    /// `cutoff` are the tokens of a row of the task, at most.
    pub(super) fn new(task: Task, cutoff: usize, encoder: &'a Encoder, place: &Place) -> Self {
        Self {
            join: Join::new(task, cutoff, encoder),
            writer: Writer::new(Kind::of(task), place),
        }
    }

    /// Rows as they are before anything is put together.
    pub(super) fn loose(task: Task, cutoff: usize, encoder: &'a Encoder, place: &Place) -> Self {
        let kind = match task {
            Task::Pretrain { .. } => Kind::Documents,
            task => Kind::of(task),
        };
        Self {
            join: Join {
                form: Form::Rows,
                ..Join::new(task, cutoff, encoder)
            },
            writer: Writer::new(kind, place),
        }
    }

    /// Whether rows of a task change when they are put together.
    pub(super) fn changes(task: Task) -> bool {
        Form::of(task) != Form::Rows
    }

    /// Rows that were written.
    pub(super) fn written(&self) -> usize {
        self.writer.len()
    }

    pub(super) fn push(&mut self, example: Example) -> Result<()> {
        let writer = &mut self.writer;
        self.join.push(example, &mut |row| writer.push(row))
    }

    /// The rows that came of it; `names` are the data sets.
    pub(super) fn finish(self, names: &[String]) -> Result<Store> {
        let mut writer = self.writer;
        self.join.finish(names, &mut |row| writer.push(row))?;
        writer.finish()
    }

    /// The rows that come of loose ones, taken in this order.
    pub(super) fn of(mut self, loose: &Dataset, order: &[u32], names: &[String]) -> Result<Store> {
        for &row in order {
            self.push(loose.example(row as usize)?)?;
        }
        self.finish(names)
    }
}
