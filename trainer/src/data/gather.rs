//! Where tokenised rows go: into a store as they are, or put together first: texts cut into rows or blocks, conversations packed.

use protocol::config::Packing;
use protocol::says;

use super::Sequence;
use super::encode::{self, Blocks, PACK_ROWS};
use super::error::{DataError, Result};
use super::store::{Dataset, Example, Kind, Place, Store, Writer};
use super::task::Task;
use super::template::Encoder;

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
            Task::Preference | Task::Ranking | Task::Feedback | Task::Prompts => Self::Rows,
        }
    }
}

/// Takes tokenised rows in the order in which they are used.
pub(super) struct Gather<'a> {
    form: Form,
    encoder: &'a Encoder,
    /// Tokens of a row, at most.
    cutoff: usize,
    blocks: Blocks,
    /// Sequences that are packed together.
    group: Vec<Sequence>,
    writer: Writer,
    /// Of all texts.
    tokens: usize,
}

impl<'a> Gather<'a> {
    /// `cutoff` are the tokens of a row of the task, at most.
    pub(super) fn new(task: Task, cutoff: usize, encoder: &'a Encoder, place: &Place) -> Self {
        Self {
            form: Form::of(task),
            encoder,
            cutoff,
            blocks: Blocks::new(encoder, cutoff),
            group: Vec::new(),
            writer: Writer::new(Kind::of(task), place),
            tokens: 0,
        }
    }

    /// Rows as they are before anything is put together.
    pub(super) fn loose(task: Task, cutoff: usize, encoder: &'a Encoder, place: &Place) -> Self {
        let kind = match task {
            Task::Pretrain { .. } => Kind::Documents,
            task => Kind::of(task),
        };
        Self {
            form: Form::Rows,
            writer: Writer::new(kind, place),
            ..Self::new(task, cutoff, encoder, place)
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
        match (self.form, example) {
            (Form::Cut, Example::Document(ids)) => {
                let row = encode::cut_row(self.encoder, ids, self.cutoff);
                row.map_or(Ok(()), |row| self.writer.push(Example::Sequence(row)))
            }
            (Form::Blocks, Example::Document(ids)) => {
                self.tokens += ids.len();
                let blocks = self.blocks.push(&ids);
                self.write(blocks)
            }
            (Form::Packed { .. }, Example::Sequence(sequence)) => {
                self.group.push(sequence);
                match self.group.len() < PACK_ROWS {
                    true => Ok(()),
                    false => self.pack(),
                }
            }
            (_, example) => self.writer.push(example),
        }
    }

    fn pack(&mut self) -> Result<()> {
        let joined = matches!(self.form, Form::Packed { joined: true });
        let rows = encode::pack(std::mem::take(&mut self.group), self.cutoff, joined);
        self.write(rows)
    }

    fn write(&mut self, rows: Vec<Sequence>) -> Result<()> {
        rows.into_iter()
            .try_for_each(|row| self.writer.push(Example::Sequence(row)))
    }

    /// The rows that came of it; `names` are the data sets.
    pub(super) fn finish(mut self, names: &[String]) -> Result<Store> {
        self.pack()?;
        if self.form == Form::Blocks && self.writer.len() == 0 {
            let why = says::block_unfilled(self.tokens, self.cutoff);
            return Err(DataError::dataset(&names.join(","), why));
        }
        self.writer.finish()
    }

    /// The rows that come of loose ones, taken in this order.
    pub(super) fn of(mut self, loose: &Dataset, order: &[u32], names: &[String]) -> Result<Store> {
        for &row in order {
            self.push(loose.example(row as usize)?)?;
        }
        self.finish(names)
    }
}
