//! Encodes one row as a stage's example.

use protocol::data::DataNote;
use protocol::says;

use super::encode::{self, RowReport};
use super::error::{DataError, Result};
use super::rows::{Replies, Row};
use super::store::Example;
use super::task::Task;
use super::template::{Encoder, Omissions};

/// A row as an example of the task, or why the task can't use it.
pub(super) fn encode_row(row: &Row, task: Task, cutoff: usize, encoder: &Encoder) -> Result<(Example, RowReport)> {
    match task {
        Task::Preference | Task::Ranking => {
            let (pair, row_report) = encode::pair(encoder, row, cutoff)?;
            if pair.chosen.is_empty() || pair.rejected.is_empty() {
                return Err(no_reply_left(cutoff));
            }
            Ok((Example::Pair(pair), row_report))
        }
        Task::Prompts => {
            let (prompt, row_report) = encode::prompt(encoder, row, cutoff)?;
            Ok((Example::Prompt(prompt), row_report))
        }
        Task::Prediction => {
            let (sequence, row_report) = encode::expected(encoder, row, cutoff)?;
            match sequence.counts.last() {
                Some(true) => Ok((Example::Sequence(sequence), row_report)),
                _ => Err(no_reply_left(cutoff)),
            }
        }
        Task::Feedback => {
            let (labelled, row_report) = encode::labelled(encoder, row, cutoff)?;
            if labelled.reply.is_empty() {
                return Err(no_reply_left(cutoff));
            }
            Ok((Example::Labelled(labelled), row_report))
        }
        Task::Supervised { mask, .. } => {
            let (sequence, row_report) = encode::conversation(encoder, row, mask, cutoff)?;
            if sequence.counted() == 0 {
                return Err(match &row.replies {
                    Replies::One(last) if !last.learned => DataError::row(says::counted_not_learned()),
                    _ => no_reply_left(cutoff),
                });
            }
            Ok((Example::Sequence(sequence), row_report))
        }
        Task::Pretrain { .. } => {
            let text = row.prompt.first().map_or("", |m| m.content.as_str());
            if text.is_empty() {
                return Err(DataError::row(says::text_empty()));
            }
            let ids = encode::document(encoder, text)?;
            let row_report = RowReport {
                tokens: ids.len(),
                ..RowReport::default()
            };
            Ok((Example::Document(ids), row_report))
        }
    }
}

fn no_reply_left(cutoff: usize) -> DataError {
    DataError::row(says::no_reply_left(cutoff))
}

/// How many rows the template leaves something out of.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct OmissionCounts {
    thoughts: u64,
    tools: u64,
    system: u64,
    block: u64,
}

impl OmissionCounts {
    pub(super) fn count(&mut self, omissions: Omissions) {
        self.thoughts += u64::from(omissions.thoughts);
        self.tools += u64::from(omissions.tools);
        self.system += u64::from(omissions.system);
        self.block += u64::from(omissions.block);
    }

    pub(super) fn notes(self) -> impl Iterator<Item = DataNote> {
        let all = [
            (self.thoughts, DataNote::ThoughtsLeftOut { rows: self.thoughts }),
            (self.tools, DataNote::ToolsLeftOut { rows: self.tools }),
            (self.system, DataNote::SystemLeftOut { rows: self.system }),
            (self.block, DataNote::BlockInReply { rows: self.block }),
        ];
        all.into_iter().filter(|(rows, _)| *rows > 0).map(|(_, note)| note)
    }
}
