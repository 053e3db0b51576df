//! Data sets as the board shows them: format, rows, and a row rendered as the model will see it.

mod endings;
mod lengths;
mod splits;

use crate::event::BadRow;
use crate::said::Unusable;
use crate::{Said, Stage, says};
use serde::{Deserialize, Serialize};

pub use endings::{FileKind, data_ending, ending, endings, endings_by_kind};
pub use lengths::RowLengths;
pub use splits::Part;

/// What LLaMA-Factory calls the column of labels, and its key in an entry.
pub const KTO_TAG: &str = "kto_tag";

/// What the rows of a data set can train.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DataKind {
    /// Pairs of a chosen and a rejected reply (`stage: dpo`).
    Preference,
    /// Instructions with a reply (`stage: sft`).
    Instruction,
    /// Plain text (`stage: pt`).
    Text,
    /// Replies labelled good or bad (`stage: kto`).
    Unpaired,
    /// Prompts without replies (`stage: ppo`).
    Prompts,
}

/// What a stage needs that a data set lacks; the words are the board's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Misfit {
    /// `dpo`, `rm`: a chosen and a rejected reply to each prompt.
    NeedsPairs,
    /// `kto`: replies labelled good or bad, or pairs, which are taken apart.
    NeedsLabels,
    /// `sft`: one reply to each prompt.
    NeedsReplies,
    /// `pt`: text.
    NeedsText,
    /// `ppo`: prompts.
    NeedsPrompts,
}

impl DataKind {
    /// What rows of this kind are, and what learns from them.
    pub fn said(self) -> Said {
        match self {
            Self::Preference => says::holds_pairs(),
            Self::Instruction => says::holds_instructions(),
            Self::Text => says::holds_text(),
            Self::Unpaired => says::holds_labelled(),
            Self::Prompts => says::holds_prompts(),
        }
    }
}

/// What is good to know of the rows of a data set, and no reason to refuse them; [`DataNote::said`] has the
/// words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum DataNote {
    /// Columns with something in them that nothing is made of.
    UnusedColumns { columns: Vec<String> },
    /// Keys of its entry in `dataset_info.json` that nothing is made of.
    UnusedEntryKeys { keys: Vec<String> },
    /// Rows under another key of the one object around all: another split.
    UnusedList { key: String, rows: u64 },
    /// Files and folders in the folder of the data files that are none.
    UnusedFiles { files: Vec<String> },
    /// Keys of the messages, or of the replies, in `column` that nothing is made of.
    UnusedKeys { column: String, keys: Vec<String> },
    /// Rows whose `column` is no part of the conversation that the row holds whole; the conversation is used.
    OtherPrompt { column: String, rows: u64 },
    /// Rows that mark a user's or a tool's turn as one to learn; only `train_on_prompt` learns those.
    MarkedPrompts { rows: u64 },
    /// Pairs whose chosen and rejected reply are the same.
    SameReplies { rows: u64 },
    /// Rows with a reply that says nothing.
    EmptyReplies { rows: u64 },
    /// Every label is `good`: there is nothing to tell apart.
    OneLabel { good: bool },
    /// Rows left out because neither reply is the better one.
    Ties { rows: u64 },
    /// Rows left out because nothing says which reply is the better one.
    Unjudged { rows: u64 },
    /// Rows left out because their label is neither good nor bad.
    LabelsUnread { rows: u64 },
    /// A column called as a label is that holds words which are none; it is not used.
    NoLabels { column: String, values: Vec<String> },
    /// Rows with more replies than are used: of judged ones the best and the worst are, else the first.
    OtherReplies { rows: u64 },
    /// A key that stands twice in one object of `rows` rows, `row` the first of them; the last value counts.
    KeyTwice { key: String, row: u64, rows: u64 },
    /// A column of replies that no row has anything in.
    EmptyColumn { column: String },
    /// Pairs that are the same in tokens.
    SameTokens { rows: u64 },
    /// Rows of which the last reply alone counts, because the model's template writes earlier ones in another way.
    LastReplyCounts { rows: u64 },
    /// Stage `pt` learns the first prompt of each row.
    FirstPromptOnly,
    /// Rows whose thoughts (`reasoning_content`) the template leaves out.
    ThoughtsLeftOut { rows: u64 },
    /// Rows whose tools change nothing in what the template writes.
    ToolsLeftOut { rows: u64 },
    /// Rows whose system message the template leaves out.
    SystemLeftOut { rows: u64 },
    /// Rows whose prompt ends before a block that the template opens for the reply: the block is the reply's to open.
    BlockInReply { rows: u64 },
}

impl DataNote {
    /// The note as a sentence.
    pub fn said(&self) -> Said {
        match self {
            Self::UnusedColumns { columns } => says::unused_columns(columns.join(", ")),
            Self::UnusedEntryKeys { keys } => says::unused_entry_keys("dataset_info.json", keys.join(", ")),
            Self::UnusedList { key, rows } => says::unused_list(key, rows),
            Self::UnusedFiles { files } => says::unused_files(files.join(", ")),
            Self::UnusedKeys { column, keys } => says::unused_keys(keys.join(", "), column),
            Self::OtherPrompt { column, rows } => says::other_prompt(column, rows),
            Self::MarkedPrompts { rows } => says::marked_prompts(rows),
            Self::SameReplies { rows } => says::same_replies(rows),
            Self::EmptyReplies { rows } => says::empty_replies(rows),
            Self::OneLabel { good } => says::one_label(*good),
            Self::Ties { rows } => says::ties(rows),
            Self::Unjudged { rows } => says::unjudged_rows(rows),
            Self::LabelsUnread { rows } => says::labels_unread(rows),
            Self::NoLabels { column, values } => says::no_labels(column, values.join(", ")),
            Self::OtherReplies { rows } => says::other_replies(rows),
            Self::KeyTwice { key, row, rows } => says::key_twice(key, row, rows),
            Self::EmptyColumn { column } => says::empty_column(column),
            Self::SameTokens { rows } => says::same_tokens(rows),
            Self::LastReplyCounts { rows } => says::last_reply_counts(rows),
            Self::FirstPromptOnly => says::first_prompt_only(),
            Self::ThoughtsLeftOut { rows } => says::thoughts_left_out(rows),
            Self::ToolsLeftOut { rows } => says::tools_left_out(rows),
            Self::SystemLeftOut { rows } => says::system_left_out(rows),
            Self::BlockInReply { rows } => says::block_in_reply(rows),
        }
    }
}

impl std::fmt::Display for DataNote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.said().fmt(f)
    }
}

/// What `corral-trainer inspect` finds out about a data file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Inspection {
    pub kind: DataKind,
    /// For people: "alpaca, preference", "sharegpt", "TRL chosen/rejected", "conversations + rejected_conversations" …
    pub format: String,
    /// What labels the rows (`kind` is `unpaired`) may be a class, 0 or 1: stage `sft` does without.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub label_may_be_class: bool,
    /// The entry for `dataset_info.json` (without its name).
    pub entry: serde_json::Value,
    pub rows: u64,
    pub usable: u64,
    /// The first 100.
    pub bad_rows: Vec<BadRow>,
    pub bad_total: u64,
    pub bytes: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<DataNote>,
}

impl Inspection {
    /// Why these rows can't train `stage`; `None`: they can.
    pub fn misfit(&self, stage: Stage) -> Option<Misfit> {
        match self.label_may_be_class && stage == Stage::Supervised {
            true => None,
            false => stage.misfit(self.kind),
        }
    }
}

/// A piece of a rendered row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Token {
    pub id: u32,
    /// The token's text as it stands in the whole (bytes that are no UTF-8 alone show as `\u{FFFD}`).
    pub text: String,
    /// Whether its log-prob counts in the loss.
    pub counts: bool,
    pub special: bool,
}

/// A row as the model will see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RenderedRow {
    Pair {
        row: u64,
        prompt: Vec<Token>,
        chosen: Vec<Token>,
        rejected: Vec<Token>,
        cut: bool,
    },
    Sequence {
        row: u64,
        tokens: Vec<Token>,
        cut: bool,
    },
    /// A reply labelled good or bad.
    Labelled {
        row: u64,
        tokens: Vec<Token>,
        good: bool,
        cut: bool,
    },
    Bad(BadRow),
}

/// A page of the row browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preview {
    pub rows: Vec<RenderedRow>,
    pub total: u64,
    /// The template used: LLaMA-Factory's name, or "chat_template" for the model's own.
    pub template: String,
    /// Of the usable rows on this page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lengths: Option<RowLengths>,
    /// What the template leaves out of the rows on this page.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<DataNote>,
}

/// A data set in the board's list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DatasetInfo {
    /// Its name in `dataset_info.json`.
    pub name: String,
    pub file: String,
    /// Comes with Corral.
    pub demo: bool,
    /// `None` while (or when) the file can't be read; `error` says why.
    pub inspection: Option<Inspection>,
    #[serde(flatten)]
    pub unusable: Unusable,
    /// Ids of runs that used it.
    pub used_by: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_count_one_row_as_one() {
        let some: Vec<fn(u64) -> DataNote> = vec![
            |rows| DataNote::OtherPrompt {
                column: "c".into(),
                rows,
            },
            |rows| DataNote::UnusedList {
                key: "test".into(),
                rows,
            },
            |rows| DataNote::MarkedPrompts { rows },
            |rows| DataNote::SameReplies { rows },
            |rows| DataNote::EmptyReplies { rows },
            |rows| DataNote::Ties { rows },
            |rows| DataNote::Unjudged { rows },
            |rows| DataNote::LabelsUnread { rows },
            |rows| DataNote::OtherReplies { rows },
            |rows| DataNote::KeyTwice {
                key: "k".into(),
                row: 7,
                rows,
            },
            |rows| DataNote::SameTokens { rows },
            |rows| DataNote::LastReplyCounts { rows },
            |rows| DataNote::ThoughtsLeftOut { rows },
            |rows| DataNote::ToolsLeftOut { rows },
            |rows| DataNote::SystemLeftOut { rows },
            |rows| DataNote::BlockInReply { rows },
        ];
        for note in some {
            let (one, two) = (note(1).to_string(), note(2).to_string());
            assert!(one.contains("1 row") || one.contains("1 pair"), "{one}");
            assert!(!one.contains("1 rows") && !one.contains("1 pairs"), "{one}");
            assert!(two.contains("2 rows") || two.contains("2 pairs"), "{two}");
        }
    }

    #[test]
    fn labels_that_may_be_classes_leave_a_reply_to_learn() {
        for fits in [true, false] {
            let inspection = Inspection {
                kind: DataKind::Unpaired,
                format: String::new(),
                label_may_be_class: fits,
                entry: serde_json::Value::Null,
                rows: 1,
                usable: 1,
                bad_rows: vec![],
                bad_total: 0,
                bytes: 1,
                notes: vec![],
            };
            assert_eq!(inspection.misfit(Stage::Supervised).is_none(), fits);
            assert_eq!(inspection.misfit(Stage::Kto), None);
            assert!(inspection.misfit(Stage::Preference).is_some());
        }
    }
}
