//! What a stage takes of data sets: which rows it can use, and what becomes of one. Each stage says its own (`stage/`), and so do
//! predictions (`predict.rs`).

use std::path::Path;

use protocol::config::DataSpec;
use protocol::data::DataKind;
use protocol::{Said, Stage, says};
use serde_json::{Map, Value};

use super::detect;
use super::encode::RowReport;
use super::error::{DataError, Result};
use super::info::{self, Entry};
use super::rows::Row;
use super::store::{Example, RowKind};
use super::template::Encoder;
use super::tokenized::Outcome;

/// Which tokens of a conversation count in the loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LossMask {
    /// Every reply.
    Replies,
    /// The last one (`mask_history`).
    LastReply,
    /// Prompts too (`train_on_prompt`).
    Everything,
}

/// How tokenized rows become rows to train on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowForm {
    /// As they are.
    Rows,
    /// Each text cut to the cut-off.
    Cut,
    /// Texts concatenated and cut into blocks.
    Blocks,
    /// Conversations packed; `joined` ones attend to those before them in the row.
    Packed { joined: bool },
}

impl RowForm {
    /// Whether rows are cut or packed before they are trained on.
    pub(super) fn changes_rows(self) -> bool {
        self != Self::Rows
    }

    /// Whether a row to train on may be made of several.
    pub(super) fn joins(self) -> bool {
        match self {
            Self::Rows | Self::Cut => false,
            Self::Blocks | Self::Packed { .. } => true,
        }
    }
}

/// What rows are encoded with.
#[derive(Clone, Copy)]
pub(crate) struct RowEncoding<'a> {
    pub encoder: &'a Encoder,
    /// Tokens of a row, at most.
    pub cutoff: usize,
    pub mask: LossMask,
}

impl RowEncoding<'_> {
    /// That the cut-off leaves nothing to learn.
    pub fn no_reply_left(self) -> DataError {
        DataError::row(says::no_reply_left(self.cutoff))
    }
}

/// Makes an example of a row, or says why it can't.
pub(crate) type EncodeRow = fn(&Row, RowEncoding) -> Result<(Example, RowReport)>;

/// Makes an example of a row that LLaMA-Factory tokenized, or says why it can't.
pub(crate) type ReadTokens = fn(&Map<String, Value>) -> Outcome<Example>;

/// Which rows are taken, and what becomes of them.
#[derive(Clone, Copy)]
pub struct Intake {
    /// In whose name rows are refused.
    pub stage: Stage,
    /// Rows that do besides those that can train the stage.
    pub(crate) also: &'static [DataKind],
    /// What rows of a data set have to be, by what they are; `None`: no reply is needed.
    pub(crate) needs: fn(DataKind) -> Option<DataKind>,
    /// Of what kind the rows are that it makes.
    pub(crate) makes: RowKind,
    pub(crate) form: RowForm,
    pub(crate) mask: LossMask,
    pub(crate) encode: EncodeRow,
    pub(crate) read_tokens: ReadTokens,
    /// What takes held-out rows instead where all of them are pairs.
    pub(crate) held_out_pairs: Option<&'static Self>,
    /// What kept tokens say that they are of: they are found again by it.
    pub(crate) kept_as: fn(&Self) -> String,
}

impl Intake {
    /// One example of each row of the kinds that can train the stage.
    pub(crate) const fn rows(stage: Stage, makes: RowKind, encode: EncodeRow, read_tokens: ReadTokens) -> Self {
        Self {
            stage,
            also: &[],
            needs: Some,
            makes,
            form: RowForm::Rows,
            mask: LossMask::Replies,
            encode,
            read_tokens,
            held_out_pairs: None,
            kept_as: |intake| intake.stage.name().to_owned(),
        }
    }

    /// Tokens of a row, at most. LLaMA-Factory leaves one free in conversations that are packed.
    pub(super) fn cutoff(&self, spec: &DataSpec) -> usize {
        match self.form {
            RowForm::Packed { .. } => spec.cutoff_len - 1,
            RowForm::Rows | RowForm::Cut | RowForm::Blocks => spec.cutoff_len,
        }
    }

    /// What the rows of a data set have to be for it; `None`: no reply is needed.
    pub(super) fn needs(&self, entry: &Entry) -> Option<DataKind> {
        (self.needs)(detect::kind(&entry.layout))
    }

    /// Why rows of `kind` can't be used, or nothing.
    pub(super) fn refuses(&self, kind: DataKind) -> Option<Said> {
        let misfit = self.stage.misfit(kind).filter(|_| !self.also.contains(&kind));
        misfit.map(|_| says::wrong_kind(kind.said(), self.stage.name()))
    }

    /// A row as an example, or why it can't be used.
    pub(super) fn encode(&self, row: &Row, cutoff: usize, encoder: &Encoder) -> Result<(Example, RowReport)> {
        let encoding = RowEncoding {
            encoder,
            cutoff,
            mask: self.mask,
        };
        (self.encode)(row, encoding)
    }

    /// What takes the evaluation rows. Supervised training may be evaluated on pairs, by which all methods are compared.
    ///
    /// # Errors
    /// A data set can't be read.
    pub fn held_out(self, spec: &DataSpec) -> Result<Self> {
        let Some(pairs) = self.held_out_pairs else {
            return Ok(self);
        };
        let dir = Path::new(&spec.dataset_dir);
        let mut kinds = vec![];
        for name in &spec.eval_dataset {
            kinds.push(detect::kind(&info::find(name, dir)?.layout));
        }
        match self.stage.scored_as(kinds.into_iter()) == self.stage {
            true => Ok(self),
            false => Ok(*pairs),
        }
    }
}
