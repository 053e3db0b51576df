//! What is good to know of a data set's rows once all are read: columns and keys that are not used, marks, labels.

use std::collections::{BTreeMap, BTreeSet};

use protocol::data::DataNote;
use serde_json::{Map, Value};

use super::super::info::Layout;
use super::cell::truthy;
use super::{GUIDE_REJECTED, Replies, left_over};

/// What was met in one row, beside the row itself.
#[derive(Debug, Default)]
pub struct Remarks {
    /// Keys of messages that nothing is made of, by column.
    keys: BTreeSet<(String, String)>,
    /// A user's or a tool's turn is marked as one to learn.
    pub marked_prompt: bool,
    /// The column of a prompt that is no part of the row's conversation.
    pub other_prompt: Option<String>,
    same: bool,
    empty: bool,
    label: Option<bool>,
}

impl Remarks {
    /// Notes the keys of a message that are not among `used`.
    pub(super) fn keys(&mut self, column: &str, message: &Map<String, Value>, used: &[&str]) {
        for key in left_over(message, used) {
            self.keys.insert((column.to_owned(), key.to_owned()));
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

/// All rows of a data set.
#[derive(Debug, Default)]
pub struct Survey {
    /// Columns that rows have, and whether there is something in them.
    columns: BTreeMap<String, bool>,
    keys: BTreeSet<(String, String)>,
    marked_prompts: u64,
    other_prompts: BTreeMap<String, u64>,
    same: u64,
    empty: u64,
    good: u64,
    bad: u64,
}

impl Survey {
    /// Notes which columns a row has.
    pub fn see(&mut self, row: &Value) {
        for (key, value) in row.as_object().into_iter().flatten() {
            match self.columns.get_mut(key) {
                Some(filled) => *filled |= truthy(value),
                None => {
                    self.columns.insert(key.clone(), truthy(value));
                }
            }
        }
    }

    /// Counts a row that is used.
    pub fn count(&mut self, remarks: Remarks) {
        self.keys.extend(remarks.keys);
        self.marked_prompts += u64::from(remarks.marked_prompt);
        if let Some(column) = remarks.other_prompt {
            *self.other_prompts.entry(column).or_default() += 1;
        }
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
        layout.columns.names().find(|name| !self.columns.contains_key(*name))
    }

    pub fn columns(&self) -> Vec<&str> {
        self.columns.keys().map(String::as_str).collect()
    }

    /// What to tell of the rows.
    pub fn notes(self, layout: &Layout) -> Vec<DataNote> {
        let used: BTreeSet<&str> = layout.columns.names().chain([GUIDE_REJECTED]).collect();
        let unused: Vec<String> = self
            .columns
            .into_iter()
            .filter(|(name, filled)| *filled && !used.contains(name.as_str()))
            .map(|(name, _)| name)
            .collect();
        let mut notes = Vec::new();
        if !unused.is_empty() {
            notes.push(DataNote::UnusedColumns { columns: unused });
        }
        let mut keys: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (column, key) in self.keys {
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
