//! What people should know of a data set's rows once all are read: columns and keys that are not used, marks, labels.

use std::collections::{BTreeMap, BTreeSet};

use protocol::Said;
use protocol::data::{DataKind, DataNote};
use serde_json::{Map, Value};

use super::super::detect;
use super::super::layout::Layout;
use super::cell::{Mark, mark, number as number_in, truthy};
use super::{GUIDE_REJECTED, Replies, left_over};

/// Names of columns that hold labels.
const LABELS: [&str; 2] = ["kto_tag", "label"];
/// How many words of them a note lists at most.
const MAX_WORDS: usize = 3;

/// What was noticed in one row, beside the row itself.
#[derive(Debug, Default)]
pub struct Remarks {
    /// Keys of messages that are not used.
    unused_keys: BTreeSet<MessageKey>,
    /// A user's or a tool's turn is marked as one to train on.
    pub marked_prompt: bool,
    /// A column with a prompt that is not part of the row's conversation.
    pub other_prompt: Option<String>,
    /// The row has replies that are not used.
    pub other_replies: bool,
    /// The replies of its pair are the same.
    same: bool,
    /// A reply is empty.
    empty: bool,
    /// Its label, good or bad.
    label: Option<bool>,
}

/// A key of a message in a column's conversations.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct MessageKey {
    column: String,
    key: String,
}

impl Remarks {
    /// Notes the keys of a message that are not among `used`.
    pub(super) fn keys(&mut self, column: &str, message: &Map<String, Value>, used: &[&str]) {
        for key in left_over(message, used) {
            self.unused_keys.insert(MessageKey {
                column: column.to_owned(),
                key: key.to_owned(),
            });
        }
    }

    pub(super) fn replies(&mut self, replies: &Replies) {
        self.empty = replies.each().any(|reply| reply.content.trim().is_empty());
        match replies {
            Replies::Pair { chosen, rejected } => self.same = super::pair::same(chosen, rejected),
            Replies::Labelled { good, .. } => self.label = Some(*good),
            _ => {}
        }
    }
}

/// What was noticed in all rows of a data set.
#[derive(Debug, Default)]
pub struct Survey {
    /// Columns that rows have, and whether some row has a value there.
    columns: BTreeMap<String, bool>,
    unused_keys: BTreeSet<MessageKey>,
    marked_prompts: u64,
    other_prompts: BTreeMap<String, u64>,
    /// Keys that occur more than once in an object.
    duplicate_keys: BTreeMap<String, DuplicateKey>,
    other_replies: u64,
    /// Rows left out because their verdict says neither reply.
    ties: u64,
    unjudged: u64,
    labels_unread: u64,
    /// Whether -1, 0 and 1 were among the labels.
    labels: [bool; 3],
    /// Words in a column named as a label that are no labels.
    words: BTreeSet<String>,
    same: u64,
    empty: u64,
    good: u64,
    bad: u64,
}

/// Where a key occurs more than once in an object.
#[derive(Debug)]
struct DuplicateKey {
    first_row: u64,
    rows: u64,
}

impl Survey {
    /// Notes a row's label in the column `label`.
    pub fn label(&mut self, label: Option<&str>, row: &Value) {
        let Some(value) = label.and_then(|name| row.get(name)) else {
            return;
        };
        for (seen, number) in self.labels.iter_mut().zip([-1.0, 0.0, 1.0]) {
            *seen |= !value.is_boolean() && number_in(value) == Some(number);
        }
    }

    /// Whether the labels were -1, 0 and 1: three things.
    pub fn has_three_labels(&self) -> bool {
        self.labels == [true; 3]
    }

    /// Notes which columns a row has.
    pub fn see(&mut self, row: &Value) {
        for name in LABELS {
            if self.words.len() < MAX_WORDS
                && let Some(Value::String(word)) = row.get(name)
                && mark(&row[name]) == Mark::Word
                && !word.trim().is_empty()
            {
                self.words.insert(word.chars().take(30).collect());
            }
        }
        for (key, value) in row.as_object().into_iter().flatten() {
            match self.columns.get_mut(key) {
                Some(filled) => *filled |= truthy(value),
                None => {
                    self.columns.insert(key.clone(), truthy(value));
                }
            }
        }
    }

    /// Notes a key that occurs more than once in an object of row `number`.
    pub fn duplicate_key(&mut self, key: String, number: u64) {
        let first = DuplicateKey {
            first_row: number,
            rows: 0,
        };
        self.duplicate_keys.entry(key).or_insert(first).rows += 1;
    }

    /// Counts a row that is left out for what it says of its replies.
    pub fn refused(&mut self, why: &Said) {
        match why.code.as_str() {
            "tie" => self.ties += 1,
            "unjudged" => self.unjudged += 1,
            "label_unread" => self.labels_unread += 1,
            _ => {}
        }
    }

    /// Counts a row that is used.
    pub fn count(&mut self, remarks: Remarks) {
        self.unused_keys.extend(remarks.unused_keys);
        self.marked_prompts += u64::from(remarks.marked_prompt);
        if let Some(column) = remarks.other_prompt {
            *self.other_prompts.entry(column).or_default() += 1;
        }
        self.other_replies += u64::from(remarks.other_replies);
        self.same += u64::from(remarks.same);
        self.empty += u64::from(remarks.empty);
        match remarks.label {
            Some(true) => self.good += 1,
            Some(false) => self.bad += 1,
            None => {}
        }
    }

    /// The first column of `layout` that no row has.
    pub fn missing<'a>(&self, layout: &'a Layout) -> Option<&'a str> {
        layout.columns_named().find(|name| !self.columns.contains_key(*name))
    }

    pub fn columns(&self) -> Vec<&str> {
        self.columns.keys().map(String::as_str).collect()
    }

    /// The notes of a data set's report.
    pub fn notes(self, layout: &Layout) -> Vec<DataNote> {
        let used: BTreeSet<&str> = layout.columns_used().chain([GUIDE_REJECTED]).collect();
        let (filled, empty): (Vec<_>, Vec<_>) = self.columns.into_iter().partition(|(_, filled)| *filled);
        let is_used = |name: &String| used.contains(name.as_str());
        let unused: Vec<String> = filled
            .into_iter()
            .map(|(name, _)| name)
            .filter(|name| !is_used(name))
            .collect();
        let mut notes = Vec::new();
        // columns of replies that are empty in every row, so that only prompts are left
        if detect::kind(layout) == DataKind::Prompts {
            let replies = empty
                .into_iter()
                .map(|(name, _)| name)
                .filter(|name| detect::is_reply(name));
            notes.extend(replies.map(|column| DataNote::EmptyColumn { column }));
        }
        let label = LABELS.iter().find(|name| unused.iter().any(|column| column == *name));
        if let Some(column) = label.filter(|_| !self.words.is_empty() && detect::kind(layout) == DataKind::Instruction)
        {
            notes.push(DataNote::NoLabels {
                column: (*column).to_owned(),
                values: self.words.into_iter().collect(),
            });
        }
        for (key, duplicate) in self.duplicate_keys {
            notes.push(DataNote::KeyTwice {
                key,
                row: duplicate.first_row,
                rows: duplicate.rows,
            });
        }
        if !unused.is_empty() {
            notes.push(DataNote::UnusedColumns { columns: unused });
        }
        let mut keys: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for MessageKey { column, key } in self.unused_keys {
            keys.entry(column).or_default().push(key);
        }
        notes.extend(
            keys.into_iter()
                .map(|(column, keys)| DataNote::UnusedKeys { column, keys }),
        );
        notes.extend(
            self.other_prompts
                .into_iter()
                .map(|(column, rows)| DataNote::OtherPrompt { column, rows }),
        );
        if self.marked_prompts > 0 {
            notes.push(DataNote::MarkedPrompts {
                rows: self.marked_prompts,
            });
        }
        let counted = [
            (self.ties, DataNote::Ties { rows: self.ties }),
            (self.unjudged, DataNote::Unjudged { rows: self.unjudged }),
            (
                self.labels_unread,
                DataNote::LabelsUnread {
                    rows: self.labels_unread,
                },
            ),
            (
                self.other_replies,
                DataNote::OtherReplies {
                    rows: self.other_replies,
                },
            ),
        ];
        notes.extend(counted.into_iter().filter(|(rows, _)| *rows > 0).map(|(_, note)| note));
        if self.same > 0 {
            notes.push(DataNote::SameReplies { rows: self.same });
        }
        if self.empty > 0 {
            notes.push(DataNote::EmptyReplies { rows: self.empty });
        }
        if (self.good == 0) != (self.bad == 0) {
            notes.push(DataNote::OneLabel { good: self.good > 0 });
        }
        notes
    }
}
